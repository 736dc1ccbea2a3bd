"""Data owners: how the engine finds them, what it makes of their registration, what it tells the host (BE 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from device_agent.emulator.engine.active_data import ProxyRequests, ProxySupplies
from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.engine.passive_data import PassiveState
from device_agent.emulator.engine.registration_log import lines_of
from device_agent.emulator.installer import Package
from wire.formats.registration import (
    Registration,
    RegistrationError,
    RegistrationPanic,
    RegistrationReader,
    is_primary,
    is_registration_name,
    read_directory_sid,
)
from wire.formats.serialised import DataOwnerInfo, Identity, PackageIdentity, SecureIdentity
from wire.symbian import (
    ActiveSettings,
    CommonSettings,
    Drive,
    PassiveSettings,
    SecureId,
    TDataOwnerStatus,
    TTransferDataType,
)
from wire.symbian_errors import KErrGeneral, KErrNotFound, KErrNotReady, Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine


class DriveState:
    """What has passed between host and one owner on one drive (BE 11.2)."""

    def __init__(self) -> None:
        self.snapshot_received = False
        self.base_received = False
        self.increment_received = False
        self.snapshot_requested = False
        self.base_requested = False
        self.increment_requested = False
        self.first_active_transaction = True
        self.delete_performed = False
        self.in_progress = False
        self.proxy_requests = ProxyRequests()
        self.proxy_supplies = ProxySupplies()
        self.passive = PassiveState()


class Operation(NamedTuple):
    """What a host does with an owner: `kind` is request or supply."""

    kind: str
    drive: Drive
    data_type: TTransferDataType


class DataOwner:
    """One entry of the engine's owner list.

    Attributes:
        error: why its registration cannot be used; 0 when it can.
        stored_status: what events wrote; what the host sees is computed from it (BE 8.3).
        affected: marked by the partial list.
        operation: the multi-part operation that is not finished (BE 11.1 step 5).
    """

    def __init__(self, sid: SecureId, files: list[str]) -> None:
        self.sid = sid
        self.files = files
        self.error = 0
        self.registration = Registration(sid)
        self.parsed = False
        self.stored_status = TDataOwnerStatus.EUnset
        self.affected = False
        self.drives: frozenset[Drive] = frozenset()
        self.drive_states: dict[Drive, DriveState] = {}
        self.operation: Operation | None = None

    @property
    def is_active(self) -> bool:
        """It has an `active_backup` element."""
        return self.registration.active is not None

    @property
    def active_supported(self) -> bool:
        """Active data can be asked for: an `active_backup` element, or any proxy (BE 7.2)."""
        return self.is_active or bool(self.registration.proxies)

    def state_on(self, drive: Drive) -> DriveState:
        """The record for a drive; -1 when the owner does not have it (BE 11.2)."""
        state = self.drive_states.get(drive)
        if state is None:
            raise Leave(KErrNotFound)
        return state


def find_registration_files(engine: BackupEngine) -> dict[SecureId, list[str]]:
    """Every `\\\\private\\\\<sid>\\\\backup_registration*.xml` on every drive, ROM included (BE 7.1).

    The directory's name gives the SID; one that is no hexadecimal number is passed over.
    """
    engine.log("CDataOwnerManager::FindRegistrationFilesL() - START")
    found: dict[SecureId, list[str]] = {}
    total = 0
    for drive in discovery_order(engine.files.drives):
        root = f"{drive.letter}:\\private\\"
        try:
            folders = engine.files.folder(root).sorted_entries()
        except Leave:
            continue
        for folder in folders:
            sid = read_directory_sid(folder.name)
            if sid is None or not engine.files.exists(root + folder.name + "\\"):
                continue
            for name in _registration_names(engine, root + folder.name + "\\"):
                path = f"{root}{folder.name}\\{name}"
                engine.log(f"CDataOwnerManager::FindRegistrationFilesL() - found file: {path}")
                found.setdefault(sid, []).append(path)
                total += 1
    engine.log(f"CDataOwnerManager::FindRegistrationFilesL() - END - total files {total}")
    return found


def _registration_names(engine: BackupEngine, folder: str) -> list[str]:
    try:
        entries = engine.files.folder(folder).sorted_entries()
    except Leave:
        return []
    return [entry.name for entry in entries if is_registration_name(entry.name)]


def discovery_order(drives: list[Drive]) -> list[Drive]:
    """The engine's own drive first, then Y down to A, then Z (Registration format 1)."""
    first = [drive for drive in drives if drive.letter == "C"]
    rom = [drive for drive in drives if drive.letter == "Z"]
    others = [drive for drive in drives if drive.letter not in {"C", "Z"}]
    return first + sorted(others, reverse=True) + rom


