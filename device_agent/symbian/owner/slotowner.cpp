#include "slotowner.h"

#include "bodies.h"
#include "relayedcallbacks.h"

using namespace conn;

CSlotOwner* CSlotOwner::NewL()
    {
    CSlotOwner* self = new (ELeave) CSlotOwner;
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CSlotOwner::CSlotOwner() : CActive(EPriorityStandard)
    {
    CActiveScheduler::Add(this);
    }

void CSlotOwner::ConstructL()
    {
    // Leaves when there is no agent: this owner could answer nothing then, and must not keep a backup waiting.
    User::LeaveIfError(iRelay.Connect());
    iCallbacks = CRelayedCallbacks::NewL(iRelay);
    iOrders = COrders::NewL(iRelay, *this);
    iRelay.Tell(wire::OwnerEventKind::STARTED, 0);
    User::LeaveIfError(iMode.Attach(KUidSystemCategory, KUidBackupRestoreKey));
    iMode.Subscribe(iStatus);
    SetActive();
    iOrders->Take();
    // Started by the engine, it would otherwise miss the mode that it was started for.
    TRAPD(error, ModeChangedL(ReadMode()));
    if (error != KErrNone)
        {
        RunError(error);
        }
    }

CSlotOwner::~CSlotOwner()
    {
    Cancel();
    iMode.Close();
    DisconnectSlot();  // the client before its callbacks
    delete iCallbacks;
    delete iOrders;
    iRelay.Close();
    }

// -------------------------------------------------------------------------------- the mode of the phone

// Subscribing again before reading, so that no change is missed for good (BE 3).
void CSlotOwner::RunL()
    {
    User::LeaveIfError(iStatus.Int());
    iMode.Subscribe(iStatus);
    SetActive();
    ModeChangedL(ReadMode());
    }

void CSlotOwner::DoCancel()
    {
    iMode.Cancel();
    }

TInt CSlotOwner::RunError(TInt aError)
    {
    iRelay.Tell(wire::OwnerEventKind::FAILED, aError);
    return KErrNone;
    }

// An undefined property counts as unset.
TInt CSlotOwner::ReadMode() const
    {
    TInt value = EBURUnset;
    return RProperty::Get(KUidSystemCategory, KUidBackupRestoreKey, value) == KErrNone ? value : EBURUnset;
    }

void CSlotOwner::ModeChangedL(TInt aValue)
    {
    iRelay.Tell(wire::OwnerEventKind::MODE_CHANGED, aValue);
    TRelayWishes wishes;
    User::LeaveIfError(iRelay.GetWishes(wishes));
    const TInt part = aValue & KBURPartTypeMask;
    if (part == EBURUnset || part == EBURNormal)
        {
        // What the client was connected to is over in any case; a test that keeps it says so.
        if (!wishes.iAttached || wishes.iAutomatic)
            {
            DisconnectSlot();
            }
        }
    else if (wishes.iAttached && wishes.iAutomatic)
        {
        TakePartL(wishes);
        }
    }

// What the tutorial's owner does: connect, ask whether it is meant, confirm.
void CSlotOwner::TakePartL(const TRelayWishes& aWishes)
    {
    ConnectSlotL(aWishes.iWithCallbacks);
    TDriveList drives;
    TBURPartType part;
    TBackupIncType increment;
    iClient->BURModeInfoL(drives, part, increment);
    if ((part == EBURBackupPartial || part == EBURRestorePartial) && !IsAffected())
        {
        iRelay.Tell(wire::OwnerEventKind::NOT_AFFECTED, 0);
        return;
        }
    iClient->ConfirmReadyForBURL(aWishes.iConfirmError);
    iRelay.Tell(wire::OwnerEventKind::CONFIRMED, aWishes.iConfirmError);
    }

// It leaves when no list was ever stored (Q12): better ready in vain than missing.
TBool CSlotOwner::IsAffected()
    {
    TBool isAffected = ETrue;
    TRAP_IGNORE(isAffected = iClient->DoesPartialBURAffectMeL());
    return isAffected;
    }

// A new client each time: one that outlived a mode is reported as not ready (Q30).
void CSlotOwner::ConnectSlotL(TBool aWithCallbacks)
    {
    DisconnectSlot();
    iClient = aWithCallbacks ? CActiveBackupClient::NewL(iCallbacks) : CActiveBackupClient::NewL();
    iRelay.Tell(wire::OwnerEventKind::CONNECTED, 0);
    }

void CSlotOwner::DisconnectSlot()
    {
    if (iClient)
        {
        delete iClient;
        iClient = NULL;
        iRelay.Tell(wire::OwnerEventKind::DISCONNECTED, 0);
        }
    }

// -------------------------------------------------------------------------------- the host's orders

TInt CSlotOwner::OrderL(const TRelayOrder& aOrder, TDes8& aAnswer)
    {
    switch (aOrder.iMethod)
        {
        case wire::Method::OWNER_CONNECT:
            ConnectSlotL(aOrder.iValue);
            return 0;
        case wire::Method::OWNER_DISCONNECT:
            DisconnectSlot();
            return 0;
        case wire::Method::OWNER_DETACH:
            // A slot without a host could only make the engine wait; the next mode starts it again.
            DisconnectSlot();
            CActiveScheduler::Stop();
            return 0;
        default:
            break;
        }
    if (!iClient)
        {
        return wire::AgentFault::NOT_OFFERED;
        }
    switch (aOrder.iMethod)
        {
        case wire::Method::OWNER_CONFIRM_READY:
            iClient->ConfirmReadyForBURL(aOrder.iValue);
            return 0;
        case wire::Method::OWNER_BUR_MODE_INFO:
            WriteModeInfoL(aAnswer);
            return 0;
        case wire::Method::OWNER_DOES_PARTIAL_AFFECT_ME:
            {
            wire::Affected answer;
            answer.affected = iClient->DoesPartialBURAffectMeL() ? 1 : 0;
            WriteBodyL(aAnswer, answer);
            return 0;
            }
        default:
            return wire::AgentFault::UNKNOWN_METHOD;
        }
    }

void CSlotOwner::WriteModeInfoL(TDes8& aAnswer)
    {
    TDriveList drives;
    TBURPartType part;
    TBackupIncType increment;
    iClient->BURModeInfoL(drives, part, increment);
    wire::BurModeInfo answer;
    answer.drives = BytesOf(drives);
    answer.part = part;
    answer.increment = increment;
    WriteBodyL(aAnswer, answer);
    }

void CSlotOwner::AgentGone()
    {
    CActiveScheduler::Stop();
    }
