// Cursors over the bytes of a message: little-endian, every bound checked, the first failure remembered.

#ifndef SYMHIL_FIELDS_H
#define SYMHIL_FIELDS_H

namespace wire {

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef signed int i32;

// 64 bits, for which C++98 has no type.
struct U64 {
  u32 low;
  u32 high;
};

struct Bytes {
  const u8 *data;
  u32 size;
};

inline Bytes bytes_of(const u8 *data, u32 size) {
  Bytes bytes = {data, size};
  return bytes;
}

inline u32 get16(const u8 *from) { return from[0] | static_cast<u32>(from[1]) << 8; }
inline u32 get32(const u8 *from) { return get16(from) | get16(from + 2) << 16; }

class In {
 public:
  explicit In(const Bytes &bytes) : next_(bytes.data), left_(bytes.size), fits_(true) {}

  u8 number8();
  u16 number16();
  u32 number32();
  i32 signed32();
  U64 number64();
  u8 flag();      // 0 or 1
  u8 drive();     // 0 (A) to 25 (Z)
  Bytes text();   // UTF-8
  Bytes blob();
  Bytes drives(); // one byte for each drive
  Bytes rest();

  // Lists: the count, and the bytes of the elements.
  void numbers(u32 &count, Bytes &elements);
  void begin_list(u32 &count, Bytes &elements);
  void end_list(Bytes &elements);

  bool fits() const { return fits_; }
  bool is_used_up() const { return fits_ && left_ == 0; }

 private:
  const u8 *take(u32 size);

  const u8 *next_;
  u32 left_;
  bool fits_;
};

class Out {
 public:
  Out(u8 *data, u32 room) : data_(data), room_(room), size_(0), fits_(true) {}

  void number8(u32 value);
  void number16(u32 value);
  void number32(u32 value);
  void signed32(i32 value);
  void number64(const U64 &value);
  void flag(u32 value) { number8(value); }
  void drive(u32 value) { number8(value); }
  void text(const Bytes &bytes) { blob(bytes); }
  void blob(const Bytes &bytes);
  void drives(const Bytes &bytes) { rest(bytes); }
  void rest(const Bytes &bytes);
  void list(u32 count, const Bytes &elements);

  bool fits() const { return fits_; }
  u32 size() const { return size_; }
  Bytes bytes() const { return bytes_of(data_, size_); }

 private:
  u8 *take(u32 size);

  u8 *data_;
  u32 room_;
  u32 size_;
  bool fits_;
};

// Whether bytes are UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(const Bytes &bytes);

}  // namespace wire

#endif
