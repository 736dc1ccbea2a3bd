"""What a handler gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from wire.protocol.messages.method import AgentFault


class Reply(NamedTuple):
    """The answer to a request, and the stream that follows it."""

    body: tuple[Any, ...]
    download: Iterable[bytes | memoryview] | None = None


class Unserved(Exception):
    """The agent cannot do this, whatever the operation means."""

    def __init__(self, fault: AgentFault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


Handler = Callable[[Any, bytes], Reply]
"""Takes the request's body and its upload, which is empty for methods that have none."""
