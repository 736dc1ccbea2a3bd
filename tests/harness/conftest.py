"""Locks of these tests are not those of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lab.hold import FOLDER_VARIABLE


@pytest.fixture(autouse=True)
def lock_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("locks")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder
