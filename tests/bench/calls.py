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

CALLS: Final = 300
_C: Final = Drive.parse("C")
_BASE: Final = TTransferDataType.EActiveBaseData


class _Owner(DataOwner):
    def get_expected_data_size(self, drive: Drive) -> int:
        return 1234


def _median_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


class Calls(AbstractContextManager["Calls"]):
    """A call with construct bodies; and one in whose course the phone asks the host and waits for the answer."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        emulated = self._stack.enter_context(EmulatedHandset())
        self._handset = self._stack.enter_context(Handset.open(emulated.open()))
        slot = self._stack.enter_context(self._handset.attach(_Owner()))
        self._run = self._stack.enter_context(self._handset.backup(partial=[slot.sid]))
        self._run.wait_ready(slot.sid)
        self._sid = slot.sid
        self._master, self._slave = raw_pty()
        self._echo = in_child(self._echo_for_ever)
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
        echo_s = _median_s(self._echoed)
        call_s = _median_s(lambda: self._handset.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY))
        relay_s = _median_s(lambda: self._run.expected_size(self._sid, _C, _BASE))
        return {"rpc": call_s / echo_s, "relay": relay_s / echo_s}
