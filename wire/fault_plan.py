"""What is to go wrong, written in one line: `uart,flip=1e-5,stall@20000=1.5,seed=7`.

    NAME                 a line's speed: uart, usb, rfcomm
    RATE=PROBABILITY     what the line does to bytes: flip, lose, repeat, cut, swap, noise, delay
    EVENT@BYTES[=VALUE]  what happens once so many bytes have passed in both directions together
    seed=NUMBER          the same plan with the same seed does the same to the same bytes; one is chosen when it
                         is left out, and said

Events: `stall@N=S` nothing passes for S seconds; `deaf@N=S` the phone's bytes are lost for S seconds, the host's
are not; `unplug@N=S` the line vanishes and is there again after S seconds; `restart@N` the agent on the phone is
started anew; `reboot@N` the whole phone is (`reboot@N=S` takes S seconds); `engine@N` the backup engine ends: of
itself, leaving its mode, or in a panic when it is in the midst of a call; `kill@N=SID` the process of a data owner
dies. The last four need an emulated handset.
"""

from __future__ import annotations

import difflib
from enum import Enum
from typing import Final, NamedTuple

from wire.line_model import CLEAN, SPEEDS, Faults, LineSpeed


class EventKind(Enum):
    """What can happen at a moment."""

    STALL = "stall"
    DEAF = "deaf"
    UNPLUG = "unplug"
    RESTART = "restart"
    REBOOT = "reboot"
    ENGINE = "engine"
    KILL = "kill"


PHONE_EVENTS: Final = frozenset({EventKind.RESTART, EventKind.REBOOT, EventKind.ENGINE, EventKind.KILL})
"""Events that only an emulated handset can bring about."""

_TIMED: Final = frozenset({EventKind.STALL, EventKind.DEAF, EventKind.UNPLUG})


class Event(NamedTuple):
    """Something that happens once `at_bytes` have passed. `value`: seconds, a SID, or nothing."""

    kind: EventKind
    at_bytes: int
    value: float = 0.0


class FaultPlan(NamedTuple):
    """A whole plan. Its text is what `parse_plan` reads."""

    speed_name: str = ""
    faults: Faults = CLEAN
    events: tuple[Event, ...] = ()
    seed: int = 0

    @property
    def speed(self) -> LineSpeed:
        """How fast the line is; without limit when no line is named."""
        return SPEEDS.get(self.speed_name, LineSpeed())

    def __str__(self) -> str:
        parts = [self.speed_name] if self.speed_name else []
        parts += [
            f"{name}={value!r}"
            for name, value in self.faults._asdict().items()
            if value != Faults._field_defaults[name]
        ]
        parts += [f"{e.kind.value}@{e.at_bytes}{f'={_shown(e)}' if e.value else ''}" for e in self.events]
        return ",".join([*parts, f"seed={self.seed}"])


def _shown(event: Event) -> str:
    return f"{int(event.value):#x}" if event.kind is EventKind.KILL else repr(event.value)


def parse_plan(text: str, *, seed: int = 0) -> FaultPlan:
    """Read a plan; ValueError says which part is wrong and what was expected.

    `seed` is for a text that has none.
    """
    speed_name = ""
    rates: dict[str, float] = {}
    events: list[Event] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        if "@" in name:
            events.append(_parse_event(part))
        elif not value and name in SPEEDS:
            speed_name = name
        elif name == "seed":
            seed = int(_number(part, value, whole=True))
        elif name in Faults._fields:
            rate = _number(part, value)
            if rate < 0 or (rate > 1 and name != "delay_s"):
                raise ValueError(f"{part!r}: a rate is a probability from 0 to 1")
            rates[name] = rate
        else:
            raise ValueError(f"{part!r} is no fault{_nearest(name)}")
    return FaultPlan(speed_name, Faults(**rates), tuple(sorted(events, key=lambda e: e.at_bytes)), seed)


def _parse_event(part: str) -> Event:
    name, _, rest = part.partition("@")
    at_bytes, _, value = rest.partition("=")
    try:
        kind = EventKind(name)
    except ValueError:
        raise ValueError(f"{part!r} is no event{_nearest(name)}") from None
    if kind in _TIMED and not value:
        raise ValueError(f"{part!r}: say for how many seconds, as in {name}@{at_bytes}=1.5")
    if kind is EventKind.KILL and not value:
        raise ValueError(f"{part!r}: say whose process, as in kill@{at_bytes}=0x0AB7E57C")
    when = int(_number(part, at_bytes, whole=True))
    amount = 0.0 if not value else float(int(value, 0)) if kind is EventKind.KILL else _number(part, value)
    if when < 0 or amount < 0:
        raise ValueError(f"{part!r}: neither bytes nor seconds are negative")
    return Event(kind, when, amount)


def _number(part: str, text: str, *, whole: bool = False) -> float:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        raise ValueError(f"{part!r}: {text!r} is no {'whole ' if whole else ''}number") from None


def _nearest(name: str) -> str:
    words = [*SPEEDS, *Faults._fields, "seed", *(kind.value for kind in EventKind)]
    near = difflib.get_close_matches(name, words, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(words)}"


class Occurrences:
    """Goes through a plan's events as bytes pass.

    Attributes:
        blocked_until, deaf_until: until when nothing passes, or the phone is not heard.
    """

    def __init__(self, plan: FaultPlan) -> None:
        self._left = list(plan.events)
        self.blocked_until = float("-inf")
        self.deaf_until = float("-inf")

    def next_event(self, passed: int, now: float) -> Event | None:
        """The next event that is due, taken off the plan; what only concerns time is done here."""
        if not self._left or passed < self._left[0].at_bytes:
            return None
        event = self._left.pop(0)
        if event.kind is EventKind.STALL:
            self.blocked_until = now + event.value
        elif event.kind is EventKind.DEAF:
            self.deaf_until = now + event.value
        return event
