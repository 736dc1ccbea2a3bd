"""test_backupinvalid.script: what is not there, and what is read-only (Test plan 6.3)."""

from __future__ import annotations

from harness.handset import Handset
from tests.lab.public_plan.observed import EngineLog
from tests.lab.public_plan.phone_setup import PhoneSetup
from tests.lab.public_plan.plan import CLIENT_1, MISSING_FOLDER, SCRIPTED, Case, case
from tests.lab.public_plan.registrations import INCREMENT_XML, INVALID_PROXY_XML, MISSING_FOLDER_XML
from tests.lab.public_plan.step_result import DATA_TYPE, on
from tests.lab.public_plan.suite import PublicSuite
from tests.passive_streams import records_in
from wire.symbian import Drive, TDataOwnerStatus
from wire.symbian_errors import KErrAccessDenied

C = Drive.parse("C")
BASE, SNAPSHOT = DATA_TYPE.EPassiveBaseData, DATA_TYPE.EPassiveSnapshotData
NEEDED = f"C:{SCRIPTED.private_directory}needbackup.xml"


@case("BACKUPINVALIDIDS-0000")
def test_an_id_that_is_not_on_the_phone(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    result = suite.run(plan_case)
    assert result.partial_list == ()
    assert result.chosen == []
    assert result.done == []
    changes = handset.mode_changes.changes
    handset.connection.wait_until(lambda: len(changes) >= 2, 5)
    assert [change.value for change in changes][-2:] == [0x104, 0x001]


@case("BACKUPINVALIDDRIVE-0001")
def test_a_drive_that_the_owner_does_not_have(suite: PublicSuite, plan_case: Case, log: EngineLog) -> None:
    result = suite.run(plan_case)
    # Only drives that the owner reports are asked for, so the engine has no reason for its -1.
    assert result.done == []
    assert result.tolerated == []
    assert not result.states
    suite.require_owner(CLIENT_1)
    assert result.partial_list == (CLIENT_1,)
    log.assert_callbacks(CLIENT_1)


@case("BACKUPINVALIDDIR-0002")
def test_a_registered_folder_that_does_not_exist(
    suite: PublicSuite, plan_case: Case, handset: Handset, setup: PhoneSetup
) -> None:
    setup.register(MISSING_FOLDER, MISSING_FOLDER_XML)
    result = suite.run(plan_case)
    assert result.kinds(MISSING_FOLDER) == [BASE]
    # Nothing at all is not wrapped either, so there is no file in the archive.
    assert result.bytes_done[on(C, MISSING_FOLDER, BASE)] == 0
    assert suite.archive.files(on(C, MISSING_FOLDER, BASE)) == []
    assert not handset.files.exists(f"C:{MISSING_FOLDER.private_directory}preserve")


@case("BACKUPINVALIDPROXY-0003")
def test_a_proxy_that_is_not_registered(suite: PublicSuite, plan_case: Case, setup: PhoneSetup) -> None:
    setup.register(SCRIPTED, INVALID_PROXY_XML)
    result = suite.run(plan_case)
    assert result.states == {SCRIPTED: TDataOwnerStatus.EDataOwnerNotFound}
    assert result.partial_list == (SCRIPTED,)
    # Proxies make it active and its databases passive; of the passive part there is nothing.
    assert result.kinds(SCRIPTED) == [BASE, SNAPSHOT]
    assert [size for transfer, size in result.bytes_done.items() if transfer.drive == C] == [0, 0]


def install_read_only(setup: PhoneSetup) -> None:
    """A read-only copy of the registration file is what is to be backed up."""
    setup.register(SCRIPTED, INCREMENT_XML)
    setup.write(NEEDED, INCREMENT_XML)
    setup.set_read_only(NEEDED)


@case("BACKUPREADONLY-0004")
def test_a_read_only_file_is_backed_up(suite: PublicSuite, plan_case: Case, setup: PhoneSetup) -> None:
    install_read_only(setup)
    result = suite.run(plan_case)
    assert result.kinds(SCRIPTED) == [BASE, SNAPSHOT]
    files = records_in(suite.archive.contents(on(C, SCRIPTED, BASE)))
    assert {path.lower(): content for path, content in files.items()} == {NEEDED.lower(): INCREMENT_XML}


@case("RESTOREREADONLY-0005")
def test_a_restore_over_a_read_only_file(
    suite: PublicSuite, plan_case: Case, handset: Handset, setup: PhoneSetup
) -> None:
    install_read_only(setup)
    suite.backup_first("BACKUP_RESTORE_0075")
    setup.set_read_only(NEEDED, read_only=False)
    setup.write(NEEDED, b"changed after the backup")
    setup.set_read_only(NEEDED)
    result = suite.run(plan_case)
    # -21 in the first public version of the engine, replaced in later ones.
    if result.tolerated:
        assert result.tolerated == [KErrAccessDenied]
        assert result.kinds(SCRIPTED) == [SNAPSHOT]
        assert handset.files.read(NEEDED) == b"changed after the backup"
    else:
        assert result.kinds(SCRIPTED) == [SNAPSHOT, BASE]
        assert handset.files.read(NEEDED) == INCREMENT_XML
    assert handset.files.stat(NEEDED).attributes & 1
