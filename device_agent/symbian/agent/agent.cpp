#include "agent.h"

#include <e32math.h>

#include "alarm.h"
#include "bodies.h"
#include "controller.h"
#include "files.h"
#include "panic.h"
#include "phone.h"
#include "priorities.h"
#include "settings.h"
#include "slots.h"
#include "uids.h"
#include "version.h"

namespace
    {
    // What suits USB and Bluetooth alike: wire/protocol/handshake.py.
    const TUint KWindow = 4;
    const TUint KDepth = 4;
    const TUint32 KShortestWaitMs = 10;
    }

CAgent* CAgent::NewL()
    {
    CAgent* self = new (ELeave) CAgent;
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CAgent::CAgent()
    {
    }

// The links last: from then on the host may speak.
void CAgent::ConstructL()
    {
    User::LeaveIfError(iFs.Connect());
    iAnswers = new (ELeave) CAnswers(*this);
    iSoon = new (ELeave) CAsyncCallBack(TCallBack(RunCoreCallBack, this), EPriorityTick);
    iTick = CAlarm::NewL(EPriorityTick, TCallBack(RunCoreCallBack, this));
    ConstructCoreL();
    iPhone = CPhone::NewL(*this, iFs);
    iFiles = CFiles::NewL(*this, iFs);
    iController = CController::NewL(*this);
    iSlots = CSlots::NewL(*this);
    iServer = CRelayServer::NewL(*this);
    iPhone->SetController(iController->Start() == KErrNone);
    TSettings settings;
    settings.Read(iFs);
    iLinks = CLinks::NewL(*this, settings);
    RunCore();
    }

void CAgent::ConstructCoreL()
    {
    iMemory = User::AllocL(agc_core_size());
    GetModel(iProduct);
    TTime now;
    now.UniversalTime();
    TInt64 seed = now.Int64();
    agc_config config;
    config.boot_id = Math::Rand(seed) ^ static_cast<TUint32>(I64LOW(now.Int64()));
    config.window = KWindow;
    config.max_payload = wire::Limit::FULL_PAYLOAD;
    config.depth = KDepth;
    config.escape_xonxoff = 0;
    config.build = KBuild().Ptr();
    config.build_length = KBuild().Size();
    config.product = iProduct.Ptr();
    config.product_length = iProduct.Size();
    const agc_platform platform = {this,          CoreTickMs,   CoreFreeBytes, CoreSession,
                                   CoreRequest,   CoreUpload,   CoreUploadEnded, CoreCancelled,
                                   CoreDownload,  CoreRelease,  CoreAnswered,  CoreHostSilent};
    iCore = agc_init(iMemory, agc_core_size(), &config, &platform);
    __ASSERT_ALWAYS(iCore && agc_abi_version() == AGC_ABI_VERSION, Panic(EPanicCoreRefusedConfig));
    }

CAgent::~CAgent()
    {
    delete iLinks;
    delete iServer;
    delete iSlots;
    delete iController;
    delete iFiles;
    delete iPhone;
    delete iTick;
    delete iSoon;
    delete iAnswers;
    User::Free(iMemory);
    iFs.Close();
    }

// --------------------------------------------------------------------------------- what serves the host

void CAgent::RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody)
    {
    if (iPhone->Serves(aMethod))
        {
        iPhone->RequestL(aTag, aMethod, aBody);
        }
    else if (iController->Serves(aMethod))
        {
        iController->RequestL(aTag, aMethod, aBody);
        }
    else if (iFiles->Serves(aMethod))
        {
        iFiles->RequestL(aTag, aMethod, aBody);
        }
    else if (iSlots->Serves(aMethod))
        {
        iSlots->RequestL(aTag, aMethod, aBody);
        }
    else
        {
        _LIT8(KNotHere, "the agent of a real phone does not serve that");
        Refuse(aTag, wire::AgentFault::NOT_OFFERED, KNotHere);
        }
    }

