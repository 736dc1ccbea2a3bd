"""Calls in both directions over one link. Sans-IO.

Either end may ask the other at any time, also while its own request is open: a relayed callback arrives while
the host waits for RequestData. A request names the call in whose course it is made (its parent), so that the
thread that waits for the parent can serve it. Exactly one answer comes for each request.

    REQUEST  channel = call id, argument = method | parent << 16, payload = deadline_ms:u32 + body
    ANSWER   channel = call id, argument = Symbian status as u32, payload = body, or ErrorBody with ERROR set
    DATA, CREDIT, CLOSE   a stream that belongs to the call on the same channel
    CANCEL   the asker does not want the answer any more; the answer comes nevertheless
    EVENT    channel = topic, argument = number of the event

Call ids are the asker's; the flag FROM_PHONE on a frame tells whose channel it is. Messages longer than a
frame go in several; only the last has the flag LAST.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.frame import Flags, Frame, Kind
from wire.protocol.link import Link
from wire.protocol.messages import METHODS
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method, StreamEnd
from wire.protocol.streams import IncomingStream, OutgoingStream
from wire.protocol.window import Unacknowledged
from wire.symbian_errors import KErrAbort

MAX_CALL_ID: Final = 0x7FFF
MAX_MESSAGE: Final = 64 * 1024
"""The longest request, answer or event; bulk data goes through streams."""

MAX_OPEN_REQUESTS: Final = 64
"""How many requests of the other end may wait for their answers; no agent has so many callbacks at once."""

MAX_PARTIAL: Final = 16
"""How many messages may be half there at once; each end sends the frames of a message in a row."""

# As in link.py: looked up once, since each frame asks for them.
_REQUEST: Final = int(Kind.REQUEST)
_ANSWER: Final = int(Kind.ANSWER)
_DATA: Final = int(Kind.DATA)
_MESSAGES: Final = frozenset({_REQUEST, _ANSWER, int(Kind.EVENT)})
_LAST: Final = int(Flags.LAST)
_ERROR: Final = int(Flags.ERROR)
_FROM_PHONE: Final = int(Flags.FROM_PHONE)
_DEADLINE: Final = struct.Struct("<I")
_STATUS_MASK: Final = 0xFFFFFFFF
_CALL_IDS: Final = range(MAX_CALL_ID)


class OpenCall:
    """A request of ours and, later, its answer.

    Attributes:
        error: why it failed; None while it is open or when it succeeded.
        body: the answer's body as bytes.
        download: the stream that follows the answer, for methods that have one.
        has_stream: bulk data goes in either direction.
    """

    __slots__ = (
        "abandoned",
        "answered",
        "body",
        "call_id",
        "depth",
        "download",
        "error",
        "has_stream",
        "method",
        "serving",
        "upload",
    )

    def __init__(self, call_id: int, method: Method[Any, Any], depth: int) -> None:
        self.call_id = call_id
        self.method = method
        self.depth = depth
        self.answered = False
        self.abandoned = False
        self.error: ErrorBody | None = None
        self.body = b""
        self.download: IncomingStream | None = None
        self.upload: OutgoingStream | None = None
        self.has_stream = method.upload or method.download
        self.serving: deque[Request] = deque()

    @property
    def finished(self) -> bool:
        """The answer is there, and its stream is too."""
        return self.answered and (self.error is not None or self.download is None or self.download.finished)

    @property
    def progress(self) -> int:
        """A number that grows while streams of the call move."""
        received = self.download.received if self.download is not None else 0
        return received + (self.upload.sent if self.upload is not None else 0)


class Request:
    """A request of the other end, to be answered exactly once.

    Attributes:
        parent: our open call in whose course it is made; None when it has none.
        upload: the stream that follows the request, for methods that have one.
        cancelled: the asker has lost interest.
    """

    __slots__ = (
        "answered",
        "body",
        "call_id",
        "cancelled",
        "deadline_ms",
        "depth",
        "method",
        "parent",
        "upload",
    )

    def __init__(
        self, call_id: int, method: Method[Any, Any], body: bytes, deadline_ms: int, parent: OpenCall | None
    ) -> None:
        self.call_id = call_id
        self.method = method
        self.body = body
        self.deadline_ms = deadline_ms
        self.parent = parent
        self.depth = parent.depth + 1 if parent else 1
        self.upload: IncomingStream | None = None
        self.cancelled = False
        self.answered = False

    def parsed(self) -> Any:
        """The body as the method's request class; LayoutError when it does not fit."""
        return self.method.request_codec.parse(self.body)


