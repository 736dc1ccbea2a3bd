"""Streams: bulk data that belongs to a call, in either direction, under credit.

The sender may send up to the absolute end offset that the receiver has granted; losing or repeating a grant
is harmless. Each DATA frame says at which offset it belongs, and the frame that closes a stream carries
length and CRC-32 of the whole, so that anything lost or doubled above the link would show.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from wire.errors import ProtocolError
from wire.layout import codec_of
from wire.protocol.frame import Kind
from wire.protocol.messages.method import StreamEnd
from wire.protocol.window import Unacknowledged

STREAM_WINDOW: Final = 128 * 1024
"""How far a sender may be ahead of the receiver's consumer, in bytes."""
_BLOCK_MASK: Final = ~4095
_OFFSET_MASK: Final = 0xFFFFFFFF


class OutgoingStream:
    """What is still to be sent of one call's stream.

    Args:
        flags: those of the channel.
        source: pieces of any size, taken as the line allows; when it raises OSError the stream closes with
            a general error, so that the other end does not take a part for the whole.

    Attributes:
        sent: bytes so far.
    """

    def __init__(self, channel: int, flags: int, source: Iterable[bytes | memoryview]) -> None:
        self.channel = channel
        self.flags = flags
        self._source: Iterator[bytes | memoryview] = iter(source)
        self._piece = memoryview(b"")
        self.sent = 0
        self._crc = 0
        self._credit = STREAM_WINDOW
        self._failed = 0
        self._exhausted = False
        self.finished = False

    @property
    def blocked(self) -> bool:
        """No credit left."""
        return self.sent >= self._credit and not self._exhausted

    def grant(self, end_offset: int) -> None:
        """The receiver can take everything before `end_offset` (32 bits of it)."""
        ahead = (end_offset - self._credit) & _OFFSET_MASK
        if ahead <= _OFFSET_MASK // 2:
            self._credit += ahead

    def next_frame(self, max_payload: int) -> Unacknowledged | None:
        """One more frame, or None when there is no credit or nothing left."""
        if self.finished or self.blocked:
            return None
        if not self._piece and not self._refill():
            self.finished = True
            end = StreamEnd(self.sent, self._crc, self._failed)
            return Unacknowledged(Kind.CLOSE, self.flags, self.channel, 0, codec_of(StreamEnd).build(end))
        # Whole blocks of the engine's transfers where a frame has room for one; parts of it otherwise.
        size = min(max_payload & _BLOCK_MASK or max_payload, self._credit - self.sent)
        part = self._piece[:size]
        self._piece = self._piece[size:]
        frame = Unacknowledged(Kind.DATA, self.flags, self.channel, self.sent & _OFFSET_MASK, part)
        self.sent += len(part)
        self._crc = zlib.crc32(part, self._crc)
        return frame

    def _refill(self) -> bool:
        while not self._exhausted:
            try:
                piece = next(self._source, None)
            except OSError:
                self._failed = -2
                piece = None
            if piece is None:
                self._exhausted = True
            elif piece:
                self._piece = memoryview(piece)
                return True
        return False


class IncomingStream:
    """What has arrived of one call's stream.

    Attributes:
        end: how the stream was closed; None while it is open.
        problem: what is wrong with it, empty when nothing is.
        received: bytes so far.
    """

    def __init__(self, channel: int, flags: int) -> None:
        self.channel = channel
        self.flags = flags
        self.end: StreamEnd | None = None
        self.problem = ""
        self.received = 0
        self._pieces: deque[memoryview] = deque()
        self._taken = 0
        self._granted = STREAM_WINDOW
        self._crc = 0

    @property
    def finished(self) -> bool:
        """Closed, or broken: nothing more will come."""
        return self.end is not None or bool(self.problem)

    @property
    def has_data(self) -> bool:
        """A piece waits to be taken."""
        return bool(self._pieces)

    def add(self, offset: int, data: memoryview) -> None:
        """A DATA frame."""
        if offset != self.received & _OFFSET_MASK:
            self.problem = f"data for offset {offset} came when {self.received} was next"
        elif self.received + len(data) > self._granted:
            self.problem = f"more than the {self._granted} bytes came that were granted"
        else:
            self._crc = zlib.crc32(data, self._crc)
            self.received += len(data)
            self._pieces.append(data)

    def close(self, end: StreamEnd) -> None:
        """The CLOSE frame: checks that everything came."""
        if not self.problem and (end.length, end.crc32) != (self.received, self._crc):
            self.problem = (
                f"the stream closed at {end.length} bytes with CRC {end.crc32:08x}, "
                f"but {self.received} came with {self._crc:08x}"
            )
        self.end = end

    def take(self) -> list[memoryview]:
        """The pieces that wait, in order; none when nothing does. ProtocolError when the stream is broken."""
        if not self._pieces and self.problem:
            raise ProtocolError(self.problem)
        pieces = list(self._pieces)
        self._pieces.clear()
        self._taken += sum(map(len, pieces))
        return pieces

    def new_grant(self) -> int | None:
        """The end offset to grant now that half the window was consumed; None when it is not time yet."""
        if self.finished or self._granted - self._taken > STREAM_WINDOW // 2:
            return None
        self._granted = self._taken + STREAM_WINDOW
        return self._granted & _OFFSET_MASK
