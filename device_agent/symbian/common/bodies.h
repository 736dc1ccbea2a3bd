// Bodies of the wire in Symbian's descriptors.

#ifndef SYMHIL_BODIES_H
#define SYMHIL_BODIES_H

#include <e32std.h>

#include "wire_gen.h"

inline wire::Bytes BytesOf(const TDesC8& aText)
    {
    return wire::bytes_of(aText.Ptr(), aText.Size());
    }

inline TPtrC8 DescriptorOf(const wire::Bytes& aBytes)
    {
    return TPtrC8(aBytes.data, aBytes.size);
    }

inline wire::U64 WideOf(TInt64 aValue)
    {
    wire::U64 wide = {I64LOW(aValue), static_cast<TUint32>(I64HIGH(aValue))};
    return wide;
    }

// The core has checked already that a request fits its layout.
template <class Body>
inline void ReadBodyL(const TDesC8& aFrom, Body& aBody)
    {
    wire::In in(BytesOf(aFrom));
    Read(in, aBody);
    if (!in.is_used_up())
        {
        User::Leave(KErrArgument);
        }
    }

template <class Body>
inline void WriteBodyL(TDes8& aTo, const Body& aBody)
    {
    wire::Out out(const_cast<TUint8*>(aTo.Ptr()), aTo.MaxLength());
    Write(out, aBody);
    if (!out.fits())
        {
        User::Leave(KErrOverflow);
        }
    aTo.SetLength(out.size());
    }

#endif
