#include "slots.h"

#include "bodies.h"
#include "host.h"

namespace
    {
    _LIT(KProgramFormat, "bkowner%d");
    _LIT8(KNoSlot, "the phone has no owner slot of that SID; phone info lists those that there are");
    _LIT8(KNobody, "nobody is attached to that owner slot");
    _LIT8(KTooMany, "four requests to that owner slot are waiting; its process is in a callback");
    }

CSlots* CSlots::NewL(MHost& aHost)
    {
    CSlots* self = new (ELeave) CSlots(aHost);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CSlots::CSlots(MHost& aHost) : iHost(aHost)
    {
    }

void CSlots::ConstructL()
    {
    iBody = HBufC8::NewL(KMaxBody);
    for (TInt i = 0; i < KSlotCount; ++i)
        {
        TBuf<16> name;
        name.Format(KProgramFormat, i + 1);
        iSlots[i].iChild = CChild::NewL(name, *this);
        }
    }

CSlots::~CSlots()
    {
    for (TInt i = 0; i < KSlotCount; ++i)
        {
        delete iSlots[i].iChild;
        }
    delete iBody;
    }

CSlots::TSlot* CSlots::Find(TUint32 aSid)
    {
    const TUint32 index = aSid - KFirstSlotSid;
    return index < static_cast<TUint32>(KSlotCount) ? &iSlots[index] : NULL;
    }

TUint32 CSlots::SidOf(const TSlot& aSlot) const
    {
    return KFirstSlotSid + (&aSlot - iSlots);
    }

void CSlots::Tell(TUint32 aSid, TUint aKind, TInt aValue)
    {
    wire::OwnerEvent event;
    event.tick_ms = iHost.TickMs();
    event.sid = aSid;
    event.kind = static_cast<TUint16>(aKind);
    event.value = aValue;
    TBuf8<wire::OwnerEventAt::SIZE> body;
    TRAPD(error, WriteBodyL(body, event));
    if (error == KErrNone)
        {
        iHost.Tell(wire::Limit::OWNER_TOPIC, body);
        }
    }

// ------------------------------------------------------------------------------------- what the host wants

TBool CSlots::Serves(TUint32 aMethod) const
    {
    switch (aMethod)
        {
        case wire::Method::OWNER_ATTACH:
        case wire::Method::OWNER_DETACH:
        case wire::Method::OWNER_CONNECT:
        case wire::Method::OWNER_DISCONNECT:
        case wire::Method::OWNER_CONFIRM_READY:
        case wire::Method::OWNER_BUR_MODE_INFO:
        case wire::Method::OWNER_DOES_PARTIAL_AFFECT_ME:
            return ETrue;
        default:
            return EFalse;
        }
    }

void CSlots::RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody)
    {
    if (aMethod == wire::Method::OWNER_ATTACH)
        {
        AttachL(aTag, aBody);
        return;
        }
    OrderL(aTag, aMethod, aBody);
    }

void CSlots::AttachL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::OwnerAttach request;
    ReadBodyL(aBody, request);
    TSlot* slot = Find(request.sid);
    if (!slot)
        {
        iHost.Refuse(aTag, wire::AgentFault::NOT_OFFERED, KNoSlot);
        return;
        }
    slot->iWishes.iAttached = ETrue;
    slot->iWishes.iAutomatic = request.automatic;
    slot->iWishes.iWithCallbacks = request.with_callbacks;
    slot->iWishes.iConfirmError = request.confirm_error;
    iHost.Reply(aTag, KErrNone, KNullDesC8);
    }

// All of their bodies begin with the SID.
void CSlots::OrderL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody)
    {
    TSlot* slot = Find(wire::get32(aBody.Ptr()));
    if (!slot)
        {
        iHost.Refuse(aTag, wire::AgentFault::NOT_OFFERED, KNoSlot);
        return;
        }
    if (aMethod == wire::Method::OWNER_DETACH)
        {
        Detach(aTag, *slot);
        return;
        }
    if (!slot->iWishes.iAttached)
        {
        iHost.Refuse(aTag, wire::AgentFault::NOT_OFFERED, KNobody);
        return;
        }
    TInt value = 0;
    if (aMethod == wire::Method::OWNER_CONNECT)
        {
        wire::OwnerConnect request;
        ReadBodyL(aBody, request);
        value = request.with_callbacks;
        }
    else if (aMethod == wire::Method::OWNER_CONFIRM_READY)
        {
        wire::OwnerConfirm request;
        ReadBodyL(aBody, request);
        value = request.error;
        }
    Queue(*slot, aTag, aMethod, value);
    StartIfNeeded(*slot);
    }

