#include "utf16.h"

namespace
    {
    const unsigned int KFirstBeyond = 0x10000;
    const unsigned int KHighSurrogate = 0xD800;
    const unsigned int KLowSurrogate = 0xDC00;
    const unsigned int KBehindSurrogates = 0xE000;
    const unsigned int KReplacement = 0xFFFD;

    bool IsHigh(unsigned int aUnit)
        {
        return aUnit >= KHighSurrogate && aUnit < KLowSurrogate;
        }

    bool IsLow(unsigned int aUnit)
        {
        return aUnit >= KLowSurrogate && aUnit < KBehindSurrogates;
        }
    }

int Utf16OfUtf8(const unsigned char* aText, int aSize, unsigned short* aTo, int aRoom)
    {
    int used = 0;
    int at = 0;
    while (at < aSize)
        {
        const unsigned int first = aText[at++];
        int following = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        unsigned int character = following == 0 ? first : first & (0x3Fu >> following);
        for (; following > 0 && at < aSize; --following)
            {
            character = character << 6 | (aText[at++] & 0x3Fu);
            }
        const bool isPair = character >= KFirstBeyond;
        if (used + (isPair ? 2 : 1) > aRoom)
            {
            return -1;
            }
        if (isPair)
            {
            aTo[used++] = static_cast<unsigned short>(KHighSurrogate + ((character - KFirstBeyond) >> 10));
            character = KLowSurrogate + (character & 0x3FF);
            }
        aTo[used++] = static_cast<unsigned short>(character);
        }
    return used;
    }

int Utf8OfUtf16(const unsigned short* aText, int aLength, unsigned char* aTo, int aRoom)
    {
    int used = 0;
    for (int at = 0; at < aLength; ++at)
        {
        unsigned int character = aText[at];
        if (IsHigh(character) && at + 1 < aLength && IsLow(aText[at + 1]))
            {
            character = KFirstBeyond + ((character - KHighSurrogate) << 10) + (aText[++at] - KLowSurrogate);
            }
        else if (IsHigh(character) || IsLow(character))
            {
            character = KReplacement;
            }
        const int following = character < 0x80 ? 0 : character < 0x800 ? 1 : character < KFirstBeyond ? 2 : 3;
        if (used + following + 1 > aRoom)
            {
            return -1;
            }
        // 110xxxxx, 1110xxxx, 11110xxx
        const unsigned int mark = following == 0 ? 0 : 0xFF00u >> (following + 1) & 0xFF;
        aTo[used++] = static_cast<unsigned char>(mark | character >> (6 * following));
        for (int left = following - 1; left >= 0; --left)
            {
            aTo[used++] = static_cast<unsigned char>(0x80 | (character >> (6 * left) & 0x3F));
            }
        }
    return used;
    }