void CAgent::UploadEndedL(TUint32 aTag)
    {
    if (iFiles->HasTransfer(aTag))
        {
        iFiles->UploadEndedL(aTag);
        }
    else
        {
        iController->UploadEnded(aTag);
        }
    }

void CAgent::TagIsVoid(TUint32 aTag)
    {
    iFiles->Close(aTag);
    iController->Release(aTag);
    }

void CAgent::RelayedL(TUint32 aSid, const RMessage2& aMessage)
    {
    if (aSid == KControllerSid)
        {
        iController->RelayedL(aMessage);
        }
    else
        {
        iSlots->RelayedL(aSid, aMessage);
        }
    }

void CAgent::RelayGone(TUint32 aSid, const CSession2* aSession)
    {
    if (aSid == KControllerSid)
        {
        iController->RelayGone(aSession);
        }
    else
        {
        iSlots->RelayGone(aSid, aSession);
        }
    }

// ------------------------------------------------------------------------------------ what the host is told

void CAgent::Reply(TUint32 aTag, TInt aStatus, const TDesC8& aBody)
    {
    iAnswers->Give(iCore, aTag, 0, aStatus, aBody);
    RunCoreSoon();
    }

void CAgent::Refuse(TUint32 aTag, TUint32 aFault, const TDesC8& aText)
    {
    iAnswers->Give(iCore, aTag, aFault, KErrNone, aText);
    RunCoreSoon();
    }

// Lost when there is no host, or no room: the core counts events, so the host knows.
void CAgent::Tell(TUint32 aTopic, const TDesC8& aBody)
    {
    agc_event(iCore, aTopic, aBody.Ptr(), aBody.Size());
    RunCoreSoon();
    }

TUint32 CAgent::Ask(TUint32 aMethod, const TDesC8& aBody, TUint32 aDeadlineMs)
    {
    const TUint32 tag = agc_ask(iCore, aMethod, aBody.Ptr(), aBody.Size(), aDeadlineMs);
    RunCoreSoon();
    return tag;
    }

TUint32 CAgent::TickMs()
    {
    return iClock.Ms();
    }

// ------------------------------------------------------------------------------------------- the line

TUint32 CAgent::NowMs()
    {
    return iClock.Ms();
    }

void CAgent::LinkUp()
    {
    agc_link(iCore, NowMs(), 1);
    }

void CAgent::LinkDown()
    {
    agc_link(iCore, NowMs(), 0);
    RunCoreSoon();
    }

void CAgent::Received(const TDesC8& aData)
    {
    agc_rx(iCore, NowMs(), aData.Ptr(), aData.Size());
    RunCore();
    }

void CAgent::WriterIdle()
    {
    RunCore();
    }

TInt CAgent::RunCoreCallBack(TAny* aSelf)
    {
    static_cast<CAgent*>(aSelf)->RunCore();
    return KErrNone;
    }

// The core is not entered from its own functions: what they bring about goes out a moment later.
void CAgent::RunCoreSoon()
    {
    iSoon->CallBack();
    }

void CAgent::RunCore()
    {
    iAnswers->GiveAgain(iCore);
    agc_tick(iCore, NowMs());
    Write();
    // A core that is not ready for what is due says 0 again and again; others have to run in between.
    const TUint32 wait = agc_tick(iCore, NowMs());
    iTick->After(wait < KShortestWaitMs ? KShortestWaitMs : wait);
    }

// As much as the core has and the buffer holds; a frame that does not end in it goes on in the next.
void CAgent::Write()
    {
    CHostLink* link = iLinks ? iLinks->IdleWriter() : NULL;
    if (!link)
        {
        return;
        }
    TDes8& buffer = link->WriteBuffer();
    TUint8* to = const_cast<TUint8*>(buffer.Ptr());
    const TUint size = buffer.MaxLength();
    TUint used = 0;
    while (used < size)
        {
        const TUint given = agc_tx(iCore, NowMs(), to + used, size - used);
        if (given == 0)
            {
            break;
            }
        used += given;
        }
    if (used > 0)
        {
        buffer.SetLength(used);
        link->Send();
        }
    }
