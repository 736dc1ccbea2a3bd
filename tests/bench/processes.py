"""What measurements are made with: raw pseudo-terminals, children, processor time."""

from __future__ import annotations

import os
import resource
import tty
from collections.abc import Callable
from typing import Final, NamedTuple

BLOCK: Final = 4096


class Timing(NamedTuple):
    """Bytes per second of wall time, and processor seconds of both ends together."""

    rate: float
    cpu_s: float


def raw_pty() -> tuple[int, int]:
    """Master and slave, neither of which changes a byte."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    return master, slave


def in_child(work: Callable[[], None]) -> int:
    """Run it in a child process; gives the pid. `reap` waits for it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def reap(pid: int) -> float:
    """Wait for a child; the processor seconds it took."""
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"a child of the measurement failed with status {status}")
    return usage.ru_utime + usage.ru_stime


def own_cpu_s() -> float:
    """Processor seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def cpu_s_of(pid: int) -> float:
    """Processor seconds of a process of one thread that runs; the kernel's ticks would be too coarse."""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e9


def resident_bytes() -> int:
    """Memory of this process that is in use now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def peak_resident_bytes(*, reset: bool = False) -> int:
    """The most that this process had in use, since the last `reset`, which this one may be.

    The kernel's ru_maxrss would include the peak of the parent.
    """
    if reset:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    with open("/proc/self/status") as file:
        (line,) = (line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def write_all(fd: int, data: memoryview) -> None:
    """In writes of 4096 bytes."""
    for start in range(0, len(data), BLOCK):
        piece = data[start : start + BLOCK]
        while piece:
            piece = piece[os.write(fd, piece) :]