class Event(NamedTuple):
    """Something the other end tells without being asked."""

    topic: int
    number: int
    body: bytes


class Calls:
    """All calls, streams and events of one end.

    Attributes:
        incoming: requests whose parent is none of our open calls; the others are with their parent.
        events: what came, oldest first.
        finished: calls that were answered since the owner last looked.
    """

    def __init__(self, link: Link, *, is_phone: bool) -> None:
        self.link = link
        self.incoming: deque[Request] = deque()
        self.events: deque[Event] = deque()
        self.open: dict[int, OpenCall] = {}
        self.unexpected = 0
        self._mine: int = _FROM_PHONE if is_phone else 0
        self._theirs: int = 0 if is_phone else _FROM_PHONE
        self._last_id = 0
        self._event_number = 0
        self._serving: dict[int, Request] = {}
        self._partial: dict[tuple[int, int, int], list[bytes]] = {}
        self._sending: deque[OutgoingStream] = deque()
        self._receiving: dict[tuple[int, int], IncomingStream] = {}
        link.bulk = self._next_bulk

    def reset(self) -> None:
        """A new session: whatever was open is void."""
        self.incoming.clear()
        self.events.clear()
        self.open.clear()
        self._serving.clear()
        self._partial.clear()
        self._sending.clear()
        self._receiving.clear()

    # ---------------------------------------------------------------------------------- asking

    def ask(
        self,
        method: Method[Any, Any],
        body: bytes,
        *,
        deadline_ms: int,
        parent: Request | None = None,
        upload: Iterable[bytes | memoryview] | None = None,
    ) -> OpenCall:
        """Make a request; the answer shows in the returned call."""
        call_id = self._next_id()
        call = OpenCall(call_id, method, parent.depth + 1 if parent else 1)
        self.open[call_id] = call
        argument = method.number | (parent.call_id << 16 if parent else 0)
        self._send(_REQUEST, call_id, argument, _DEADLINE.pack(deadline_ms) + body, self._mine)
        if method.download:
            call.download = self._receiving[call_id, self._mine] = IncomingStream(call_id, self._mine)
        if upload is not None:
            call.upload = OutgoingStream(call_id, self._mine, upload)
            self._sending.append(call.upload)
        return call

    def abandon(self, call: OpenCall) -> None:
        """Say that the answer is not wanted any more; what comes for the call is dropped."""
        if not call.finished:
            call.abandoned = True
            while call.serving:
                self._refuse_for_abandoned(call.serving.popleft())
            self.link.send(Kind.CANCEL, call.call_id, 0, b"", self._mine)
            self._stop_sending(call.call_id, self._mine)
            self._receiving.pop((call.call_id, self._mine), None)
            call.download = None

    def tell(self, topic: int, body: bytes) -> None:
        """Send an event."""
        self._event_number = (self._event_number + 1) & 0xFFFFFFFF
        self._send(Kind.EVENT, topic, self._event_number, body, self._mine)

    # ------------------------------------------------------------------------------- answering

    def answer(self, request: Request, body: bytes, download: Iterable[bytes | memoryview] | None = None) -> None:
        """Answer a request with success."""
        if self._close_request(request):
            self._send(_ANSWER, request.call_id, 0, body, self._theirs)
            if request.method.download and not request.cancelled:
                self._sending.append(OutgoingStream(request.call_id, self._theirs, download or ()))

    def refuse(self, request: Request, error: ErrorBody) -> None:
        """Answer a request with an error."""
        if self._close_request(request):
            self._send(
                Kind.ANSWER,
                request.call_id,
                error.code & _STATUS_MASK,
                codec_of(ErrorBody).build(error),
                self._theirs | Flags.ERROR,
            )

    def _close_request(self, request: Request) -> bool:
        """Whether the request is still to be answered: not twice, and not after a new session began."""
        if request.answered or self._serving.get(request.call_id) is not request:
            return False
        request.answered = True
        del self._serving[request.call_id]
        if request.upload is not None:
            self._receiving.pop((request.call_id, self._theirs), None)
        return True

    def grant(self, stream: IncomingStream) -> None:
        """Let the sender go on, once enough of a stream has been taken."""
        end_offset = stream.new_grant()
        if end_offset is not None:
            self.link.send(Kind.CREDIT, stream.channel, end_offset, b"", stream.flags)

    # ------------------------------------------------------------------------------- receiving

    def process(self) -> None:
        """Sort what the link has delivered."""
        delivered = self.link.delivered
        while delivered:
            frame = delivered.popleft()
            header = frame.header
            kind = header.version_kind & 0x0F
            if kind == _DATA:
                stream = self._receiving.get((header.channel, header.flags & _FROM_PHONE))
                if stream is not None:
                    stream.add(header.argument, frame.payload)
                else:
                    self.unexpected += 1  # the rest of a stream that was cancelled
            elif kind in _MESSAGES:
                # Nearly all fit one frame.
                alone = header.flags & _LAST and not self._partial
                payload = bytes(frame.payload) if alone else self._assemble(frame)
                if payload is not None:
                    self._message(kind, frame, payload)
            elif kind == Kind.CREDIT:
                self._credit(frame)
            elif kind == Kind.CLOSE:
                self._close_stream(frame)
            elif kind == Kind.CANCEL:
                self._cancel(header.channel)
            else:
                self.unexpected += 1

    def _assemble(self, frame: Frame) -> bytes | None:
        """The whole message once its last frame is there."""
        header = frame.header
        key = (header.version_kind, header.flags & Flags.FROM_PHONE, header.channel)
        if key not in self._partial and len(self._partial) >= MAX_PARTIAL:
            self.unexpected += 1
            del self._partial[next(iter(self._partial))]
        parts = self._partial.setdefault(key, [])
        parts.append(bytes(frame.payload))
        if sum(map(len, parts)) > MAX_MESSAGE + _DEADLINE.size:
            self.unexpected += 1
            del self._partial[key]
            return None
        if not header.flags & _LAST:
            return None
        del self._partial[key]
        return b"".join(parts)

    def _message(self, kind: int, frame: Frame, payload: bytes) -> None:
        if kind == _REQUEST:
            self._requested(frame, payload)
        elif kind == _ANSWER:
            self._answered(frame, payload)
        else:
            self.events.append(Event(frame.header.channel, frame.header.argument, payload))

    def _requested(self, frame: Frame, payload: bytes) -> None:
        header = frame.header
        method = METHODS.get(header.argument & 0xFFFF)
        if method is None or len(payload) < _DEADLINE.size:
            fault = AgentFault.UNKNOWN_METHOD if method is None else AgentFault.BAD_BODY
            text = f"method {header.argument & 0xFFFF:#06x} with {len(payload)} bytes"
            self._refuse_at_once(header.channel, fault, text)
            return
        if len(self._serving) >= MAX_OPEN_REQUESTS or header.channel in self._serving:
            text = f"{len(self._serving)} requests wait for their answers, this one has number {header.channel}"
            self._refuse_at_once(header.channel, AgentFault.NO_RESOURCES, text)
            return
        parent = self.open.get(header.argument >> 16)
        (deadline_ms,) = _DEADLINE.unpack_from(payload)
        request = Request(header.channel, method, payload[_DEADLINE.size :], deadline_ms, parent)
        self._serving[request.call_id] = request
        if request.depth > self.link.agreement.depth:
            text = f"{method.name} would be {request.depth} calls deep, {self.link.agreement.depth} are agreed"
            self.refuse(request, ErrorBody(ErrorDomain.AGENT, AgentFault.TOO_DEEP, text))
            return
        if method.upload:
            key = (request.call_id, self._theirs)
            request.upload = self._receiving[key] = IncomingStream(request.call_id, self._theirs)
        if parent is not None and parent.abandoned:
            self._refuse_for_abandoned(request)
        elif parent is not None:
            parent.serving.append(request)
        else:
            self.incoming.append(request)

    def _refuse_for_abandoned(self, request: Request) -> None:
        """Nobody waits for the call any more in whose course this is asked."""
        self.refuse(request, ErrorBody(ErrorDomain.HOST, KErrAbort, "the call it belongs to was given up"))

    def _refuse_at_once(self, channel: int, fault: AgentFault, text: str) -> None:
        body = codec_of(ErrorBody).build(ErrorBody(ErrorDomain.AGENT, fault, text))
        self._send(Kind.ANSWER, channel, fault, body, self._theirs | Flags.ERROR)

    def _answered(self, frame: Frame, payload: bytes) -> None:
        header = frame.header
        call = self.open.get(header.channel)
        if call is None or call.answered:
            self.unexpected += 1
            return
        call.answered = True
        call.body = payload
        if call.upload is not None:
            self._stop_sending(header.channel, self._mine)
        if header.flags & _ERROR:
            try:
                call.error = codec_of(ErrorBody).parse(payload)
            except LayoutError as error:
                call.error = ErrorBody(ErrorDomain.AGENT, AgentFault.BAD_BODY, str(error))
        if call.finished or call.abandoned:
            self._forget(call)

    def _close_stream(self, frame: Frame) -> None:
        header = frame.header
        owner = header.flags & Flags.FROM_PHONE
        stream = self._receiving.get((header.channel, owner))
        if stream is None:
            self.unexpected += 1
            return
        try:
            stream.close(codec_of(StreamEnd).parse(frame.payload))
        except LayoutError as error:
            stream.problem = str(error)
        if owner == self._mine:
            call = self.open.get(header.channel)
            if call is not None and call.finished:
                self._forget(call)

    def _forget(self, call: OpenCall) -> None:
        if call.serving:
            # What was asked in its course and not served yet is owed an answer all the same.
            self.incoming += call.serving
            call.serving.clear()
        self.open.pop(call.call_id, None)
        if call.download is not None:
            self._receiving.pop((call.call_id, self._mine), None)

    def _credit(self, frame: Frame) -> None:
        for stream in self._sending:
            if stream.channel == frame.header.channel and stream.flags == (frame.header.flags & Flags.FROM_PHONE):
                stream.grant(frame.header.argument)

    def _cancel(self, channel: int) -> None:
        request = self._serving.get(channel)
        if request is not None:
            request.cancelled = True
        self._stop_sending(channel, self._theirs)

    def _stop_sending(self, channel: int, owner: int) -> None:
        if self._sending:
            self._sending = deque(s for s in self._sending if (s.channel, s.flags) != (channel, owner))

    # --------------------------------------------------------------------------------- sending

    def _send(self, kind: int, channel: int, argument: int, payload: bytes, flags: int) -> None:
        limit = self.link.short_payload
        if len(payload) <= limit:
            self.link.send(kind, channel, argument, payload, flags | _LAST)
            return
        if len(payload) > MAX_MESSAGE + _DEADLINE.size:
            raise LayoutError("message", f"{len(payload)} bytes do not fit the {MAX_MESSAGE} that one may have")
        for start in range(0, len(payload), limit):
            last = _LAST if start + limit >= len(payload) else 0
            self.link.send(kind, channel, argument, payload[start : start + limit], flags | last)

    def _next_bulk(self, max_payload: int) -> Unacknowledged | None:
        """The next frame of the streams, in turn."""
        if not self._sending:
            return None
        for _ in range(len(self._sending)):
            stream = self._sending[0]
            frame = stream.next_frame(max_payload)
            if stream.finished:
                self._sending.popleft()
            else:
                self._sending.rotate(-1)
            if frame is not None:
                return frame
        return None

    def _next_id(self) -> int:
        for _ in _CALL_IDS:
            self._last_id = self._last_id % MAX_CALL_ID + 1
            if self._last_id not in self.open:
                return self._last_id
        raise LayoutError("call", f"{MAX_CALL_ID} calls are open already")
