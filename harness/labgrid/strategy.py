"""SymbianStrategy: a phone in a known state, for labgrid's own environments.

off      its power is off
agent    its agent answers
normal   and it is in no backup or restore mode, whatever an earlier run has left
backup   in a full backup: `run` is the BackupRun
restore  in a full restore: `run` is the RestoreRun
"""

from __future__ import annotations

import contextlib
import enum
import time
from typing import Any, Final

import attr
from labgrid.factory import target_factory
from labgrid.step import step
from labgrid.strategy import Strategy, StrategyError, never_retry

from harness.backup import BackupRun, RestoreRun
from harness.errors import LabUnavailable
from harness.labgrid import drivers

__all__ = ["Status", "SymbianStrategy", "drivers"]

BOOT_TIMEOUT_S: Final = 90.0
"""How long a phone may take from its power to its agent."""
_AGAIN_S: Final = 1.0


class Status(enum.Enum):
    """The states, in the order in which they are reached."""

    unknown = 0
    off = 1
    agent = 2
    normal = 3
    backup = 4
    restore = 5


@target_factory.reg_driver
@attr.s(eq=False)
class SymbianStrategy(Strategy):  # type: ignore[misc]
    """Brings a phone into a state. Without a driver of its power it cannot be brought to `off`.

    Attributes:
        run: the run, in the states backup and restore.
    """

    bindings = {"power": {"PowerProtocol", None}, "agent": "SymbianAgentDriver"}  # noqa: RUF012 - as labgrid has it

    status: Status = attr.ib(default=Status.unknown)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._runs = contextlib.ExitStack()
        self.run: BackupRun | RestoreRun | None = None

    @never_retry  # type: ignore[untyped-decorator]
    @step(args=["status"])  # type: ignore[untyped-decorator]
    def transition(self, status: Status | str, *, step: Any) -> None:
        """Go there from wherever the phone is."""
        wanted = status if isinstance(status, Status) else _status(status)
        if wanted is Status.unknown:
            raise StrategyError("no phone can be brought into an unknown state")
        if wanted is self.status:
            step.skip("nothing to do")
            return
        self._leave_run()
        if wanted is Status.off:
            self._switch_off()
        else:
            self._wake_agent()
            if wanted is not Status.agent:
                self._bring_to_normal()
            if wanted in {Status.backup, Status.restore}:
                self._begin_run(wanted)
        self.status = wanted

    @never_retry  # type: ignore[untyped-decorator]
    @step(args=["status"])  # type: ignore[untyped-decorator]
    def force(self, status: Status | str) -> None:
        """Take for granted that the phone is there already."""
        wanted = status if isinstance(status, Status) else _status(status)
        if wanted not in {Status.off, Status.agent, Status.normal}:
            raise StrategyError(f"{wanted.name} cannot be taken for granted: a run is begun by whoever ends it")
        if wanted is not Status.off:
            self.target.activate(self.agent)
        self.status = wanted

    def _leave_run(self) -> None:
        self.run = None
        self._runs.close()  # which brings the phone back to normal

    def _switch_off(self) -> None:
        if self.power is None:
            raise StrategyError(
                "the target has no driver for the phone's power, so that it cannot be switched off"
            )
        self.target.deactivate(self.agent)
        self.target.activate(self.power)
        self.power.off()

    def _wake_agent(self) -> None:
        deadline = time.monotonic()
        if self.power is not None and self.status in {Status.unknown, Status.off}:
            self.target.activate(self.power)
            self.power.on()
            deadline += BOOT_TIMEOUT_S
        while True:
            try:
                self.target.activate(self.agent)
            except LabUnavailable:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_AGAIN_S)
            else:
                return

    def _bring_to_normal(self) -> None:
        self.agent.handset.recover()

    def _begin_run(self, status: Status) -> None:
        handset = self.agent.handset
        self.run = self._runs.enter_context(handset.backup() if status is Status.backup else handset.restore())


def _status(name: str) -> Status:
    try:
        return Status[name]
    except KeyError:
        known = ", ".join(status.name for status in Status if status is not Status.unknown)
        raise StrategyError(f"there is no state {name}; there are {known}") from None
