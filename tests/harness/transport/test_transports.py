"""What every transport promises, tried on each of them."""

from __future__ import annotations

import os
import socket
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.errors import LabUnavailable, LinkClosed
from harness.testing import Line, TransportContract, memory_pair
from harness.transport.base import FdTransport, Transport
from harness.transport.serial import open_serial, port_holders, profile_for
from harness.transport.spoiled import SpoiledTransport
from harness.transport.tcp import open_tcp
from wire.fault_plan import parse_plan
from wire.protocol.handshake import LOCAL, RFCOMM, UART, USB


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


def pair_line(stack: ExitStack) -> Line:
    ours, theirs = socket.socketpair()
    transport = FdTransport(ours.detach(), "pair", LOCAL)
    stack.callback(transport.close)
    stack.callback(theirs.close)
    return _socket_line(transport, theirs)


def memory_line(stack: ExitStack) -> Line:
    near, far = memory_pair()
    stack.callback(near.close)
    stack.callback(far.close)
    return Line(
        near, lambda data: void(far.exchange([data], 0)), _receiver(lambda: far.exchange([], 0.1)), far.close
    )


def void(_: object) -> None:
    """For calls whose result is not wanted."""


def spoiled_line(stack: ExitStack) -> Line:
    """A line put before another one, which here does it no harm."""
    line = pair_line(stack)
    spoiled = SpoiledTransport(line.transport, parse_plan("delay=1e-3,delay_s=0.001"))
    stack.callback(spoiled.close)
    return line._replace(transport=spoiled)


MAKERS = [pty_line, tcp_line, url_line, pair_line, memory_line, spoiled_line]


class TestTransports(TransportContract):
    @pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
    def line(self, request: pytest.FixtureRequest) -> Iterator[Line]:
        with ExitStack() as stack:
            yield request.param(stack)


class TestPyserialUrls(TransportContract):
    """As rfc2217:// is one: everything goes through pyserial's own methods, whose `write` waits for the line."""

    @pytest.fixture
    def line(self) -> Iterator[Line]:
        with ExitStack() as stack:
            yield pty_line(stack, "alt://")

    def test_what_the_line_does_not_take_is_kept(self, line: Line) -> None:
        pytest.skip("pyserial's write waits until the line has taken all")

    def test_an_unplugged_line_is_reported_when_it_is_written(self, line: Line) -> None:
        line.unplug()
        with pytest.raises(LinkClosed):
            line.transport.exchange([b"x"], 0)


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
