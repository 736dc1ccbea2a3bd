#include "fields.h"

#include "memory.h"

namespace wire {

namespace {

const u32 kDrives = 26;
const u8 kNothing[kDrives] = {0};  // what is read where nothing is left, so that readers need not ask each time

// How many bytes behind a lead byte, and the smallest character that may be written so.
u32 followers(u32 lead, u32 &smallest) {
  if (lead < 0xC2 || lead > 0xF4) {
    return 0;
  }
  smallest = lead < 0xE0 ? 0x80 : lead < 0xF0 ? 0x800 : 0x10000;
  return lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
}

}  // namespace

bool is_utf8(const Bytes &bytes) {
  u32 at = 0;
  while (at < bytes.size) {
    const u32 lead = bytes.data[at++];
    if (lead < 0x80) {
      continue;
    }
    u32 smallest = 0;
    const u32 count = followers(lead, smallest);
    if (count == 0 || count > bytes.size - at) {
      return false;
    }
    u32 character = lead & (0x3F >> count);
    for (u32 i = 0; i < count; ++i) {
      const u32 next = bytes.data[at++];
      if ((next & 0xC0) != 0x80) {
        return false;
      }
      character = character << 6 | (next & 0x3F);
    }
    if (character < smallest || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF)) {
      return false;
    }
  }
  return true;
}

const u8 *In::take(u32 size) {
  if (!fits_ || size > left_) {
    fits_ = false;
    left_ = 0;
    return kNothing;
  }
  const u8 *taken = next_;
  next_ += size;
  left_ -= size;
  return taken;
}

u8 In::number8() { return *take(1); }

u16 In::number16() { return static_cast<u16>(get16(take(2))); }

u32 In::number32() { return get32(take(4)); }

i32 In::signed32() { return static_cast<i32>(number32()); }

U64 In::number64() {
  U64 value;
  value.low = number32();
  value.high = number32();
  return value;
}

u8 In::flag() {
  const u8 value = number8();
  fits_ = fits_ && value <= 1;
  return value;
}

u8 In::drive() {
  const u8 value = number8();
  fits_ = fits_ && value < kDrives;
  return value;
}

Bytes In::text() {
  const Bytes bytes = blob();
  fits_ = fits_ && is_utf8(bytes);
  return bytes;
}

Bytes In::blob() {
  const u32 size = number16();
  const u8 *data = take(size);
  return bytes_of(data, fits_ ? size : 0);
}

Bytes In::drives() {
  const u8 *data = take(kDrives);
  return bytes_of(data, kDrives);
}

Bytes In::rest() {
  const u32 size = left_;
  return bytes_of(take(size), size);
}

void In::numbers(u32 &count, Bytes &elements) {
  begin_list(count, elements);
  take(4 * count);
  end_list(elements);
}

void In::begin_list(u32 &count, Bytes &elements) {
  count = number16();
  elements = bytes_of(next_, 0);
}

void In::end_list(Bytes &elements) { elements.size = fits_ ? static_cast<u32>(next_ - elements.data) : 0; }

u8 *Out::take(u32 size) {
  if (!fits_ || size > room_ - size_) {
    fits_ = false;
    return 0;
  }
  u8 *taken = data_ + size_;
  size_ += size;
  return taken;
}

void Out::number8(u32 value) {
  u8 *to = take(1);
  if (to) {
    to[0] = static_cast<u8>(value);
  }
}

void Out::number16(u32 value) {
  u8 *to = take(2);
  if (to) {
    to[0] = static_cast<u8>(value);
    to[1] = static_cast<u8>(value >> 8);
  }
}

void Out::number32(u32 value) {
  number16(value);
  number16(value >> 16);
}

void Out::signed32(i32 value) { number32(static_cast<u32>(value)); }

void Out::number64(const U64 &value) {
  number32(value.low);
  number32(value.high);
}

void Out::blob(const Bytes &bytes) {
  fits_ = fits_ && bytes.size <= 0xFFFF;
  number16(bytes.size);
  rest(bytes);
}

void Out::rest(const Bytes &bytes) {
  u8 *to = take(bytes.size);
  if (to && bytes.size) {
    memcpy(to, bytes.data, bytes.size);
  }
}

void Out::list(u32 count, const Bytes &elements) {
  fits_ = fits_ && count <= 0xFFFF;
  number16(count);
  rest(elements);
}

}  // namespace wire
