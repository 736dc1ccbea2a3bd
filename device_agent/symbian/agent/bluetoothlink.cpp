#include "bluetoothlink.h"

#include "priorities.h"
#include "uids.h"

namespace
    {
    _LIT(KRfcomm, "RFCOMM");
    _LIT(KServiceName, "symhil");
    const TInt KQueue = 1;
    }

CAccepter* CAccepter::NewL(RSocket& aListener, MAccepted& aUser)
    {
    return new (ELeave) CAccepter(aListener, aUser);
    }

CAccepter::CAccepter(RSocket& aListener, MAccepted& aUser)
    : CActive(EPriorityReader), iListener(aListener), iUser(aUser)
    {
    CActiveScheduler::Add(this);
    }

CAccepter::~CAccepter()
    {
    Cancel();
    }

void CAccepter::Start(RSocket& aPeer)
    {
    iListener.Accept(aPeer, iStatus);
    SetActive();
    }

void CAccepter::RunL()
    {
    iUser.Accepted(iStatus.Int());
    }

void CAccepter::DoCancel()
    {
    iListener.CancelAccept();
    }

TInt CAccepter::RunError(TInt aError)
    {
    iUser.Accepted(aError);
    return KErrNone;
    }

CBluetoothLink* CBluetoothLink::NewL(MLinkUser& aUser)
    {
    CBluetoothLink* self = new (ELeave) CBluetoothLink(aUser);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CBluetoothLink::CBluetoothLink(MLinkUser& aUser) : CHostLink(aUser)
    {
    }

void CBluetoothLink::ConstructL()
    {
    iAccepter = CAccepter::NewL(iListener, *this);
    BaseConstructL();
    }

CBluetoothLink::~CBluetoothLink()
    {
    delete iAccepter;
    iAccepter = NULL;
    CloseNow();
    StopListening();
    }

// Bluetooth that is off, or not there, is looked for again.
void CBluetoothLink::OpenPort()
    {
    TRAPD(error, AcceptL());
    if (error != KErrNone)
        {
        StopListening();
        TryAgainLater();
        }
    }

void CBluetoothLink::AcceptL()
    {
    if (!iIsListening)
        {
        ListenL();
        iIsListening = ETrue;
        }
    User::LeaveIfError(iPeer.Open(iServer));  // a blank socket, for the connection to come
    iHasPeer = ETrue;
    iAccepter->Start(iPeer);
    }

void CBluetoothLink::ListenL()
    {
    User::LeaveIfError(iServer.Connect());
    User::LeaveIfError(iListener.Open(iServer, KRfcomm));
    TInt channel = 0;
    User::LeaveIfError(iListener.GetOpt(KRFCOMMGetAvailableServerChannel, KSolBtRFCOMM, channel));
    TBTServiceSecurity security;
    security.SetUid(TUid::Uid(KAgentSid));
    security.SetAuthentication(ETrue);  // whoever is here may read the phone's files
    security.SetAuthorisation(EFalse);
    security.SetEncryption(EFalse);
    TBTSockAddr address;
    address.SetSecurity(security);
    address.SetPort(channel);
    User::LeaveIfError(iListener.Bind(address));
    User::LeaveIfError(iListener.Listen(KQueue));
    PublishL(channel);
    }

// The record by which a PC finds the channel: a serial port over RFCOMM over L2CAP.
void CBluetoothLink::PublishL(TInt aChannel)
    {
    User::LeaveIfError(iSdp.Connect());
    User::LeaveIfError(iRecords.Open(iSdp));
    iRecords.CreateServiceRecordL(TUUID(TUint16(KSerialPortUUID)), iRecord);
    CSdpAttrValueDES* protocols = CSdpAttrValueDES::NewDESL(NULL);
    CleanupStack::PushL(protocols);
    TBuf8<1> channel;
    channel.Append(static_cast<TUint8>(aChannel));
    protocols->StartListL()
        ->BuildDESL()
        ->StartListL()
        ->BuildUUIDL(TUUID(TUint16(KL2CAP)))
        ->EndListL()
        ->BuildDESL()
        ->StartListL()
        ->BuildUUIDL(TUUID(TUint16(KRFCOMM)))
        ->BuildUintL(channel)
        ->EndListL()
        ->EndListL();
    iRecords.UpdateAttributeL(iRecord, KSdpAttrIdProtocolDescriptorList, *protocols);
    CleanupStack::PopAndDestroy(protocols);
    iRecords.UpdateAttributeL(iRecord, KSdpAttrIdBasePrimaryLanguage + KSdpAttrIdOffsetServiceName, KServiceName);
    }

void CBluetoothLink::StopListening()
    {
    if (iAccepter)
        {
        iAccepter->Cancel();
        }
    iRecords.Close();  // the record goes with the session
    iSdp.Close();
    iListener.Close();
    iServer.Close();
    iIsListening = EFalse;
    }

void CBluetoothLink::Accepted(TInt aError)
    {
    if (aError == KErrNone)
        {
        PortOpened();
        return;
        }
    ClosePort();
    StopListening();
    TryAgainLater();
    }

void CBluetoothLink::ClosePort()
    {
    if (iHasPeer)
        {
        iPeer.CancelAll();
        iPeer.Close();
        iHasPeer = EFalse;
        }
    }

void CBluetoothLink::Read(TRequestStatus& aStatus, TDes8& aTo)
    {
    iPeer.RecvOneOrMore(aTo, 0, aStatus, iReceived);
    }

void CBluetoothLink::CancelRead()
    {
    iPeer.CancelRecv();
    }

void CBluetoothLink::Write(TRequestStatus& aStatus, const TDesC8& aFrom)
    {
    iPeer.Write(aFrom, aStatus);
    }

void CBluetoothLink::CancelWrite()
    {
    iPeer.CancelWrite();
    }
