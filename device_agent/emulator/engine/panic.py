"""The engine's process comes to a sudden end."""

from __future__ import annotations


class EnginePanic(Exception):
    """The engine panics with a category and a reason; whoever waits for it gets -15."""

    def __init__(self, category: str, reason: int) -> None:
        super().__init__(f"{category} {reason}")
        self.category = category
        self.reason = reason
