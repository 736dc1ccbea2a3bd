"""Stamps of a log of the file logger -> points in time, as far as the stamps tell.

A stamp says neither in which order its day and month stand nor, on a 12-hour clock, which half of the day is
meant (Log format 4). `StampEvidence` finds out what the stamps of a whole log prove; `StampResolver` then
turns one stamp after the other into local time of the phone. The phone's own settings, where they are known,
are better than any evidence.

"Log format n" as in `wire.formats.log_line`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from wire.formats.log_line import DateOrder, LogLocale

_YEARS: Final = range(1980, 2100)
"""Without separators only a plausible year tells 20101116 from 16112010."""

_HALF_DAY: Final = timedelta(hours=12)
_ANCHOR_REACH: Final = timedelta(hours=1)
_DATE: Final = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})|(\d{2})\D?(\d{2})\D?(\d{4})")
_TIME: Final = re.compile(r"(\d{1,2})\D?(\d{2})\D?(\d{2})")


@dataclass(frozen=True, slots=True)
class StampRules:
    """How the ambiguous stamps of one log are to be read; None where nothing tells.

    Attributes:
        date_order: the order of dates that are dates in more than one.
        hour_24: the clock of times that both can show, 10:00:00 to 12:59:59.
    """

    date_order: DateOrder | None = None
    hour_24: bool | None = None

    @classmethod
    def of(cls, locale: LogLocale) -> StampRules:
        """The rules of a phone whose settings are known."""
        return cls(locale.date_order, locale.hour_24)


@lru_cache(maxsize=256)
def possible_dates(text: str) -> dict[DateOrder, date]:
    """What a stamp's date can mean: an entry for each order in which it is a date."""
    if not _DATE.fullmatch(text):
        return {}
    digits = re.sub(r"\D", "", text)
    readings = {}
    if text[:4].isdecimal():
        readings[DateOrder.JAPANESE] = (digits[:4], digits[4:6], digits[6:])
    if text[-4:].isdecimal():
        readings[DateOrder.EUROPEAN] = (digits[4:], digits[2:4], digits[:2])
        readings[DateOrder.AMERICAN] = (digits[4:], digits[:2], digits[2:4])
    return {
        order: day
        for order, (year, month, of_month) in readings.items()
        if (day := _day(int(year), int(month), int(of_month))) is not None
    }


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def possible_time(text: str) -> tuple[time, bool | None] | None:
    """A stamp's time, and whether it is of a 24-hour clock, None if it can be of both; None if it is no time.

    A leading zero or an hour from 13 is of a 24-hour clock, a single digit of a 12-hour clock. Log format 4.
    """
    parts = _TIME.fullmatch(text)
    if parts is None:
        return None
    hour = parts[1]
    try:
        clock = time(int(hour), int(parts[2]), int(parts[3]))
    except ValueError:
        return None
    if len(hour) == 1:
        return clock, False
    return clock, True if hour.startswith("0") or clock.hour > 12 else None


class StampEvidence:
    """Sees the stamps of a log in their order and says what they prove.

    Args:
        not_after: when the log was collected, in local time of the phone: no stamp can be later.
    """

    def __init__(self, *, not_after: datetime | None = None) -> None:
        self._not_after = not_after
        self._proven: set[DateOrder] = set()
        self._refuted: set[DateOrder] = set()
        self._latest: dict[DateOrder, date] = {}
        self._clocks: set[bool] = set()
        self._seen_date = ""

    def see(self, date_text: str, time_text: str) -> None:
        """Take one stamp into account; one that is no date or no time proves nothing."""
        clock = possible_time(time_text)
        if clock is not None and clock[1] is not None:
            self._clocks.add(clock[1])
        if date_text == self._seen_date:
            return
        self._seen_date = date_text
        days = possible_dates(date_text)
        if len(days) == 1:
            self._proven |= days.keys()
        for order, day in days.items():
            # Time goes forward and not beyond today: an order in which it does otherwise is the wrong one.
            late = self._not_after is not None and day > self._not_after.date()
            if late or day < self._latest.get(order, day):
                self._refuted.add(order)
            self._latest[order] = day

    def rules(self) -> StampRules:
        """What has been proven until now."""
        return StampRules(self._date_order(), self._clocks.copy().pop() if len(self._clocks) == 1 else None)

    def _date_order(self) -> DateOrder | None:
        if self._proven:
            return self._proven.copy().pop() if len(self._proven) == 1 else None
        left = self._latest.keys() - self._refuted
        return left.pop() if len(left) == 1 else None


class StampResolver:
    """Turns the stamps of a log, in their order, into local time of the phone.

    A stamp that can be read in one way only is read so, whatever the rules say, and the next ambiguous ones
    follow it: a phone's settings can be changed while the log grows. Where nothing tells, a date is European
    and a time is of a 24-hour clock.

    Args:
        rules: what is known about the ambiguous stamps.
        anchor: a reading of the phone's clock. It tells the half of the day of the first stamp that can be
            within an hour of it; any other first stamp of a day is taken to be before noon.
    """

    def __init__(self, rules: StampRules = StampRules(), *, anchor: datetime | None = None) -> None:
        self._order = rules.date_order or DateOrder.EUROPEAN
        self._hour_24 = rules.hour_24 is not False
        self._anchor = anchor
        self._last: datetime | None = None

    def resolve(self, date_text: str, time_text: str) -> datetime | None:
        """When a stamp was written, without a zone; None for one that is no date or no time."""
        days = possible_dates(date_text)
        clock = possible_time(time_text)
        if not days or clock is None:
            return None
        if self._order not in days:
            self._order = next(iter(days))
        shown, hour_24 = clock
        if hour_24 is not None:
            self._hour_24 = hour_24
        if self._hour_24:
            when = datetime.combine(days[self._order], shown)
        else:
            when = self._half_day(datetime.combine(days[self._order], shown.replace(hour=shown.hour % 12)))
        self._last = when
        return when

    def _half_day(self, morning: datetime) -> datetime:
        evening = morning + _HALF_DAY
        if self._anchor is not None:
            for when in (morning, evening):
                if abs(when - self._anchor) <= _ANCHOR_REACH:
                    self._anchor = None
                    return when
        last = self._last
        # Times do not go back, so what looks earlier than the line before is in the second half.
        return evening if last is not None and last.date() == morning.date() and morning < last else morning
