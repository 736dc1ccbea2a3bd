"""The scenarios of BE 16, step by step, with the suite's own test client on board."""

from __future__ import annotations

import pytest

from device_agent.emulator.owners.reference_client import INCREMENT_FILL
from device_agent.emulator.owners.reference_client import SNAPSHOT as CLIENTS_SNAPSHOT
from device_agent.emulator.profiles import find_profile
from tests.emulator.data.bench import Bench, C, code_of
from tests.emulator.engine.bench import (
    BACKUP,
    BASE,
    INCREMENT,
    NORMAL,
    NOT_CONNECTED,
    PARTIAL,
    PARTIAL_RESTORE,
    READY,
    RESTORE,
    SNAPSHOT,
)
from wire.formats.serialised import SidTransfer
from wire.symbian import (
    BACKUP_RESTORE_KEY,
    CENTRAL_REPOSITORY_SID,
    SYSTEM_CATEGORY,
    BurMode,
    SecureId,
    TBackupIncType,
    TDataOwnerStatus,
)
from wire.symbian_errors import KErrCorrupt, KErrNotReady

CLIENT = SecureId(0x0AB7E57C)
BASE_ONLY = SecureId(0x0AB7E57E)
PROXIED = SecureId(0x0AB7E57D)
B_DATA, I_DATA = b"\0\0\0\0" + b"B" * 8000, b"\0\0\0\0" + bytes([INCREMENT_FILL]) * 8000

SUITE = find_profile(
    "owners: [{on_board: abtestclient}, {on_board: abtestclient2}, {on_board: proxied}, "
    "{on_board: central-repository}]"
)


class Phone(Bench):
    """The suite's phone, and what its clients log."""

    def __init__(self) -> None:
        super().__init__(SUITE)
        self.phone.files.make_folder("C:\\logs\\connect\\")

    def change(self, part: int, increment: int = 0) -> None:
        self.client.set_bur_mode(frozenset({C}), BurMode(part, increment))

    def status(self, sid: SecureId = CLIENT) -> TDataOwnerStatus:
        return self.client.sid_status([sid])[0]

    @property
    def value(self) -> int:
        return self.phone.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)

    def callbacks(self) -> list[str]:
        """Callbacks of CLIENT since the last look, from its log."""
        path = "C:\\logs\\connect\\ABTestClient.txt"
        if not self.phone.files.exists(path):
            return []
        lines = self.phone.files.read(path).decode().splitlines()
        self.phone.files.delete(path)
        prefix = f"[0x{CLIENT:08x}]: CABDataOwnerCallbackImplementation::"
        own = [line.split("\t")[-1] for line in lines]
        names = [line.removeprefix(prefix) for line in own if line.startswith(prefix)]
        names += [line.split("::")[1] for line in own if line.startswith("CABData")]
        return [name.removesuffix("()") for name in names]

    def run(self) -> None:
        self.phone.scheduler.run_ready()


def transfer(data_type: int, sid: SecureId = CLIENT) -> SidTransfer:
    return SidTransfer(C, sid, data_type)


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.mark.rule("16.1/sequence", "5.2/before-property", "3/one-shot")
def test_a_base_backup_partial(phone: Phone) -> None:
    assert CLIENT in [info.sid for info in phone.client.list_data_owners()]
    phone.client.set_sid_list_for_partial([CLIENT])
    phone.change(PARTIAL, 0x100)
    assert phone.value == 0x104
    assert phone.status() == NOT_CONNECTED
    phone.run()
    assert phone.status() == READY
    phone.callbacks()
    assert phone.expected(transfer(BASE)) == 8000
    assert phone.request(transfer(BASE)) == B_DATA
    assert phone.expected(transfer(SNAPSHOT)) == 0
    assert phone.request(transfer(SNAPSHOT)) == CLIENTS_SNAPSHOT
    assert len(CLIENTS_SNAPSHOT) == 27
    assert phone.callbacks() == [
        "GetExpectedDataSize",
        "InitialiseGetBackupData",
        "GetBackupDataSectionL",
        "GetBackupDataSectionL",
        "GetSnapshotDataL",
    ]
    phone.change(NORMAL)
    assert phone.value == 1
    session = phone.engine.sessions.find(CLIENT)
    assert session is not None
    assert not session.valid
    phone.run()
    assert phone.engine.sessions.find(CLIENT) is None  # the owner has deleted its client


@pytest.mark.rule("16.1/sequence", "12.7/new-values")
def test_an_owner_that_runs_already_asks_and_confirms(phone: Phone) -> None:
    test_a_base_backup_partial(phone)
    phone.client.list_data_owners()
    phone.change(PARTIAL, 0x100)
    assert phone.status() == NOT_CONNECTED
    phone.run()
    assert phone.status() == READY
    assert phone.status(BASE_ONLY) == TDataOwnerStatus.EDataOwnerNotReady  # not on the list


