"""An engine with active owners whose processes do what a test tells them to. Time moves only when it is told."""

from __future__ import annotations

import struct

from device_agent.emulator.abclient import ActiveBackupClient, ActiveBackupDataClient, SectionBuffer
from device_agent.emulator.engine.config import CONFIG_PATH
from device_agent.emulator.owners.misbehaving import MisbehavingClient, Misbehaviour
from device_agent.emulator.processes import Process
from device_agent.emulator.profile import Executable, HandsetProfile, ProfileFile
from tests.emulator.data.bench import Bench, C, registration
from wire.formats.container import unpack_sections
from wire.formats.serialised import SidTransfer, write_generic
from wire.symbian import (
    BACKUP_RESTORE_KEY,
    SYSTEM_CATEGORY,
    BurMode,
    Drive,
    SecureId,
    TBackupIncType,
    TBURPartType,
    TDataOwnerStatus,
    TTransferDataType,
)

D = Drive.parse("D")
ONE = SecureId(0x20001234)
TWO = SecureId(0x20001235)
THREE = SecureId(0x20001236)

SNAPSHOT = TTransferDataType.EActiveSnapshotData
BASE = TTransferDataType.EActiveBaseData
INCREMENT = TTransferDataType.EActiveIncrementalData

BACKUP = TBURPartType.EBURBackupFull
PARTIAL = TBURPartType.EBURBackupPartial
RESTORE = TBURPartType.EBURRestoreFull
PARTIAL_RESTORE = TBURPartType.EBURRestorePartial
NORMAL = TBURPartType.EBURNormal
UNSET = TBURPartType.EBURUnset

NOT_FOUND = TDataOwnerStatus.EDataOwnerNotFound
READY = TDataOwnerStatus.EDataOwnerReady
NOT_READY = TDataOwnerStatus.EDataOwnerNotReady
FAILED = TDataOwnerStatus.EDataOwnerFailed
NOT_CONNECTED = TDataOwnerStatus.EDataOwnerNotConnected
NO_IMPL = TDataOwnerStatus.EDataOwnerReadyNoImpl

NO_PROXIES = struct.pack("<I", 0)
PASSIVE = '<passive_backup><include_directory name="\\"/></passive_backup>'


def active(sid: SecureId = ONE, kind: str = "activeonly", *, increments: str = "yes", others: str = "") -> str:
    """An `active_backup` element."""
    return (
        f'<active_backup process_name="{sid:08x}.exe" active_type="{kind}" '
        f'supports_incremental="{increments}" {others}/>'
    )


def proxy(*sids: SecureId) -> str:
    return "".join(f'<proxy_data_manager SID="{sid}"/>' for sid in sids)


def record(sid: SecureId, data: bytes, *, finished: bool = True) -> bytes:
    """A proxy's part of an active stream (BE 14)."""
    return struct.pack("<IiI", finished, len(data), sid) + data


class Script(ActiveBackupDataClient):
    """A data owner that gives `content` and `snapshot`, and notes every callback as its number and arguments.

    Attributes:
        late: it says that it is finished only when there was less than there was room for.
        sections: sizes of what it gives, one after the other, instead of as much as there is room for.
    """

    def __init__(
        self, content: bytes = b"", snapshot: bytes = b"", *, late: bool = False, sections: tuple[int, ...] = ()
    ) -> None:
        self.content = content
        self.snapshot = snapshot
        self.late = late
        self.sections = list(sections)
        self.calls: list[tuple[int, ...]] = []
        self.restored = b""
        self.received = b""
        self._left = b""
        self._snapshot_left: bytes | None = None

    def commands(self) -> list[int]:
        return [call[0] for call in self.calls]

    def _give(self, buffer: SectionBuffer, left: bytes) -> bytes:
        size = min(buffer.max_length, self.sections.pop(0)) if self.sections else buffer.max_length
        buffer.append(left[:size])
        buffer.finished = len(left) < size if self.late else len(left) <= size
        return left[size:]

    def all_snapshots_supplied(self) -> None:
        self.calls.append((0,))

    def receive_snapshot_data(self, drive: Drive, data: bytes, last: bool) -> None:
        self.calls.append((1, drive, len(data), last))
        self.received += data

    def get_expected_data_size(self, drive: Drive) -> int:
        self.calls.append((2, drive))
        return len(self.content)

    def get_snapshot_data(self, drive_argument: int, buffer: SectionBuffer) -> None:
        self.calls.append((3, drive_argument, buffer.max_length))
        left = self.snapshot if self._snapshot_left is None else self._snapshot_left
        self._snapshot_left = self._give(buffer, left)

    def initialise_get_backup_data(self, drive: Drive) -> None:
        self.calls.append((4, drive))
        self._left = self.content

    def get_backup_data_section(self, buffer: SectionBuffer) -> None:
        self.calls.append((5, buffer.max_length))
        self._left = self._give(buffer, self._left)

    def initialise_restore_base_data(self, drive: Drive) -> None:
        self.calls.append((6, drive))

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        self.calls.append((7, len(data), finished))
        self.restored += data

    def initialise_restore_increment_data(self, drive: Drive) -> None:
        self.calls.append((8, drive))

    def restore_increment_data_section(self, data: bytes, finished: bool) -> None:
        self.calls.append((9, len(data), finished))
        self.restored += data

    def restore_complete(self, drive: Drive) -> None:
        self.calls.append((10, drive))

    def terminate_multi_stage_operation(self) -> None:
        self.calls.append((13,))

    def get_data_checksum(self, drive: Drive) -> int:
        self.calls.append((14, drive))
        return 0


