"""The emulated handset, put together."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from device_agent.emulator.clock import PhoneClock
from device_agent.emulator.engine.engine import BackupEngine
from device_agent.emulator.engine.session import OwnerSession
from device_agent.emulator.file_logger import FileLogger
from device_agent.emulator.filesystem import FileSystem
from device_agent.emulator.processes import Process, ProcessTable
from device_agent.emulator.profile import HandsetProfile, equip
from device_agent.emulator.properties import Caller, PropertyStore
from device_agent.emulator.scheduler import Scheduler
from wire.symbian import (
    BACKUP_RESTORE_KEY,
    ENGINE_SID,
    SYSTEM_CATEGORY,
    SecureId,
)
from wire.symbian_errors import KErrNotFound, Leave

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent

SYSTEM_AGENT_SID = SecureId(0x101F7989)


class Phone:
    """A switched-on handset. Making a new one is a reboot with a factory reset.

    Args:
        profile: model, drives, engine version, owners.
        source: real seconds for its clock.
        skips: waiting inside the phone advances its clock at once.
        agent: the program that its owner slots talk to; without one they cannot be started.
    """

    def __init__(
        self,
        profile: HandsetProfile,
        *,
        source: Callable[[], float] = time.monotonic,
        skips: bool = True,
        agent: Agent | None = None,
    ) -> None:
        self.profile = profile
        self.agent = agent
        self.clock = PhoneClock(source, skips=skips)
        self.scheduler = Scheduler(self.clock)
        self.properties = PropertyStore(self.scheduler.post)
        self.files = FileSystem(self.clock.home_time)
        self.logger = FileLogger(self.files, self.clock.home_time)
        self.processes = ProcessTable(self)
        self.engine: BackupEngine | None = None
        self.engine_starts = True
        self.memory: deque[str] = deque(maxlen=200)
        self._boot()

    def _boot(self) -> None:
        # The system agent defines the property at boot; nobody but the engine may write it (BE 3).
        self.properties.define(
            SYSTEM_CATEGORY,
            BACKUP_RESTORE_KEY,
            Caller(SYSTEM_AGENT_SID, frozenset({"WriteDeviceData"})),
            writer=ENGINE_SID,
        )
        equip(self, self.profile)
        self.scheduler.run_ready()

    def remember(self, text: str) -> None:
        """Note something that a person who looks for a fault will want to know."""
        self.memory.append(f"{self.clock.now():.3f} {text}")

    # ----------------------------------------------------------------------------------------- engine

    def running_engine(self) -> BackupEngine:
        """The engine, started if it does not run; -1 when it cannot be started (BE 2)."""
        if self.engine is None or self.engine.ended:
            if not self.engine_starts:
                raise Leave(KErrNotFound)
            self.logger.write("connect", "securebackup.txt", "Error trying to parse sbeconfig.xml : -1")
            self.logger.write("connect", "securebackup.txt", "Using Default Settings !")
            self.engine = BackupEngine(
                files=self.files,
                properties=self.properties,
                processes=self.processes,
                scheduler=self.scheduler,
                log=lambda text: self.logger.write("connect", "securebackup.txt", text),
                version=self.profile.version,
                debug=self.profile.debug_engine,
            )
        return self.engine

    def connect_owner(self, process: Process) -> OwnerSession:
        """A data owner connects, in any mode (Q1)."""
        return self.running_engine().owner_connected(process)
