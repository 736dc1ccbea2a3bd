// The wire's texts in Symbian's descriptors.

#ifndef SYMHIL_UTF8_H
#define SYMHIL_UTF8_H

#include <e32std.h>

#include "utf16.h"

// Leaves with KErrBadName for a text that is too long.
inline void FromUtf8L(const TDesC8& aText, TDes16& aTo)
    {
    TUint16* to = const_cast<TUint16*>(aTo.Ptr());
    const TInt length = Utf16OfUtf8(aText.Ptr(), aText.Size(), to, aTo.MaxLength());
    if (length < 0)
        {
        User::Leave(KErrBadName);
        }
    aTo.SetLength(length);
    }

// Leaves with KErrOverflow when there is no room.
inline void ToUtf8L(const TDesC16& aText, TDes8& aTo)
    {
    TUint8* to = const_cast<TUint8*>(aTo.Ptr());
    const TInt size = Utf8OfUtf16(aText.Ptr(), aText.Length(), to, aTo.MaxLength());
    if (size < 0)
        {
        User::Leave(KErrOverflow);
        }
    aTo.SetLength(size);
    }

#endif
