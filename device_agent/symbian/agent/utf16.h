// Between the wire's UTF-8 and the phone's UTF-16. Knows no Symbian header, so that tests can run it.

#ifndef SYMHIL_UTF16_H
#define SYMHIL_UTF16_H

// How many units were written, or -1 when there is no room. The core lets only well-formed UTF-8 through; anything
// else gives some text, and no access outside the two arrays.
extern "C" int Utf16OfUtf8(const unsigned char* aText, int aSize, unsigned short* aTo, int aRoom);

// How many bytes were written, or -1. Half a surrogate pair, which a file name may hold, becomes U+FFFD.
extern "C" int Utf8OfUtf16(const unsigned short* aText, int aLength, unsigned char* aTo, int aRoom);

#endif
