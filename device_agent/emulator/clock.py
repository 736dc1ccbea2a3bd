"""The phone's clock. It runs with real time and can be advanced beyond it, so that nothing has to sleep."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable
from typing import Final

FACTORY_TIME: Final = dt.datetime(2010, 7, 14, 9, 58, 41)  # noqa: DTZ001 - a phone's home time has no zone


class Timer:
    """A thing to do at a time; it may be cancelled before."""

    __slots__ = ("action", "cancelled", "due_s")

    def __init__(self, due_s: float, action: Callable[[], None]) -> None:
        self.due_s = due_s
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        """Do not do it."""
        self.cancelled = True


class PhoneClock:
    """Seconds since the phone was switched on, its home time, and timers.

    Args:
        source: real seconds from any beginning. A source that always gives the same makes a clock that moves
            only when it is told to.
        skips: waiting inside the phone advances the clock at once instead of taking real time.
    """

    def __init__(self, source: Callable[[], float], *, skips: bool, home_time: dt.datetime = FACTORY_TIME) -> None:
        self.skips = skips
        self._source = source
        self._start = source()
        self._skipped_s = 0.0
        self._home_time = home_time
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def now(self) -> float:
        """Seconds since the phone was switched on."""
        return self._source() - self._start + self._skipped_s

    def home_time(self) -> dt.datetime:
        """The local time of the phone, without a zone."""
        return self._home_time + dt.timedelta(seconds=self.now())

    @property
    def tick_ms(self) -> int:
        """Milliseconds since the phone was switched on, as 32 bits."""
        return int(self.now() * 1000) & 0xFFFFFFFF

    def skip(self, seconds: float) -> None:
        """Let time pass at once. Timers on the way come due, in their order."""
        self._skipped_s += max(0.0, seconds)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> Timer:
        """Do something after a while."""
        timer = Timer(self.now() + delay_s, action)
        heapq.heappush(self._timers, (timer.due_s, next(self._order), timer))
        return timer

    def next_due(self) -> float | None:
        """When the next timer comes due."""
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def run_due(self) -> None:
        """Do what has come due, in order."""
        timers = self._timers
        while timers and timers[0][0] <= self.now():
            _, _, timer = heapq.heappop(timers)
            if not timer.cancelled:
                timer.action()
