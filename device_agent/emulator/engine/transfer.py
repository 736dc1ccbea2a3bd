"""The container on the phone's side: how much fits one request, how supplied bytes come apart (BE 10)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wire.formats.container import (
    BLOCK_HEADER_SIZE,
    MAX_BLOCK,
    SECTION_HEADER_SIZE,
    UNCOMPRESSED_BLOCK,
    BlockHeader,
    ContainerError,
    SectionHeader,
    SectionPacker,
    inflate,
)
from wire.layout import codec_of
from wire.symbian_errors import (
    KErrCorrupt,
    KErrOverflow,
    Leave,
)

if TYPE_CHECKING:
    from device_agent.emulator.scheduler import Scheduler

HEAP_HEADER_SIZE: Final = 1052
"""What the shared heap keeps for itself: flags, the transfer type, a descriptor (BE 4.3)."""

RESERVE_PER_BLOCK: Final = 675
"""One per cent of 65536, and zlib's and the container's own headers (BE 10.3)."""


def usable_bytes(heap_size: int, *, package: bool = False) -> int:
    """How many uncompressed bytes one request can yield; -9 when the reserve alone is too much (BE 10.3)."""
    room = heap_size - HEAP_HEADER_SIZE
    blocks = -(-room // UNCOMPRESSED_BLOCK)
    reserve = RESERVE_PER_BLOCK * blocks + (0 if package else SECTION_HEADER_SIZE)
    if reserve > room:
        raise Leave(KErrOverflow)
    return room - reserve


class OutgoingSection:
    """What a request gathers of its owner, and the section that it becomes (BE 10.1).

    The engine packs what it has gathered in the end. Here a piece is compressed while the next one is awaited,
    since the host that makes it works on another processor; what comes out is the same.

    Attributes:
        size: bytes gathered so far.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self.size = 0
        self._scheduler = scheduler
        self._packer = SectionPacker()
        self._waiting: deque[bytes | bytearray] = deque()

    def add(self, data: bytes | bytearray) -> None:
        """The next piece."""
        self.size += len(data)
        self._waiting.append(data)
        self._scheduler.meanwhile = self._pack_waiting

    def _pack_waiting(self) -> None:
        while self._waiting:
            self._packer.add(self._waiting.popleft())

    def packed(self) -> bytes:
        """All of it as a section."""
        self._scheduler.meanwhile = None
        self._pack_waiting()
        return self._packer.finish()


class SectionDecoder:
    """Takes supplied bytes apart into blocks and keeps state across supplies (BE 10.2).

    It is reset when all supplied bytes are consumed, and when a supply names another SID, drive or identity
    kind; not by errors and not by mode changes (Q22). So a cut exactly between two blocks of one section makes
    the next block look like a new section (Q21).
    """

    def __init__(self) -> None:
        self._key: object = None
        self._reset()

    def _reset(self) -> None:
        self._pending = bytearray()
        self._in_section = False
        self._left_in_section = 0

    def begin(self, key: object) -> None:
        """A supply for `key` begins."""
        if key != self._key:
            self._key = key
            self._reset()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """Blocks, each with whether the supplied bytes end exactly with it.

        Bytes that end inside a header or block are kept, and nobody hears of them (Q19).
        """
        self._pending += data
        while True:
            block = self._next_block()
            if block is None:
                return
            at_end = not self._pending
            if at_end:
                self._reset()
            yield block, at_end

    def _next_block(self) -> bytes | None:
        if not self._in_section and not self._begin_section():
            return None
        pending = self._pending
        if len(pending) < BLOCK_HEADER_SIZE:
            return None
        header = codec_of(BlockHeader).parse(bytes(pending[:BLOCK_HEADER_SIZE]))
        if header.compressed_size > MAX_BLOCK or header.uncompressed_size > MAX_BLOCK:
            raise Leave(KErrCorrupt)
        end = BLOCK_HEADER_SIZE + header.compressed_size
        if len(pending) < end:
            return None
        try:
            block = inflate(bytes(pending[BLOCK_HEADER_SIZE:end]), header.uncompressed_size)
        except ContainerError as error:
            raise Leave(error.code) from error
        del pending[:end]
        self._left_in_section -= end
        if self._left_in_section <= 0:
            self._in_section = False
        return block

    def _begin_section(self) -> bool:
        """Whether a section header is there; -20 for an encrypted one, since there is no key (BE 10.1)."""
        pending = self._pending
        if len(pending) < SECTION_HEADER_SIZE:
            return False
        header = codec_of(SectionHeader).parse(bytes(pending[:SECTION_HEADER_SIZE]))
        if header.encrypted:
            raise Leave(KErrCorrupt)
        start = SECTION_HEADER_SIZE + header.key_info_size
        if start > len(pending):
            raise Leave(KErrOverflow)
        del pending[:start]
        self._in_section = True
        self._left_in_section = header.total_size - start
        return True
