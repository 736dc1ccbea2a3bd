// Owner slots: what the host wants of each, orders to their processes, and their callbacks on the way to the host.

#ifndef SYMHIL_SLOTS_H
#define SYMHIL_SLOTS_H

#include <e32base.h>

#include "child.h"
#include "relay.h"
#include "uids.h"

class MHost;

class CSlots : public CBase, private MChildUser
    {
public:
    static CSlots* NewL(MHost& aHost);
    ~CSlots();
    TBool Serves(TUint32 aMethod) const;
    void RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody);
    void SessionOver();
    // The host's answer to a callback, or that there will be none.
    void Answered(TUint32 aAsk, TInt aOutcome, TInt aStatus, const TDesC8& aBody);

    void RelayedL(TUint32 aSid, const RMessage2& aMessage);
    void RelayGone(TUint32 aSid, const CSession2* aSession);

private:
    enum { KOrders = 4 };

    struct TOrder
        {
        TUint32 iTag;  // of the host's request; 0 for one that nobody waits for
        TRelayOrder iOrder;
        };

    struct TSlot
        {
        TRelayWishes iWishes;
        CChild* iChild;
        const CSession2* iSession;
        TBool iHasSpoken;  // since it was started
        RMessage2 iTake;
        TOrder iOrders[KOrders];
        TInt iOrderCount;
        TBool iIsServing;
        TUint32 iServingTag;
        RMessage2 iCallback;
        TUint32 iAsk;  // the core's tag for it; 0 when none is running
        };

    CSlots(MHost& aHost);
    void ConstructL();
    void AttachL(TUint32 aTag, const TDesC8& aBody);
    void Detach(TUint32 aTag, TSlot& aSlot);
    void OrderL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody);
    // MChildUser
    void ChildEnded(CChild& aChild);
    void StartIfNeeded(TSlot& aSlot);
    void FailOrders(TSlot& aSlot, TInt aError);
    void Queue(TSlot& aSlot, TUint32 aTag, TUint32 aMethod, TInt aValue);
    void Deliver(TSlot& aSlot);
    void OrderEnded(TSlot& aSlot, const RMessage2& aMessage);
    void GiveWishesL(TSlot& aSlot, const RMessage2& aMessage);
    void RelayCallbackL(TSlot& aSlot, const RMessage2& aMessage);
    void EndCallback(TSlot& aSlot, TInt aStatus);
    void Tell(TUint32 aSid, TUint aKind, TInt aValue);
    TSlot* Find(TUint32 aSid);
    TUint32 SidOf(const TSlot& aSlot) const;

private:
    MHost& iHost;
    TSlot iSlots[KSlotCount];
    HBufC8* iBody;
    };

#endif
