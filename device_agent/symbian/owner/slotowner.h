// The process of an owner slot: follows the mode of the phone, and does what the host wants of it.

#ifndef SYMHIL_SLOTOWNER_H
#define SYMHIL_SLOTOWNER_H

#include <connect/abclient.h>
#include <e32base.h>
#include <e32property.h>

#include "relayclient.h"

class CRelayedCallbacks;

class MOrderTaker
    {
public:
    // Gives an AgentFault, or 0.
    virtual TInt OrderL(const TRelayOrder& aOrder, TDes8& aAnswer) = 0;
    virtual void AgentGone() = 0;
    };

// Takes one order after the other from the agent. Its own active object, so that the owner's is free for the mode.
class COrders : public CActive
    {
public:
    static COrders* NewL(RRelay& aRelay, MOrderTaker& aTaker);
    ~COrders();
    void Take();

private:
    COrders(RRelay& aRelay, MOrderTaker& aTaker);
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);

private:
    RRelay& iRelay;
    MOrderTaker& iTaker;
    TPckgBuf<TRelayOrder> iOrder;
    TBuf8<64> iAnswer;
    };

class CSlotOwner : public CActive, private MOrderTaker
    {
public:
    static CSlotOwner* NewL();
    ~CSlotOwner();

private:
    CSlotOwner();
    void ConstructL();

    // CActive: the property was set.
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);

    // MOrderTaker
    TInt OrderL(const TRelayOrder& aOrder, TDes8& aAnswer);
    void AgentGone();

    TInt ReadMode() const;
    void ModeChangedL(TInt aValue);
    void TakePartL(const TRelayWishes& aWishes);
    TBool IsAffected();
    void ConnectSlotL(TBool aWithCallbacks);
    void DisconnectSlot();
    void WriteModeInfoL(TDes8& aAnswer);

private:
    RRelay iRelay;
    RProperty iMode;
    COrders* iOrders;
    CRelayedCallbacks* iCallbacks;
    conn::CActiveBackupClient* iClient;
    };

#endif