def build_owner_list(engine: BackupEngine) -> dict[SecureId, DataOwner]:
    """Find and parse everything anew; what an owner had transferred is forgotten (Q11)."""
    engine.log("CDataOwnerManager::FindDataOwnersL() - Begin")
    files = find_registration_files(engine)
    engine.log(" ")
    owners = {}
    for sid in sorted(files):
        for index, path in enumerate(files[sid]):
            which = "for existing sid" if index else "for sid"
            engine.log(f"CDataOwnerManager::FindDataOwnersL() - found reg file: {path} {which}: 0x{sid:08x}")
        owners[sid] = DataOwner(sid, files[sid])
    engine.log("CDataOwnerManager::FindDataOwnersL() - End")
    return owners


def parse_owner(engine: BackupEngine, owner: DataOwner) -> None:
    """Read an owner's registration files; `error` says why it is unusable (BE 7.2, 7.6)."""
    sid = owner.sid
    reader = RegistrationReader(
        sid,
        central_repository_sid=engine.config.central_repository_sid,
        callback_delay_supported=engine.version.has_callback_delay,
    )
    try:
        if not any(is_primary(path) for path in owner.files):
            raise Leave(KErrGeneral)
        # In reverse order of discovery, so that the engine's own drive has the last word.
        for path in reversed(owner.files):
            _parse_file(engine, reader, owner, path)
        owner.registration = reader.result()
        owner.parsed = True
        owner.stored_status = initial_status(owner)
        owner.drives = drives_of(engine, owner)
    except Leave as leave:
        owner.error = leave.code
        engine.log(
            f"CDataOwnerManager::GetDataOwnersL() - ParseFilesL() - Error in sid: 0x{sid:08x} ({leave.code})"
        )


def _parse_file(engine: BackupEngine, reader: RegistrationReader, owner: DataOwner, path: str) -> None:
    sid = owner.sid
    primary = is_primary(path)
    engine.log(f"CDataOwner::ParseFilesL() - [0x{sid:08x}] - parsing reg file: {path}...")
    engine.log(f"CDataOwner::ParseFileL() - START - aFileName: {path}, iPrimaryFile: {int(primary)}")
    seen = len(reader.remarks)
    fault: RegistrationError | None = None
    try:
        reader.read(engine.files.read(path), primary=primary)
    except RegistrationError as error:
        fault = error
    for line in lines_of(reader.remarks[seen:], sid):
        engine.log(line)
    if isinstance(fault, RegistrationPanic):
        raise EnginePanic("USER", fault.reason) from fault
    if fault is not None:
        engine.log(f"CBackupRegistrationParser::OnError() - error = {fault.code}")
        engine.log(f"CDataOwner::OnError() - error = {fault.code}")
        engine.log(f"CDataOwner::ParseFilesL() - [0x{sid:08x}] - ...*** PARSING FAILED *** - error: {fault.code}")
        raise Leave(fault.code) from fault
    engine.log(f"CDataOwner::ParseFilesL() - [0x{sid:08x}] - ...file parsed okay")


def initial_status(owner: DataOwner) -> TDataOwnerStatus:
    """The stored status right after parsing (BE 8.1)."""
    if owner.active_supported:
        return TDataOwnerStatus.EDataOwnerNotConnected
    if owner.registration.passive is not None or owner.registration.has_system_files:
        return TDataOwnerStatus.EDataOwnerReady
    return TDataOwnerStatus.EUnset


