"""The agent's core as the tests need it, built once; without a compiler they say so and are skipped."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def need(*programs: str) -> None:
    """Skip the test where one of these programs is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@functools.cache
def _make(target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", "-j2", target], cwd=ROOT, capture_output=True, text=True, check=False
    )


def make(target: str) -> str:
    """What `make target` says; the test fails with all of it when it fails."""
    done = _make(target)
    assert done.returncode == 0, f"make {target}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def core_library() -> Path:
    """The shared object of the core."""
    need("g++", "make")
    pytest.importorskip("cffi", reason="the agent core needs cffi: pip install 'symhil[agent]'")
    make("core")
    return ROOT / "build" / "core" / "libagc.so"


def drivers() -> Path:
    """The folder of the C++ programs in tests/agent/cpp, built with the core and sanitizers."""
    need("g++", "make")
    make("core-drivers")
    return ROOT / "build" / "core" / "checked"
