#include "relayclient.h"

namespace
    {
    // An open order and a callback, and one to spare.
    const TInt KMessageSlots = 3;
    }

TInt RRelay::Connect()
    {
    return CreateSession(KRelayServerName, TVersion(1, 0, 0), KMessageSlots);
    }

TInt RRelay::TakeJob(TRelayJob& aJob, TDes8& aBody)
    {
    TPckg<TRelayJob> job(aJob);
    return SendReceive(ERelayTakeJob, TIpcArgs(&job, &aBody));
    }

TInt RRelay::FetchUpload(TDes8& aUpload)
    {
    return SendReceive(ERelayFetchUpload, TIpcArgs(&aUpload));
    }

TInt RRelay::EndJob(TInt aFault, TInt aStatus, const TDesC8& aBody, const TDesC8& aDownload)
    {
    return SendReceive(ERelayEndJob, TIpcArgs(aFault, aStatus, &aBody, &aDownload));
    }

TInt RRelay::AwaitAbort()
    {
    return SendReceive(ERelayAwaitAbort);
    }

void RRelay::TakeOrder(TDes8& aOrder, TRequestStatus& aStatus)
    {
    SendReceive(ERelayTakeOrder, TIpcArgs(&aOrder), aStatus);
    }

void RRelay::CancelOrder()
    {
    SendReceive(ERelayCancelOrder);
    }

TInt RRelay::EndOrder(TInt aFault, TInt aStatus, const TDesC8& aBody)
    {
    return SendReceive(ERelayEndOrder, TIpcArgs(aFault, aStatus, &aBody));
    }

void RRelay::Tell(TInt aKind, TInt aValue)
    {
    // Nobody to tell is no reason to stop: whether the agent is there shows when it is needed.
    SendReceive(ERelayTell, TIpcArgs(aKind, aValue));
    }

TInt RRelay::GetWishes(TRelayWishes& aWishes)
    {
    TPckg<TRelayWishes> wishes(aWishes);
    return SendReceive(ERelayWishes, TIpcArgs(&wishes));
    }

void RRelay::Callback(TUint32 aMethod, const TDesC8& aRequest, TDes8& aAnswer, TRequestStatus& aStatus)
    {
    SendReceive(ERelayCallback, TIpcArgs(static_cast<TInt>(aMethod), &aRequest, &aAnswer), aStatus);
    }

void RRelay::CancelCallback()
    {
    SendReceive(ERelayCancelCallback);
    }
