"""Public files: lists of what the host copies (BE 6, 17, Registration format 5.2, 5.3)."""

from __future__ import annotations

import pytest

from device_agent.emulator.operations.engine import _owner_sid
from device_agent.emulator.profile import HandsetProfile, ProfileFile
from tests.emulator.data.bench import FOLDER, OWNER, Bench, C, code_of, registration
from wire.formats.serialised import (
    LargeFileListEntry,
    PackageIdentity,
    SecureIdentity,
    symbian_time,
    write_generic,
)
from wire.layout import codec_of
from wire.symbian import Drive, SecureId, TBURPartType
from wire.symbian_errors import KErrAccessDenied, KErrArgument, KErrNotFound, KErrNotSupported

BODY = r"""<public_backup>
  <include_directory name="c:\shared"/>
  <include_file name="!:\anywhere.txt"/>
  <include_file name="?:\never.txt"/>
  <include_file name="\no:drive.txt"/>
  <include_file name="c:\not there.txt"/>
  <include_file name="c:\system\never.txt"/>
  <exclude name="c:\shared\secret.txt"/>
  <exclude name="c:\single2.txt"/>
  <include_file name="c:\single2.txt"/>
  <include_file name="c:\single.txt"/>
</public_backup>"""
PATHS = (
    r"C:\shared\a.txt",
    r"C:\shared\deep\b.txt",
    r"C:\shared\secret.txt",
    r"C:\single.txt",
    r"C:\single2.txt",
    r"C:\anywhere.txt",
    r"C:\never.txt",
    r"C:\system\never.txt",
    r"C:\else.txt",
)


@pytest.fixture
def bench() -> Bench:
    made = Bench(
        HandsetProfile(
            registrations=((f"{FOLDER}backup_registration.xml", registration(BODY)),),
            files=tuple(ProfileFile(path, path.encode()) for path in PATHS),
        )
    )
    made.enter(TBURPartType.EBURBackupFull)
    return made


def large(bench: Bench, cursor: int = 0, maximum: int = 65536) -> tuple[list[str], int]:
    entries, cursor = bench.client.large_public_file_list(OWNER, C, cursor, maximum)
    return [codec_of(LargeFileListEntry).parse(entry).name for entry in entries], cursor


@pytest.mark.rule("17/public")
def test_the_list_leaves_out_what_is_excluded_and_does_not_know_any_drive(bench: Bench) -> None:
    found = bench.client.public_file_list(OWNER, C)
    assert {entry.path.lower() for entry in found} == {
        r"c:\shared\a.txt",
        r"c:\shared\deep\b.txt",
        r"c:\single.txt",
    }


@pytest.mark.rule("17/public")
def test_the_large_list_knows_any_drive_and_filters_only_files_named_themselves(bench: Bench) -> None:
    names, _ = large(bench)
    assert {name.lower() for name in names} == {
        r"c:\shared\a.txt",
        r"c:\shared\deep\b.txt",
        r"c:\shared\secret.txt",
        r"c:\single.txt",
        r"c:\anywhere.txt",
    }


@pytest.mark.rule("9.4/entry")
def test_an_entry_of_the_large_list(bench: Bench) -> None:
    path = r"C:\shared\a.txt"
    file = bench.phone.files.file(path)
    entries, _ = bench.client.large_public_file_list(OWNER, C, 0, 65536)
    found = codec_of(LargeFileListEntry).parse(entries[0])
    modified = symbian_time(file.modified)
    size, uids = len(path), (0, 0, 0)
    assert found == (0x20, size, modified >> 32, modified % 2**32, *uids, "", r"c:\shared\a.txt")


@pytest.mark.rule("6/public-large")
def test_an_entry_that_fits_exactly_is_in_the_piece(bench: Bench) -> None:
    size = sum(32 + 2 * len(name) for name in large(bench)[0][:2])
    assert [len(large(bench, 0, size + more)[0]) for more in (-1, 0, 1)] == [1, 2, 2]


@pytest.mark.rule("6/public-large")
def test_the_large_list_comes_in_pieces_that_fit(bench: Bench) -> None:
    whole, _ = large(bench)
    names: list[str] = []
    cursor = 0
    while True:
        piece, cursor = large(bench, cursor, 140)
        assert sum(32 + 2 * len(name) for name in piece) <= 140
        names += piece
        if not piece:
            break
    assert names == whole


@pytest.mark.rule("17/public")
def test_the_raw_list_gives_the_selections_as_they_stand(bench: Bench) -> None:
    raw = bench.client.raw_public_file_list(OWNER, C)
    assert (True, "c:\\shared\\") in raw
    assert (False, "c:\\shared\\secret.txt") in raw
    assert (True, "\\no:drive.txt") in raw
    assert all(path.lower().startswith(("c:", "\\")) for _, path in raw)


def test_lists_are_for_backups_for_drives_of_the_mode_and_for_owners(bench: Bench) -> None:
    client = bench.client
    assert code_of(lambda: client.public_file_list(OWNER, Drive.parse("E"))) == KErrArgument
    assert code_of(lambda: client.public_file_list(SecureId(1), C)) == KErrNotFound
    bench.normal()
    for ask in (
        lambda: client.public_file_list(OWNER, C),
        lambda: client.raw_public_file_list(OWNER, C),
        lambda: client.large_public_file_list(OWNER, C, 0, 1000),
    ):
        assert code_of(ask) == KErrAccessDenied


@pytest.mark.rule("6/public-large")
def test_only_the_large_list_insists_on_a_sid() -> None:
    package = write_generic(PackageIdentity(1, OWNER, "name"))
    assert _owner_sid(package) == OWNER
    assert code_of(lambda: _owner_sid(package, (SecureIdentity,))) == KErrNotSupported
    assert _owner_sid(write_generic(SecureIdentity(OWNER)), (SecureIdentity,)) == OWNER
