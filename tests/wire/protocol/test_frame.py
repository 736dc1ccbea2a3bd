"""Frames come back as they were sent, however the bytes arrive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wire.protocol.frame import Damage, FrameDecoder, Header, encode_frame

SPECIAL = st.sampled_from([0x7E, 0x7D, 0x11, 0x13, 0x5E, 0x5D, 0x31, 0x33, 0x00])
PAYLOADS = st.binary(max_size=300) | st.lists(SPECIAL, max_size=600).map(bytes)


@given(
    st.lists(st.tuples(st.integers(0, 0xFF), st.integers(0, 0xFFFFFFFF), PAYLOADS), max_size=5),
    st.booleans(),
    st.integers(1, 700),
)
def test_frames_come_back(frames: list[tuple[int, int, bytes]], escape_xonxoff: bool, bytes_at_once: int) -> None:
    sent = [(Header(kind, 0, 1, 2, 3, 4, len(payload), argument), payload) for kind, argument, payload in frames]
    line = b"".join(encode_frame(header, payload, escape_xonxoff=escape_xonxoff) for header, payload in sent)
    if escape_xonxoff:
        assert not {0x11, 0x13} & set(line)
    decoder = FrameDecoder(600)
    came = [
        frame
        for start in range(0, len(line), bytes_at_once)
        for frame in decoder.feed(line[start : start + bytes_at_once])
    ]
    assert [(frame.header, bytes(frame.payload)) for frame in came] == sent
    assert decoder.damages == 0


@given(PAYLOADS, st.integers(0, 7), st.data())
def test_a_flipped_bit_is_never_taken_for_the_frame(payload: bytes, bit: int, data: st.DataObject) -> None:
    line = bytearray(encode_frame(Header(0x1B, 0, 1, 2, 3, 4, len(payload), 5), payload))
    line[data.draw(st.integers(1, len(line) - 2))] ^= 1 << bit
    decoder = FrameDecoder(600)
    assert decoder.feed(bytes(line)) == []


def test_what_is_too_long_is_dropped_up_to_the_next_flag() -> None:
    good = encode_frame(Header(0x1B, 0, 1, 2, 3, 4, 1, 5), b"x")
    decoder = FrameDecoder(64)
    assert decoder.feed(b"~" + b"a" * 1000) == []
    assert decoder.feed(b"a" * 1000) == []
    assert [bytes(frame.payload) for frame in decoder.feed(b"aa" + good)] == [b"x"]
    assert decoder.damaged[Damage.TOO_LONG] == 1
