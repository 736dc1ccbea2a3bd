"""A line without a device: two transports joined in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from harness.errors import LinkClosed
from wire.protocol.handshake import LOCAL, LinkProfile


class MemoryTransport:
    """One end of a line in memory. What one end sends the other receives; `memory_pair` makes both."""

    def __init__(self, name: str, profile: LinkProfile, changed: threading.Condition) -> None:
        self.name = name
        self.profile = profile
        self._changed = changed
        self._arrived = bytearray()
        self._woken = False
        self._closed = False
        self._other: MemoryTransport | None = None

    def join(self, other: MemoryTransport) -> None:
        """Make the other one the far end."""
        self._other = other

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        with self._changed:
            self._check()
            assert self._other is not None
            for data in outgoing:
                self._other._arrived += data  # noqa: SLF001 - both ends are one thing
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._arrived or self._woken or self._closed or self._is_gone, max(0.0, timeout_s)
            )
            self._woken = False
            if not self._arrived:
                self._check()
            data = bytes(self._arrived)
            self._arrived.clear()
            return data

    @property
    def _is_gone(self) -> bool:
        return self._other is None or self._other._closed  # noqa: SLF001 - as above

    def _check(self) -> None:
        if self._closed:
            raise LinkClosed(f"{self.name} is closed")
        if self._is_gone and not self._arrived:
            raise LinkClosed(f"the line {self.name} is gone: the other end closed it")

    def wake(self) -> None:
        """See `Transport.wake`."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """See `Transport.close`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def memory_pair(profile: LinkProfile = LOCAL, name: str = "memory") -> tuple[MemoryTransport, MemoryTransport]:
    """Both ends of a line. Each is a transport; a simulated phone reads and writes one, the harness the other."""
    changed = threading.Condition()
    near, far = MemoryTransport(name, profile, changed), MemoryTransport(f"{name} (far end)", profile, changed)
    near.join(far)
    far.join(near)
    return near, far
