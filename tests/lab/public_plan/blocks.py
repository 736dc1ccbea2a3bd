"""What the suite's steps are made of (Test plan 4): which owners, which transfers, how they are done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harness.engine import NORMAL, describe_transfer
from harness.errors import EngineError
from harness.handset import Handset
from tests.lab.public_plan.archive import PlanArchive, is_increment
from tests.lab.public_plan.owner_parts import (
    has_active_increments,
    has_passive_increments,
    identity_number,
    is_active,
    is_passive,
)
from tests.lab.public_plan.plan import Section
from tests.lab.public_plan.step_result import DATA_TYPE, StepResult
from wire.formats.serialised import (
    DataOwnerInfo,
    JavaIdentity,
    JavaTransfer,
    PackageIdentity,
    PackageTransfer,
    SidTransfer,
    Transfer,
    write_generic,
)
from wire.symbian import (
    BurMode,
    CommonSettings,
    TDataOwnerStatus,
    TJavaTransferType,
    TPackageDataType,
    TTransferDataType,
)

READY_TRIES = 3
READY_PAUSE_S = 10.0

_VALID = CommonSettings.ACTIVE | CommonSettings.PASSIVE | CommonSettings.SYSTEM_FILES
_DROPPED_SILENTLY = frozenset(
    {
        TDataOwnerStatus.EDataOwnerReadyNoImpl,
        TDataOwnerStatus.EDataOwnerFailed,
        TDataOwnerStatus.EDataOwnerNotFound,
    }
)


def pause(handset: Handset, seconds: float) -> None:
    """Let the phone's time pass: at once where it is emulated."""
    if handset.is_emulated:
        handset.emulator.advance_clock(seconds)
    else:
        handset.connection.wait_until(lambda: False, seconds)


