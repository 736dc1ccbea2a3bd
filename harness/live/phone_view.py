"""What a phone is at, learned from the frames that pass: its mode, who is asked what, how far a transfer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from harness.engine import describe_transfer
from wire.errors import FormatError, LayoutError
from wire.formats.serialised import read_generic
from wire.layout import codec_of
from wire.protocol.frame import Flags, Header, Kind
from wire.protocol.messages import METHODS, callbacks, engine, files
from wire.protocol.messages.method import Method
from wire.protocol.messages.phone import PROPERTY_GET, PROPERTY_SUBSCRIBE, PropertyChange
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, BurMode

_DEADLINE_SIZE: Final = 4
_MAX_EXPECTED: Final = 256


@dataclass(slots=True)
class Progress:
    """How far a transfer is.

    Attributes:
        what: as in `0xE0F1A001 C EActiveBaseData`, or a file.
        expected: bytes; None where nobody has said how many there will be. An owner's estimate may be wrong.
        streamed, relayed: bytes of the stream, and those that a data owner has given or taken in callbacks: the
            engine packs the ones into the others, so they come one after the other.
    """

    what: str
    start_s: float
    last_s: float
    expected: int | None = None
    streamed: int = 0
    relayed: int = 0

    @property
    def size(self) -> int:
        """Bytes so far."""
        return max(self.streamed, self.relayed)

    @property
    def rate(self) -> float | None:
        """Bytes a second so far; None before there is anything to divide by."""
        took_s = self.last_s - self.start_s
        return self.size / took_s if took_s > 0 and self.size else None

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest takes at this rate; None where that cannot be told."""
        if self.expected is None or self.rate is None or self.size > self.expected:
            return None
        return (self.expected - self.size) / self.rate


class PhoneView:
    """One phone.

    Attributes:
        handset: its name.
        test: what runs on it.
        mode: the backup and restore property; None before it is known.
        asked: what the host waits for; empty when it waits for nothing.
        owner: the data owner that was asked last in this mode, and `callback` what.
        progress: the transfer that is going on or was the last.
        frames: how many have passed.
    """

    def __init__(self, handset: str) -> None:
        self.handset = handset
        self.frames = 0
        self.mode: BurMode | None = None
        self.begin("")

    def begin(self, test: str) -> None:
        """Another test runs on it."""
        self.test = test
        self.asked = ""
        self.owner = ""
        self.callback = ""
        self.progress: Progress | None = None
        self._topic: int | None = None
        self._open: dict[int, tuple[Method[Any, Any], Any]] = {}
        self._callbacks: dict[int, type[Any]] = {}
        self._expected: dict[bytes, int] = {}
        self._transfer = b""

    def take(self, outgoing: bool, header: Header, payload: bytes | memoryview, now: float) -> None:
        """A frame that passes. What cannot be read is none of our business."""
        self.frames += 1
        kind = header.kind
        by_phone = bool(header.flags & Flags.FROM_PHONE)
        if kind == Kind.DATA and not by_phone and self.progress is not None:
            self.progress.streamed += len(payload)
            self.progress.last_s = now
        elif kind in {Kind.REQUEST, Kind.ANSWER, Kind.EVENT} and header.flags & Flags.LAST:
            try:
                if kind == Kind.REQUEST:
                    self._request(outgoing, header, bytes(payload[_DEADLINE_SIZE:]), now)
                elif kind == Kind.ANSWER and by_phone:
                    if self._callbacks.pop(header.channel, None) is callbacks.Section:
                        self._relayed(codec_of(callbacks.Section).parse(payload).data, now)
                elif kind == Kind.ANSWER:
                    self._answer(header, bytes(payload))
                elif kind == Kind.EVENT and header.channel == self._topic:
                    self._mode_is(codec_of(PropertyChange).parse(payload).value)
            except (LayoutError, FormatError):
                pass

    def _request(self, outgoing: bool, header: Header, payload: bytes, now: float) -> None:
        method = METHODS.get(header.argument & 0xFFFF)
        if method is None:
            return
        body = codec_of(method.request).parse(payload)
        if outgoing:
            self._open[header.channel] = (method, body)
            self.asked = method.name
            self._transfer_begins(method, body, now)
        elif hasattr(body, "sid"):
            self.owner = str(body.sid)
            self.callback = method.name
            self._callbacks[header.channel] = method.answer
            if isinstance(body, callbacks.RestoreSection):
                self._relayed(body.data, now)

    def _relayed(self, data: bytes, now: float) -> None:
        if self.progress is not None:
            self.progress.relayed += len(data)
            self.progress.last_s = now

    def _transfer_begins(self, method: Method[Any, Any], body: Any, now: float) -> None:
        if method in {engine.REQUEST_DATA, engine.SUPPLY_DATA}:
            # A stream comes in several calls; it goes on where the one before has ended.
            if body.transfer_type != self._transfer or self.progress is None:
                self._transfer = body.transfer_type
                transfer: Any = read_generic(body.transfer_type)
                expected = self._expected.get(body.transfer_type)
                self.progress = Progress(describe_transfer(transfer), now, now, expected)
            if method is engine.SUPPLY_DATA and body.size > (self.progress.expected or 0):
                self.progress.expected = self.progress.streamed + body.size
        elif method in {files.FILE_READ, files.FILE_WRITE}:
            self._transfer = b""
            self.progress = Progress(body.path, now, now)

    def _answer(self, header: Header, payload: bytes) -> None:
        call = self._open.pop(header.channel, None)
        if not self._open:
            self.asked = ""
        if call is None or header.flags & Flags.ERROR:
            return
        method, request = call
        body = codec_of(method.answer).parse(payload)
        if method is PROPERTY_SUBSCRIBE and request == (SYSTEM_CATEGORY, BACKUP_RESTORE_KEY):
            self._topic = body.topic
            self._mode_is(body.value)
        elif method is PROPERTY_GET and request == (SYSTEM_CATEGORY, BACKUP_RESTORE_KEY):
            self._mode_is(body.value)
        elif method is engine.EXPECTED_DATA_SIZE and len(self._expected) < _MAX_EXPECTED:
            self._expected[request.transfer_type] = body.size
        elif method is files.FILE_READ and self.progress is not None:
            self.progress.expected = body.length

    def _mode_is(self, value: int) -> None:
        mode = BurMode.from_property(value)
        if mode != self.mode:
            self.mode = mode
            self.owner = self.callback = ""
