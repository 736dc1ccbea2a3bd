// Between the wire's UTF-8 and the phone's UTF-16.

#ifndef SYMHIL_UTF8_H
#define SYMHIL_UTF8_H

#include <e32std.h>

// Leaves with KErrBadName for a text that is too long. The core lets only well-formed UTF-8 through.
void FromUtf8L(const TDesC8& aText, TDes16& aTo);

// Leaves with KErrOverflow when there is no room.
void ToUtf8L(const TDesC16& aText, TDes8& aTo);

#endif
