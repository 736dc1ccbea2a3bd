#include "tickclock.h"

#include <e32hal.h>

TTickClock::TTickClock() : iTicks(User::TickCount()), iMicroseconds(0)
    {
    TTimeIntervalMicroSeconds32 period(0);
    UserHal::TickPeriod(period);
    iPeriodUs = period.Int();
    iMicroseconds = static_cast<TUint64>(iTicks) * iPeriodUs;
    }

// The ticks wrap after two years and more; the milliseconds that come of them only at 32 bits.
TUint32 TTickClock::Ms()
    {
    const TUint ticks = User::TickCount();
    iMicroseconds += static_cast<TUint64>(ticks - iTicks) * iPeriodUs;
    iTicks = ticks;
    return static_cast<TUint32>(iMicroseconds / 1000);
    }
