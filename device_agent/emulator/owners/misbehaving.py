"""Data owners that do something wrong, on call: any program, and what is the matter with it (BE 15, 16.7).

A profile names the way under `misbehaviour`; a test writes `Misbehaviour("hangs", AbCallback.GetSnapshotDataL)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from device_agent.emulator.abclient import ActiveBackupClient, ActiveBackupDataClient, SectionBuffer, Unanswered
from device_agent.emulator.owners.watcher import WatchingProcess
from device_agent.emulator.processes import Process, Program
from wire.symbian import AbCallback, SecureId
from wire.symbian_errors import KErrGeneral, Leave

if TYPE_CHECKING:
    from device_agent.emulator.phone import Phone

CONNECTS_AFTER_S: Final = 5.0
AFTER_THE_WATCHDOG_S: Final = 1.0
USUAL_WATCHDOG_S: Final = 200.0

EVERY_CALLBACK: Final = frozenset(AbCallback)
GIVING: Final = frozenset({AbCallback.GetSnapshotDataL, AbCallback.GetBackupDataSectionL})
NO_CALLBACK: Final[frozenset[AbCallback]] = frozenset()


class Way(NamedTuple):
    """A way to misbehave: what it is, and in which callbacks it is possible; none where it is not in one."""

    meaning: str
    callbacks: frozenset[AbCallback]


WAYS: Final[dict[str, Way]] = {
    "leaves": Way("leaves with `code`", EVERY_CALLBACK),
    "hangs": Way("never returns from the callback", EVERY_CALLBACK),
    "dies": Way("its process ends in the callback", EVERY_CALLBACK),
    "gives-nothing": Way("gives 0 bytes and says that there is more, for ever", GIVING),
    "gives-too-much": Way("writes one byte more than there is room for", GIVING),
    "answers-late": Way("answers the callback for the first time a second after the watchdog", EVERY_CALLBACK),
    "never-confirms": Way("connects, but does not confirm", NO_CALLBACK),
    "confirms-with-error": Way("confirms with `code`", NO_CALLBACK),
    "connects-late": Way("does nothing until 5 s after its start", NO_CALLBACK),
    "wrong-sid": Way("its executable has another SID than its registration", NO_CALLBACK),
    "missing-executable": Way("there is no executable of its name", NO_CALLBACK),
}


class Misbehaviour(NamedTuple):
    """What an owner does wrong: in which way, in which callback, with which error where the way has one."""

    how: str
    callback: AbCallback | None = None
    code: int = KErrGeneral

    def problem(self) -> str:
        """What is wrong with this misbehaviour itself; empty when nothing is."""
        allowed = WAYS[self.how].callbacks
        if self.callback is None:
            return f"an owner that {self.how} does so `in` a callback: name it" if allowed else ""
        if not allowed:
            return f"{self.how} is not `in` a callback"
        if self.callback not in allowed:
            return f"{self.how} is possible in {' and '.join(c.name for c in sorted(allowed))} only"
        return ""

    @property
    def has_no_executable(self) -> bool:
        """There is nothing to start."""
        return self.how == "missing-executable"

    def sid_of_executable(self, sid: SecureId) -> SecureId:
        """The SID that the owner's executable has."""
        return SecureId(sid ^ 1) if self.how == "wrong-sid" else sid


class MisbehavingClient(ActiveBackupClient):
    """A connection to the engine with something wrong behind it."""

    def __init__(
        self, process: Process, client: ActiveBackupDataClient | None, misbehaviour: Misbehaviour
    ) -> None:
        self._misbehaviour = misbehaviour
        self._was_late = False
        super().__init__(process, client)

    def confirm_ready(self, error: int) -> None:
        match self._misbehaviour.how:
            case "never-confirms":
                pass
            case "confirms-with-error":
                super().confirm_ready(self._misbehaviour.code)
            case _:
                super().confirm_ready(error)

    def call(self, command: int, arg1: int, arg2: int) -> SectionBuffer | int | None:
        if command == self._misbehaviour.callback:
            match self._misbehaviour.how:
                case "leaves":
                    raise Leave(self._misbehaviour.code)
                case "hangs":
                    raise Unanswered(None)
                case "dies":
                    self._process.end()
                    return None
                case "gives-nothing":
                    nothing = SectionBuffer(arg1)
                    nothing.finished = False
                    return nothing
                case "gives-too-much":
                    SectionBuffer(arg1).append(bytes(arg1 + 1))
                case "answers-late" if not self._was_late:
                    self._was_late = True
                    watchdog_s = self.session.engine.watchdog_s(self._process.sid)
                    raise Unanswered((watchdog_s or USUAL_WATCHDOG_S) + AFTER_THE_WATCHDOG_S)
        return super().call(command, arg1, arg2)


def misbehaving(program: Program, misbehaviour: Misbehaviour) -> Program:
    """A program with something wrong with it."""

    def start(phone: Phone, sid: SecureId, name: str) -> Process:
        process = program(phone, sid, name)
        if misbehaviour.how == "connects-late":
            process.begins_after_s = CONNECTS_AFTER_S
        if isinstance(process, WatchingProcess):
            process.make_client = lambda callbacks: MisbehavingClient(process, callbacks, misbehaviour)
        return process

    return start
