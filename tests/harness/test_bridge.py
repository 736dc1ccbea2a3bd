"""The bridge: a phone on a TCP port, for one client at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.bridge import Bridge, refusal
from harness.capture import read_capture
from harness.connection import Connection
from harness.errors import HandsetLost, LabUnavailable, LinkClosed
from harness.handset import Handset
from harness.identity import who_we_are
from harness.lab.config import HandsetEntry, SerialLink
from harness.lab.hold import holder_of, take
from harness.testing import Line, TransportContract
from harness.transport.base import FdTransport, Transport
from harness.transport.spoiled import SpoiledTransport
from harness.transport.tcp import open_tcp
from tests.phone_in_thread import PhoneInThread
from wire.fault_plan import parse_plan
from wire.protocol.frame import FrameDecoder
from wire.protocol.handshake import LOCAL, make_hello
from wire.protocol.messages import fingerprint
from wire.protocol.stuffing import FLAG_BYTE

ENTRY = HandsetEntry(name="n8", links=(SerialLink(kind="serial", port="/dev/ttyThatIsNotThere"),))


@contextlib.contextmanager
def bridge(plug_in: Callable[[], Transport], **options: object) -> Iterator[Bridge]:
    """A bridge that runs in a thread of its own; a byte in a pipe is its neighbour and ends it."""
    running = Bridge("n8", plug_in, **options)  # type: ignore[arg-type]
    end_read, end_write = os.pipe()

    class End:
        def fileno(self) -> int:
            return end_read

        def ready(self) -> None:
            running.stop()

    running.wait_also_for(End())
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield running
    finally:
        os.write(end_write, b"x")
        thread.join()
        os.close(end_read)
        os.close(end_write)


def connect(running: Bridge) -> FdTransport:
    host, _, port = running.where.rpartition(":")
    return open_tcp(host, int(port))


def text_from(transport: Transport) -> str:
    """All that comes until the other end closes."""
    data = b""
    try:
        while True:
            data += transport.exchange([], 30.0)
    except LinkClosed:
        return data.decode()
    finally:
        transport.close()


def watched(line: Transport) -> Transport:
    return line


def spoiled(line: Transport) -> Transport:
    """One that cannot be waited for together with others."""
    return SpoiledTransport(line, parse_plan("delay=1e-9,delay_s=0.001"))


class TestBridgedLine(TransportContract):
    """What a transport promises holds through a bridge too."""

    @pytest.fixture(params=[watched, spoiled], ids=lambda make: make.__name__)
    def line(self, request: pytest.FixtureRequest) -> Iterator[Line]:
        ours, theirs = socket.socketpair()
        with theirs, bridge(lambda: request.param(FdTransport(ours.detach(), "phone", LOCAL))) as running:
            transport = connect(running)
            # Nothing passes before the bridge has opened the line, and then everything does.
            transport.exchange([b"x"], 0)
            assert theirs.recv(1) == b"x"

            def receive(count: int) -> bytes:
                data = b""
                while len(data) < count:
                    data += theirs.recv(65536)
                return data

            yield Line(transport, theirs.sendall, receive, theirs.close)
            transport.close()


def test_a_handset_behind_a_bridge_is_the_same_handset(tmp_path: Path) -> None:
    phone = PhoneInThread()
    capture = tmp_path / "wire.pcapng"
    said: list[str] = []
    try:
        with (
            bridge(phone.transport, capture=capture, say=said.append) as running,
            Handset.open(connect(running), name="n8") as handset,
        ):
            handset.files.write("C:\\x.txt", b"through the bridge")
            assert handset.files.read("C:\\x.txt") == b"through the bridge"
    finally:
        phone.vanish()
    packets = list(read_capture(capture))
    assert {packet.interface for packet in packets} == {"n8"}
    assert {packet.outgoing for packet in packets} == {True, False}
    whole = b"".join(packet.data for packet in packets)
    assert whole.count(b"through the bridge") == 2
    assert any(line.startswith(f"{who_we_are()}, symhil ") and "has given n8 back" in line for line in said)


def test_a_second_client_is_told_by_whom_the_phone_is_used() -> None:
    phone = PhoneInThread()
    try:
        with bridge(phone.transport) as running, Handset.open(connect(running)) as handset:
            with pytest.raises(
                LabUnavailable, match=f"n8 is in use by {who_we_are()}, symhil .* \\(127.0.0.1:\\d+\\)"
            ):
                Handset.open(connect(running))
            assert text_from(connect(running)).startswith("\r\nsymhil bridge: n8 is in use by ")
            assert handset.properties.mode().is_normal  # and the first one has noticed nothing
    finally:
        phone.vanish()


def test_who_has_spoken_before_he_is_sent_away_still_reads_why() -> None:
    """Closing a connection with something unread in it resets it, and takes the reason from its reader."""
    ours, theirs = socket.socketpair()
    running = Bridge("n8", lambda: FdTransport(ours.detach(), "phone", LOCAL))
    host, _, port = running.where.rpartition(":")
    with theirs, socket.create_connection((host, int(port))):
        running.turn()
        with socket.create_connection((host, int(port))) as second:
            second.sendall(b"hello")
            running.turn()
            assert second.recv(1000).startswith(b"\r\nsymhil bridge: n8 is in use by 127.0.0.1:")
            assert second.recv(1000) == b""
    running.close()


def test_the_next_client_comes_as_soon_as_the_first_has_gone() -> None:
    opened: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()

    def plug_in() -> Transport:
        ours, theirs = socket.socketpair()
        opened.put(theirs)
        return FdTransport(ours.detach(), "phone", LOCAL)

    with bridge(plug_in) as running:
        for _ in range(200):
            client = connect(running)
            client.exchange([b"last words"], 0)
            client.close()
        for _ in range(200):
            with opened.get(timeout=30) as phone:
                assert phone.recv(100) == b"last words"
                assert phone.recv(100) == b""  # the phone's port was closed behind it


def test_a_phone_that_is_not_there_is_said_to_who_asks() -> None:
    def plug_in() -> Transport:
        raise LabUnavailable("there is no port /dev/ttyACM1", hint="plug it in")

    with bridge(plug_in, hold=lambda client: take(ENTRY, client)) as running:
        with pytest.raises(LabUnavailable, match=r"did not let us in.*no port /dev/ttyACM1"):
            Handset.open(connect(running))
        assert holder_of(ENTRY) is None


def test_a_client_s_name_does_nothing_to_a_terminal() -> None:
    phone = PhoneInThread()
    hello = make_hello(LOCAL, fingerprint=fingerprint(), build="\x1b[2J", product="\x07x", nonce=1)
    try:
        with bridge(phone.transport) as running:
            first = Connection(connect(running), hello)
            assert text_from(connect(running)).count("\\x1b[2J") == 1
            first.close()
    finally:
        phone.vanish()


def test_the_phone_is_held_while_there_is_a_client() -> None:
    phone = PhoneInThread()
    try:
        with bridge(phone.transport, hold=lambda client: take(ENTRY, f"symhil bridge for {client}")) as running:
            with take(ENTRY, "somebody's work"), pytest.raises(LabUnavailable, match=r"held by .*somebody's work"):
                Handset.open(connect(running))
            with Handset.open(connect(running)):
                holder = holder_of(ENTRY)
                assert holder is not None
                assert holder.purpose.startswith("symhil bridge for 127.0.0.1:")
        assert holder_of(ENTRY) is None
    finally:
        phone.vanish()


def test_a_large_capture_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.bridge.CAPTURE_SIZE", 10)
    capture = tmp_path / "wire.pcapng"
    for _ in range(2):
        phone = PhoneInThread()
        with bridge(phone.transport, capture=capture) as running, Handset.open(connect(running)):
            pass
        phone.vanish()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wire.pcapng", "wire.pcapng.1"]
    assert list(read_capture(capture))


def test_a_refusal_is_short_and_ends_with_a_flag() -> None:
    decoder = FrameDecoder(100)
    assert decoder.feed(refusal("a ~ b\n" * 200)) == []
    ((_, piece),) = decoder.debris
    assert len(piece) <= 256
    assert piece.startswith(b"\r\nsymhil bridge: a - b a")
    assert refusal("x").endswith(FLAG_BYTE)


# ------------------------------------------------------------------------------------------- the command


@contextlib.contextmanager
def bridge_command(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A real one, and the port that it says it listens on."""
    (folder / "lab_config.yaml").write_text(
        "handsets: [{name: emulated, links: [emulator: public-suite], allow_restore: yes}]", encoding="utf-8"
    )
    command = [sys.executable, "-P", "-m", "harness", "bridge", "--with-parent", *options]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().decode().strip().removeprefix("listening on tcp:")
        finally:
            process.stdin.close()
            assert process.wait() == 0


