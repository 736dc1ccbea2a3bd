"""How any bytes go between two flags: RFC 1662's escapes, and a shift where there would be too many of them.

    stuffed:  7E -> 7D 5E, 7D -> 7D 5D; and 11 -> 7D 31, 13 -> 7D 33 on a line that keeps XON and XOFF for itself
    shifted:  7D shift | stuffed( each byte + shift, modulo 256 )

Bytes full of flags and escapes would cross the line as twice as many, and stuffing is dearest where it has most to
do. A shift moves them out of the way: nearly always there is one after which hardly a byte is special. Its mark is
an escape before a byte that never follows one, so a receiver tells the two forms apart at their first two bytes.
Receivers understand both forms and all four escapes always; a sender may do without shifts.
"""

from __future__ import annotations

from functools import cache
from typing import Final

FORMS: Final = "escapes and shifts"
"""Part of what both ends must have in common; changes whenever the bytes between two flags do."""

FLAG_BYTE: Final = b"\x7e"
ESCAPE_BYTE: Final = b"\x7d"
_ESCAPE: Final = 0x7D
_UNESCAPED: Final = {0x5E: 0x7E, 0x5D: 0x7D, 0x31: 0x11, 0x33: 0x13}
_FEW_ESCAPES: Final = 32  # one in so many bytes; where there are more, passes in C beat a split into pieces

_WORTH_A_LOOK: Final = 256
_LOOK_AT_EVERY: Final = 61  # a prime, so that it does not fall into step with rows and records
_MANY_SPECIAL: Final = 16
"""A shift is looked for where more than one in so many bytes is special; of random bytes one in 128 is."""

_SHIFTS: Final = [
    (shift, frozenset((special - shift) & 0xFF for special in _UNESCAPED.values()))
    for shift in range(1, 256)
    if shift not in {*_UNESCAPED, *_UNESCAPED.values()}
]
"""What may be a mark, each with the four bytes that it would make special."""


def stuff(body: bytes, *, escape_xonxoff: bool = False) -> bytes:
    """What goes between two flags."""
    shift = _shift_for(body) if len(body) >= _WORTH_A_LOOK else 0
    if shift:
        body = body.translate(_moved_by(shift))
    stuffed = body.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
    if escape_xonxoff:
        stuffed = stuffed.replace(b"\x11", b"\x7d\x31").replace(b"\x13", b"\x7d\x33")
    return b"\x7d%c%b" % (shift, stuffed) if shift else stuffed


def unstuff(piece: bytes) -> bytes | bytearray:
    """What stood between two flags; empty when an escape is not one of the four."""
    if piece[0] == _ESCAPE and len(piece) > 1 and piece[1] not in _UNESCAPED:
        shift = piece[1]
        return unescape(piece[2:]).translate(_moved_by(256 - shift)) if shift not in {0, _ESCAPE} else b""
    return unescape(piece)


def unescape(piece: bytes) -> bytes | bytearray:
    """Undo the escapes; empty when one is not one of the four."""
    parts = piece.split(ESCAPE_BYTE, len(piece) // _FEW_ESCAPES)
    if ESCAPE_BYTE in parts[-1]:
        return _unescape_many(piece)
    # Without the escapes each mark stands where the byte belongs that it is for.
    plain = bytearray().join(parts)
    at = 0
    try:
        for part in parts[:-1]:
            at += len(part)
            plain[at] = _UNESCAPED[plain[at]]
    except (IndexError, KeyError):
        return b""
    return plain


def _unescape_many(piece: bytes) -> bytes:
    """Every 7D begins an escape, so the order of the passes does not matter as long as 7D itself is last."""
    escapes = piece.count(ESCAPE_BYTE)
    begun = piece.replace(b"\x7d\x5e", b"\x7e")
    plain = begun.replace(b"\x7d\x5d", b"\x7d")
    if len(piece) - len(plain) != escapes:  # an escape made one byte of two; so there are others
        plain = begun.replace(b"\x7d\x31", b"\x11").replace(b"\x7d\x33", b"\x13").replace(b"\x7d\x5d", b"\x7d")
    return plain if len(piece) - len(plain) == escapes else b""


def _shift_for(body: bytes) -> int:
    """A shift that helps, judged by a sample; 0 when none is needed or none helps."""
    sample = body[::_LOOK_AT_EVERY]
    if sample.count(FLAG_BYTE) + sample.count(ESCAPE_BYTE) <= len(sample) // _MANY_SPECIAL:
        return 0
    there = set(sample)
    return next((shift for shift, made_special in _SHIFTS if there.isdisjoint(made_special)), 0)


@cache
def _moved_by(shift: int) -> bytes:
    return bytes((byte + shift) & 0xFF for byte in range(256))
