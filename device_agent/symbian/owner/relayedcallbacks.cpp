#include "relayedcallbacks.h"

#include "bodies.h"
#include "panic.h"

namespace
    {
    // Behind the 150 s that the core gives the host, before the engine's 200 s, after which this process could
    // only be ended (Device agent 4.3). It strikes when the agent itself does not answer any more.
    const TInt KDeadlineUs = 175 * 1000 * 1000;
    }

CRelayedCallbacks* CRelayedCallbacks::NewL(RRelay& aRelay)
    {
    CRelayedCallbacks* self = new (ELeave) CRelayedCallbacks(aRelay);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CRelayedCallbacks::CRelayedCallbacks(RRelay& aRelay)
    : iRelay(aRelay), iSid(RProcess().SecureId().iId), iRequest(NULL, 0), iAnswer(NULL, 0)
    {
    }

void CRelayedCallbacks::ConstructL()
    {
    User::LeaveIfError(iDeadline.CreateLocal());
    iRequestBuffer = HBufC8::NewL(KMaxBody);
    iAnswerBuffer = HBufC8::NewL(KMaxBody);
    iRequest.Set(iRequestBuffer->Des());
    iAnswer.Set(iAnswerBuffer->Des());
    }

CRelayedCallbacks::~CRelayedCallbacks()
    {
    iDeadline.Close();
    delete iRequestBuffer;
    delete iAnswerBuffer;
    }

// ---------------------------------------------------------------------------------------------- backup

void CRelayedCallbacks::AllSnapshotsSuppliedL()
    {
    AskPlainL(wire::Method::CB_ALL_SNAPSHOTS_SUPPLIED);
    }

void CRelayedCallbacks::ReceiveSnapshotDataL(TDriveNumber aDrive, TDesC8& aBuffer, TBool aLastSection)
    {
    wire::SnapshotSection section;
    section.drive = static_cast<TUint8>(aDrive);
    section.last = aLastSection ? 1 : 0;
    section.data = BytesOf(aBuffer);
    AskL(wire::Method::CB_RECEIVE_SNAPSHOT_DATA, section);
    }

// Must not leave: the engine would read a size that nobody wrote (BE 15.1).
TUint CRelayedCallbacks::GetExpectedDataSize(TDriveNumber aDrive)
    {
    TUint32 size = 0;
    TRAP_IGNORE(size = AskForSizeL(aDrive));
    return size;
    }

// The library passes the size of the buffer as the drive (Q28): relayed as it comes.
void CRelayedCallbacks::GetSnapshotDataL(TDriveNumber aDrive, TPtr8& aBuffer, TBool& aFinished)
    {
    wire::GetSnapshot request;
    request.drive_argument = static_cast<TUint32>(aDrive);
    request.size = aBuffer.MaxLength();
    AskL(wire::Method::CB_GET_SNAPSHOT_DATA, request);
    TakeSectionL(aBuffer, aFinished);
    }

void CRelayedCallbacks::InitialiseGetBackupDataL(TDriveNumber aDrive)
    {
    AskAboutDriveL(wire::Method::CB_INITIALISE_GET_BACKUP_DATA, aDrive);
    }

void CRelayedCallbacks::GetBackupDataSectionL(TPtr8& aBuffer, TBool& aFinished)
    {
    wire::GetSection request;
    request.size = aBuffer.MaxLength();
    AskL(wire::Method::CB_GET_BACKUP_DATA_SECTION, request);
    TakeSectionL(aBuffer, aFinished);
    }

// --------------------------------------------------------------------------------------------- restore

void CRelayedCallbacks::InitialiseRestoreBaseDataL(TDriveNumber aDrive)
    {
    AskAboutDriveL(wire::Method::CB_INITIALISE_RESTORE_BASE_DATA, aDrive);
    }

void CRelayedCallbacks::RestoreBaseDataSectionL(TDesC8& aBuffer, TBool aFinished)
    {
    RestoreSectionL(wire::Method::CB_RESTORE_BASE_DATA_SECTION, aBuffer, aFinished);
    }

void CRelayedCallbacks::InitialiseRestoreIncrementDataL(TDriveNumber aDrive)
    {
    AskAboutDriveL(wire::Method::CB_INITIALISE_RESTORE_INCREMENT_DATA, aDrive);
    }

void CRelayedCallbacks::RestoreIncrementDataSectionL(TDesC8& aBuffer, TBool aFinished)
    {
    RestoreSectionL(wire::Method::CB_RESTORE_INCREMENT_DATA_SECTION, aBuffer, aFinished);
    }

void CRelayedCallbacks::RestoreComplete(TDriveNumber aDrive)
    {
    TRAP_IGNORE(AskAboutDriveL(wire::Method::CB_RESTORE_COMPLETE, aDrive));
    }

// ----------------------------------------------------------------------------------------------- proxy

void CRelayedCallbacks::InitialiseGetProxyBackupDataL(TSecureId aSID, TDriveNumber aDrive)
    {
    AskAboutProxyL(wire::Method::CB_INITIALISE_GET_PROXY_BACKUP_DATA, aSID, aDrive);
    }

void CRelayedCallbacks::InitialiseRestoreProxyBaseDataL(TSecureId aSID, TDriveNumber aDrive)
    {
    AskAboutProxyL(wire::Method::CB_INITIALISE_RESTORE_PROXY_BASE_DATA, aSID, aDrive);
    }

// --------------------------------------------------------------------------- never called by this engine

void CRelayedCallbacks::TerminateMultiStageOperation()
    {
    TRAP_IGNORE(AskPlainL(wire::Method::CB_TERMINATE_MULTI_STAGE_OPERATION));
    }

TUint CRelayedCallbacks::GetDataChecksum(TDriveNumber aDrive)
    {
    TUint32 checksum = 0;
    TRAP_IGNORE(checksum = AskForChecksumL(aDrive));
    return checksum;
    }

// ---------------------------------------------------------------------------------- how the host is asked

template <class Body>
void CRelayedCallbacks::AskL(TUint32 aMethod, Body& aRequest)
    {
    aRequest.sid = iSid;
    aRequest.ordinal = ++iOrdinal;
    WriteBodyL(iRequest, aRequest);
    SendAndWaitL(aMethod);
    }

void CRelayedCallbacks::AskPlainL(TUint32 aMethod)
    {
    wire::OwnerCallback request;
    AskL(aMethod, request);
    }

void CRelayedCallbacks::AskAboutDriveL(TUint32 aMethod, TDriveNumber aDrive)
    {
    wire::DriveCallback request;
    request.drive = static_cast<TUint8>(aDrive);
    AskL(aMethod, request);
    }

void CRelayedCallbacks::AskAboutProxyL(TUint32 aMethod, TSecureId aSID, TDriveNumber aDrive)
    {
    wire::ProxyCallback request;
    request.proxied_sid = aSID.iId;
    request.drive = static_cast<TUint8>(aDrive);
    AskL(aMethod, request);
    }

void CRelayedCallbacks::RestoreSectionL(TUint32 aMethod, const TDesC8& aData, TBool aFinished)
    {
    wire::RestoreSection section;
    section.finished = aFinished ? 1 : 0;
    section.data = BytesOf(aData);
    AskL(aMethod, section);
    }

TUint32 CRelayedCallbacks::AskForSizeL(TDriveNumber aDrive)
    {
    AskAboutDriveL(wire::Method::CB_GET_EXPECTED_DATA_SIZE, aDrive);
    wire::DataSize answer;
    ReadBodyL(iAnswer, answer);
    return answer.size;
    }

TUint32 CRelayedCallbacks::AskForChecksumL(TDriveNumber aDrive)
    {
    AskAboutDriveL(wire::Method::CB_GET_DATA_CHECKSUM, aDrive);
    wire::Checksum answer;
    ReadBodyL(iAnswer, answer);
    return answer.checksum;
    }

void CRelayedCallbacks::TakeSectionL(TPtr8& aBuffer, TBool& aFinished)
    {
    wire::Section section;
    ReadBodyL(iAnswer, section);
    if (static_cast<TInt>(section.data.size) > aBuffer.MaxLength())
        {
        User::Leave(KErrOverflow);
        }
    aBuffer.Copy(DescriptorOf(section.data));
    aFinished = section.finished;
    }

// The host's error is what the callback leaves with.
void CRelayedCallbacks::SendAndWaitL(TUint32 aMethod)
    {
    __ASSERT_ALWAYS(!iIsAsking, Panic(EPanicTwoCallbacksAtOnce));
    iIsAsking = ETrue;
    iAnswer.Zero();
    TRequestStatus late;
    TRequestStatus answered;
    iDeadline.After(late, KDeadlineUs);
    iRelay.Callback(aMethod, iRequest, iAnswer, answered);
    User::WaitForRequest(answered, late);
    if (answered == KRequestPending)
        {
        // The agent lets the message go, so that this session stays usable.
        iRelay.CancelCallback();
        User::WaitForRequest(answered);
        }
    else
        {
        iDeadline.Cancel();
        User::WaitForRequest(late);
        }
    iIsAsking = EFalse;
    if (answered != KErrNone)
        {
        User::Leave(answered.Int());
        }
    }
