#include "portfinder.h"

#include <e32property.h>

#include "wire_gen.h"

namespace
    {
    _LIT(KPortFormat, "ACM::%d");

    // AcmConfig.h of the USB component: which ACM functions there are and what each speaks. On releases before
    // Symbian^3: UNVERIFIED, so without it the modem is taken to be the first.
    const TUint KAcmKey = 0x1028577C;
    const TInt KVersionAt = 0;
    const TInt KCountAt = 4;
    const TInt KFirstEntryAt = 8;
    const TInt KEntrySize = 20;
    const TUint KKnownVersion = 1;
    const TUint8 KModemProtocol = 1;
    const TInt KMaxPublished = 256;
    }

TPortFinder::TPortFinder(const TDesC& aOnly) : iOnly(aOnly.Left(KMaxPortName)), iNext(0), iCount(KMaxFunctions)
    {
    for (TInt i = 0; i < KMaxFunctions; ++i)
        {
        iIsModem[i] = i == 0;
        }
    ReadConfiguration();
    }

void TPortFinder::ReadConfiguration()
    {
    TBuf8<KMaxPublished> published;
    if (RProperty::Get(KUidSystemCategory, KAcmKey, published) != KErrNone || published.Length() < KFirstEntryAt ||
        wire::get32(published.Ptr() + KVersionAt) != KKnownVersion)
        {
        return;
        }
    const TInt there = (published.Length() - KFirstEntryAt) / KEntrySize;
    const TUint count = wire::get32(published.Ptr() + KCountAt);
    const TInt most = Min(there, static_cast<TInt>(KMaxFunctions));
    iCount = count < static_cast<TUint>(most) ? count : most;
    for (TInt i = 0; i < iCount; ++i)
        {
        iIsModem[i] = published[KFirstEntryAt + i * KEntrySize] == KModemProtocol;
        }
    }

TBool TPortFinder::Next(TDes& aPort)
    {
    if (iOnly.Length() > 0)
        {
        aPort.Copy(iOnly);
        return iNext++ == 0;
        }
    while (iNext < iCount)
        {
        const TInt unit = iNext++;
        if (!iIsModem[unit])
            {
            aPort.Format(KPortFormat, unit);
            return ETrue;
            }
        }
    return EFalse;
    }
