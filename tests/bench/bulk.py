"""64 MiB through the whole link: frames, checksums, acknowledgements, window, two processes, a pseudo-terminal."""

from __future__ import annotations

import os
import random
import time
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Final, Self

from harness.emulated import EmulatedHandset
from harness.handset import Handset
from tests.bench.peers import zmodem
from tests.bench.processes import Timing, cpu_s_of, in_child, own_cpu_s, raw_pty, reap, write_all
from wire.protocol.messages.files import FILE_READ, FileRead

SIZE: Final = 64 << 20
_TEXT: Final = (
    b"10/07/14\t9:58:41\tCABSession::ServiceL() - START - [0x%08x] function: %d from client\r\n" * 40
) % (*range(80),)


def contents(size: int) -> dict[str, bytes]:
    """What goes over the line, by the name of its row."""
    generator = random.Random(8)
    worst = bytes(generator.choice(b"\x7e\x7d\x00") for _ in range(1 << 16))
    return {
        "random": generator.randbytes(size),
        "escapes": (worst * (size // len(worst) + 1))[:size],
        "text": (_TEXT * (size // len(_TEXT) + 1))[:size],
    }


def raw_copy(data: bytes) -> Timing:
    """What the pseudo-terminal itself can carry."""
    master, slave = raw_pty()
    cpu_s, began = own_cpu_s(), time.perf_counter()
    child = in_child(lambda: write_all(master, memoryview(data)))
    left = len(data)
    while left:
        left -= len(os.read(slave, 65536))
    took_s = time.perf_counter() - began
    cpu_s = own_cpu_s() - cpu_s + reap(child)
    os.close(master)
    os.close(slave)
    return Timing(len(data) / took_s, cpu_s)


class Bulk(AbstractContextManager["Bulk"]):
    """The phone sends a file; what comes is counted and dropped, as the raw copy's is."""

    def __init__(self, size: int = SIZE) -> None:
        self._contents = contents(size)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._emulated = self._stack.enter_context(EmulatedHandset())
        self._handset = self._stack.enter_context(Handset.open(self._emulated.open()))
        for name, data in self._contents.items():
            self._handset.files.write(f"C:\\{name}.bin", data)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def through_the_link(self, name: str) -> Timing:
        """One whole file."""
        size, phone = len(self._contents[name]), self._emulated.process.pid
        cpu_s, began = own_cpu_s() + cpu_s_of(phone), time.perf_counter()
        request = FileRead(f"C:\\{name}.bin", 0, size)
        with self._handset.connection.download(FILE_READ, request) as (_, pieces):
            came = sum(map(len, pieces))
        took_s = time.perf_counter() - began
        if came != size:
            raise RuntimeError(f"{came} of {size} bytes came")
        return Timing(size / took_s, own_cpu_s() + cpu_s_of(phone) - cpu_s)

    def round(self) -> dict[str, float]:
        """Each kind of data through both, one after the other."""
        figures = {}
        for name, data in self._contents.items():
            raw, ours = raw_copy(data), self.through_the_link(name)
            figures[f"bulk {name}"] = ours.rate / raw.rate
            if name == "random" and (peer := zmodem(data)) is not None:
                figures["bulk zmodem"] = ours.rate / peer.rate
                figures["bulk zmodem cpu"] = ours.cpu_s / peer.cpu_s
        return figures
