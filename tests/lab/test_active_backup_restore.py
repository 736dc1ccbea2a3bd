"""ACTIVE_BACKUP and ACTIVE_RESTORE 0010 to 0040 of the public suite, and what the suite itself does not check.

Each case stands alone: a restore first makes the backup that it restores.
"""

from __future__ import annotations

import re

import pytest

from harness.archive import BackupSet
from harness.handset import Handset
from harness.log.collect import SecureBackupLog
from tests.lab.public_suite import (
    BASE,
    CLIENT_1,
    CLIENT_2,
    CLIENT_3,
    CLIENT_4,
    INCREMENT,
    PROXIED,
    SNAPSHOT,
    C,
    Section,
    Suite,
)
from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId, TDataOwnerStatus

BACKUP_0010 = Section((CLIENT_1, CLIENT_2, CLIENT_3))
BACKUP_0020 = Section((PROXIED,), expect=(-1,))
BACKUP_0030 = Section((CLIENT_1,), incremental=True)
BACKUP_0040 = Section((CLIENT_4,), incremental=True, expect=(5,))
RESTORE_0020 = Section((PROXIED,), expect=(-1, -18))
RESTORE_0030 = BACKUP_0030
RESTORE_0040 = BACKUP_0040

READY = TDataOwnerStatus.EDataOwnerReady


def case(name: str) -> pytest.MarkDecorator:
    """Both forms of a case, each under its own id of the suite."""
    backup_or_restore, number = name.split("-")
    return pytest.mark.parametrize(
        "asynchronous",
        [
            pytest.param(False, id="sync", marks=pytest.mark.case(f"MTP-SBE-{backup_or_restore}-{number}")),
            pytest.param(True, id="async", marks=pytest.mark.case(f"MTP-SBE-{backup_or_restore}-ASYNC-{number}")),
        ],
        indirect=True,
    )


