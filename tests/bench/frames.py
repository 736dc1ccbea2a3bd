"""Many small frames decoded, beside construct as it comes."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import Any, Final, Self

import construct

from wire.protocol.frame import FrameDecoder, Header, Kind, encode_frame

COUNT: Final = 20_000
_PAYLOAD: Final = bytes(range(20, 40))
_FRAME: Final = encode_frame(Header(0x10 | Kind.EVENT, 0, 7, 1, 1, 5, len(_PAYLOAD), 0), _PAYLOAD)
_PIECES: Final = [(_FRAME * 100)[start : start + 4096] for start in range(0, len(_FRAME) * 100, 4096)]
_HEADER: Final = construct.Struct(
    "version_kind" / construct.Int8ul,
    "flags" / construct.Int8ul,
    "session" / construct.Int16ul,
    "sequence" / construct.Int16ul,
    "acknowledge" / construct.Int16ul,
    "channel" / construct.Int16ul,
    "length" / construct.Int16ul,
    "argument" / construct.Int32ul,
)
_WHOLE: Final = construct.Struct(
    "body" / construct.RawCopy(construct.Struct("header" / _HEADER, "payload" / construct.Bytes(20))),
    "fcs" / construct.Checksum(construct.Int32ul, zlib.crc32, lambda this: this.body.data),
)


def _rate(work: Callable[[], int]) -> float:
    began, done = time.process_time(), 0
    while done < COUNT:
        done += work()
    return done / (time.process_time() - began)


def _ours() -> int:
    decoder = FrameDecoder(4160)
    return sum(len(decoder.feed(piece)) for piece in _PIECES)


def _with(definition: Any) -> int:
    return sum(1 for raw in (_FRAME * 100).split(b"~") if raw and definition.parse(raw))


class Frames:
    """Nothing has to be set up."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def round(self) -> dict[str, float]:
        """The decoder, construct for the header, construct for all."""
        ours = _rate(_ours)
        return {
            "decode header": ours / _rate(lambda: _with(_HEADER)),
            "decode frame": ours / _rate(lambda: _with(_WHOLE)),
        }
