// A timer that calls back once.

#ifndef SYMHIL_ALARM_H
#define SYMHIL_ALARM_H

#include <e32base.h>

class CAlarm : public CTimer
    {
public:
    static CAlarm* NewL(TInt aPriority, const TCallBack& aCallBack);
    ~CAlarm();
    // Anew, when it was set already.
    void After(TUint32 aMilliseconds);

private:
    CAlarm(TInt aPriority, const TCallBack& aCallBack);
    void ConstructL();
    void RunL();
    TInt RunError(TInt aError);

private:
    TCallBack iCallBack;
    };

#endif
