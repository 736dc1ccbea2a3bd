"""Backup sets on disk: what was written is what is read, and a crash leaves the old state or the new one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.archive import MANIFEST, BackupSet, write_atomically
from harness.errors import ArtifactError
from wire.formats.container import pack_section
from wire.symbian import Drive, SecureId, TTransferDataType

SID = SecureId(0x0AB7E57C)
C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData
SNAPSHOT = TTransferDataType.EActiveSnapshotData
INCREMENT = TTransferDataType.EActiveIncrementalData


@pytest.fixture
def backup_set(tmp_path: Path) -> BackupSet:
    return BackupSet.create(tmp_path / "set", handset="n8")


def test_what_is_added_is_there_after_opening_again(backup_set: BackupSet) -> None:
    key = backup_set.add(SID, C, BASE, [b"first ", b"second"])
    again = BackupSet.open(backup_set.folder)
    assert again.about["handset"] == "n8"
    assert again.read(key) == b"first second"
    again.verify()


def test_a_snapshot_replaces_the_old_one_and_increments_are_counted(backup_set: BackupSet) -> None:
    backup_set.add(SID, C, SNAPSHOT, [b"old"])
    backup_set.add(SID, C, SNAPSHOT, [b"new"])
    first = backup_set.add(SID, C, INCREMENT, [b"1"])
    second = backup_set.add(SID, C, INCREMENT, [b"2"])
    assert backup_set.read(backup_set.newest(SID, C, SNAPSHOT)) == b"new"
    assert (first.number, second.number) == (1, 2)
    assert backup_set.newest(SID, C, INCREMENT) == second
    files = sorted(path.name for path in backup_set.folder.rglob("*.bkp"))
    assert files == ["active-increment-0001.bkp", "active-increment-0002.bkp", "active-snapshot-0002.bkp"]


@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=5))
@settings(max_examples=30)
def test_sections_come_out_one_by_one(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]) -> None:
    backup_set = BackupSet.create(tmp_path_factory.mktemp("set"))
    sections = [pack_section(content) for content in contents]
    key = backup_set.add(SID, C, BASE, sections)
    assert list(backup_set.sections(key)) == sections
    assert backup_set.contents(key) == b"".join(contents)


def test_a_stream_that_breaks_off_leaves_the_set_as_it_was(backup_set: BackupSet) -> None:
    key = backup_set.add(SID, C, BASE, [b"whole"])
    before = (backup_set.folder / MANIFEST).read_bytes()

    def pieces() -> Iterator[bytes]:
        yield b"half of the new"
        raise RuntimeError("the phone has gone")

    with pytest.raises(RuntimeError):
        backup_set.add(SID, C, BASE, pieces())
    assert (backup_set.folder / MANIFEST).read_bytes() == before
    again = BackupSet.open(backup_set.folder)
    again.verify()
    assert again.read(key) == b"whole"


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_damage_is_found_before_anything_is_restored(backup_set: BackupSet, damage: str) -> None:
    key = backup_set.add(SID, C, BASE, [b"some contents"])
    path = backup_set.folder / backup_set.streams[key].file
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif damage == "flipped":
        path.write_bytes(b"S" + path.read_bytes()[1:])
    else:
        path.unlink()
    with pytest.raises(ArtifactError, match=path.name):
        BackupSet.open(backup_set.folder).verify()
    with pytest.raises(ArtifactError):
        backup_set.read(key)


def test_a_manifest_cannot_name_files_outside_of_its_set(backup_set: BackupSet, tmp_path: Path) -> None:
    key = backup_set.add(SID, C, BASE, [b"x"])
    (tmp_path / "secret").write_bytes(b"x")
    manifest = json.loads((backup_set.folder / MANIFEST).read_text())
    manifest["streams"][0]["file"] = "../secret"
    (backup_set.folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="outside"):
        BackupSet.open(backup_set.folder).read(key)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"format": 1}', "is damaged"),
        ('{"format": 99, "streams": [], "about": {}}', "has format 99"),
        ('{"format": 1, "about": {}, "streams": [{"sid": "zz"}]}', "is damaged"),
    ],
)
def test_a_bad_manifest_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ArtifactError, match=says):
        BackupSet.open(tmp_path)


def test_a_folder_that_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="is no backup set"):
        BackupSet.open(tmp_path)


def test_a_new_set_does_not_begin_in_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(ArtifactError, match="is not empty"):
        BackupSet.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match="no backup set can be made"):
        BackupSet.create(tmp_path / "file" / "set")


def test_an_atomic_write_leaves_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_atomically(path, b"1")
    write_atomically(path, b"2")
    assert path.read_bytes() == b"2"
    assert list(tmp_path.iterdir()) == [path]
