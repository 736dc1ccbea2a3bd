"""test_activebackuprestore.script: data of owner processes, and through a proxy (Test plan 6.4).

The asynchronous half repeats the cases. On a phone the clients are the same processes then, and one that has seen
a snapshot answers 'I' for base data too; an emulated phone is as new for each test.
"""

from __future__ import annotations

from harness.handset import Handset
from tests.lab.public_plan.observed import EngineLog
from tests.lab.public_plan.plan import CLIENT_1, CLIENT_2, CLIENT_3, CLIENT_4, PROXIED, THREE_CLIENTS, Case, case
from tests.lab.public_plan.step_result import DATA_TYPE, on
from tests.lab.public_plan.suite import PublicSuite
from wire.symbian import CENTRAL_REPOSITORY_SID, Drive, SecureId, TDataOwnerStatus

C = Drive.parse("C")
BASE, SNAPSHOT, INCREMENT = (
    DATA_TYPE.EActiveBaseData,
    DATA_TYPE.EActiveSnapshotData,
    DATA_TYPE.EActiveIncrementalData,
)
READY = TDataOwnerStatus.EDataOwnerReady
NO_PROXIES = b"\0\0\0\0"

GIVEN = ("GetExpectedDataSize", "InitGetBackupData", "GetBackupDataSection", "GetBackupDataSection")
TAKEN = ("InitRestoreBaseData", "RestoreBaseDataSection", "RestoreBaseDataSection")


def fills(handset: Handset) -> set[bytes]:
    """What the clients' base data may consist of (Test plan 2.2)."""
    return {b"B"} if handset.is_emulated else {b"B", b"I"}


def assert_base_data(handset: Handset, suite: PublicSuite, sid: SecureId) -> None:
    data = suite.archive.contents(on(C, sid, BASE))
    assert data in {NO_PROXIES + fill * 8000 for fill in fills(handset)}


@case("ACTIVEBACKUP-0010", "ACTIVEBACKUP-ASYNC-0010")
def test_base_backup_of_three_clients(
    suite: PublicSuite, plan_case: Case, handset: Handset, log: EngineLog
) -> None:
    result = suite.run(plan_case)
    assert result.states == dict.fromkeys(THREE_CLIENTS, READY)
    # Descending SIDs, as the engine lists owners; only the first client has a snapshot.
    assert result.done == [
        on(C, CLIENT_3, BASE),
        on(C, CLIENT_2, BASE),
        on(C, CLIENT_1, BASE),
        on(C, CLIENT_1, SNAPSHOT),
    ]
    assert [result.sizes[transfer] for transfer in result.done] == [8000, 8000, 8000, 0]
    for sid in THREE_CLIENTS:
        assert_base_data(handset, suite, sid)
    assert suite.archive.contents(on(C, CLIENT_1, SNAPSHOT)) == b"Active Backup Test Snapshot"
    log.assert_callbacks(CLIENT_1, *GIVEN, "GetSnapshotData")
    changes = handset.mode_changes.changes
    handset.connection.wait_until(lambda: len(changes) >= 2, 5)
    assert [change.value for change in changes][-2:] == [0x104, 0x001]


@case("ACTIVEBACKUP-0020", "ACTIVEBACKUP-ASYNC-0020")
def test_backup_through_a_proxy(suite: PublicSuite, plan_case: Case, log: EngineLog) -> None:
    result = suite.run(plan_case)
    if result.tolerated:
        assert result.tolerated == [-1]  # this phone has no such proxy running
        return
    suite.require_owner(PROXIED)
    data = suite.archive.contents(on(C, PROXIED, BASE))
    # One proxy, finished, so many bytes, its SID.
    assert data[:8] == b"\1\0\0\0\1\0\0\0"
    assert int.from_bytes(data[8:12], "little") == len(data) - 16
    assert data[12:16] == CENTRAL_REPOSITORY_SID.to_bytes(4, "little")
    if log.is_written:
        calls = log.callbacks(CENTRAL_REPOSITORY_SID)
        assert calls[0] == "InitGetProxyBackupData"
        assert set(calls[1:]) == {"GetBackupDataSection"}


@case("ACTIVEBACKUP-0030", "ACTIVEBACKUP-ASYNC-0030")
def test_incremental_backup(suite: PublicSuite, plan_case: Case, log: EngineLog) -> None:
    suite.backup_first("ACTIVE_BACKUP_0010")
    log.begin()
    result = suite.run(plan_case)
    assert result.kinds(CLIENT_1) == [SNAPSHOT, INCREMENT, SNAPSHOT]
    assert suite.archive.contents(on(C, CLIENT_1, INCREMENT)) == NO_PROXIES + b"I" * 8000
    assert [path.name for path in suite.archive.files(on(C, CLIENT_1, INCREMENT))] == ["increment001.bkp"]
    log.assert_callbacks(CLIENT_1, "ReceiveSnapshotData", "AllSnapshotsSuppliedL", *GIVEN, "GetSnapshotData")


