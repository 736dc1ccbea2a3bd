"""The record of the wire: every frame, what happened to the link, and that it is there whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.capture import Packet, read_capture
from harness.errors import ArtifactError, HandsetLost
from harness.handset import Handset
from harness.trace import FrameLog
from tests.phone_in_thread import phone_in_thread
from wire.protocol.frame import FCS_SIZE, HEADER_SIZE, HEADER_STRUCT, Header, Kind

ROOT = Path(__file__).parents[2]
NO_SPACE = Path("/dev/full")


def header_of(packet: Packet) -> Header:
    return Header._make(HEADER_STRUCT.unpack_from(packet.data))


def frames_of(packets: list[Packet]) -> list[Header]:
    return [header_of(packet) for packet in packets if packet.data and not packet.damaged]


def test_every_frame_is_in_the_capture(tmp_path: Path) -> None:
    frames = FrameLog()
    frames.write_to(tmp_path / "wire.pcapng", "n8")
    with phone_in_thread() as phone:
        handset = Handset.open(phone.transport(), name="n8", trace=frames)
        handset.files.make_folder("C:\\logs\\connect\\")
        counters = handset.connection.counters
        handset.close()
    frames.write_to(None)
    packets = list(read_capture(tmp_path / "wire.pcapng"))
    sent = [packet for packet in packets if packet.outgoing]
    received = [packet for packet in packets if packet.outgoing is False]
    assert len(sent) == counters.frames_sent
    assert len(received) == counters.frames_received + 1  # HELLO_ACK belongs to no session yet
    headers = frames_of(packets)
    assert headers[0].kind == Kind.HELLO
    sizes = [len(packet.data) - HEADER_SIZE - FCS_SIZE for packet in packets if packet.data]
    assert [header.length for header in headers] == sizes
    assert [packet.time_ns for packet in packets] == sorted(packet.time_ns for packet in packets)
    assert {packet.interface for packet in packets} == {"n8"}


def test_what_happens_to_the_link_stands_as_comments(tmp_path: Path) -> None:
    frames = FrameLog()
    frames.write_to(tmp_path / "wire.pcapng")
    with phone_in_thread() as phone:
        handset = Handset.open(phone.transport(), trace=frames)
        phone.vanish()
        with pytest.raises(HandsetLost):
            handset.properties.mode()
        handset.close()
    frames.write_to(None)
    comments = [packet.comment for packet in read_capture(tmp_path / "wire.pcapng") if packet.comment]
    assert comments[0].startswith("the link is open: session 0x")
    assert "8 frames of up to 32832 bytes" in comments[0]
    assert comments[1].startswith("the link is gone: ")
    assert len(comments) == 2


def test_bytes_that_were_no_frame_are_packets_marked_as_damaged(tmp_path: Path) -> None:
    frames = FrameLog()
    frames.write_to(tmp_path / "wire.pcapng")
    with phone_in_thread() as phone:
        os.write(phone._port._fd, b"boot: 3.2.1\r\n~")
        handset = Handset.open(phone.transport(), trace=frames)
        handset.files.exists("C:\\")
        handset.close()
    frames.write_to(None)
    damaged = [packet for packet in read_capture(tmp_path / "wire.pcapng") if packet.damaged]
    assert [(packet.data, packet.comment, packet.outgoing) for packet in damaged] == [
        (b"boot: 3.2.1\r\n", "too short", False)
    ]


def test_a_test_has_its_own_capture_which_begins_with_the_handshake(tmp_path: Path) -> None:
    frames = FrameLog()
    frames.keep_session(tmp_path / "session.pcapng", "n8")
    with phone_in_thread() as phone:
        handset = Handset.open(phone.transport(), trace=frames)
        frames.write_to(tmp_path / "test.pcapng", "n8")
        handset.files.exists("C:\\in-the-test")
        frames.write_to(None)
        handset.files.exists("C:\\after-it")
        handset.close()
    frames.keep_session(None)
    session = list(read_capture(tmp_path / "session.pcapng"))
    of_test = list(read_capture(tmp_path / "test.pcapng"))
    assert [header.kind for header in frames_of(of_test)[:3]] == [Kind.HELLO, Kind.HELLO_ACK, Kind.REQUEST]
    assert [packet.comment for packet in of_test[:2]] == ["from the beginning of the session"] * 2
    assert of_test[2].comment.startswith("from the beginning of the session: the link is open")
    assert [packet.time_ns for packet in of_test[:2]] == [packet.time_ns for packet in session[:2]]
    assert [b"in-the-test" in b"".join(p.data for p in part) for part in (of_test, session)] == [True, False]
    assert [b"after-it" in b"".join(p.data for p in part) for part in (of_test, session)] == [False, True]


def test_everything_is_there_after_a_kill(tmp_path: Path) -> None:
    test = tmp_path / "test_killed.py"
    test.write_text(
        "import os, signal\n"
        "def test_killed(handset):\n"
        "    for number in range(20):\n"
        "        handset.files.exists(f'C:\\\\number-{number}')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(test),
        f"--hil-artifacts={tmp_path}/out",
    ]
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert result.returncode == -signal.SIGKILL
    [path] = (tmp_path / "out").glob("*/wire.pcapng")
    packets = list(read_capture(path))
    asked = [packet for packet in packets if b"number-19" in packet.data]
    assert len(asked) == 1
    # Its answer came before the kill, so it is there too.
    call = header_of(asked[0]).channel
    assert (Kind.ANSWER, call) in {(h.kind, h.channel) for h in frames_of(packets[packets.index(asked[0]) :])}


@pytest.mark.skipif(not NO_SPACE.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_at_the_end_of_the_test_and_does_not_end_the_run(tmp_path: Path) -> None:
    frames = FrameLog()
    with pytest.raises(ArtifactError, match="/dev/full cannot be written: No space left on device"):
        frames.write_to(NO_SPACE)
    frames.write_to(tmp_path / "wire.pcapng")
    assert frames._test is not None
    frames._test._file.close()
    frames._test._file = NO_SPACE.open("ab", buffering=0)
    frames(True, Header(0x12, 0, 1, 0, 0, 0, 3, 0), b"abc", 1.0)
    with pytest.raises(ArtifactError, match="has holes: No space left on device"):
        frames.write_to(None)
    frames.write_to(None)


def test_the_last_frames_are_kept_in_words() -> None:
    frames = FrameLog()
    with phone_in_thread() as phone:
        handset = Handset.open(phone.transport(), trace=frames)
        assert handset.files.exists("C:\\")
        handset.close()
    lines = frames.tail(3)
    assert len(lines) == 3
    assert any("file stat path=C:\\" in line for line in lines)
