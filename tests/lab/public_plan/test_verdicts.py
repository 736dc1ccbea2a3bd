"""The steps themselves: when the original would fail, and the sections that none of its scripts uses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from harness.handset import Handset
from tests.lab.public_plan.archive import PlanArchive
from tests.lab.public_plan.backup_steps import BackupStep
from tests.lab.public_plan.blocks import READY_PAUSE_S, READY_TRIES, pause
from tests.lab.public_plan.phone_setup import PhoneSetup
from tests.lab.public_plan.plan import CLIENT_1, CLIENT_4, PUBLIC_FILES, SCRIPTED, SECTIONS, Section
from tests.lab.public_plan.registrations import INCREMENT_XML
from tests.lab.public_plan.restore_steps import RestoreStep
from tests.lab.public_plan.step_result import DATA_TYPE, StepResult, on
from wire.formats.container import pack_section
from wire.symbian import BurMode, Drive, TBURPartType, TDataOwnerStatus
from wire.symbian_errors import KErrCorrupt, KErrUnderflow

C = Drive.parse("C")
NEEDED = f"C:{SCRIPTED.private_directory}needbackup.xml"
PRIVATE_FILE = f"C:{PUBLIC_FILES.private_directory}private_file1.dat"


@pytest.fixture
def archive(hil_folder: Path) -> PlanArchive:
    return PlanArchive(hil_folder / "archive")


@pytest.fixture
def owners(handset: Handset) -> set[int]:
    return {info.sid for info in handset.engine.list_data_owners() if info.sid is not None}


def require(there: bool, what: str) -> None:
    if not there:
        pytest.skip(f"this phone has no {what}")


def back_up(handset: Handset, archive: PlanArchive, section: Section) -> StepResult:
    return BackupStep(handset, archive, section).run()


def time_of(handset: Handset, setup: PhoneSetup) -> dt.datetime:
    """The phone's clock."""
    setup.write("C:\\now.txt", b"")
    return handset.files.stat("C:\\now.txt").modified


def test_public_files_are_exactly_those(handset: Handset, archive: PlanArchive, owners: set[int]) -> None:
    require(PUBLIC_FILES in owners, "owner with the suite's public files")
    section = SECTIONS["PUBLIC_FILE_0010"]
    assert not back_up(handset, archive, section).failures
    for wrong in (section.public_files | {"public_file3.dat"}, frozenset({"public_file1.dat"})):
        (failure,) = back_up(handset, archive, section._replace(public_files=wrong)).failures
        assert failure.startswith("public files: ")


def test_private_files_have_their_sizes_after_a_restore(
    handset: Handset, archive: PlanArchive, owners: set[int]
) -> None:
    require(PUBLIC_FILES in owners and handset.allow_restore, "owner with the suite's files that may be restored")
    section = SECTIONS["PUBLIC_FILE_0020"]
    assert not back_up(handset, archive, section).failures
    assert not RestoreStep(handset, archive, section).run().failures
    wrong = section._replace(private_files=(("private_file1.dat", 1), ("private_file2.dat", 1)))
    failures = RestoreStep(handset, archive, wrong).run().failures
    assert failures[0] == f"{PRIVATE_FILE} has 68841 bytes instead of 1"
    assert failures[1].startswith(f"C:{PUBLIC_FILES.private_directory}private_file2.dat: ")


def test_an_owner_that_is_never_ready(
    handset: Handset, archive: PlanArchive, owners: set[int], setup: PhoneSetup
) -> None:
    require(CLIENT_4 in owners and handset.is_emulated, "owner whose executable is missing for certain")
    section = SECTIONS["ACTIVE_BACKUP_0040"]
    began = time_of(handset, setup)
    result = back_up(handset, archive, section._replace(expect=()))
    assert time_of(handset, setup) - began >= READY_TRIES * dt.timedelta(seconds=READY_PAUSE_S)
    assert result.failures == [f"never ready: {CLIENT_4} C EActiveBaseData"]
    assert result.states[CLIENT_4] == TDataOwnerStatus.EDataOwnerNotConnected


