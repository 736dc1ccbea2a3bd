"""Passive data: files that the engine copies itself (BE 17, Registration format 5)."""

from __future__ import annotations

import datetime as dt

import pytest

from device_agent.emulator.clock import FACTORY_TIME
from device_agent.emulator.engine.versions import VERSIONS
from device_agent.emulator.profile import HandsetProfile, ProfileFile
from tests.emulator.data.bench import (
    EVERYTHING,
    FOLDER,
    OWNER,
    Bench,
    C,
    code_of,
    profile_with,
    record,
    snapshot,
)
from tests.passive_streams import names_in, records_in
from wire.formats.serialised import SidTransfer, symbian_time
from wire.protocol.messages.files import FileAttributes
from wire.symbian import ENGINE_SID, TBackupIncType, TBURPartType, TTransferDataType
from wire.symbian_errors import KErrAccessDenied, KErrCorrupt, KErrInUse, KErrOverflow, KErrUnderflow

SNAPSHOT = SidTransfer(C, OWNER, TTransferDataType.EPassiveSnapshotData)
BASE = SidTransfer(C, OWNER, TTransferDataType.EPassiveBaseData)
INCREMENT = SidTransfer(C, OWNER, TTransferDataType.EPassiveIncrementalData)

BACKUP = TBURPartType.EBURBackupFull
RESTORE = TBURPartType.EBURRestoreFull

FILES = {"one.txt": b"1" * 10, "notes\\two.txt": b"2" * 20}
BASE_ONLY = '<passive_backup base_backup_only="yes"><include_directory name="\\"/></passive_backup>'


def bench_with(body: str = EVERYTHING, files: dict[str, bytes] | None = None, **others: object) -> Bench:
    return Bench(profile_with(body, FILES if files is None else files, **others))


class TestSelections:
    """Which files a registration selects (BE 17, Registration format 5.4)."""

    @pytest.mark.parametrize(
        ("paths", "selected"),
        [
            ('<include_file name="one.txt"/>', ["one.txt"]),
            ('<include_file name="notes"/>', ["notes\\two.txt"]),
            ('<include_directory name="notes"/><include_file name="one.txt"/>', ["notes\\two.txt", "one.txt"]),
            ('<include_file name="not there"/><include_file name="one.txt"/>', ["one.txt"]),
            ('<exclude name="one.txt"/><include_directory name="\\"/>', ["notes\\two.txt"]),
            ('<exclude name="one.txt"/><include_file name="one.txt"/>', []),
            ('<include_directory name="\\"/><exclude name="notes"/>', ["one.txt"]),
            ('<include_directory name="\\"/><exclude name="*.txt"/>', []),
            # A backslash at its end takes the effect from an exclude, and does not make an include of it.
            ('<include_directory name="\\"/><exclude name="notes\\"/>', ["notes\\two.txt", "one.txt"]),
            # What is named twice comes twice.
            ('<include_file name="one.txt"/><include_file name="one.txt"/>', ["one.txt", "one.txt"]),
        ],
    )
    def test_what_is_included_and_excluded(self, paths: str, selected: list[str]) -> None:
        bench = bench_with(f"<passive_backup>{paths}</passive_backup>")
        bench.enter(BACKUP)
        assert names_in(bench.request(SNAPSHOT)) == [FOLDER + name for name in selected]

    @pytest.mark.rule("17/never")
    def test_of_names_like_a_registration_files_only_those_that_are_some_stay_behind(self) -> None:
        names = ("backup_registration.txt", "backup_registration_more.xml", "settings.xml")
        bench = bench_with(files=dict.fromkeys(names, b"<x/>"))
        bench.enter(BACKUP)
        assert names_in(bench.request(SNAPSHOT)) == [f"{FOLDER}backup_registration.txt", f"{FOLDER}settings.xml"]


