"""A reliable link over a line that loses, damages, repeats and delays bytes. Sans-IO.

Fed with received bytes and the time, it gives bytes to send and, in order and once each, the frames of the
other end. One session at a time: every frame carries its tag, so bytes left over in some buffer from an
earlier run are recognised and dropped.

    host                                   phone
      HELLO, every 0.5 s   ------------->
                           <-------------  HELLO_ACK        both compute the session tag
      REQUEST seq 0        ------------->
                           <-------------  ANSWER seq 0, acknowledge 1
      DATA seq 1..4        ------------->
                           <-------------  ACK 5            when half a window waits, or after 10 ms
      PING after silence   ------------->
                           <-------------  PONG

Acknowledgements ride on whatever goes the other way; a frame of their own is sent only when nothing else is.
Control frames overtake bulk data that is still queued, since numbers are given when a frame is sent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, fields
from enum import Enum, IntEnum
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from wire.errors import ProtocolError
from wire.layout import U32, Flag
from wire.protocol.frame import (
    FIRST_SEQUENCED_KIND,
    PROTOCOL_VERSION,
    Damage,
    Flags,
    Frame,
    FrameDecoder,
    Header,
    Kind,
    encode_frame,
)
from wire.protocol.handshake import (
    FULL_PAYLOAD,
    Agreement,
    Hello,
)
from wire.protocol.window import ReceiveWindow, SendWindow, Unacknowledged

if TYPE_CHECKING:
    from collections.abc import Callable

ACK_DELAY_S: Final = 0.01
CLEAN_UNTIL_LARGER: Final = 64
"""So many frames of bulk data in a row, none of any kind sent again, before they become twice as long."""
NO_SESSION: Final = 0

VERSION_BITS: Final = PROTOCOL_VERSION << 4

# A member of an enumeration costs as much to look up as a function to call, and these are asked for in each frame.
_HELLO_ACK: Final = int(Kind.HELLO_ACK)
_ACK: Final = int(Kind.ACK)
_ACK_NOW: Final = int(Flags.ACK_NOW)


class LinkState(Enum):
    """Where a link is in its life."""

    CONNECTING = "connecting"
    OPEN = "open"
    REFUSED = "refused"  # the other end is there but speaks differently
    LOST = "lost"


class ResetCode(IntEnum):
    """Why an end tells the other that it cannot go on."""

    UNKNOWN_SESSION = 1
    NOT_UNDERSTOOD = 2


class Pong(NamedTuple):
    """The phone's sign of life."""

    tick_ms: U32
    counter: U32
    engine_busy: Flag
    free_bytes: U32


@dataclass
class LinkCounters:
    """What happened on the link; the guard against copies and chatter counts with these."""

    frames_sent: int = 0
    frames_received: int = 0
    payload_sent: int = 0
    payload_received: int = 0
    pure_acks: int = 0
    resent: int = 0
    damaged: int = 0
    duplicates: int = 0
    stale: int = 0

    def summary(self) -> str:
        """`name=value` of everything that is not zero."""
        return " ".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self) if getattr(self, f.name))


class TraceHook(Protocol):
    """Sees every frame as it is sent or received."""

    def __call__(self, outgoing: bool, header: Header, payload: bytes | memoryview, now: float, /) -> None:
        """`payload` must be copied if it is kept."""

    def damage(self, kind: Damage, data: bytes, now: float, /) -> None:
        """Bytes came that were no frame; within one reading they are told before its frames."""

    def note(self, text: str, now: float, /) -> None:
        """Something happened to the link, in words."""