class Blocks:
    """The common part of all steps, for one handset, one archive and one section."""

    def __init__(self, handset: Handset, archive: PlanArchive, section: Section) -> None:
        self.handset = handset
        self.engine = handset.engine
        self.archive = archive
        self.section = section
        self.drives = section.drives
        self.result = StepResult()

    @property
    def is_partial(self) -> bool:
        """The section names owners."""
        return self.section.ids is not None

    # -------------------------------------------------------------------------------- owners and mode

    def choose(self, owners: Iterable[DataOwnerInfo]) -> list[DataOwnerInfo]:
        """Prepare a partial run, and keep the owners that have something to do (Test plan 4.2, 4.3)."""
        kept = list(owners)
        if self.section.ids is not None:
            ids = self.section.ids
            kept = [info for info in kept if identity_number(info) in ids]
            partial = tuple(info.sid for info in kept if info.sid is not None and is_active(info))
            self.result.partial_list = partial
            try:
                self.engine.set_sid_list(partial)
            except EngineError as error:
                self.result.failures.append(str(error))
        valid = [info for info in kept if info.common & _VALID]
        if self.is_partial:
            self.result.failures += [
                f"{info.identity} has no valid registration" for info in kept if info not in valid
            ]
        self.result.chosen = valid
        return valid

    @contextlib.contextmanager
    def mode(
        self, mode: BurMode, *, asynchronously: bool = False, back_asynchronously: bool = False
    ) -> Iterator[None]:
        """Enter a mode, and in any case return to normal; errors are only logged (Test plan 4.9)."""
        with self.logging():
            self.engine.set_mode(mode, self.drives, asynchronous=asynchronously)
        try:
            yield
        finally:
            with self.logging():
                self.engine.set_mode(NORMAL, self.drives, asynchronous=back_asynchronously)

    @contextlib.contextmanager
    def logging(self) -> Iterator[None]:
        """The original writes an error down here, and goes on."""
        try:
            yield
        except EngineError as error:
            self.result.logged.append(str(error))

    # ------------------------------------------------------------------------- which transfers, 4.4

    def of_owners(
        self, owners: list[DataOwnerInfo], wanted: TTransferDataType, *, is_backup: bool
    ) -> list[SidTransfer]:
        """Each drive of the section, each owner that reports it: what is asked for, or what stands for it."""
        found = []
        for drive in self.drives:
            for info in owners:
                if drive in info.drives and not isinstance(info.identity, JavaIdentity):
                    transfer = SidTransfer(drive, info.identity.sid, wanted)
                    kind = self._kind_for(info, transfer, is_backup=is_backup)
                    if kind is not None:
                        found.append(transfer._replace(data_type=kind))
        return found

    def _kind_for(
        self, info: DataOwnerInfo, transfer: SidTransfer, *, is_backup: bool
    ) -> TTransferDataType | None:
        match transfer.data_type:
            case DATA_TYPE.EPassiveBaseData:
                return DATA_TYPE.EPassiveBaseData if is_passive(info) else None
            case DATA_TYPE.EPassiveSnapshotData:
                return DATA_TYPE.EPassiveSnapshotData if has_passive_increments(info) else None
            case DATA_TYPE.EActiveBaseData:
                return DATA_TYPE.EActiveBaseData if is_active(info) else None
            case DATA_TYPE.EActiveSnapshotData:
                return DATA_TYPE.EActiveSnapshotData if has_active_increments(info) else None
            case DATA_TYPE.EPassiveIncrementalData:
                takes_part, increments = is_passive(info), has_passive_increments(info)
                base = DATA_TYPE.EPassiveBaseData
            case _:
                takes_part, increments = is_active(info), has_active_increments(info)
                base = DATA_TYPE.EActiveBaseData
        if not takes_part or not (increments or is_backup):
            return None
        return DATA_TYPE(transfer.data_type) if increments and self.archive.has_base(transfer) else base

    def of_packages(self, owners: list[DataOwnerInfo], kind: TPackageDataType) -> list[PackageTransfer]:
        """One for each package, on the first of its drives."""
        found: dict[int, PackageTransfer] = {}
        for drive in self.drives:
            for info in owners:
                identity = info.identity
                if isinstance(identity, PackageIdentity) and drive in info.drives:
                    uid = identity.package_uid
                    found.setdefault(uid, PackageTransfer(drive, uid, kind))
        return list(found.values())

    def of_suites(self, owners: list[DataOwnerInfo], kind: TJavaTransferType) -> list[JavaTransfer]:
        """One for each MIDlet suite and drive."""
        return [
            JavaTransfer(drive, kind, info.identity.suite_hash)
            for drive in self.drives
            for info in owners
            if isinstance(info.identity, JavaIdentity) and drive in info.drives
        ]

    # ------------------------------------------------------------------------------- ready check, 4.5, 4.6

    def when_ready(self, transfers: list[SidTransfer], act: Callable[[list[SidTransfer]], None]) -> None:
        """Do transfers of active data as their owners become ready; look three times for those that are not."""
        pending = list(transfers)
        tries = 0
        while pending and tries < READY_TRIES:
            states = self.engine.status([transfer.sid for transfer in pending])
            self.result.states.update(states)
            ready = [t for t in pending if states[t.sid] == TDataOwnerStatus.EDataOwnerReady]
            pending = [t for t in pending if self._stays_pending(states[t.sid])]
            if ready:
                act(ready)
            elif pending:
                pause(self.handset, READY_PAUSE_S)
                tries += 1
        if pending:
            listed = ", ".join(map(describe_transfer, pending))
            self.result.failures.append(f"never ready: {listed}")

    def _stays_pending(self, status: TDataOwnerStatus) -> bool:
        if status == TDataOwnerStatus.EDataOwnerReady or status in _DROPPED_SILENTLY:
            return False
        return int(status) not in self.section.expect

    # ------------------------------------------------------------------------------------ transfers, 4.7, 4.8

    def request(self, transfers: Iterable[Transfer]) -> None:
        """Ask for data and put it into the archive. The last error of several decides (Test plan 4.7)."""
        failed = ""
        for transfer in transfers:
            with self.logging():
                self.result.sizes[transfer] = self.engine.expected_size(transfer)
            try:
                size = self.archive.write(transfer, self._pieces_of(transfer))
            except EngineError as error:
                failed = "" if self._tolerates(error) else str(error)
                continue
            self.result.done.append(transfer)
            self.result.bytes_done[transfer] = size
        if failed:
            self.result.failures.append(failed)

    def _pieces_of(self, transfer: Transfer) -> Iterator[bytes]:
        finished = False
        while not finished:
            with self.engine.request_part(transfer, asynchronous=True) as part:
                if part.transfer_type != write_generic(transfer):
                    self.result.logged.append(
                        f"{describe_transfer(transfer)} came back as {part.transfer_type.hex()}"
                    )
                yield from map(bytes, part.pieces)
                finished = part.finished

    def supply(self, transfers: Iterable[Transfer], *, asynchronous: bool = False) -> None:
        """Give back what is in the archive; what is not there is no failure (Test plan 4.8)."""
        for transfer in transfers:
            files = self.archive.files(transfer)
            if not files:
                self.result.logged.append(f"nothing in the archive: {describe_transfer(transfer)}")
            for path in files if is_increment(transfer) else files[-1:]:
                if not self._supply_file(transfer, path, asynchronous=asynchronous):
                    break

    def _supply_file(self, transfer: Transfer, path: Path, *, asynchronous: bool) -> bool:
        """As much at once as the engine's heap holds."""
        room, size = self.engine.connect(), path.stat().st_size
        try:
            with path.open("rb") as file:
                while file.tell() < size:
                    piece = file.read(room)
                    finished = file.tell() == size
                    self.engine.supply_part(transfer, piece, finished=finished, asynchronous=asynchronous)
        except EngineError as error:
            if not self._tolerates(error):
                self.result.failures.append(str(error))
            return False
        self.result.done.append(transfer)
        self.result.bytes_done[transfer] = self.result.bytes_done.get(transfer, 0) + size
        return True

    def _tolerates(self, error: EngineError) -> bool:
        if error.code not in self.section.expect:
            return False
        self.result.tolerated.append(error.code)
        return True
