/* The agent's core: framing, a reliable link, calls both ways, streams, deadlines. A C interface.
 *
 * The core has no thread, no clock, no memory of its own and no writable global. The caller gives it memory and
 * a table of functions, and then moves bytes:
 *
 *     bytes came from the host        agc_rx         the core calls request, upload, answered, ...
 *     the writer is idle              agc_tx         the core fills the writer's buffer
 *     time has passed                 agc_tick       says in how many ms it wants to be called again
 *     the port came or went           agc_link
 *
 * All of it from one thread. After agc_rx, agc_link, agc_reply, agc_refuse, agc_event and agc_ask there may be
 * something to send: ask agc_tick and agc_tx. Functions of the table may call agc_reply, agc_refuse, agc_event and
 * agc_ask, never agc_rx, agc_tx or agc_tick; cancelled and release call nothing at all. No C++ exception and no
 * leave may cross the core: the table's functions trap theirs.
 *
 * `now_ms` is any clock in milliseconds; it may wrap. It runs on when the phone's clock is set. A tag names one call; it is never 0, and one that is void
 * (its session is over, it was answered) does no harm. A status is a Symbian error number, passed untouched.
 */

#ifndef SYMHIL_AGC_H
#define SYMHIL_AGC_H

#ifdef __cplusplus
extern "C" {
#endif

/* The lines from here to the end mark are read by the Python loader too. */

#define AGC_ABI_VERSION 1

/* What agc_reply, agc_refuse and agc_event give. */
#define AGC_TAKEN 0
#define AGC_NO_ROOM 1 /* too much waits to be acknowledged: give it again after the next agc_rx or agc_tick */
#define AGC_VOID 2    /* nobody wants it any more; for an answer with a download, release is not called */

/* How a request to the host came out, for `answered`. */
#define AGC_ANSWERED 0
#define AGC_TIMED_OUT 1
#define AGC_GONE 2 /* the session or the link is over, or the host's lease */

typedef unsigned char agc_u8;
typedef unsigned int agc_u32;
typedef int agc_i32;

typedef struct agc_core agc_core;

typedef struct agc_config {
  agc_u32 boot_id;        /* random, anew for each start of the agent */
  agc_u32 window;         /* frames on the way at once, 1 to 16 */
  agc_u32 max_payload;    /* of a frame, 128 to 4160 */
  agc_u32 depth;          /* how deep calls may be nested */
  agc_u32 escape_xonxoff; /* 1 when the line keeps 0x11 and 0x13 for itself */
  const agc_u8 *build;    /* name and version of the agent, UTF-8, at most 40 bytes */
  agc_u32 build_length;
  const agc_u8 *product; /* the phone's model, likewise */
  agc_u32 product_length;
} agc_config;

typedef struct agc_platform {
  void *context; /* the first argument of each function */

  /* The phone's clock in ms, which the host is told and by which requests to it run out; bytes of free memory. */
  agc_u32 (*tick_ms)(void *context);
  agc_u32 (*free_bytes)(void *context);

  /* A new host, or none any more: every tag is void, and whatever the old one had is given up. Only the engine's
   * request is to be answered all the same, now or when the engine is done with it: until then it is busy. */
  void (*session)(void *context);

  /* The host asks. `body` fits the method's layout and is valid during the call only. To be answered once with
   * agc_reply or agc_refuse, now or later. Where a stream follows the request, `upload` and `upload_ended` come
   * before the answer is due. */
  void (*request)(void *context, agc_u32 tag, agc_u32 method, const agc_u8 *body, agc_u32 length);

  /* The next piece of the stream behind a request; a negative status refuses the request with it. */
  agc_i32 (*upload)(void *context, agc_u32 tag, agc_u32 offset, const agc_u8 *data, agc_u32 length);
  void (*upload_ended)(void *context, agc_u32 tag);

  /* The host does not want the answer any more; it is due nevertheless, but for a request whose upload has not
   * ended: that tag is void. */
  void (*cancelled)(void *context, agc_u32 tag);

  /* Up to `length` bytes at `offset` of the stream behind an answer; 0 at its end, negative when it fails. It may
   * be asked for as soon as the answer was taken. What was given once is asked for again when it was lost on the
   * way, until `release`; a new session ends it without one. */
  agc_i32 (*download)(void *context, agc_u32 tag, agc_u32 offset, agc_u8 *data, agc_u32 length);
  void (*release)(void *context, agc_u32 tag);

  /* The host's answer to agc_ask, an AGC_ANSWERED, AGC_TIMED_OUT or AGC_GONE. With status 0 the body fits the
   * method's layout; any other status is what the data owner's callback is to leave with. */
  void (*answered)(void *context, agc_u32 tag, agc_i32 outcome, agc_i32 status, const agc_u8 *body,
                   agc_u32 length);

  /* The host was silent for longer than its lease: end the mode that it has left the phone in. */
  void (*host_silent)(void *context);
} agc_platform;

agc_u32 agc_abi_version(void);
agc_u32 agc_core_size(void);

/* `memory` is aligned for a pointer and stays the core's; 0 when it is too small or the configuration is not
 * possible. The texts of `config` stay where they are; `platform` is copied. The link is down at first. */
agc_core *agc_init(void *memory, agc_u32 length, const agc_config *config, const agc_platform *platform);

void agc_link(agc_core *core, agc_u32 now_ms, agc_u32 is_up);
void agc_rx(agc_core *core, agc_u32 now_ms, const agc_u8 *data, agc_u32 length);

/* Writes up to `size` bytes, at least 2; gives how many. Fewer than size - 1 only when there is no more to send. */
agc_u32 agc_tx(agc_core *core, agc_u32 now_ms, agc_u8 *data, agc_u32 size);

/* Lets what is due happen; gives in how many ms agc_tick and agc_tx want to be called at the latest. */
agc_u32 agc_tick(agc_core *core, agc_u32 now_ms);

/* An answer; with a status other than 0 it is that error of a Symbian API, and the body is not sent. */
agc_u32 agc_reply(agc_core *core, agc_u32 tag, agc_i32 status, const agc_u8 *body, agc_u32 length);

/* An answer that tells why the agent cannot do it at all: an AgentFault and a text in UTF-8. */
agc_u32 agc_refuse(agc_core *core, agc_u32 tag, agc_u32 fault, const agc_u8 *text, agc_u32 length);

/* Tells the host something; lost when there is no host, or no room. */
agc_u32 agc_event(agc_core *core, agc_u32 topic, const agc_u8 *body, agc_u32 length);

/* Asks the host, in the course of the engine request that is being served. Gives a tag, or 0 when it cannot be
 * asked now: no session, no room, or it was silent for longer than its lease. The deadline is below 2^31. */
agc_u32 agc_ask(agc_core *core, agc_u32 method, const agc_u8 *body, agc_u32 length, agc_u32 deadline_ms);

/* CRC-32 as zlib computes it, piece by piece: begin with 0. */
agc_u32 agc_crc32(agc_u32 crc, const agc_u8 *data, agc_u32 length);

/* The end mark. */

#ifdef __cplusplus
}
#endif

#endif
