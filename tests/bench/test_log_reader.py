"""The benchmark of the log reader runs, and all its ways read the same lines. Its figures judge nothing here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_way_finds_the_same_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.log_reader", "1"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    rows = re.findall(r"^(\w+) +(\d+) lines +[\d.]+ MB/s +([\d.]+) x bare_loop$", done.stdout, re.MULTILINE)
    assert [name for name, _, _ in rows] == ["bare_loop", "records", "typed_records", "runs"]
    assert len({count for _, count, _ in rows}) == 1
    assert float(rows[0][2]) == 1.0
