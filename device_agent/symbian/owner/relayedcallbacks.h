// MActiveBackupDataClient, answered on the host. The answer must be complete when a callback returns, so each one
// blocks this thread (Device agent 4.2); no nested scheduler, in which the client could be deleted under itself.

#ifndef SYMHIL_RELAYEDCALLBACKS_H
#define SYMHIL_RELAYEDCALLBACKS_H

#include <connect/abclient.h>
#include <e32base.h>

#include "relayclient.h"

class CRelayedCallbacks : public CBase, public conn::MActiveBackupDataClient
    {
public:
    static CRelayedCallbacks* NewL(RRelay& aRelay);
    ~CRelayedCallbacks();

    void AllSnapshotsSuppliedL();
    void ReceiveSnapshotDataL(TDriveNumber aDrive, TDesC8& aBuffer, TBool aLastSection);
    TUint GetExpectedDataSize(TDriveNumber aDrive);
    void GetSnapshotDataL(TDriveNumber aDrive, TPtr8& aBuffer, TBool& aFinished);
    void InitialiseGetBackupDataL(TDriveNumber aDrive);
    void GetBackupDataSectionL(TPtr8& aBuffer, TBool& aFinished);
    void InitialiseRestoreBaseDataL(TDriveNumber aDrive);
    void RestoreBaseDataSectionL(TDesC8& aBuffer, TBool aFinished);
    void InitialiseRestoreIncrementDataL(TDriveNumber aDrive);
    void RestoreIncrementDataSectionL(TDesC8& aBuffer, TBool aFinished);
    void RestoreComplete(TDriveNumber aDrive);
    void InitialiseGetProxyBackupDataL(TSecureId aSID, TDriveNumber aDrive);
    void InitialiseRestoreProxyBaseDataL(TSecureId aSID, TDriveNumber aDrive);
    void TerminateMultiStageOperation();
    TUint GetDataChecksum(TDriveNumber aDrive);

private:
    CRelayedCallbacks(RRelay& aRelay);
    void ConstructL();

    template <class Body>
    void AskL(TUint32 aMethod, Body& aRequest);
    void AskPlainL(TUint32 aMethod);
    void AskAboutDriveL(TUint32 aMethod, TDriveNumber aDrive);
    void AskAboutProxyL(TUint32 aMethod, TSecureId aSID, TDriveNumber aDrive);
    void RestoreSectionL(TUint32 aMethod, const TDesC8& aData, TBool aFinished);
    TUint32 AskForSizeL(TDriveNumber aDrive);
    TUint32 AskForChecksumL(TDriveNumber aDrive);
    void TakeSectionL(TPtr8& aBuffer, TBool& aFinished);
    void SendAndWaitL(TUint32 aMethod);

private:
    RRelay& iRelay;
    RTimer iDeadline;
    TUint32 iSid;
    TUint32 iOrdinal;  // a gap shows the host that a callback was lost
    TBool iIsAsking;
    HBufC8* iRequestBuffer;
    HBufC8* iAnswerBuffer;
    TPtr8 iRequest;
    TPtr8 iAnswer;
    };

#endif
