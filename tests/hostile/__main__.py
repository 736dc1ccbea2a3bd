"""`python -m tests.hostile`: every case in one process, and how much memory that took at its most."""

from __future__ import annotations

import re
import sys
import tempfile
import traceback
from pathlib import Path

from tests.hostile.cases import CASES

failed = False
for name, play in CASES.items():
    with tempfile.TemporaryDirectory() as folder:
        try:
            play(Path(folder))
            said = "passed"
        except BaseException:  # noqa: BLE001 - one that fails does not keep the others from running
            said, failed = "FAILED", True
            traceback.print_exc()
    # Not the kernel's ru_maxrss, which begins with that of the process that started this one.
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    peak_mb = int(line) // 1024
    sys.stdout.write(f"{name} {said} {peak_mb} MB\n")
sys.exit(failed)
