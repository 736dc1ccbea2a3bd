"""Data owners written in Python take part in a backup on the phone, callback by callback."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from harness.archive import BackupSet
from harness.backup import BackupRun, RestoreRun
from harness.data_owner import Slot
from harness.errors import EngineError, Misuse
from harness.handset import Handset
from tests.lab.owners import LeavingOwner, NotebookOwner, ProxyOwner
from wire.formats.container import unpack_sections
from wire.symbian import AbCallback, Drive, TDataOwnerStatus, TTransferDataType
from wire.symbian_errors import KErrAbort, KErrDiskFull, KErrGeneral

C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData
INCREMENT = TTransferDataType.EActiveIncrementalData
SNAPSHOT = TTransferDataType.EActiveSnapshotData

Attach = Callable[..., Slot]
Backup = Callable[..., BackupRun]
Restore = Callable[..., RestoreRun]

BIG = random.Random(20261124).randbytes(70_001)


def owner_data(sections: bytes) -> bytes:
    """The owner's own bytes in an active stream without proxies."""
    data = b"".join(unpack_sections(sections))
    assert data[:4] == b"\0\0\0\0"
    return data[4:]


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 8000, len(BIG)])
def test_content_comes_back_byte_for_byte(
    size: int, data_owner: Attach, backup_run: Backup, restore_run: Restore, backup_set: BackupSet
) -> None:
    content = BIG[:size]
    owner = NotebookOwner(content)
    slot = data_owner(owner)
    with backup_run(partial=[slot.sid], backup_set=backup_set) as run:
        run.wait_ready(slot.sid)
        assert run.expected_size(slot.sid, C, BASE) == size
        key = run.store(slot.sid, C, BASE)
    assert owner_data(backup_set.read(key)) == content
    backup_set.verify()
    with restore_run(partial=[slot.sid]) as restore:
        restore.all_system_files_restored()
        restore.wait_ready(slot.sid)
        restore.supply(slot.sid, C, BASE, backup_set.sections(key))
    # Owner data of no length causes no callback at all on the way back (BE 11.4).
    assert owner.restored == ([content] if content else [])


def test_the_callbacks_of_a_base_backup_and_their_arguments(data_owner: Attach, backup_run: Backup) -> None:
    owner = NotebookOwner(b"B" * 8000)
    slot = data_owner(owner)
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        run.expected_size(slot.sid, C, BASE)
        run.request(slot.sid, C, BASE)
        run.request(slot.sid, C, SNAPSHOT)
    assert [str(call) for call in owner.calls] == [
        "GetExpectedDataSize(drive=C)",
        "InitialiseGetBackupDataL(drive=C)",
        "GetBackupDataSectionL(size=4096)",
        "GetBackupDataSectionL(size=4096)",
        # The library passes the size of its buffer where a drive should be (Q28).
        "GetSnapshotDataL(drive_argument=4096, size=4096)",
    ]


def test_the_pieces_of_a_large_restore(
    data_owner: Attach, backup_run: Backup, restore_run: Restore, backup_set: BackupSet
) -> None:
    owner = NotebookOwner(BIG)
    slot = data_owner(owner)
    with backup_run(partial=[slot.sid], backup_set=backup_set) as run:
        run.wait_ready(slot.sid)
        key = run.store(slot.sid, C, BASE)
    owner.calls.clear()
    with restore_run(partial=[slot.sid]) as restore:
        restore.all_system_files_restored()
        restore.wait_ready(slot.sid)
        restore.supply(slot.sid, C, BASE, backup_set.sections(key))
    sizes = [c.detail["size"] for c in owner.calls if c.callback == AbCallback.RestoreBaseDataSectionL]
    flags = [c.detail["finished"] for c in owner.calls if c.callback == AbCallback.RestoreBaseDataSectionL]
    # Blocks of 65536 decompressed bytes, the first of which begins with the proxy count (BE 13.2).
    assert sizes == [4096] * 15 + [4092] + [4096] + [len(BIG) - 65532 - 4096]
    assert flags == [False] * (len(sizes) - 1) + [True]
    assert owner.callbacks[0] == AbCallback.InitialiseRestoreBaseDataL
    assert owner.callbacks[-1] == AbCallback.RestoreComplete


