"""Processes of the phone that have a secure ID, and the executables they are started from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.properties import Caller
from wire.symbian import SecureId
from wire.symbian_errors import KErrNotFound, Leave

if TYPE_CHECKING:
    from device_agent.emulator.phone import Phone


class OwnerPanic(Exception):
    """A process panics: it is ended at once with a category and a reason."""

    def __init__(self, category: str, reason: int) -> None:
        super().__init__(f"{category} {reason}")
        self.category = category
        self.reason = reason


class Process:
    """A running process. Subclasses are programs: `main` runs once it has been started.

    Attributes:
        begins_after_s: how long after its start `main` runs.
    """

    begins_after_s = 0.0

    def __init__(self, phone: Phone, sid: SecureId, name: str) -> None:
        self.phone = phone
        self.sid = sid
        self.name = name
        self.alive = True
        self._at_end: list[Callable[[], None]] = []

    @property
    def caller(self) -> Caller:
        """Who it is for servers and the kernel."""
        return Caller(self.sid)

    @property
    def thread_name(self) -> str:
        """The full name of its main thread, as logs show it."""
        return f"{self.name}[{self.sid:08x}]0001::Main"

    def main(self) -> None:
        """What the program does when it is started."""

    def at_end(self, action: Callable[[], None]) -> None:
        """Do something when the process ends, in whatever way: the kernel closes its handles."""
        self._at_end.append(action)

    def post(self, action: Callable[[], None]) -> None:
        """Do something in this process when it has its turn, if it is still alive."""

        def run() -> None:
            if self.alive:
                try:
                    action()
                except OwnerPanic as panic:
                    self.phone.remember(f"{self.name} panicked: {panic}")
                    self.end()
                except EnginePanic as panic:
                    # The engine did not survive a message of this process. A host that waits for the engine has
                    # to hear of it; where none does, that is all.
                    if self.phone.engine_is_called:
                        raise
                    self.phone.engine_panicked(panic)

        self.phone.scheduler.post(run)

    def end(self) -> None:
        """End it, by itself or by a kill: its sessions are destroyed without a word."""
        if self.alive:
            self.alive = False
            self.phone.processes.forget(self)
            for action in self._at_end:
                action()


Program = Callable[["Phone", SecureId, str], Process]


class ProcessTable:
    """Executables by name, running processes by SID."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._executables: dict[str, tuple[SecureId, Program]] = {}
        self._running: dict[SecureId, Process] = {}

    def install(self, name: str, sid: SecureId, program: Program) -> None:
        """Put an executable with its SID into place."""
        self._executables[name.lower()] = (sid, program)

    def remove(self, name: str) -> None:
        """Take an executable away; what runs goes on."""
        self._executables.pop(name.lower(), None)

    def running(self, sid: SecureId) -> Process | None:
        """The process with that SID."""
        return self._running.get(sid)

    def start(self, name: str, required_sid: SecureId) -> Process:
        """Create a process by its executable's name; leaves with -1 when none has that SID (BE 7.4).

        Extension and path are optional, as real registration files show.
        """
        base = name.rsplit("\\", 1)[-1].lower()
        found = self._executables.get(base) or self._executables.get(base + ".exe")
        if found is None or found[0] != required_sid:
            raise Leave(KErrNotFound)
        sid, program = found
        process = program(self._phone, sid, base if base.endswith(".exe") else base + ".exe")
        self._running[sid] = process
        if process.begins_after_s:
            self._phone.clock.call_later(process.begins_after_s, lambda: process.post(process.main))
        else:
            process.post(process.main)
        return process

    def forget(self, process: Process) -> None:
        """It has ended."""
        if self._running.get(process.sid) is process:
            del self._running[process.sid]
