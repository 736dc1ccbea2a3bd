"""What our plugin adds to a pytest run that does not use it, in ms of processor time; a program of its own.

With the plugin a whole run takes a hundredth more, while what else the machine does makes it take a tenth more
or less, so the difference of two such runs says nothing. But most of their time they have in common: the
interpreter's start, the import of pytest and of other people's plugins. This process does that once, by a run
without our plugin, so that nothing of ours is there; then it forks for every run. The two of a pair follow each
other at once, so that both meet the machine in the same state, and begin in turn, so that neither is always the
first. The median of the pairs leaves those aside in which something came between.
"""

from __future__ import annotations

import os
import statistics
import sys
from typing import Final

import pytest

PAIRS: Final = 30
_QUIET: Final = ("-q", "-p", "no:cacheprovider")
_WITHOUT: Final = ("-p", "no:symhil")


def _run_ms(*options: str) -> float:
    pid = os.fork()
    if pid == 0:
        os._exit(pytest.main([*_QUIET, *options]))
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"pytest ended with status {status}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def _added_ms(number: int) -> float:
    if number % 2:
        with_ms, without_ms = _run_ms(), _run_ms(*_WITHOUT)
    else:
        without_ms, with_ms = _run_ms(*_WITHOUT), _run_ms()
    return with_ms - without_ms


def main() -> None:
    """Print the figure; pytest's own output goes nowhere."""
    stdout = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    pytest.main([*_QUIET, *_WITHOUT])
    if "harness" in sys.modules:
        raise RuntimeError("our modules are here before their cost could be seen")
    _run_ms()  # leaves compiled modules for the others
    figure = statistics.median(_added_ms(number) for number in range(PAIRS))
    os.write(stdout, f"{figure}\n".encode())


if __name__ == "__main__":
    main()