// To start it takes no capability. While it is about to end, that waits for its end.
void CSlots::StartIfNeeded(TSlot& aSlot)
    {
    if (aSlot.iSession || aSlot.iOrderCount == 0 || aSlot.iChild->IsRunning())
        {
        return;
        }
    aSlot.iHasSpoken = EFalse;
    const TInt error = aSlot.iChild->Start();
    if (error != KErrNone)
        {
        FailOrders(aSlot, error);
        }
    }

// Orders that came while it ended, after a detach for instance, are for the next process. One that ends before it
// says anything would do so again.
void CSlots::ChildEnded(CChild& aChild)
    {
    for (TInt i = 0; i < KSlotCount; ++i)
        {
        TSlot& slot = iSlots[i];
        if (slot.iChild == &aChild && !slot.iSession)
            {
            if (!slot.iHasSpoken)
                {
                FailOrders(slot, KErrDied);
                }
            StartIfNeeded(slot);
            }
        }
    }

void CSlots::FailOrders(TSlot& aSlot, TInt aError)
    {
    while (aSlot.iOrderCount > 0)
        {
        iHost.Reply(aSlot.iOrders[--aSlot.iOrderCount].iTag, aError, KNullDesC8);
        }
    }

void CSlots::Detach(TUint32 aTag, TSlot& aSlot)
    {
    Mem::FillZ(&aSlot.iWishes, sizeof(aSlot.iWishes));
    if (aSlot.iSession)
        {
        // Its process ends; the next mode starts it again. Nobody waits for that.
        Queue(aSlot, 0, wire::Method::OWNER_DETACH, 0);
        }
    iHost.Reply(aTag, KErrNone, KNullDesC8);
    }

void CSlots::Queue(TSlot& aSlot, TUint32 aTag, TUint32 aMethod, TInt aValue)
    {
    if (aSlot.iOrderCount == KOrders)
        {
        iHost.Refuse(aTag, wire::AgentFault::NO_RESOURCES, KTooMany);
        return;
        }
    TOrder& order = aSlot.iOrders[aSlot.iOrderCount++];
    order.iTag = aTag;
    order.iOrder.iMethod = aMethod;
    order.iOrder.iValue = aValue;
    Deliver(aSlot);
    }

// While its process is in a callback, the next order waits.
void CSlots::Deliver(TSlot& aSlot)
    {
    if (aSlot.iTake.IsNull() || aSlot.iOrderCount == 0)
        {
        return;
        }
    const TOrder order = aSlot.iOrders[0];
    --aSlot.iOrderCount;
    for (TInt i = 0; i < aSlot.iOrderCount; ++i)
        {
        aSlot.iOrders[i] = aSlot.iOrders[i + 1];
        }
    TPckgC<TRelayOrder> package(order.iOrder);
    const TInt error = aSlot.iTake.Write(0, package);
    aSlot.iIsServing = error == KErrNone;
    aSlot.iServingTag = order.iTag;
    aSlot.iTake.Complete(error);
    aSlot.iTake = RMessage2();
    if (error != KErrNone)
        {
        iHost.Reply(order.iTag, error, KNullDesC8);
        }
    }

// The host is gone: nobody is attached any more. Processes go on, and are asked for nothing.
void CSlots::SessionOver()
    {
    for (TInt i = 0; i < KSlotCount; ++i)
        {
        TSlot& slot = iSlots[i];
        Mem::FillZ(&slot.iWishes, sizeof(slot.iWishes));
        slot.iOrderCount = 0;
        slot.iServingTag = 0;
        EndCallback(slot, KErrDisconnected);
        }
    }
