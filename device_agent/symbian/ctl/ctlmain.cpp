// bkctl.exe: the controller. The only program that needs ReadDeviceData and WriteDeviceData, so that a phone that
// grants neither still has the others.

#include <e32base.h>

#include "jobloop.h"

namespace
    {
    const TInt KStackSize = 0x1000;

    // A job that hangs in the engine cannot be cancelled, only abandoned with the session. No capability is needed
    // to end one's own process; the engine then returns the phone to normal by itself (Device agent 4.4).
    TInt AwaitAbort(TAny*)
        {
        RRelay relay;
        if (relay.Connect() == KErrNone)
            {
            relay.AwaitAbort();  // also when the agent has gone
            relay.Close();
            }
        RProcess().Kill(KErrAbort);
        return KErrNone;
        }

    void RunControllerL()
        {
        // The engine's client library may want one; nothing of ours runs on it.
        CActiveScheduler* scheduler = new (ELeave) CActiveScheduler;
        CleanupStack::PushL(scheduler);
        CActiveScheduler::Install(scheduler);
        CJobLoop* loop = CJobLoop::NewL();
        CleanupStack::PushL(loop);
        RThread watcher;
        User::LeaveIfError(watcher.Create(KNullDesC, AwaitAbort, KStackSize, NULL, NULL));
        watcher.Resume();
        watcher.Close();
        RProcess::Rendezvous(KErrNone);
        loop->Run();
        CleanupStack::PopAndDestroy(2, scheduler);
        }
    }

TInt E32Main()
    {
    CTrapCleanup* cleanup = CTrapCleanup::New();
    if (!cleanup)
        {
        return KErrNoMemory;
        }
    TRAPD(error, RunControllerL());
    delete cleanup;
    return error;
    }