def drives_of(engine: BackupEngine, owner: DataOwner) -> frozenset[Drive]:
    """The drives an owner reports: all that exist for active ones, else those its paths name (BE 7.5).

    Excluded drives, normally Z, are never among them.
    """
    existing = frozenset(d for d in engine.files.drives if d not in engine.config.excluded_drives)
    named = owner.registration.drives
    if named is None:
        return existing
    package = _package_of(engine, owner)
    return existing & (named if package is None else named | drives_of_package(engine, package))


def drives_of_package(engine: BackupEngine, package: Package) -> frozenset[Drive]:
    """The drives that a package has files on, without excluded ones (Registration format 5.5)."""
    return frozenset(Drive.parse(path[0]) for path, _ in package.files) - engine.config.excluded_drives


def _package_of(engine: BackupEngine, owner: DataOwner) -> Package | None:
    """The installed package that an owner with system files belongs to (BE 7.6)."""
    return engine.installer.package_of(owner.sid) if owner.registration.has_system_files else None


def hides_package(engine: BackupEngine, package: Package) -> bool:
    """Engines before April 2010 drop what belongs to a package that cannot be removed (BE 20)."""
    return not package.removable and not engine.version.lists_fixed_packages


def build_drive_states(owner: DataOwner) -> None:
    """Fresh transfer state for each drive of the owner (BE 11.2)."""
    owner.drive_states = {drive: DriveState() for drive in owner.drives}
    owner.operation = None


def owner_infos(engine: BackupEngine) -> list[DataOwnerInfo]:
    """What ListOfDataOwners gives: descending by SID (BE 7.6).

    An owner that could not be parsed is listed with all settings 0; one that only serves others as a proxy is
    not listed. One with system files stands under the identity of its package.
    """
    infos = []
    for sid in sorted(engine.owners, reverse=True):
        owner = engine.owners[sid]
        package = _package_of(engine, owner)
        identity: Identity = SecureIdentity(sid)
        if package is not None:
            engine.log(
                "CDataOwnerManager::GetDataOwnersL() - Found package for secure id "
                f"0x{sid:08x}, package id 0x{package.uid:08x}"
            )
            if hides_package(engine, package):
                continue
            identity = PackageIdentity(package.uid, sid, package.name)
        if owner.error:
            infos.append(
                DataOwnerInfo(identity, CommonSettings(0), PassiveSettings(0), ActiveSettings(0), frozenset())
            )
        elif owner.registration.is_listed:
            registration = owner.registration
            infos.append(
                DataOwnerInfo(
                    identity,
                    registration.common_settings,
                    registration.passive_settings,
                    registration.active_settings,
                    owner.drives,
                )
            )
    return infos


def start_process_if_necessary(engine: BackupEngine, owner: DataOwner) -> None:
    """Start an active owner's process unless it runs already; errors are swallowed (BE 7.4, Q16)."""
    active = owner.registration.active
    if active is None:
        return
    name = active.process_name
    if engine.processes.running(owner.sid) is not None:
        engine.log(f"Process {name} already exists - not starting")
        session = engine.sessions.find(owner.sid)
        if session is None:
            owner.stored_status = TDataOwnerStatus.EDataOwnerNotConnected
            engine.log(f"Existing process {name} hasn't yet connected to a session")
        else:
            owner.stored_status = engine.ready_states.of_session(owner.sid)
            engine.log(f"Existing session for process {name} has status {int(owner.stored_status)}")
        return
    try:
        engine.processes.start(name, owner.sid)
    except Leave as leave:
        owner.stored_status = TDataOwnerStatus.EDataOwnerFailed
        engine.log(f"Process {name} failed to start({leave.code})")
    else:
        owner.stored_status = TDataOwnerStatus.EDataOwnerNotConnected
        engine.log(f"Process {name} started.")


def require_parsed(owner: DataOwner) -> None:
    """-18 for an owner that was never parsed (BE 11.1 step 4)."""
    if not owner.parsed:
        raise Leave(KErrNotReady)
