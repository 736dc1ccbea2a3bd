"""What goes wrong in a run: a plan by chance, from a seed."""

from __future__ import annotations

import math
import random
from typing import Final

from device_agent.emulator.owners.registrations import SLOTS
from wire.fault_plan import Event, EventKind, FaultPlan
from wire.line_model import SPEEDS, Faults

_RATES: Final = {
    "flip": (1e-7, 3e-5),
    "lose": (1e-6, 1e-4),
    "repeat": (1e-6, 3e-4),
    "cut": (1e-5, 1e-2),
    "swap": (1e-5, 1e-2),
    "noise": (1e-5, 1e-2),
    "delay": (1e-4, 1e-1),
}
"""From a line that nobody would notice to one on which hardly a long frame gets through."""

_LAST_EVENT_AT: Final = 300_000
_LONGEST_S: Final = 8.0


def random_plan(chance: random.Random, seed: int) -> FaultPlan:
    """A plan: some kinds of damage, and up to three events."""
    rates = {name: _log_uniform(chance, *limits) for name, limits in _RATES.items() if chance.random() < 0.3}
    if "delay" in rates:
        rates["delay_s"] = round(chance.uniform(0.01, 1.0), 2)
    events = [_event(chance) for _ in range(chance.choice([0, 0, 1, 1, 2, 3]))]
    speed = chance.choice(["", "", *SPEEDS])
    return FaultPlan(speed, Faults(**rates), tuple(sorted(events, key=lambda event: event.at_bytes)), seed)


def _log_uniform(chance: random.Random, low: float, high: float) -> float:
    return float(f"{math.exp(chance.uniform(math.log(low), math.log(high))):.2g}")


def _event(chance: random.Random) -> Event:
    kind = chance.choice(list(EventKind))
    at_bytes = int(_log_uniform(chance, 100, _LAST_EVENT_AT))
    value = round(chance.uniform(0.05, _LONGEST_S), 2)
    if kind is EventKind.KILL:
        return Event(kind, at_bytes, float(chance.choice(SLOTS[:2])))
    return Event(kind, at_bytes, 0.0 if kind in {EventKind.RESTART, EventKind.ENGINE} else value)
