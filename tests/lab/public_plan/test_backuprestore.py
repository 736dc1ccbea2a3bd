"""test_backuprestore.script and test_backuprestoreasync.script: partial and full runs (Test plan 6.1, 6.2).

Each case first does what stands before it in the script and what it needs of that.
"""

from __future__ import annotations

import re

from harness.handset import Handset
from tests.lab.public_plan.mode_sequence import EXPECTED
from tests.lab.public_plan.observed import EngineLog
from tests.lab.public_plan.owner_parts import has_passive_increments, is_passive
from tests.lab.public_plan.phone_setup import PhoneSetup
from tests.lab.public_plan.plan import CLIENT_1, COMPLICATED, PASSIVE, Case, case
from tests.lab.public_plan.step_result import DATA_TYPE, on
from tests.lab.public_plan.suite import PublicSuite
from tests.passive_streams import names_in, records_in
from wire.symbian import Drive

C = Drive.parse("C")
BASE, SNAPSHOT, INCREMENT = (
    DATA_TYPE.EPassiveBaseData,
    DATA_TYPE.EPassiveSnapshotData,
    DATA_TYPE.EPassiveIncrementalData,
)
FOLDER = f"C:{PASSIVE.private_directory}"
SETTINGS = f"{FOLDER}settings.ini"


def change_something(handset: Handset, content: bytes) -> None:
    """Whose files these are on a real phone is not known, so there they stay as they are."""
    if handset.is_emulated:
        handset.files.write(SETTINGS, content)


