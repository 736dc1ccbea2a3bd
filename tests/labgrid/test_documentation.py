"""docs/scale.md: what it shows for a lab of many machines works in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_documentation import ROOT, blocks_of
from tests.labgrid.demo_lab import DemoLab

pytestmark = pytest.mark.timeout(300)


def test_what_the_page_shows_works(lab: DemoLab, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTEST_ADDOPTS": "",
    }
    lines = 0
    for block in blocks_of(ROOT / "docs" / "scale.md"):
        if block.about.startswith("title="):
            (tmp_path / block.about.removeprefix("title=")).write_text(block.text, encoding="utf-8")
        elif block.about == "labgrid":
            for line in block.text.splitlines():
                command = ["bash", "-euc", line]
                result = subprocess.run(
                    command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
                )
                assert result.returncode == 0, f"{line}\n{result.stdout}\n{result.stderr}"
                lines += 1
    assert lines >= 10
    lab.wait_until_all_is_released()
