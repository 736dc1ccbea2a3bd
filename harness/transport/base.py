"""What every transport promises, and the one over a file descriptor."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterable, Iterator
from typing import Final, Protocol, runtime_checkable

from harness.errors import LinkClosed
from wire.protocol.handshake import LinkProfile

READ_SIZE: Final = 65536
_FULL_READ: Final = 4095
"""A tty gives this much at once at the most, and when it does there is more as a rule."""


class Transport(Protocol):
    """A line to a phone: bytes out, bytes in.

    One thread at a time calls `exchange`; `wake` and `close` may come from any other. After `close`, or once
    the other end is gone, `exchange` raises LinkClosed.
    """

    @property
    def name(self) -> str:
        """What a person calls the line, as in `/dev/ttyACM1`."""

    @property
    def profile(self) -> LinkProfile:
        """How much to have on the way on this kind of line."""

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """Send, then wait for received bytes.

        Gives what came, or nothing after `timeout_s`, after `wake`, or when the line can take more of what is
        kept: what it does not take at once is sent first by the next exchange, so that two ends that both write
        never wait for each other.
        """

    def wake(self) -> None:
        """Let the running exchange, or else the next one, end at once."""

    def close(self) -> None:
        """Give the line up. Closing twice is allowed."""


@runtime_checkable
class WatchingTransport(Transport, Protocol):
    """A transport whose exchange also ends when somebody else's descriptor can be read."""

    @property
    def unsent(self) -> int:
        """How many bytes are kept that the line has not taken yet."""

    def watch(self, fd: int) -> None:
        """From now on let an exchange end as soon as this descriptor can be read."""


def line_gone(name: str, why: str) -> LinkClosed:
    """What `exchange` raises once the other end is gone."""
    return LinkClosed(
        f"the line {name} is gone: {why}",
        hint="see whether the phone is on and the cable is in; `symhil devices` lists what is attached",
    )


class Waker:
    """Lets another thread end a wait: a pipe whose reading end is polled with the line.

    Attributes:
        fd: the reading end.
    """

    def __init__(self) -> None:
        self.fd, self._write = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._write, False)
        self._closed = False
        self._lock = threading.Lock()  # a number that was closed may be somebody else's file a moment later

    def wake(self) -> None:
        """Let the wait end, or the next one; nothing once it is closed."""
        with self._lock:
            if not self._closed:
                try:
                    os.write(self._write, b"\0")
                except BlockingIOError:
                    pass  # a wake-up is waiting already

    def heard(self) -> None:
        """The wait has ended."""
        os.read(self.fd, 4096)

    def close(self) -> None:
        """Nobody waits any more."""
        with self._lock:
            self._closed = True
            os.close(self.fd)
            os.close(self._write)


class FdTransport:
    """A transport over one file descriptor: a tty, a socket, one end of a pair.

    Read and write go straight to the descriptor: reading through pyserial costs 40 times as much when asked
    for a header first, and its write raises a time-out after the data was accepted.
    """

    def __init__(self, fd: int, name: str, profile: LinkProfile) -> None:
        os.set_blocking(fd, False)
        self.name = name
        self.profile = profile
        self._fd = fd
        self._backlog: bytes | memoryview = b""
        self._waker = Waker()
        self._closed = False
        self._in_use = threading.Lock()
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)
        self._poll.register(self._waker.fd, select.POLLIN)
        self._wants_write = False

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        with self._in_use:
            if self._closed:
                raise LinkClosed(f"{self.name} is closed")
            try:
                self._write(b"".join((self._backlog, *outgoing)))
                for fd, events in self._poll.poll(max(0, int(timeout_s * 1000 + 0.999))):
                    if fd == self._waker.fd:
                        self._waker.heard()
                    elif fd == self._fd and events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                        return self._read()
            except OSError as error:
                raise line_gone(self.name, error.strerror or str(error)) from error
            return b""

    @property
    def unsent(self) -> int:
        """See `WatchingTransport.unsent`."""
        return len(self._backlog)

    def watch(self, fd: int) -> None:
        """See `WatchingTransport.watch`."""
        self._poll.register(fd, select.POLLIN)

    def _write(self, data: bytes) -> None:
        left: bytes | memoryview = data
        if data:
            try:
                sent = os.write(self._fd, data)
            except BlockingIOError:
                sent = 0
            # A view, since a line that takes a little at a time would have the rest copied again and again.
            left = b"" if sent == len(data) else memoryview(data)[sent:]
        self._backlog = left
        if bool(left) != self._wants_write:
            self._wants_write = bool(left)
            self._poll.modify(self._fd, select.POLLIN | (select.POLLOUT if left else 0))

    def _read(self) -> bytes:
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            return b""
        if not data:
            raise line_gone(self.name, "the other end closed it")
        if len(data) < _FULL_READ:
            return data
        return b"".join((data, *self._rest()))

    def _rest(self) -> Iterator[bytes]:
        """What has arrived besides: a tty hands out 4 KiB at a time, and each turn costs more than a read."""
        for _ in range(16):
            try:
                more = os.read(self._fd, READ_SIZE)
            except OSError:
                return  # nothing now, or the line is gone, as the next read will say
            yield more
            if len(more) < _FULL_READ:
                return

    def wake(self) -> None:
        """See `Transport.wake`."""
        self._waker.wake()

    def close(self) -> None:
        """See `Transport.close`."""
        if self._closed:
            return
        self._closed = True
        self.wake()
        with self._in_use:
            self._release()
            self._waker.close()

    def _release(self) -> None:
        os.close(self._fd)
