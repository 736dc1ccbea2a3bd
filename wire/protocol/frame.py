"""Frames: how bytes on the line become frames again, whatever was lost or damaged between them.

    7E | stuffed( header 16 | payload 0..max | FCS-32 little-endian ) | 7E

`stuffing` keeps the flag 7E out of what stands between two. Flags in a row are fill; 7D 7E aborts a frame. The
FCS is CRC-32 as zlib computes it, over header and payload. `length` in the header must equal what is there:
a damaged flag joins or splits frames, and there a CRC alone is weaker than it looks.

Anything else between flags is counted, kept for the trace and skipped; the decoder never raises. It takes
flags apart with `bytes.split`, so an undamaged frame after garbage is delivered without delay.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Final, NamedTuple, final

from wire.layout import U8, U16, U32, codec_of, derive_struct
from wire.protocol.stuffing import ESCAPE_BYTE, FLAG_BYTE, stuff, unstuff

PROTOCOL_VERSION: Final = 1
FCS_SIZE: Final = 4
_RESIDUE: Final = 0x2144DF1C  # the CRC-32 of anything followed by its own CRC-32


class Header(NamedTuple):
    """The 16 bytes before each payload."""

    version_kind: U8
    flags: U8
    session: U16
    sequence: U16
    acknowledge: U16
    channel: U16
    length: U16
    argument: U32

    @property
    def kind(self) -> int:
        """A `Kind`, or a number that this version does not know."""
        return self.version_kind & 0x0F

    @property
    def version(self) -> int:
        """The protocol version, 1."""
        return self.version_kind >> 4


class Kind(IntEnum):
    """What a frame is. The first six carry no sequence number; the others are delivered once and in order."""

    HELLO = 0
    HELLO_ACK = 1
    ACK = 2
    PING = 3
    PONG = 4
    RESET = 5
    REQUEST = 8
    ANSWER = 9
    CANCEL = 10
    DATA = 11
    CREDIT = 12
    CLOSE = 13
    EVENT = 14
    LOG = 15


FIRST_SEQUENCED_KIND: Final = 8


class Flags(IntEnum):
    """Bits of `Header.flags`. Not an IntFlag: its `&` is Python, and it is done several times a frame."""

    LAST = 0x01
    ERROR = 0x02
    FROM_PHONE = 0x04  # the channel was opened by the phone
    ACK_NOW = 0x08
    PRIORITY = 0x10
    RESENT = 0x20  # a help for readers of traces
    MUST_UNDERSTAND = 0x80


_header_struct = derive_struct(f.subcon for f in codec_of(Header).fields.values())
assert _header_struct is not None
HEADER_STRUCT: Final = _header_struct
HEADER_SIZE: Final = HEADER_STRUCT.size
OVERHEAD: Final = HEADER_SIZE + FCS_SIZE
_pack_header = HEADER_STRUCT.pack
_unpack_header = HEADER_STRUCT.unpack_from
_crc32 = zlib.crc32
_new = tuple.__new__  # what a NamedTuple's own constructor does after its call of a function in Python


def encode_frame(
    header: tuple[int, int, int, int, int, int, int, int],
    payload: bytes | memoryview = b"",
    *,
    escape_xonxoff: bool = False,
) -> bytes:
    """One frame with its flags. `header` is a `Header`; its length is taken as given, so that tests can lie."""
    head = _pack_header(*header)
    crc = _crc32(payload, _crc32(head)).to_bytes(4, "little")
    return b"~%b~" % stuff(b"".join((head, payload, crc)), escape_xonxoff=escape_xonxoff)


@final
class Frame(NamedTuple):
    """A frame that passed its checks. `payload` is a view into the received bytes."""

    header: Header
    payload: memoryview


class Damage(IntEnum):
    """Why bytes between two flags were no frame."""

    TOO_SHORT = 0
    BAD_ESCAPE = 1
    BAD_CHECKSUM = 2
    BAD_LENGTH = 3
    TOO_LONG = 4


def read_frame(raw: bytes | bytearray) -> Frame | Damage:
    """The frame in bytes without flags and stuffing, or what is wrong with them."""
    size = len(raw)
    if size < OVERHEAD:
        return Damage.TOO_SHORT
    if _crc32(raw) != _RESIDUE:
        return Damage.BAD_CHECKSUM
    header = _new(Header, _unpack_header(raw))
    if header.length != size - OVERHEAD:
        return Damage.BAD_LENGTH
    return _new(Frame, (header, memoryview(raw)[HEADER_SIZE:-FCS_SIZE]))


class FrameDecoder:
    """Takes bytes as they come, gives frames.

    Attributes:
        damaged: how often each kind of damage was met.
        damages: how often any was.
        debris: the last stretches that were no frames, newest last, for the trace: boot messages, and what
            other programs on the phone say.
    """

    def __init__(self, max_payload: int) -> None:
        self.max_payload = max_payload
        self.damaged: dict[Damage, int] = dict.fromkeys(Damage, 0)
        self.damages = 0
        self.debris: deque[tuple[Damage, bytes]] = deque(maxlen=16)
        self.on_damage: Callable[[Damage, bytes], None] | None = None
        self._pending = b""
        self._discarding = False
        self._limit = 2 * (max_payload + OVERHEAD)

    def feed(self, data: bytes) -> list[Frame]:
        """Frames completed by `data`, in order. Keeps at most two frames' worth of unfinished bytes."""
        pieces = (self._pending + data if self._pending else data).split(FLAG_BYTE)
        pending = pieces.pop()
        if self._discarding and pieces:
            # The rest of what was too long ends at the first flag.
            pieces[0] = b""
            self._discarding = False
        if self._discarding:
            pending = b""
        elif len(pending) > self._limit:
            self._note(Damage.TOO_LONG, pending, pending)
            pending = b""
            self._discarding = True
        self._pending = pending
        frames = []
        for piece in pieces:
            if piece:
                raw = unstuff(piece) if ESCAPE_BYTE in piece else piece
                found = read_frame(raw) if raw else Damage.BAD_ESCAPE
                if type(found) is not Frame:
                    self._note(found, piece, raw or piece)
                elif found.header.length > self.max_payload:
                    self._note(Damage.BAD_LENGTH, piece, raw)
                else:
                    frames.append(found)
        return frames

    def _note(self, damage: Damage, piece: bytes, raw: bytes | bytearray) -> None:
        self.damaged[damage] += 1
        self.damages += 1
        self.debris.append((damage, piece[:256]))
        if self.on_damage is not None:
            self.on_damage(damage, bytes(raw))
