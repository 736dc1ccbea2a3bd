"""The wire as it was: a capture of every frame, and the last few in memory for the one who asks why.

While a test runs its frames go to the test's own capture, between tests to that of the session. Each of them
begins with the handshake, so that each can be read alone.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from harness.capture import CaptureWriter
from harness.errors import ArtifactError
from wire.protocol.describe import describe_frame
from wire.protocol.frame import HEADER_STRUCT, Damage, Header, Kind
from wire.protocol.link import TraceHook

KEPT_FRAMES: Final = 60
KEPT_PAYLOAD: Final = 256
BEFORE: Final = "from the beginning of the session"
"""Begins the comment on what a capture repeats of what was said before it."""


class _Said(NamedTuple):
    """A part of the handshake, as it is written to a capture that begins later."""

    outgoing: bool | None
    data: bytes
    now: float
    comment: str


Watcher = Callable[[bool, Header, bytes | memoryview, float], None]


class FrameLog(TraceHook):
    """Keeps the last frames, and writes all of them where a capture is open.

    Attributes:
        watcher: is told of every frame as well, for those who want to see what goes on.
    """

    def __init__(self) -> None:
        self.watcher: Watcher | None = None
        self._frames: deque[tuple[bool, Header, bytes, float]] = deque(maxlen=KEPT_FRAMES)
        # Frames carry the monotonic clock; a capture wants the time of day.
        self._offset_ns = time.time_ns() - time.monotonic_ns()
        self._handshake: list[_Said] = []
        self._session: CaptureWriter | None = None
        self._test: CaptureWriter | None = None
        self._failed: OSError | None = None
        # A test begins and ends while the keeper's thread goes on sending signs of life.
        self._lock = threading.Lock()

    # ------------------------------------------------------------------------------------- see `TraceHook`

    def __call__(self, outgoing: bool, header: Header, payload: bytes | memoryview, now: float, /) -> None:
        """Take a frame."""
        self._frames.append((outgoing, header, bytes(payload[:KEPT_PAYLOAD]), now))
        if self.watcher is not None:
            self.watcher(outgoing, header, payload, now)
        is_hello = header.kind <= Kind.HELLO_ACK
        if not is_hello and self._session is None and self._test is None:
            return
        head = HEADER_STRUCT.pack(*header)
        fcs = zlib.crc32(payload, zlib.crc32(head)).to_bytes(4, "little")
        data = b"".join((head, payload, fcs))
        if is_hello:
            if outgoing:
                self._handshake.clear()
            self._handshake.append(_Said(outgoing, data, now, ""))
        self._write(outgoing, data, now)

    def damage(self, kind: Damage, data: bytes, now: float, /) -> None:
        """Take bytes that were no frame."""
        self._write(False, data, now, kind.name.lower().replace("_", " "), damaged=True)

    def note(self, text: str, now: float, /) -> None:
        """Take what happened to the link."""
        if self._handshake:
            self._handshake.append(_Said(None, b"", now, text))
        self._write(None, b"", now, text)

    # ---------------------------------------------------------------------------------------- to captures

    def _write(
        self, outgoing: bool | None, data: bytes, now: float, comment: str = "", *, damaged: bool = False
    ) -> None:
        with self._lock:
            capture = self._test or self._session
            if capture is None:
                return
            try:
                capture.add(self._time_ns(now), data, outgoing=outgoing, comment=comment, damaged=damaged)
            except OSError as error:
                # The run goes on without its capture; the end of the test says so.
                self._failed = self._failed or error

    def _time_ns(self, now: float) -> int:
        return int(now * 1e9) + self._offset_ns

    def keep_session(self, path: Path | None, interface: str = "", conditions: str = "") -> None:
        """Capture to this file whatever belongs to no test; None ends that."""
        with self._lock:
            if self._session is not None:
                self._session.close()
            self._session = self._begin(path, interface, "", conditions)

    def write_to(self, path: Path | None, interface: str = "", test: str = "", conditions: str = "") -> None:
        """Capture a test to this file from now on; None ends the test's capture.

        Raises:
            ArtifactError: it cannot be written, or what should have been in the one before could not.
        """
        with self._lock:
            if self._test is not None:
                self._test.close()
            self._test = self._begin(path, interface, test, conditions)
            failed, self._failed = self._failed, None
        if failed is not None:
            raise ArtifactError(f"the capture of the wire has holes: {failed.strerror or failed}") from failed

    def _begin(self, path: Path | None, interface: str, test: str, conditions: str) -> CaptureWriter | None:
        if path is None:
            return None
        try:
            capture = CaptureWriter(path, interface, test=test, conditions=conditions)
            for said in self._handshake:
                comment = f"{BEFORE}: {said.comment}" if said.comment else BEFORE
                capture.add(self._time_ns(said.now), said.data, outgoing=said.outgoing, comment=comment)
        except OSError as error:
            raise ArtifactError(f"{path} cannot be written: {error.strerror or error}") from error
        return capture

    # ---------------------------------------------------------------------------------------- for a reader

    def tail(self, count: int = KEPT_FRAMES) -> list[str]:
        """The last frames as lines."""
        frames = list(self._frames)[-count:]
        start = frames[0][3] if frames else 0.0
        return [
            f"{now - start:9.4f}  {describe_frame(header, payload, outgoing=outgoing)}"
            for outgoing, header, payload, now in frames
        ]
