"""The container in which the engine hands out and takes back data (BE 10).

    section :=  encrypted:u32  keyInfoSize:u32  totalSize:u32   keyInfo[keyInfoSize]   block+
    block   :=  compressedSize:u32  uncompressedSize:u32   zlib stream[compressedSize]

`totalSize` counts the whole section. One RequestData makes one section, of blocks with 65536 uncompressed
bytes and a shorter last one; nothing at all is made of zero bytes. The public key source never encrypts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from wire.errors import FormatError
from wire.layout import U32, codec_of
from wire.symbian_errors import KErrCorrupt, KEZlibErrBuf, KEZlibErrData, KEZlibErrStream


class ContainerError(FormatError):
    """A damaged section or block; `code` is what the engine refuses it with."""

    def __init__(self, what: str, problem: str, *, offset: int, code: int = KErrCorrupt) -> None:
        super().__init__(what, problem, offset=offset)
        self.code = code


# zlib's own numbers, as its Python binding puts them into its messages, and Symbian's for them.
_ZLIB_CODES: Final = {"-2": KEZlibErrStream, "-3": KEZlibErrData, "-5": KEZlibErrBuf}

UNCOMPRESSED_BLOCK: Final = 65536
COMPRESSION_LEVEL: Final = 9
MAX_BLOCK: Final = 1 << 20
"""A block beyond this is called damaged; the engine never makes one beyond 65536 bytes and a little."""


class SectionHeader(NamedTuple):
    """The 12 bytes before a section's blocks."""

    encrypted: U32
    key_info_size: U32
    total_size: U32


class BlockHeader(NamedTuple):
    """The 8 bytes before each zlib stream."""

    compressed_size: U32
    uncompressed_size: U32


SECTION_HEADER_SIZE: Final = 12
BLOCK_HEADER_SIZE: Final = 8


def pack_section(data: bytes | memoryview) -> bytes:
    """One section that holds `data`; empty for no data, which is never wrapped."""
    packer = SectionPacker()
    packer.add(data)
    return packer.finish()


class SectionPacker:
    """Makes one section of data that comes in pieces; the same whatever the pieces are."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._begin_block()

    def _begin_block(self) -> None:
        self._deflate = zlib.compressobj(COMPRESSION_LEVEL)
        self._in_block = 0
        self._compressed: list[bytes] = []

    def add(self, data: bytes | bytearray | memoryview) -> None:
        """The next piece of the data."""
        while data:
            piece = data[: UNCOMPRESSED_BLOCK - self._in_block]
            data = data[len(piece) :]
            self._compressed.append(self._deflate.compress(piece))
            self._in_block += len(piece)
            if self._in_block == UNCOMPRESSED_BLOCK:
                self._end_block()

    def _end_block(self) -> None:
        compressed = b"".join((*self._compressed, self._deflate.flush()))
        self._blocks += (codec_of(BlockHeader).build(BlockHeader(len(compressed), self._in_block)), compressed)
        self._begin_block()

    def finish(self) -> bytes:
        """The section; empty for no data."""
        if self._in_block:
            self._end_block()
        if not self._blocks:
            return b""
        total = SECTION_HEADER_SIZE + sum(map(len, self._blocks))
        return b"".join((codec_of(SectionHeader).build(SectionHeader(0, 0, total)), *self._blocks))


def unpack_sections(data: bytes | memoryview) -> Iterator[bytes]:
    """The uncompressed blocks of sections one after the other, as an archive file holds them.

    ContainerError says at which byte the data is damaged, cut short or encrypted. Each block is given before the
    next is read, so that memory does not grow with the archive.
    """
    offset = 0
    view = memoryview(data)
    while offset < len(view):
        if offset + SECTION_HEADER_SIZE > len(view):
            raise ContainerError("section", f"{len(view) - offset} bytes are no section header", offset=offset)
        header = codec_of(SectionHeader).parse(view[offset : offset + SECTION_HEADER_SIZE])
        if header.encrypted:
            raise ContainerError("section", "it is encrypted, and there is no key", offset=offset)
        end = offset + header.total_size
        position = offset + SECTION_HEADER_SIZE + header.key_info_size
        if not position < end <= len(view):
            raise ContainerError(
                "section", f"its size {header.total_size} does not fit what is there", offset=offset
            )
        while position < end:
            block, position = _unpack_block(view, position, end)
            yield block
        offset = end


def _unpack_block(view: memoryview, position: int, end: int) -> tuple[bytes, int]:
    if position + BLOCK_HEADER_SIZE > end:
        raise ContainerError("block", "its header is cut short", offset=position)
    header = codec_of(BlockHeader).parse(view[position : position + BLOCK_HEADER_SIZE])
    start = position + BLOCK_HEADER_SIZE
    if header.compressed_size > end - start or header.uncompressed_size > MAX_BLOCK:
        raise ContainerError("block", f"its sizes {tuple(header)} do not fit its section", offset=position)
    block = inflate(view[start : start + header.compressed_size], header.uncompressed_size, offset=start)
    return block, start + header.compressed_size


def inflate(compressed: bytes | memoryview, size: int, *, offset: int = 0) -> bytes:
    """`size` bytes out of a zlib stream, never more; ContainerError when it is damaged or holds others."""
    inflater = zlib.decompressobj()
    try:
        block = inflater.decompress(compressed, size + 1)
    except zlib.error as error:
        number = str(error).removeprefix("Error ").split(" ", 1)[0]
        code = _ZLIB_CODES.get(number, KEZlibErrData)
        raise ContainerError("block", f"the zlib stream is damaged: {error}", offset=offset, code=code) from error
    if len(block) != size or not inflater.eof:
        raise ContainerError("block", f"it holds {len(block)} bytes instead of {size}", offset=offset)
    return block
