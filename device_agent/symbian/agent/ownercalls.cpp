// CSlots: what the owners' processes say, and the host's answers to their callbacks.

#include "agc.h"
#include "bodies.h"
#include "host.h"
#include "slots.h"

namespace
    {
    _LIT8(KNoClient, "the owner slot has no client object: connect it first");
    }

void CSlots::RelayedL(TUint32 aSid, const RMessage2& aMessage)
    {
    TSlot* slot = Find(aSid);
    if (!slot)
        {
        User::Leave(KErrPermissionDenied);
        }
    slot->iSession = aMessage.Session();
    slot->iHasSpoken = ETrue;
    switch (aMessage.Function())
        {
        case ERelayTakeOrder:
            slot->iTake = aMessage;
            Deliver(*slot);
            break;
        case ERelayCancelOrder:
            if (!slot->iTake.IsNull())
                {
                slot->iTake.Complete(KErrCancel);
                slot->iTake = RMessage2();
                }
            aMessage.Complete(KErrNone);
            break;
        case ERelayEndOrder:
            OrderEnded(*slot, aMessage);
            break;
        case ERelayTell:
            Tell(aSid, aMessage.Int0(), aMessage.Int1());
            aMessage.Complete(KErrNone);
            break;
        case ERelayWishes:
            GiveWishesL(*slot, aMessage);
            break;
        case ERelayCallback:
            RelayCallbackL(*slot, aMessage);
            break;
        case ERelayCancelCallback:
            EndCallback(*slot, KErrTimedOut);
            aMessage.Complete(KErrNone);
            break;
        default:
            User::Leave(KErrNotSupported);
            break;
        }
    }

void CSlots::OrderEnded(TSlot& aSlot, const RMessage2& aMessage)
    {
    TPtr8 body(iBody->Des());
    const TInt error = aMessage.Read(2, body);
    const TInt fault = aMessage.Int0();
    const TInt status = error == KErrNone ? aMessage.Int1() : error;
    const TUint32 tag = aSlot.iServingTag;
    aSlot.iIsServing = EFalse;
    aSlot.iServingTag = 0;
    aMessage.Complete(KErrNone);
    if (fault != 0)
        {
        iHost.Refuse(tag, fault, KNoClient);
        }
    else
        {
        iHost.Reply(tag, status, body);
        }
    }

void CSlots::GiveWishesL(TSlot& aSlot, const RMessage2& aMessage)
    {
    TPckgC<TRelayWishes> wishes(aSlot.iWishes);
    aMessage.WriteL(0, wishes);
    aMessage.Complete(KErrNone);
    }

void CSlots::RelayCallbackL(TSlot& aSlot, const RMessage2& aMessage)
    {
    if (!aSlot.iWishes.iAttached)
        {
        User::Leave(KErrDisconnected);
        }
    TPtr8 body(iBody->Des());
    aMessage.ReadL(1, body);
    const TUint32 ask = iHost.Ask(aMessage.Int0(), body, wire::Limit::RELAY_DEADLINE_MS);
    if (ask == 0)
        {
        User::Leave(KErrDisconnected);
        }
    aSlot.iCallback = aMessage;
    aSlot.iAsk = ask;
    }

void CSlots::Answered(TUint32 aAsk, TInt aOutcome, TInt aStatus, const TDesC8& aBody)
    {
    for (TInt i = 0; i < KSlotCount; ++i)
        {
        TSlot& slot = iSlots[i];
        if (slot.iAsk == 0 || slot.iAsk != aAsk)
            {
            continue;
            }
        if (aOutcome == AGC_TIMED_OUT)
            {
            Tell(SidOf(slot), wire::OwnerEventKind::FAILED, KErrTimedOut);
            EndCallback(slot, KErrTimedOut);
            }
        else if (aOutcome == AGC_GONE)
            {
            EndCallback(slot, KErrDisconnected);
            }
        else if (aStatus != KErrNone)
            {
            EndCallback(slot, aStatus);
            }
        else
            {
            EndCallback(slot, slot.iCallback.Write(2, aBody));
            }
        return;
        }
    }

void CSlots::EndCallback(TSlot& aSlot, TInt aStatus)
    {
    aSlot.iAsk = 0;
    if (!aSlot.iCallback.IsNull())
        {
        aSlot.iCallback.Complete(aStatus);
        aSlot.iCallback = RMessage2();
        }
    }

void CSlots::RelayGone(TUint32 aSid, const CSession2* aSession)
    {
    TSlot* slot = Find(aSid);
    if (!slot || slot->iSession != aSession)
        {
        return;
        }
    slot->iSession = NULL;
    slot->iTake = RMessage2();
    slot->iCallback = RMessage2();
    slot->iAsk = 0;
    if (slot->iIsServing)
        {
        slot->iIsServing = EFalse;
        iHost.Reply(slot->iServingTag, KErrDied, KNullDesC8);
        }
    Tell(aSid, wire::OwnerEventKind::ENDED, 0);
    StartIfNeeded(*slot);
    }
