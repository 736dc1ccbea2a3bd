#include "window.h"

namespace agc {

namespace {

const u32 kHalfOfAll = 0x7FFF;

u32 smaller(u32 a, u32 b) { return a < b ? a : b; }
u32 larger(u32 a, u32 b) { return a > b ? a : b; }

}  // namespace

void RoundTrip::reset() {
  known_ = false;
  smoothed_8_ = 0;
  variation_4_ = 0;
  backoff_ = 1;
}

void RoundTrip::measured(u32 ms) {
  ms = smaller(ms, Limit::MAX_RESEND_MS);
  if (!known_) {
    known_ = true;
    smoothed_8_ = ms << 3;
    variation_4_ = ms << 1;
  } else {
    const u32 smoothed = smoothed_8_ >> 3;
    const u32 error = ms > smoothed ? ms - smoothed : smoothed - ms;
    variation_4_ += error;
    variation_4_ -= variation_4_ >> 2;
    smoothed_8_ += ms;
    smoothed_8_ -= smoothed_8_ >> 3;
  }
  backoff_ = 1;
}

void RoundTrip::backed_off() { backoff_ = smaller(backoff_ << 1, 64); }

u32 RoundTrip::resend_after_ms() const {
  const u32 wait = known_ ? larger(Limit::MIN_RESEND_MS, (smoothed_8_ >> 3) + variation_4_ + 50)
                          : static_cast<u32>(Limit::FIRST_RESEND_MS);
  return smaller(Limit::MAX_RESEND_MS, wait * backoff_);
}

u32 RoundTrip::smoothed_ms() const {
  return known_ ? larger(1, smoothed_8_ >> 3) : static_cast<u32>(Limit::MIN_RESEND_MS);
}

void SendWindow::reset(u32 size) {
  round_trip_.reset();
  size_ = size;
  base_ = 0;
  first_ = 0;
  count_ = 0;
  recovering_ = false;
}

u32 SendWindow::add(const InFlight &frame, u32 now) {
  InFlight &added = at(count_);
  added = frame;
  added.sent_at = now;
  added.tries = 1;
  added.sacked = false;
  added.again = false;
  return (base_ + count_++) & 0xFFFF;
}

bool SendWindow::acknowledge(u32 acknowledge, u32 now, u32 &arrived) {
  arrived = ahead_of(acknowledge, base_);
  if (arrived > count_) {
    // An old acknowledgement that was overtaken, or one of what was never sent.
    const bool is_old = arrived > kHalfOfAll;
    arrived = 0;
    return is_old;
  }
  if (arrived != 0) {
    // One that waited behind a hole, or was sent twice, says nothing about the line.
    const InFlight &last = at(arrived - 1);
    if (last.tries == 1 && !last.sacked) {
      round_trip_.measured(static_cast<u32>(time_since(now, last.sent_at)));
    }
  }
  return true;
}

void SendWindow::remove_oldest() {
  first_ = (first_ + 1) & (kMost - 1);
  base_ = (base_ + 1) & 0xFFFF;
  --count_;
}

// After a time-out each further hole shows itself by an acknowledgement that stops there.
void SendWindow::recover() {
  if (!recovering_) {
    return;
  }
  const u32 left = ahead_of(recover_until_, base_);
  if (left == 0 || left > kHalfOfAll || count_ == 0) {
    recovering_ = false;
  } else if (!at(0).sacked) {
    at(0).again = true;
  }
}

void SendWindow::selectively(u32 acknowledge, u32 bitmap, u32 now) {
  const u32 wait = round_trip_.smoothed_ms();
  const u32 start = ahead_of(acknowledge, base_);
  // Bit i is for the frame i + 1 behind the one that is missing.
  for (u32 offset = 0; offset <= 32 && (offset == 0 || bitmap >> (offset - 1) != 0); ++offset) {
    if (start + offset >= count_) {
      break;
    }
    InFlight &frame = at(start + offset);
    if (offset != 0 && (bitmap >> (offset - 1) & 1)) {
      frame.sacked = true;
      frame.again = false;
    } else if (!frame.sacked && (frame.tries == 1 || time_since(now, frame.sent_at) >= static_cast<i32>(wait))) {
      frame.again = true;
    }
  }
}

bool SendWindow::take_again(u32 now, InFlight *&frame, u32 &sequence) {
  frame = 0;
  if (count_ != 0 && wait_ms(now) == 0) {
    InFlight &late = at(0);
    if (late.tries > Limit::MAX_TRIES) {
      return false;
    }
    late.flags |= Flags::ACK_NOW;
    late.again = true;
    round_trip_.backed_off();
    recovering_ = true;
    recover_until_ = (base_ + count_) & 0xFFFF;
  }
  for (u32 i = 0; i < count_ && !frame; ++i) {
    if (at(i).again) {
      frame = &at(i);
      sequence = (base_ + i) & 0xFFFF;
      frame->again = false;
      frame->flags |= Flags::RESENT;
      frame->sent_at = now;
      ++frame->tries;
    }
  }
  return true;
}

u32 SendWindow::wait_ms(u32 now) const {
  if (count_ == 0) {
    return kForEver;
  }
  const i32 left = static_cast<i32>(round_trip_.resend_after_ms()) - time_since(now, frames_[first_].sent_at);
  return left > 0 ? static_cast<u32>(left) : 0;
}

}  // namespace agc
