"""What two ends said, put together again from the frames between them. Sans-IO.

Given frames as they were captured, it finds what belongs together: the parts of a message, a request and its
answer, a call and its streams, a callback and the call in whose course it was made. It knows no more than the
frames say, so it may begin anywhere: what was asked before stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.frame import FIRST_SEQUENCED_KIND, Damage, Flags, Header, Kind, read_frame
from wire.protocol.messages import METHODS
from wire.protocol.messages.method import ErrorBody, Method, StreamEnd
from wire.protocol.messages.owners import OWNER_TOPIC, OwnerEvent
from wire.protocol.messages.phone import PropertyChange
from wire.protocol.window import MAX_WINDOW, SEQUENCE_MASK

_DEADLINE_SIZE: Final = 4


@dataclass(slots=True)
class Stream:
    """The bulk data of a call, in one direction.

    Attributes:
        data: its bytes; None when they were not to be kept.
        end: how it was closed; None while it is open.
        problem: what is wrong with it, empty when nothing is.
    """

    outgoing: bool
    data: bytearray | None
    size: int = 0
    frames: int = 0
    end: StreamEnd | None = None
    problem: str = ""


@dataclass(slots=True, eq=False)
class Exchange:
    """A request and, once it has come, its answer.

    Attributes:
        number: of the frame that completed the request.
        by_phone: the phone asks: a callback.
        parent: the exchange in whose course it was made, as far as it was captured.
        request, answer: the bodies; None where they do not fit their definitions, or have not come.
        request_size, answer_size: bytes of the bodies.
        asked_s, answered_s: when; `answered_s` is None while it is open.
        error: the error it was answered with.
        status: a Symbian error number, or one of the agent's faults; 0 for success.
        streams: what followed the request and the answer.
    """

    number: int
    by_phone: bool
    call_id: int
    method: Method[Any, Any] | None
    method_number: int
    asked_s: float
    parent: Exchange | None = None
    request: tuple[Any, ...] | None = None
    request_size: int = 0
    answered_s: float | None = None
    answer: tuple[Any, ...] | None = None
    answer_size: int = 0
    answer_number: int = 0
    error: ErrorBody | None = None
    status: int = 0
    streams: list[Stream] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The method's name."""
        return self.method.name if self.method else f"unknown method {self.method_number:#06x}"


class Told(NamedTuple):
    """An event. `body` is None when it does not fit its definition."""

    topic: int
    body: OwnerEvent | PropertyChange | None


@dataclass(slots=True, eq=False)
class SeenFrame:
    """A frame of a capture, and what is known of it.

    Attributes:
        header: None for bytes that were no frame; `damage` says why.
        again: it came before.
        exchange: the call that it belongs to.
        event: what it told.
        completes: it is the last part of a message.
        parts: the frames of the message that it completes, itself included, where they are kept.
        problem: what is wrong with the stream that it belongs to.
    """

    number: int
    time_s: float
    outgoing: bool
    header: Header | None
    payload: bytes
    damage: Damage | None = None
    again: bool = False
    exchange: Exchange | None = None
    event: Told | None = None
    completes: bool = True
    parts: tuple[SeenFrame, ...] = ()
    problem: str = ""

    @property
    def message(self) -> bytes:
        """The bytes of the message that it completes, where they are kept."""
        return b"".join(part.payload for part in self.parts)


