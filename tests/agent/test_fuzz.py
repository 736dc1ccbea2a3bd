"""What the fuzzer has found once, and what it begins with, played again: `make fuzz-core` looks for more."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.agent.built import ROOT, drivers
from tests.agent.fuzz import steps

FINDINGS = ROOT / "tests" / "agent" / "fuzz" / "findings"


@pytest.fixture(scope="module")
def program() -> Path:
    return drivers() / "replay"


def play(program: Path, inputs: list[Path]) -> str:
    done = subprocess.run([program, *inputs], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_findings(program: Path) -> None:
    findings = sorted(FINDINGS.iterdir())
    assert play(program, findings) == f"{len(findings)} inputs played\n"


def test_seeds(program: Path, tmp_path: Path) -> None:
    steps.main(tmp_path)
    inputs = sorted(tmp_path.iterdir())
    assert len(inputs) > 50
    assert play(program, inputs) == f"{len(inputs)} inputs played\n"