@pytest.fixture
def asynchronous(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def suite(handset: Handset, backup_set: BackupSet, asynchronous: bool) -> Suite:
    return Suite(handset, backup_set, asynchronous=asynchronous)


def callbacks_in(log: SecureBackupLog, sid: SecureId, name: str = "securebackup.txt") -> list[str]:
    """The callbacks that the engine says it made to an owner, in order."""
    pattern = re.compile(rf"CABSession::MakeCallback\w+\(\) - \[0x{sid:08x}\] Calling (\w+)")
    return [match[1] for line in log.messages(name) if (match := pattern.fullmatch(line))]


def content(archive: BackupSet, sid: SecureId, data_type: object = BASE) -> bytes:
    """An owner's newest data of a kind, unpacked; with the proxy count in front for active data."""
    assert data_type in {BASE, INCREMENT, SNAPSHOT}
    return archive.contents(archive.newest(sid, C, data_type))  # type: ignore[arg-type]


@case("ACTIVEBACKUP-0010")
def test_base_backup_of_three_clients(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    result = suite.backup(BACKUP_0010)
    assert not result.failures
    assert result.states == {CLIENT_1: READY, CLIENT_2: READY, CLIENT_3: READY}
    # Descending SIDs, as the engine lists owners; only the first client has a snapshot.
    assert result.transferred == [
        (CLIENT_3, BASE),
        (CLIENT_2, BASE),
        (CLIENT_1, BASE),
        (CLIENT_1, SNAPSHOT),
    ]
    assert result.sizes == {
        (CLIENT_3, BASE): 8000,
        (CLIENT_2, BASE): 8000,
        (CLIENT_1, BASE): 8000,
        (CLIENT_1, SNAPSHOT): 0,
    }
    for sid in BACKUP_0010.ids:
        assert content(suite.archive, sid) == b"\0\0\0\0" + b"B" * 8000
    assert content(suite.archive, CLIENT_1, SNAPSHOT) == b"Active Backup Test Snapshot"
    assert callbacks_in(securebackup_log, CLIENT_1) == [
        "GetExpectedDataSize",
        "InitGetBackupData",
        "GetBackupDataSection",
        "GetBackupDataSection",
        "GetSnapshotData",
    ]


@case("ACTIVEBACKUP-0010")
def test_the_property_shows_the_mode_and_goes_back(suite: Suite) -> None:
    suite.backup(BACKUP_0010)
    suite.handset.connection.wait_until(lambda: len(suite.handset.mode_changes.changes) >= 2, 5)
    assert [change.value for change in suite.handset.mode_changes.changes][-2:] == [0x104, 0x001]


@case("ACTIVEBACKUP-0020")
def test_backup_through_a_proxy(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    result = suite.backup(BACKUP_0020)
    assert not result.failures
    if result.tolerated:
        assert result.tolerated == [-1]  # this phone has no such proxy running
        return
    data = content(suite.archive, PROXIED)
    assert data[:8] == b"\1\0\0\0\1\0\0\0"
    assert int.from_bytes(data[8:12], "little") == len(data) - 16
    assert data[12:16] == CENTRAL_REPOSITORY_SID.to_bytes(4, "little")
    calls = callbacks_in(securebackup_log, CENTRAL_REPOSITORY_SID)
    assert calls[0] == "InitGetProxyBackupData"
    assert set(calls[1:]) == {"GetBackupDataSection"}


@case("ACTIVEBACKUP-0030")
def test_incremental_backup(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    assert not suite.backup(BACKUP_0010).failures
    before = len(callbacks_in(securebackup_log, CLIENT_1))
    result = suite.backup(BACKUP_0030)
    assert not result.failures
    assert content(suite.archive, CLIENT_1, INCREMENT) == b"\0\0\0\0" + b"I" * 8000
    assert [key.number for key in suite.archive.increments(CLIENT_1, C, INCREMENT)] == [1]
    assert callbacks_in(securebackup_log, CLIENT_1)[before:] == [
        "ReceiveSnapshotData",
        "AllSnapshotsSuppliedL",
        "GetExpectedDataSize",
        "InitGetBackupData",
        "GetBackupDataSection",
        "GetBackupDataSection",
        "GetSnapshotData",
    ]


@case("ACTIVEBACKUP-0040")
def test_backup_of_an_owner_whose_executable_is_missing(suite: Suite) -> None:
    result = suite.backup(BACKUP_0040)
    assert not result.failures
    if result.states[CLIENT_4] == TDataOwnerStatus.EDataOwnerNotConnected:
        assert not result.transferred  # Q16: a process that did not start is only not connected
    else:
        assert result.transferred == [(CLIENT_4, BASE)]  # on a phone that has it: an ordinary base backup


@case("ACTIVERESTORE-0010")
def test_base_restore_of_three_clients(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    assert not suite.backup(BACKUP_0010).failures
    before = {sid: len(callbacks_in(securebackup_log, sid)) for sid in BACKUP_0010.ids}
    result = suite.restore(BACKUP_0010)
    assert not result.failures
    restored = ["InitRestoreBaseData", "RestoreBaseDataSection", "RestoreBaseDataSection", "RestoreComplete"]
    for sid in (CLIENT_2, CLIENT_3):
        assert callbacks_in(securebackup_log, sid)[before[sid] :] == restored
    # The snapshot comes before the data; RestoreComplete once for each drive of the phone.
    assert callbacks_in(securebackup_log, CLIENT_1)[before[CLIENT_1] :] == ["ReceiveSnapshotData", *restored]


@case("ACTIVERESTORE-0010")
def test_restore_complete_comes_before_the_property_changes(
    suite: Suite, securebackup_log: SecureBackupLog
) -> None:
    assert not suite.backup(BACKUP_0010).failures
    assert not suite.restore(BACKUP_0010).failures
    messages = securebackup_log.messages()
    last_complete = max(i for i, line in enumerate(messages) if line.endswith("Calling RestoreComplete"))
    last_flag = max(i for i, line in enumerate(messages) if "Setting P&S flag to BURType (0x00000001)" in line)
    assert last_complete < last_flag


@case("ACTIVERESTORE-0010")
def test_the_client_received_what_it_had_given(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    assert not suite.backup(BACKUP_0010).failures
    assert not suite.restore(BACKUP_0010).failures
    for sid in BACKUP_0010.ids:
        assert f"[0x{sid:08x}]: Received data : 8000 B's" in securebackup_log.messages("ABTestClient.txt")


@case("ACTIVERESTORE-0020")
def test_restore_through_a_proxy(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    backup = suite.backup(BACKUP_0020)
    before = len(callbacks_in(securebackup_log, CENTRAL_REPOSITORY_SID))
    result = suite.restore(RESTORE_0020)
    assert not result.failures
    if backup.tolerated or result.tolerated:
        assert set(result.tolerated) <= {-1, -18}
        return
    calls = callbacks_in(securebackup_log, CENTRAL_REPOSITORY_SID)[before:]
    assert calls[0] == "InitRestoreProxyBaseData"
    assert "RestoreBaseDataSection" in calls
    assert calls[-1] == "RestoreComplete"  # as an owner in its own right


@case("ACTIVERESTORE-0030")
def test_restore_of_base_and_increment(suite: Suite, securebackup_log: SecureBackupLog) -> None:
    assert not suite.backup(BACKUP_0010).failures
    assert not suite.backup(BACKUP_0030).failures
    before = len(callbacks_in(securebackup_log, CLIENT_1))
    result = suite.restore(RESTORE_0030)
    assert not result.failures
    assert callbacks_in(securebackup_log, CLIENT_1)[before:] == [
        "ReceiveSnapshotData",
        "InitRestoreBaseData",
        "RestoreBaseDataSection",
        "RestoreBaseDataSection",
        "InitRestoreIncrementData",
        "RestoreIncrementData",
        "RestoreIncrementData",
        "RestoreComplete",
    ]


@case("ACTIVERESTORE-0040")
def test_restore_of_an_owner_whose_executable_is_missing(suite: Suite) -> None:
    assert not suite.backup(BACKUP_0040).failures
    result = suite.restore(RESTORE_0040)
    assert not result.failures
