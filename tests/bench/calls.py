"""How long a call takes, and a callback that the phone relays in the course of one, beside a bare echo.

An echo on a pseudo-terminal takes a third of its time whenever the kernel has it all on one processor, which may
last for hundreds of them. So each end has a processor of its own, as a phone has, and what is compared takes turns
in blocks of a few.
"""

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
IN_A_BLOCK: Final = 25
_C: Final = Drive.parse("C")
_BASE: Final = TTransferDataType.EActiveBaseData


class Echo:
    """64 bytes to a child and back, over a pseudo-terminal of their own."""

    def __init__(self, processor: int) -> None:
        self._master, self._slave = raw_pty()
        self._child = in_child(self._for_ever)
        os.sched_setaffinity(self._child, {processor})

    def _for_ever(self) -> None:
        while True:
            os.write(self._master, os.read(self._master, 4096))

    def once(self) -> None:
        os.write(self._slave, bytes(64))
        left = 64
        while left:
            left -= len(os.read(self._slave, left))

    def close(self) -> None:
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._master)
        os.close(self._slave)


class _Owner(DataOwner):
    """Takes the time of what lies between two of its callbacks, and of a block of echoes now and then.

    Attributes:
        relayed_s: from an answer of the host to the next time that it is asked.
    """

    def __init__(self, echo: Echo) -> None:
        super().__init__()
        self._echo = echo
        self.begin()

    def begin(self) -> None:
        """Forget what was before."""
        self._left = BLOCKS * IN_A_BLOCK
        self._answered_at: float | None = None
        self.relayed_s: list[float] = []
        self.echoed_s: list[float] = []

    def get_expected_data_size(self, drive: Drive) -> int:
        return 1234

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        if self._answered_at is not None:
            self.relayed_s.append(time.perf_counter() - self._answered_at)
        if self._left % IN_A_BLOCK == 0:
            self.echoed_s += _times_s(self._echo.once)
        self._left -= 1
        self._answered_at = time.perf_counter()
        return b"sixteen bytes...", not self._left


def _times_s(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(IN_A_BLOCK):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


def _medians_s(*works: Callable[[], object]) -> list[float]:
    times: list[list[float]] = [[] for _ in works]
    for _ in range(BLOCKS):
        for work, took in zip(works, times, strict=True):
            took.extend(_times_s(work))
    return list(map(statistics.median, times))


def _host_and_phone() -> tuple[int, int]:
    """A processor for each end; the same one where there is no other."""
    processors = sorted(os.sched_getaffinity(0))
    return processors[0], processors[-1]


class Calls(AbstractContextManager["Calls"]):
    """Calls with construct bodies; and callbacks, with all that the engine does and logs between two of them."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        host, phone = _host_and_phone()
        self._stack.callback(os.sched_setaffinity, 0, os.sched_getaffinity(0))
        os.sched_setaffinity(0, {host})
        emulated = self._stack.enter_context(EmulatedHandset())
        os.sched_setaffinity(emulated.process.pid, {phone})
        self._handset = self._stack.enter_context(Handset.open(emulated.open()))
        self._echo = Echo(phone)
        self._stack.callback(self._echo.close)
        self._owner = _Owner(self._echo)
        self._sid = self._stack.enter_context(self._handset.attach(self._owner)).sid
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def round(self) -> dict[str, float]:
        """Echoes and calls in turn, then echoes and callbacks."""
        self._owner.begin()
        with self._handset.backup(partial=[self._sid]) as run:
            run.wait_ready(self._sid)
            echo_s, call_s, whole_s = _medians_s(
                self._echo.once,
                lambda: self._handset.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY),
                lambda: run.expected_size(self._sid, _C, _BASE),
            )
            run.request(self._sid, _C, _BASE)
        relayed = statistics.median(self._owner.relayed_s) / statistics.median(self._owner.echoed_s)
        return {"rpc": call_s / echo_s, "relay": relayed, "call with callback": whole_s / echo_s}
