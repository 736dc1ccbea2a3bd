// The phone's clock in milliseconds, for the core. The kernel's tick of 1/64 s: the finer one is not in the
// libraries of all firmware (UNVERIFIED which has it first).

#ifndef SYMHIL_TICKCLOCK_H
#define SYMHIL_TICKCLOCK_H

#include <e32std.h>

class TTickClock
    {
public:
    TTickClock();
    TUint32 Ms();

private:
    TUint iTicks;
    TInt iPeriodUs;
    TUint64 iMicroseconds;
    };

#endif
