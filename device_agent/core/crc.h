// CRC-32 as zlib computes it, and its arithmetic: what a CRC becomes when more bytes follow.

#ifndef SYMHIL_CRC_H
#define SYMHIL_CRC_H

#include "fields.h"

namespace agc {

using namespace wire;

// The running register begins with all ones and is inverted at the end.
const u32 kCrcBegin = 0xFFFFFFFFu;
// What the register holds after anything that ends with its own CRC-32.
const u32 kCrcResidue = 0xDEBB20E3u;

extern const u32 kCrcTable[256];

inline u32 crc_step(u32 running, u32 byte) { return kCrcTable[(running ^ byte) & 0xFF] ^ running >> 8; }

// The CRC-32 of bytes whose beginning has the CRC-32 `crc`; 0 for no beginning.
u32 crc32(u32 crc, const u8 *data, u32 size);

// crc32 of A followed by B is crc_shift(crc32(A), size of B) ^ crc32(B). It costs some hundred instructions,
// whatever the size, up to 64 KiB.
u32 crc_shift(u32 crc, u32 size);

}  // namespace agc

#endif
