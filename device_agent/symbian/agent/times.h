// Times as the wire has them: microseconds since 1970 of the phone's local time, without a zone.

#ifndef SYMHIL_TIMES_H
#define SYMHIL_TIMES_H

#include <e32std.h>

inline TInt64 SinceEpoch(const TTime& aHomeTime)
    {
    const TTime epoch(TDateTime(1970, EJanuary, 0, 0, 0, 0, 0));
    return aHomeTime.MicroSecondsFrom(epoch).Int64();
    }

// The file server keeps universal time.
inline TInt64 HomeSinceEpoch(const TTime& aUniversalTime)
    {
    return SinceEpoch(aUniversalTime + User::UTCOffset());
    }

#endif
