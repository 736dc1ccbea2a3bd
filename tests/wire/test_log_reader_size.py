"""A log of any size is read in constant memory, whatever it consists of.

100 MB of ordinary lines; of the strange ones 10 MB by default and 100 MB with SYMHIL_LONG=1. The growth allowed is
the same for both, so that keeping the records of even the smaller log fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.thorough import LONG

PROGRAM = Path(__file__).with_name("big_log.py")
SIZE_MB = 100
STRANGE_MB = 100 if LONG else 10
LIMIT_MB = 100
GROWTH_MB = 6


@pytest.mark.parametrize("kind", ["engine", "nul", "binary", "tabs", "stamps", "line ends"])
def test_memory_does_not_grow_with_the_log(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(SIZE_MB if kind == "engine" else STRANGE_MB), kind],
        capture_output=True,
        check=True,
        text=True,
    )
    report = json.loads(done.stdout)
    assert report["peak_mb"] < LIMIT_MB
    assert report["peak_mb"] - report["before_mb"] < GROWTH_MB
    assert report["records"] > 0 or kind == "line ends"
