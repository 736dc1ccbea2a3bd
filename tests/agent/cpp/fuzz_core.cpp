// A fuzzer's bytes become what a host, a writer and a platform do to the core; what the core promises in agc.h is
// checked at each step, and the sanitizers check the rest.
//
// The bytes are a list of steps (tests/agent/fuzz/steps.py writes such lists). Most steps are frames with a good
// CRC, a good session and the next sequence number: random bytes alone would not get beyond the decoder.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <map>
#include <memory>

#include "crc.h"
#include "frame.h"
#include "handshake.h"
#include "memory.h"
#include "window.h"
#include "agc.h"

using namespace agc;

#define PROMISE(holds)                                              \
  do {                                                              \
    if (!(holds)) {                                                 \
      fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #holds); \
      abort();                                                      \
    }                                                               \
  } while (0)

namespace {

enum Step { kRaw, kFrame, kTime, kWriter, kAnswer, kRefuse, kEvent, kAsk, kLink, kHello, kLost, kSteps };

// How a frame of kFrame is not as it should be.
enum Twist { kSequenceStays = 1, kWrongSequence = 2, kWrongAcknowledge = 4, kWrongSession = 8, kWrongLength = 16 };

// What the platform does by itself.
enum Habit { kAnswersAtOnce = 1, kAsksWhenAsked = 2, kAsksWhenAnswered = 4, kTellsOfSessions = 8 };

class Input {
 public:
  Input(const u8 *data, size_t size) : next_(data), left_(size) {}
  bool is_empty() const { return left_ == 0; }
  u32 number8() {
    if (left_ == 0) return 0;
    --left_;
    return *next_++;
  }
  u32 number16() {
    const u32 low = number8();
    return low | number8() << 8;
  }
  u32 number32() {
    const u32 low = number16();
    return low | number16() << 16;
  }
  // A length and as many bytes, or those that are left.
  Bytes bytes() {
    const u32 wanted = number16();
    const Bytes taken = bytes_of(next_, wanted < left_ ? wanted : static_cast<u32>(left_));
    next_ += taken.size;
    left_ -= taken.size;
    return taken;
  }

 private:
  const u8 *next_;
  size_t left_;
};

struct Request {
  u32 method;
  u32 uploaded;
  bool is_uploading;
};

struct Download {
  u32 given;
};

class Game {
 public:
  Game(const u8 *data, size_t size, int fill) : input_(data, size) {
    config_.boot_id = 77;
    config_.window = 1 + input_.number8() % 16;
    config_.max_payload = 128 + input_.number16() % (Limit::FULL_PAYLOAD - 127);
    config_.depth = 4;
    const u32 habits = input_.number8();
    config_.escape_xonxoff = habits >> 7;
    config_.build = reinterpret_cast<const u8 *>("fuzz");
    config_.build_length = 4;
    config_.product = config_.build;
    config_.product_length = 4;
    habits_ = habits;
    download_size_ = input_.number16() * 8;
    download_fails_ = input_.number8() % 8 == 7;
    upload_fails_at_ = input_.number8() % 8 == 7 ? 5000 : ~0u;
    piece_ = 1 + input_.number8() * 16;
    agc_platform platform = {this,      tick_ms,  free_bytes, session, request,  upload,
                             upload_ended, cancelled, download,   release, answered, host_silent};
    memory_.reset(new u8[agc_core_size()]);
    memset(memory_.get(), fill, agc_core_size());
    PROMISE(agc_init(memory_.get(), agc_core_size() - 1, &config_, &platform) == 0);
    core_ = agc_init(memory_.get(), agc_core_size(), &config_, &platform);
    PROMISE(core_ != 0);
    heard_.init();
    agc_link(core_, now_, 1);
  }

  // Gives the CRC-32 of everything that came out of the core.
  u32 play() {
    while (!input_.is_empty()) {
      step();
      agc_tick(core_, now_);
    }
    // In the end everything that goes out is a frame, and nobody who asked is left without an answer.
    u32 size;
    do {
      size = write(4096);
    } while (size != 0);
    agc_link(core_, now_, 0);
    PROMISE(asks_.empty());
    return sum_;
  }

