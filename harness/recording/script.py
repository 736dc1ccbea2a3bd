"""A part of a recording as a script: what has been said of it, and what may be said next."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from harness.recording.differences import Place
from harness.recording.reading import Part
from harness.recording.steps import Doing, Step
from wire.protocol.conversation import Exchange


class Script:
    """The steps of a part.

    Attributes:
        place: where they are, for errors.
        start_s: when the first of them was said, seconds since 1970.
        last: what the host has said last.
    """

    def __init__(self, part: Part) -> None:
        self.start_s = part.time_ns / 1e9
        self.place = Place(part.path, part.test, self.start_s)
        self.last: Step | None = None
        self._steps = part.steps
        self._said = bytearray(len(self._steps))
        self._next = 0
        self._answered_at = {
            step.exchange: index
            for index, step in enumerate(self._steps)
            if step.doing is Doing.ANSWERS and step.exchange is not None
        }
        self._index = {step: index for index, step in enumerate(self._steps)}

    def next_of_phone(self) -> Step | None:
        """What the phone says next; None while the host has something to say before."""
        step = next(self._open(), None)
        if step is None or step.by_host:
            return None
        self._mark(step)
        return step

    def host_said(self, step: Step) -> None:
        """The host has said it."""
        self._mark(step)
        self.last = step

    def session_begins(self) -> Step | None:
        """Go on where the next session begins; None when there is no other."""
        for step in self._open():
            if step.doing is Doing.BEGINS:
                self._next = self._index[step]
                return step
        return None

    def requests(self, parent: Exchange | None) -> list[Step]:
        """What the host may ask next in a call or outside of calls; several where they were open at once."""
        found: list[Step] = []
        until = len(self._steps)
        for step in self._open():
            if self._index[step] > until or step.doing is Doing.BEGINS:
                break
            exchange = step.exchange
            if step.doing is Doing.ASKS and step.by_host and exchange is not None and exchange.parent is parent:
                found.append(step)
                until = min(until, self._answered_at.get(exchange, until))
        return found

    def find(self, doing: Doing, exchange: Exchange) -> Step | None:
        """A step of the host that belongs to a call."""
        matching = (s for s in self._open() if s.doing is doing and s.exchange is exchange and s.by_host)
        return next(matching, None)

    def left_of_host(self) -> Iterator[Step]:
        """What the host has still to say in this session."""
        left = itertools.takewhile(lambda step: step.doing not in {Doing.BEGINS, Doing.LOSES}, self._open())
        return (step for step in left if step.by_host)

    def request_left(self) -> Step | None:
        """What the host has still to ask in this session; what was cut off on its way may be missing."""
        for step in self.left_of_host():
            if step.doing is Doing.ASKS and step.exchange is not None and step.exchange.answered_s is not None:
                return step
        return None

    def waits_for_request(self) -> bool:
        """Nothing goes on before the host has asked something."""
        step = next(self._open(), None)
        return step is not None and step.by_host and step.doing is Doing.ASKS

    def _open(self) -> Iterator[Step]:
        for index in range(self._next, len(self._steps)):
            if not self._said[index]:
                yield self._steps[index]

    def _mark(self, step: Step) -> None:
        self._said[self._index[step]] = True
        while self._next < len(self._steps) and self._said[self._next]:
            self._next += 1
