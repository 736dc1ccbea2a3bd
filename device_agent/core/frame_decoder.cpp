#include "crc.h"
#include "frame.h"

namespace agc {

namespace {

inline bool is_special(u32 byte) { return byte - Limit::ESCAPE_BYTE <= 1u; }

// Whether a byte may follow an escape: those of which it is made, XON and XOFF, with bit 5 changed.
inline bool is_escaped(u32 byte) { return is_special(byte ^ 0x20) || (byte & ~2u) == 0x31; }

}  // namespace

void FrameDecoder::init() {
  damaged_ = 0;
  reset();
}

void FrameDecoder::reset() {
  size_ = 0;
  running_ = kCrcBegin;
  escaping_ = false;
  skipping_ = false;
  shift_ = 0;
}

u32 FrameDecoder::take(const u8 *data, u32 size, bool &complete, Frame &frame) {
  const u8 *const end = data + size;
  const u8 *from = data;
  complete = false;
  while (from != end && !complete) {
    if (escaping_ && !skipping_) {
      escaped(*from++);
      continue;
    }
    from = skipping_ ? from : unstuff(from, end);
    if (from == end) {
      break;
    }
    // What stopped it is a flag, an escape, a byte too many, or anything while the rest of a bad frame passes by.
    const u32 byte = *from++;
    if (byte == Limit::FLAG_BYTE) {
      complete = finish(frame);
    } else if (byte == Limit::ESCAPE_BYTE) {
      escaping_ = true;
    } else {
      skipping_ = true;
    }
  }
  return static_cast<u32>(from - data);
}

// The loop that all received bytes pass, as far as there is room: plain bytes, and escapes with what follows them.
// It stops before a flag, and before whatever is not both here and legal.
const u8 *FrameDecoder::unstuff(const u8 *from, const u8 *end) {
  u8 *to = bytes_ + size_;
  const u32 shift = shift_;
  u32 running = running_;
  bool goes_on = true;
  while (goes_on && from != end) {
    // Each byte that comes makes one at most, so this many need no further look at the room.
    const u32 room = static_cast<u32>(bytes_ + sizeof bytes_ - to);
    const u8 *const stop = static_cast<u32>(end - from) > room ? from + room : end;
    goes_on = from != stop;
    while (from != stop) {
      u32 byte = *from;
      if (is_special(byte)) {
        if (byte != Limit::ESCAPE_BYTE || stop - from < 2 || !is_escaped(from[1])) {
          goes_on = false;
          break;
        }
        byte = *++from ^ 0x20;
      }
      byte -= shift;
      ++from;
      *to++ = static_cast<u8>(byte);
      running = crc_step(running, byte);
    }
  }
  size_ = static_cast<u32>(to - bytes_);
  running_ = running;
  return from;
}

void FrameDecoder::escaped(u32 byte) {
  const u32 original = (byte ^ 0x20) - shift_;
  escaping_ = false;
  if (byte == Limit::FLAG_BYTE) {
    // An abort: the frame is bad, and the flag begins the next one.
    ++damaged_;
    reset();
  } else if (!is_escaped(byte) && size_ == 0 && shift_ == 0 && byte != Limit::ESCAPE_BYTE && byte != 0) {
    shift_ = static_cast<u8>(byte);
  } else if (!is_escaped(byte) || size_ == sizeof bytes_) {
    skipping_ = true;
  } else {
    bytes_[size_++] = static_cast<u8>(original);
    running_ = crc_step(running_, original);
  }
}

// A flag: ends what came before, if that is a frame.
bool FrameDecoder::finish(Frame &frame) {
  const u32 size = size_;
  const u32 running = running_;
  const bool is_bad = skipping_ || (size == 0 && shift_ != 0);
  reset();
  if (size == 0 && !is_bad) {
    return false;  // flags in a row are fill
  }
  const u32 length = size - Limit::OVERHEAD;
  if (is_bad || size < Limit::OVERHEAD || running != kCrcResidue || get16(bytes_ + HeaderAt::length) != length) {
    ++damaged_;
    return false;
  }
  In in(bytes_of(bytes_, HeaderAt::SIZE));
  Read(in, frame.header);
  frame.payload = bytes_of(bytes_ + HeaderAt::SIZE, length);
  frame.fcs = get32(bytes_ + HeaderAt::SIZE + length);
  frame.header_crc = crc32(0, bytes_, HeaderAt::SIZE);
  return true;
}

}  // namespace agc