def test_an_incremental_backup_and_its_restore(
    data_owner: Attach, backup_run: Backup, restore_run: Restore, backup_set: BackupSet
) -> None:
    owner = NotebookOwner(b"first" * 1000, increment=b"second" * 900)
    slot = data_owner(owner)
    with backup_run(partial=[slot.sid], backup_set=backup_set) as run:
        run.wait_ready(slot.sid)
        base = run.store(slot.sid, C, BASE)
        snapshot = run.store(slot.sid, C, SNAPSHOT)
    with backup_run(partial=[slot.sid], incremental=True, backup_set=backup_set) as run:
        run.wait_ready(slot.sid)
        run.supply_snapshot(slot.sid, C, backup_set.sections(snapshot))
        run.all_snapshots_supplied()
        increment = run.store(slot.sid, C, INCREMENT)
    assert owner.received_snapshot == owner.snapshot
    assert AbCallback.AllSnapshotsSuppliedL in owner.callbacks
    assert owner_data(backup_set.read(increment)) == owner.increment
    with restore_run(partial=[slot.sid], incremental=True) as restore:
        restore.all_system_files_restored()
        restore.wait_ready(slot.sid)
        restore.supply(slot.sid, C, SNAPSHOT, backup_set.sections(snapshot))
        restore.supply(slot.sid, C, BASE, backup_set.sections(base))
        restore.supply(slot.sid, C, INCREMENT, backup_set.sections(increment))
    assert owner.restored == [owner.content, owner.increment]


def test_a_proxy_keeps_the_data_of_another_owner(
    handset: Handset, data_owner: Attach, backup_run: Backup, restore_run: Restore, backup_set: BackupSet
) -> None:
    # The fourth slot's registration names the third as its proxy.
    third, fourth = handset.info.owner_slots[2], handset.info.owner_slots[3]
    proxy = ProxyOwner(b"my own", b"kept for the fourth" * 300)
    owner = NotebookOwner(b"the fourth's own" * 200)
    data_owner(proxy, third)
    data_owner(owner, fourth)
    with backup_run(partial=[third, fourth], backup_set=backup_set) as run:
        run.wait_ready(third, fourth)
        key = run.store(fourth, C, BASE)
    data = backup_set.contents(key)
    record = b"\1\0\0\0" + len(proxy.proxied_content).to_bytes(4, "little") + third.to_bytes(4, "little")
    assert data == b"\1\0\0\0" + record + proxy.proxied_content + owner.content
    with restore_run(partial=[third, fourth]) as restore:
        restore.all_system_files_restored()
        restore.wait_ready(third, fourth)
        restore.supply(fourth, C, BASE, backup_set.sections(key))
    assert proxy.restored == [proxy.proxied_content]
    assert owner.restored == [owner.content]
    assert AbCallback.InitialiseGetProxyBackupDataL in proxy.callbacks
    assert AbCallback.InitialiseRestoreProxyBaseDataL in proxy.callbacks


