"""What is fuzzed: each function takes any bytes and raises only when something is wrong with us."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from wire.errors import LayoutError, WireError
from wire.formats.container import unpack_sections
from wire.formats.log_reader import read_records
from wire.formats.registration import RegistrationError, parse_registration
from wire.formats.serialised import read_generic, read_owner_infos
from wire.layout import Codec, codec_of
from wire.protocol.frame import FrameDecoder, encode_frame
from wire.protocol.handshake import Hello
from wire.protocol.messages import METHODS
from wire.symbian import SecureId

_MAX_PAYLOAD: Final = 512
_METHODS: Final = [METHODS[number] for number in sorted(METHODS)]
_BODIES: Final[list[type[Any]]] = [
    Hello,
    *(body for method in _METHODS for body in (method.request, method.answer)),
]


def decoder(data: bytes) -> None:
    """In one piece or in many, the same frames come out; each is what its bytes say; little is kept."""
    whole, pieces = FrameDecoder(_MAX_PAYLOAD), FrameDecoder(_MAX_PAYLOAD)
    step = 1 + (data[0] if data else 0)
    at_once = whole.feed(data)
    in_turn = [f for start in range(0, len(data), step) for f in pieces.feed(data[start : start + step])]
    assert [(f.header, bytes(f.payload)) for f in at_once] == [(f.header, bytes(f.payload)) for f in in_turn]
    assert len(pieces._pending) <= 2 * (_MAX_PAYLOAD + 20)
    for frame in at_once:
        (again,) = FrameDecoder(_MAX_PAYLOAD).feed(encode_frame(frame.header, frame.payload))
        assert again.header == frame.header
        assert again.payload == frame.payload


def messages(data: bytes) -> None:
    """A body that can be read is written as the same bytes; one that cannot is a LayoutError."""
    if len(data) < 1:
        return
    codec: Codec[Any] = codec_of(_BODIES[data[0] % len(_BODIES)])
    try:
        body = codec.parse(data[1:])
    except LayoutError:
        return
    assert codec.build(body) == data[1:], codec.describe()


def formats(data: bytes) -> None:
    """The engine's own formats as a phone sends them: refused with an error of ours, or read."""
    for read in (
        lambda: read_owner_infos(data, 3),
        lambda: read_generic(data),
        lambda: list(unpack_sections(data)),
    ):
        try:
            read()
        except WireError:
            pass


def registration(data: bytes) -> None:
    """A registration file is read or refused with its reason."""
    try:
        parse_registration(data, SecureId(0x20001234))
    except RegistrationError:
        pass


def log(data: bytes) -> None:
    """A log is read whatever it holds; how it comes in pieces makes no difference."""
    step = 1 + (data[0] if data else 0)
    whole = list(read_records([data]))
    pieces = list(read_records(data[start : start + step] for start in range(0, len(data), step)))
    assert whole == pieces


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "decoder": decoder,
    "messages": messages,
    "formats": formats,
    "registration": registration,
    "log": log,
}
