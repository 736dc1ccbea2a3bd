// A session with the agent. One for each thread: it cannot be shared.

#ifndef SYMHIL_RELAYCLIENT_H
#define SYMHIL_RELAYCLIENT_H

#include <e32std.h>

#include "relay.h"

class RRelay : public RSessionBase
    {
public:
    TInt Connect();

    // The controller's.
    TInt TakeJob(TRelayJob& aJob, TDes8& aBody);
    TInt FetchUpload(TDes8& aUpload);
    TInt EndJob(TInt aFault, TInt aStatus, const TDesC8& aBody, const TDesC8& aDownload);
    TInt AwaitAbort();

    // An owner's. Descriptors of the asynchronous ones stay the caller's until they complete.
    void TakeOrder(TDes8& aOrder, TRequestStatus& aStatus);
    void CancelOrder();
    TInt EndOrder(TInt aFault, TInt aStatus, const TDesC8& aBody);
    void Tell(TInt aKind, TInt aValue);
    TInt GetWishes(TRelayWishes& aWishes);
    void Callback(TUint32 aMethod, const TDesC8& aRequest, TDes8& aAnswer, TRequestStatus& aStatus);
    void CancelCallback();
    };

#endif
