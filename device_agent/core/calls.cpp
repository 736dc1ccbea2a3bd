#include "calls.h"

#include "memory.h"

namespace agc {

namespace {

const u32 kDeadlineSize = 4;
const u32 kErrorHead = 7;  // domain, code, length of the text
const u32 kLongestErrorText = 512;

const Bytes kNothing = {0, 0};

Bytes text_of(const char *text) {
  u32 size = 0;
  while (text[size] != 0) {
    ++size;
  }
  return bytes_of(reinterpret_cast<const u8 *>(text), size);
}

}  // namespace

void Calls::init(Link *link, const agc_platform &platform) {
  link_ = link;
  platform_ = platform;
  serial_ = 0;
  engine_tag_ = 0;
  next_stream_ = 0;
  last_ask_ = 0;
  event_number_ = 0;
  lease_ms_ = 0;
  silence_ended_ = false;
  counter_ = 0;
  is_partial_ = false;
  for (u32 i = 0; i < kCalls; ++i) {
    calls_[i].state = HostCall::kFree;
  }
  for (u32 i = 0; i < kAsks; ++i) {
    asks_[i].id = 0;
  }
}

// Every call is void. An engine request that is being served keeps the engine until the platform answers it.
void Calls::begin_anew() {
  for (u32 i = 0; i < kCalls; ++i) {
    HostCall &call = calls_[i];
    if (call.state == HostCall::kUploading) {
      engine_is_free(call.tag);
    }
    call.state = HostCall::kFree;
  }
  is_partial_ = false;
  lease_ms_ = 0;
  silence_ended_ = false;
  all_asks_are_gone();
  platform_.session(platform_.context);
}

void Calls::link_lost() { all_asks_are_gone(); }

Pong Calls::sign_of_life() {
  Pong pong;
  pong.tick_ms = tick_ms();
  pong.counter = counter_;
  pong.engine_busy = engine_tag_ != 0;
  pong.free_bytes = platform_.free_bytes(platform_.context);
  return pong;
}

// --------------------------------------------------------------------------------------------- receiving

void Calls::delivered(const Frame &frame) {
  switch (frame.header.version_kind & 0x0F) {
    case Kind::DATA:
      upload_data(frame);
      break;
    case Kind::CREDIT:
      credit(frame);
      break;
    case Kind::CLOSE:
      upload_closed(frame);
      break;
    case Kind::CANCEL:
      cancel(frame.header.channel);
      break;
    case Kind::REQUEST:
    case Kind::ANSWER:
      assemble(frame);
      break;
    default:
      break;  // events and logs of a host mean nothing here
  }
}

void Calls::assemble(const Frame &frame) {
  const Header &header = frame.header;
  const u32 kind = header.version_kind & 0x0F;
  const u32 key = (kind << 24) | ((header.flags & Flags::FROM_PHONE) << 16) | header.channel;
  const bool is_last = (header.flags & Flags::LAST) != 0;
  const bool goes_on = is_partial_ && partial_key_ == key;
  if (is_last && !goes_on) {
    message(kind, header.flags, header.channel, header.argument, frame.payload);
    return;
  }
  if (!goes_on) {
    is_partial_ = true;
    partial_key_ = key;
    partial_size_ = 0;
  }
  const u32 size = frame.payload.size;
  if (partial_size_ + size <= sizeof partial_) {
    memcpy(partial_ + partial_size_, frame.payload.data, size);
    partial_size_ += size;
  } else {
    partial_size_ = sizeof partial_ + 1;  // too long: cut, and refused when its last frame is there
  }
  if (is_last) {
    is_partial_ = false;
    message(kind, header.flags, header.channel, header.argument, bytes_of(partial_, partial_size_));
  }
}

void Calls::message(u32 kind, u32 flags, u32 channel, u32 argument, const Bytes &payload) {
  const bool is_too_long = payload.size > Limit::FULL_PAYLOAD;
  if (kind == Kind::ANSWER) {
    answered(channel, flags, is_too_long ? kNothing : payload);
  } else if (is_too_long) {
    refuse_at_once(channel, ErrorDomain::AGENT, AgentFault::NO_RESOURCES,
                   "a message to the phone has 4160 bytes at most");
  } else {
    requested(channel, argument, payload);
  }
}

void Calls::requested(u32 id, u32 argument, const Bytes &payload) {
  const u32 method = argument & 0xFFFF;
  if (method_flags(method) == 0) {
    refuse_at_once(id, ErrorDomain::AGENT, AgentFault::UNKNOWN_METHOD, "this agent knows no such method");
    return;
  }
  if (payload.size < kDeadlineSize) {
    refuse_at_once(id, ErrorDomain::AGENT, AgentFault::BAD_BODY, "a request begins with its deadline");
    return;
  }
  HostCall *call = new_call(id);
  if (!call) {
    refuse_at_once(id, ErrorDomain::AGENT, AgentFault::NO_RESOURCES, "as many calls are open as the agent can hold");
    return;
  }
  call->method = method;
  if (may_pass(*call, argument >> 16)) {
    serve(*call, bytes_of(payload.data + kDeadlineSize, payload.size - kDeadlineSize));
  }
}

// The rules that hold for a request whatever its body says.
bool Calls::may_pass(HostCall &call, u32 parent) {
  const Ask *ask = parent != 0 ? find_ask(parent) : 0;
  const u32 flags = method_flags(call.method);
  call.depth = static_cast<u8>(ask ? ask->depth + 1 : 1);
  if (call.depth > link_->agreement().depth) {
    refuse_call(call, ErrorDomain::AGENT, AgentFault::TOO_DEEP, "calls would be nested deeper than was agreed");
  } else if (ask && ask->abandoned) {
    refuse_call(call, ErrorDomain::HOST, Error::KErrAbort, "the call it belongs to was given up");
  } else if (flags & MethodFlags::PHONE_ASKS) {
    refuse_call(call, ErrorDomain::AGENT, AgentFault::NOT_OFFERED, "only the phone asks this");
  } else if ((flags & MethodFlags::ENGINE) && engine_tag_ != 0) {
    refuse_call(call, ErrorDomain::AGENT, AgentFault::ENGINE_BUSY, "the engine serves another request");
  } else {
    return true;
  }
  return false;
}

void Calls::serve(HostCall &call, const Bytes &body) {
  const u32 flags = method_flags(call.method);
  if (!request_fits(call.method, body)) {
    refuse_call(call, ErrorDomain::AGENT, AgentFault::BAD_BODY, "the body does not fit the method's layout");
    return;
  }
  if (call.method == Method::LEASE) {
    In in(body);
    Lease lease;
    Read(in, lease);
    lease_ms_ = lease.milliseconds;
    reply(call.tag, Error::KErrNone, kNothing);
    return;
  }
  if (flags & MethodFlags::ENGINE) {
    engine_tag_ = call.tag;
  }
  call.state = (flags & MethodFlags::UPLOAD) ? HostCall::kUploading : HostCall::kServing;
  platform_.request(platform_.context, call.tag, call.method, body.data, body.size);
}

// The host does not want an answer any more. It gets one nevertheless, but no data behind it.
void Calls::cancel(u32 id) {
  for (u32 i = 0; i < kCalls; ++i) {
    HostCall &call = calls_[i];
    if (call.state == HostCall::kFree || call.id != id) {
      continue;
    }
    if (call.state == HostCall::kDownloading) {
      stop_download(call);
    } else if (!call.cancelled) {
      call.cancelled = true;
      platform_.cancelled(platform_.context, call.tag);
      if (call.state == HostCall::kUploading) {
        engine_is_free(call.tag);
        refuse_call(call, ErrorDomain::AGENT, AgentFault::CANCELLED, "its data will not come");
      }
    }
  }
}

// --------------------------------------------------------------------------------------------- answering

u32 Calls::reply(u32 tag, i32 status, const Bytes &body) {
  HostCall *call = by_tag(tag);
  if (!call || call->state == HostCall::kDownloading) {
    engine_is_free(tag);
    return AGC_VOID;
  }
  if (status != Error::KErrNone) {
    return send_error(call->id, ErrorDomain::SYMBIAN, status, kNothing) == AGC_TAKEN ? close_request(*call, false)
                                                                                    : AGC_NO_ROOM;
  }
  if (body.size > Limit::FULL_PAYLOAD) {
    const bool has_download = (method_flags(call->method) & MethodFlags::DOWNLOAD) != 0;
    const u32 given = refuse(tag, AgentFault::NO_RESOURCES, text_of("the answer is longer than a message may be"));
    if (given == AGC_TAKEN && has_download) {
      platform_.release(platform_.context, tag);
    }
    return given;
  }
  if (!link_->has_room_for(body.size)) {
    return AGC_NO_ROOM;
  }
  link_->send(Kind::ANSWER, 0, call->id, 0, kNothing, body);
  return close_request(*call, true);
}

u32 Calls::refuse(u32 tag, u32 fault, const Bytes &text) {
  HostCall *call = by_tag(tag);
  if (!call || call->state == HostCall::kDownloading) {
    engine_is_free(tag);
    return AGC_VOID;
  }
  if (send_error(call->id, ErrorDomain::AGENT, static_cast<i32>(fault), text) != AGC_TAKEN) {
    return AGC_NO_ROOM;
  }
  return close_request(*call, false);
}

// The answer is on its way; what is left of the call is the data behind it.
u32 Calls::close_request(HostCall &call, bool succeeded) {
  engine_is_free(call.tag);
  if (succeeded && !call.cancelled && (method_flags(call.method) & MethodFlags::DOWNLOAD)) {
    call.state = HostCall::kDownloading;
    call.position = 0;
    call.granted = Limit::STREAM_WINDOW;
    call.crc = 0;
    call.summed = 0;
    call.in_flight = 0;
    call.closed = false;
  } else {
    if (succeeded && (method_flags(call.method) & MethodFlags::DOWNLOAD)) {
      platform_.release(platform_.context, call.tag);
    }
    forget(call);
  }
  return AGC_TAKEN;
}

// Refusals of the core itself come while a frame is received, and the link keeps room for one answer then.
void Calls::refuse_call(HostCall &call, u32 domain, i32 code, const char *text) {
  send_error(call.id, domain, code, text_of(text));
  forget(call);
}

void Calls::refuse_at_once(u32 id, u32 domain, i32 code, const char *text) {
  send_error(id, domain, code, text_of(text));
}

u32 Calls::send_error(u32 id, u32 domain, i32 code, const Bytes &text) {
  u8 head_bytes[kErrorHead];
  Out head(head_bytes, sizeof head_bytes);
  Bytes shown = text;
  if (shown.size > kLongestErrorText) {
    shown.size = kLongestErrorText;
    while (shown.size != 0 && (shown.data[shown.size] & 0xC0) == 0x80) {
      --shown.size;  // not in the midst of a character
    }
  }
  head.number8(domain);
  head.signed32(code);
  head.number16(shown.size);
  if (!link_->has_room_for(head.size() + shown.size)) {
    return AGC_NO_ROOM;
  }
  link_->send(Kind::ANSWER, Flags::ERROR, id, static_cast<u32>(code), head.bytes(), shown);
  return AGC_TAKEN;
}

// ----------------------------------------------------------------------------------------------- tables

HostCall *Calls::new_call(u32 id) {
  HostCall *found = 0;
  for (u32 i = 0; i < kCalls; ++i) {
    HostCall &call = calls_[i];
    const bool is_unanswered = call.state == HostCall::kUploading || call.state == HostCall::kServing;
    if (is_unanswered && call.id == id) {
      // The host has begun to count its calls anew, or does not count: the old one can never be answered.
      platform_.cancelled(platform_.context, call.tag);
      if (call.state == HostCall::kUploading) {
        engine_is_free(call.tag);
      }
      forget(call);
    }
    if (call.state == HostCall::kFree && !found) {
      found = &call;
    }
  }
  if (found) {
    serial_ = (serial_ + 1) & 0x0FFFFFFF;
    serial_ += serial_ == 0;
    memset(found, 0, sizeof *found);
    found->state = HostCall::kServing;
    found->id = static_cast<u16>(id);
    found->tag = serial_ << 4 | static_cast<u32>(found - calls_);
    found->granted = Limit::STREAM_WINDOW;
  }
  return found;
}

HostCall *Calls::by_tag(u32 tag) {
  HostCall &call = calls_[tag & (kCalls - 1)];
  return call.state != HostCall::kFree && call.tag == tag ? &call : 0;
}

void Calls::forget(HostCall &call) { call.state = HostCall::kFree; }

void Calls::engine_is_free(u32 tag) {
  if (engine_tag_ == tag) {
    engine_tag_ = 0;
  }
}

}  // namespace agc
