"""What every transport promises, tried on each of them."""

from __future__ import annotations

import os
import random
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.errors import LabUnavailable, LinkClosed
from harness.transport.base import FdTransport, Transport
from harness.transport.serial import open_serial, port_holders, profile_for
from harness.transport.tcp import open_tcp
from wire.protocol.handshake import LOCAL, RFCOMM, UART, USB

EVERY_BYTE = bytes(range(256))


class Line(NamedTuple):
    """A transport, and the other end of its line."""

    transport: Transport
    send: Callable[[bytes], None]
    receive: Callable[[int], bytes]
    unplug: Callable[[], None]


def _receiver(read: Callable[[], bytes]) -> Callable[[int], bytes]:
    def receive(count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += read()
        return data

    return receive


def _socket_line(transport: Transport, other: socket.socket) -> Line:
    return Line(transport, other.sendall, _receiver(lambda: other.recv(65536)), other.close)


def pty_line(stack: ExitStack, prefix: str = "") -> Line:
    master, slave = os.openpty()
    tty.setraw(slave)
    transport = open_serial(prefix + os.ttyname(slave))
    stack.callback(transport.close)
    closed: list[int] = []

    def unplug() -> None:
        if not closed:
            closed.append(1)
            os.close(slave)
            os.close(master)

    stack.callback(unplug)

    def send(data: bytes) -> None:
        while data:
            data = data[os.write(master, data) :]

    return Line(transport, send, _receiver(lambda: os.read(master, 65536)), unplug)


def _served(stack: ExitStack, connect: Callable[[int], Transport]) -> Line:
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    transport = connect(server.getsockname()[1])
    stack.callback(transport.close)
    other, _ = server.accept()
    stack.callback(other.close)
    return _socket_line(transport, other)


def tcp_line(stack: ExitStack) -> Line:
    return _served(stack, lambda port: open_tcp("127.0.0.1", port))


def url_line(stack: ExitStack) -> Line:
    return _served(stack, lambda port: open_serial(f"socket://127.0.0.1:{port}"))


def pyserial_line(stack: ExitStack) -> Line:
    """A URL of pyserial's, as rfc2217:// is one: everything goes through pyserial's own methods."""
    return pty_line(stack, "alt://")


def pair_line(stack: ExitStack) -> Line:
    ours, theirs = socket.socketpair()
    transport = FdTransport(ours.detach(), "pair", LOCAL)
    stack.callback(transport.close)
    stack.callback(theirs.close)
    return _socket_line(transport, theirs)


@pytest.fixture(params=[pty_line, tcp_line, url_line, pyserial_line, pair_line], ids=lambda make: make.__name__)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    with ExitStack() as stack:
        yield request.param(stack)


def receive_all(transport: Transport, count: int, outgoing: bytes = b"") -> bytes:
    data = transport.exchange([outgoing] if outgoing else [], 5.0)
    while len(data) < count:
        more = transport.exchange([], 5.0)
        assert more, f"only {len(data)} of {count} bytes came"
        data += more
    return data


def test_every_byte_goes_through_unchanged_in_both_directions(line: Line) -> None:
    line.transport.exchange([EVERY_BYTE], 0)
    assert line.receive(256) == EVERY_BYTE
    line.send(EVERY_BYTE)
    assert receive_all(line.transport, 256) == EVERY_BYTE


def test_nothing_comes_back_after_the_time(line: Line) -> None:
    assert line.transport.exchange([], 0.01) == b""


def test_more_than_any_buffer_holds_goes_both_ways_at_once(line: Line) -> None:
    """Two ends that both write before they read must not wait for each other for ever."""
    data = random.Random(1).randbytes(1 << 20)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(line.receive(len(data))))
    writer = threading.Thread(target=lambda: line.send(data))
    reader.start()
    writer.start()
    assert receive_all(line.transport, len(data), data) == data
    while reader.is_alive():
        line.transport.exchange([], 0.01)
    reader.join()
    writer.join()
    assert got == [data]


def test_an_unplugged_line_is_reported(line: Line) -> None:
    line.unplug()

    def use_it() -> None:
        for _ in range(50):
            line.transport.exchange([b"x"], 0.1)

    with pytest.raises(LinkClosed):
        use_it()


def test_closing_from_another_thread_ends_the_exchange(line: Line) -> None:
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            while True:
                line.transport.exchange([], 30.0)
        except LinkClosed as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    line.transport.close()
    thread.join()
    assert caught
    line.transport.close()  # twice is allowed


def test_a_wake_up_ends_the_exchange_or_the_next_one(line: Line) -> None:
    line.transport.wake()
    assert line.transport.exchange([], 30.0) == b""


class TestOpening:
    def test_no_such_port(self) -> None:
        with pytest.raises(LabUnavailable, match="there is no port /dev/ttyNOTHERE"):
            open_serial("/dev/ttyNOTHERE")

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import serial

        def refuse(*_: object, **__: object) -> None:
            raise serial.SerialException(13, "could not open port: Permission denied")

        monkeypatch.setattr(serial, "Serial", refuse)
        with pytest.raises(LabUnavailable, match="no permission") as caught:
            open_serial("/dev/ttyACM0")
        assert "dialout" in caught.value.hint

    def test_a_port_in_use_names_its_holder(self) -> None:
        import subprocess
        import sys

        master, slave = os.openpty()
        name = os.ttyname(slave)
        program = "import serial, sys; s = serial.Serial(sys.argv[1], exclusive=True); print('held'); input()"
        with subprocess.Popen(
            [sys.executable, "-u", "-c", program, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdin is not None
            assert holder.stdout.readline() == b"held\n"
            assert any(f"(pid {holder.pid})" in each for each in port_holders(name))
            with pytest.raises(LabUnavailable, match="is in use by") as caught:
                open_serial(name)
            assert str(holder.pid) in str(caught.value)
            holder.stdin.close()
        os.close(slave)
        os.close(master)

    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(LabUnavailable, match=f"nothing answers on 127.0.0.1:{port}"):
            open_tcp("127.0.0.1", port)

    def test_a_url_that_leads_nowhere(self) -> None:
        with pytest.raises(LabUnavailable, match="cannot be opened"):
            open_serial("nosuch://thing")


@pytest.mark.parametrize(
    ("port", "profile"),
    [
        ("/dev/ttyACM1", USB),
        ("/dev/serial/by-id/usb-Nokia_N8-if03", USB),
        ("/dev/rfcomm0", RFCOMM),
        ("/dev/ttyS0", UART),
        ("/dev/ttyUSB0", UART),
        ("/dev/pts/3", LOCAL),
        ("socket://127.0.0.1:7001", LOCAL),
        ("rfc2217://127.0.0.1:7001", UART),
    ],
)
def test_the_profile_follows_the_kind_of_port(port: str, profile: object) -> None:
    assert profile_for(port) == profile