class Link(ABC):
    """What both ends have in common; `HostLink` and `PhoneLink` add their side of the handshake.

    Attributes:
        delivered: frames of the other end, in order, once each; the owner takes them from the left.
        is_open: the handshake is done and the link is not lost; `state` says more.
        short_payload: how long a frame may be that is to arrive on any line.
        bulk: asked for one more bulk frame whenever the window has room and no control frame waits.
        lost_because: why the link is lost or refused, as a sentence.
    """

    def __init__(self, hello: Hello, *, trace: TraceHook | None = None) -> None:
        self.hello = hello
        self.other: Hello | None = None
        self.state = LinkState.CONNECTING
        self.lost_because = ""
        self.delivered: deque[Frame] = deque()
        self.bulk: Callable[[int], Unacknowledged | None] = lambda _: None
        self.counters = LinkCounters()
        self.agreement = Agreement(NO_SESSION, 1, FULL_PAYLOAD, 1, escape_xonxoff=True)
        self.is_open = False
        self.last_heard = 0.0
        self._trace = trace
        self._greeting = True  # something of the handshake may be to be sent
        self._hello_due = inf  # when it is time for a HELLO; the phone only answers
        self._decoder = FrameDecoder(max(hello.max_payload, FULL_PAYLOAD))
        self._control: deque[Unacknowledged] = deque()
        self._unsequenced: deque[tuple[int, int, bytes]] = deque()  # kind, argument, payload
        self._again: dict[int, Unacknowledged] = {}
        self.short_payload = FULL_PAYLOAD
        self._bulk_payload = FULL_PAYLOAD
        self._clean = 0
        self._send_window = SendWindow(1)
        self._receive_window = ReceiveWindow(1)
        self._told_them = 0  # the last acknowledgement that went out
        self._ack_now = False
        self._ack_due = inf
        self._life_due = inf  # when `_keep_alive` has to look; the phone does not ask

    @property
    def debris(self) -> list[str]:
        """The last stretches of bytes that were no frames, for a reader."""
        return [f"{damage.name.lower()}: {piece[:64].hex(' ')}" for damage, piece in self._decoder.debris]

    @property
    def text_instead(self) -> str:
        """The last text that came instead of a frame, as from a bridge that lets nobody in; empty for none."""
        for _, piece in reversed(self._decoder.debris):
            text = piece.decode("ascii", "replace").strip()
            if text and text.isprintable():
                return text
        return ""

    @property
    def unacknowledged(self) -> int:
        """How many frames are on their way or queued."""
        return len(self._send_window) + len(self._control)

    def send(
        self, kind: int, channel: int, argument: int, payload: bytes | memoryview = b"", flags: int = 0
    ) -> None:
        """Queue a sequenced control frame; `payload` must fit the agreed size."""
        self._control.append(Unacknowledged(kind, flags, channel, argument, payload))

    def is_queued(self, kind: int, channel: int) -> bool:
        """Whether a frame of that kind and channel was never sent."""
        return any(frame.kind == kind and frame.channel == channel for frame in self._control)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes off the line. Never raises; what is wrong is counted."""
        if self._trace is not None:
            self._decoder.on_damage = partial(self._trace_damage, now)
        for frame in self._decoder.feed(data):
            if self._trace is not None:
                self._trace(False, frame.header, frame.payload, now)
            self._receive_frame(frame, now)
        self.counters.damaged = self._decoder.damages

    def _trace_damage(self, now: float, kind: Damage, data: bytes) -> None:
        assert self._trace is not None
        self._trace.damage(kind, data, now)

    def _receive_frame(self, frame: Frame, now: float) -> None:
        header = frame.header
        kind = header.version_kind - VERSION_BITS
        if not 0 <= kind <= 0x0F:
            self.counters.stale += 1
            return
        if kind <= _HELLO_ACK:
            self._receive_hello(kind, frame.payload, now)
            return
        if header.session != self.agreement.session or not self.is_open:
            self.counters.stale += 1
            self._receive_stranger(header)
            return
        self.last_heard = now
        self.counters.frames_received += 1
        try:
            for hole in self._send_window.acknowledge(header.acknowledge, now):
                self._again[hole.sequence] = hole
        except ProtocolError as error:
            self._lose(f"{error}; the two ends disagree about the session")
            return
        if kind >= FIRST_SEQUENCED_KIND:
            self._receive_sequenced(frame, now)
        elif kind == _ACK:
            if header.argument:
                for hole in self._send_window.selectively(header.acknowledge, header.argument, now):
                    self._again[hole.sequence] = hole
        elif kind == Kind.PING:
            self._unsequenced.append((Kind.PONG, header.argument, self._pong()))
        elif kind == Kind.PONG:
            self._receive_pong(header.argument, frame.payload, now)
        elif kind == Kind.RESET:
            # One about a session before this says that late frames of it came; this one goes on.
            if header.argument >> 16 != ResetCode.UNKNOWN_SESSION:
                self._lose("the other end gave the session up")
        elif header.flags & Flags.MUST_UNDERSTAND:
            self._unsequenced.append((Kind.RESET, ResetCode.NOT_UNDERSTOOD, b""))
        if header.flags & _ACK_NOW:
            self._ack_now = True

    def _receive_sequenced(self, frame: Frame, now: float) -> None:
        window = self._receive_window
        if window.is_next(frame.header.sequence):
            self.counters.payload_received += frame.header.length
            self.delivered.append(frame)
            if self._ack_due == inf:
                self._ack_due = now + ACK_DELAY_S
            return
        ready = window.accept(frame)
        if ready is None:
            self._ack_now = True
            self.counters.duplicates = window.duplicates
            return
        if self._ack_due == inf:
            self._ack_due = now + ACK_DELAY_S
        if window.kept:
            self._ack_now = True
        for each in ready:
            self.counters.payload_received += len(each.payload)
            self.delivered.append(each)

    def outgoing(self, now: float) -> list[bytes]:
        """Everything that can be sent now, one frame an element."""
        out: list[bytes] = []
        if self._greeting:
            self._handshake(now, out)
        while self._unsequenced:
            kind, argument, payload = self._unsequenced.popleft()
            out.append(self._encode(kind, 0, 0, 0, argument, payload, now))
        if not self.is_open:
            return out
        window = self._send_window
        if now >= window.resend_at:
            try:
                late = window.timed_out()
            except ProtocolError as error:
                self._lose(str(error))
                return out
            late.flags |= _ACK_NOW
            self._again[late.sequence] = late
        if self._again:
            self._send_again(now, out)
        for _ in range(window.room):
            frame = self._control.popleft() if self._control else self._next_bulk()
            if frame is None:
                break
            window.add(frame, now)
            out.append(
                self._encode(
                    frame.kind, frame.flags, frame.sequence, frame.channel, frame.argument, frame.payload, now
                )
            )
        waiting = (self._receive_window.expected - self._told_them) & 0xFFFF
        if self._ack_now or (waiting and (2 * waiting >= window.size or now >= self._ack_due)):
            self.counters.pure_acks += 1
            out.append(self._encode(_ACK, 0, 0, 0, self._receive_window.bitmap(), b"", now))
        if now >= self._life_due:
            self._keep_alive(now, out)
        return out

    def deadline(self) -> float:
        """When `outgoing` has to be called again even if nothing is received; may be infinite."""
        if not self.is_open:
            return self._hello_due
        return min(self._ack_due, self._send_window.resend_at, self._life_due)

    def _next_bulk(self) -> Unacknowledged | None:
        """A frame of bulk data: as long as phones' at first, longer while the line is seen to damage none.

        Most of the work is the same for a long frame as for a short one, but on a line that damages bytes a long
        one hardly ever arrives, and its size cannot be changed any more once it has its number.
        """
        frame = self.bulk(self._bulk_payload)
        if frame is not None:
            self._clean += 1
            if self._clean == CLEAN_UNTIL_LARGER:
                self._clean = 0
                self._bulk_payload = min(2 * self._bulk_payload, self.agreement.max_payload)
        return frame

    def _send_again(self, now: float, out: list[bytes]) -> None:
        self._use_short_frames()
        for frame in self._again.values():
            self._send_window.mark_resent(frame, now)
            frame.flags |= Flags.RESENT
            out.append(
                self._encode(
                    frame.kind, frame.flags, frame.sequence, frame.channel, frame.argument, frame.payload, now
                )
            )
        self._again.clear()
        self.counters.resent = self._send_window.resent

    def _use_short_frames(self) -> None:
        self._clean = 0
        self._bulk_payload = self.short_payload

    def _encode(
        self,
        kind: int,
        flags: int,
        sequence: int,
        channel: int,
        argument: int,
        payload: bytes | memoryview,
        now: float,
    ) -> bytes:
        session, _, _, _, escaped = self.agreement
        expected = self._receive_window.expected
        if kind > _HELLO_ACK:
            self._told_them = expected
            self._ack_now = False
            self._ack_due = inf
        else:
            # HELLO goes escaped on every line: whether this one needs it is not known yet.
            session, escaped = NO_SESSION, True
        size = len(payload)
        header = (VERSION_BITS | kind, flags, session, sequence, expected, channel, size, argument)
        self.counters.frames_sent += 1
        if kind >= FIRST_SEQUENCED_KIND:
            self.counters.payload_sent += size
        if self._trace is not None:
            self._trace(True, Header._make(header), payload, now)
        return encode_frame(header, payload, escape_xonxoff=escaped)

    def _open(self, agreement: Agreement, now: float) -> None:
        """Begin a session with nothing left of an earlier one."""
        self.agreement = agreement
        self._send_window = SendWindow(agreement.window)
        self._receive_window = ReceiveWindow(agreement.window)
        self._control.clear()
        self._unsequenced.clear()
        self._again.clear()
        self.delivered.clear()
        self.short_payload = min(FULL_PAYLOAD, agreement.max_payload)
        self._use_short_frames()
        self._told_them = 0
        self._ack_now = False
        self._ack_due = inf
        self.last_heard = now
        self._become(LinkState.OPEN)
        if self._trace is not None:
            self._trace.note(f"the link is open: {agreement.summary()}", now)

    def _become(self, state: LinkState) -> None:
        self.state = state
        self.is_open = state is LinkState.OPEN
        self._hello_due = inf

    def _lose(self, because: str) -> None:
        self._become(LinkState.LOST)
        self.lost_because = because

    @abstractmethod
    def _handshake(self, now: float, out: list[bytes]) -> None:
        """Send what the handshake needs now, and say in `_greeting` whether more may come."""

    @abstractmethod
    def _receive_hello(self, kind: int, payload: memoryview, now: float) -> None:
        """HELLO or HELLO_ACK."""

    def _receive_stranger(self, header: Header) -> None:
        """A frame of another session."""

    def _receive_pong(self, token: int, payload: memoryview, now: float) -> None:
        """Only the host asks."""

    def _pong(self) -> bytes:
        return b""

    def _keep_alive(self, now: float, out: list[bytes]) -> None:
        """Only the host asks."""