 private:
  void step() {
    switch (input_.number8() % kSteps) {
      case kRaw:
        feed(input_.bytes());
        break;
      case kFrame:
        frame();
        break;
      case kTime:
        now_ += input_.number16();
        break;
      case kWriter:
        write(2 + input_.number16());
        break;
      case kAnswer:
        answer_one();
        break;
      case kRefuse:
        refuse_one();
        break;
      case kEvent: {
        const u32 topic = input_.number16();
        const Bytes body = input_.bytes();
        agc_event(core_, topic, body.data, body.size);
        break;
      }
      case kAsk: {
        const u32 method = input_.number16();
        const u32 deadline_ms = input_.number16();
        const Bytes body = input_.bytes();
        ask(method, body, deadline_ms);
        break;
      }
      case kLink:
        agc_link(core_, now_, input_.number8() & 1);
        expect_half_a_frame_ = true;
        break;
      case kLost:
        write(2 + input_.number16(), false);
        break;
      default:
        hello();
    }
  }

  // ------------------------------------------------------------------------------------------------- the host

  // In pieces that end where their memory ends.
  void feed(const Bytes &bytes) {
    for (u32 at = 0; at < bytes.size; at += piece_) {
      const u32 size = bytes.size - at < piece_ ? bytes.size - at : piece_;
      std::unique_ptr<u8[]> exact(new u8[size]);
      memcpy(exact.get(), bytes.data + at, size);
      agc_rx(core_, now_, exact.get(), size);
    }
  }

  void send(const Header &header, const Bytes &payload) {
    FrameEncoder encoder;
    encoder.begin(header, payload, agreement_.escape_xonxoff);
    const u32 room = 2 * (payload.size + Limit::OVERHEAD) + 4;
    std::unique_ptr<u8[]> line(new u8[room]);
    feed(bytes_of(line.get(), encoder.give(line.get(), room)));
  }

  void frame() {
    const u32 kind = input_.number8() & 0x0F;
    const u32 flags = input_.number8();
    const u32 twist = input_.number8();
    Header header;
    header.version_kind = static_cast<u8>(Limit::PROTOCOL_VERSION << 4 | kind);
    header.flags = static_cast<u8>(flags);
    header.channel = static_cast<u16>(input_.number16());
    header.argument = input_.number32();
    const Bytes payload = input_.bytes();
    header.session = static_cast<u16>(agreement_.session ^ (twist & kWrongSession ? 1 : 0));
    header.sequence = 0;
    if (kind >= Limit::FIRST_SEQUENCED_KIND) {
      header.sequence = static_cast<u16>(sequence_ + (twist & kWrongSequence ? 3 : 0));
      sequence_ = (sequence_ + (twist & (kSequenceStays | kWrongSequence) ? 0 : 1)) & 0xFFFF;
    }
    header.acknowledge = static_cast<u16>(expected_ + (twist & kWrongAcknowledge ? 5 : 0));
    header.length = static_cast<u16>(payload.size + (twist & kWrongLength ? 1 : 0));
    send(header, payload);
  }

  void hello() {
    Hello host;
    host.magic = Limit::MAGIC;
    host.version_min = Limit::PROTOCOL_VERSION;
    host.version_max = Limit::PROTOCOL_VERSION;
    host.nonce = input_.number8();
    host.window = static_cast<u8>(input_.number8());
    host.depth = static_cast<u8>(input_.number8());
    host.max_payload = static_cast<u16>(input_.number16());
    host.features = 0;
    host.fingerprint = Limit::FINGERPRINT;
    host.boot_id = 0;
    host.tick_ms = 0;
    host.build = bytes_of(0, 0);
    host.product = bytes_of(0, 0);
    if (is_compatible(host)) {
      agreement_ = agree(config_, host);
      sequence_ = 0;
    }
    u8 body[128];
    Out out(body, sizeof body);
    Write(out, host);
    Header header = {Limit::PROTOCOL_VERSION << 4 | Kind::HELLO, 0, 0, 0, 0, 0, static_cast<u16>(out.size()), 0};
    send(header, out.bytes());
  }

  // What the core sends has to be frames, whole and in order.
  u32 write(u32 size, bool arrives = true) {
    std::unique_ptr<u8[]> exact(new u8[size]);
    const u32 written = agc_tx(core_, now_, exact.get(), size);
    PROMISE(written <= size);
    sum_ = crc32(sum_, exact.get(), written);
    u32 used = 0;
    while (used != written) {
      bool is_complete = false;
      Frame frame;
      used += heard_.take(exact.get() + used, written - used, is_complete, frame);
      if (heard_.damaged() != damaged_) {
        PROMISE(expect_half_a_frame_);
        damaged_ = heard_.damaged();
        expect_half_a_frame_ = false;
      }
      if (is_complete && arrives) {
        hear(frame.header);
      }
    }
    return written;
  }

