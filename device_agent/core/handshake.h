// Who the two ends are, and what both use once they know that they understand each other.

#ifndef SYMHIL_HANDSHAKE_H
#define SYMHIL_HANDSHAKE_H

#include "agc.h"
#include "wire_gen.h"

namespace agc {

using namespace wire;

struct Agreement {
  u32 session;
  u32 window;
  u32 max_payload;
  u32 depth;
  bool escape_xonxoff;
};

// What was agreed as long as nobody has said HELLO: enough for the answer to one.
Agreement no_agreement();

bool is_possible(const agc_config &config);
bool is_compatible(const Hello &host);
Agreement agree(const agc_config &phone, const Hello &host);

// Our HELLO_ACK; gives its size. `nonce` is the host's.
u32 write_hello(const agc_config &phone, u32 nonce, u32 tick_ms, u8 *to, u32 room);

}  // namespace agc

#endif
