// Panics of our own: only for mistakes in these programs, never for what a phone or a host does.

#ifndef SYMHIL_PANIC_H
#define SYMHIL_PANIC_H

#include <e32std.h>

_LIT(KPanicCategory, "symhil");

enum TPanicReason
    {
    EPanicCoreRefusedConfig = 1,
    EPanicWriteWhileWriting = 2,
    EPanicTwoCallbacksAtOnce = 3
    };

inline void Panic(TPanicReason aReason)
    {
    User::Panic(KPanicCategory, aReason);
    }

#endif
