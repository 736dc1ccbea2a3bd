"""Backup and restore runs: context managers that enter a mode and always bring the phone back to normal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from harness.archive import BackupSet, StreamKey
from harness.engine import NORMAL
from harness.errors import HilError, NotReadyInTime, ProductError
from wire.formats.serialised import DataOwnerInfo, SidTransfer, drives_in
from wire.symbian import (
    BurMode,
    Drive,
    SecureId,
    TBackupIncType,
    TBURPartType,
    TDataOwnerStatus,
    TTransferDataType,
)

if TYPE_CHECKING:
    from harness.handset import Handset

READY_TIMEOUT_S: Final = 30.0
POLL_S: Final = 0.2
READY: Final = frozenset({TDataOwnerStatus.EDataOwnerReady, TDataOwnerStatus.EDataOwnerReadyNoImpl})


class Run:
    """What a backup and a restore have in common.

    Entering checks that the phone is in Normal, lists the owners, stores the partial list and changes the mode.
    Leaving, in whatever way, changes it back; Ctrl-C in the midst of a call does so too.

    Attributes:
        owners: what ListOfDataOwners gave, by SID, in its order.
        returned_to_normal: whether leaving has brought the phone back.
    """

    full_part: TBURPartType
    partial_part: TBURPartType

    def __init__(
        self,
        handset: Handset,
        *,
        partial: Iterable[SecureId] | None,
        incremental: bool,
        drives: Iterable[Drive] | None,
        asynchronous: bool,
    ) -> None:
        self.handset = handset
        self.engine = handset.engine
        self.partial = None if partial is None else tuple(partial)
        self.drives = frozenset(drives) if drives is not None else _writable(handset)
        self.asynchronous = asynchronous
        increment = TBackupIncType.EBackupIncrement if incremental else TBackupIncType.EBackupBase
        part = self.full_part if self.partial is None else self.partial_part
        self.mode = BurMode(part, increment)
        self.owners: dict[SecureId, DataOwnerInfo] = {}
        self.returned_to_normal = False

    def __enter__(self) -> Self:
        self.handset.require_normal()
        for info in self.engine.list_data_owners(asynchronous=self.asynchronous):
            if info.sid is not None:
                self.owners[info.sid] = info
        if self.partial is not None:
            self.engine.set_sid_list(self.partial)
        try:
            self.engine.set_mode(self.mode, self.drives, asynchronous=self.asynchronous)
        except BaseException:
            # Interrupted on the way, it may have been entered or not: Normal is right in both cases.
            self._return_to_normal()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = self._return_to_normal()
        if failure is None:
            return
        if error is None:
            raise failure
        error.add_note(f"and the phone could not be brought back to normal: {failure}")

    def _return_to_normal(self) -> HilError | None:
        """Change the mode back; why that failed, if it did."""
        try:
            self.engine.set_mode(NORMAL, self.drives, asynchronous=self.asynchronous)
        except HilError as failure:
            self.handset.journal.add("note", f"not brought back to normal: {failure}")
            return failure
        self.returned_to_normal = True
        return None

    def wait_ready(
        self,
        *sids: SecureId,
        timeout_s: float = READY_TIMEOUT_S,
        accept: frozenset[TDataOwnerStatus] = READY,
    ) -> dict[SecureId, TDataOwnerStatus]:
        """Poll SIDStatus until every owner has a status in `accept`; NotReadyInTime names those that have not."""
        clock = self.handset.connection.clock
        deadline = clock() + timeout_s
        while True:
            states = self.engine.status(sids)
            missing = {sid: state for sid, state in states.items() if state not in accept}
            if not missing:
                return states
            left_s = deadline - clock()
            if left_s <= 0:
                listed = ", ".join(f"{sid} {state.name}" for sid, state in missing.items())
                raise NotReadyInTime(
                    f"not ready within {timeout_s:g} s: {listed}",
                    hint="does the owner's process run, connect and call ConfirmReadyForBURL? See its log",
                )
            # Events of the phone arrive while we wait; the engine itself is asked again after a while.
            self.handset.connection.wait_until(self._something_new(), min(POLL_S, left_s))

    def _something_new(self) -> Callable[[], bool]:
        journal = self.handset.journal
        seen = journal.count
        return lambda: journal.count != seen

    def transfer(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> SidTransfer:
        """The transfer type of an owner's data."""
        return SidTransfer(drive, sid, data_type)


class BackupRun(Run):
    """A backup: `with handset.backup(partial=[sid]) as run: run.wait_ready(sid); run.request(...)`.

    With a `backup_set` everything requested is kept there, each stream under its digest.
    """

    full_part = TBURPartType.EBURBackupFull
    partial_part = TBURPartType.EBURBackupPartial

    def __init__(
        self,
        handset: Handset,
        *,
        partial: Iterable[SecureId] | None,
        incremental: bool,
        drives: Iterable[Drive] | None,
        backup_set: BackupSet | None,
        asynchronous: bool,
    ) -> None:
        super().__init__(
            handset, partial=partial, incremental=incremental, drives=drives, asynchronous=asynchronous
        )
        self.backup_set = backup_set

    def expected_size(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> int:
        """ExpectedDataSize: an estimate in bytes."""
        return self.engine.expected_size(self.transfer(sid, drive, data_type))

    def sections(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> Iterator[bytes]:
        """RequestData until finished: the container's bytes as they come."""
        transfer = self.transfer(sid, drive, data_type)
        return self.engine.request_all(transfer, asynchronous=self.asynchronous)

    def request(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> bytes:
        """RequestData until finished: the container's bytes at once, kept in the backup set if there is one."""
        if self.backup_set is None:
            return b"".join(self.sections(sid, drive, data_type))
        self.store(sid, drive, data_type)
        return self.backup_set.read(self.backup_set.newest(sid, drive, data_type))

    def store(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> StreamKey:
        """RequestData until finished, straight into the backup set."""
        if self.backup_set is None:
            raise ProductError("this run has no backup set to store into")
        return self.backup_set.add(sid, drive, data_type, self.sections(sid, drive, data_type))

    def supply_snapshot(
        self,
        sid: SecureId,
        drive: Drive,
        sections: Iterable[bytes],
        data_type: TTransferDataType = TTransferDataType.EActiveSnapshotData,
    ) -> None:
        """SupplyData of the snapshot of an earlier backup, before an increment is requested."""
        self.engine.supply_all(self.transfer(sid, drive, data_type), sections, asynchronous=self.asynchronous)

    def all_snapshots_supplied(self) -> None:
        """AllSnapshotsSupplied."""
        self.engine.all_snapshots_supplied(asynchronous=self.asynchronous)


class RestoreRun(Run):
    """A restore: `with handset.restore(...) as run: run.all_system_files_restored(); run.supply(...)`."""

    full_part = TBURPartType.EBURRestoreFull
    partial_part = TBURPartType.EBURRestorePartial

    def all_system_files_restored(self) -> None:
        """AllSystemFilesRestored: only now are owners listed and started (BE 5.4)."""
        self.engine.all_system_files_restored(asynchronous=self.asynchronous)

    def supply(
        self,
        sid: SecureId,
        drive: Drive,
        data_type: TTransferDataType,
        sections: Iterable[bytes],
    ) -> None:
        """SupplyData of a whole stream, section by section."""
        self.engine.supply_all(self.transfer(sid, drive, data_type), sections, asynchronous=self.asynchronous)


def _writable(handset: Handset) -> frozenset[Drive]:
    """Every drive of the phone but its ROM."""
    return frozenset(drive for drive in drives_in(handset.info.drives) if drive.letter != "Z")
