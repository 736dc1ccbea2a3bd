"""Many emulated handsets held by one process, as a lab of many phones is."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final, Self

from harness.emulated import EmulatedHandset
from harness.handset import Handset
from tests.bench.processes import cpu_s_of, own_cpu_s, resident_bytes

MANY: Final = 32
_CALLS: Final = 100


class Handsets:
    """The same calls on one handset, then spread over all of them."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._emulated = [self._stack.enter_context(EmulatedHandset()) for _ in range(MANY)]
        self._handsets = [self._stack.enter_context(Handset.open(self._emulated[0].open()))]
        before = resident_bytes()
        self._handsets += [self._stack.enter_context(Handset.open(each.open())) for each in self._emulated[1:]]
        self._memory = (resident_bytes() - before) / (MANY - 1)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _calls_for_a_processor_second(self, handsets: list[Handset]) -> float:
        phones = [each.process.pid for each in self._emulated]
        before = own_cpu_s() + sum(map(cpu_s_of, phones))
        for _ in range(_CALLS * MANY // len(handsets)):
            for handset in handsets:
                handset.properties.mode()
        return _CALLS * MANY / (own_cpu_s() + sum(map(cpu_s_of, phones)) - before)

    def round(self) -> dict[str, float]:
        """One, then all."""
        one = self._calls_for_a_processor_second(self._handsets[:1])
        return {
            "handsets": self._calls_for_a_processor_second(self._handsets) / one,
            "handsets memory": self._memory / 1e6,
        }
