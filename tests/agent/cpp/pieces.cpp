// What the core's parts do with bytes, one line of standard input each:
//
//     encode ESCAPE HEADER PAYLOAD    ->  the frame on the line
//     decode PIECE LINE               ->  HEADER:PAYLOAD of each frame, the bytes given PIECE at a time
//     hello WINDOW MAX_PAYLOAD DEPTH ESCAPE BOOT_ID TICK BUILD PRODUCT HELLO
//                                     ->  our HELLO_ACK, and "refused" or session, window, payload, depth, escape
//
// Bytes are in hexadecimal, "-" for none.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <memory>
#include <string>
#include <vector>

#include "frame.h"
#include "handshake.h"

using namespace agc;

namespace {

typedef std::vector<u8> Data;

Data data_of(const std::string &hex) {
  Data data;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    data.push_back(static_cast<u8>(strtoul(hex.substr(i, 2).c_str(), 0, 16)));
  }
  return data;
}

void show(const u8 *data, u32 size) {
  for (u32 i = 0; i < size; ++i) {
    printf("%02x", data[i]);
  }
  printf(size == 0 ? "-" : "");
}

u32 number(const std::string &word) { return static_cast<u32>(strtoul(word.c_str(), 0, 10)); }

void encode(const std::vector<std::string> &words) {
  const Data head = data_of(words[2]), payload = data_of(words[3]);
  In in(bytes_of(head.data(), static_cast<u32>(head.size())));
  Header header;
  Read(in, header);
  FrameEncoder encoder;
  encoder.begin(header, bytes_of(payload.data(), static_cast<u32>(payload.size())), words[1] == "1");
  // Into memory that ends where the core was told that it ends, a few bytes at a time.
  for (u32 room = 2; encoder.is_busy(); room = room % 7 + 2) {
    std::unique_ptr<u8[]> exact(new u8[room]);
    const u32 size = encoder.give(exact.get(), room);
    for (u32 i = 0; i < size; ++i) {
      printf("%02x", exact[i]);
    }
  }
  printf("\n");
}

void decode(const std::vector<std::string> &words) {
  const u32 piece = number(words[1]);
  const Data line = data_of(words[2]);
  FrameDecoder decoder;
  decoder.init();
  for (u32 at = 0; at < line.size(); at += piece) {
    const u32 size = line.size() - at < piece ? static_cast<u32>(line.size() - at) : piece;
    std::unique_ptr<u8[]> exact(new u8[size]);
    memcpy(exact.get(), line.data() + at, size);
    for (u32 used = 0; used != size;) {
      bool is_complete = false;
      Frame frame;
      used += decoder.take(exact.get() + used, size - used, is_complete, frame);
      if (is_complete) {
        u8 head[HeaderAt::SIZE];
        Out out(head, sizeof head);
        Write(out, frame.header);
        show(head, sizeof head);
        printf(":");
        show(frame.payload.data, frame.payload.size);
        printf(" ");
      }
    }
  }
  printf("\n");
}

void hello(const std::vector<std::string> &words) {
  const Data build = data_of(words[7]), product = data_of(words[8]), body = data_of(words[9]);
  agc_config config;
  config.window = number(words[1]);
  config.max_payload = number(words[2]);
  config.depth = number(words[3]);
  config.escape_xonxoff = number(words[4]);
  config.boot_id = number(words[5]);
  config.build = build.data();
  config.build_length = static_cast<u32>(build.size());
  config.product = product.data();
  config.product_length = static_cast<u32>(product.size());
  In in(bytes_of(body.data(), static_cast<u32>(body.size())));
  Hello host;
  Read(in, host);
  u8 answer[128];
  const u32 size = write_hello(config, host.nonce, number(words[6]), answer, sizeof answer);
  show(answer, size);
  if (!is_possible(config) || !in.is_used_up() || !is_compatible(host)) {
    printf(" refused\n");
    return;
  }
  const Agreement agreed = agree(config, host);
  printf(" %u %u %u %u %d\n", agreed.session, agreed.window, agreed.max_payload, agreed.depth,
         agreed.escape_xonxoff);
}

}  // namespace

int main() {
  std::vector<std::string> words(1);
  for (int c = getchar(); c != EOF; c = getchar()) {
    if (c > ' ') {
      words.back().push_back(static_cast<char>(c));
      continue;
    }
    words.push_back(std::string());
    if (c == '\n') {
      words.pop_back();
      (words[0] == "encode" ? encode : words[0] == "decode" ? decode : hello)(words);
      words.assign(1, std::string());
    }
  }
  return 0;
}