class Conversation:
    """Takes frames in the order of their capture.

    With `keep` everything that was said is kept in its bytes, streams included.

    Attributes:
        exchanges: all of them, in the order in which they were asked.
        events: frames that told something.
        said: with `keep`, the frames that completed something, in the order in which their receiver took them.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.exchanges: list[Exchange] = []
        self.events: list[SeenFrame] = []
        self.said: list[SeenFrame] = []
        self._keep = keep
        self._sessions: dict[int, _Session] = {}

    def take(self, number: int, time_s: float, data: bytes, *, outgoing: bool) -> SeenFrame:
        """One frame with its FCS. What it belongs to may become known only with a later one."""
        found = read_frame(data)
        if isinstance(found, Damage):
            return SeenFrame(number, time_s, outgoing, None, data, found)
        seen = SeenFrame(number, time_s, outgoing, found.header, bytes(found.payload))
        if found.header.kind >= FIRST_SEQUENCED_KIND:
            session = self._sessions.setdefault(found.header.session, _Session())
            for ready in session.directions[outgoing].in_order(seen):
                self._deliver(session, ready)
        return seen

    def _deliver(self, session: _Session, seen: SeenFrame) -> None:
        assert seen.header is not None
        header = seen.header
        by_phone = bool(header.flags & Flags.FROM_PHONE)
        key = (by_phone, header.channel)
        match header.kind:
            case Kind.REQUEST | Kind.ANSWER | Kind.EVENT:
                parts = session.assemble(seen)
                seen.completes = parts is not None
                if parts is None:
                    return
                payload = b"".join(part.payload for part in parts)
                seen.parts = parts if self._keep else ()
                if header.kind == Kind.REQUEST:
                    seen.exchange = session.open[key] = self._requested(session, seen, payload)
                elif header.kind == Kind.ANSWER:
                    seen.exchange = session.open.get(key)
                    if seen.exchange is not None and seen.exchange.answered_s is None:
                        _answered(seen.exchange, seen, payload)
                else:
                    seen.event = Told(header.channel, _event(header.channel, payload))
                    self.events.append(seen)
            case Kind.DATA | Kind.CLOSE:
                seen.exchange = session.open.get(key)
                if seen.exchange is not None:
                    self._streamed(seen.exchange, seen)
            case _:
                seen.exchange = session.open.get(key)
        if self._keep and header.kind != Kind.DATA:
            self.said.append(seen)

    def _requested(self, session: _Session, seen: SeenFrame, payload: bytes) -> Exchange:
        assert seen.header is not None
        header = seen.header
        by_phone = bool(header.flags & Flags.FROM_PHONE)
        number = header.argument & 0xFFFF
        exchange = Exchange(seen.number, by_phone, header.channel, METHODS.get(number), number, seen.time_s)
        # A request is made in the course of a call of the other end.
        exchange.parent = session.open.get((not by_phone, header.argument >> 16))
        exchange.request_size = max(0, len(payload) - _DEADLINE_SIZE)
        if exchange.method is not None:
            exchange.request = _parsed(exchange.method.request, payload[_DEADLINE_SIZE:])
        self.exchanges.append(exchange)
        return exchange

    def _streamed(self, exchange: Exchange, seen: SeenFrame) -> None:
        assert seen.header is not None
        stream = next((s for s in exchange.streams if s.outgoing is seen.outgoing and s.end is None), None)
        if stream is None:
            stream = Stream(seen.outgoing, bytearray() if self._keep else None)
            exchange.streams.append(stream)
        if seen.header.kind == Kind.DATA:
            if seen.header.argument != stream.size & 0xFFFFFFFF:
                stream.problem = f"data for offset {seen.header.argument} came when {stream.size} was next"
            stream.size += len(seen.payload)
            stream.frames += 1
            if stream.data is not None:
                stream.data += seen.payload
        else:
            end = _parsed(StreamEnd, seen.payload)
            assert end is None or isinstance(end, StreamEnd)
            stream.end = end or StreamEnd(stream.size, 0, 0)
            if end is None or end.length != stream.size:
                closed_at = "nothing that can be read" if end is None else f"{end.length} bytes"
                stream.problem = f"closed at {closed_at}, {stream.size} came"
        seen.problem = stream.problem


class _Direction:
    """Sequenced frames of one end in the order of their numbers, once each.

    A jump by more than a window means that the capture has a hole, as that of a single test has.
    """

    def __init__(self) -> None:
        self._expected: int | None = None
        self._waiting: dict[int, SeenFrame] = {}

    def in_order(self, seen: SeenFrame) -> list[SeenFrame]:
        """What can be taken into account now."""
        assert seen.header is not None
        sequence = seen.header.sequence
        ahead = 0 if self._expected is None else (sequence - self._expected) & SEQUENCE_MASK
        if ahead > SEQUENCE_MASK - MAX_WINDOW or sequence in self._waiting:
            seen.again = True
            return []
        if ahead > MAX_WINDOW:
            self._waiting.clear()
            ahead = 0
        if ahead:
            self._waiting[sequence] = seen
            return []
        ready = [seen]
        while True:
            self._expected = (sequence + len(ready)) & SEQUENCE_MASK
            waiting = self._waiting.pop(self._expected, None)
            if waiting is None:
                return ready
            ready.append(waiting)


class _Session:
    """What is open between two ends. Calls are found by who asked, and their number."""

    def __init__(self) -> None:
        self.directions = {True: _Direction(), False: _Direction()}
        self.open: dict[tuple[bool, int], Exchange] = {}
        self._parts: dict[tuple[int, int, int], list[SeenFrame]] = {}

    def assemble(self, seen: SeenFrame) -> tuple[SeenFrame, ...] | None:
        """The frames of the whole message with its last one."""
        assert seen.header is not None
        header = seen.header
        key = (header.kind, header.flags & Flags.FROM_PHONE, header.channel)
        if not header.flags & Flags.LAST:
            self._parts.setdefault(key, []).append(seen)
            return None
        return (*self._parts.pop(key, ()), seen)


def _answered(exchange: Exchange, seen: SeenFrame, payload: bytes) -> None:
    assert seen.header is not None
    exchange.answered_s = seen.time_s
    exchange.answer_number = seen.number
    exchange.answer_size = len(payload)
    if seen.header.flags & Flags.ERROR:
        argument = seen.header.argument
        exchange.status = argument - (1 << 32) if argument >> 31 else argument
        error = _parsed(ErrorBody, payload)
        assert error is None or isinstance(error, ErrorBody)
        exchange.error = error or ErrorBody(0, exchange.status, "")
    elif exchange.method is not None:
        exchange.answer = _parsed(exchange.method.answer, payload)


def _event(topic: int, payload: bytes) -> OwnerEvent | PropertyChange | None:
    body = _parsed(OwnerEvent if topic == OWNER_TOPIC else PropertyChange, payload)
    assert body is None or isinstance(body, OwnerEvent | PropertyChange)
    return body


def _parsed(cls: type[Any], data: bytes) -> tuple[Any, ...] | None:
    try:
        body: tuple[Any, ...] = codec_of(cls).parse(data)
    except LayoutError:
        return None
    return body
