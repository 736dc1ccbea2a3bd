"""The lab suite on phones of three machines, and what is killed in its midst: every place is given back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.labgrid.demo_lab import DemoLab

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(400)

SPREAD = """
import json, os, pytest, signal
from pathlib import Path

HERE = Path(__file__).parent

def once(name):
    try:
        (HERE / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True

@pytest.mark.parametrize("n", range(24))
def test_anywhere(handset, n):
    handset.files.write("C:\\\\x.txt", bytes(1000))
    place = handset.connection.transport.name.split(":")[1].split(" ")[0]
    with open(HERE / "places", "a") as file:
        file.write(place + "\\n")
    WHAT_IS_KILLED
    assert len(handset.files.read("C:\\\\x.txt")) == 1000
"""
WORKER_AND_MACHINE = """
    if n >= 6 and once("killed-worker"):
        os.kill(os.getpid(), signal.SIGKILL)
    if n >= 12 and once("killed-machine"):
        (HERE / "machine").write_text(place.split("-")[0])
        os.kill(json.loads(Path(PIDS).read_text())[place.split("-")[0]], signal.SIGKILL)
        for _ in range(100_000):
            handset.files.stat("C:\\\\x.txt")  # until the phone is gone, which takes a moment
"""
COORDINATOR = """
    if n >= 6 and once("killed"):
        os.kill(json.loads(Path(PIDS).read_text())["coordinator"], signal.SIGKILL)
"""


class Outcome(NamedTuple):
    """How a run of pytest ended."""

    code: int
    said: str
    results: dict[str, Any]

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(verdict["outcome"] for verdict in self.results["verdicts"])


def run(lab: DemoLab, folder: Path, *arguments: str) -> Outcome:
    """As a user does it: pytest with the lab's configuration, six workers."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        *arguments,
        "--hil-backend=lab",
        f"--hil-config={lab.config}",
        "-n",
        "6",
    ]
    command += ["--hil-artifacts", str(folder / "out"), f"--basetemp={folder / 'tmp'}", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    path = folder / "out" / "results.json"
    results = json.loads(path.read_text()) if path.is_file() else {}
    return Outcome(result.returncode, result.stdout + result.stderr, results)


def write_test(lab: DemoLab, folder: Path, killed: str) -> Path:
    path = folder / "test_spread.py"
    text = SPREAD.replace("WHAT_IS_KILLED", killed.strip() or "pass")
    path.write_text(text.replace("PIDS", repr(str(lab.folder / "pids.json"))), encoding="utf-8")
    return path


def test_the_lab_suite_runs_on_phones_of_other_machines(lab: DemoLab, tmp_path: Path) -> None:
    outcome = run(lab, tmp_path, "tests/lab")
    assert outcome.code == 0, outcome.said
    assert set(outcome.outcomes) == {"passed"}
    assert outcome.outcomes["passed"] > 90
    handsets = {verdict["properties"]["handset"] for verdict in outcome.results["verdicts"]}
    assert handsets == {f"any-{n}" for n in range(1, 7)}
    journals = "".join(path.read_text() for path in (tmp_path / "out").glob("**/journal.jsonl"))
    assert len(set(re.findall(r"place (rack\d-\d+) of labgrid", journals))) == 6
    lab.wait_until_all_is_released()


def test_what_dies_in_the_midst_leaves_no_place_acquired(lab: DemoLab, tmp_path: Path) -> None:
    """First a worker, then a whole machine: each of its phones costs one test at most, and others do the rest."""
    outcome = run(lab, tmp_path, str(write_test(lab, tmp_path, WORKER_AND_MACHINE)), "--hil-reconnect=0")
    assert outcome.code == 11, outcome.said
    # Where pytest takes this for a build server, or the terminal is wide, its summary says a crash once more.
    assert len(set(re.findall(r"worker '\w+' crashed while running", outcome.said))) == 1, outcome.said
    lost = [verdict for verdict in outcome.results["verdicts"] if verdict["category"] == "handset-lost"]
    assert 1 <= len(lost) <= 4, outcome.said  # four phones hang on a machine
    assert outcome.outcomes["passed"] == 24 - 1 - len(lost), outcome.said
    lab.wait_for_restart((tmp_path / "machine").read_text())
    lab.wait_until_all_is_released()


def test_a_coordinator_that_dies_costs_nothing(lab: DemoLab, tmp_path: Path) -> None:
    """The phones' bytes do not pass it; places are acquired again when it is back, and given back in the end."""
    outcome = run(lab, tmp_path, str(write_test(lab, tmp_path, COORDINATOR)), "--hil-wait=60")
    assert outcome.code == 0, outcome.said
    assert outcome.outcomes == {"passed": 24}
    lab.wait_for_restart("coordinator")
    lab.wait_until_all_is_released()