def test_the_command(tmp_path: Path) -> None:
    with bridge_command(tmp_path, "--power-switch", "0") as (process, where):
        host, _, port = where.rpartition(":")
        assert host == "127.0.0.1"
        with Handset.open(open_tcp(host, int(port))) as handset:
            assert handset.is_emulated
        process.send_signal(signal.SIGTERM)
    assert list(read_capture(tmp_path / "emulated.pcapng"))


def test_power_that_is_switched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]

    def switch(value: bytes | None) -> bytes:
        method = "GET" if value is None else "PUT"
        request = urllib.request.Request(f"http://127.0.0.1:{number}/0", data=value, method=method)
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())

    with bridge_command(tmp_path, "--power-switch", str(number), "--no-capture") as (_, where):
        host, _, port = where.rpartition(":")
        assert switch(None) == b"1"
        with Handset.open(open_tcp(host, int(port))) as handset:
            handset.files.write("C:\\kept.txt", b"not over a restart of an emulated phone")
            assert switch(b"0") == b"0"
            with pytest.raises(HandsetLost):
                handset.properties.mode()
        assert switch(None) == b"0"
        with pytest.raises(LabUnavailable, match="the emulated handset is switched off"):
            Handset.open(open_tcp(host, int(port)))
        assert switch(b"1") == b"1"
        with Handset.open(open_tcp(host, int(port))) as handset:
            assert not handset.files.exists("C:\\kept.txt")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--config", "labgrid.yaml"), "n8 is a phone of another machine, where it has a bridge already"),
        (("--listen", "here"), "'here' is neither PORT nor HOST:PORT"),
        (("--listen", "192.0.2.1:1"), "cannot listen on 192.0.2.1:1"),
        (("--power-switch", "0", "--port", "/dev/ttyThatIsNotThere"), "its power cannot be switched from here"),
    ],
)
def test_what_cannot_be(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    (tmp_path / "labgrid.yaml").write_text("handsets: [{name: n8, links: [labgrid: n8]}]", encoding="utf-8")
    command = [sys.executable, "-P", "-m", "harness", "bridge", *options]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode in {4, 10}
    assert says in result.stderr
    assert "Traceback" not in result.stderr
