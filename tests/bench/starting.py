"""How long it takes until something useful happens."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from harness.emulated import EmulatedHandset
from harness.handset import Handset
from tests.phone_in_thread import phone_in_thread

_TIMES = 7


def _took_s(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _program_s(*arguments: str) -> float:
    """Processor seconds of a program of ours, start and end of the interpreter included."""
    command = [sys.executable, "-P", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, process.returncode, usage = os.wait4(process.pid, 0)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def _as_a_process() -> None:
    with EmulatedHandset() as emulated, Handset.open(emulated.open()) as handset:
        assert handset.info.model


def _in_this_process() -> None:
    with phone_in_thread() as phone, phone.handset() as handset:
        assert handset.info.model


class Starting:
    """Programs are started in turn, so that each finds the disk's cache as warm as the other."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def _idle_plugin_ms(self) -> float:
        """See idle_plugin.py, which is a process of its own so that none of our modules is there."""
        program = Path(__file__).with_name("idle_plugin.py")
        command = [sys.executable, "-P", str(program)]
        return float(subprocess.run(command, check=True, capture_output=True, cwd=self._folder.name).stdout)

    def round(self) -> dict[str, float]:
        """Each of them a few times, in turn."""
        helps: list[float] = []
        clicks: list[float] = []
        imports: list[float] = []
        bares: list[float] = []
        for _ in range(_TIMES):
            helps.append(_program_s("-m", "harness", "--help"))
            clicks.append(_program_s("-c", "import click"))
            imports.append(_program_s("-c", "import harness"))
            bares.append(_program_s("-c", "pass"))
        return {
            "start process": _took_s(_as_a_process) * 1000,
            "start in process": statistics.median(_took_s(_in_this_process) for _ in range(5)) * 1000,
            "help": statistics.median(helps) / statistics.median(clicks),
            "import": (statistics.median(imports) - statistics.median(bares)) * 1000,
            "idle plugin": self._idle_plugin_ms(),
        }
