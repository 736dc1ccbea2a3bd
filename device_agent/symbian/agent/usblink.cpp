#include "usblink.h"

#include "portfinder.h"

namespace
    {
    _LIT(KAcmModule, "ECACM");
    const TInt KBufferSize = 16 * 1024;  // of the comms server, which has 4 KiB by itself
    }

CUsbLink* CUsbLink::NewL(MLinkUser& aUser, const TDesC& aOnly)
    {
    CUsbLink* self = new (ELeave) CUsbLink(aUser, aOnly);
    CleanupStack::PushL(self);
    self->BaseConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CUsbLink::CUsbLink(MLinkUser& aUser, const TDesC& aOnly) : CHostLink(aUser), iOnly(aOnly.Left(KMaxPortName))
    {
    }

CUsbLink::~CUsbLink()
    {
    CloseNow();
    iServer.Close();
    }

// Both may be there already, which is as good (Device agent 2.3).
TInt CUsbLink::OpenServer()
    {
    if (iHasServer)
        {
        return KErrNone;
        }
    TInt error = StartC32();
    if (error == KErrNone || error == KErrAlreadyExists)
        {
        error = iServer.Connect();
        }
    if (error == KErrNone)
        {
        error = iServer.LoadCommModule(KAcmModule);
        error = error == KErrAlreadyExists ? KErrNone : error;
        if (error != KErrNone)
            {
            iServer.Close();
            }
        }
    iHasServer = error == KErrNone;
    return error;
    }

TInt CUsbLink::OpenAny()
    {
    TInt error = OpenServer();
    if (error != KErrNone)
        {
        return error;
        }
    TPortFinder finder(iOnly);
    TPortName name;
    error = KErrNotFound;
    while (error != KErrNone && finder.Next(name))
        {
        error = iPort.Open(iServer, name, ECommExclusive, ECommRoleDCE);
        }
    return error;
    }

// Without the phone in PC Suite mode there is no port; that is no error, but a reason to look again.
void CUsbLink::OpenPort()
    {
    if (OpenAny() != KErrNone)
        {
        TryAgainLater();
        return;
        }
    Configure();
    PortOpened();
    }

// No handshake and no XON/XOFF: USB has its own. The rate means nothing, so an error of SetConfig does not either.
void CUsbLink::Configure()
    {
    iPort.SetReceiveBufferLength(KBufferSize);
    TCommConfig package;
    if (iPort.Config(package) == KErrNone)
        {
        TCommConfigV01& config = package();
        config.iRate = EBps115200;
        config.iDataBits = EData8;
        config.iStopBits = EStop1;
        config.iParity = EParityNone;
        config.iHandshake = 0;
        config.iTerminatorCount = 0;
        iPort.SetConfig(package);
        }
    // For host drivers that wait for them.
    iPort.SetSignals(KSignalDSR | KSignalCTS | KSignalDCD, 0);
    }

void CUsbLink::ClosePort()
    {
    iPort.Close();
    }

void CUsbLink::Read(TRequestStatus& aStatus, TDes8& aTo)
    {
    iPort.ReadOneOrMore(aStatus, aTo);
    }

void CUsbLink::CancelRead()
    {
    iPort.ReadCancel();
    }

void CUsbLink::Write(TRequestStatus& aStatus, const TDesC8& aFrom)
    {
    iPort.Write(aStatus, aFrom);
    }

void CUsbLink::CancelWrite()
    {
    iPort.WriteCancel();
    }
