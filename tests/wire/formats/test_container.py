"""The container, byte for byte (BE 10.1)."""

from __future__ import annotations

import contextlib
import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.formats.container import ContainerError, SectionPacker, pack_section, unpack_sections


@pytest.mark.rule("10.1/section")
def test_a_section() -> None:
    data = bytes(range(256)) * 600  # 153600 bytes: two full blocks and a rest
    section = pack_section(data)
    encrypted, key_size, total = struct.unpack_from("<III", section)
    assert (encrypted, key_size, total) == (0, 0, len(section))
    sizes: list[int] = []
    offset = 12
    while offset < total:
        compressed, uncompressed = struct.unpack_from("<II", section, offset)
        stream = section[offset + 8 : offset + 8 + compressed]
        assert zlib.decompress(stream) == data[sum(sizes) : sum(sizes) + uncompressed]
        assert stream[:2] == b"\x78\xda"  # the header of level 9
        sizes.append(uncompressed)
        offset += 8 + compressed
    assert sizes == [65536, 65536, 22528]


@pytest.mark.rule("10.1/empty")
def test_nothing_is_not_wrapped() -> None:
    assert pack_section(b"") == b""
    assert list(unpack_sections(b"")) == []


@pytest.mark.rule("10.1/example")
def test_the_worked_example() -> None:
    section = pack_section(b"\0\0\0\0" + b"\x42" * 8000)
    compressed, uncompressed = struct.unpack_from("<II", section, 12)
    assert uncompressed == 8004
    assert len(section) == 20 + compressed
    assert 45 <= len(pack_section(b"Active Backup Test Snapshot")) <= 60


@pytest.mark.rule("10.1/encrypted")
def test_an_encrypted_one() -> None:
    with pytest.raises(ContainerError, match="encrypted") as caught:
        list(unpack_sections(struct.pack("<III", 1, 0, 12)))
    assert caught.value.code == -20


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5))
def test_there_and_back(parts: list[bytes]) -> None:
    assert list(unpack_sections(b"".join(map(pack_section, parts)))) == parts


@given(st.lists(st.integers(0, 70_000), max_size=6), st.integers(0, 2**32))
def test_a_section_is_the_same_whatever_pieces_its_data_comes_in(sizes: list[int], seed: int) -> None:
    source = random.Random(seed)
    pieces = [source.randbytes(size) if size % 3 else bytes(size) for size in sizes]
    packer = SectionPacker()
    for piece in pieces:
        packer.add(piece)
    data = b"".join(pieces)
    blocks = b""
    for start in range(0, len(data), 65536):
        block = zlib.compress(data[start : start + 65536], 9)
        blocks += struct.pack("<II", len(block), min(65536, len(data) - start)) + block
    assert packer.finish() == (struct.pack("<III", 0, 0, 12 + len(blocks)) + blocks if data else b"")


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_whatever_comes_is_unwrapped_or_refused(data: bytes, more: bytes) -> None:
    for candidate in (data, pack_section(data)[:-1], pack_section(data) + more):
        with contextlib.suppress(ContainerError):
            list(unpack_sections(candidate))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\0" * 11, "no section header"),
        (struct.pack("<III", 0, 0, 12), "does not fit"),
        (struct.pack("<III", 0, 0, 50), "does not fit"),
        (struct.pack("<III", 0, 0, 16) + b"\0\0\0\0", "cut short"),
        (struct.pack("<IIIII", 0, 0, 21, 2, 1) + b"x", "do not fit"),
        (struct.pack("<IIIII", 0, 0, 21, 1, 1) + b"x", "damaged|instead"),
        (struct.pack("<IIIII", 0, 0, 29, 9, 2) + zlib.compress(b"x"), "instead of 2"),
    ],
)
def test_damage_is_said_where_it_is(data: bytes, word: str) -> None:
    with pytest.raises(ContainerError, match=word):
        list(unpack_sections(data))
