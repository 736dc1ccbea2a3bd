"""Captures as files: what is written is read, and files of others or cut ones do no harm."""

from __future__ import annotations

import contextlib
import gzip
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.capture import CaptureWriter, Packet, read_capture, read_comment
from harness.errors import ArtifactError

PACKETS = st.builds(
    Packet,
    time_ns=st.integers(0, 2**63 - 1),
    outgoing=st.sampled_from([None, False, True]),
    data=st.binary(max_size=60),
    comment=st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    damaged=st.booleans(),
    interface=st.just("n8"),
    test=st.just("test_x.py::test_y"),
    conditions=st.just("allow-restore"),
    part=st.just(0),
)
MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)


def write(path: Path, packets: list[Packet], interface: str = "n8") -> None:
    capture = CaptureWriter(path, interface, test="test_x.py::test_y", conditions="allow-restore")
    for packet in packets:
        capture.add(
            packet.time_ns,
            packet.data,
            outgoing=packet.outgoing,
            comment=packet.comment,
            damaged=packet.damaged,
        )
    capture.close()


@MANY
@given(st.lists(PACKETS, max_size=6))
def test_what_is_written_is_read(tmp_path: Path, packets: list[Packet]) -> None:
    path = tmp_path / "wire.pcapng"
    path.unlink(missing_ok=True)
    write(path, packets)
    assert list(read_capture(path)) == packets


@MANY
@given(st.lists(PACKETS, min_size=1, max_size=4), st.integers(1, 400))
def test_a_capture_that_was_cut_short_is_read_up_to_there(tmp_path: Path, packets: list[Packet], cut: int) -> None:
    path = tmp_path / "wire.pcapng"
    path.unlink(missing_ok=True)
    write(path, packets)
    path.write_bytes(path.read_bytes()[:-cut])
    found = list(read_capture(path))
    assert found == packets[: len(found)]
    assert len(found) < len(packets)


@MANY
@given(st.binary(max_size=200), st.integers(0, 300))
def test_whatever_a_file_holds_it_is_read_or_told(tmp_path: Path, noise: bytes, place: int) -> None:
    path = tmp_path / "wire.pcapng"
    path.unlink(missing_ok=True)
    write(path, [Packet(1, True, b"abc", "x")] * 3)
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + noise + whole[place + len(noise) :])
    with contextlib.suppress(ArtifactError):
        list(read_capture(path))


def test_a_file_may_hold_the_captures_of_many_tests_and_may_be_compressed(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcapng"
    capture = CaptureWriter(path, "n8", test="t1", comment="about all of it")
    capture.add(1, b"a", outgoing=True)
    capture.begin("n8", test="t2", conditions="allow-restore")
    capture.add(2, b"b", outgoing=False)
    capture.close()
    found = list(read_capture(path))
    assert [(p.test, p.conditions, p.part) for p in found] == [("t1", "", 0), ("t2", "allow-restore", 1)]
    compressed = tmp_path / "wire.pcapng.gz"
    compressed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(read_capture(compressed)) == found
    assert read_comment(path) == read_comment(compressed) == "about all of it"


def test_a_compressed_capture_that_is_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcapng"
    write(path, [Packet(number, True, bytes([number])) for number in range(9)])
    path.write_bytes(gzip.compress(path.read_bytes())[:-20])
    with pytest.raises(ArtifactError, match=r"is damaged: [\s\S]*copy it anew"):
        list(read_capture(path))
    assert read_comment(path) == ""


def test_a_file_is_continued_by_a_new_section(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcapng"
    write(path, [Packet(1, True, b"a")], "n8")
    write(path, [Packet(2, False, b"b")], "e71")
    assert [(p.data, p.interface) for p in read_capture(path)] == [(b"a", "n8"), (b"b", "e71")]


def test_times_in_microseconds_are_understood(tmp_path: Path) -> None:
    """Other programs write the default resolution when they save a part of a capture."""
    path = tmp_path / "wire.pcapng"
    write(path, [Packet(5_000, True, b"a")])
    option = struct.pack("<HHB3x", 9, 1, 9)
    assert path.read_bytes().count(option) == 1
    path.write_bytes(path.read_bytes().replace(option, struct.pack("<HHB3x", 9, 1, 6)))
    assert [p.time_ns for p in read_capture(path)] == [5_000_000]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GIF89a__", "begins with 47 49 46 38 39 61 5f 5f, which is no pcapng (at byte 0)"),
        (struct.pack("<III", 0x0A0D0D0A, 28, 0x4D3C2B1A), "has a section that is no little-endian pcapng"),
    ],
)
def test_what_is_no_capture_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "wire.pcapng"
    path.write_bytes(content)
    with pytest.raises(ArtifactError) as error:
        list(read_capture(path))
    assert told in str(error.value)
    assert "expected was a wire.pcapng that a run has left" in str(error.value)


def test_a_capture_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ethernet.pcapng"
    write(path, [])
    path.write_bytes(path.read_bytes().replace(struct.pack("<HHI", 147, 0, 0), struct.pack("<HHI", 1, 0, 0)))
    with pytest.raises(ArtifactError, match="its link type is not USER0"):
        list(read_capture(path))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="No such file"):
        list(read_capture(tmp_path / "none.pcapng"))
