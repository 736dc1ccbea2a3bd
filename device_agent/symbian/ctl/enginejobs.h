// The host's engine requests, done with one CSBEClient in its synchronous forms.
//
// Import ordinals of sbeclient up to 113 only: a program that imports a later one does not start on firmware whose
// library is older (Device agent 1.2). So a request for an asynchronous form is served by the synchronous one
// where that form came later; the engine runs the same code for both (BE 6). The large list of public files exists
// in a late form only, and is not offered.

#ifndef SYMHIL_ENGINEJOBS_H
#define SYMHIL_ENGINEJOBS_H

#include <connect/sbeclient.h>
#include <e32base.h>

#include "relayclient.h"

class CEngineJobs : public CBase
    {
public:
    static CEngineJobs* NewL(RRelay& aRelay);
    ~CEngineJobs();

    // Gives an AgentFault, or 0; leaves with the engine's error. The download stays as it is until the next job.
    TInt DoL(const TRelayJob& aJob, const TDesC8& aRequest, TDes8& aAnswer, TPtrC8& aDownload);

    // After an error: an engine that has ended takes its client with it, and the next job makes a new one.
    void EngineGone();

private:
    CEngineJobs(RRelay& aRelay);

    conn::CSBEClient& ClientL();
    conn::CSBGenericTransferType* TransferTypeLC(const wire::Bytes& aBytes);
    conn::CSBGenericDataType* OwnerLC(const wire::Bytes& aBytes);

    void ConnectL(TDes8& aAnswer);
    void ListDataOwnersL(TDes8& aAnswer, TPtrC8& aDownload);
    void SetSidListL(const TDesC8& aRequest);
    void SetModeL(const TDesC8& aRequest);
    void ReturnToNormalL();
    void SidStatusL(const TDesC8& aRequest, TDes8& aAnswer);
    void ExpectedSizeL(const TDesC8& aRequest, TDes8& aAnswer);
    void RequestDataL(const TDesC8& aRequest, TDes8& aAnswer, TPtrC8& aDownload);
    void SupplyDataL(const TDesC8& aRequest, TInt aUploadSize);
    void PublicFilesL(const TDesC8& aRequest, TDes8& aAnswer, TPtrC8& aDownload);
    void PublicFilesXmlL(const TDesC8& aRequest);

    template <class Entry>
    void GiveEntriesL(const RArray<Entry>& aEntries, TDes8& aAnswer, TPtrC8& aDownload);

private:
    RRelay& iRelay;
    conn::CSBEClient* iClient;
    HBufC8* iList;  // what the last list came to
    TDriveList iDrives;
    TBool iIsInMode;
    };

#endif
