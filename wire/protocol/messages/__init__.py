"""Every operation between harness and agent, in one table.

A `Method` names an operation, who may ask for it and the bodies of request and answer; `METHODS` finds it by
its number. Change a field in one of these modules and both ends, the fingerprint and everything that
`wire.export` writes change with it.

Sections named "BE n" are those of the behavioural specification of the engine; see docs/architecture.md.
"""

from __future__ import annotations

import zlib
from enum import IntEnum
from functools import cache
from typing import Any, Final

from wire.layout import codec_of
from wire.protocol.frame import Header, Kind
from wire.protocol.messages import callbacks, emulator, engine, files, owners, phone
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method, StreamEnd
from wire.protocol.stuffing import FORMS

METHODS: Final[dict[int, Method[Any, Any]]] = {
    value.number: value
    for module in (phone, engine, files, owners, callbacks, emulator)
    for value in vars(module).values()
    if isinstance(value, Method)
}
_SHARED_BODIES: Final[tuple[type[tuple[Any, ...]], ...]] = (
    Header,
    ErrorBody,
    StreamEnd,
    phone.PropertyChange,
    owners.OwnerEvent,
)
_SHARED_ENUMS: Final[tuple[type[IntEnum], ...]] = (Kind, ErrorDomain, AgentFault, owners.OwnerEventKind)


@cache
def fingerprint() -> int:
    """32 bits that differ whenever a definition does; the two ends compare them in the handshake."""
    return zlib.crc32("\n".join(describe_messages()).encode())


def describe_messages() -> list[str]:
    """Everything that the two ends must have in common, one line each, in a fixed order."""
    lines = [f"stuffing: {FORMS}", *(codec_of(body).describe() for body in _SHARED_BODIES)]
    lines += [f"{e.__name__} {' '.join(f'{m.name}={m.value}' for m in e)}" for e in _SHARED_ENUMS]
    for number in sorted(METHODS):
        method = METHODS[number]
        lines.append(
            f"{number:#06x} {method.name} {method.asker.value}"
            f"{' upload' if method.upload else ''}{' download' if method.download else ''}"
            f" {codec_of(method.request).describe()} -> {codec_of(method.answer).describe()}"
        )
    return lines
