"""The emulated handset, put together."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from device_agent.emulator.clock import FACTORY_TIME, PhoneClock
from device_agent.emulator.engine.engine import BackupEngine
from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.engine.session import OwnerSession
from device_agent.emulator.file_logger import FileLogger
from device_agent.emulator.filesystem import FileSystem
from device_agent.emulator.installer import SoftwareInstaller
from device_agent.emulator.processes import Process, ProcessTable
from device_agent.emulator.profile import HandsetProfile, boot, equip
from device_agent.emulator.properties import PropertyStore
from device_agent.emulator.scheduler import Scheduler
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, BurMode, TBURPartType
from wire.symbian_errors import KErrGeneral, KErrNotFound, Leave

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent


class Phone:
    """A switched-on handset. Making a new one is a reboot with a factory reset; `rebooted` keeps what is on disk.

    Args:
        profile: model, drives, engine version, owners.
        source: real seconds for its clock.
        skips: waiting inside the phone advances its clock at once.
        agent: the program that its owner slots talk to; without one they cannot be started.
        before: the same handset until it was switched off.

    Attributes:
        engine_is_called: the engine is in the midst of a host's call.
    """

    def __init__(
        self,
        profile: HandsetProfile,
        *,
        source: Callable[[], float] = time.monotonic,
        skips: bool = True,
        agent: Agent | None = None,
        before: Phone | None = None,
    ) -> None:
        self.profile = profile
        self.agent = agent
        self._source = source
        home_time = before.clock.home_time() if before is not None else FACTORY_TIME
        self.clock: PhoneClock = PhoneClock(source, skips=skips, home_time=home_time)
        self.scheduler = Scheduler(self.clock)
        self.properties = PropertyStore(self.scheduler.post)
        self.files: FileSystem = FileSystem(self.clock.home_time) if before is None else before.files
        self.files.home_time = self.clock.home_time
        self.logger = FileLogger(self.files, self.clock.home_time)
        self.installer: SoftwareInstaller = SoftwareInstaller(self.files) if before is None else before.installer
        self.processes = ProcessTable(self)
        self.engine: BackupEngine | None = None
        self.engine_is_called = False
        self.engine_starts = not profile.faults.engine_does_not_start
        self.on_note: Callable[[str], None] = lambda text: None
        self.memory: deque[str] = deque(maxlen=200)
        if before is None:
            equip(self, profile)
        boot(self, profile)
        self.scheduler.run_ready()

    def rebooted(self) -> Phone:
        """The same handset after it was switched off and on: files and packages are there, nothing else is."""
        return Phone(self.profile, source=self._source, skips=self.clock.skips, agent=self.agent, before=self)

    def remember(self, text: str) -> None:
        """Note something that a person who looks for a fault will want to know."""
        note = f"{self.clock.now():.3f} {text}"
        self.memory.append(note)
        self.on_note(note)

    @property
    def backup_mode(self) -> BurMode:
        """What the backup and restore property says; Unset where nobody has defined it."""
        try:
            return BurMode.from_property(self.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY))
        except Leave:
            return BurMode(TBURPartType.EBURUnset)

    # ----------------------------------------------------------------------------------------- engine

    def running_engine(self) -> BackupEngine:
        """The engine, started if it does not run; -1 when it cannot be started (BE 2)."""
        if self.engine is None or self.engine.ended:
            if not self.engine_starts:
                raise Leave(KErrNotFound)
            self.engine = BackupEngine(
                files=self.files,
                properties=self.properties,
                processes=self.processes,
                scheduler=self.scheduler,
                installer=self.installer,
                log=self.logger.log("connect", "securebackup.txt").write,
                version=self.profile.version,
                debug=self.profile.debug_engine,
                free_memory=self.profile.faults.free_memory,
            )
        return self.engine

    def engine_panicked(self, panic: EnginePanic) -> None:
        """The engine's process ends at once."""
        self.remember(f"sbengine.exe panicked: {panic}")
        if self.engine is not None:
            self.engine.end()

    def end_engine(self) -> None:
        """The engine ends: of itself, leaving its mode (Q4), or in a panic when it is in the midst of a call."""
        engine = self.engine
        if engine is None or engine.ended:
            return
        self.remember("the engine ends")
        if self.engine_is_called:
            raise EnginePanic(self.profile.version.panic_category, KErrGeneral)
        self.scheduler.post(engine.end_itself)

    def connect_owner(self, process: Process) -> OwnerSession:
        """A data owner connects, in any mode (Q1)."""
        return self.running_engine().owner_connected(process)
