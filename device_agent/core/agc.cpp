// The C interface: one block of memory, and the entry points.

#if defined(__GNUC__) && __GNUC__ >= 4
#pragma GCC visibility push(default)
#include "agc.h"
#pragma GCC visibility pop
#endif

#include "calls.h"
#include "crc.h"
#include "link.h"

struct agc_core {
  agc::Link link;
  agc::Calls calls;
  agc_u32 now;
};

typedef char state_is_below_32_KiB[sizeof(agc_core) < 32 * 1024 ? 1 : -1];

using wire::bytes_of;

extern "C" {

agc_u32 agc_abi_version(void) { return AGC_ABI_VERSION; }

agc_u32 agc_core_size(void) { return sizeof(agc_core); }

agc_core *agc_init(void *memory, agc_u32 length, const agc_config *config, const agc_platform *platform) {
  if (!memory || length < sizeof(agc_core) || !agc::is_possible(*config)) {
    return 0;
  }
  agc_core *core = static_cast<agc_core *>(memory);
  core->now = 0;
  core->calls.init(&core->link, *platform);
  core->link.init(*config, &core->calls);
  return core;
}

void agc_link(agc_core *core, agc_u32 now_ms, agc_u32 is_up) {
  core->now = now_ms;
  core->link.restart();
  if (!is_up) {
    core->calls.begin_anew();
  }
}

void agc_rx(agc_core *core, agc_u32 now_ms, const agc_u8 *data, agc_u32 length) {
  core->now = now_ms;
  core->link.receive(now_ms, data, length);
}

agc_u32 agc_tx(agc_core *core, agc_u32 now_ms, agc_u8 *data, agc_u32 size) {
  core->now = now_ms;
  return core->link.transmit(now_ms, data, size);
}

agc_u32 agc_tick(agc_core *core, agc_u32 now_ms) {
  core->now = now_ms;
  const agc_u32 calls = core->calls.tick(now_ms);
  const agc_u32 link = core->link.wait_ms(now_ms);
  return calls < link ? calls : link;
}

agc_u32 agc_reply(agc_core *core, agc_u32 tag, agc_i32 status, const agc_u8 *body, agc_u32 length) {
  return core->calls.reply(tag, status, bytes_of(body, length));
}

agc_u32 agc_refuse(agc_core *core, agc_u32 tag, agc_u32 fault, const agc_u8 *text, agc_u32 length) {
  return core->calls.refuse(tag, fault, bytes_of(text, length));
}

agc_u32 agc_event(agc_core *core, agc_u32 topic, const agc_u8 *body, agc_u32 length) {
  return core->calls.event(topic, bytes_of(body, length));
}

agc_u32 agc_ask(agc_core *core, agc_u32 method, const agc_u8 *body, agc_u32 length, agc_u32 deadline_ms) {
  return core->calls.ask(core->now, method, bytes_of(body, length), deadline_ms);
}

agc_u32 agc_crc32(agc_u32 crc, const agc_u8 *data, agc_u32 length) { return agc::crc32(crc, data, length); }

}  // extern "C"
