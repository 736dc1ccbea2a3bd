// Calls in both directions over one link: what frames mean. The twin of Calls in wire/protocol/calls.py, with the
// rules of the agent: one engine request at a time, deadlines of callbacks, the host's lease.
//
//     calls.cpp      messages: whole requests and answers, and which of them may pass
//     streams.cpp    data behind requests and answers
//     asking.cpp     requests to the host, events, and the host that falls silent

#ifndef SYMHIL_CALLS_H
#define SYMHIL_CALLS_H

#include "agc.h"
#include "link.h"

namespace agc {

// A request of the host, from its first frame until the last byte of its answer has arrived.
struct HostCall {
  enum State { kFree, kUploading, kServing, kDownloading };

  u8 state;
  u8 depth;
  bool cancelled;
  bool closed;  // the end of the download was sent
  u16 id;
  u16 in_flight;  // frames of the download on their way
  u32 method;
  u32 tag;
  u32 position;  // bytes received or sent
  u32 granted;   // and how far that may go
  u32 crc;       // of the first `summed` bytes
  u32 summed;
  i32 status;  // of the download's end
};

// A request to the host.
struct Ask {
  u16 id;  // 0 when free
  u8 depth;
  bool abandoned;  // its time ran out; the host's answer is still to come
  u32 method;
  u32 until;  // the phone's clock
};

class Calls {
 public:
  void init(Link *link, const agc_platform &platform);

  // For the platform.
  u32 reply(u32 tag, i32 status, const Bytes &body);
  u32 refuse(u32 tag, u32 fault, const Bytes &text);
  u32 event(u32 topic, const Bytes &body);
  u32 ask(u32 now, u32 method, const Bytes &body, u32 deadline_ms);
  // Lets what is due happen; gives in how many ms to look again.
  u32 tick(u32 now);

  // For the link.
  void begin_anew();  // a new host, or the port has gone: every call is void
  void link_lost();   // the session cannot go on; another may begin
  void heard() { silence_ended_ = false; }
  void delivered(const Frame &frame);
  Pong sign_of_life();
  u32 tick_ms() { return platform_.tick_ms(platform_.context); }

  // Bulk data, for the link: one more frame, with its payload; the payload of one that has to be sent again; one
  // that was given to the line for the first time, with the CRCs of all of it and of its header; one that arrived.
  bool next_bulk(u32 max_payload, InFlight &frame, u8 *payload);
  void bulk_again(const InFlight &frame, u8 *payload);
  void bulk_went_out(const InFlight &frame, u32 fcs, u32 header_crc);
  void bulk_arrived(const InFlight &frame);

 private:
  // calls.cpp
  void message(u32 kind, u32 flags, u32 channel, u32 argument, const Bytes &payload);
  void assemble(const Frame &frame);
  void requested(u32 id, u32 argument, const Bytes &payload);
  bool may_pass(HostCall &call, u32 parent);
  void serve(HostCall &call, const Bytes &body);
  void cancel(u32 id);
  void refuse_at_once(u32 id, u32 domain, i32 code, const char *text);
  void refuse_call(HostCall &call, u32 domain, i32 code, const char *text);
  u32 send_error(u32 id, u32 domain, i32 code, const Bytes &text);
  u32 close_request(HostCall &call, bool succeeded);
  HostCall *new_call(u32 id);
  HostCall *by_tag(u32 tag);
  void forget(HostCall &call);
  void engine_is_free(u32 tag);

  // streams.cpp
  void upload_data(const Frame &frame);
  void upload_closed(const Frame &frame);
  void grant(HostCall &call);
  void credit(const Frame &frame);
  void give_upload_up(HostCall &call, const char *why);
  void stop_download(HostCall &call);
  void release_if_done(HostCall &call);
  void write_end(const HostCall &call, u8 *payload);

  // asking.cpp
  void answered(u32 id, u32 flags, const Bytes &payload);
  void finish(Ask &ask, i32 outcome, i32 status, const Bytes &body);
  void all_asks_are_gone();
  Ask *find_ask(u32 id);
  u32 next_ask_id();
  bool is_silent(u32 now) const;
  u32 silence_wait_ms(u32 now) const;

  static const u32 kCalls = 16;
  static const u32 kAsks = 8;

  Link *link_;
  agc_platform platform_;

  HostCall calls_[kCalls];
  u32 serial_;      // makes tags differ
  u32 engine_tag_;  // the request that the engine serves; 0 when it is free
  u32 next_stream_;

  Ask asks_[kAsks];
  u32 last_ask_;
  u32 event_number_;
  u32 lease_ms_;
  bool silence_ended_;  // what a silent host had left was ended
  u32 counter_;

  // A message that comes in several frames; the host sends them one after the other.
  u32 partial_key_;
  u32 partial_size_;
  bool is_partial_;
  u8 partial_[Limit::FULL_PAYLOAD];
};

}  // namespace agc

#endif
