"""What work costs in numbers that are the same on every machine: calls, system calls, and copies of payloads."""

from __future__ import annotations

import os
import sys
import tracemalloc
from collections.abc import Callable
from select import poll
from types import FrameType
from typing import Any, Final, NamedTuple

PAYLOAD: Final = 4096
_SYSTEM_CALLS: Final = frozenset({os.read.__name__, os.write.__name__, poll.__name__})


class Cost(NamedTuple):
    """What some work took in this thread.

    Attributes:
        calls: of functions, in Python and in C.
        system_calls: reads, writes and waits.
        copies: how often as much memory was taken as a full payload needs.
    """

    calls: int
    system_calls: int
    copies: int


def cost_of(work: Callable[[], object]) -> Cost:
    """Do it once and count.

    Between one call and the next the memory in use grows by what was copied meanwhile; its highest point
    shows also what was given back at once.
    """
    calls = system_calls = copied = 0
    before = 0

    def count(_: FrameType, event: str, function: Any) -> None:
        nonlocal calls, system_calls, copied, before
        now, highest = tracemalloc.get_traced_memory()
        copied += max(0, highest - before) // PAYLOAD
        before = now
        tracemalloc.reset_peak()
        if event in {"call", "c_call"}:
            calls += 1
            system_calls += event == "c_call" and function.__name__ in _SYSTEM_CALLS

    tracemalloc.start(1)
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
        tracemalloc.stop()
    return Cost(calls, system_calls, copied)
