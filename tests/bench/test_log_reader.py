"""The benchmark of the log reader runs, and all its ways read the same lines. Its figures judge nothing here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.bench.log_reader import _TABLE, PAGE, WAYS

ROOT = Path(__file__).parents[2]


def test_every_way_finds_the_same_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.log_reader", "1"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| ([\d.]+) \| \d+ \|$", done.stdout, re.MULTILINE)
    assert [name for name, _, _ in rows] == ["bare_loop", "records", "typed_records", "runs"]
    assert len({count for _, count, _ in rows}) == 1
    assert float(rows[0][2]) == 1.0


def test_the_page_has_room_for_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    (shown,) = _TABLE.findall(page)
    assert [line.split("`")[1] for line in shown.splitlines()[2:]] == [way.__name__ for way in WAYS]
