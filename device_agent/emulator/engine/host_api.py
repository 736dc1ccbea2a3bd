"""The host API: what CSBEClient offers an on-device agent, and which mode each call needs (BE 6, 11.1)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from device_agent.emulator.engine import active_data, package_data, passive_data, public_files
from device_agent.emulator.engine.import_packages import import_package_infos, read_import_packages
from device_agent.emulator.engine.mode import all_system_files_restored, set_bur_mode
from device_agent.emulator.engine.owner_list import (
    DataOwner,
    Operation,
    build_drive_states,
    build_owner_list,
    owner_infos,
    parse_owner,
    require_parsed,
)
from device_agent.emulator.engine.transfer import HEAP_HEADER_SIZE, OutgoingSection, usable_bytes
from wire.formats.serialised import (
    DataOwnerInfo,
    JavaTransfer,
    PackageTransfer,
    SerialisedError,
    SidTransfer,
    read_generic,
)
from wire.symbian import (
    ACTIVE_TYPES,
    BurMode,
    Drive,
    SecureId,
    TActiveBackupType,
    TDataOwnerStatus,
    TTransferDataType,
)
from wire.symbian_errors import (
    KErrAccessDenied,
    KErrArgument,
    KErrNotFound,
    KErrNotReady,
    KErrNotSupported,
    Leave,
)

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine

ResultT = TypeVar("ResultT")

SNAPSHOT_RETRIES: Final = 4
SNAPSHOT_RETRY_S: Final = 0.5

_DATA_TYPES: Final = {int(data_type): data_type for data_type in TTransferDataType}

# What a host asks for in SidTransfer.data_type that the engine no longer does.
DEPRECATED_TYPES: Final = frozenset(
    {
        TTransferDataType.ERegistrationData,
        TTransferDataType.ECentralRepositoryData,
        TTransferDataType.EPublicFileListing,
    }
)


class TransferInfo(NamedTuple):
    """What TransferDataInfoL tells: the data, the type of the transfer, whether it was the last."""

    data: bytes
    transfer_type: bytes
    finished: bool


class HostSession:
    """One CSBEClient object. Every method leaves with Symbian's codes."""

    def __init__(self, engine: BackupEngine, thread_name: str) -> None:
        self.engine = engine
        self._thread = thread_name
        self._transfer: TransferInfo | None = None

    @property
    def capacity(self) -> int:
        """Room of the descriptor that TransferDataAddressL gives, in bytes (BE 4.3)."""
        return self.engine.heap_size - HEAP_HEADER_SIZE

    # ------------------------------------------------------------------------------------ owners, mode

    def list_data_owners(self) -> list[DataOwnerInfo]:
        """In Normal or Unset only (-21); makes the owner list anew (BE 7.6)."""

        def prepare() -> None:
            engine = self.engine
            self._require_normal()
            engine.owners = build_owner_list(engine)
            for owner in engine.owners.values():
                parse_owner(engine, owner)
                build_drive_states(owner)
            read_import_packages(engine)

        self._serve("ESBEMsgPrepDataOwnerInfo", prepare)
        return self._serve(
            "ESBEMsgGetDataOwnerInfo", lambda: owner_infos(self.engine) + import_package_infos(self.engine)
        )

    def set_sid_list_for_partial(self, sids: Sequence[SecureId]) -> None:
        """In Normal or Unset only (-21); the list stays until it is replaced (Q12)."""

        def store() -> None:
            self._require_normal()
            self.engine.partial_list = tuple(sids)

        self._serve("ESBEMsgSetSIDListPartial", store)

    def set_bur_mode(self, drives: frozenset[Drive], mode: BurMode) -> None:
        """Chapter 5. Even a change that fails makes the heap's header new (BE 4.3)."""
        self._transfer = None
        self._serve("ESBEMsgSetBURMode", lambda: set_bur_mode(self.engine, drives, mode))

    def sid_status(self, sids: Sequence[SecureId]) -> list[TDataOwnerStatus]:
        """In a BUR mode only (-21); in the order that was asked."""

        def ask() -> list[TDataOwnerStatus]:
            self._require_bur()
            return [self.engine.ready_states.of_sid(sid) for sid in sids]

        self._serve("ESBEMsgPrepSIDStatus", self._require_bur)
        return self._serve("ESBEMsgGetSIDStatus", ask)

    def all_snapshots_supplied(self) -> None:
        """In a backup only (-21). Errors of owners are never reported (BE 12.6)."""

        def tell() -> None:
            self._require_backup()
            engine = self.engine
            engine.log("CDataOwnerManager::AllSnapshotsSuppliedL() - Begin")
            for sid in sorted(engine.owners, reverse=True):
                self._tell_all_snapshots_supplied(engine.owners[sid])
            engine.log("CDataOwnerManager::AllSnapshotsSuppliedL() - End")

        self._serve("ESBEMsgAllSnapshotsSupplied", tell)

    def _tell_all_snapshots_supplied(self, owner: DataOwner) -> None:
        """Only owners that a partial list has marked are told, so in a full backup nobody is (Q31).

        For an owner without a session the engine sleeps and looks again, four times. Nobody can connect while
        it sleeps, so this only costs two seconds (Q32).
        """
        active = owner.registration.active
        if not owner.affected or active is None or active.active_type == TActiveBackupType.EProxyImpOnly:
            return
        engine = self.engine
        session = engine.sessions.find(owner.sid)
        for _ in range(SNAPSHOT_RETRIES):
            if session is not None:
                break
            engine.scheduler.sleep(SNAPSHOT_RETRY_S)
            session = engine.sessions.find(owner.sid)
        if session is not None:
            try:
                session.all_snapshots_supplied()
            except Leave:
                pass  # whatever the owner says to this is not heard

    def all_system_files_restored(self) -> None:
        """Acts in a restore, succeeds in any mode; the synchronous form hides every result (BE 5.4)."""
        self._serve("ESBEMsgAllSystemFilesRestored", lambda: all_system_files_restored(self.engine))

    # --------------------------------------------------------------------------------------- transfers

    def expected_data_size(self, transfer_type: bytes) -> int:
        """In a backup only (-21). An estimate; 0 for active snapshots and owners that are not active (BE 6)."""
        return self._serve("ESBEMsgGetExpectedDataSize", lambda: self._expected_data_size(transfer_type))

    def _expected_data_size(self, transfer_type: bytes) -> int:
        self._require_backup()
        engine = self.engine
        transfer = self._read_transfer(transfer_type)
        if isinstance(transfer, PackageTransfer):
            return package_data.expected_size(engine, transfer)
        owner, drive, data_type = self._sid_transfer(transfer)
        if data_type in DEPRECATED_TYPES:
            raise Leave(KErrNotSupported)
        engine.log(f"CDataOwner::GetExpectedDataSizeL() - START - {data_type.name} - aDriveNumber: {drive.letter}")
        active = owner.registration.active
        if data_type in ACTIVE_TYPES:
            if (
                data_type == active_data.SNAPSHOT
                or active is None
                or active.active_type == TActiveBackupType.EProxyImpOnly
            ):
                size = 0
            else:
                size = active_data.session_of(engine, owner.sid).get_expected_data_size(drive)
        else:
            owner.state_on(drive)
            size = passive_data.expected_size(engine, owner, drive, data_type)
        engine.log(f"CDataOwner::GetExpectedDataSizeL() - END - size is: {size}, data owner 0x{owner.sid:08x}")
        engine.log(f"CDataOwnerManager::GetExpectedDataSizeL() - END - size is: {size}")
        return size

    def request_data(self, transfer_type: bytes) -> TransferInfo:
        """In a backup or a restore: direction is not checked (BE 11.1). Gives what TransferDataInfoL tells."""
        return self._serve(
            "ESBEMsgRequestDataSync / ESBEMsgRequestDataAsync", lambda: self._request_data(transfer_type)
        )

    def _request_data(self, transfer_type: bytes) -> TransferInfo:
        self._require_bur()
        engine = self.engine
        transfer = self._read_transfer(transfer_type)
        section = OutgoingSection(engine.scheduler)
        if isinstance(transfer, PackageTransfer):
            space = usable_bytes(engine.heap_size, package=True)
            data, finished = package_data.request(engine, transfer, space)
            section.add(data)
        else:
            finished = self._request_of_owner(*self._sid_transfer(transfer), section)
        engine.log(
            f"CDataOwnerManager::RequestDataL() - got {section.size} bytes of uncompressed data, "
            "about to pack it..."
        )
        packed = section.packed()
        engine.log(
            f"CSBESession::RequestDataAsyncL() - Server-side data length: {len(packed)}, address: 0x00c0041c"
        )
        self._transfer = TransferInfo(packed, transfer_type, finished)
        return self._transfer

    def _request_of_owner(
        self, owner: DataOwner, drive: Drive, data_type: TTransferDataType, section: OutgoingSection
    ) -> bool:
        if data_type in DEPRECATED_TYPES:
            raise Leave(KErrNotSupported)
        space = usable_bytes(self.engine.heap_size)
        operation = begin_operation(owner, Operation("request", drive, data_type))
        try:
            finished = self._ask(owner, drive, data_type, section, space)
        except Leave as leave:
            owner.operation = None
            self.engine.log(
                f"CDataOwner::RequestDataL() - drive: {drive.letter.lower()}:, "
                f"aTransferType: {int(data_type)}, secureId: 0x{owner.sid:08x} - ERROR: {leave.code}"
            )
            raise
        owner.operation = None if finished else operation
        return finished

    def _ask(
        self, owner: DataOwner, drive: Drive, data_type: TTransferDataType, section: OutgoingSection, space: int
    ) -> bool:
        engine = self.engine
        engine.log(
            f"CDataOwner::ProcessRequestDataL() - START - aDrive: {drive.letter}, "
            f"aTransferType: {int(data_type)}, aBuffer.Ptr(): 0x00c05888, aBuffer.Length(): 0"
        )
        engine.log(
            f"CDataOwner::ProcessRequestDataL() - Requesting {_REQUEST_WORDS[data_type]} "
            f"data from data owner with SID 0x{owner.sid:08x}"
        )
        if data_type not in ACTIVE_TYPES:
            data, finished = passive_data.request(engine, owner, drive, data_type, space)
            section.add(data)
        elif data_type == active_data.SNAPSHOT:
            finished = active_data.request_snapshot(engine, owner, drive, section, space)
        else:
            finished = active_data.request_data(engine, owner, drive, data_type, section, space)
        engine.log(
            "CDataOwner::ProcessRequestDataL() - NEAR END - aBuffer.Ptr(): 0x00c05888, "
            f"aBuffer.Length(): {section.size}"
        )
        engine.log("CDataOwner::ProcessRequestDataL() - END")
        return finished

    def supply_data(self, transfer_type: bytes, data: bytes, *, finished: bool) -> None:
        """In a backup or a restore. The container is taken apart; each whole block reaches the owner (BE 10.2)."""
        self._serve("ESBEMsgSupplyDataSync", lambda: self._supply_data(transfer_type, data, finished=finished))
        self._transfer = TransferInfo(data, transfer_type, finished)

    def _supply_data(self, transfer_type: bytes, data: bytes, *, finished: bool) -> None:
        self._require_bur()
        engine = self.engine
        transfer = self._read_transfer(transfer_type)
        engine.log(f"CDataOwnerManager::SupplyDataL() - START - about to decompress {len(data)} bytes of data")
        key = (type(transfer), transfer[1], transfer.drive)
        engine.decoder.begin(key)
        for block, at_end in engine.decoder.feed(data):
            engine.log(f"CDataOwnerManager::SupplyDataL() - decompressed data length: {len(block)}")
            if isinstance(transfer, PackageTransfer):
                package_data.supply(engine, transfer, block, last=finished and at_end)
                continue
            owner, drive, data_type = self._sid_transfer(transfer)
            if data_type in DEPRECATED_TYPES:
                raise Leave(KErrNotSupported)
            require_parsed(owner)
            self._hand_over(owner, drive, data_type, block, last=finished and at_end)

    def _hand_over(
        self,
        owner: DataOwner,
        drive: Drive,
        data_type: TTransferDataType,
        block: bytes,
        *,
        last: bool,
    ) -> None:
        engine = self.engine
        engine.log(
            f"CDataOwner::SupplyDataL() - START - SID: 0x{owner.sid:08x}, aDrive: {drive.letter}, "
            f"aTransferType: {int(data_type)}, aLastSection: {int(last)}, iState: 0"
        )
        operation = begin_operation(owner, Operation("supply", drive, data_type))
        engine.log(
            f"CDataOwner::ProcessSupplyDataL() - Supplying {_SUPPLY_WORDS[data_type]} "
            f"data to data owner with SID 0x{owner.sid:08x}"
        )
        try:
            if data_type == active_data.SNAPSHOT:
                active_data.supply_snapshot(engine, owner, drive, block, last=last)
            else:
                if data_type != passive_data.SNAPSHOT:
                    passive_data.delete_before_restore(engine, owner, drive)
                if data_type in ACTIVE_TYPES:
                    active_data.supply_data(engine, owner, drive, data_type, block, last=last)
                else:
                    passive_data.supply(engine, owner, drive, data_type, block, last=last)
        except Leave:
            owner.operation = None
            raise
        owner.operation = None if last else operation
        engine.log("CDataOwner::SupplyDataL() - END")

    def transfer_data_info(self) -> TransferInfo:
        """What the heap holds; -18 when nothing was transferred since the last mode change (BE 4.3)."""
        if self._transfer is None:
            raise Leave(KErrNotReady)
        return self._transfer

    # ------------------------------------------------------------------------------------ public files

    def public_file_list(self, sid: SecureId, drive: Drive) -> list[public_files.PublicFile]:
        """In a backup only (-21); -6 for a drive that is not in the mode's list."""
        return self._serve("ESBEMsgPrepPublicFiles", lambda: self._public_files(sid, drive))

    def raw_public_file_list(self, sid: SecureId, drive: Drive) -> list[tuple[bool, str]]:
        """The selections as they stand in the registration; in a backup only, not in a restore (Q13)."""

        def ask() -> list[tuple[bool, str]]:
            owner = self._public_owner(sid, drive)
            return public_files.raw_selections(owner, drive)

        return self._serve("ESBEMsgPrepPublicFilesRaw", ask)

    def large_public_file_list(
        self, sid: SecureId, drive: Drive, cursor: int, maximum: int
    ) -> tuple[list[bytes], int]:
        """Serialised entries from `cursor` on that fit `maximum` bytes, and where to go on (BE 6)."""

        def ask() -> tuple[list[bytes], int]:
            owner = self._public_owner(sid, drive)
            return public_files.large_entries(self.engine, owner, drive, cursor, maximum)

        return self._serve("ESBEMsgPrepPublicFiles", ask)

    def public_file_list_xml(self) -> None:
        """Not implemented in the engine: -5 in a backup, -21 otherwise."""
        self._require_backup()
        raise Leave(KErrNotSupported)

    def _public_files(self, sid: SecureId, drive: Drive) -> list[public_files.PublicFile]:
        owner = self._public_owner(sid, drive)
        return list(public_files.included(self.engine, owner, drive, large=False))

    def _public_owner(self, sid: SecureId, drive: Drive) -> DataOwner:
        self._require_backup()
        if drive not in self.engine.mode_drives:
            raise Leave(KErrArgument)
        return self._owner(sid)

    # ------------------------------------------------------------------------------------------ common

    def _owner(self, sid: SecureId) -> DataOwner:
        owner = self.engine.owners.get(sid)
        if owner is None:
            raise Leave(KErrNotFound)
        return owner

    def _read_transfer(self, data: bytes) -> SidTransfer | PackageTransfer | JavaTransfer:
        """-6 or -20 for a malformed one, -5 for what is no transfer type (BE 11.1 step 2)."""
        try:
            value = _generic(data)
        except SerialisedError as error:
            raise Leave(error.code) from error
        if not isinstance(value, SidTransfer | PackageTransfer | JavaTransfer):
            raise Leave(KErrNotSupported)
        return value

    def _sid_transfer(
        self, transfer: SidTransfer | PackageTransfer | JavaTransfer
    ) -> tuple[DataOwner, Drive, TTransferDataType]:
        if not isinstance(transfer, SidTransfer):
            raise Leave(KErrNotFound)  # no MIDlet suite is installed
        owner = self._owner(transfer.sid)
        data_type = _DATA_TYPES.get(transfer.data_type)
        if data_type is None:
            raise Leave(KErrNotSupported)
        if transfer.drive > 25:
            raise Leave(KErrNotFound)
        return owner, Drive(transfer.drive), data_type

    def _require_normal(self) -> None:
        if not self.engine.mode.is_normal:
            self._wrong_mode()

    def _require_bur(self) -> None:
        if self.engine.mode.is_normal:
            self._wrong_mode()

    def _require_backup(self) -> None:
        if not self.engine.mode.is_backup:
            self._wrong_mode()

    def _wrong_mode(self) -> None:
        self.engine.log("CDataOwnerManager::RequestDataL() - *Error: called in the wrong mode")
        raise Leave(KErrAccessDenied)

    def _serve(self, message: str, action: Callable[[], ResultT]) -> ResultT:
        """One host message: the log has an opening line, and a closing one only if it did not fail."""
        self.engine.log(f"CSBESession::ServiceL() - {message} for thread: {self._thread}")
        result = action()
        self.engine.log(f"CSBESession::ServiceL() - Completed OK for thread: {self._thread}")
        return result


# A host names the same transfer in every call of a stream.
_generic = functools.lru_cache(maxsize=64)(read_generic)


def begin_operation(owner: DataOwner, operation: Operation) -> Operation:
    """-18 while another multi-part operation of the owner is unfinished; that one stays open (BE 11.1 step 5).

    The last part ends an operation, and so does an error; any other part leaves it open.
    """
    if owner.operation is not None and owner.operation != operation:
        raise Leave(KErrNotReady)
    return operation


_REQUEST_WORDS: Final = {
    active_data.SNAPSHOT: "active snapshot",
    active_data.BASE: "active base",
    active_data.INCREMENT: "active inc",
    passive_data.SNAPSHOT: "passive snapshot",
    passive_data.BASE: "passive base",
    passive_data.INCREMENT: "passive inc",
}
_SUPPLY_WORDS: Final = _REQUEST_WORDS | {active_data.INCREMENT: "active incremental"}