class TestLeaves:
    """A Leave in a callback reaches the other side as section 15.1 says."""

    CODE = KErrDiskFull

    @pytest.mark.parametrize(
        ("callback", "nth"),
        [
            (AbCallback.InitialiseGetBackupDataL, 1),
            (AbCallback.GetBackupDataSectionL, 1),
            (AbCallback.GetBackupDataSectionL, 2),
        ],
    )
    def test_in_a_backup(self, callback: AbCallback, nth: int, data_owner: Attach, backup_run: Backup) -> None:
        slot = data_owner(LeavingOwner(callback, self.CODE, nth=nth))
        with backup_run(partial=[slot.sid]) as run:
            run.wait_ready(slot.sid)
            with pytest.raises(EngineError) as caught:
                run.request(slot.sid, C, BASE)
            assert caught.value.code == self.CODE

    def test_in_a_snapshot(self, data_owner: Attach, backup_run: Backup) -> None:
        slot = data_owner(LeavingOwner(AbCallback.GetSnapshotDataL, self.CODE))
        with backup_run(partial=[slot.sid]) as run:
            run.wait_ready(slot.sid)
            with pytest.raises(EngineError) as caught:
                run.request(slot.sid, C, SNAPSHOT)
            assert caught.value.code == self.CODE
            assert run.request(slot.sid, C, BASE)  # the session stays usable

    def test_while_a_snapshot_is_received(
        self, data_owner: Attach, backup_run: Backup, backup_set: BackupSet
    ) -> None:
        slot = data_owner(LeavingOwner(AbCallback.ReceiveSnapshotDataL, self.CODE))
        with backup_run(partial=[slot.sid], backup_set=backup_set) as run:
            run.wait_ready(slot.sid)
            snapshot = run.store(slot.sid, C, SNAPSHOT)
        with backup_run(partial=[slot.sid], incremental=True) as run:
            run.wait_ready(slot.sid)
            with pytest.raises(EngineError) as caught:
                run.supply_snapshot(slot.sid, C, backup_set.sections(snapshot))
            assert caught.value.code == self.CODE

    def test_from_all_snapshots_supplied_is_not_heard(self, data_owner: Attach, backup_run: Backup) -> None:
        owner = LeavingOwner(AbCallback.AllSnapshotsSuppliedL, self.CODE)
        slot = data_owner(owner)
        with backup_run(partial=[slot.sid], incremental=True) as run:
            run.wait_ready(slot.sid)
            run.all_snapshots_supplied()
        assert owner.callbacks == [AbCallback.AllSnapshotsSuppliedL]

    def test_from_get_expected_data_size_is_not_heard(self, data_owner: Attach, backup_run: Backup) -> None:
        slot = data_owner(LeavingOwner(AbCallback.GetExpectedDataSize, self.CODE))
        with backup_run(partial=[slot.sid]) as run:
            run.wait_ready(slot.sid)
            run.expected_size(slot.sid, C, BASE)  # the number is undefined, an error it is not
            assert run.request(slot.sid, C, BASE)

    @pytest.mark.parametrize(
        ("callback", "nth"),
        [
            (AbCallback.InitialiseRestoreBaseDataL, 1),
            (AbCallback.RestoreBaseDataSectionL, 1),
            (AbCallback.RestoreBaseDataSectionL, 3),
        ],
    )
    def test_in_a_restore(
        self,
        callback: AbCallback,
        nth: int,
        data_owner: Attach,
        backup_run: Backup,
        restore_run: Restore,
        backup_set: BackupSet,
    ) -> None:
        owner = LeavingOwner(callback, self.CODE, nth=nth)
        slot = data_owner(owner)
        with backup_run(partial=[slot.sid], backup_set=backup_set) as run:
            run.wait_ready(slot.sid)
            key = run.store(slot.sid, C, BASE)
        with restore_run(partial=[slot.sid]) as restore:
            restore.all_system_files_restored()
            restore.wait_ready(slot.sid)
            with pytest.raises(EngineError) as caught:
                restore.supply(slot.sid, C, BASE, backup_set.sections(key))
            assert caught.value.code == self.CODE
        assert owner.callbacks.count(callback) == nth  # the remaining pieces are dropped

    @pytest.mark.parametrize(
        "callback", [AbCallback.InitialiseRestoreIncrementDataL, AbCallback.RestoreIncrementDataSectionL]
    )
    def test_in_the_restore_of_an_increment(
        self,
        callback: AbCallback,
        data_owner: Attach,
        backup_run: Backup,
        restore_run: Restore,
        backup_set: BackupSet,
    ) -> None:
        slot = data_owner(LeavingOwner(callback, self.CODE))
        with backup_run(partial=[slot.sid], backup_set=backup_set) as run:
            run.wait_ready(slot.sid)
            key = run.store(slot.sid, C, BASE)
        with restore_run(partial=[slot.sid]) as restore:
            restore.all_system_files_restored()
            restore.wait_ready(slot.sid)
            with pytest.raises(EngineError) as caught:
                # Nothing checks that an increment follows base data (BE 11.4).
                restore.supply(slot.sid, C, INCREMENT, backup_set.sections(key))
            assert caught.value.code == self.CODE

    def test_from_restore_complete_is_not_heard(self, data_owner: Attach, restore_run: Restore) -> None:
        owner = LeavingOwner(AbCallback.RestoreComplete, self.CODE)
        slot = data_owner(owner)
        with restore_run(partial=[slot.sid]) as restore:
            restore.all_system_files_restored()
            restore.wait_ready(slot.sid)
        assert owner.callbacks == [AbCallback.RestoreComplete]
        assert restore.returned_to_normal

    def test_of_a_proxy(self, handset: Handset, data_owner: Attach, backup_run: Backup) -> None:
        third, fourth = handset.info.owner_slots[2], handset.info.owner_slots[3]
        data_owner(NotebookOwner(b""), third)  # does not keep others' data: the default leaves -5
        data_owner(NotebookOwner(b"own"), fourth)
        with backup_run(partial=[third, fourth]) as run:
            run.wait_ready(third, fourth)
            with pytest.raises(EngineError) as caught:
                run.request(fourth, C, BASE)
            assert caught.value.code == -5


class Exploding(NotebookOwner):
    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        raise ZeroDivisionError("a mistake in the test's own owner")


class Calling(NotebookOwner):
    """Asks the engine from its own callback, which would wait for itself for ever."""

    def __init__(self, handset: Handset) -> None:
        super().__init__(b"x")
        self._handset = handset
        self.caught: Exception | None = None
        self.mode_seen = 0

    def initialise_get_backup_data(self, drive: Drive) -> None:
        super().initialise_get_backup_data(drive)
        self.mode_seen = self._handset.properties.mode().property_value
        try:
            self._handset.engine.status([])
        except Misuse as error:
            self.caught = error


def test_an_exception_of_the_owner_comes_out_where_the_test_waits(data_owner: Attach, backup_run: Backup) -> None:
    slot = data_owner(Exploding(b"x"))
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        with pytest.raises(ZeroDivisionError, match="own owner"):
            run.request(slot.sid, C, BASE)
    assert run.returned_to_normal


