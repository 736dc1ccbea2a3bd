"""A handset on a TCP port: one client at a time, bytes as they are, and a capture of what passed.

    client  --TCP-->  bridge  --USB, serial-->  phone
    another client    is told who has the phone, and let go

The phone's port is opened, and the phone is held, only while there is a client, so that between clients it is
free for whoever works on this machine. What refuses a client is a line of text that ends with a frame's flag:
a person at a terminal can read it, and a harness finds it where it waited for a frame.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from harness.errors import HilError, LinkClosed, printable
from harness.trace import FrameLog
from harness.transport.base import READ_SIZE, Transport, WatchingTransport
from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.frame import FrameDecoder, Kind
from wire.protocol.handshake import LARGEST_PAYLOAD, Hello
from wire.protocol.stuffing import FLAG_BYTE

HELD_BACK: Final = 1 << 20
"""Bytes that may wait for either side: beyond it the other one is not read, so that its line slows it down."""

CAPTURE_SIZE: Final = 256 << 20
"""A capture that is larger when a client comes is put aside as `.1`, in place of the one before it."""

LEAVE_TIMEOUT_S: Final = 2.0
TURN_S: Final = 1.0
_SLICE_S: Final = 0.005
"""How long to look at one side only, where both cannot be waited for at once."""


class Hold(Protocol):
    """What is held while there is a client; see harness/lab/hold.py."""

    def release(self) -> None:
        """Give it back."""


class Neighbour(Protocol):
    """Something else that waits for a descriptor in the bridge's process, as a switch of power does."""

    def fileno(self) -> int:
        """What to wait for."""

    def ready(self) -> None:
        """It can be read."""


class _Leaving(NamedTuple):
    """A client that was sent away: closing at once could take the reason from under its eyes."""

    connection: socket.socket
    until: float


