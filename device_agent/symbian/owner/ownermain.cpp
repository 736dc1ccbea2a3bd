// bkowner1.exe to bkowner4.exe: data owners whose callbacks are answered on the host. One source; the UID3 that
// an .mmp gives makes it an owner of its own.

#include <e32base.h>

#include "slotowner.h"

namespace
    {
    void RunOwnerL()
        {
        CActiveScheduler* scheduler = new (ELeave) CActiveScheduler;
        CleanupStack::PushL(scheduler);
        CActiveScheduler::Install(scheduler);
        CSlotOwner* owner = CSlotOwner::NewL();
        CleanupStack::PushL(owner);
        // For whoever started it; the engine does not wait.
        RProcess::Rendezvous(KErrNone);
        CActiveScheduler::Start();
        CleanupStack::PopAndDestroy(2, scheduler);
        }
    }

TInt E32Main()
    {
    __UHEAP_MARK;
    CTrapCleanup* cleanup = CTrapCleanup::New();
    if (!cleanup)
        {
        return KErrNoMemory;
        }
    TRAPD(error, RunOwnerL());
    delete cleanup;
    __UHEAP_MARKEND;
    return error;
    }
