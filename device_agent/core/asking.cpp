// Requests to the host, events, and the host that falls silent.

#include "calls.h"

namespace agc {

namespace {

const Bytes kNothing = {0, 0};

}  // namespace

// ------------------------------------------------------------------------------------------------ asking

u32 Calls::ask(u32 now, u32 method, const Bytes &body, u32 deadline_ms) {
  u8 head_bytes[4];
  Out head(head_bytes, sizeof head_bytes);
  head.number32(deadline_ms);
  const u32 size = head.size() + body.size;
  Ask *ask = find_ask(0);
  // Room for one answer stays free, so that the host's next request does not have to come twice.
  if (!ask || !link_->is_open() || is_silent(now) || size > Limit::FULL_PAYLOAD ||
      !link_->has_room_for(size + Limit::FULL_PAYLOAD)) {
    return 0;
  }
  const HostCall *parent = by_tag(engine_tag_);
  ask->id = static_cast<u16>(next_ask_id());
  ask->depth = static_cast<u8>(parent ? parent->depth + 1 : 1);
  ask->abandoned = false;
  ask->method = method;
  ask->until = tick_ms() + deadline_ms;
  const u32 argument = method | (parent ? static_cast<u32>(parent->id) << 16 : 0);
  link_->send(Kind::REQUEST, Flags::FROM_PHONE, ask->id, argument, head.bytes(), body);
  return ask->id;
}

void Calls::answered(u32 id, u32 flags, const Bytes &payload) {
  Ask *ask = id != 0 ? find_ask(id) : 0;
  if (!ask) {
    return;
  }
  if (ask->abandoned) {
    ask->id = 0;
    return;
  }
  i32 status = Error::KErrGeneral;  // whatever cannot be understood
  Bytes body = kNothing;
  if (flags & Flags::ERROR) {
    In in(payload);
    ErrorBody error;
    Read(in, error);
    // A leave needs a code; why the harness itself cannot serve the call is none.
    if (in.is_used_up() && error.domain != ErrorDomain::AGENT && error.code != Error::KErrNone) {
      status = error.code;
    }
  } else if (answer_fits(ask->method, payload)) {
    status = Error::KErrNone;
    body = payload;
  }
  finish(*ask, AGC_ANSWERED, status, body);
}

void Calls::finish(Ask &ask, i32 outcome, i32 status, const Bytes &body) {
  const u32 tag = ask.id;
  ask.abandoned = outcome == AGC_TIMED_OUT;
  ask.id = static_cast<u16>(ask.abandoned ? tag : 0);
  platform_.answered(platform_.context, tag, outcome, status, body.data, body.size);
}

void Calls::all_asks_are_gone() {
  for (u32 i = 0; i < kAsks; ++i) {
    Ask &ask = asks_[i];
    if (ask.id != 0 && !ask.abandoned) {
      finish(ask, AGC_GONE, Error::KErrDisconnected, kNothing);
    }
    ask.id = 0;
  }
}

Ask *Calls::find_ask(u32 id) {
  for (u32 i = 0; i < kAsks; ++i) {
    if (asks_[i].id == id) {
      return &asks_[i];
    }
  }
  return 0;
}

u32 Calls::next_ask_id() {
  do {
    last_ask_ = last_ask_ < Limit::MAX_CALL_ID ? last_ask_ + 1 : 1;
  } while (find_ask(last_ask_));
  return last_ask_;
}

u32 Calls::event(u32 topic, const Bytes &body) {
  if (!link_->is_open()) {
    return AGC_VOID;
  }
  // A number that is missing tells the host that an event was lost.
  ++event_number_;
  if (body.size > Limit::FULL_PAYLOAD || !link_->has_room_for(body.size + Limit::FULL_PAYLOAD)) {
    return AGC_NO_ROOM;
  }
  link_->send(Kind::EVENT, Flags::FROM_PHONE, topic, event_number_, kNothing, body);
  return AGC_TAKEN;
}

// ------------------------------------------------------------------------------------------------- time

u32 Calls::tick(u32 now) {
  u32 wait = silence_wait_ms(now);
  ++counter_;
  if (is_silent(now)) {
    // Nobody is there any more who would answer, or bring the phone back to normal.
    all_asks_are_gone();
    if (!silence_ended_ && engine_tag_ == 0) {
      silence_ended_ = true;
      platform_.host_silent(platform_.context);
    }
  }
  for (u32 i = 0; i < kCalls; ++i) {
    if (calls_[i].state == HostCall::kUploading) {
      grant(calls_[i]);
    }
  }
  for (u32 i = 0; i < kAsks; ++i) {
    Ask &ask = asks_[i];
    if (ask.id == 0 || ask.abandoned) {
      continue;
    }
    const i32 left = time_since(ask.until, tick_ms());
    if (left > 0) {
      wait = static_cast<u32>(left) < wait ? static_cast<u32>(left) : wait;
      continue;
    }
    if (link_->has_room_for(0)) {
      link_->send(Kind::CANCEL, Flags::FROM_PHONE, ask.id, 0, kNothing, kNothing);
    }
    finish(ask, AGC_TIMED_OUT, Error::KErrTimedOut, kNothing);
  }
  return wait;
}

bool Calls::is_silent(u32 now) const {
  return lease_ms_ != 0 && link_->is_open() && now - link_->last_heard() >= lease_ms_;
}

u32 Calls::silence_wait_ms(u32 now) const {
  if (lease_ms_ == 0 || silence_ended_ || !link_->is_open()) {
    return kForEver;
  }
  // Without a sign: a lease may be longer than half of all times that the clock can tell.
  const u32 silent_ms = now - link_->last_heard();
  const u32 left = silent_ms < lease_ms_ ? lease_ms_ - silent_ms : 0;
  return left < kForEver ? left : kForEver;
}

}  // namespace agc
