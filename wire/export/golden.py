"""Golden vectors: bytes and what they mean, as files that every implementation of the protocol is held against.

    golden-frames      a header and a payload, and the frame as it is on the line; bytes that are no frames
    golden-hello       who two ends say they are, and what they agree on, or why not
    golden-messages    the bodies of each method, and each body with its fields

They are JSON, bytes in hexadecimal. Who writes another agent needs nothing of ours but these files.
"""

from __future__ import annotations

import json
import typing
import zlib
from collections.abc import Iterator
from typing import Any, Final

from wire.export import c_header
from wire.layout import codec_of
from wire.protocol.frame import HEADER_STRUCT, Flags, FrameDecoder, Header, Kind, encode_frame
from wire.protocol.handshake import (
    FULL_PAYLOAD,
    MAGIC,
    PROFILES,
    Features,
    Hello,
    agree,
    incompatibility,
    make_hello,
)
from wire.protocol.messages import METHODS, fingerprint
from wire.symbian import Drive, SecureId

_VERSION: Final = 0x10
_SPECIAL: Final = bytes([0x7E, 0x7D, 0x11, 0x13, 0x5E, 0x5D, 0x31, 0x33, 0x20, 0x7E, 0x7E])


def _json(vectors: Any) -> str:
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


# ----------------------------------------------------------------------------------------------------- frames


def _header(kind: int, payload: bytes = b"", **fields: int) -> Header:
    whole = {"flags": 0, "session": 0x1234, "sequence": 5, "acknowledge": 6, "channel": 7, "argument": 8} | fields
    return Header(version_kind=_VERSION | kind, length=len(payload), **whole)


def _special_fcs(wanted: int) -> bytes:
    """A payload that makes the frame's CRC hold this byte, so that the CRC has to be stuffed too."""
    number = 0
    while True:
        payload = number.to_bytes(4, "little")
        head = HEADER_STRUCT.pack(*_header(Kind.EVENT, payload))
        if wanted in zlib.crc32(payload, zlib.crc32(head)).to_bytes(4, "little"):
            return payload
        number += 1


def _good_frames() -> Iterator[tuple[str, bool, Header, bytes]]:
    for kind in Kind:
        yield f"kind {kind.name}", False, _header(kind), b""
    every_byte = bytes(range(256))
    payloads = {
        "every byte": every_byte,
        "special bytes": _SPECIAL,
        "as long as it may be": (every_byte * 17)[:FULL_PAYLOAD],
        "flags only": b"~" * 100,
        "a CRC with a flag in it": _special_fcs(0x7E),
        "a CRC with an escape in it": _special_fcs(0x7D),
        "a CRC with XON in it": _special_fcs(0x11),
    }
    for name, payload in payloads.items():
        for escape in (False, True):
            yield f"{name}{', XON/XOFF line' if escape else ''}", escape, _header(Kind.EVENT, payload), payload
    wild = _header(Kind.DATA, b"x", session=0x7E7D, sequence=0x1113, acknowledge=0xFFFF, argument=0xFFFFFFFF)
    yield "a header of special bytes", True, wild._replace(flags=int(Flags.LAST | Flags.RESENT)), b"x"


def _streams() -> Iterator[tuple[str, bytes]]:
    """Bytes that are not only frames."""
    good = encode_frame(_header(Kind.PING), b"")
    body = good[1:-1]
    damaged = bytearray(good)
    damaged[5] ^= 0x01
    too_long = bytes(FULL_PAYLOAD + 1)
    yield "one flag between two frames", b"~" + body + b"~" + body + b"~"
    yield "flags as fill", b"~~~" + good + b"~~~" + good
    yield "a damaged byte", bytes(damaged) + good
    yield "a frame cut short by the next one", good[:9] + good
    yield "an abort", good[:9] + b"}~" + body + b"~"
    yield "an escape before a byte that needs none", b"~" + body[:4] + b"}a" + body[4:] + b"~" + good
    yield "a length that lies", encode_frame(_header(Kind.PING)._replace(length=1), b"") + good
    yield "less than a header", b"~\x10\x00~" + good
    yield "more than a frame may hold", encode_frame(_header(Kind.EVENT, too_long), too_long) + good
    yield "noise", bytes(range(1, 0x7D)) * 3 + good
    yield "an escape that was not needed", b"~" + body.replace(b"\x11", b"}1") + b"~"
    dense = b"~}\x00" * 300
    yield "a shift", encode_frame(_header(Kind.EVENT, dense), dense) + good
    shifted = bytes((byte + 5) & 0xFF for byte in body).replace(b"}", b"}]").replace(b"~", b"}^")
    yield "a shift where there need be none", b"~}\x05" + shifted + b"~"
    yield "a shift of nothing", b"~}\x05~" + good
    yield "a second shift", b"~}\x05}\x06" + shifted + b"~" + good
    yield "an escape for a shift", b"~}}" + shifted + b"~" + good
    yield "a shift of zero", b"~}\x00" + body + b"~" + good


def frames() -> str:
    """Frames and streams of bytes."""
    good = [
        {
            "name": name,
            "escapes_xonxoff": escape,
            "header": header._asdict(),
            "payload": payload.hex(),
            "line": encode_frame(header, payload, escape_xonxoff=escape).hex(),
        }
        for name, escape, header, payload in _good_frames()
    ]
    streams = []
    for name, line in _streams():
        found = FrameDecoder(FULL_PAYLOAD).feed(line)
        frames = [{"header": f.header._asdict(), "payload": bytes(f.payload).hex()} for f in found]
        streams.append({"name": name, "line": line.hex(), "frames": frames})
    return _json({"frames": good, "streams": streams})


