"""A whole backup: relayed callbacks of 4096 bytes, the engine, the container, an archive on disk with digests."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from harness.archive import BackupSet
from harness.data_owner import DataOwner
from harness.emulated import EmulatedHandset
from harness.handset import Handset
from tests.bench.bulk import raw_copy
from tests.bench.peers import smp_upload
from wire.symbian import Drive, TTransferDataType

SIZE: Final = 64 << 20
SMP_SIZE: Final = 1 << 20
"""smpclient needs so long for each that 64 would take minutes; its rate does not depend on the size."""
_C: Final = Drive.parse("C")
_BASE: Final = TTransferDataType.EActiveBaseData


class _LargeOwner(DataOwner):
    """Gives the same random megabyte again and again, which no window of a compressor reaches back to."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._block = random.Random(2).randbytes(1 << 20)
        self._size = size
        self._given = 0

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        at = self._given % len(self._block)
        piece = self._block[at : at + min(size, self._size - self._given)]
        self._given += len(piece)
        return piece, self._given == self._size


def back_up(size: int, folder: Path) -> float:
    """One backup of that many bytes; gives the seconds from the first request to the sealed set."""
    with EmulatedHandset() as emulated, Handset.open(emulated.open()) as handset:
        backup_set = BackupSet.create(folder)
        with (
            handset.attach(_LargeOwner(size)) as slot,
            handset.backup(partial=[slot.sid], backup_set=backup_set) as run,
        ):
            run.wait_ready(slot.sid)
            began = time.perf_counter()
            run.store(slot.sid, _C, _BASE)
            return time.perf_counter() - began


_IN_A_PROCESS = """
import pathlib, sys
from tests.bench.backups import back_up
from tests.bench.processes import peak_resident_bytes
print(back_up(int(sys.argv[1]), pathlib.Path(sys.argv[2])), peak_resident_bytes())
"""


class Backups(AbstractContextManager["Backups"]):
    """Each in a process of its own, so that the memory is the backup's alone."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._data = random.Random(3).randbytes(self._size)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def round(self) -> dict[str, float]:
        """The raw copy, the backup, the peer."""
        raw = raw_copy(self._data)
        target = self._folder / f"set-{os.urandom(4).hex()}"
        done = subprocess.run(
            [sys.executable, "-c", _IN_A_PROCESS, str(self._size), str(target)],
            check=True,
            capture_output=True,
            text=True,
        )
        took_s, memory = map(float, done.stdout.split())
        rate = self._size / took_s
        figures = {"backup raw": rate / raw.rate, "backup memory": memory / 1e6}
        peer = smp_upload(self._data[:SMP_SIZE])
        if peer is not None:
            figures["backup smpclient"] = rate / peer.rate
        return figures
