"""How long a call takes, beside a bare echo on the same kind of line."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Final, Self

from harness.data_owner import DataOwner
from harness.emulated import EmulatedHandset
from harness.handset import Handset
from tests.bench.processes import in_child, raw_pty
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, Drive, TTransferDataType

BLOCKS: Final = 12
CALLS_IN_A_BLOCK: Final = 25
"""An echo on a pseudo-terminal takes a third of its time whenever the kernel has it all on one processor, which
may last for hundreds of calls; so what is compared takes turns oftener than that."""

_C: Final = Drive.parse("C")
_BASE: Final = TTransferDataType.EActiveBaseData


class _Owner(DataOwner):
    def get_expected_data_size(self, drive: Drive) -> int:
        return 1234


def _medians_s(*works: Callable[[], object]) -> list[float]:
    times: list[list[float]] = [[] for _ in works]
    for _ in range(BLOCKS):
        for work, took in zip(works, times, strict=True):
            for _ in range(CALLS_IN_A_BLOCK):
                began = time.perf_counter()
                work()
                took.append(time.perf_counter() - began)
    return list(map(statistics.median, times))


def _host_and_phone() -> tuple[int, int]:
    """A processor for each end, as a phone has its own; the same one where there is no other."""
    processors = sorted(os.sched_getaffinity(0))
    return processors[0], processors[-1]


class Calls(AbstractContextManager["Calls"]):
    """A call with construct bodies; and one in whose course the phone asks the host and waits for the answer."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        host, phone = _host_and_phone()
        self._stack.callback(os.sched_setaffinity, 0, os.sched_getaffinity(0))
        os.sched_setaffinity(0, {host})
        emulated = self._stack.enter_context(EmulatedHandset())
        os.sched_setaffinity(emulated.process.pid, {phone})
        self._handset = self._stack.enter_context(Handset.open(emulated.open()))
        slot = self._stack.enter_context(self._handset.attach(_Owner()))
        self._run = self._stack.enter_context(self._handset.backup(partial=[slot.sid]))
        self._run.wait_ready(slot.sid)
        self._sid = slot.sid
        self._master, self._slave = raw_pty()
        self._echo = in_child(self._echo_for_ever)
        os.sched_setaffinity(self._echo, {phone})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self._echo, signal.SIGKILL)
        os.waitpid(self._echo, 0)
        os.close(self._master)
        os.close(self._slave)
        self._stack.close()

    def _echo_for_ever(self) -> None:
        while True:
            os.write(self._master, os.read(self._master, 4096))

    def _echoed(self) -> None:
        os.write(self._slave, bytes(64))
        left = 64
        while left:
            left -= len(os.read(self._slave, left))

    def round(self) -> dict[str, float]:
        """Echo, call, relay."""
        echo_s, call_s, relay_s = _medians_s(
            self._echoed,
            lambda: self._handset.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY),
            lambda: self._run.expected_size(self._sid, _C, _BASE),
        )
        return {"rpc": call_s / echo_s, "relay": relay_s / echo_s}
