"""The engine as a process: what it keeps, how it begins and ends (BE 2, 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from device_agent.emulator.clock import Timer
from device_agent.emulator.engine.config import EngineConfig, EngineVersion, allocate_heap, read_config
from device_agent.emulator.engine.import_packages import ImportPackage
from device_agent.emulator.engine.mode import set_bur_mode
from device_agent.emulator.engine.owner_list import DataOwner
from device_agent.emulator.engine.package_data import PackageState
from device_agent.emulator.engine.ready_state import ReadyStates
from device_agent.emulator.engine.session import OwnerSession, SessionMap
from device_agent.emulator.engine.transfer import SectionDecoder
from device_agent.emulator.filesystem import FileSystem
from device_agent.emulator.installer import SoftwareInstaller
from device_agent.emulator.processes import Process, ProcessTable
from device_agent.emulator.properties import Caller, PropertyStore
from device_agent.emulator.scheduler import Scheduler
from wire.symbian import (
    BACKUP_RESTORE_KEY,
    ENGINE_SID,
    SYSTEM_CATEGORY,
    BurMode,
    Drive,
    SecureId,
    TBackupIncType,
    TBURPartType,
)
from wire.symbian_errors import KErrAlreadyExists, KErrNoMemory, KErrNotSupported, KErrPermissionDenied, Leave

IDLE_S: Final = 2.097152
"""How long the engine outlives its last host session: 0x200000 microseconds (BE 4.1)."""

HOST_CAPABILITIES: Final = frozenset({"ReadDeviceData", "WriteDeviceData"})
LibraryVersion = tuple[int, int]
SERVER_VERSION: Final[LibraryVersion] = (1, 0)
"""Of both servers, major and minor; the build is not looked at (BE 2)."""

ENGINE_CAPABILITIES: Final = frozenset({"ProtServ", "AllFiles", "WriteDeviceData", "ReadUserData", "TrustedUI"})


def check_version(version: LibraryVersion) -> None:
    """-5 for a client library that is newer than the server (BE 2)."""
    if version > SERVER_VERSION:
        raise Leave(KErrNotSupported)


def _keep_silent(text: str) -> None:
    """The log of a version that writes none."""


class BackupEngine:
    """`sbengine`: both servers in one thread.

    Attributes:
        mode, mode_drives: what the host passed in the last successful change.
        partial_list: the SIDs for partial modes; None until a list was stored in this process (Q12).
        owners: what the last listing made, empty after the return to normal (Q10).
        import_packages: packages that register without a private directory, from the same listing.
        packages: what has passed between host and packages, by UID; empty after the return to normal.
        log: writes a line of securebackup.txt, if this version has one.
        debug: a debug build has no watchdog and does not start its idle timer at construction.
    """

    def __init__(
        self,
        *,
        files: FileSystem,
        properties: PropertyStore,
        processes: ProcessTable,
        scheduler: Scheduler,
        installer: SoftwareInstaller,
        log: Callable[[str], None],
        version: EngineVersion,
        debug: bool = False,
        free_memory: int = 1 << 24,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.files = files
        self.properties = properties
        self.processes = processes
        self.scheduler = scheduler
        self.installer = installer
        self.version = version
        self.debug = debug
        self.log: Callable[[str], None] = log if version.writes_log else _keep_silent
        self._on_end = on_end
        self.mode = BurMode(TBURPartType.EBURUnset)
        self.mode_drives: frozenset[Drive] = frozenset()
        self.partial_list: tuple[SecureId, ...] | None = None
        self.owners: dict[SecureId, DataOwner] = {}
        self.import_packages: list[ImportPackage] = []
        self.packages: dict[int, PackageState] = {}
        self.sessions = SessionMap()
        self.ready_states = ReadyStates(self)
        self.decoder = SectionDecoder()
        self.host_sessions = 0
        self.ended = False
        self._idle: Timer | None = None
        self._define_property()
        self.config: EngineConfig = read_config(files, self.log)
        self.heap_size = allocate_heap(self.config, free_memory)
        if not self.heap_size:
            raise Leave(KErrNoMemory)
        if not debug:
            self._start_idle_timer()

    def _define_property(self) -> None:
        """The system agent has normally done it at boot; that it is there already is ignored (BE 3)."""
        try:
            self.properties.define(
                SYSTEM_CATEGORY,
                BACKUP_RESTORE_KEY,
                Caller(ENGINE_SID, ENGINE_CAPABILITIES),
                writer=ENGINE_SID,
            )
        except Leave as leave:
            if leave.code != KErrAlreadyExists:
                raise

    # ------------------------------------------------------------------------------------- connections

    def host_connected(self, caller: Caller, version: LibraryVersion = SERVER_VERSION) -> None:
        """A CSBEClient connects; -46 without both capabilities (BE 2). The idle timer stops."""
        check_version(version)
        if not caller.capabilities >= HOST_CAPABILITIES:
            raise Leave(KErrPermissionDenied)
        self.host_sessions += 1
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def host_disconnected(self) -> None:
        """A CSBEClient goes; with the last one the idle timer starts. Owners do not keep the engine alive."""
        self.host_sessions -= 1
        if self.host_sessions == 0:
            self._start_idle_timer()

    def owner_connected(self, process: Process, version: LibraryVersion = SERVER_VERSION) -> OwnerSession:
        """A CActiveBackupClient connects, in any mode and with any SID (Q1)."""
        check_version(version)
        session = OwnerSession(self, process)
        self.sessions.add(session)
        return session

    def watchdog_s(self, sid: SecureId) -> float | None:
        """How long a callback of an owner may take; None in debug builds, which wait for ever (BE 15.2)."""
        if self.debug:
            return None
        owner = self.owners.get(sid)
        active = owner.registration.active if owner is not None else None
        return (active.callback_delay_time_us if active is not None else DEFAULT_WATCHDOG_US) / 1e6

    def close_all_applications(self) -> None:
        """Ask the backup-lock server to close applications; its completion code is ignored (BE 5.2 step 2)."""

    # --------------------------------------------------------------------------------------------- end

    def _start_idle_timer(self) -> None:
        self._idle = self.scheduler.clock.call_later(IDLE_S, self.end_itself)

    def end_itself(self) -> None:
        """Nobody is there any more: the mode goes to Unset, then the engine ends (BE 4.1, Q4)."""
        if self.ended:
            return
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        try:
            set_bur_mode(self, frozenset(), BurMode(TBURPartType.EBURUnset, TBackupIncType.ENoBackup))
        finally:
            self.end()

    def end(self) -> None:
        """The process ends; owners' primes complete with -3 or -15, and their sessions are gone."""
        self.ended = True
        for session in self.sessions.drop_all():
            session.destroy()
        self._on_end()


DEFAULT_WATCHDOG_US: Final = 200_000_000
