"""A phone with one client of its engine, without link and agent in between."""

from __future__ import annotations

from collections.abc import Callable

from device_agent.emulator.engine.engine import HOST_CAPABILITIES
from device_agent.emulator.engine.host_api import HostSession
from device_agent.emulator.phone import Phone
from device_agent.emulator.profile import HandsetProfile, ProfileFile
from device_agent.emulator.properties import Caller
from wire.formats.container import pack_section, unpack_sections
from wire.formats.serialised import PassiveFileHeader, SnapshotEntry, Transfer, write_generic
from wire.layout import codec_of
from wire.symbian import BurMode, Drive, SecureId, TBackupIncType, TBURPartType
from wire.symbian_errors import Leave

C = Drive.parse("C")
OWNER = SecureId(0x20001234)
FOLDER = f"C:{OWNER.private_directory}"
BASE = TBackupIncType.EBackupBase

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<backup_registration version="1.0">'
EVERYTHING = '<passive_backup><include_directory name="\\"/></passive_backup>'


def registration(body: str) -> bytes:
    return f"{HEAD}{body}</backup_registration>".encode()


def profile_with(body: str, files: dict[str, bytes], **others: object) -> HandsetProfile:
    """A handset with one owner. `files` are relative to its private directory on C."""
    return HandsetProfile(
        registrations=((f"{FOLDER}backup_registration.xml", registration(body)),),
        files=tuple(ProfileFile(FOLDER + name, content) for name, content in files.items()),
        **others,  # type: ignore[arg-type]  # the fields of a profile
    )


class Bench:
    """What a host agent has at hand. Time stands still unless it is told to pass."""

    def __init__(self, profile: HandsetProfile) -> None:
        self.phone = Phone(profile, source=lambda: 0.0)
        self.engine = self.phone.running_engine()
        self.engine.host_connected(Caller(SecureId(0xE0F1B000), HOST_CAPABILITIES))
        self.client = HostSession(self.engine, "test.exe[e0f1b000]0001::Main")

    def enter(self, part: TBURPartType, increment: TBackupIncType = BASE) -> None:
        """List the owners, then enter a mode; in a restore report that the system files are there."""
        if self.engine.mode.is_normal:
            self.client.list_data_owners()
        self.client.set_bur_mode(frozenset({C}), BurMode(part, increment))
        if self.engine.mode.is_restore:
            self.client.all_system_files_restored()

    def normal(self) -> None:
        self.client.set_bur_mode(frozenset({C}), BurMode(TBURPartType.EBURNormal))

    def request(self, transfer: Transfer) -> bytes:
        """The unwrapped stream, however many transfers it takes."""
        out = b""
        while True:
            info = self.client.request_data(write_generic(transfer))
            out += b"".join(unpack_sections(info.data))
            if info.finished:
                return out

    def supply(self, transfer: Transfer, data: bytes, *, finished: bool = True) -> None:
        self.client.supply_data(write_generic(transfer), pack_section(data), finished=finished)

    def expected(self, transfer: Transfer) -> int:
        return self.client.expected_data_size(write_generic(transfer))


def code_of(action: Callable[[], object]) -> int:
    """What an action leaves with; 0 when it does not."""
    try:
        action()
    except Leave as leave:
        return leave.code
    return 0


def record(path: str, content: bytes = b"", *, attributes: int = 0x20, modified: int = 0) -> bytes:
    """A file as it stands in a stream."""
    name = path.encode("utf-16-le", "surrogatepass")
    header = PassiveFileHeader(len(name) // 2, len(content), attributes, 0, modified)
    return codec_of(PassiveFileHeader).build(header) + name + content


def snapshot(*paths: str, modified: int = 0) -> bytes:
    return b"".join(codec_of(SnapshotEntry).build(SnapshotEntry(path, modified)) for path in paths)
