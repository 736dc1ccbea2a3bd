"""Files are read within limits and replaced as a whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from harness.errors import ArtifactError, ConfigError
from harness.registration.files import read_bounded, replace_file
from wire.formats.registration.xml import MAX_SIZE

if TYPE_CHECKING:
    from pathlib import Path


def test_no_more_is_read_than_shows_that_it_is_too_much(tmp_path: Path) -> None:
    huge = tmp_path / "backup_registration.xml"
    with huge.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert len(read_bounded(huge)) == MAX_SIZE + 1


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.xml", tmp_path / "x\x1b[31m.xml"):
        with pytest.raises(ConfigError) as caught:
            read_bounded(path)
        assert "cannot read" in str(caught.value)
        assert "\x1b" not in str(caught.value)


def test_a_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "backup_registration.xml"
    replace_file(path, b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["backup_registration.xml"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "backup_registration.xml"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArtifactError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["backup_registration.xml"]


def test_a_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot write"):
        replace_file(tmp_path / "none" / "x.xml", b"")