  void hear(const Header &header) {
    const u32 kind = header.version_kind & 0x0F;
    if (kind == Kind::HELLO_ACK) {
      PROMISE(header.session == Limit::NO_SESSION);
      return;
    }
    PROMISE(header.length <= Limit::FULL_PAYLOAD);
    if (kind < Limit::FIRST_SEQUENCED_KIND) {
      return;
    }
    if (header.session == agreement_.session && header.sequence == expected_) {
      expected_ = (expected_ + 1) & 0xFFFF;
    }
  }

  // ------------------------------------------------------------------------------------------------- the platform

  void ask(u32 method, const Bytes &body, u32 deadline_ms) {
    const u32 tag = agc_ask(core_, method, body.data, body.size, deadline_ms);
    if (tag != 0) {
      PROMISE(asks_.count(tag) == 0);
      asks_[tag] = method;
    }
  }

  void answer_one() {
    const i32 status = -static_cast<i32>(input_.number8() % 4);
    const u32 size = input_.number16();
    if (!requests_.empty()) {
      answer(requests_.begin()->first, status, size);
    }
  }

  void answer(u32 tag, i32 status, u32 size) {
    std::unique_ptr<u8[]> body(new u8[size]);
    memset(body.get(), 0x7E, size);
    const u32 method = requests_[tag].method;
    const u32 taken = agc_reply(core_, tag, status, body.get(), size);
    if (taken != AGC_NO_ROOM) {
      close(tag);
    }
    if (taken == AGC_TAKEN && status == 0 && size <= Limit::FULL_PAYLOAD && (method_flags(method) & MethodFlags::DOWNLOAD) &&
        was_released_ != tag) {
      downloads_[tag].given = 0;
    }
  }

  void refuse_one() {
    const u32 fault = input_.number8();
    const Bytes text = input_.bytes();
    if (requests_.empty()) {
      return;
    }
    const u32 tag = requests_.begin()->first;
    if (agc_refuse(core_, tag, fault, text.data, text.size) != AGC_NO_ROOM) {
      close(tag);
    }
  }

  void note(u32 number, const Bytes &bytes) {
    sum_ = crc32(sum_ ^ number, bytes.data, bytes.size);  // touches every byte
  }

  void close(u32 tag) {
    requests_.erase(tag);
    if (engine_ == tag) {
      engine_ = 0;
    }
  }

  static Game &game(void *context) { return *static_cast<Game *>(context); }

  static agc_u32 tick_ms(void *context) { return game(context).now_; }
  static agc_u32 free_bytes(void *) { return 1; }

  static void session(void *context) {
    Game &self = game(context);
    PROMISE(self.asks_.empty());
    self.downloads_.clear();
    self.expect_half_a_frame_ = true;
    self.expected_ = 0;
    // What the engine has begun it goes on with; it has to be answered as before.
    for (std::map<u32, Request>::iterator it = self.requests_.begin(); it != self.requests_.end();) {
      const bool goes_on = it->first == self.engine_ && !it->second.is_uploading;
      if (!goes_on && it->first == self.engine_) {
        self.engine_ = 0;
      }
      it = goes_on ? ++it : self.requests_.erase(it);
    }
    if (self.habits_ & kTellsOfSessions) {
      agc_event(self.core_, 1, self.config_.build, 4);
      self.ask(Method::CB_GET_EXPECTED_DATA_SIZE, bytes_of(0, 0), 100);
    }
  }

  static void request(void *context, agc_u32 tag, agc_u32 method, const agc_u8 *body, agc_u32 length) {
    Game &self = game(context);
    const u32 flags = method_flags(method);
    PROMISE(tag != 0);
    PROMISE(self.requests_.count(tag) == 0);
    PROMISE(request_fits(method, bytes_of(body, length)));
    PROMISE(!(flags & MethodFlags::PHONE_ASKS));
    if (flags & MethodFlags::ENGINE) {
      PROMISE(self.engine_ == 0);
      self.engine_ = tag;
    }
    self.note(tag, bytes_of(body, length));
    Request &opened = self.requests_[tag];
    opened.method = method;
    opened.uploaded = 0;
    opened.is_uploading = (flags & MethodFlags::UPLOAD) != 0;
    if (self.habits_ & kAsksWhenAsked) {
      self.ask(Method::CB_GET_BACKUP_DATA_SECTION, bytes_of(body, length), 50);
    }
    if ((self.habits_ & kAnswersAtOnce) && !opened.is_uploading) {
      self.answer(tag, 0, length);
    }
  }