def test_a_registration_that_cannot_be_used(handset: Handset, archive: PlanArchive, setup: PhoneSetup) -> None:
    setup.register(SCRIPTED, INCREMENT_XML[:-10])
    result = back_up(handset, archive, SECTIONS["BACKUP_RESTORE_0075"])
    assert [failure.endswith("has no valid registration") for failure in result.failures] == [True]
    assert result.done == []


def test_increments_are_numbered_and_restored_in_their_order(
    handset: Handset, archive: PlanArchive, setup: PhoneSetup
) -> None:
    setup.register(SCRIPTED, INCREMENT_XML)
    section = SECTIONS["BACKUP_RESTORE_0090"]
    for content in (b"base", b"first", b"second"):
        setup.write(NEEDED, content)
        assert not back_up(handset, archive, section).failures
        pause(handset, 10)
    increment = on(C, SCRIPTED, DATA_TYPE.EPassiveIncrementalData)
    assert [path.name for path in archive.files(increment)] == ["increment001.bkp", "increment002.bkp"]
    result = RestoreStep(handset, archive, section).run()
    assert result.kinds(SCRIPTED)[-2:] == [DATA_TYPE.EPassiveIncrementalData] * 2
    assert handset.files.read(NEEDED) == b"second"


def test_what_a_script_sets_up_is_taken_away_again(handset: Handset, setup: PhoneSetup) -> None:
    there = handset.files.exists("C:\\set\\up")
    setup.write("C:\\set\\up\\file.txt", b"x")
    setup.set_read_only("C:\\set\\up\\file.txt")
    setup.undo()
    assert not handset.files.exists("C:\\set\\up\\file.txt")
    assert handset.files.exists("C:\\set\\up") == there


def test_an_error_that_is_not_expected(handset: Handset, archive: PlanArchive, setup: PhoneSetup) -> None:
    setup.register(SCRIPTED, INCREMENT_XML)
    setup.write(NEEDED, b"content")
    section = SECTIONS["BACKUP_RESTORE_0075"]
    assert not back_up(handset, archive, section).failures
    base = on(C, SCRIPTED, DATA_TYPE.EPassiveBaseData)
    (data,) = archive.files(base)
    cut_short = pack_section(archive.contents(base)[:-1])
    for content, code in ((cut_short, KErrUnderflow), (b"\1" * 40, KErrCorrupt)):
        data.write_bytes(content)
        (failure,) = RestoreStep(handset, archive, section).run().failures
        assert f"answered {code} " in failure
        tolerant = RestoreStep(handset, archive, section._replace(expect=(code,))).run()
        assert not tolerant.failures
        # What has spoilt the decoder spoils the next stream of the same owner as well (Q22).
        assert tolerant.tolerated == [code] * (2 if code == KErrCorrupt else 1)


def test_the_last_error_of_a_request_decides(handset: Handset, archive: PlanArchive, owners: set[int]) -> None:
    require(CLIENT_1 in owners, "reference client")
    # Asked for in normal, everything is -21.
    step = BackupStep(handset, archive, SECTIONS["ACTIVE_BACKUP_0010"])
    step.request([on(C, CLIENT_1, DATA_TYPE.EActiveBaseData)] * 2)
    assert len(step.result.failures) == 1
    tolerant = BackupStep(handset, archive, SECTIONS["ACTIVE_BACKUP_0010"]._replace(expect=(-21,)))
    tolerant.request([on(C, CLIENT_1, DATA_TYPE.EActiveBaseData)] * 2)
    assert tolerant.result.tolerated == [-21, -21]
    assert not tolerant.result.failures


def test_a_mode_that_cannot_be_entered_is_only_logged(handset: Handset, archive: PlanArchive) -> None:
    step = BackupStep(handset, archive, SECTIONS["BACKUP_RESTORE_0050"])
    with step.mode(BurMode(TBURPartType.EBURBackupFull)), step.mode(BurMode(TBURPartType.EBURBackupFull)):
        pass
    assert [text for text in step.result.logged if "-20" in text]
    assert handset.properties.mode().is_normal
