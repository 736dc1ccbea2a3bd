"""Stuffing is what RFC 1662 says, with a shift where that would make many bytes of few."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.protocol.stuffing import stuff, unescape, unstuff

SPECIAL = st.sampled_from([0x7E, 0x7D, 0x11, 0x13, 0x5E, 0x5D, 0x31, 0x33, 0x00])
BODIES = st.binary(min_size=1, max_size=300) | st.lists(SPECIAL, min_size=1, max_size=600).map(bytes)
STUFFED = st.lists(st.sampled_from([0x7D, 0x5E, 0x5D, 0x31, 0x33, 0x41]), min_size=1, max_size=500).map(bytes)
WELL_STUFFED = st.lists(
    st.sampled_from([b"\x7d\x5e", b"\x7d\x5d", b"\x7d\x31", b"\x7d\x33", b"A"]), min_size=1, max_size=400
).map(b"".join)
SPARSE = st.lists(st.sampled_from([b"\x7d\x5e", b"\x7d\x31", b"A" * 100, b"\x7d", b"\x7d\x41"]), max_size=30).map(
    lambda parts: b"A" + b"".join(parts)
)
ESCAPED = {0x5E: 0x7E, 0x5D: 0x7D, 0x31: 0x11, 0x33: 0x13}
DENSE = bytes(random.Random(4).choice(b"\x7e\x7d\x00") for _ in range(4116))


def one_byte_at_a_time(piece: bytes) -> bytes:
    """What it means to undo escapes; empty when one is not one of the four."""
    out, rest = bytearray(), iter(piece)
    for byte in rest:
        if byte == 0x7D:
            original = ESCAPED.get(next(rest, -1))
            if original is None:
                return b""
            out.append(original)
        else:
            out.append(byte)
    return bytes(out)


@given(STUFFED | WELL_STUFFED | SPARSE)
def test_undoing_escapes(piece: bytes) -> None:
    assert unescape(piece) == one_byte_at_a_time(piece)


@given(STUFFED | WELL_STUFFED | SPARSE, st.integers(0, 255))
def test_a_mark_shifts_what_follows_it(piece: bytes, mark: int) -> None:
    came = unstuff(bytes([0x7D, mark]) + piece)
    if mark in ESCAPED:
        assert came == one_byte_at_a_time(bytes([0x7D, mark]) + piece)
    elif mark in {0x00, 0x7D}:
        assert not came
    else:
        assert came == bytes((byte - mark) & 0xFF for byte in one_byte_at_a_time(piece))


@given(BODIES, st.booleans())
def test_what_was_stuffed_comes_back(body: bytes, escape_xonxoff: bool) -> None:
    stuffed = stuff(body, escape_xonxoff=escape_xonxoff)
    assert 0x7E not in stuffed
    if escape_xonxoff:
        assert not {0x11, 0x13} & set(stuffed)
    assert unstuff(stuffed) == body


@pytest.mark.parametrize("escape_xonxoff", [False, True])
@pytest.mark.parametrize(
    "body", [DENSE, b"\x7e" * 4116, b"\x7d" * 32852, b"\x7e\x7d\x11\x13" * 1000], ids=["three", "7e", "7d", "all"]
)
def test_what_is_full_of_special_bytes_hardly_grows(body: bytes, escape_xonxoff: bool) -> None:
    stuffed = stuff(body, escape_xonxoff=escape_xonxoff)
    assert len(stuffed) <= len(body) * 1.01 + 2
    assert unstuff(stuffed) == body


def test_ordinary_bytes_are_not_shifted() -> None:
    body = random.Random(5).randbytes(32852)
    assert stuff(body) == body.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")


def test_where_no_shift_helps_there_are_escapes_only() -> None:
    body = bytes(range(256)) * 61 + b"\x7e" * 4000  # the sample has every byte, and many flags
    assert stuff(body) == body.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
