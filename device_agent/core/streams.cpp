// Data behind requests and answers, under credit. The twin of wire/protocol/streams.py.
//
// Nothing is kept here: a piece that was received goes to the platform at once, and a piece that was lost on the
// way is asked of the platform again.

#include "calls.h"
#include "crc.h"
#include "memory.h"

namespace agc {

// ------------------------------------------------------------------------------------- behind a request

void Calls::upload_data(const Frame &frame) {
  for (u32 i = 0; i < kCalls; ++i) {
    HostCall &call = calls_[i];
    if (call.state != HostCall::kUploading || call.id != frame.header.channel) {
      continue;
    }
    const Bytes &data = frame.payload;
    if (frame.header.argument != call.position) {
      give_upload_up(call, "data of the upload is missing, or came twice");
      return;
    }
    if (data.size > call.granted - call.position) {
      give_upload_up(call, "more data came than was granted");
      return;
    }
    // The CRC of the payload follows from that of the frame, which was checked already.
    call.crc = crc_shift(call.crc ^ frame.header_crc, data.size) ^ frame.fcs;
    const u32 tag = call.tag;
    const i32 status = platform_.upload(platform_.context, tag, call.position, data.data, data.size);
    if (call.tag != tag || call.state != HostCall::kUploading) {
      return;  // the platform has answered the request
    }
    if (status < 0) {
      reply(tag, status, bytes_of(0, 0));
      return;
    }
    call.position += data.size;
    grant(call);
    return;
  }
}

// Lets the host go on, once half of what was granted has been taken. Where there is no room for it now, a later
// piece or a tick does it: half of it is still to come.
void Calls::grant(HostCall &call) {
  if (call.granted - call.position <= Limit::STREAM_WINDOW / 2 && link_->has_room_for(0)) {
    call.granted = call.position + Limit::STREAM_WINDOW;
    link_->send(Kind::CREDIT, 0, call.id, call.granted, bytes_of(0, 0), bytes_of(0, 0));
  }
}

void Calls::upload_closed(const Frame &frame) {
  for (u32 i = 0; i < kCalls; ++i) {
    HostCall &call = calls_[i];
    if (call.state != HostCall::kUploading || call.id != frame.header.channel) {
      continue;
    }
    In in(frame.payload);
    StreamEnd end;
    Read(in, end);
    if (!in.is_used_up()) {
      give_upload_up(call, "the end of the upload does not fit its layout");
    } else if (end.length.high != 0 || end.length.low != call.position || end.crc32 != call.crc) {
      give_upload_up(call, "the upload did not come whole: its length or its CRC-32 differs");
    } else if (end.status != Error::KErrNone) {
      give_upload_up(call, "the upload failed at its source");
    } else {
      call.state = HostCall::kServing;
      platform_.upload_ended(platform_.context, call.tag);
    }
    return;
  }
}

void Calls::give_upload_up(HostCall &call, const char *why) {
  platform_.cancelled(platform_.context, call.tag);
  engine_is_free(call.tag);
  refuse_call(call, ErrorDomain::AGENT, AgentFault::BAD_BODY, why);
}

// ------------------------------------------------------------------------------------- behind an answer

void Calls::credit(const Frame &frame) {
  for (u32 i = 0; i < kCalls; ++i) {
    HostCall &call = calls_[i];
    if (call.state == HostCall::kDownloading && call.id == frame.header.channel) {
      const u32 more = frame.header.argument - call.granted;
      if (more <= 0x7FFFFFFFu) {
        call.granted += more;  // repeated and overtaken grants are behind us
      }
    }
  }
}

bool Calls::next_bulk(u32 max_payload, InFlight &frame, u8 *payload) {
  const u32 most = max_payload < Limit::IPC_BLOCK_SIZE ? max_payload : static_cast<u32>(Limit::IPC_BLOCK_SIZE);
  for (u32 i = 0; i < kCalls; ++i) {
    const u32 index = next_stream_++ & (kCalls - 1);
    HostCall &call = calls_[index];
    const u32 allowed = call.granted - call.position;
    if (call.state != HostCall::kDownloading || call.closed || allowed == 0) {
      continue;
    }
    const u32 wanted = allowed < most ? allowed : most;
    const i32 given = platform_.download(platform_.context, call.tag, call.position, payload, wanted);
    frame.call = static_cast<u8>(index);
    frame.flags = 0;
    frame.channel = call.id;
    ++call.in_flight;
    if (given > 0) {
      frame.kind = Kind::DATA;
      frame.size = static_cast<u16>(given);
      frame.argument = call.position;
      frame.place = call.position;
      call.position += frame.size;
    } else {
      call.closed = true;
      call.status = given;
      frame.kind = Kind::CLOSE;
      frame.size = StreamEndAt::SIZE;
      frame.argument = 0;
      frame.place = 0;
      write_end(call, payload);
    }
    return true;
  }
  return false;
}

void Calls::write_end(const HostCall &call, u8 *payload) {
  StreamEnd end;
  end.length.low = call.position;
  end.length.high = 0;
  end.crc32 = call.crc;
  end.status = call.status;
  Out out(payload, StreamEndAt::SIZE);
  Write(out, end);
}

void Calls::bulk_again(const InFlight &frame, u8 *payload) {
  const HostCall &call = calls_[frame.call];
  if (frame.kind == Kind::CLOSE) {
    write_end(call, payload);
    return;
  }
  u32 done = 0;
  while (done < frame.size) {
    const i32 given =
        platform_.download(platform_.context, call.tag, frame.place + done, payload + done, frame.size - done);
    if (given <= 0) {
      break;
    }
    done += static_cast<u32>(given);
  }
  // What is not there any more cannot be sent again; the CRC at the end tells the host.
  memset(payload + done, 0, frame.size - done);
}

void Calls::bulk_went_out(const InFlight &frame, u32 fcs, u32 header_crc) {
  HostCall &call = calls_[frame.call];
  if (call.state == HostCall::kDownloading && call.id == frame.channel && call.summed == frame.place) {
    call.crc = crc_shift(call.crc ^ header_crc, frame.size) ^ fcs;
    call.summed += frame.size;
  }
}

void Calls::bulk_arrived(const InFlight &frame) {
  HostCall &call = calls_[frame.call];
  --call.in_flight;
  release_if_done(call);
}

// What is on its way already has to arrive, since frames are delivered in order; nothing more follows.
void Calls::stop_download(HostCall &call) {
  call.closed = true;
  release_if_done(call);
}

void Calls::release_if_done(HostCall &call) {
  if (call.closed && call.in_flight == 0) {
    platform_.release(platform_.context, call.tag);
    forget(call);
  }
}

}  // namespace agc
