"""The whole lab suite, recorded and replayed; takes a minute, so it belongs to `make test-long`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.thorough import LONG, unhurried

ROOT = Path(__file__).parents[3]
LAB = "handsets:\n  - {name: n8, allow_restore: true, links: [emulator: public-suite]}\n"


def run(*options: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "tests/lab", "--hil-collect-logs", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


@unhurried
@pytest.mark.skipif(not LONG, reason="takes a minute; `make test-long` has it")
def test_the_lab_suite_replays_to_the_same_verdicts_in_less_time(tmp_path: Path) -> None:
    lab, recorded, replayed = tmp_path / "lab.yaml", tmp_path / "recorded", tmp_path / "replayed"
    lab.write_text(LAB)
    run("--hil-backend=lab", f"--hil-config={lab}", "--hil-device=n8", f"--hil-artifacts={recorded}")
    run("--hil-backend=replay", f"--hil-recording={recorded}", f"--hil-artifacts={replayed}")
    then, now = results(recorded), results(replayed)
    assert {v["test"]: v["outcome"] for v in now["verdicts"]} == {
        v["test"]: v["outcome"] for v in then["verdicts"]
    }
    print(f"{len(now['verdicts'])} tests; the replay took {now['span_s'] / then['span_s']:.0%} of the time")  # noqa: T201
    assert now["span_s"] < then["span_s"]
