"""Frames and messages in words, for failures, traces and people."""

from __future__ import annotations

from typing import Any

from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.frame import Flags, Header, Kind
from wire.protocol.messages import METHODS
from wire.protocol.messages.method import ErrorBody
from wire.symbian_errors import error_name

_DEADLINE_SIZE = 4


def describe_frame(header: Header, payload: bytes | memoryview, *, outgoing: bool) -> str:
    """One line: direction, kind, whose call, what it asks or carries, sequence numbers."""
    arrow = "host -> phone" if outgoing else "phone -> host"
    kind = Kind(header.kind).name if header.kind in set(Kind) else f"kind {header.kind}"
    parts = [arrow, f"{kind:<8}"]
    if header.kind >= Kind.REQUEST:
        whose = "phone's" if header.flags & Flags.FROM_PHONE else "host's"
        parts.append(f"{whose} #{header.channel} seq {header.sequence}")
    parts.append(f"ack {header.acknowledge}")
    about = _about(header, payload)
    if about:
        parts.append(about)
    if header.flags & Flags.RESENT:
        parts.append("(sent again)")
    return "  ".join(parts)


def _about(header: Header, payload: bytes | memoryview) -> str:
    match header.kind:
        case Kind.REQUEST:
            method = METHODS.get(header.argument & 0xFFFF)
            if method is None:
                return f"unknown method {header.argument & 0xFFFF:#06x}"
            parent = f" in the course of #{header.argument >> 16}" if header.argument >> 16 else ""
            return f"{method.name}{parent} {_body(method.request, payload[_DEADLINE_SIZE:], header)}"
        case Kind.ANSWER if header.flags & Flags.ERROR:
            status = header.argument - (1 << 32) if header.argument >> 31 else header.argument
            return f"error {error_name(status)} {_body(ErrorBody, payload, header)}"
        case Kind.ANSWER:
            return f"{len(payload)} bytes"
        case Kind.DATA:
            return f"{len(payload)} bytes at {header.argument}"
        case Kind.CREDIT:
            return f"up to {header.argument}"
        case Kind.ACK:
            return f"beyond the gap {header.argument:#b}" if header.argument else ""
        case Kind.EVENT:
            return f"event {header.argument}"
    return ""


def _body(cls: type[Any], payload: bytes | memoryview, header: Header) -> str:
    if not header.flags & Flags.LAST:
        return f"{len(payload)} bytes, to be continued"
    try:
        return shorten(codec_of(cls).parse(payload))
    except LayoutError:
        return f"{len(payload)} bytes"


def shorten(body: tuple[Any, ...]) -> str:
    """A body's fields, long bytes cut: `sid=0x0AB7E57C drive=C data=42 42 42.. (4096 bytes)`."""
    words = []
    for name, value in body._asdict().items():  # type: ignore[attr-defined]  # bodies are NamedTuples
        if isinstance(value, bytes):
            shown = value[:8].hex(" ") + (f".. ({len(value)} bytes)" if len(value) > 8 else "")
        else:
            shown = str(value) if len(str(value)) <= 80 else str(value)[:77] + "..."
        words.append(f"{name}={shown}")
    return " ".join(words)
