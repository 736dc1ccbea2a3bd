#include "slotowner.h"

COrders* COrders::NewL(RRelay& aRelay, MOrderTaker& aTaker)
    {
    return new (ELeave) COrders(aRelay, aTaker);
    }

COrders::COrders(RRelay& aRelay, MOrderTaker& aTaker) : CActive(EPriorityStandard), iRelay(aRelay), iTaker(aTaker)
    {
    CActiveScheduler::Add(this);
    }

COrders::~COrders()
    {
    Cancel();
    }

void COrders::Take()
    {
    iRelay.TakeOrder(iOrder, iStatus);
    SetActive();
    }

void COrders::RunL()
    {
    if (iStatus != KErrNone)
        {
        iTaker.AgentGone();
        return;
        }
    iAnswer.Zero();
    TInt fault = 0;
    TRAPD(status, fault = iTaker.OrderL(iOrder(), iAnswer));
    User::LeaveIfError(iRelay.EndOrder(fault, status, iAnswer));
    if (iOrder().iMethod != wire::Method::OWNER_DETACH)
        {
        Take();
        }
    }

// To close the session would not complete the request, and Cancel would wait for ever.
void COrders::DoCancel()
    {
    iRelay.CancelOrder();
    }

TInt COrders::RunError(TInt)
    {
    iTaker.AgentGone();
    return KErrNone;
    }