class Bridge:
    """One handset's bridge. `run` serves until `stop`.

    Attributes:
        where: `HOST:PORT`, where it listens.
        client: who has the phone, by his own name where he has said it; empty for nobody.
    """

    def __init__(
        self,
        name: str,
        plug_in: Callable[[], Transport],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        hold: Callable[[str], Hold] | None = None,
        capture: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._plug_in = plug_in
        self._take = hold
        self._capture = capture
        self._say = say
        self._clock = clock
        self._server = socket.create_server((host, port))
        self._server.setblocking(False)
        self.where = f"{host}:{self._server.getsockname()[1]}"
        self.client = ""
        self._connection: socket.socket | None = None
        self._line: Transport | None = None
        self._held: Hold | None = None
        self._to_client = b""
        self._to_line: list[bytes] = []
        self._leaving: dict[int, _Leaving] = {}
        self._neighbours: dict[int, Neighbour] = {}
        self._frames = FrameLog()
        self._decoders: dict[bool, FrameDecoder] = {}
        self._ready = select.epoll()
        self._ready.register(self._server, select.EPOLLIN)
        self._stopped = False

    def wait_also_for(self, neighbour: Neighbour) -> None:
        """Call `neighbour.ready` whenever it can be read."""
        self._neighbours[neighbour.fileno()] = neighbour
        self._ready.register(neighbour.fileno(), select.EPOLLIN)

    def run(self) -> None:
        """Serve until `stop`, then let the client go."""
        try:
            while not self._stopped:
                self.turn()
        finally:
            self.close()

    def stop(self) -> None:
        """End `run`; from a signal handler, or from a neighbour."""
        self._stopped = True

    def close(self) -> None:
        """Let everybody go."""
        self._let_go("the bridge ends")
        for leaving in self._leaving.values():
            leaving.connection.close()
        self._server.close()
        self._ready.close()

    # ----------------------------------------------------------------------------------------- one turn

    def turn(self, timeout_s: float = TURN_S) -> None:
        """Wait for whatever comes first and see to it."""
        if self._line is None:
            events = self._ready.poll(timeout_s)
        else:
            self._exchange(self._line, timeout_s)
            events = self._ready.poll(0)
        for fd, _ in events:
            if fd == self._server.fileno():
                self._accept()
            elif self._connection is not None and fd == self._connection.fileno():
                self._read_client(self._connection)
            elif fd in self._neighbours:
                self._neighbours[fd].ready()
            elif fd in self._leaving:
                self._read_leaving(self._leaving[fd])
        now = self._clock()
        for leaving in list(self._leaving.values()):
            if now >= leaving.until:
                self._forget(leaving)

    def _exchange(self, line: Transport, timeout_s: float) -> None:
        """Bytes of the client to the phone, and bytes of the phone to the client."""
        can_watch = isinstance(line, WatchingTransport)
        if self._to_client or not can_watch:
            timeout_s = _SLICE_S
        if len(self._to_client) > HELD_BACK:
            self._write_client()
            self._ready.poll(_SLICE_S)
            return
        outgoing, self._to_line = self._to_line, []
        try:
            received = line.exchange(outgoing, timeout_s)
        except LinkClosed as error:
            self._let_go(str(error))
            return
        if received:
            self._note(False, received)
            self._to_client += received
        self._write_client()
        if can_watch and self._connection is not None:
            busy = isinstance(line, WatchingTransport) and line.unsent > HELD_BACK
            self._ready.modify(self._connection, 0 if busy else select.EPOLLIN)

    def _write_client(self) -> None:
        if self._connection is None or not self._to_client:
            return
        try:
            sent = self._connection.send(self._to_client)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._let_go(error.strerror or str(error))
            return
        self._to_client = self._to_client[sent:]

    def _read_client(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self._let_go(error.strerror or str(error))
            return
        if data:
            self._note(True, data)
            self._to_line.append(data)
        else:
            self._finish_line()
            self._let_go("")

    def _finish_line(self) -> None:
        """The client's last words go out before its line is closed, as far as the line takes them."""
        if self._line is not None and self._to_line:
            with contextlib.suppress(LinkClosed):
                self._line.exchange(self._to_line, 0)

    # ------------------------------------------------------------------------------ clients come and go

    def _accept(self) -> None:
        try:
            connection, address = self._server.accept()
        except OSError:
            return  # gone again before we looked
        name = f"{address[0]}:{address[1]}"
        self._notice_the_end()
        if self._connection is not None:
            self._send_away(connection, name, f"{self._name} is in use by {self.client}")
            return
        try:
            held = self._take(name) if self._take is not None else None
        except HilError as error:
            self._send_away(connection, name, str(error.args[0]))
            return
        try:
            line = self._plug_in()
            self._begin_capture()
        except HilError as error:
            if held is not None:
                held.release()
            self._send_away(connection, name, str(error.args[0]))
            return
        _notice_a_dead_end(connection)
        connection.setblocking(False)
        self._connection, self._line, self._held, self.client = connection, line, held, name
        self._ready.register(connection, select.EPOLLIN)
        if isinstance(line, WatchingTransport):
            line.watch(self._ready.fileno())
        self._say(f"{name} has {self._name}")

    def _notice_the_end(self) -> None:
        """A client that has just gone does not keep out the next one, which may be himself again."""
        for _ in range(HELD_BACK // READ_SIZE):
            if self._connection is None or not _can_be_read(self._connection):
                return
            self._read_client(self._connection)

    def _let_go(self, why: str) -> None:
        """The client's time is over; the phone is free."""
        if self._connection is None:
            return
        with contextlib.suppress(OSError):
            self._ready.unregister(self._connection)
        self._connection.close()
        if self._line is not None:
            self._line.close()
        if self._held is not None:
            self._held.release()
        self._say(f"{self.client} has given {self._name} back{f': {why}' if why else ''}")
        self._connection = self._line = self._held = None
        self._to_client, self._to_line, self.client = b"", [], ""
        self._frames.keep_session(None)

    def _send_away(self, connection: socket.socket, name: str, why: str) -> None:
        self._say(f"{name} was sent away: {why}")
        with contextlib.suppress(OSError):
            connection.setblocking(False)
            connection.send(refusal(why))
            connection.shutdown(socket.SHUT_WR)
        self._leaving[connection.fileno()] = _Leaving(connection, self._clock() + LEAVE_TIMEOUT_S)
        self._ready.register(connection, select.EPOLLIN)

    def _read_leaving(self, leaving: _Leaving) -> None:
        try:
            data = leaving.connection.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._forget(leaving)

    def _forget(self, leaving: _Leaving) -> None:
        del self._leaving[leaving.connection.fileno()]
        self._ready.unregister(leaving.connection)
        leaving.connection.close()

    # ----------------------------------------------------------------------------------------- the capture

    def _begin_capture(self) -> None:
        self._decoders = {outgoing: FrameDecoder(LARGEST_PAYLOAD) for outgoing in (False, True)}
        self._decoders[False].on_damage = lambda kind, data: self._frames.damage(kind, data, self._clock())
        if self._capture is not None:
            with contextlib.suppress(OSError):
                if self._capture.stat().st_size > CAPTURE_SIZE:
                    self._capture.replace(self._capture.with_name(f"{self._capture.name}.1"))
            self._frames.keep_session(self._capture, self._name)

    def _note(self, outgoing: bool, data: bytes) -> None:
        for frame in self._decoders[outgoing].feed(data):
            self._frames(outgoing, frame.header, frame.payload, self._clock())
            if outgoing and frame.header.kind == Kind.HELLO:
                self._note_name(bytes(frame.payload))

    def _note_name(self, payload: bytes) -> None:
        """HELLO says who the client is."""
        with contextlib.suppress(LayoutError):
            hello = codec_of(Hello).parse(payload)
            address = self.client.rpartition(" ")[2].strip("()")
            self.client = printable(f"{hello.product}, {hello.build} ({address})")


def refusal(why: str) -> bytes:
    """What a client reads that does not get the phone."""
    text = " ".join(why.split())
    return f"\r\nsymhil bridge: {text}\r\n".encode()[:250].replace(FLAG_BYTE, b"-") + FLAG_BYTE


def _can_be_read(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])


def _notice_a_dead_end(connection: socket.socket) -> None:
    """A client whose machine is gone without a word keeps the phone for half a minute at most."""
    set_option = partial(connection.setsockopt, socket.IPPROTO_TCP)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    set_option(socket.TCP_NODELAY, 1)
    set_option(socket.TCP_KEEPIDLE, 10)
    set_option(socket.TCP_KEEPINTVL, 5)
    set_option(socket.TCP_KEEPCNT, 3)
    set_option(socket.TCP_USER_TIMEOUT, 30_000)
