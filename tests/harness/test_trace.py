"""The capture of the wire: a pcapng that holds every frame, and is readable at any moment."""

from __future__ import annotations

import struct
from pathlib import Path

from harness.handset import Handset
from harness.trace import LINKTYPE_USER0, FrameLog
from tests.phone_in_thread import phone_in_thread
from wire.protocol.frame import HEADER_SIZE, HEADER_STRUCT, Header, Kind


def blocks(data: bytes) -> list[tuple[int, bytes]]:
    """The whole blocks of a pcapng file; a last one that is cut short is left out."""
    found = []
    offset = 0
    while offset + 12 <= len(data):
        kind, size = struct.unpack_from("<II", data, offset)
        if offset + size > len(data):
            break
        assert size % 4 == 0
        assert data[offset + size - 4 : offset + size] == data[offset + 4 : offset + 8]
        found.append((kind, data[offset + 8 : offset + size - 4]))
        offset += size
    return found


def packets(data: bytes) -> list[tuple[Header, bytes, int]]:
    """Header, payload and direction (1 in, 2 out) of each frame."""
    found = []
    for kind, body in blocks(data):
        if kind == 6:
            captured = struct.unpack_from("<I", body, 12)[0]
            raw = body[20 : 20 + captured]
            padded = captured + -captured % 4
            direction = struct.unpack_from("<I", body, 20 + padded + 4)[0]
            found.append((Header._make(HEADER_STRUCT.unpack_from(raw)), raw[HEADER_SIZE:], direction))
    return found


def test_every_frame_is_in_the_capture(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcapng"
    frames = FrameLog()
    frames.write_to(path, "n8")
    with phone_in_thread() as phone:
        handset = Handset.open(phone.transport(), name="n8", trace=frames)
        handset.files.make_folder("C:\\logs\\connect\\")
        counters = handset.connection.counters
        handset.close()
    frames.write_to(None)
    data = path.read_bytes()
    kinds = [kind for kind, _ in blocks(data)]
    assert kinds[:2] == [0x0A0D0D0A, 1]
    assert struct.unpack_from("<H", blocks(data)[1][1])[0] == LINKTYPE_USER0
    assert b"n8" in blocks(data)[1][1]
    found = packets(data)
    assert sum(direction == 2 for _, _, direction in found) == counters.frames_sent
    assert found[0][0].kind == Kind.HELLO
    assert all(header.length == len(payload) for header, payload, _ in found)


def test_a_capture_that_was_cut_short_is_readable_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcapng"
    frames = FrameLog()
    frames.write_to(path, "n8")
    for number in range(20):
        frames(True, Header(0x12, 0, 1, number, 0, 0, 3, 0), b"abc", float(number))
    whole = path.read_bytes()  # not closed: what was flushed is there
    assert len(packets(whole)) >= 19
    assert len(packets(whole[:-5])) >= 18
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