@pytest.mark.rule("16.2/sequence")
def test_a_base_backup_full(phone: Phone) -> None:
    phone.client.list_data_owners()
    phone.change(BACKUP, 0x100)
    assert phone.value == 0x102
    phone.run()
    assert phone.status() == READY
    assert phone.request(transfer(BASE)) == B_DATA
    phone.change(NORMAL)
    assert phone.value == 1


@pytest.mark.rule("16.3/sequence", "Q31")
def test_an_incremental_backup(phone: Phone) -> None:
    phone.client.list_data_owners()
    phone.client.set_sid_list_for_partial([CLIENT, BASE_ONLY])
    phone.change(PARTIAL, TBackupIncType.EBackupIncrement)
    assert phone.value == 0x204
    phone.run()
    phone.callbacks()
    phone.supply(transfer(SNAPSHOT), CLIENTS_SNAPSHOT)
    phone.client.all_snapshots_supplied()
    assert phone.expected(transfer(INCREMENT)) == 8000
    assert phone.request(transfer(INCREMENT)) == I_DATA
    assert phone.request(transfer(SNAPSHOT)) == CLIENTS_SNAPSHOT
    assert phone.callbacks() == [
        "ReceiveSnapshotDataL",
        "AllSnapshotsSuppliedL",
        "GetExpectedDataSize",
        "InitialiseGetBackupData",
        "GetBackupDataSectionL",
        "GetBackupDataSectionL",
        "GetSnapshotDataL",
    ]
    # An owner without increments in the same session gives base data.
    assert phone.request(transfer(BASE, BASE_ONLY)) == B_DATA
    assert code_of(lambda: phone.request(transfer(BASE))) == KErrCorrupt
    phone.change(NORMAL)
    assert phone.value == 1


def restored(phone: Phone, *increments: bytes) -> None:
    """Steps 1 to 7 of BE 16.4, with increments behind them."""
    phone.client.set_sid_list_for_partial([CLIENT])
    phone.change(PARTIAL_RESTORE, 0x100)
    assert phone.value == 0x110
    assert phone.phone.processes.running(CLIENT) is None
    phone.client.all_system_files_restored()
    assert phone.status() == NOT_CONNECTED
    phone.run()
    assert phone.status() == READY
    phone.callbacks()
    phone.supply(transfer(SNAPSHOT), CLIENTS_SNAPSHOT)
    phone.supply(transfer(BASE), B_DATA)
    for increment in increments:
        phone.supply(transfer(INCREMENT), increment)


@pytest.mark.rule("16.4/sequence", "5.3/before-property")
def test_a_base_restore(phone: Phone) -> None:
    restored(phone)
    phone.change(NORMAL)
    assert phone.value == 1
    assert sorted(phone.callbacks()) == sorted(
        [
            "ReceiveSnapshotDataL",
            "InitialiseRestoreBaseDataL",
            "RestoreBaseDataSectionL",
            "RestoreBaseDataSectionL",
            "RestoreComplete",
        ]
    )


@pytest.mark.rule("16.5/sequence")
def test_increments_restored(phone: Phone) -> None:
    restored(phone, I_DATA, I_DATA)
    assert code_of(lambda: phone.supply(transfer(SNAPSHOT), CLIENTS_SNAPSHOT)) == KErrCorrupt
    phone.change(NORMAL)
    called = phone.callbacks()
    assert called.count("InitialiseRestoreIncrementDataL") == 2
    assert called.count("RestoreIncrementDataSectionL") == 4


@pytest.mark.rule("16.6/sequence")
def test_a_proxy(phone: Phone) -> None:
    phone.client.list_data_owners()
    phone.change(BACKUP, 0x100)
    phone.run()
    assert phone.status(PROXIED) == READY
    assert phone.expected(transfer(BASE, PROXIED)) == 0
    stream = phone.request(transfer(BASE, PROXIED))
    assert stream[:16] == bytes.fromhex("01000000 01000000") + (5000).to_bytes(4, "little") + bytes.fromhex(
        "E92B2010"
    )
    assert CENTRAL_REPOSITORY_SID.to_bytes(4, "little") == bytes.fromhex("E92B2010")
    assert len(stream) == 16 + 5000
    phone.change(NORMAL)
    phone.change(RESTORE, 0x100)
    phone.client.all_system_files_restored()
    phone.run()
    phone.supply(transfer(BASE, PROXIED), stream)
    repository = phone.phone.processes.running(CENTRAL_REPOSITORY_SID)
    assert repository is not None
    assert repository.settings == {PROXIED: stream[16:]}  # type: ignore[attr-defined]
    phone.change(NORMAL)


@pytest.mark.rule("16.7/not-ready", "16.7/normal")
def test_too_early(phone: Phone) -> None:
    phone.client.list_data_owners()
    phone.change(BACKUP)
    assert code_of(lambda: phone.request(transfer(SNAPSHOT))) == KErrNotReady
