"""Publish-and-subscribe properties of a phone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache
from types import TracebackType
from typing import Final, NamedTuple, Self

from harness.bounds import MAX_EVENTS, keep
from harness.connection import Connection
from harness.errors import UnexpectedState
from harness.journal import Journal
from wire.layout import codec_of
from wire.protocol.calls import Event
from wire.protocol.messages import phone as m
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, BurMode
from wire.symbian_errors import describe_error

WAIT_S: Final = 10.0


class Change(NamedTuple):
    """A notification: the phone's tick, the status of the subscription, the value read after it."""

    tick_ms: int
    status: int
    value: int


class PropertySubscription:
    """Notifications of one property, from the moment it was made. A context manager.

    Attributes:
        changes: every notification so far. Changes in quick succession may be seen as one (Q3).
    """

    def __init__(
        self, connection: Connection, category: int, key: int, on_change: Callable[[Change], None]
    ) -> None:
        self._connection = connection
        self._on_change = on_change
        self.changes: list[Change] = []
        self._unseen: deque[Change] = deque(maxlen=MAX_EVENTS)
        answer = connection.call(m.PROPERTY_SUBSCRIBE, m.PropertyId(category, key))
        self.initial = answer.value if answer.status == 0 else None
        self._topic = answer.topic
        connection.listen(self._topic, self._arrived)

    def _arrived(self, event: Event) -> None:
        change = Change(*codec_of(m.PropertyChange).parse(event.body))
        keep(self.changes, change)
        self._unseen.append(change)
        self._on_change(change)

    def next_change(self, timeout_s: float = WAIT_S) -> Change:
        """The next notification that was not taken yet; UnexpectedState when none comes in time."""
        if not self._connection.wait_until(lambda: bool(self._unseen), timeout_s):
            raise UnexpectedState(f"the property did not change within {timeout_s:g} s")
        return self._unseen.popleft()

    def wait_for(self, predicate: Callable[[int], bool], timeout_s: float = WAIT_S) -> Change:
        """Take notifications until one's value satisfies `predicate`."""
        while True:
            change = self.next_change(timeout_s)
            if change.status == 0 and predicate(change.value):
                return change

    def close(self) -> None:
        """End it. The phone may be gone; then there is nothing left to end."""
        if not self._connection.is_lost:
            self._connection.call(m.PROPERTY_UNSUBSCRIBE, m.Topic(self._topic))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@cache
def _name_of(category: int, key: int) -> str:
    return f"property {category:#x}/{key:#x}"


class Properties:
    """The properties of one phone. All methods raise EngineError with the kernel's code."""

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection = connection
        self._journal = journal

    def get(self, category: int, key: int) -> int:
        """The value; -1 when the property is not defined."""
        return self._connection.call(
            m.PROPERTY_GET, m.PropertyId(category, key), describe=_name_of(category, key)
        ).value

    def set(self, category: int, key: int, value: int) -> None:
        """Write a property as the agent. For the backup key that must fail with -46 (BE 3)."""
        self._connection.call(
            m.PROPERTY_SET,
            m.PropertyAssignment(category, key, value),
            describe=f"writing property {category:#x}/{key:#x}",
        )

    def subscribe(self, category: int, key: int) -> PropertySubscription:
        """Follow a property."""
        return PropertySubscription(self._connection, category, key, self._note)

    def mode(self) -> BurMode:
        """The backup and restore property as a mode."""
        return BurMode.from_property(self.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY))

    def subscribe_mode(self) -> PropertySubscription:
        """Follow the backup and restore property."""
        return self.subscribe(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)

    def _note(self, change: Change) -> None:
        if change.status:
            self._journal.add("property", f"subscription ended with {describe_error(change.status)}")
        else:
            mode = BurMode.from_property(change.value)
            self._journal.add(
                "property", f"{change.value:#06x} {mode}", value=change.value, tick_ms=change.tick_ms
            )
