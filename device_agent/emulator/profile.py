"""What a handset is: model, drives, the engine's version, the owners on board. profiles.py has some."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from device_agent.emulator.engine.config import EngineVersion
from device_agent.emulator.installer import Package
from device_agent.emulator.owners import registrations as reg
from device_agent.emulator.owners.misbehaving import Misbehaviour, misbehaving
from device_agent.emulator.owners.relayed import SlotProcess
from device_agent.emulator.properties import Caller
from wire.protocol.messages.files import FileAttributes
from wire.symbian import BACKUP_RESTORE_KEY, ENGINE_SID, SOFTWARE_INSTALL_KEY, SYSTEM_CATEGORY, Drive, SecureId

if TYPE_CHECKING:
    from device_agent.emulator.phone import Phone
    from device_agent.emulator.processes import Program

SYSTEM_AGENT_SID: Final = SecureId(0x101F7989)
INSTALLER_SID: Final = SecureId(0x101F875A)


@dataclass(frozen=True)
class Executable:
    """A program in the ROM."""

    name: str
    sid: SecureId
    program: Program
    starts_at_boot: bool = False

    def that_misbehaves(self, misbehaviour: Misbehaviour) -> Executable:
        """The same with something wrong; for one that is to be missing there is no executable at all."""
        sid = misbehaviour.sid_of_executable(self.sid)
        return dataclasses.replace(self, sid=sid, program=misbehaving(self.program, misbehaviour))


@dataclass(frozen=True)
class ProfileFile:
    """A file that is on the phone from the beginning. A locked one is held open by somebody for good."""

    path: str
    content: bytes
    read_only: bool = False
    locked: bool = False


@dataclass(frozen=True)
class ProfilePackage:
    """A package whose installation file is on the phone."""

    package: Package
    installed: bool = False


@dataclass(frozen=True)
class Faults:
    """What is wrong with a handset.

    Attributes:
        engine_panics_in: the call of the host, by its name in the protocol, in which the engine panics.
        property_writer: who has defined the backup and restore property before the engine could.
    """

    engine_does_not_start: bool = False
    engine_panics_in: str = ""
    installation_in_progress: bool = False
    property_undefined: bool = False
    property_writer: SecureId | None = None
    free_memory: int = 1 << 24


AGENT_CAPABILITIES: Final = frozenset({"LocalServices", "ReadDeviceData", "WriteDeviceData", "AllFiles"})

SLOT_EXECUTABLES: Final = tuple(
    Executable(f"bkowner{index + 1}.exe", sid, SlotProcess) for index, sid in enumerate(reg.SLOTS)
)


@dataclass(frozen=True)
class HandsetProfile:
    """A kind of handset; as it stands here, one with nothing on board.

    Attributes:
        registrations: registration files by their full paths.
    """

    name: str = "empty"
    model: str = "Emulated S60 handset"
    firmware: str = "symbian3-2010.06"
    imei: str = "004401012345678"
    version: EngineVersion = field(default_factory=EngineVersion)
    debug_engine: bool = False
    agent_capabilities: frozenset[str] = AGENT_CAPABILITIES
    writable_drives: tuple[Drive, ...] = (Drive.parse("C"),)
    read_only_drives: tuple[Drive, ...] = (Drive.parse("Z"),)
    executables: tuple[Executable, ...] = ()
    registrations: tuple[tuple[str, bytes], ...] = ()
    files: tuple[ProfileFile, ...] = ()
    packages: tuple[ProfilePackage, ...] = ()
    faults: Faults = Faults()


class ProfileError(ValueError):
    """A handset profile that cannot be used; the message says what is wrong with it, and where."""


def equip(phone: Phone, profile: HandsetProfile) -> None:
    """Fill a new phone: drives, registration files, data, packages."""
    for drive in profile.writable_drives:
        phone.files.add_drive(drive)
    for drive in profile.read_only_drives:
        phone.files.add_drive(drive, read_only=True)
    for path, data in profile.registrations:
        phone.files.install(path, data)
    if phone.agent is not None:
        for sid in reg.SLOTS:
            path = f"{_drive_for_programs(profile)}:{sid.private_directory}backup_registration.xml"
            phone.files.install(path, reg.registration_of(sid))
    for found in profile.files:
        _install(phone, found)
    for at_hand in profile.packages:
        phone.installer.put_at_hand(at_hand.package)
        if at_hand.installed:
            phone.installer.install(at_hand.package.uid)


def boot(phone: Phone, profile: HandsetProfile) -> None:
    """What is new each time the phone is switched on: properties, and the programs that run from boot."""
    _define_properties(phone, profile.faults)
    executables = profile.executables
    if phone.agent is not None:
        executables += SLOT_EXECUTABLES
    for executable in executables:
        phone.processes.install(executable.name, executable.sid, executable.program)
        if executable.starts_at_boot:
            phone.processes.start(executable.name, executable.sid)


def _drive_for_programs(profile: HandsetProfile) -> Drive:
    """The ROM; a handset without one has them on its first drive."""
    return max(profile.read_only_drives, default=min(profile.writable_drives))


def _install(phone: Phone, found: ProfileFile) -> None:
    file = phone.files.install(found.path, found.content)
    if found.read_only:
        file.attributes |= FileAttributes.READ_ONLY
    file.exclusive = found.locked


def _define_properties(phone: Phone, faults: Faults) -> None:
    """The system agent defines the property at boot; nobody but the engine may write it (BE 3)."""
    definer = Caller(SYSTEM_AGENT_SID, frozenset({"WriteDeviceData"}))
    properties = phone.properties
    if not faults.property_undefined:
        writer = faults.property_writer or ENGINE_SID
        properties.define(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, definer, writer=writer)
    if faults.installation_in_progress:
        installer = Caller(INSTALLER_SID, frozenset({"WriteDeviceData"}))
        properties.define(SYSTEM_CATEGORY, SOFTWARE_INSTALL_KEY, installer)
        properties.set(SYSTEM_CATEGORY, SOFTWARE_INSTALL_KEY, 1, installer)