class ProxyScript(Script):
    """One that keeps data for others too: the same content for each."""

    def initialise_get_proxy_backup_data(self, sid: SecureId, drive: Drive) -> None:
        self.calls.append((11, sid, drive))
        self._left = self.content

    def initialise_restore_proxy_base_data(self, sid: SecureId, drive: Drive) -> None:
        self.calls.append((12, sid, drive))


class EngineBench(Bench):
    """An engine, a host client, and owners by their SIDs with what stands in their registrations.

    Their executables are there, named by the SID; what a process does is up to `connect`.
    """

    def __init__(
        self,
        owners: dict[SecureId, str],
        *,
        drives: str = "CZ",
        without_executable: tuple[SecureId, ...] = (),
        config: str = "",
        files: dict[str, bytes] | None = None,
        **others: object,
    ) -> None:
        letters = [Drive.parse(letter) for letter in drives]
        given = dict(files or {})
        if config:
            given[f"C:{CONFIG_PATH}"] = f"<sbe_config>{config}</sbe_config>".encode()
        profile = HandsetProfile(
            writable_drives=tuple(drive for drive in letters if drive.letter != "Z"),
            registrations=tuple(
                (f"C:{sid.private_directory}backup_registration.xml", registration(body))
                for sid, body in owners.items()
            ),
            executables=tuple(
                Executable(f"{sid:08x}.exe", sid, Process) for sid in owners if sid not in without_executable
            ),
            files=tuple(ProfileFile(path, content) for path, content in given.items()),
            **others,  # type: ignore[arg-type]  # the fields of a profile
        )
        super().__init__(profile)

    # -------------------------------------------------------------------------------------- owners

    def process(self, sid: SecureId = ONE) -> Process:
        """The owner's process, started if it does not run."""
        running = self.phone.processes.running(sid)
        return running or self.phone.processes.start(f"{sid:08x}.exe", sid)

    def connect(
        self,
        script: ActiveBackupDataClient | None = None,
        sid: SecureId = ONE,
        *,
        confirm: int | None = 0,
        misbehaviour: Misbehaviour | None = None,
    ) -> ActiveBackupClient:
        """Let an owner's process create its client object, and confirm unless it shall not."""
        process = self.process(sid)
        if misbehaviour is None:
            client = ActiveBackupClient(process, script)
        else:
            client = MisbehavingClient(process, script, misbehaviour)
        if confirm is not None:
            client.confirm_ready(confirm)
        return client

    def connect_without_library(self, sid: SecureId = ONE) -> RawOwner:
        """An owner's process that sends its messages itself."""
        return RawOwner(self, sid)

    # ---------------------------------------------------------------------------------------- host

    def enter_partial(
        self,
        *sids: SecureId,
        part: TBURPartType = PARTIAL,
        increment: TBackupIncType = TBackupIncType.EBackupBase,
    ) -> None:
        self.client.set_sid_list_for_partial(sids)
        self.enter(part, increment)

    def change(self, part: int, increment: int = TBackupIncType.ENoBackup, drives: str = "C") -> None:
        """A change of mode, and nothing else."""
        self.client.set_bur_mode(frozenset(map(Drive.parse, drives)), BurMode(part, increment))

    def get(self, data_type: int = BASE, sid: SecureId = ONE, drive: Drive = C) -> tuple[bytes, bool]:
        """One transfer: the unwrapped bytes, and whether it was the last."""
        info = self.client.request_data(self.transfer(data_type, sid, drive))
        return b"".join(unpack_sections(info.data)), info.finished

    def put(
        self,
        data: bytes,
        data_type: int = BASE,
        sid: SecureId = ONE,
        drive: Drive = C,
        *,
        finished: bool = True,
    ) -> None:
        """One supply of one section."""
        self.supply(SidTransfer(drive, sid, data_type), data, finished=finished)

    def put_raw(
        self, section: bytes, data_type: int = BASE, sid: SecureId = ONE, *, finished: bool = True
    ) -> None:
        """One supply of bytes as they are."""
        self.client.supply_data(self.transfer(data_type, sid), section, finished=finished)

    def size(self, data_type: int = BASE, sid: SecureId = ONE, drive: Drive = C) -> int:
        return self.expected(SidTransfer(drive, sid, data_type))

    def transfer(self, data_type: int = BASE, sid: SecureId = ONE, drive: Drive = C) -> bytes:
        return write_generic(SidTransfer(drive, sid, data_type))

    def status(self, sid: SecureId = ONE) -> TDataOwnerStatus:
        return self.client.sid_status([sid])[0]

    @property
    def property_value(self) -> int:
        return self.phone.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)

    def pass_time(self, seconds: float) -> None:
        self.phone.clock.skip(seconds)
        self.phone.scheduler.run_ready()

    @property
    def log(self) -> list[str]:
        """Starts to note the engine's log lines; what is noted from now on."""
        lines: list[str] = []
        self.engine.log = lines.append
        return lines


class RawOwner:
    """An owner without the library: it answers commands when the test says so.

    Attributes:
        commands: completed primes, as command and two arguments.
    """

    def __init__(self, bench: EngineBench, sid: SecureId) -> None:
        self.session = bench.phone.connect_owner(bench.process(sid))
        self.commands: list[tuple[int, int, int]] = []

    def note(self, command: int, arg1: int, arg2: int) -> None:
        self.commands.append((command, arg1, arg2))

    def prime(self) -> None:
        self.session.prime(self.note)