class TestBackup:
    @pytest.mark.rule("9.5/file")
    def test_a_file_as_it_stands_in_the_stream(self) -> None:
        bench = bench_with(files={"one.txt": b"1" * 10})
        path = f"{FOLDER}one.txt"
        file = bench.phone.files.file(path)
        file.attributes |= FileAttributes.READ_ONLY
        bench.enter(BACKUP)
        expected = record(path, b"1" * 10, attributes=0x21, modified=symbian_time(file.modified))
        assert bench.request(BASE) == expected

    @pytest.mark.rule("17/never")
    def test_every_file_but_the_registration_and_what_is_never_backed_up(self) -> None:
        bench = bench_with(files=FILES | {"NoBackup\\x.txt": b"x", "backup_registration_more.xml": b"<x/>"})
        bench.phone.files.make_folder(FOLDER + "empty")
        bench.enter(BACKUP)
        assert records_in(bench.request(BASE)) == {
            f"{FOLDER}empty\\": b"",
            f"{FOLDER}notes\\two.txt": b"2" * 20,
            f"{FOLDER}one.txt": b"1" * 10,
        }

    def test_a_snapshot_lists_files_and_no_directories(self) -> None:
        bench = bench_with()
        bench.phone.files.make_folder(FOLDER + "empty")
        bench.enter(BACKUP)
        assert names_in(bench.request(SNAPSHOT)) == [f"{FOLDER}notes\\two.txt", f"{FOLDER}one.txt"]

    @pytest.mark.rule("17/request")
    def test_a_snapshot_once(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP)
        bench.request(SNAPSHOT)
        assert code_of(lambda: bench.request(SNAPSHOT)) == KErrCorrupt

    def test_a_snapshot_can_be_asked_of_a_base_only_owner_too(self) -> None:
        bench = bench_with(BASE_ONLY)
        bench.enter(BACKUP)
        assert len(names_in(bench.request(SNAPSHOT))) == 2

    @pytest.mark.rule("17/request")
    def test_base_data_once(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP)
        bench.request(BASE)
        assert code_of(lambda: bench.request(BASE)) == KErrCorrupt

    @pytest.mark.rule("17/request")
    def test_base_data_not_after_a_supplied_snapshot(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP)
        bench.supply(SNAPSHOT, snapshot(f"{FOLDER}one.txt"))
        assert code_of(lambda: bench.request(BASE)) == KErrCorrupt

    @pytest.mark.rule("17/increment")
    def test_an_increment_holds_what_is_newer_or_new_and_empty_directories(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP)
        before = bench.request(SNAPSHOT)
        bench.normal()
        bench.phone.clock.skip(60)
        bench.phone.files.write(f"{FOLDER}one.txt", b"changed")
        bench.phone.files.write(f"{FOLDER}three.txt", b"new")
        bench.phone.files.make_folder(FOLDER + "empty")
        bench.enter(BACKUP, TBackupIncType.EBackupIncrement)
        bench.supply(SNAPSHOT, before)
        assert records_in(bench.request(INCREMENT)) == {
            f"{FOLDER}empty\\": b"",
            f"{FOLDER}one.txt": b"changed",
            f"{FOLDER}three.txt": b"new",
        }

    @pytest.mark.rule("17/request")
    def test_an_increment_needs_a_whole_snapshot(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP, TBackupIncType.EBackupIncrement)
        assert code_of(lambda: bench.request(INCREMENT)) == KErrCorrupt
        bench.supply(SNAPSHOT, snapshot(f"{FOLDER}one.txt"), finished=False)
        bench.engine.owners[OWNER].operation = None
        assert code_of(lambda: bench.request(INCREMENT)) == KErrCorrupt

    @pytest.mark.rule("17/request")
    def test_base_and_increment_are_not_mixed(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP, TBackupIncType.EBackupIncrement)
        bench.supply(SNAPSHOT, snapshot(f"{FOLDER}one.txt"))
        bench.request(INCREMENT)
        assert code_of(lambda: bench.request(BASE)) == KErrCorrupt
        assert code_of(lambda: bench.request(INCREMENT)) == KErrCorrupt

    @pytest.mark.rule("17/increment")
    def test_a_snapshot_may_come_in_parts_and_a_later_one_replaces_it(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP, TBackupIncType.EBackupIncrement)
        one, two = (snapshot(FOLDER + name, modified=1 << 62) for name in ("one.txt", "notes\\two.txt"))
        bench.supply(SNAPSHOT, two)
        bench.supply(SNAPSHOT, one[:100], finished=False)
        bench.supply(SNAPSHOT, one[100:])
        assert list(records_in(bench.request(INCREMENT))) == [f"{FOLDER}notes\\two.txt"]

    @pytest.mark.rule("17/supply")
    def test_no_snapshot_for_a_base_only_owner_nor_after_data(self) -> None:
        bench = bench_with(BASE_ONLY)
        bench.enter(BACKUP)
        assert code_of(lambda: bench.supply(SNAPSHOT, snapshot("x"))) == KErrCorrupt
        bench = bench_with()
        bench.enter(BACKUP)
        bench.request(BASE)
        assert code_of(lambda: bench.supply(SNAPSHOT, snapshot("x"))) == KErrCorrupt

    def test_a_file_that_somebody_holds_fails_the_request_and_the_next_begins_anew(self) -> None:
        bench = bench_with()
        held = bench.phone.files.file(f"{FOLDER}one.txt")
        held.exclusive = True
        bench.enter(BACKUP)
        assert code_of(lambda: bench.request(BASE)) == KErrInUse
        held.exclusive = False
        assert len(records_in(bench.request(BASE))) == 2

    @pytest.mark.rule("17/expected")
    def test_sizes_are_estimates_with_a_byte_for_each_character(self) -> None:
        bench = bench_with(files={"one.txt": b"1" * 10})
        bench.enter(BACKUP)
        assert bench.expected(BASE) == 24 + len(f"{FOLDER}one.txt") + 10
        assert bench.expected(SNAPSHOT) == 528
        bench.phone.files.make_folder(FOLDER + "empty")
        assert bench.expected(BASE) == 24 + len(f"{FOLDER}one.txt") + 10 + 24 + len(f"{FOLDER}empty\\")
        assert bench.expected(SNAPSHOT) == 528

    def test_a_stream_longer_than_the_heap_comes_in_parts(self) -> None:
        content = bytes(range(256)) * 1200
        config = b'<sbe_config><heap size="131072"/></sbe_config>'
        profile = profile_with(EVERYTHING, {"big.dat": content})
        path = f"C:{ENGINE_SID.private_directory}sbeconfig.xml"
        bench = Bench(
            HandsetProfile(registrations=profile.registrations, files=(*profile.files, ProfileFile(path, config)))
        )
        bench.enter(BACKUP)
        assert records_in(bench.request(BASE)) == {f"{FOLDER}big.dat": content}


