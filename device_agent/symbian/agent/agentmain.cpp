// bkagent.exe: the link to the host, and everything that does not block. No window: a program with one would be
// closed when a backup begins.

#include <e32base.h>

#include "agent.h"

namespace
    {
    void RunAgentL()
        {
        CActiveScheduler* scheduler = new (ELeave) CActiveScheduler;
        CleanupStack::PushL(scheduler);
        CActiveScheduler::Install(scheduler);
        CAgent* agent = CAgent::NewL();
        CleanupStack::PushL(agent);
        RProcess::Rendezvous(KErrNone);
        CActiveScheduler::Start();
        CleanupStack::PopAndDestroy(2, scheduler);
        }
    }

// A second agent ends at once, with KErrAlreadyExists: the first has the server's name.
TInt E32Main()
    {
    __UHEAP_MARK;
    CTrapCleanup* cleanup = CTrapCleanup::New();
    if (!cleanup)
        {
        return KErrNoMemory;
        }
    TRAPD(error, RunAgentL());
    delete cleanup;
    __UHEAP_MARKEND;
    return error;
    }