# ------------------------------------------------------------------------------------------------------ hello


def _phone(profile: str, **changes: Any) -> Hello:
    hello = make_hello(
        PROFILES[profile],
        fingerprint=fingerprint(),
        build="agent 1.0",
        product="N8 \u20ac",
        nonce=0,
        boot_id=0xB007,
        tick_ms=99,
    )
    # An agent keeps nothing that comes out of order unless it says so.
    features = hello.features & ~Features.KEEPS_OUT_OF_ORDER
    hello = hello._replace(max_payload=min(hello.max_payload, FULL_PAYLOAD))  # what phones have room for
    return hello._replace(**{"features": int(features), **changes})


def _host(profile: str, **changes: Any) -> Hello:
    hello = make_hello(PROFILES[profile], fingerprint=fingerprint(), build="harness", product="PC", nonce=0x1234)
    return hello._replace(**changes)


def _handshakes() -> Iterator[tuple[str, Hello, Hello]]:
    for name in PROFILES:
        yield f"both on {name}", _host(name), _phone(name)
    yield "the smaller of everything", _host("local", window=3, depth=2), _phone("uart", depth=9)
    escaping = {"features": int(Features.ESCAPE_XONXOFF)}
    yield "the host's line keeps XON and XOFF", _host("usb", **escaping), _phone("usb")
    yield "the phone's line keeps XON and XOFF", _host("usb"), _phone("usb", **escaping)
    longest = {"build": "b" * 40, "product": "p" * 40}
    yield "the longest texts", _host("usb", **longest), _phone("usb", **longest)
    yield "a session that would be 0", _host("usb", nonce=_nonce_of_session_0()), _phone("usb")
    yield "a host of later versions only", _host("usb", version_min=2, version_max=3), _phone("usb")
    yield "a host of later versions too", _host("usb", version_min=1, version_max=3), _phone("usb")
    yield "no HELLO of this protocol", _host("usb", magic=MAGIC ^ 1), _phone("usb")
    yield "a host that takes no frame", _host("usb", window=0), _phone("usb")
    yield "a host whose frames are too short for HELLO", _host("usb", max_payload=127), _phone("usb")
    yield "a host that takes no call", _host("usb", depth=0), _phone("usb")
    yield "the least that is enough", _host("usb", window=1, max_payload=128, depth=1), _phone("usb")
    yield "other definitions", _host("usb", fingerprint=fingerprint() ^ 1), _phone("usb")


def _nonce_of_session_0() -> int:
    """A nonce whose digest is 0, which stands for no session: both ends take 1 instead."""
    nonce = 0
    while True:
        digest = zlib.crc32(nonce.to_bytes(4, "little") + (0xB007).to_bytes(4, "little"))
        if (digest >> 16 ^ digest) & 0xFFFF == 0:
            return nonce
        nonce += 1


def hello() -> str:
    """Handshakes."""
    vectors = []
    codec = codec_of(Hello)
    for name, host, phone in _handshakes():
        answer = phone._replace(nonce=host.nonce)
        refused = incompatibility(phone, host, i_am="the agent", it_is="the harness") is not None
        vectors.append(
            {
                "name": name,
                "host": host._asdict(),
                "host_hex": codec.build(host).hex(),
                "phone": answer._asdict(),
                "phone_hex": codec.build(answer).hex(),
                "agreement": None if refused else agree(host, phone)._asdict(),
            }
        )
    return _json(vectors)


# --------------------------------------------------------------------------------------------------- messages


class _Values:
    """Values that differ from each other, so that two fields that were exchanged are noticed."""

    def __init__(self) -> None:
        self._count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def of(self, kind: str) -> Any:
        number = self._next()
        if kind.startswith("list of "):
            return tuple(self.of(kind.removeprefix("list of ")) for _ in range(2))
        match kind:
            case "u8" | "u16" | "u32" | "u64":
                bits = int(kind[1:])
                return (0xF1E2D3C4B5A69788 + number * 0x0101010101010101) & ((1 << bits) - 1)
            case "i32" | "i64":
                return -0x01020304 - number
            case "flag":
                return number % 2 == 1
            case "sid":
                return SecureId(0xE0F10000 + number)
            case "drive":
                return Drive(number % 26)
            case "text":
                return f"C:\\text {number} \u00e4\u20ac\U0001f600"
            case "drives":
                return bytes(number + i & 0xFF for i in range(26))
            case _:  # blob, rest
                return b"~}\x11\x13" + bytes([number])


def _typical(body: type[Any], values: _Values) -> Any:
    listed = c_header.elements(body)
    fields = []
    for name, field in codec_of(body).fields.items():
        if name in listed:
            fields.append(tuple(_typical(listed[name], values) for _ in range(2)))
        else:
            fields.append(values.of(field.kind))
    return body(*fields)


def shown(value: Any) -> Any:
    """A value as JSON has it: bytes in hexadecimal, what is an integer as one, bodies as objects."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: shown(field) for name, field in typing.cast("Any", value)._asdict().items()}
    if isinstance(value, tuple):
        return [shown(element) for element in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str | bool):
        return value
    return int(value)


def messages() -> str:
    """Methods and bodies."""
    vectors = []
    for body in c_header.bodies():
        value = _typical(body, _Values())
        vectors.append({"body": body.__name__, "fields": shown(value), "hex": codec_of(body).build(value).hex()})
    methods = [
        {"number": m.number, "name": m.name, "request": m.request.__name__, "answer": m.answer.__name__}
        for m in METHODS.values()
    ]
    return _json({"fingerprint": fingerprint(), "methods": methods, "bodies": vectors})
