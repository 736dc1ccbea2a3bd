"""INC_BACKUP_RESTORE 0010 and 0020 of the public suite: base and increment of three clients together."""

from __future__ import annotations

import pytest

from harness.archive import BackupSet
from harness.handset import Handset
from harness.log.collect import SecureBackupLog
from tests.lab.public_suite import BASE, CLIENT_1, CLIENT_2, CLIENT_3, INCREMENT, SNAPSHOT, Section, Suite
from tests.lab.test_active_backup_restore import callbacks_in, content

THREE = (CLIENT_1, CLIENT_2, CLIENT_3)
INC_0010 = Section(THREE)
INC_0020 = Section(THREE, incremental=True)


@pytest.fixture
def suite(handset: Handset, backup_set: BackupSet) -> Suite:
    return Suite(handset, backup_set)


@pytest.mark.case("MTP-SBE-ACTIVEBASEBACKUP-0040")
def test_base_backup(suite: Suite) -> None:
    result = suite.backup(INC_0010)
    assert not result.failures
    assert {sid for sid, kind in result.transferred if kind == BASE} == set(THREE)


@pytest.mark.case("MTP-SBE-ACTIVEINCBACKUP-0050")
def test_incremental_backup_falls_back_to_base_for_clients_without_increments(suite: Suite) -> None:
    assert not suite.backup(INC_0010).failures
    result = suite.backup(INC_0020)
    assert not result.failures
    data = [(sid, kind) for sid, kind in result.transferred if kind in {BASE, INCREMENT}]
    assert data == [(CLIENT_3, BASE), (CLIENT_2, BASE), (CLIENT_1, INCREMENT)]
    assert (CLIENT_1, SNAPSHOT) in result.transferred
    assert content(suite.archive, CLIENT_1, INCREMENT) == b"\0\0\0\0" + b"I" * 8000
    assert content(suite.archive, CLIENT_2) == b"\0\0\0\0" + b"B" * 8000


@pytest.mark.case("MTP-SBE-ACTIVEBASERESTORE-0060")
def test_base_restore(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    assert not suite.backup(INC_0010).failures
    result = suite.restore(INC_0010)
    assert not result.failures
    for sid in THREE:
        assert callbacks_in(securebackup_log, sid)[-1] == "RestoreComplete"


@pytest.mark.case("MTP-SBE-ACTIVEINCRESTORE-0070")
def test_restore_of_base_and_increment(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    assert not suite.backup(INC_0010).failures
    assert not suite.backup(INC_0020).failures
    before = {sid: len(callbacks_in(securebackup_log, sid)) for sid in THREE}
    result = suite.restore(INC_0020)
    assert not result.failures
    first = callbacks_in(securebackup_log, CLIENT_1)[before[CLIENT_1] :]
    assert first.index("InitRestoreBaseData") < first.index("InitRestoreIncrementData")
    for sid in (CLIENT_2, CLIENT_3):
        assert "InitRestoreIncrementData" not in callbacks_in(securebackup_log, sid)[before[sid] :]
