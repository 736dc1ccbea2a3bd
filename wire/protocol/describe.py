"""Frames and messages in words, for failures, traces and people."""

from __future__ import annotations

from typing import Any

from wire.errors import FormatError, LayoutError
from wire.formats.serialised import drives_in, read_generic
from wire.layout import codec_of
from wire.protocol.frame import Flags, Header, Kind
from wire.protocol.meanings import DRIVES, ERRORS, MEANINGS, name_of
from wire.protocol.messages import METHODS
from wire.protocol.messages.method import ErrorBody, Method, StreamEnd
from wire.symbian import Drive
from wire.symbian_errors import error_name

_DEADLINE_SIZE = 4
_LONGEST = 120
_SERIALISED = frozenset({"transfer_type", "owner"})
"""Fields that hold an identity or a transfer type in its serialised form (BE 9.1)."""


def describe_frame(
    header: Header,
    payload: bytes | memoryview,
    *,
    outgoing: bool,
    method: Method[Any, Any] | None = None,
) -> str:
    """One line: direction, kind, whose call, what it asks or carries, sequence numbers.

    `method` is what the call asks for, where that is known and the frame itself does not say it.
    """
    arrow = "host -> phone" if outgoing else "phone -> host"
    kind = Kind(header.kind).name if header.kind in set(Kind) else f"kind {header.kind}"
    parts = [arrow, f"{kind:<8}"]
    if header.kind >= Kind.REQUEST:
        whose = "phone's" if header.flags & Flags.FROM_PHONE else "host's"
        parts.append(f"{whose} #{header.channel} seq {header.sequence}")
    parts.append(f"ack {header.acknowledge}")
    about = _about(header, payload, method)
    if about:
        parts.append(about)
    if header.flags & Flags.RESENT:
        parts.append("(sent again)")
    return "  ".join(parts)


def _about(header: Header, payload: bytes | memoryview, known: Method[Any, Any] | None) -> str:
    of_call = f"{known.name} " if known is not None else ""
    match header.kind:
        case Kind.REQUEST:
            method = METHODS.get(header.argument & 0xFFFF)
            if method is None:
                return f"unknown method {header.argument & 0xFFFF:#06x}"
            parent = f" in the course of #{header.argument >> 16}" if header.argument >> 16 else ""
            return f"{method.name}{parent} {_body(method.request, payload[_DEADLINE_SIZE:], header)}"
        case Kind.ANSWER if header.flags & Flags.ERROR:
            status = header.argument - (1 << 32) if header.argument >> 31 else header.argument
            return f"{of_call}error {error_name(status)} {_body(ErrorBody, payload, header)}"
        case Kind.ANSWER if known is not None:
            return f"{of_call}{_body(known.answer, payload, header)}"
        case Kind.ANSWER:
            return f"{len(payload)} bytes"
        case Kind.DATA:
            return f"{of_call}{len(payload)} bytes at {header.argument}"
        case Kind.CREDIT:
            return f"{of_call}up to {header.argument}"
        case Kind.CLOSE:
            return f"{of_call}{_body(StreamEnd, payload, None)}"
        case Kind.ACK:
            return f"beyond the gap {header.argument:#b}" if header.argument else ""
        case Kind.EVENT:
            return f"event {header.argument}"
    return ""


def _body(cls: type[Any], payload: bytes | memoryview, header: Header | None) -> str:
    if header is not None and not header.flags & Flags.LAST:
        return f"{len(payload)} bytes, to be continued"
    try:
        return shorten(codec_of(cls).parse(payload))
    except LayoutError:
        return f"{len(payload)} bytes"


def shorten(body: tuple[Any, ...]) -> str:
    """A body's fields, long ones cut: `sid=0x0AB7E57C drive=C data=42 42 42.. (4096 bytes)`."""
    words = []
    for name, value in body._asdict().items():  # type: ignore[attr-defined]  # bodies are NamedTuples
        shown = _shown(f"{type(body).__name__}.{name}", name, value)
        words.append(f"{name}={shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + '...'}")
    return " ".join(words)


def _shown(place: str, name: str, value: Any) -> str:
    if isinstance(value, bytes):
        if name in _SERIALISED:
            return _generic(value)
        return "".join(map(str, sorted(drives_in(value)))) if name == "drives" else _cut(value)
    if isinstance(value, tuple):
        shown = [f"({shorten(each)})" if isinstance(each, tuple) else str(each) for each in value]
        return f"[{', '.join(shown)}]"
    if place in MEANINGS:
        return name_of(value, MEANINGS[place])
    if place in ERRORS:
        return error_name(value)
    return str(Drive(value)) if place in DRIVES and value < 26 else str(value)


def _cut(value: bytes) -> str:
    return value[:8].hex(" ") + (f".. ({len(value)} bytes)" if len(value) > 8 else "")


def _generic(value: bytes) -> str:
    try:
        return f"({shorten(read_generic(value))})"
    except FormatError:
        return _cut(value)
