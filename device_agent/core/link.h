// A reliable link over a line that loses, damages, repeats and delays bytes. The twin of PhoneLink in
// wire/protocol/phone_link.py: one session at a time, each frame of the host delivered once and in order.
//
// Frames that come after a gap are dropped; the host sends them again. What is sent is chosen when the writer
// asks, so that whatever is urgent overtakes bulk data.

#ifndef SYMHIL_LINK_H
#define SYMHIL_LINK_H

#include "frame.h"
#include "handshake.h"
#include "queue.h"
#include "window.h"

namespace agc {

class Calls;  // what the link carries frames for

class Link {
 public:
  void init(const agc_config &config, Calls *calls);

  // The port came or went: half a frame is no frame, and whoever was there is gone.
  void restart();

  void receive(u32 now, const u8 *data, u32 size);
  u32 transmit(u32 now, u8 *to, u32 room);
  u32 wait_ms(u32 now) const;

  // Queues a message, in several frames if it is long; the caller has looked at `has_room_for`.
  void send(u32 kind, u32 flags, u32 channel, u32 argument, const Bytes &head, const Bytes &body);
  bool has_room_for(u32 size) const;

  bool is_open() const { return state_ == kOpen; }
  u32 last_heard() const { return last_heard_; }
  const Agreement &agreement() const { return agreement_; }

 private:
  enum State { kConnecting, kOpen, kRefused, kLost };
  struct Unsequenced {
    u32 kind;
    u32 argument;
  };

  // Receiving.
  void receive_frame(u32 now, const Frame &frame);
  void receive_hello(u32 now, const Frame &frame);
  void receive_stranger(const Header &header);
  bool receive_acknowledgement(u32 now, const Header &header);
  void receive_sequenced(u32 now, const Frame &frame);
  void begin_session();
  void lose();
  void say(u32 kind, u32 argument);

  // Sending.
  bool begin_frame(u32 now);
  bool choose(InFlight &frame);
  void begin_unsequenced();
  void begin_in_flight(const InFlight &frame, u32 sequence);
  void encode(u32 kind, u32 flags, u32 sequence, u32 channel, u32 argument, u32 size);
  bool owes_acknowledgement(u32 now) const;

  static const u32 kUnsequenced = 8;
  static const u32 kStrangers = 16;

  agc_config config_;
  Calls *calls_;
  State state_;
  Agreement agreement_;
  u32 last_heard_;

  bool host_is_known_;
  u32 host_nonce_;
  bool answer_hello_;
  u32 hello_tick_;
  u32 stranger_count_;
  u16 strangers_[kStrangers];  // sessions that were told to be unknown

  u32 unsequenced_count_;
  Unsequenced unsequenced_[kUnsequenced];

  u32 expected_;  // the sequence number that the host has to send next
  u32 told_;      // what the last frame that went out acknowledged
  bool acknowledge_now_;
  bool acknowledge_later_;
  u32 acknowledge_at_;

  bool is_first_try_;  // what the encoder gives is a bulk frame that goes out for the first time
  InFlight going_out_;

  SendWindow window_;
  FrameDecoder decoder_;
  FrameEncoder encoder_;
  Queue queue_;
  u8 payload_[Limit::FULL_PAYLOAD];  // of the frame that the encoder gives
};

}  // namespace agc

#endif
