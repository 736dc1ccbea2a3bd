#include "alarm.h"

namespace
    {
    // A timer counts microseconds in 31 bits; who wants more looks again.
    const TUint32 KLongestMs = 60 * 1000;
    }

CAlarm* CAlarm::NewL(TInt aPriority, const TCallBack& aCallBack)
    {
    CAlarm* self = new (ELeave) CAlarm(aPriority, aCallBack);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CAlarm::CAlarm(TInt aPriority, const TCallBack& aCallBack) : CTimer(aPriority), iCallBack(aCallBack)
    {
    }

void CAlarm::ConstructL()
    {
    CTimer::ConstructL();
    CActiveScheduler::Add(this);
    }

CAlarm::~CAlarm()
    {
    Cancel();
    }

void CAlarm::After(TUint32 aMilliseconds)
    {
    Cancel();
    CTimer::After(static_cast<TInt>(aMilliseconds < KLongestMs ? aMilliseconds : KLongestMs) * 1000);
    }

void CAlarm::RunL()
    {
    iCallBack.CallBack();
    }

// Nothing that is called back leaves.
TInt CAlarm::RunError(TInt)
    {
    return KErrNone;
    }
