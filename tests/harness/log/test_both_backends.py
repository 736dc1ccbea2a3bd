"""The lab's log cases run on a phone of a lab as they do on an emulated one that pytest starts itself.

The phone is an emulated one all the same, but the harness only has a port and a configuration, as with a real one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from harness.emulated import EmulatedHandset

ROOT = Path(__file__).parents[3]


CONFIG = """
handsets:
  - name: on-the-shelf
    links: [serial: {{port: {port}}}]
    allow_restore: true
"""


def test_the_log_cases_run_on_a_phone_of_a_lab(tmp_path: Path) -> None:
    config = tmp_path / "lab.yaml"
    with EmulatedHandset() as emulated:
        config.write_text(CONFIG.format(port=emulated.where))
        command = [sys.executable, "-m", "pytest", "-q", "tests/lab/test_logs.py", "-p", "no:cacheprovider"]
        command += ["--hil-backend=lab", f"--hil-config={config}", f"--hil-artifacts={tmp_path / 'artifacts'}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"^\d+ tests on a handset, 0 not passed$", done.stdout, re.MULTILINE)
    assert "skipped" not in done.stdout
    results = (tmp_path / "artifacts" / "results.json").read_text(encoding="utf-8")
    assert '"on-the-shelf"' in results
