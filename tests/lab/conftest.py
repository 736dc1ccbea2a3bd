"""What the suites of this folder share. They do not know whether the phone is real."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.archive import BackupSet


@pytest.fixture
def backup_set(hil_folder: Path) -> BackupSet:
    """An empty backup set among the test's artifacts."""
    return BackupSet.create(hil_folder / "backup-set")