@case("BACKUPPARTIALBASE-0000", "BACKUPPARTIALBASEASYNC-0000")
def test_partial_base_backup(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    result = suite.run(plan_case)
    suite.require_owner(PASSIVE)
    assert result.partial_list == ()  # it is not active, and only active owners are put on the list
    assert result.kinds(PASSIVE) == [BASE, SNAPSHOT]
    assert not result.states
    files = records_in(suite.archive.contents(on(C, PASSIVE, BASE)))
    listed = names_in(suite.archive.contents(on(C, PASSIVE, SNAPSHOT)))
    assert [path for path in files if not path.endswith("\\")] == listed
    assert all(path.lower().startswith(FOLDER.lower()) for path in files)
    for path, content in files.items():
        assert handset.files.read(path) == content if not path.endswith("\\") else content == b""
    # The estimates count a character of a name as one byte.
    assert result.sizes[on(C, PASSIVE, SNAPSHOT)] == 528 * len(listed)
    assert result.sizes[on(C, PASSIVE, BASE)] == sum(24 + len(path) + len(data) for path, data in files.items())


@case("RESTOREPARTIALBASE-0001", "RESTOREPARTIALBASEASYNC-0001")
def test_partial_base_restore(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    suite.backup_first("BACKUP_RESTORE_0010")
    before = records_in(suite.archive.contents(on(C, PASSIVE, BASE)))
    change_something(handset, b"changed after the backup")
    result = suite.run(plan_case)
    suite.require_owner(PASSIVE)
    # The snapshot comes first, or the engine would refuse it.
    assert result.kinds(PASSIVE) == [SNAPSHOT, BASE]
    for path, content in before.items():
        assert path.endswith("\\") or handset.files.read(path) == content


@case("BACKUPPARTIAL-0002", "BACKUPPARTIALASYNC-0002")
def test_partial_incremental_backup(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    suite.backup_first("BACKUP_RESTORE_0010")
    change_something(handset, b"changed after the base")
    result = suite.run(plan_case)
    suite.require_owner(PASSIVE)
    # The supplied snapshot, then what is new since then, then the next snapshot.
    assert result.kinds(PASSIVE) == [SNAPSHOT, INCREMENT, SNAPSHOT]
    increment = suite.archive.contents(on(C, PASSIVE, INCREMENT))
    if handset.is_emulated:
        assert records_in(increment) == {SETTINGS: b"changed after the base"}
        assert [path.name for path in suite.archive.files(on(C, PASSIVE, INCREMENT))] == ["increment001.bkp"]


@case("RESTOREPARTIAL-0003", "RESTOREPARTIALASYNC-0003")
def test_partial_restore_of_base_and_increment(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    suite.backup_first("BACKUP_RESTORE_0010")
    change_something(handset, b"changed after the base")
    suite.backup_first("BACKUP_RESTORE_0020")
    change_something(handset, b"changed after the increment")
    result = suite.run(plan_case)
    suite.require_owner(PASSIVE)
    if handset.is_emulated:
        assert result.kinds(PASSIVE) == [SNAPSHOT, BASE, INCREMENT]
        assert handset.files.read(SETTINGS) == b"changed after the base"


@case("BACKUPFULLBASE-0004", "BACKUPFULLBASEASYNC-0004")
def test_full_base_backup(suite: PublicSuite, plan_case: Case, handset: Handset, log: EngineLog) -> None:
    result = suite.run(plan_case)
    assert result.partial_list is None
    for info in result.chosen:
        assert info.sid is not None
        if is_passive(info):
            assert result.kinds(info.sid) == [BASE, SNAPSHOT] if has_passive_increments(info) else [BASE]
        else:
            assert info.sid not in result.sids
    # Active data is transferred in partial runs only, so no active owner is asked for anything.
    assert not result.states
    assert log.callbacks(CLIENT_1) == []
    changes = handset.mode_changes.changes
    handset.connection.wait_until(lambda: len(changes) >= 2, 5)
    assert [change.value for change in changes][-2:] == [0x102, 0x001]


@case("RESTOREFULLBASE-0005", "RESTOREFULLBASEASYNC-0005")
def test_full_base_restore(suite: PublicSuite, plan_case: Case, handset: Handset, log: EngineLog) -> None:
    archived = suite.backup_first("BACKUP_RESTORE_0030")
    change_something(handset, b"changed after the backup")
    log.begin()
    result = suite.run(plan_case)
    assert {info.sid for info in result.listed} == {info.sid for info in archived.chosen}
    if plan_case.step.is_asynchronous:
        # A condition of the original stands before the wrong part: nothing passive is restored, and active
        # owners are waited for although the archive holds nothing of theirs.
        assert not result.done
        assert CLIENT_1 in result.states
    else:
        with_data = [sid for sid in archived.sids if suite.archive.files(on(C, sid, BASE))]
        assert sorted(result.sids) == sorted(with_data)
        assert not result.states
        if handset.is_emulated:
            assert handset.files.read(SETTINGS).startswith(b"[phone]")
    # Every active owner hears of the end, also one that got nothing.
    log.assert_callbacks(CLIENT_1, "RestoreComplete")


@case("BACKUPFULL-0006", "BACKUPFULLASYNC-0006")
def test_full_incremental_backup(suite: PublicSuite, plan_case: Case, handset: Handset, log: EngineLog) -> None:
    suite.backup_first("BACKUP_RESTORE_0030")
    change_something(handset, b"changed after the base")
    log.begin()
    result = suite.run(plan_case)
    for info in result.chosen:
        assert info.sid is not None
        if (
            is_passive(info)
            and has_passive_increments(info)
            and suite.archive.has_base(on(C, info.sid, INCREMENT))
        ):
            assert result.kinds(info.sid) == [SNAPSHOT, INCREMENT, SNAPSHOT]
        elif is_passive(info) and not has_passive_increments(info):
            assert result.kinds(info.sid) == [BASE]
    if handset.is_emulated:
        assert records_in(suite.archive.contents(on(C, PASSIVE, INCREMENT))) == {
            SETTINGS: b"changed after the base"
        }
    # In a full backup nobody ever hears that all snapshots are supplied (Q31).
    assert not any("Calling AllSnapshotsSuppliedL" in line for line in log.lines())


@case("RESTOREFULL-0007", "RESTOREFULLASYNC-0007")
def test_full_restore_of_base_and_increment(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    suite.backup_first("BACKUP_RESTORE_0030")
    change_something(handset, b"changed after the base")
    suite.backup_first("BACKUP_RESTORE_0040")
    change_something(handset, b"changed after the increment")
    result = suite.run(plan_case)
    suite.require_owner(PASSIVE)
    if handset.is_emulated:
        assert result.kinds(PASSIVE) == [SNAPSHOT, BASE, INCREMENT]
        assert handset.files.read(SETTINGS) == b"changed after the base"


# ------------------------------------------------------- an owner with a complicated registration file


def make_public_files(setup: PhoneSetup) -> None:
    """As the script does before its case 0008."""
    setup.write(r"C:\sbetest1.txt", b"one")
    setup.write(r"C:\sbetest2.txt", b"two")


@case("BACKUPPARTIALBASE-0008")
def test_a_complicated_registration_file(
    suite: PublicSuite, plan_case: Case, handset: Handset, setup: PhoneSetup
) -> None:
    make_public_files(setup)
    result = suite.run(plan_case)
    suite.require_owner(COMPLICATED)
    # It is base-only: base data although an increment is asked for, and no snapshot.
    assert result.kinds(COMPLICATED) == [BASE]
    names = {path.lower() for path in records_in(suite.archive.contents(on(C, COMPLICATED, BASE)))}
    folder = f"c:{COMPLICATED.private_directory}"
    assert all(name.startswith(folder) and not re.search(r"\.tmp$|registration", name) for name in names)
    if handset.is_emulated:
        assert names == {f"{folder}single.dat", f"{folder}data\\kept.dat"}
    listed = {path.lower() for path in result.public_files[COMPLICATED]}
    assert {r"c:\sbetest1.txt", r"c:\sbetest2.txt"} <= listed


@case("BACKUPPARTIALBASE-0010")
def test_a_drive_list_with_characters_that_are_no_drives(
    suite: PublicSuite, plan_case: Case, handset: Handset, setup: PhoneSetup
) -> None:
    make_public_files(setup)
    result = suite.run(plan_case)
    suite.require_owner(COMPLICATED)
    # A and C are marked. The owner does not report A, so nothing is asked for there and no -1 comes.
    assert [transfer.drive for transfer in result.done] == [C]
    assert result.tolerated == []
    assert not any("EPassive" in text for text in result.logged)


@case("BACKUPPARTIALBASE-0012")
def test_calls_in_an_abnormal_order(suite: PublicSuite, plan_case: Case, setup: PhoneSetup) -> None:
    make_public_files(setup)
    suite.run(plan_case)
    assert suite.second is not None
    assert suite.second.outcomes == EXPECTED
    suite.require_owner(COMPLICATED)
    names = [entry.name.lower() for entries in suite.second.large_lists for entry in entries]
    assert {r"c:\sbetest1.txt", r"c:\sbetest2.txt"} <= set(names)
    assert all(sum(32 + 2 * len(entry.name) for entry in entries) <= 1024 for entries in suite.second.large_lists)
