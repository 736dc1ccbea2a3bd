#include "queue.h"

#include "memory.h"

namespace agc {

void Queue::clear() {
  oldest_ = 0;
  first_unsent_ = 0;
  end_ = 0;
  used_ = 0;
  unsent_ = 0;
}

u32 Queue::behind(u32 place, u32 size) const {
  const u32 next = place + size;
  return next < kSize ? next : next - kSize;
}

void Queue::put(const Queued &message) {
  append(bytes_of(reinterpret_cast<const u8 *>(&message), kHead));
  ++unsent_;
}

void Queue::append(const Bytes &part) {
  if (part.size == 0) {
    return;
  }
  const u32 until_wrap = kSize - end_;
  const u32 first = part.size < until_wrap ? part.size : until_wrap;
  memcpy(bytes_ + end_, part.data, first);
  memcpy(bytes_, part.data + first, part.size - first);
  end_ = behind(end_, part.size);
  used_ += part.size;
}

void Queue::copy(u32 place, u8 *to, u32 size) const {
  const u32 until_wrap = kSize - place;
  const u32 first = size < until_wrap ? size : until_wrap;
  memcpy(to, bytes_ + place, first);
  memcpy(to + first, bytes_, size - first);
}

u32 Queue::take(Queued &message) {
  copy(first_unsent_, reinterpret_cast<u8 *>(&message), kHead);
  const u32 payload = behind(first_unsent_, kHead);
  first_unsent_ = behind(payload, message.size);
  --unsent_;
  return payload;
}

void Queue::drop_oldest() {
  Queued message;
  copy(oldest_, reinterpret_cast<u8 *>(&message), kHead);
  oldest_ = behind(oldest_, kHead + message.size);
  used_ -= kHead + message.size;
}

}  // namespace agc
