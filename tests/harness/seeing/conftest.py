"""A run of a part of the lab suite, with the artifacts that it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SUITE = ("tests/lab/test_relayed_owner.py", "-k", "incremental or proxy or snapshot or Ready or arguments or 4097")


@pytest.fixture(scope="session")
def lab_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `symhil run` leaves of a suite in which owners of all kinds are asked everything."""
    folder = tmp_path_factory.mktemp("lab-run")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [
        sys.executable,
        "-m",
        "harness",
        "run",
        f"--artifacts={folder}",
        *SUITE,
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "latest"
