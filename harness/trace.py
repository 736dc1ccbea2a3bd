"""The wire as it was: a pcapng file of every frame, and the last few in memory for the one who asks why.

A capture holds unstuffed frames (header and payload) as packets of link type USER0, with their direction and
the host's time. It is written as it happens, so what was there before a crash can be read after it.
"""

from __future__ import annotations

import struct
import time
from collections import deque
from pathlib import Path
from typing import Final

from wire.protocol.describe import describe_frame
from wire.protocol.frame import HEADER_STRUCT, Header
from wire.protocol.link import TraceHook

LINKTYPE_USER0: Final = 147
KEPT_FRAMES: Final = 60
KEPT_PAYLOAD: Final = 256
FLUSH_EVERY_S: Final = 0.2

_BLOCK: Final = struct.Struct("<II")
_SECTION: Final = 0x0A0D0D0A
_INTERFACE: Final = 1
_PACKET: Final = 6
_OPTION_FLAGS: Final = struct.Struct("<HHI")
_INBOUND, _OUTBOUND = 1, 2


def _block(kind: int, body: bytes) -> bytes:
    size = 12 + len(body)
    return _BLOCK.pack(kind, size) + body + size.to_bytes(4, "little")


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


class Capture:
    """A pcapng file. Times have microseconds."""

    def __init__(self, path: Path, interface: str) -> None:
        self._file = path.open("wb")
        # Frames carry the monotonic clock; the file wants the time of day.
        self._offset_s = time.time() - time.monotonic()
        self._last_flush = 0.0
        self._file.write(_block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        name = _option(2, interface.encode()) + _option(0, b"")
        self._file.write(_block(_INTERFACE, struct.pack("<HHI", LINKTYPE_USER0, 0, 0) + name))
        self._file.flush()

    def add(self, header: Header, payload: bytes | memoryview, now: float, *, outgoing: bool) -> None:
        """One frame."""
        size = HEADER_STRUCT.size + len(payload)
        stamp = int((now + self._offset_s) * 1e6)
        body = b"".join(
            (
                struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, size, size),
                HEADER_STRUCT.pack(*header),
                payload,
                bytes(-size % 4),
                _OPTION_FLAGS.pack(2, 4, _OUTBOUND if outgoing else _INBOUND),
                b"\0\0\0\0",
            )
        )
        self._file.write(_block(_PACKET, body))
        if now - self._last_flush > FLUSH_EVERY_S:
            self._last_flush = now
            self._file.flush()

    def close(self) -> None:
        """No more."""
        self._file.close()


class FrameLog(TraceHook):
    """Keeps the last frames, and writes all of them where a capture is open."""

    def __init__(self) -> None:
        self._frames: deque[tuple[bool, Header, bytes, float]] = deque(maxlen=KEPT_FRAMES)
        self._capture: Capture | None = None

    def __call__(self, outgoing: bool, header: Header, payload: bytes | memoryview, now: float, /) -> None:
        """See `TraceHook`."""
        self._frames.append((outgoing, header, bytes(payload[:KEPT_PAYLOAD]), now))
        if self._capture is not None:
            self._capture.add(header, payload, now, outgoing=outgoing)

    def write_to(self, path: Path | None, interface: str = "") -> None:
        """Capture to this file from now on; None ends the present capture."""
        if self._capture is not None:
            self._capture.close()
            self._capture = None
        if path is not None:
            self._capture = Capture(path, interface)

    def tail(self, count: int = KEPT_FRAMES) -> list[str]:
        """The last frames as lines."""
        frames = list(self._frames)[-count:]
        start = frames[0][3] if frames else 0.0
        return [
            f"{now - start:9.4f}  {describe_frame(header, payload, outgoing=outgoing)}"
            for outgoing, header, payload, now in frames
        ]
