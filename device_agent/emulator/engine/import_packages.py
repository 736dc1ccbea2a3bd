"""Packages that register without a private directory of their own (BE 7.1, Registration format 7).

<drive>:\\private\\10202d56\\import\\packages\\<package uid>\\backup_registration.xml
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from device_agent.emulator.engine.owner_list import (
    DataOwner,
    build_drive_states,
    discovery_order,
    drives_of_package,
    hides_package,
    parse_owner,
)
from device_agent.emulator.installer import Package
from wire.formats.registration import RegistrationError, RegistrationReader, read_directory_sid
from wire.formats.serialised import DataOwnerInfo, PackageIdentity
from wire.symbian import ENGINE_SID, ActiveSettings, CommonSettings, Drive, PassiveSettings, SecureId
from wire.symbian_errors import Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine

IMPORT_FOLDER: Final = f"{ENGINE_SID.private_directory}import\\packages\\"
FILE_NAME: Final = "backup_registration.xml"


class ImportPackage(NamedTuple):
    """One such file.

    Attributes:
        uid: of the package, from the directory's name.
        public_files: it has a `public_backup`; what that selects is the business of the owner it becomes.
    """

    uid: SecureId
    system_files: bool = False
    public_files: bool = False


def read_import_packages(engine: BackupEngine) -> None:
    """Read every such file; one that cannot be read stands for a package with nothing to back up.

    One with public files is a data owner besides, with the package's UID for a SID.
    """
    engine.log("CDataOwnerManager::FindImportPackagesL() - Begin")
    engine.log("CDataOwnerManager::FindRegistrationFilesL() - START")
    found = list(_find_files(engine))
    engine.log(f"CDataOwnerManager::FindRegistrationFilesL() - END - total files {len(found)}")
    engine.import_packages = []
    for uid, path in found:
        engine.log(f"CDataOwnerManager::FindImportPackagesL() - found reg file: {path} for Package: 0x{uid:08x}")
        package = _read(engine, uid, path)
        engine.import_packages.append(package)
        if package.public_files:
            _add_owner(engine, uid, path)
    engine.log("CDataOwnerManager::FindImportPackagesL() - End")


def _add_owner(engine: BackupEngine, uid: SecureId, path: str) -> None:
    engine.log(f"CDataOwnerManager::FindImportPackagesL() - Package has the public files for SID: 0x{uid:08x}")
    if uid in engine.owners:
        engine.log(f"CDataOwnerManager::FindImportPackagesL() - SID already exists in the list SID: 0x{uid:08x}")
        return
    owner = engine.owners[uid] = DataOwner(uid, [path])
    parse_owner(engine, owner)
    build_drive_states(owner)


def _find_files(engine: BackupEngine) -> list[tuple[SecureId, str]]:
    found = []
    for drive in discovery_order(engine.files.drives):
        root = f"{drive.letter}:{IMPORT_FOLDER}"
        try:
            entries = engine.files.folder(root).sorted_entries()
        except Leave:
            continue
        for entry in entries:
            uid = read_directory_sid(entry.name)
            path = f"{root}{entry.name}\\{FILE_NAME}"
            if uid is not None and engine.files.exists(path):
                found.append((uid, path))
    return found


def _read(engine: BackupEngine, uid: SecureId, path: str) -> ImportPackage:
    """Only public and system files count here; all other elements are unknown."""
    reader = RegistrationReader(uid)
    try:
        reader.read(engine.files.read(path), primary=True)
        registration = reader.result()
    except (Leave, RegistrationError) as error:
        engine.log(
            f"CDataOwnerManager::GetDataOwnersL() - ParseFilesL() - Error in sid: 0x{uid:08x} ({error.code})"
        )
        return ImportPackage(uid)
    return ImportPackage(uid, registration.has_system_files, registration.public is not None)


def import_package_infos(engine: BackupEngine) -> list[DataOwnerInfo]:
    """Their entries of the owner list, after those of SIDs. The SID in the identity is the UID (UNVERIFIED)."""
    infos = []
    for found in engine.import_packages:
        package = engine.installer.installed(found.uid)
        if package is None or not hides_package(engine, package):
            infos.append(_info(engine, found, package))
    return infos


def _info(engine: BackupEngine, found: ImportPackage, package: Package | None) -> DataOwnerInfo:
    """An entry with nothing in it for a package that is not installed."""
    name, drives, common, passive = "", frozenset[Drive](), CommonSettings(0), PassiveSettings(0)
    if package is not None:
        name = package.name
        drives = drives_of_package(engine, package)
        common = CommonSettings.SYSTEM_FILES if found.system_files else common
        passive = PassiveSettings.PUBLIC_FILES if found.public_files else passive
    identity = PackageIdentity(found.uid, found.uid, name)
    return DataOwnerInfo(identity, common, passive, ActiveSettings(0), drives)
