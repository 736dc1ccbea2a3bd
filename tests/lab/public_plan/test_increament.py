"""test_increament.script, spelt as in the original: increments of files and of processes (Test plan 6.5)."""

from __future__ import annotations

from harness.handset import Handset
from tests.lab.public_plan.observed import EngineLog
from tests.lab.public_plan.phone_setup import PhoneSetup
from tests.lab.public_plan.plan import CLIENT_1, CLIENT_2, CLIENT_3, SCRIPTED, THREE_CLIENTS, Case, case
from tests.lab.public_plan.registrations import INCREMENT_XML
from tests.lab.public_plan.step_result import DATA_TYPE, on
from tests.lab.public_plan.suite import PublicSuite
from tests.passive_streams import records_in
from wire.symbian import Drive

C = Drive.parse("C")
BASE, SNAPSHOT, INCREMENT = (
    DATA_TYPE.EPassiveBaseData,
    DATA_TYPE.EPassiveSnapshotData,
    DATA_TYPE.EPassiveIncrementalData,
)
ACTIVE_BASE, ACTIVE_SNAPSHOT, ACTIVE_INCREMENT = (
    DATA_TYPE.EActiveBaseData,
    DATA_TYPE.EActiveSnapshotData,
    DATA_TYPE.EActiveIncrementalData,
)
NEEDED = f"C:{SCRIPTED.private_directory}needbackup.xml"
PUBLIC = r"C:\publicbackup.xml"
BIG_FILE = b"testbigfile.dat\n" * (382880 // 16)


def back_up_base(suite: PublicSuite, setup: PhoneSetup) -> None:
    """Case 0000 and what the script installs for it."""
    setup.register(SCRIPTED, INCREMENT_XML)
    setup.write(NEEDED, INCREMENT_XML)
    suite.backup_first("BACKUP_RESTORE_0080")


def back_up_increment(suite: PublicSuite, setup: PhoneSetup) -> None:
    """Case 0010 and what the script changes for it."""
    back_up_base(suite, setup)
    setup.write(NEEDED, BIG_FILE)
    setup.write(PUBLIC, b"public")
    suite.backup_first("BACKUP_RESTORE_0090")


@case("BACKUPBASE-0000")
def test_base_data_when_the_archive_holds_none(suite: PublicSuite, plan_case: Case, setup: PhoneSetup) -> None:
    setup.register(SCRIPTED, INCREMENT_XML)
    setup.write(NEEDED, INCREMENT_XML)
    result = suite.run(plan_case)
    assert result.kinds(SCRIPTED) == [BASE, SNAPSHOT]
    (content,) = records_in(suite.archive.contents(on(C, SCRIPTED, BASE))).values()
    assert content == INCREMENT_XML
    assert suite.archive.files(on(C, SCRIPTED, INCREMENT)) == []


@case("BACKUPINCREAMENT-0010")
def test_an_increment_of_a_changed_file(suite: PublicSuite, plan_case: Case, setup: PhoneSetup) -> None:
    back_up_base(suite, setup)
    setup.write(NEEDED, BIG_FILE)
    setup.write(PUBLIC, b"public")
    result = suite.run(plan_case)
    assert result.kinds(SCRIPTED) == [SNAPSHOT, INCREMENT, SNAPSHOT]
    (content,) = records_in(suite.archive.contents(on(C, SCRIPTED, INCREMENT))).values()
    assert content == BIG_FILE
    assert [path.lower() for path in result.public_files[SCRIPTED]] == [PUBLIC.lower()]


@case("RESTOREINCREAMENT-0020")
def test_a_restore_of_base_and_increment(
    suite: PublicSuite, plan_case: Case, handset: Handset, setup: PhoneSetup
) -> None:
    back_up_increment(suite, setup)
    setup.delete(NEEDED)
    setup.delete(PUBLIC)
    result = suite.run(plan_case)
    assert result.kinds(SCRIPTED) == [SNAPSHOT, BASE, INCREMENT]
    assert handset.files.read(NEEDED) == BIG_FILE
    assert not handset.files.exists(PUBLIC)  # public files are the host's business


@case("INVALIDDATARESTORE-0030")
def test_a_restore_without_base_data_in_the_archive(
    suite: PublicSuite, plan_case: Case, handset: Handset, setup: PhoneSetup
) -> None:
    back_up_increment(suite, setup)
    setup.delete(NEEDED)
    suite.archive.remove(on(C, SCRIPTED, BASE))
    result = suite.run(plan_case)
    # The step skips it, and wants base data instead of the increment, which is missing as well.
    assert result.kinds(SCRIPTED) == [SNAPSHOT]
    assert [text for text in result.logged if "EPassiveBaseData" in text] == [
        f"nothing in the archive: {SCRIPTED} C EPassiveBaseData"
    ] * 2
    assert not handset.files.exists(NEEDED)


@case("ACTIVEBASEBACKUP-0040")
def test_active_base_backup(suite: PublicSuite, plan_case: Case) -> None:
    result = suite.run(plan_case)
    assert [t for t in result.done if t.data_type == ACTIVE_BASE] == [
        on(C, sid, ACTIVE_BASE) for sid in (CLIENT_3, CLIENT_2, CLIENT_1)
    ]


@case("ACTIVEINCBACKUP-0050")
def test_active_increments_fall_back_to_base_for_clients_without_them(
    suite: PublicSuite, plan_case: Case, handset: Handset
) -> None:
    suite.backup_first("INC_BACKUP_RESTORE_0010")
    result = suite.run(plan_case)
    assert result.done == [
        on(C, CLIENT_1, ACTIVE_SNAPSHOT),
        on(C, CLIENT_3, ACTIVE_BASE),
        on(C, CLIENT_2, ACTIVE_BASE),
        on(C, CLIENT_1, ACTIVE_INCREMENT),
        on(C, CLIENT_1, ACTIVE_SNAPSHOT),
    ]
    assert suite.archive.contents(on(C, CLIENT_1, ACTIVE_INCREMENT)) == b"\0\0\0\0" + b"I" * 8000
    assert suite.archive.contents(on(C, CLIENT_2, ACTIVE_BASE)) == b"\0\0\0\0" + b"B" * 8000


@case("ACTIVEBASERESTORE-0060")
def test_active_base_restore(suite: PublicSuite, plan_case: Case, log: EngineLog) -> None:
    suite.backup_first("INC_BACKUP_RESTORE_0010")
    log.begin()
    result = suite.run(plan_case)
    assert result.kinds(CLIENT_1) == [ACTIVE_SNAPSHOT, ACTIVE_BASE]
    if log.is_written:
        for sid in THREE_CLIENTS:
            assert log.callbacks(sid)[-1] == "RestoreComplete"


@case("ACTIVEINCRESTORE-0070")
def test_active_restore_of_base_and_increment(suite: PublicSuite, plan_case: Case, log: EngineLog) -> None:
    suite.backup_first("INC_BACKUP_RESTORE_0010")
    suite.backup_first("INC_BACKUP_RESTORE_0020")
    log.begin()
    result = suite.run(plan_case)
    assert result.kinds(CLIENT_1) == [ACTIVE_SNAPSHOT, ACTIVE_BASE, ACTIVE_INCREMENT]
    for sid in (CLIENT_2, CLIENT_3):
        assert result.kinds(sid) == [ACTIVE_BASE]
        assert "InitRestoreIncrementData" not in log.callbacks(sid)
    if log.is_written:
        first = log.callbacks(CLIENT_1)
        assert first.index("InitRestoreBaseData") < first.index("InitRestoreIncrementData")
