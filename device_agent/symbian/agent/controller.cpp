#include "controller.h"

#include "alarm.h"
#include "bodies.h"
#include "host.h"
#include "priorities.h"

namespace
    {
    _LIT(KProgram, "bkctl");
    _LIT8(KNoController,
          "there is no controller on this phone: bkctl.exe did not start. The full package holds it; it needs "
          "ReadDeviceData and WriteDeviceData, and a firmware with sbeclient.dll");
    _LIT8(KNotServed, "the controller does not serve that");
    _LIT8(KLargeList, "the large public file list is not in the libraries of all firmware: this agent lacks it");

    // A job whose host has gone comes to an end by itself, once its callbacks have been answered with errors. When
    // it does not, only the end of the process helps.
    const TUint32 KAbortAfterMs = 30 * 1000;
    }

CController* CController::NewL(MHost& aHost)
    {
    CController* self = new (ELeave) CController(aHost);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CController::CController(MHost& aHost) : iHost(aHost)
    {
    }

void CController::ConstructL()
    {
    iChild = CChild::NewL(KProgram, *this);
    iAbortAlarm = CAlarm::NewL(EPriorityServer, TCallBack(AbortCallBack, this));
    iBody = HBufC8::NewL(KMaxBody);
    iAnswer = HBufC8::NewL(KMaxBody);
    }

CController::~CController()
    {
    delete iChild;
    delete iAbortAlarm;
    delete iBody;
    delete iUpload;
    delete iAnswer;
    }

TInt CController::Start()
    {
    return iSession ? KErrNone : iChild->Start();
    }

TBool CController::Serves(TUint32 aMethod) const
    {
    switch (aMethod)
        {
        case wire::Method::ENGINE_CONNECT:
        case wire::Method::ENGINE_DISCONNECT:
        case wire::Method::LIST_DATA_OWNERS:
        case wire::Method::SET_SID_LIST:
        case wire::Method::SET_BUR_MODE:
        case wire::Method::SID_STATUS:
        case wire::Method::EXPECTED_DATA_SIZE:
        case wire::Method::REQUEST_DATA:
        case wire::Method::SUPPLY_DATA:
        case wire::Method::ALL_SNAPSHOTS_SUPPLIED:
        case wire::Method::ALL_SYSTEM_FILES_RESTORED:
        case wire::Method::PUBLIC_FILE_LIST:
        case wire::Method::LARGE_PUBLIC_FILE_LIST:
        case wire::Method::PUBLIC_FILE_LIST_XML:
            return ETrue;
        default:
            return EFalse;
        }
    }

// The core lets one engine request pass at a time, so none is waiting when one comes.
void CController::RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody)
    {
    if (aMethod == wire::Method::LARGE_PUBLIC_FILE_LIST)
        {
        iHost.Refuse(aTag, wire::AgentFault::NOT_OFFERED, KLargeList);
        return;
        }
    if (Start() != KErrNone)
        {
        iHost.Refuse(aTag, wire::AgentFault::NOT_OFFERED, KNoController);
        return;
        }
    DropWaiting();
    if (aMethod == wire::Method::SUPPLY_DATA)
        {
        BeginUploadL(aBody);
        }
    iBody->Des().Copy(aBody);
    iTag = aTag;
    iMethod = aMethod;
    iIsReady = aMethod != wire::Method::SUPPLY_DATA;
    Deliver();
    }

void CController::DropWaiting()
    {
    iTag = 0;
    delete iUpload;
    iUpload = NULL;
    }

// ------------------------------------------------------------------------------------ what bkctl is given

void CController::Deliver()
    {
    if (iTake.IsNull())
        {
        return;
        }
    if (iInternal != ENothing)
        {
        const TUint32 method = iInternal == EToNormal ? KReturnToNormal : TUint32(wire::Method::ENGINE_DISCONNECT);
        iInternal = ENothing;
        iRunningTag = 0;
        Deliver(method, KNullDesC8, 0);
        }
    else if (iTag != 0 && iIsReady)
        {
        iRunningTag = iTag;
        iTag = 0;
        Deliver(iMethod, *iBody, iUpload ? iUpload->Size() : 0);
        }
    }