def test_a_callback_may_ask_the_phone_but_not_the_engine(
    handset: Handset, data_owner: Attach, backup_run: Backup
) -> None:
    owner = Calling(handset)
    slot = data_owner(owner)
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        assert owner_data(run.request(slot.sid, C, BASE)) == b"x"
    assert owner.mode_seen == 0x104
    assert isinstance(owner.caught, Misuse)
    assert "wait for itself" in str(owner.caught)


def test_ctrl_c_in_a_callback_brings_the_phone_back_to_normal(
    handset: Handset, data_owner: Attach, backup_run: Backup
) -> None:
    class Interrupted(NotebookOwner):
        def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
            raise KeyboardInterrupt

    slot = data_owner(Interrupted(b"x"))
    run = backup_run(partial=[slot.sid])

    def interrupted_run() -> None:
        with run:
            run.wait_ready(slot.sid)
            run.request(slot.sid, C, BASE)

    with pytest.raises(KeyboardInterrupt):
        interrupted_run()
    assert run.returned_to_normal
    assert handset.properties.mode().is_normal


class TestReadyStates:
    """What a slot does by hand shows in SIDStatus (BE 8)."""

    def test_connected_then_confirmed(self, data_owner: Attach, backup_run: Backup) -> None:
        slot = data_owner(NotebookOwner(b"x"), automatic=False)
        with backup_run(partial=[slot.sid]) as run:
            assert run.engine.status([slot.sid])[slot.sid] == TDataOwnerStatus.EDataOwnerNotConnected
            slot.connect()
            assert run.engine.status([slot.sid])[slot.sid] == TDataOwnerStatus.EDataOwnerNotReady
            assert slot.bur_mode_info() == run.mode
            assert slot.does_partial_affect_me()
            slot.confirm_ready()
            assert run.engine.status([slot.sid])[slot.sid] == TDataOwnerStatus.EDataOwnerReady
            slot.disconnect()
            assert run.engine.status([slot.sid])[slot.sid] == TDataOwnerStatus.EDataOwnerNotConnected

    def test_without_callbacks_it_is_ready_but_has_no_implementation(
        self, data_owner: Attach, backup_run: Backup
    ) -> None:
        slot = data_owner(NotebookOwner(b"x"), with_callbacks=False)
        with backup_run(partial=[slot.sid]) as run:
            assert run.wait_ready(slot.sid)[slot.sid] == TDataOwnerStatus.EDataOwnerReadyNoImpl
            with pytest.raises(EngineError) as caught:
                run.request(slot.sid, C, BASE)
            assert caught.value.code == -18

    def test_a_failed_confirmation_ends_up_as_ready(self, data_owner: Attach, backup_run: Backup) -> None:
        slot = data_owner(NotebookOwner(b"x"), confirm_error=KErrGeneral)
        with backup_run(partial=[slot.sid]) as run:
            assert run.wait_ready(slot.sid)[slot.sid] == TDataOwnerStatus.EDataOwnerReady  # Q15

    def test_an_owner_that_is_not_on_the_partial_list_is_started_but_not_affected(
        self, handset: Handset, data_owner: Attach, backup_run: Backup
    ) -> None:
        first, second = handset.info.owner_slots[:2]
        data_owner(NotebookOwner(b"x"), first)
        other = data_owner(NotebookOwner(b"y"), second)
        with backup_run(partial=[first]) as run:
            run.wait_ready(first)
            # Q9: every active owner's process is started; this one found out that it is not meant.
            assert run.engine.status([second])[second] == TDataOwnerStatus.EDataOwnerNotReady
            assert not other.does_partial_affect_me()


def test_a_full_backup_reaches_owners_but_not_with_all_snapshots_supplied(
    data_owner: Attach, backup_run: Backup
) -> None:
    owner = NotebookOwner(b"everything")
    slot = data_owner(owner)
    with backup_run() as run:
        run.wait_ready(slot.sid)
        run.all_snapshots_supplied()
        assert owner_data(run.request(slot.sid, C, BASE)) == b"everything"
    assert AbCallback.AllSnapshotsSuppliedL not in owner.callbacks  # Q31
    assert run.mode.property_value == 0x102


def test_a_call_given_up_ends_its_callbacks(handset: Handset, data_owner: Attach, backup_run: Backup) -> None:
    """What the phone still asks for a call that was interrupted is refused with KErrAbort."""
    assert KErrAbort == -39
    slots = []
    owner = NotebookOwner(BIG)
    slots.append(data_owner(owner))
    with backup_run(partial=[slots[0].sid]) as run:
        run.wait_ready(slots[0].sid)
        transfer = run.transfer(slots[0].sid, C, BASE)
        with run.engine.request_part(transfer) as part:
            next(part.pieces)  # and the rest is not wanted
        assert run.engine.status([slots[0].sid])
    assert handset.properties.mode().is_normal