@case("ACTIVEBACKUP-0040", "ACTIVEBACKUP-ASYNC-0040")
def test_backup_of_an_owner_whose_executable_is_missing(suite: PublicSuite, plan_case: Case) -> None:
    result = suite.run(plan_case)
    suite.require_owner(CLIENT_4)
    active = [kind for kind in result.kinds(CLIENT_4) if kind in {BASE, SNAPSHOT, INCREMENT}]
    if result.states[CLIENT_4] == TDataOwnerStatus.EDataOwnerNotConnected:
        assert active == []  # Q16: a process that did not start is only not connected
    else:
        assert active == [BASE]  # on a phone that has it: an ordinary base backup


@case("ACTIVERESTORE-0010", "ACTIVERESTORE-ASYNC-0010")
def test_base_restore_of_three_clients(
    suite: PublicSuite, plan_case: Case, handset: Handset, log: EngineLog
) -> None:
    suite.backup_first("ACTIVE_BACKUP_0010")
    log.begin()
    result = suite.run(plan_case)
    # The snapshot comes before the data; RestoreComplete once for each drive of the phone.
    assert result.kinds(CLIENT_1) == [SNAPSHOT, BASE]
    log.assert_callbacks(CLIENT_1, "ReceiveSnapshotData", *TAKEN, "RestoreComplete")
    for sid in (CLIENT_2, CLIENT_3):
        assert result.kinds(sid) == [BASE]
        log.assert_callbacks(sid, *TAKEN, "RestoreComplete")
    for sid in THREE_CLIENTS:
        received = [line for line in log.client_lines() if line.startswith(f"[0x{sid:08x}]: Received data : ")]
        assert received in [[f"[0x{sid:08x}]: Received data : 8000 {fill.decode()}'s"] for fill in fills(handset)]
    if log.is_written:
        lines = log.lines()
        last_complete = max(i for i, line in enumerate(lines) if line.endswith("Calling RestoreComplete"))
        last_flag = max(i for i, line in enumerate(lines) if "Setting P&S flag to BURType (0x00000001)" in line)
        assert last_complete < last_flag  # the property changes only after that


@case("ACTIVERESTORE-0020", "ACTIVERESTORE-ASYNC-0020")
def test_restore_through_a_proxy(suite: PublicSuite, plan_case: Case, log: EngineLog) -> None:
    backup = suite.backup_first("ACTIVE_BACKUP_0020")
    log.begin()
    result = suite.run(plan_case)
    if backup.tolerated or result.tolerated:
        assert set(result.tolerated) <= {-1, -18}
        return
    suite.require_owner(PROXIED)
    assert result.kinds(PROXIED) == [BASE]
    if log.is_written:
        calls = log.callbacks(CENTRAL_REPOSITORY_SID)
        assert calls[0] == "InitRestoreProxyBaseData"
        assert "RestoreBaseDataSection" in calls
        assert calls[-1] == "RestoreComplete"  # as an owner in its own right


@case("ACTIVERESTORE-0030", "ACTIVERESTORE-ASYNC-0030")
def test_restore_of_base_and_increment(suite: PublicSuite, plan_case: Case, log: EngineLog) -> None:
    suite.backup_first("ACTIVE_BACKUP_0010")
    suite.backup_first("ACTIVE_BACKUP_0030")
    log.begin()
    result = suite.run(plan_case)
    assert result.kinds(CLIENT_1) == [SNAPSHOT, BASE, INCREMENT]
    log.assert_callbacks(
        CLIENT_1,
        "ReceiveSnapshotData",
        *TAKEN,
        "InitRestoreIncrementData",
        "RestoreIncrementData",
        "RestoreIncrementData",
        "RestoreComplete",
    )


@case("ACTIVERESTORE-0040", "ACTIVERESTORE-ASYNC-0040")
def test_restore_of_an_owner_whose_executable_is_missing(suite: PublicSuite, plan_case: Case) -> None:
    backup = suite.backup_first("ACTIVE_BACKUP_0040")
    result = suite.run(plan_case)
    # With nothing archived for it nothing is supplied.
    if BASE not in backup.kinds(CLIENT_4):
        assert BASE not in result.kinds(CLIENT_4)