  static agc_i32 upload(void *context, agc_u32 tag, agc_u32 offset, const agc_u8 *data, agc_u32 length) {
    Game &self = game(context);
    PROMISE(self.requests_.count(tag) == 1);
    Request &to = self.requests_[tag];
    PROMISE(to.is_uploading);
    PROMISE(to.uploaded == offset);
    to.uploaded += length;
    self.note(tag, bytes_of(data, length));
    if (to.uploaded > self.upload_fails_at_) {
      self.close(tag);
      return -26;
    }
    return 0;
  }

  static void upload_ended(void *context, agc_u32 tag) {
    Game &self = game(context);
    PROMISE(self.requests_.count(tag) == 1 && self.requests_[tag].is_uploading);
    self.requests_[tag].is_uploading = false;
    if (self.habits_ & kAnswersAtOnce) {
      self.answer(tag, 0, 0);
    }
  }

  static void cancelled(void *context, agc_u32 tag) {
    Game &self = game(context);
    PROMISE(self.requests_.count(tag) == 1);
    if (self.requests_[tag].is_uploading) {
      self.close(tag);
    }
  }

  static agc_i32 download(void *context, agc_u32 tag, agc_u32 offset, agc_u8 *data, agc_u32 length) {
    Game &self = game(context);
    PROMISE(self.downloads_.count(tag) == 1);
    Download &from = self.downloads_[tag];
    PROMISE(length != 0 && length <= Limit::FULL_PAYLOAD);
    PROMISE(offset <= from.given);
    const u32 left = self.download_size_ > offset ? self.download_size_ - offset : 0;
    if (left == 0) {
      return self.download_fails_ ? -36 : 0;
    }
    const u32 size = left < length ? left : length;
    for (u32 i = 0; i < size; ++i) {
      data[i] = static_cast<u8>((offset + i) * 7);
    }
    from.given = offset + size > from.given ? offset + size : from.given;
    return static_cast<i32>(size);
  }

  static void release(void *context, agc_u32 tag) {
    Game &self = game(context);
    // While its answer is given, when the host has cancelled it, or after its download.
    PROMISE(self.downloads_.erase(tag) == 1 || self.requests_.count(tag) == 1);
    self.was_released_ = tag;
  }

  static void answered(void *context, agc_u32 tag, agc_i32 outcome, agc_i32 status, const agc_u8 *body,
                       agc_u32 length) {
    Game &self = game(context);
    PROMISE(self.asks_.count(tag) == 1);
    self.note(static_cast<u32>(status), bytes_of(body, length));
    PROMISE((outcome == AGC_ANSWERED) || status != 0);
    PROMISE(status != 0 || answer_fits(self.asks_[tag], bytes_of(body, length)));
    self.asks_.erase(tag);
    if (self.habits_ & kAsksWhenAnswered) {
      self.ask(Method::CB_ALL_SNAPSHOTS_SUPPLIED, bytes_of(0, 0), 1000);
    }
  }

  static void host_silent(void *context) { PROMISE(game(context).engine_ == 0); }

  Input input_;
  agc_config config_;
  std::unique_ptr<u8[]> memory_;
  agc_core *core_;
  u32 now_ = 0xFFFFF000u;  // so that the clock wraps early
  u32 habits_;
  u32 download_size_;
  bool download_fails_;
  u32 upload_fails_at_;
  u32 piece_;
  u32 sum_ = 0;

  Agreement agreement_ = no_agreement();
  u32 sequence_ = 0;
  u32 expected_ = 0;
  FrameDecoder heard_;
  u32 damaged_ = 0;
  bool expect_half_a_frame_ = false;

  std::map<u32, Request> requests_;
  std::map<u32, Download> downloads_;
  std::map<u32, u32> asks_;
  u32 engine_ = 0;
  u32 was_released_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  // Whatever the core's memory held before: what was not set before it is used would make a difference.
  PROMISE(Game(data, size, 0x00).play() == Game(data, size, 0xFF).play());
  return 0;
}
