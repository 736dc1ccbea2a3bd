"""Publish and subscribe, as the kernel does it (BE 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from wire.symbian import SecureId
from wire.symbian_errors import (
    KErrAlreadyExists,
    KErrArgument,
    KErrNone,
    KErrNotFound,
    KErrPermissionDenied,
    Leave,
)

PROTECTED_CATEGORIES_END: Final = 0x10273357
"""Categories below need WriteDeviceData, unless they are the definer's own SID."""


class Caller(NamedTuple):
    """Who asks: a process, by its SID and its capabilities."""

    sid: SecureId
    capabilities: frozenset[str] = frozenset()


class _Property:
    def __init__(self, definer: SecureId, writer: SecureId | None) -> None:
        self.definer = definer
        self.writer = writer
        self.value = 0


class PropertyStore:
    """All integer properties of the phone. Functions leave with Symbian's codes."""

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._properties: dict[tuple[int, int], _Property] = {}
        self._waiting: dict[tuple[int, int], list[Callable[[int], None]]] = {}

    def define(self, category: int, key: int, caller: Caller, *, writer: SecureId | None = None) -> None:
        """Make a property that only `writer` may set; None lets everybody."""
        if (
            category < PROTECTED_CATEGORIES_END
            and category != caller.sid
            and "WriteDeviceData" not in caller.capabilities
        ):
            raise Leave(KErrPermissionDenied)
        if (category, key) in self._properties:
            raise Leave(KErrAlreadyExists)
        self._properties[category, key] = _Property(caller.sid, writer)

    def get(self, category: int, key: int, *, as_integer: bool = True) -> int:
        """The value. -1 when it is not defined, -6 when it is asked for as another type."""
        prop = self._properties.get((category, key))
        if prop is None:
            raise Leave(KErrNotFound)
        if not as_integer:
            raise Leave(KErrArgument)
        return prop.value

    def set(self, category: int, key: int, value: int, caller: Caller) -> None:
        """Set, and complete every pending subscription, also when the value stays the same.

        -1 when it is not defined, which is looked at before rights; -46 when the caller may not.
        """
        prop = self._properties.get((category, key))
        if prop is None:
            raise Leave(KErrNotFound)
        if prop.writer is not None and prop.writer != caller.sid:
            raise Leave(KErrPermissionDenied)
        prop.value = value
        self._complete(category, key, KErrNone)

    def subscribe(self, category: int, key: int, completed: Callable[[int], None]) -> None:
        """One notification of the next change, with no value in it: whoever wants more subscribes again.

        A property that is not defined yet may be subscribed to; defining it completes nothing.
        """
        self._waiting.setdefault((category, key), []).append(completed)

    def cancel(self, category: int, key: int, completed: Callable[[int], None]) -> None:
        """Take a subscription back."""
        waiting = self._waiting.get((category, key), [])
        if completed in waiting:
            waiting.remove(completed)

    def delete(self, category: int, key: int, caller: Caller) -> None:
        """Only whoever defined it may; pending subscriptions complete with -1."""
        prop = self._properties.get((category, key))
        if prop is None:
            raise Leave(KErrNotFound)
        if prop.definer != caller.sid:
            raise Leave(KErrPermissionDenied)
        del self._properties[category, key]
        self._complete(category, key, KErrNotFound)

    def _complete(self, category: int, key: int, status: int) -> None:
        for completed in self._waiting.pop((category, key), []):
            # The subscriber is another process and sees it later: changes in between look like one (Q3).
            self._post(lambda c=completed: c(status))  # type: ignore[misc]
