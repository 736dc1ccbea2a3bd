"""A hostile phone costs an error, never memory, a path or a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.cases import CASES

MEMORY_LIMIT_MB = 150
MANY = 40


@pytest.fixture(scope="module")
def played() -> subprocess.CompletedProcess[str]:
    """All of them in a process of their own, since its memory is what is looked at."""
    command = [sys.executable, "-m", "tests.hostile"]
    return subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", CASES)
def test_it_ends_with_a_named_error_or_nothing(name: str, played: subprocess.CompletedProcess[str]) -> None:
    assert f"{name} passed" in played.stdout, played.stderr


def test_all_of_them_stay_within_the_memory_that_is_stated(played: subprocess.CompletedProcess[str]) -> None:
    peaks = [int(line.split()[2]) for line in played.stdout.splitlines()]
    assert len(peaks) == len(CASES) >= MANY
    assert max(peaks) < MEMORY_LIMIT_MB, played.stdout
