"""Many emulated handsets held by one process, as a lab of many phones is."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Final, Self

from harness.emulated import EmulatedHandset
from harness.handset import Handset
from tests.bench.processes import cpu_s_of, own_cpu_s, resident_bytes

MANY: Final = 32
_FILE: Final = "C:\\bench.bin"
_SIZE: Final = 1 << 20
_CALLS: Final = 200


class Handsets:
    """The same work on one handset again and again, then on each of many in turn while all are held.

    A turn is some calls and a file, and takes about as long as a test of tests/lab. Turns of a single call would
    measure how cold the processor's caches are after 31 other processes.
    """

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._emulated = [self._stack.enter_context(EmulatedHandset()) for _ in range(MANY)]
        self._handsets = [self._stack.enter_context(Handset.open(self._emulated[0].open()))]
        before = resident_bytes()
        self._handsets += [self._stack.enter_context(Handset.open(each.open())) for each in self._emulated[1:]]
        self._memory = (resident_bytes() - before) / (MANY - 1)
        for handset in self._handsets:
            handset.files.write(_FILE, os.urandom(_SIZE))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _turns_for_a_processor_second(self, handsets: list[Handset]) -> float:
        phones = [each.process.pid for each in self._emulated]
        before = own_cpu_s() + sum(map(cpu_s_of, phones))
        for number in range(MANY):
            handset = handsets[number % len(handsets)]
            for _ in range(_CALLS):
                handset.properties.mode()
            if sum(map(len, handset.files.read_blocks(_FILE))) != _SIZE:
                raise RuntimeError("a file did not come whole")
        return MANY / (own_cpu_s() + sum(map(cpu_s_of, phones)) - before)

    def round(self) -> dict[str, float]:
        """One, then all."""
        one = self._turns_for_a_processor_second(self._handsets[:1])
        return {
            "handsets": self._turns_for_a_processor_second(self._handsets) / one,
            "handsets memory": self._memory / 1e6,
        }
