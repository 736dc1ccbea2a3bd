"""Where the emulated handset is plugged in: a pseudo-terminal, or a TCP port on loopback."""

from __future__ import annotations

import errno
import os
import select
import socket
import tty
from collections.abc import Iterable
from typing import Final

READ_SIZE: Final = 65536


class PortClosed(Exception):
    """The host's end is gone."""


class Port:
    """A line to the host.

    Attributes:
        where: what the host has to open.
        parent_gone: a descriptor that we were asked to watch has ended: whoever started us is gone.
    """

    where = ""

    def __init__(self) -> None:
        self.parent_gone = False
        self._backlog: bytes | memoryview = b""
        self._watched: int | None = None
        self._poll = select.poll()

    def watch(self, fd: int) -> None:
        """Note when this descriptor reaches its end."""
        self._watched = fd
        self._poll.register(fd, select.POLLIN)

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """Send, then wait for bytes of the host; PortClosed when it has gone."""
        raise NotImplementedError

    def _exchange(self, fd: int, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        data = b"".join((self._backlog, *outgoing))
        left: bytes | memoryview = data
        if data:
            try:
                sent = os.write(fd, data)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                raise PortClosed from error
            # A view, since a line that takes a little at a time would have the rest copied again and again.
            left = b"" if sent == len(data) else memoryview(data)[sent:]
        if bool(left) != bool(self._backlog):
            self._poll.modify(fd, select.POLLIN | (select.POLLOUT if left else 0))
        self._backlog = left
        received = b""
        knocked = False
        for ready, events in self._poll.poll(int(timeout_s * 1000 + 0.999)):
            if ready == fd:
                if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    received = self._read(fd)
            elif ready != self._watched:
                knocked = True
            elif not (events & select.POLLIN and os.read(ready, 4096)):
                self.parent_gone = True
                self._poll.unregister(ready)
        if knocked:
            self._knocked()  # after the read, which would have raised if the host had made room
        return received

    def _knocked(self) -> None:
        """Somebody else wants to come in."""

    def _read(self, fd: int) -> bytes:
        try:
            data = os.read(fd, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise PortClosed from error
        if not data:
            raise PortClosed
        return data

    def _forget_backlog(self) -> None:
        self._backlog = b""

    def close(self) -> None:
        """Unplug."""


class PtyPort(Port):
    """A pseudo-terminal; the host opens its slave as a serial port.

    One slave descriptor is kept open here, so that a host may close the port and come back. As on a real
    serial line nobody notices that; a new session begins with the next HELLO.
    """

    def __init__(self) -> None:
        super().__init__()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.where = os.ttyname(self._slave)
        self._poll.register(self._master, select.POLLIN)

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        return self._exchange(self._master, outgoing, timeout_s)

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)


class FdPort(Port):
    """One end of a pair, for a handset in the same process as its test."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        os.set_blocking(fd, False)
        self._fd = fd
        self.where = f"fd:{fd}"
        self._poll.register(fd, select.POLLIN)

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        try:
            return self._exchange(self._fd, outgoing, timeout_s)
        except PortClosed:
            self.parent_gone = True  # nobody else can ever come to the other end of a pair
            raise

    def close(self) -> None:
        os.close(self._fd)


class TcpPort(Port):
    """A TCP port; one host at a time, a second one is turned away."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__()
        self._server = socket.create_server((host, port))
        self._server.setblocking(False)
        self.where = f"tcp:{host}:{self._server.getsockname()[1]}"
        self._client: socket.socket | None = None
        self._poll.register(self._server, select.POLLIN)

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        if self._client is None:
            for ready, _ in self._poll.poll(max(0, int(timeout_s * 1000 + 0.999))):
                if ready == self._server.fileno():
                    self._knocked()
                elif not os.read(ready, 4096):
                    self.parent_gone = True
                    self._poll.unregister(ready)
            return b""
        try:
            return self._exchange(self._client.fileno(), outgoing, timeout_s)
        except PortClosed:
            self._poll.unregister(self._client.fileno())
            self._client.close()
            self._client = None
            self._forget_backlog()
            raise

    def _knocked(self) -> None:
        try:
            client, _ = self._server.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}:
                raise
            return
        if self._client is not None:
            client.close()
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setblocking(False)
        self._client = client
        self._poll.register(client.fileno(), select.POLLIN)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._server.close()
