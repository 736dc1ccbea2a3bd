"""A rule of the engine that is broken on purpose is noticed by the suite that runs on handsets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITE = ("tests/lab/test_relayed_owner.py", "tests/lab/public_plan/test_activebackuprestore.py")


class Break(NamedTuple):
    """One rule, and how to break it: in a file of the emulated handset, `old` becomes `new`."""

    file: str
    old: str
    new: str


BREAKS = {
    "BE 13: blocks of 4096 bytes": Break(
        "engine/splitting.py", "min(IPC_BLOCK_SIZE, ", "min(IPC_BLOCK_SIZE - 1, "
    ),
    "BE 5.3: RestoreComplete before the property changes": Break(
        "engine/mode.py",
        "    if engine.mode.is_restore:\n",
        "    _publish(engine, mode)\n    if engine.mode.is_restore:\n",
    ),
    "BE 15.1: a leave of GetExpectedDataSize is dropped": Break(
        "engine/session.py",
        "AbCallback.GetExpectedDataSize, AbCallback.RestoreComplete}",
        "AbCallback.RestoreComplete}",
    ),
}


@pytest.mark.parametrize("rule", BREAKS, ids=lambda rule: rule.split(":")[0])
def test_the_suite_notices(rule: str, tmp_path: Path) -> None:
    broken = BREAKS[rule]
    shutil.copytree(ROOT / "device_agent", tmp_path / "device_agent", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "device_agent" / "emulator" / broken.file
    text = file.read_text()
    assert text.count(broken.old) == 1, "the break no longer fits the code"
    file.write_text(text.replace(broken.old, broken.new))
    # The emulated handset is a process of its own, and takes the broken copy for its package.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", *SUITE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout
