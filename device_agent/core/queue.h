// What is to be sent and may have to be sent again: a ring of messages, oldest first. A message leaves it when
// the host has acknowledged it. Data of downloads is not kept here; the platform gives it again.

#ifndef SYMHIL_QUEUE_H
#define SYMHIL_QUEUE_H

#include "fields.h"

namespace agc {

using namespace wire;

struct Queued {
  u8 kind;
  u8 flags;
  u16 channel;
  u32 argument;
  u32 size;  // of the payload, which follows it in the ring
};

class Queue {
 public:
  void clear();

  u32 room() const { return sizeof bytes_ - used_; }
  bool has_unsent() const { return unsent_ != 0; }

  // The caller has looked at `room`: a message takes kHead bytes more than its payload.
  void put(const Queued &message);
  void append(const Bytes &part);

  // The oldest one that was not taken yet; gives the place of its payload.
  u32 take(Queued &message);
  void copy(u32 place, u8 *to, u32 size) const;

  // The oldest message has arrived.
  void drop_oldest();

  static const u32 kHead = sizeof(Queued);
  static const u32 kSize = 12 * 1024;

 private:
  u32 behind(u32 place, u32 size) const;

  u32 oldest_;
  u32 first_unsent_;
  u32 end_;
  u32 used_;
  u32 unsent_;  // how many messages
  u8 bytes_[kSize];
};

}  // namespace agc

#endif
