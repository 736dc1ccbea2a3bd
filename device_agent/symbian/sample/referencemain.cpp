// referencetestdataowner.exe: an active backup client from beginning to end, to start your own from. The engine
// starts it by the name in backup_registration.xml when a backup or restore begins.

#include <e32base.h>

#include "backupwatcher.h"
#include "notebook.h"

namespace
    {
    void RunL()
        {
        CActiveScheduler* scheduler = new (ELeave) CActiveScheduler;
        CleanupStack::PushL(scheduler);
        CActiveScheduler::Install(scheduler);
        CNotebook* notebook = CNotebook::NewL();
        CleanupStack::PushL(notebook);
        CBackupWatcher* watcher = CBackupWatcher::NewL(*notebook);
        CleanupStack::PushL(watcher);
        CActiveScheduler::Start();
        CleanupStack::PopAndDestroy(3, scheduler);
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
    TRAPD(error, RunL());
    delete cleanup;
    __UHEAP_MARKEND;
    return error;
    }
