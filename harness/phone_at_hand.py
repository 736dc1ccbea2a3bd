"""One handset of a run: held, opened when a test wants it, kept for the others, opened again after it was lost."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.errors import HandsetLost, HilError, LabUnavailable, WriteRefused
from harness.lab.hold import Hold, take
from harness.lab.open import open_handset
from harness.log.collect import LogPosition, collect_since, enable_logging, log_position
from harness.recording import ALLOW_RESTORE, COLLECT_LOGS
from harness.recording.steps import EVIDENCE_BEGINS, EVIDENCE_ENDS
from harness.trace import FrameLog
from wire.symbian import ENGINE_LOG

if TYPE_CHECKING:
    from harness.handset import Handset
    from harness.lab.config import HandsetEntry
    from harness.live.display import Display
    from wire.fault_plan import FaultPlan

LOG_TAIL: Final = 4096
RECONNECT_EVERY_S: Final = 0.5
BOOT_TIMEOUT_S: Final = 90.0
"""How long a phone may take from its power to its agent."""


class PhoneAtHand:
    """A handset, and where what it leaves goes.

    Attributes:
        entry: what the lab says of it.
        out: why it cannot be used any more in this run; empty while it can.
        was_lost: it was there in this run, and went away.
        display: shows what it is at; None where nobody looks.
    """

    def __init__(
        self,
        entry: HandsetEntry,
        artifacts: Path,
        *,
        lab: Path | None,
        wait_s: float,
        collect_logs: bool,
        reconnect_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.entry = entry
        self.out = ""
        self.was_lost = False
        self.display: Display | None = None
        self._artifacts = artifacts
        self._lab = lab
        self._wait_s = wait_s
        self._collect_logs = collect_logs
        self._reconnect_s = reconnect_s
        self._clock = clock
        self._sleep = sleep
        self._frames = FrameLog()
        self._stack = contextlib.ExitStack()
        self._handset: Handset | None = None
        self._hold: Hold | None = None
        self._faults: FaultPlan | None = None
        self._log_start = LogPosition({})
        self._revived: list[str] = []

    @property
    def is_open(self) -> bool:
        """There is a session with it."""
        return self._handset is not None and not self._handset.connection.is_lost

    def open(self, faults: FaultPlan | None = None) -> Handset:
        """The open handset; opened anew after it was lost, with some patience for who puts the cable back in.

        What is to have faults gets a session of its own, since bytes are counted from its beginning. An error puts
        the handset out for the rest of the run, unless faults were asked for.
        """
        if self._handset is not None:
            is_lost = self._handset.connection.is_lost
            if is_lost and self._faults is None:
                self.was_lost = True
            if is_lost or faults is not None or self._faults is not None:
                self._close()
        if self._handset is None:
            self._faults = faults
            self._artifacts.mkdir(parents=True, exist_ok=True)
            try:
                # Ours until the end of the run, also while it is lost.
                self._hold = self._hold or take(self.entry, "pytest", lab=self._lab, wait_s=self._wait_s)
                self._handset = self._open_patiently()
            except HilError as error:
                if faults is None:
                    self.out = str(error)
                raise
        return self._handset

    def _open_patiently(self) -> Handset:
        deadline = self._clock() + (self._reconnect_s if self.was_lost else 0.0)
        if self.display is not None:
            self._frames.watcher = partial(self.display.take, self.entry.name)
        self._frames.keep_session(self._artifacts / "wire.pcapng", self.entry.name, self._conditions)
        may_switch = self.entry.allow_power_cycle
        while True:
            try:
                return self._stack.enter_context(self._opening())
            except LabUnavailable as error:
                if self._clock() >= deadline:
                    if not may_switch:
                        raise
                    may_switch = False
                    self._power_cycle(error)
                    deadline = self._clock() + BOOT_TIMEOUT_S
            self._sleep(RECONNECT_EVERY_S)

    def _opening(self) -> contextlib.AbstractContextManager[Handset]:
        log = self._artifacts / "emulator.log"
        return open_handset(
            self.entry, frames=self._frames, emulator_log=log, faults=self._faults, hold=self._hold
        )

    def _test_begins(self, test: str) -> None:
        """For those who have to know."""

    @property
    def _conditions(self) -> str:
        """Under which it is captured."""
        words = {ALLOW_RESTORE: self.entry.allow_restore, COLLECT_LOGS: self._collect_logs}
        return " ".join(word for word, holds in words.items() if holds)

    def _power_cycle(self, error: LabUnavailable) -> None:
        """The last thing to try with a dead phone, where its entry allows it."""
        lease = self._hold.lease if self._hold is not None else None
        if lease is None or not lease.where().power:
            raise LabUnavailable(
                f"{error.args[0]}; and its place has no power that could be switched",
                hint="export a power port with it (`symhil lab export --also`), or do without allow_power_cycle",
            ) from error
        lease.power_cycle()
        self._revived.append(f"its power was switched off and on, since it did not answer: {error.args[0]}")

    def is_usable(self) -> bool:
        """Open, or can be opened now; if not, `out` says why, and it is asked no more."""
        if not self.out:
            with contextlib.suppress(HilError):
                self.open()
        return self.is_open

    def begin_test(self, folder: Path, test: str, faults: FaultPlan | None = None) -> Handset:
        """The handset in Normal, as new if it is emulated; what passes goes into the test's folder."""
        handset = self.open(faults)
        self._test_begins(test)
        if self.display is not None:
            self.display.begin(self.entry.name, test)
        self._frames.write_to(folder / "wire.pcapng", handset.name, test, self._conditions)
        handset.journal.write_to(folder / "journal.jsonl")
        if self._hold is not None and self._hold.lease is not None:
            handset.journal.add("note", f"place {self._hold.lease.where().place} of labgrid")
        while self._revived:
            handset.journal.add("note", self._revived.pop(0))
        if handset.is_emulated:
            handset.emulator.reset()
        elif handset.recover():
            handset.journal.add("note", "an earlier run had left the phone in a backup or restore mode")
        if self._collect_logs:
            try:
                enable_logging(handset)
            except WriteRefused as error:
                handset.journal.add("note", f"the phone writes no logs: {error}")
        self._log_start = log_position(handset)
        return handset

    def end_test(self, folder: Path) -> None:
        """Bring the phone back to normal, collect its logs, close the test's files."""
        handset = self._handset
        if handset is None:
            return
        try:
            if not handset.connection.is_lost:
                handset.slots.detach_all()
                handset.recover()
                if self._collect_logs:
                    self._collect(handset, folder)
        finally:
            try:
                handset.journal.write_to(None)
            finally:
                self._frames.write_to(None)

    def _collect(self, handset: Handset, folder: Path) -> None:
        for log in collect_since(handset, folder, self._log_start):
            # One log of the whole run as well, in the order in which things happened.
            with (self._artifacts / log.name).open("ab") as whole, log.path.open("rb") as part:
                shutil.copyfileobj(part, whole)

    def evidence(self) -> list[tuple[str, str]]:
        """What to show with a failed test, as titles and texts."""
        handset = self._handset
        if handset is None:
            return []
        parts = [
            ("faults; with this plan the same happens again", [str(self._faults)] if self._faults else []),
            ("property history", handset.journal.tail(20, "property")),
            ("what happened last", handset.journal.tail(30)),
            ("last frames", self._frames.tail(25)),
            ("link", [handset.connection.counters.summary(), *handset.connection.debris]),
            ("securebackup.txt", self._log_tail(handset)),
        ]
        return [(f"{handset.name}: {title}", "\n".join(lines)) for title, lines in parts if lines]

    def _log_tail(self, handset: Handset) -> list[str]:
        if handset.connection.is_lost:
            return []
        clock = handset.connection.clock
        self._frames.note(EVIDENCE_BEGINS, clock())
        try:
            return _read_tail(handset)
        finally:
            self._frames.note(EVIDENCE_ENDS, clock())

    def end(self) -> None:
        """Give the handset back; nothing more will be asked of it."""
        self._close()
        if self._hold is not None:
            self._hold.release()
            self._hold = None

    def _close(self) -> None:
        self._handset = None
        with contextlib.suppress(HandsetLost):
            self._stack.close()
        self._frames.keep_session(None)
        self._stack = contextlib.ExitStack()


def _read_tail(handset: Handset) -> list[str]:
    try:
        size = handset.files.stat(ENGINE_LOG).size
        data = handset.files.read(ENGINE_LOG, offset=max(0, size - LOG_TAIL))
    except HilError as error:
        return [f"not there: {error}"]
    text = data.decode("utf-8", "replace")
    printable = "".join(c if c.isprintable() or c in "\t\n" else "." for c in text.replace("\r\n", "\n"))
    return printable.splitlines()[-25:]
