"""What a phone may make us keep or show: whatever it says, memory and terminals stay as they are.

A phone, or whoever pretends to be one, is not trusted: its agent may be broken, its software may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

from harness.errors import AgentError

ItemT = TypeVar("ItemT")

MAX_GATHERED: Final = 32 << 20
"""How much of one answer's stream is kept in memory; more goes to disk piece by piece, or nowhere."""

MAX_EVENTS: Final = 10_000
"""How many events of one kind are kept; the oldest fall out."""

MAX_FOLDER_ENTRIES: Final = 100_000
MAX_EMPTY_PARTS: Final = 100
"""How often in a row the engine may answer with nothing and say that there is more."""


def gather(pieces: Iterable[bytes | memoryview], limit: int, what: str) -> bytes:
    """All pieces together; AgentError when they are more than `limit` bytes."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > limit:
            raise AgentError(
                f"{what}: the phone sends more than the {limit} bytes that it may",
                hint="its agent is broken, or it is no agent of ours",
            )
    return bytes(data)


def keep(events: list[ItemT], event: ItemT) -> None:
    """Append, and let the oldest go when there are too many."""
    events.append(event)
    if len(events) > MAX_EVENTS:
        del events[0]
