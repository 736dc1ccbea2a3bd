#include "handshake.h"

#include "crc.h"
#include "window.h"

namespace agc {

namespace {

u32 smaller(u32 a, u32 b) { return a < b ? a : b; }

}  // namespace

Agreement no_agreement() {
  Agreement agreement = {Limit::NO_SESSION, 1, Limit::FULL_PAYLOAD, 1, true};
  return agreement;
}

bool is_possible(const agc_config &config) {
  return config.window >= 1 && config.window <= SendWindow::kMost && config.max_payload >= Limit::LEAST_PAYLOAD &&
         config.max_payload <= Limit::FULL_PAYLOAD && config.depth >= 1 && config.depth <= 0xFF &&
         config.build_length <= Limit::MAX_HELLO_TEXT && config.product_length <= Limit::MAX_HELLO_TEXT;
}

bool is_compatible(const Hello &host) {
  return host.magic == Limit::MAGIC && host.version_min <= Limit::PROTOCOL_VERSION &&
         host.version_max >= Limit::PROTOCOL_VERSION && host.fingerprint == Limit::FINGERPRINT && host.window >= 1 &&
         host.depth >= 1 && host.max_payload >= Limit::LEAST_PAYLOAD;
}

Agreement agree(const agc_config &phone, const Hello &host) {
  u8 names[8];
  Out out(names, sizeof names);
  out.number32(host.nonce);
  out.number32(phone.boot_id);
  const u32 digest = crc32(0, names, sizeof names);
  const u32 session = (digest >> 16 ^ digest) & 0xFFFF;
  Agreement agreement;
  agreement.session = session != Limit::NO_SESSION ? session : 1;
  agreement.window = smaller(host.window, phone.window);
  agreement.max_payload = smaller(host.max_payload, phone.max_payload);
  agreement.depth = smaller(host.depth, phone.depth);
  agreement.escape_xonxoff = phone.escape_xonxoff || (host.features & Features::ESCAPE_XONXOFF);
  return agreement;
}

u32 write_hello(const agc_config &phone, u32 nonce, u32 tick_ms, u8 *to, u32 room) {
  Hello hello;
  hello.magic = Limit::MAGIC;
  hello.version_min = Limit::PROTOCOL_VERSION;
  hello.version_max = Limit::PROTOCOL_VERSION;
  hello.window = static_cast<u8>(phone.window);
  hello.depth = static_cast<u8>(phone.depth);
  hello.max_payload = static_cast<u16>(phone.max_payload);
  // Frames after a gap are not kept: the host has the memory for that, and most data goes to it.
  hello.features = phone.escape_xonxoff ? Features::ESCAPE_XONXOFF : 0;
  hello.fingerprint = Limit::FINGERPRINT;
  hello.nonce = nonce;
  hello.boot_id = phone.boot_id;
  hello.tick_ms = tick_ms;
  hello.build = bytes_of(phone.build, phone.build_length);
  hello.product = bytes_of(phone.product, phone.product_length);
  Out out(to, room);
  Write(out, hello);
  return out.size();
}

}  // namespace agc
