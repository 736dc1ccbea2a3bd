// Frames on their way to the host, and when to send them again. The twin of SendWindow in wire/protocol/window.py.

#ifndef SYMHIL_WINDOW_H
#define SYMHIL_WINDOW_H

#include "wire_gen.h"

namespace agc {

using namespace wire;

// Differences of times and of sequence numbers, both of which wrap.
inline i32 time_since(u32 now, u32 then) { return static_cast<i32>(now - then); }
inline u32 ahead_of(u32 sequence, u32 base) { return (sequence - base) & 0xFFFF; }

const u32 kForEver = 0x7FFFFFFFu;

const u32 kNobody = 0xFF;

struct InFlight {
  u8 kind;
  u8 flags;
  u8 call;  // whose stream it belongs to; kNobody for a message of the queue
  u8 tries;
  u16 channel;
  u16 size;
  u32 argument;
  u32 place;  // of the payload, in the queue or in the stream
  u32 sent_at;
  bool sacked;  // the host has it, although an earlier one is missing
  bool again;   // to be sent again now
};

// How long the line takes, and from that how long to wait before sending again (Jacobson, Karn).
class RoundTrip {
 public:
  void reset();
  void measured(u32 ms);
  void backed_off();
  u32 resend_after_ms() const;
  u32 smoothed_ms() const;  // MIN_RESEND_MS as long as nothing is known

 private:
  bool known_;
  u32 smoothed_8_;   // eighths of a millisecond
  u32 variation_4_;  // quarters of a millisecond
  u32 backoff_;
};

class SendWindow {
 public:
  void reset(u32 size);

  bool has_room() const { return count_ < size_; }
  bool is_empty() const { return count_ == 0; }
  u32 half() const { return size_ / 2; }

  // Numbers a frame that is being sent now; gives its sequence number.
  u32 add(const InFlight &frame, u32 now);

  // Everything before `acknowledge` has arrived: gives how many frames those are, oldest first, which the caller
  // then removes one by one. False when it acknowledges what was never sent.
  bool acknowledge(u32 acknowledge, u32 now, u32 &arrived);
  const InFlight &oldest() const { return frames_[first_]; }
  void remove_oldest();
  // To be called when all that arrived have been removed.
  void recover();

  // The host has a gap, and the frames of the bitmap behind it.
  void selectively(u32 acknowledge, u32 bitmap, u32 now);

  // The next frame that has to be sent again; 0 when there is none. False when one was tried too often.
  bool take_again(u32 now, InFlight *&frame, u32 &sequence);

  // In how many ms the oldest frame has waited too long.
  u32 wait_ms(u32 now) const;

  static const u32 kMost = 16;

 private:
  InFlight &at(u32 offset) { return frames_[(first_ + offset) & (kMost - 1)]; }

  RoundTrip round_trip_;
  u32 size_;
  u32 base_;  // the sequence number of the oldest frame
  u32 first_;
  u32 count_;
  bool recovering_;
  u32 recover_until_;
  InFlight frames_[kMost];
};

}  // namespace agc

#endif
