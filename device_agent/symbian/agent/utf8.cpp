#include "utf8.h"

namespace
    {
    const TUint KFirstBeyond = 0x10000;
    const TUint KHighSurrogate = 0xD800;
    const TUint KLowSurrogate = 0xDC00;
    const TUint KBehindSurrogates = 0xE000;

    void AppendL(TDes16& aTo, TUint aUnit)
        {
        if (aTo.Length() == aTo.MaxLength())
            {
            User::Leave(KErrBadName);
            }
        aTo.Append(static_cast<TUint16>(aUnit));
        }
    }

void FromUtf8L(const TDesC8& aText, TDes16& aTo)
    {
    aTo.Zero();
    TInt i = 0;
    while (i < aText.Length())
        {
        const TUint first = aText[i++];
        TInt following = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        TUint character = following == 0 ? first : first & (0x3F >> following);
        while (following-- > 0 && i < aText.Length())
            {
            character = character << 6 | (aText[i++] & 0x3F);
            }
        if (character >= KFirstBeyond)
            {
            AppendL(aTo, KHighSurrogate + ((character - KFirstBeyond) >> 10));
            AppendL(aTo, KLowSurrogate + (character & 0x3FF));
            }
        else
            {
            AppendL(aTo, character);
            }
        }
    }

void ToUtf8L(const TDesC16& aText, TDes8& aTo)
    {
    aTo.Zero();
    const TInt KLongest = 4;
    for (TInt i = 0; i < aText.Length(); ++i)
        {
        if (aTo.MaxLength() - aTo.Length() < KLongest)
            {
            User::Leave(KErrOverflow);
            }
        TUint character = aText[i];
        const TBool isPair = character >= KHighSurrogate && character < KLowSurrogate && i + 1 < aText.Length() &&
                             aText[i + 1] >= KLowSurrogate && aText[i + 1] < KBehindSurrogates;
        if (isPair)
            {
            character = KFirstBeyond + ((character - KHighSurrogate) << 10) + (aText[++i] - KLowSurrogate);
            }
        else if (character >= KHighSurrogate && character < KBehindSurrogates)
            {
            character = 0xFFFD;  // half a pair: file names may hold one, UTF-8 may not
            }
        if (character < 0x80)
            {
            aTo.Append(character);
            continue;
            }
        const TInt following = character < 0x800 ? 1 : character < KFirstBeyond ? 2 : 3;
        aTo.Append(((0xFF00 >> (following + 1)) & 0xFF) | character >> (6 * following));
        for (TInt left = following - 1; left >= 0; --left)
            {
            aTo.Append(0x80 | ((character >> (6 * left)) & 0x3F));
            }
        }
    }
