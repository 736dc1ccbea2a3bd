#include "link.h"

#include "calls.h"

namespace agc {

namespace {

const u32 kVersionBits = Limit::PROTOCOL_VERSION << 4;

}  // namespace

void Link::init(const agc_config &config, Calls *calls) {
  config_ = config;
  calls_ = calls;
  decoder_.init();
  restart();
}

void Link::restart() {
  state_ = kConnecting;
  agreement_ = no_agreement();
  last_heard_ = 0;
  host_is_known_ = false;
  host_nonce_ = 0;
  answer_hello_ = false;
  hello_tick_ = 0;
  stranger_count_ = 0;
  decoder_.reset();
  begin_session();
}

// Nothing is left of an earlier session.
void Link::begin_session() {
  unsequenced_count_ = 0;
  expected_ = 0;
  told_ = 0;
  acknowledge_now_ = false;
  acknowledge_later_ = false;
  is_first_try_ = false;
  window_.reset(agreement_.window);
  encoder_.reset();
  queue_.clear();
}

// ---------------------------------------------------------------------------------------------- receiving

void Link::receive(u32 now, const u8 *data, u32 size) {
  while (size != 0) {
    bool complete = false;
    Frame frame;
    const u32 used = decoder_.take(data, size, complete, frame);
    data += used;
    size -= used;
    if (complete) {
      receive_frame(now, frame);
    }
  }
}

void Link::receive_frame(u32 now, const Frame &frame) {
  const Header &header = frame.header;
  const u32 kind = header.version_kind & 0x0F;
  if (kind == Kind::HELLO) {
    // Of any version: its body says which ones the host speaks, and it never changes.
    receive_hello(now, frame);
    return;
  }
  if (kind == Kind::HELLO_ACK || (header.version_kind & 0xF0) != kVersionBits) {
    return;
  }
  if (!is_open() || header.session != agreement_.session) {
    receive_stranger(header);
    return;
  }
  last_heard_ = now;
  calls_->heard();
  if (!receive_acknowledgement(now, header)) {
    lose();
    return;
  }
  if (kind >= Limit::FIRST_SEQUENCED_KIND) {
    receive_sequenced(now, frame);
  } else if (kind == Kind::ACK) {
    window_.selectively(header.acknowledge, header.argument, now);
  } else if (kind == Kind::PING) {
    say(Kind::PONG, header.argument);
  } else if (kind == Kind::RESET) {
    lose();
    return;
  } else if (kind != Kind::PONG && (header.flags & Flags::MUST_UNDERSTAND)) {
    say(Kind::RESET, ResetCode::NOT_UNDERSTOOD);
  }
  if (header.flags & Flags::ACK_NOW) {
    acknowledge_now_ = true;
  }
}

void Link::receive_hello(u32 now, const Frame &frame) {
  In in(frame.payload);
  Hello host;
  Read(in, host);
  if (!in.is_used_up()) {
    return;
  }
  answer_hello_ = true;
  if (host_is_known_ && host.nonce == host_nonce_) {
    return;  // our answer was lost
  }
  host_is_known_ = true;
  host_nonce_ = host.nonce;
  hello_tick_ = calls_->tick_ms();
  state_ = is_compatible(host) ? kConnecting : kRefused;
  // Whoever waits for the old host learns that it is gone, while there is none that could be asked instead.
  calls_->link_lost();
  if (state_ == kRefused) {
    return;  // our answer tells the host what we are; what to say about it is its part
  }
  agreement_ = agree(config_, host);
  stranger_count_ = 0;
  state_ = kOpen;
  last_heard_ = now;
  begin_session();
  calls_->begin_anew();
}

// A host that goes on talking to the agent that was here before learns at once that it is gone.
void Link::receive_stranger(const Header &header) {
  const u32 kind = header.version_kind & 0x0F;
  if (kind < Limit::FIRST_SEQUENCED_KIND && kind != Kind::PING) {
    return;
  }
  for (u32 i = 0; i < stranger_count_; ++i) {
    if (strangers_[i] == header.session) {
      return;
    }
  }
  if (stranger_count_ < kStrangers) {
    strangers_[stranger_count_++] = header.session;
    say(Kind::RESET, ResetCode::UNKNOWN_SESSION << 16 | header.session);
  }
}

bool Link::receive_acknowledgement(u32 now, const Header &header) {
  u32 arrived = 0;
  if (!window_.acknowledge(header.acknowledge, now, arrived)) {
    return false;
  }
  if (arrived == 0) {
    return true;
  }
  for (; arrived != 0; --arrived) {
    const InFlight frame = window_.oldest();
    window_.remove_oldest();
    if (frame.call == kNobody) {
      queue_.drop_oldest();
    } else {
      calls_->bulk_arrived(frame);
    }
  }
  window_.recover();
  return true;
}

void Link::receive_sequenced(u32 now, const Frame &frame) {
  // A frame after a gap, one that has come before, or one whose answer would find no room: all of them come again.
  if (frame.header.sequence != expected_ || !has_room_for(Limit::FULL_PAYLOAD)) {
    acknowledge_now_ = true;
    return;
  }
  expected_ = (expected_ + 1) & 0xFFFF;
  if (!acknowledge_later_) {
    acknowledge_later_ = true;
    acknowledge_at_ = now + Limit::ACK_DELAY_MS;
  }
  calls_->delivered(frame);
}

void Link::lose() {
  state_ = kLost;
  calls_->link_lost();
}

void Link::say(u32 kind, u32 argument) {
  if (unsequenced_count_ < kUnsequenced) {
    unsequenced_[unsequenced_count_].kind = kind;
    unsequenced_[unsequenced_count_].argument = argument;
    ++unsequenced_count_;
  }
}

// ------------------------------------------------------------------------------------------------ sending

bool Link::has_room_for(u32 size) const {
  u32 needed = 0;
  do {
    const u32 part = size < agreement_.max_payload ? size : agreement_.max_payload;
    needed += Queue::kHead + part;
    size -= part;
  } while (size != 0);
  return needed <= queue_.room();
}

void Link::send(u32 kind, u32 flags, u32 channel, u32 argument, const Bytes &head, const Bytes &body) {
  u32 left = head.size + body.size;
  u32 head_left = head.size;
  const u8 *next = body.data;
  do {
    Queued message;
    message.size = left < agreement_.max_payload ? left : agreement_.max_payload;
    left -= message.size;
    message.kind = static_cast<u8>(kind);
    message.flags = static_cast<u8>(flags | (left == 0 ? Flags::LAST : 0));
    message.channel = static_cast<u16>(channel);
    message.argument = argument;
    queue_.put(message);
    // The head is short: it goes whole into the first frame.
    queue_.append(bytes_of(head.data, head_left));
    queue_.append(bytes_of(next, message.size - head_left));
    next += message.size - head_left;
    head_left = 0;
  } while (left != 0);
}

u32 Link::transmit(u32 now, u8 *to, u32 room) {
  u32 written = 0;
  while (written != room && (encoder_.is_busy() || begin_frame(now))) {
    written += encoder_.give(to + written, room - written);
    if (encoder_.is_busy()) {
      break;
    }
    if (is_first_try_) {
      is_first_try_ = false;
      calls_->bulk_went_out(going_out_, encoder_.fcs(), encoder_.header_crc());
    }
  }
  return written;
}

// Chooses what goes out next: answers to the handshake and to pings, what was lost, messages, bulk data, and an
// acknowledgement of its own only when nothing else would carry it.
bool Link::begin_frame(u32 now) {
  if (answer_hello_) {
    answer_hello_ = false;
    const u32 size = write_hello(config_, host_nonce_, hello_tick_, payload_, sizeof payload_);
    encode(Kind::HELLO_ACK, 0, 0, 0, 0, size);
    return true;
  }
  if (unsequenced_count_ != 0) {
    begin_unsequenced();
    return true;
  }
  if (!is_open()) {
    return false;
  }
  InFlight *again = 0;
  u32 sequence = 0;
  if (!window_.take_again(now, again, sequence)) {
    lose();
    return false;
  }
  if (again) {
    begin_in_flight(*again, sequence);
    return true;
  }
  if (window_.has_room() && choose(going_out_)) {
    is_first_try_ = going_out_.kind == Kind::DATA;
    begin_in_flight(going_out_, window_.add(going_out_, now));
    return true;
  }
  if (owes_acknowledgement(now)) {
    encode(Kind::ACK, 0, 0, 0, 0, 0);
    return true;
  }
  return false;
}

void Link::begin_unsequenced() {
  const Unsequenced first = unsequenced_[0];
  --unsequenced_count_;
  for (u32 i = 0; i < unsequenced_count_; ++i) {
    unsequenced_[i] = unsequenced_[i + 1];
  }
  Out out(payload_, sizeof payload_);
  if (first.kind == Kind::PONG) {
    Write(out, calls_->sign_of_life());
  }
  encode(first.kind, 0, 0, 0, first.argument, out.size());
}

// A frame that was not sent before: a message, or else bulk data.
bool Link::choose(InFlight &frame) {
  if (!queue_.has_unsent()) {
    return calls_->next_bulk(agreement_.max_payload, frame, payload_);
  }
  Queued message;
  frame.place = queue_.take(message);
  frame.call = kNobody;
  frame.kind = message.kind;
  frame.flags = message.flags;
  frame.channel = message.channel;
  frame.argument = message.argument;
  frame.size = static_cast<u16>(message.size);
  queue_.copy(frame.place, payload_, frame.size);
  return true;
}

void Link::begin_in_flight(const InFlight &frame, u32 sequence) {
  if (frame.flags & Flags::RESENT) {
    is_first_try_ = false;
    if (frame.call == kNobody) {
      queue_.copy(frame.place, payload_, frame.size);
    } else {
      calls_->bulk_again(frame, payload_);
    }
  }
  encode(frame.kind, frame.flags, sequence, frame.channel, frame.argument, frame.size);
}

void Link::encode(u32 kind, u32 flags, u32 sequence, u32 channel, u32 argument, u32 size) {
  const bool is_handshake = kind == Kind::HELLO_ACK;
  Header header;
  header.version_kind = static_cast<u8>(kVersionBits | kind);
  header.flags = static_cast<u8>(flags);
  header.session = static_cast<u16>(is_handshake ? static_cast<u32>(Limit::NO_SESSION) : agreement_.session);
  header.sequence = static_cast<u16>(sequence);
  header.acknowledge = static_cast<u16>(expected_);
  header.channel = static_cast<u16>(channel);
  header.length = static_cast<u16>(size);
  header.argument = argument;
  if (!is_handshake) {
    told_ = expected_;
    acknowledge_now_ = false;
    acknowledge_later_ = false;
  }
  // The handshake goes escaped on every line: whether this one needs it is not known yet.
  encoder_.begin(header, bytes_of(payload_, size), agreement_.escape_xonxoff || is_handshake);
}

bool Link::owes_acknowledgement(u32 now) const {
  const u32 waiting = ahead_of(expected_, told_);
  const u32 half = agreement_.window / 2;
  return acknowledge_now_ || waiting >= (half != 0 ? half : 1) ||
         (waiting != 0 && acknowledge_later_ && time_since(now, acknowledge_at_) >= 0);
}

u32 Link::wait_ms(u32 now) const {
  if (!is_open()) {
    return kForEver;
  }
  u32 wait = window_.wait_ms(now);
  if (acknowledge_later_) {
    const i32 left = time_since(acknowledge_at_, now);
    const u32 until = left > 0 ? static_cast<u32>(left) : 0;
    wait = until < wait ? until : wait;
  }
  return wait;
}

}  // namespace agc
