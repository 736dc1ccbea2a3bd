"""What a handset is: model, drives, the engine's version, the owners on board."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from device_agent.emulator.engine.config import EngineVersion
from device_agent.emulator.owners import registrations as reg
from device_agent.emulator.owners.central_repository import CentralRepository
from device_agent.emulator.owners.reference_client import ReferenceClient
from device_agent.emulator.owners.relayed import SlotProcess
from device_agent.emulator.owners.tutorial import TutorialOwner
from wire.symbian import CENTRAL_REPOSITORY_SID, Drive, SecureId

if TYPE_CHECKING:
    from device_agent.emulator.phone import Phone
    from device_agent.emulator.processes import Program


@dataclass(frozen=True)
class Executable:
    """A program in the ROM."""

    name: str
    sid: SecureId
    program: Program
    starts_at_boot: bool = False


AGENT_CAPABILITIES = frozenset({"LocalServices", "ReadDeviceData", "WriteDeviceData", "AllFiles"})

# abtestclient4.exe is missing, which is what the suite's case 0040 is about (Test plan 6.7).
EXECUTABLES = (
    Executable("abtestclient.exe", reg.CLIENT_1, ReferenceClient),
    Executable("abtestclient2.exe", reg.CLIENT_2, ReferenceClient),
    Executable("abtestclient3.exe", reg.CLIENT_3, ReferenceClient),
    Executable("centralrepositorysrv.exe", CENTRAL_REPOSITORY_SID, CentralRepository, starts_at_boot=True),
    Executable("referencetestdataowner.exe", reg.TUTORIAL, TutorialOwner),
)
SLOT_EXECUTABLES = tuple(
    Executable(f"bkowner{index + 1}.exe", sid, SlotProcess) for index, sid in enumerate(reg.SLOTS)
)
REGISTERED = (
    reg.CLIENT_1,
    reg.PROXIED,
    reg.CLIENT_2,
    reg.CLIENT_3,
    reg.CLIENT_4,
    reg.COMPLICATED,
    reg.PUBLIC_FILES,
    reg.PASSIVE,
    CENTRAL_REPOSITORY_SID,
    reg.TUTORIAL,
)

DATA_FILES: dict[str, bytes] = {
    "C:\\private\\10005399\\settings.ini": b"[phone]\r\nringing=loud\r\n" * 9,
    "C:\\private\\10005399\\notes\\first.txt": b"remember the milk\r\n" * 400,
    "C:\\private\\10005399\\notes\\empty.txt": b"",
    "C:\\private\\0ab7e58c\\single.dat": bytes(range(256)) * 4,
    "C:\\private\\0ab7e58c\\data\\kept.dat": b"kept" * 100,
    "C:\\private\\0ab7e58c\\data\\left_out.tmp": b"temporary",
    "C:\\private\\0fa00001\\private_file1.dat": b"private" * 1000,
    "C:\\public\\0FA00001\\public_file1.dat": b"public" * 2000,
    "C:\\public\\0FA00001\\public_file2.dat": b"9 letters",
}


@dataclass(frozen=True)
class HandsetProfile:
    """A kind of handset."""

    name: str = "public-suite"
    model: str = "Emulated S60 handset"
    firmware: str = "symbian3-2010.06"
    imei: str = "004401012345678"
    version: EngineVersion = field(default_factory=EngineVersion)
    debug_engine: bool = False
    agent_capabilities: frozenset[str] = AGENT_CAPABILITIES
    writable_drives: tuple[Drive, ...] = (Drive.parse("C"),)
    executables: tuple[Executable, ...] = EXECUTABLES
    registered: tuple[SecureId, ...] = REGISTERED
    data_files: tuple[tuple[str, bytes], ...] = tuple(DATA_FILES.items())


PROFILES: dict[str, HandsetProfile] = {p.name: p for p in (HandsetProfile(),)}


def find_profile(name: str) -> HandsetProfile:
    """A profile by its name; ValueError lists those there are."""
    try:
        return PROFILES[name]
    except KeyError:
        raise ValueError(f"there is no handset profile {name!r}; there are: {', '.join(PROFILES)}") from None


def equip(phone: Phone, profile: HandsetProfile) -> None:
    """Fill a new phone: drives, registration files, executables, data; start what runs from boot."""
    for drive in profile.writable_drives:
        phone.files.add_drive(drive)
    phone.files.add_drive(Drive.parse("Z"), read_only=True)
    executables = profile.executables
    registered = profile.registered
    if phone.agent is not None:
        executables += SLOT_EXECUTABLES
        registered += reg.SLOTS
    for sid in registered:
        phone.files.install(f"Z:{sid.private_directory}backup_registration.xml", reg.registration_of(sid))
    for path, data in profile.data_files:
        phone.files.install(path, data)
    for executable in executables:
        phone.processes.install(executable.name, executable.sid, executable.program)
        if executable.starts_at_boot:
            phone.processes.start(executable.name, executable.sid)
