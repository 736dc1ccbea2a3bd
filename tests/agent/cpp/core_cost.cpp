// Plays what a host said to the core, as tests/agent/cost.py has recorded it, so that the instructions can be
// counted: core_cost RECORD TURNS WHAT
//
//     core    the core receives each turn and sends what it has to say; prints the CRC-32 of what it sent
//     crc     only the CRC-32 of as many bytes, piece by piece, with the core's own function
//     copy    only the copies that the platform makes of what is sent
//
// The whole record is read whatever TURNS says, so that reading it is no part of the difference of two counts.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agc.h"
#include "wire_gen.h"

static agc_core *core;
static agc_u8 content[1 << 16];  // a piece of it at its place modulo the size is what a download gives
static agc_u32 copied;

static const agc_u32 kPiece = 4096;

static agc_u32 nothing(void *) { return 0; }
static void no_session(void *) {}
static void request(void *, agc_u32 tag, agc_u32 method, const agc_u8 *, agc_u32) {
  if (!(wire::method_flags(method) & wire::MethodFlags::UPLOAD)) {
    agc_reply(core, tag, 0, 0, 0);
  }
}
static agc_i32 upload(void *, agc_u32, agc_u32, const agc_u8 *, agc_u32) { return 0; }
static void upload_ended(void *, agc_u32 tag) { agc_reply(core, tag, 0, 0, 0); }
static void of_tag(void *, agc_u32) {}
static agc_i32 download(void *, agc_u32, agc_u32 offset, agc_u8 *data, agc_u32 length) {
  const agc_u32 at = offset % sizeof content;
  const agc_u32 size = length < sizeof content - at ? length : sizeof content - at;
  memcpy(data, content + at, size);
  copied += size;
  return static_cast<agc_i32>(size);
}
static void answered(void *, agc_u32, agc_i32, agc_i32, const agc_u8 *, agc_u32) {}

static agc_u32 number(FILE *file) {
  agc_u8 bytes[4];
  if (fread(bytes, 1, 4, file) != 4) {
    exit(2);
  }
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<agc_u32>(bytes[3]) << 24;
}

int main(int count, char **words) {
  FILE *file = count == 4 ? fopen(words[1], "rb") : 0;
  if (!file) {
    return 2;
  }
  if (fread(content, 1, sizeof content, file) != sizeof content) {
    return 2;
  }
  const agc_u32 turns = number(file);
  agc_u8 **said = new agc_u8 *[turns];
  agc_u32 *sizes = new agc_u32[turns];
  for (agc_u32 turn = 0; turn < turns; ++turn) {
    sizes[turn] = number(file);
    said[turn] = new agc_u8[sizes[turn] + 1];
    if (fread(said[turn], 1, sizes[turn], file) != sizes[turn]) {
      return 2;
    }
  }
  const agc_u32 wanted = static_cast<agc_u32>(strtoul(words[2], 0, 10));
  static agc_u8 line[64 * 1024];
  agc_u32 sum = 0;
  if (words[3][1] == 'r') {
    for (agc_u32 i = 0; i < wanted; ++i) {
      sum = agc_crc32(sum, content, kPiece);
    }
  } else if (words[3][2] == 'p') {
    for (agc_u32 i = 0; i < wanted; ++i) {
      download(0, 0, i * kPiece, line, kPiece);
    }
  } else {
    static agc_u8 text[] = "cost";
    const agc_config config = {77, 8, wire::Limit::FULL_PAYLOAD, 4, 0, text, 4, text, 4};
    const agc_platform platform = {0,      nothing, nothing,  no_session, request,  upload,
                                   upload_ended, of_tag,  download, of_tag,     answered, no_session};
    void *memory = calloc(1, agc_core_size());
    core = agc_init(memory, agc_core_size(), &config, &platform);
    agc_link(core, 0, 1);
    for (agc_u32 turn = 0; turn < wanted && turn < turns; ++turn) {
      agc_rx(core, turn, said[turn], sizes[turn]);
      agc_tick(core, turn);
      const agc_u32 size = agc_tx(core, turn, line, sizeof line);
      fwrite(line, 1, size, stdout);
    }
    return 0;
  }
  printf("%08x %u\n", sum, copied);
  return 0;
}
