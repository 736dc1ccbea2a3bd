// Frames: octet stuffing, length and CRC checks, resynchronisation at the next flag whatever came before.

#ifndef SYMHIL_FRAME_H
#define SYMHIL_FRAME_H

#include "wire_gen.h"

namespace agc {

using namespace wire;

struct Frame {
  Header header;
  Bytes payload;
  u32 fcs;         // the CRC-32 of header and payload
  u32 header_crc;  // and of the header alone, from which that of the payload follows
};

// Takes bytes as they come. Bytes that are no frame are counted and skipped.
class FrameDecoder {
 public:
  void init();
  void reset();

  // Uses bytes up to the end of a frame, or all of them; gives how many. `frame` is valid until the next call.
  u32 take(const u8 *data, u32 size, bool &complete, Frame &frame);

  u32 damaged() const { return damaged_; }

 private:
  const u8 *unstuff(const u8 *from, const u8 *end);
  void escaped(u32 byte);
  bool finish(Frame &frame);

  u32 size_;
  u32 running_;    // the CRC register over the first size_ bytes
  u32 damaged_;
  bool escaping_;  // the last byte was an escape
  bool skipping_;  // this is no frame: wait for a flag
  u8 shift_;       // what the sender has added to each byte, as an escape at the very beginning says
  u8 bytes_[Limit::OVERHEAD + Limit::FULL_PAYLOAD];
};

// Gives the bytes of one frame in pieces of any size.
class FrameEncoder {
 public:
  void reset() { part_ = kIdle; }

  // The payload must stay where it is until the frame has been given.
  void begin(const Header &header, const Bytes &payload, bool escape_xonxoff);

  // Writes up to `room` bytes, gives how many. One byte may stay free because the next needs two.
  u32 give(u8 *to, u32 room);

  bool is_busy() const { return part_ != kIdle; }
  u32 fcs() const { return ~running_; }
  u32 header_crc() const { return header_crc_; }

 private:
  enum Part { kIdle, kOpening, kHeader, kPayload, kFcs, kClosing };

  u8 *stuff(u8 *to, u8 *end);
  void next_part();

  Part part_;
  bool escape_xonxoff_;
  const u8 *next_;  // what of the present part is still to be given
  u32 left_;
  u32 running_;
  u32 header_crc_;
  Bytes payload_;
  u8 header_[HeaderAt::SIZE];
  u8 fcs_bytes_[Limit::FCS_SIZE];
};

}  // namespace agc

#endif