class TestRestore:
    @pytest.mark.rule("17/restore")
    def test_files_come_back_with_attributes_and_time(self) -> None:
        bench = bench_with()
        bench.enter(BACKUP)
        stream = bench.request(BASE)
        modified = bench.phone.files.file(f"{FOLDER}one.txt").modified
        bench.normal()
        bench.phone.clock.skip(3600)
        bench.phone.files.write(f"{FOLDER}one.txt", b"other")
        bench.phone.files.delete(f"{FOLDER}notes\\two.txt")
        bench.phone.files.delete(f"{FOLDER}notes")
        bench.enter(RESTORE)
        bench.supply(BASE, stream)
        one = bench.phone.files.file(f"{FOLDER}one.txt")
        assert bytes(one.content) == b"1" * 10
        assert abs(one.modified - modified) < dt.timedelta(milliseconds=1)
        assert bench.phone.files.read(f"{FOLDER}notes\\two.txt") == b"2" * 20

    @pytest.mark.rule("17/restore")
    def test_what_the_registration_does_not_name_is_skipped(self) -> None:
        bench = bench_with('<passive_backup><include_directory name="notes"/></passive_backup>', {})
        bench.enter(RESTORE)
        bench.supply(BASE, record(f"{FOLDER}notes\\in.txt", b"in") + record(f"{FOLDER}out.txt", b"out"))
        assert bench.phone.files.exists(f"{FOLDER}notes\\in.txt")
        assert not bench.phone.files.exists(f"{FOLDER}out.txt")

    def test_another_owners_files_are_skipped(self) -> None:
        bench = bench_with()
        bench.enter(RESTORE)
        bench.supply(BASE, record(f"C:\\private\\10005399{OWNER.private_directory}x.txt", b"x"))
        assert not bench.phone.files.exists("C:\\private\\10005399")

    @pytest.mark.rule("17/restore")
    def test_what_the_snapshot_does_not_name_is_skipped(self) -> None:
        bench = bench_with(files={})
        bench.enter(RESTORE)
        bench.supply(SNAPSHOT, snapshot(f"{FOLDER}known.txt"))
        names = ("known.txt", "unknown.txt", "folder\\")
        bench.supply(BASE, b"".join(record(FOLDER + name) for name in names))
        there = [bench.phone.files.exists(FOLDER + name) for name in names]
        assert there == [True, False, True]

    @pytest.mark.parametrize(("length", "code"), [(0, KErrOverflow), (1, 0), (256, 0), (257, KErrOverflow)])
    @pytest.mark.rule("17/restore")
    def test_a_file_name_of_no_or_too_many_characters(self, length: int, code: int) -> None:
        bench = bench_with()
        bench.enter(RESTORE)
        assert code_of(lambda: bench.supply(BASE, record("x" * length))) == code

    @pytest.mark.parametrize("name", ["\U0001f4f1.txt", "\udcf1.txt"])
    @pytest.mark.rule("9.5/file")
    def test_a_file_name_is_words_of_16_bits(self, name: str) -> None:
        """A character outside the basic plane is two of them; half of one is a name as well."""
        bench = bench_with(files={})
        bench.enter(RESTORE)
        stream = record(FOLDER + name, b"x", modified=symbian_time(FACTORY_TIME))
        bench.supply(BASE, stream)
        bench.normal()
        bench.enter(BACKUP)
        assert bench.expected(BASE) == 24 + len((FOLDER + name).encode("utf-16-le", "surrogatepass")) // 2 + 1
        assert bench.request(BASE) == stream

    @pytest.mark.rule("17/restore")
    def test_an_empty_directory_comes_back_whatever_its_name(self) -> None:
        """What is never backed up is what lies in `NoBackup`."""
        bench = bench_with(files={})
        bench.phone.files.make_folder(FOLDER + "NoBackup")
        bench.enter(BACKUP)
        stream = bench.request(BASE)
        bench.normal()
        bench.phone.files.delete(FOLDER + "NoBackup")
        bench.enter(RESTORE)
        bench.supply(BASE, stream)
        assert bench.phone.files.exists(FOLDER + "NoBackup")

    @pytest.mark.parametrize("cut", [1, 20, 30, 200, 300])
    @pytest.mark.rule("17/restore")
    def test_a_stream_that_ends_inside_a_file(self, cut: int) -> None:
        bench = bench_with()
        bench.enter(RESTORE)
        stream = record(f"{FOLDER}one.txt", b"1" * 300)
        assert code_of(lambda: bench.supply(BASE, stream[:-cut])) == KErrUnderflow
        assert code_of(lambda: bench.supply(BASE, stream[:cut])) == KErrUnderflow

    @pytest.mark.parametrize("version", ["symbian3-2010.04", "symbian3-2010.05"])
    def test_over_a_file_that_may_be_written(self, version: str) -> None:
        bench = bench_with(version=VERSIONS[version].engine)
        bench.enter(RESTORE)
        bench.supply(BASE, record(f"{FOLDER}one.txt", b"new"))
        assert bench.phone.files.read(f"{FOLDER}one.txt") == b"new"

    @pytest.mark.parametrize(
        ("version", "code"), [("symbian3-2010.04", KErrAccessDenied), ("symbian3-2010.05", 0)]
    )
    def test_over_a_read_only_file(self, version: str, code: int) -> None:
        bench = bench_with(version=VERSIONS[version].engine)
        path = f"{FOLDER}one.txt"
        bench.phone.files.file(path).attributes |= FileAttributes.READ_ONLY
        bench.enter(RESTORE)
        assert code_of(lambda: bench.supply(BASE, record(path, b"new", attributes=0x21))) == code
        file = bench.phone.files.file(path)
        assert bytes(file.content) == (b"1" * 10 if code else b"new")
        assert file.attributes & FileAttributes.READ_ONLY

    def test_nothing_is_written_to_the_rom(self) -> None:
        bench = bench_with()
        bench.enter(RESTORE)
        path = f"Z:{OWNER.private_directory}one.txt"
        assert code_of(lambda: bench.supply(BASE, record(path, b"1"))) == KErrAccessDenied
        assert not bench.phone.files.exists(path)

    @pytest.mark.rule("17/supply")
    def test_base_once_and_an_increment_after_base_and_snapshot(self) -> None:
        bench = bench_with()
        bench.enter(RESTORE)
        one = record(f"{FOLDER}one.txt", b"x")
        assert code_of(lambda: bench.supply(INCREMENT, one)) == KErrCorrupt
        bench.supply(SNAPSHOT, snapshot(f"{FOLDER}one.txt"))
        assert code_of(lambda: bench.supply(INCREMENT, one)) == KErrCorrupt
        bench.supply(BASE, one)
        assert code_of(lambda: bench.supply(BASE, one)) == KErrCorrupt
        assert code_of(lambda: bench.supply(SNAPSHOT, snapshot("x"))) == KErrCorrupt
        bench.supply(INCREMENT, record(f"{FOLDER}one.txt", b"y"))
        assert bench.phone.files.read(f"{FOLDER}one.txt") == b"y"
        assert code_of(lambda: bench.supply(SNAPSHOT, snapshot("x"))) == KErrCorrupt

    @pytest.mark.rule("17/supply")
    def test_no_increment_without_a_snapshot(self) -> None:
        bench = bench_with()
        bench.enter(RESTORE)
        bench.supply(BASE, record(f"{FOLDER}one.txt", b"x"))
        assert code_of(lambda: bench.supply(INCREMENT, record(f"{FOLDER}one.txt", b"y"))) == KErrCorrupt

    def test_delete_before_restore_leaves_what_was_just_restored(self) -> None:
        body = '<passive_backup delete_before_restore="yes"><include_directory name="\\"/></passive_backup>'
        bench = bench_with(body)
        bench.enter(RESTORE)
        names = [f"{FOLDER}one.txt", f"{FOLDER}new.txt"]
        bench.supply(SNAPSHOT, snapshot(*names))
        bench.supply(BASE, record(names[0], b"base"))
        bench.supply(INCREMENT, record(names[1], b"increment"))
        assert [bench.phone.files.read(name) for name in names] == [b"base", b"increment"]

    def test_delete_before_restore_takes_the_whole_private_directory_once(self) -> None:
        body = '<passive_backup delete_before_restore="yes"><include_directory name="notes"/></passive_backup>'
        others = "C:\\private\\10005399\\stays.txt"
        profile = profile_with(body, FILES | {"notes\\old.txt": b"old"})
        bench = Bench(
            HandsetProfile(
                registrations=profile.registrations, files=(*profile.files, ProfileFile(others, b"stays"))
            )
        )
        bench.enter(RESTORE)
        bench.supply(BASE, record(f"{FOLDER}notes\\new.txt", b"new"))
        left = [path for path, _ in bench.phone.files.walk("C:\\private")]
        assert left == [
            "C:\\private\\10005399\\",
            others,
            f"{FOLDER}",
            f"{FOLDER}notes\\",
            f"{FOLDER}notes\\new.txt",
        ]


def test_data_is_for_owners_with_a_passive_part() -> None:
    bench = bench_with('<public_backup><include_file name="c:\\x.txt"/></public_backup>')
    bench.enter(BACKUP)
    assert code_of(lambda: bench.request(BASE)) == KErrCorrupt
    assert code_of(lambda: bench.supply(BASE, record("x"))) == KErrCorrupt
    assert bench.expected(BASE) == 0