void CController::Deliver(TUint32 aMethod, const TDesC8& aBody, TInt aUploadSize)
    {
    TRelayJob job;
    job.iMethod = aMethod;
    job.iUploadSize = aUploadSize;
    TPckgC<TRelayJob> package(job);
    TInt error = iTake.Write(0, package);
    if (error == KErrNone)
        {
        error = iTake.Write(1, aBody);
        }
    iIsRunning = error == KErrNone;
    iIsUnwanted = EFalse;
    iRunningMethod = aMethod;
    iTake.Complete(error);
    iTake = RMessage2();
    if (error != KErrNone)
        {
        iHost.Reply(iRunningTag, error, KNullDesC8);
        }
    }

void CController::RelayedL(const RMessage2& aMessage)
    {
    switch (aMessage.Function())
        {
        case ERelayTakeJob:
            iSession = aMessage.Session();
            iTake = aMessage;
            Deliver();
            break;
        case ERelayFetchUpload:
            FetchUploadL(aMessage);
            break;
        case ERelayEndJob:
            JobEnded(aMessage);
            break;
        case ERelayAwaitAbort:
            iAbortSession = aMessage.Session();
            iAbort = aMessage;
            break;
        default:
            User::Leave(KErrNotSupported);
            break;
        }
    }

void CController::FetchUploadL(const RMessage2& aMessage)
    {
    if (!iUpload)
        {
        User::Leave(KErrNotFound);
        }
    aMessage.WriteL(0, *iUpload);
    delete iUpload;
    iUpload = NULL;
    aMessage.Complete(KErrNone);
    }

void CController::JobEnded(const RMessage2& aMessage)
    {
    TPtr8 answer(iAnswer->Des());
    const TInt error = aMessage.Read(2, answer);
    const TInt fault = aMessage.Int0();
    const TInt status = error == KErrNone ? aMessage.Int1() : error;
    const TUint32 tag = iRunningTag;
    iIsRunning = EFalse;
    iRunningTag = 0;
    iAbortAlarm->Cancel();
    const TBool hasDownload = (wire::method_flags(iRunningMethod) & wire::MethodFlags::DOWNLOAD) != 0;
    if (tag != 0 && !iIsUnwanted && fault == 0 && status == KErrNone && hasDownload)
        {
        iHeld = aMessage;
        iHeldTag = tag;
        }
    else
        {
        aMessage.Complete(KErrNone);
        }
    if (fault != 0)
        {
        iHost.Refuse(tag, fault, KNotServed);
        }
    else
        {
        iHost.Reply(tag, status, answer);
        }
    }

// --------------------------------------------------------------------------------- hosts and processes go

void CController::SessionOver()
    {
    Release(iHeldTag);
    const TUint32 waiting = iIsReady ? iTag : 0;
    DropWaiting();
    iHost.Reply(waiting, KErrAbort, KNullDesC8);
    iIsUnwanted = ETrue;
    if (iSession)
        {
        // Closing the client lets the engine end, and that ends the mode.
        iInternal = EDisconnect;
        if (iIsRunning)
            {
            iAbortAlarm->After(KAbortAfterMs);
            }
        Deliver();
        }
    }

void CController::ReturnToNormal()
    {
    if (iSession && iInternal == ENothing)
        {
        iInternal = EToNormal;
        Deliver();
        }
    }

TInt CController::AbortCallBack(TAny* aSelf)
    {
    static_cast<CController*>(aSelf)->Abort();
    return KErrNone;
    }

void CController::Abort()
    {
    if (iIsRunning && iIsUnwanted && !iAbort.IsNull())
        {
        iAbort.Complete(KErrAbort);
        iAbort = RMessage2();
        }
    }

void CController::RelayGone(const CSession2* aSession)
    {
    if (aSession == iAbortSession)
        {
        iAbortSession = NULL;
        iAbort = RMessage2();
        }
    if (aSession == iSession)
        {
        Lost(KErrServerTerminated);
        }
    }

void CController::ChildEnded(CChild&)
    {
    if (!iSession)
        {
        Lost(KErrDied);  // before it said anything
        }
    }

void CController::Lost(TInt aError)
    {
    iSession = NULL;
    iTake = RMessage2();
    iHeld = RMessage2();  // the core asks for more of it, and is told that there is none
    iIsRunning = EFalse;
    iInternal = ENothing;
    iAbortAlarm->Cancel();
    const TUint32 running = iRunningTag;
    iRunningTag = 0;
    iHost.Reply(running, aError, KNullDesC8);
    const TUint32 waiting = iTag;
    DropWaiting();
    iHost.Reply(waiting, aError, KNullDesC8);
    }
