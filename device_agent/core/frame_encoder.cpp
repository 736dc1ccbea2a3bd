#include "crc.h"
#include "frame.h"

namespace agc {

namespace {

inline bool is_special(u32 byte) { return byte - Limit::ESCAPE_BYTE <= 1u; }
inline bool is_xonxoff(u32 byte) { return (byte & ~2u) == 0x11; }

}  // namespace

void FrameEncoder::begin(const Header &header, const Bytes &payload, bool escape_xonxoff) {
  Out out(header_, sizeof header_);
  Write(out, header);
  header_crc_ = crc32(0, header_, sizeof header_);
  payload_ = payload;
  escape_xonxoff_ = escape_xonxoff;
  running_ = kCrcBegin;
  part_ = kOpening;
}

u32 FrameEncoder::give(u8 *to, u32 room) {
  u8 *const begin = to;
  u8 *const end = to + room;
  while (to != end && is_busy()) {
    if (part_ == kOpening || part_ == kClosing) {
      *to++ = Limit::FLAG_BYTE;
      next_part();
      continue;
    }
    to = stuff(to, end);
    if (left_ != 0) {
      break;
    }
    next_part();
  }
  return static_cast<u32>(to - begin);
}

void FrameEncoder::next_part() {
  switch (part_) {
    case kOpening:
      part_ = kHeader;
      next_ = header_;
      left_ = sizeof header_;
      break;
    case kHeader:
      part_ = kPayload;
      next_ = payload_.data;
      left_ = payload_.size;
      break;
    case kPayload: {
      Out out(fcs_bytes_, sizeof fcs_bytes_);
      out.number32(~running_);
      part_ = kFcs;
      next_ = fcs_bytes_;
      left_ = sizeof fcs_bytes_;
      break;
    }
    case kFcs:
      part_ = kClosing;
      break;
    default:
      part_ = kIdle;
  }
}

// The loop that all sent bytes pass. Each byte takes two at most, so half the room needs no further look.
u8 *FrameEncoder::stuff(u8 *to, u8 *end) {
  const bool also_xonxoff = escape_xonxoff_;
  u32 running = running_;
  const u8 *from = next_;
  const u8 *const last = from + left_;
  while (from != last) {
    const u32 room = static_cast<u32>(end - to);
    u32 run = static_cast<u32>(last - from);
    if (run > room / 2) {
      run = room / 2;
    }
    if (run == 0) {
      const bool escapes = is_special(*from) || (also_xonxoff && is_xonxoff(*from));
      if (room == 0 || escapes) {
        break;
      }
      run = 1;
    }
    const u8 *const stop = from + run;
    if (also_xonxoff) {
      for (; from != stop; ++from) {
        u32 byte = *from;
        running = crc_step(running, byte);
        if (is_special(byte) || is_xonxoff(byte)) {
          *to++ = Limit::ESCAPE_BYTE;
          byte ^= 0x20;
        }
        *to++ = static_cast<u8>(byte);
      }
    } else {
      for (; from != stop; ++from) {
        u32 byte = *from;
        running = crc_step(running, byte);
        if (is_special(byte)) {
          *to++ = Limit::ESCAPE_BYTE;
          byte ^= 0x20;
        }
        *to++ = static_cast<u8>(byte);
      }
    }
  }
  // The FCS itself is not part of what it is the CRC of.
  if (part_ != kFcs) {
    running_ = running;
  }
  left_ = static_cast<u32>(last - from);
  next_ = from;
  return to;
}

}  // namespace agc
