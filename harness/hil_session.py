"""One pytest process at a handset: it is opened when the first test wants it and kept for the others."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from harness.artifacts import safe_name
from harness.errors import ArtifactError, HandsetLost, HilError, Misuse
from harness.lab.config import DEFAULT_PATH, HandsetEntry, load_config
from harness.lab.open import DEFAULT_ENTRY, choose, open_handset, with_agent
from harness.log.collect import LogPosition, collect_since, enable_logging, log_position
from harness.trace import FrameLog
from wire.fault_plan import FaultPlan, parse_plan
from wire.symbian import ENGINE_LOG

if TYPE_CHECKING:
    import pytest

    from harness.handset import Handset

LOG_TAIL = 4096


class HilSession:
    """The handset of this process, and where its artifacts go."""

    def __init__(self, config: pytest.Config, artifacts: Path) -> None:
        self.artifacts = artifacts
        self.frames = FrameLog()
        self._backend: str = config.getoption("hil_backend")
        self._config_path: Path | None = config.getoption("hil_config")
        self._device: str = config.getoption("hil_device")
        self._agent: str = config.getoption("hil_agent")
        self.collect_logs: bool = config.getoption("hil_collect_logs")
        self._stack = contextlib.ExitStack()
        self._handset: Handset | None = None
        self._faults: FaultPlan | None = None
        self._log_start = LogPosition({})

    def entry(self) -> HandsetEntry:
        """The handset that the options choose."""
        entry = self._chosen_entry()
        return with_agent(entry, self._agent) if self._agent else entry

    def _chosen_entry(self) -> HandsetEntry:
        path = self._config_path or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)
        if path is None:
            return DEFAULT_ENTRY if self._backend == "emulator" else choose(load_config(DEFAULT_PATH))
        emulated = None if self._device else self._backend == "emulator"
        return choose(load_config(path), device=self._device, emulated=emulated)

    def handset(self) -> Handset:
        """The open handset; opened anew after it was lost."""
        if self._handset is not None and self._handset.connection.is_lost:
            self.close()
        if self._handset is None:
            log = self.artifacts / "emulator.log"
            entry = self.entry()
            self.frames.keep_session(self.artifacts / "wire.pcapng", entry.name)
            self._handset = self._stack.enter_context(
                open_handset(entry, frames=self.frames, emulator_log=log, faults=self._faults)
            )
        return self._handset

    def begin_test(self, node_id: str, faults: str | None = None) -> tuple[Handset, Path]:
        """The handset in Normal, as new if it is emulated, and the test's own folder.

        A test with faults gets a session of its own, since bytes are counted from its beginning.
        """
        if faults is not None or self._faults is not None:
            self.close()
        self._faults = None if faults is None else _plan_from(faults)
        folder = self.artifacts / safe_name(node_id)
        folder.mkdir(parents=True, exist_ok=True)
        handset = self.handset()
        self.frames.write_to(folder / "wire.pcapng", handset.name)
        handset.journal.write_to(folder / "journal.jsonl")
        if handset.is_emulated:
            handset.emulator.reset()
        elif handset.recover():
            handset.journal.add("note", "an earlier run had left the phone in a backup or restore mode")
        if self.collect_logs:
            enable_logging(handset)
        self._log_start = log_position(handset)
        return handset, folder

    def end_test(self, handset: Handset, folder: Path) -> None:
        """Bring the phone back to normal, collect its logs, close the test's files."""
        try:
            if not handset.connection.is_lost:
                handset.slots.detach_all()
                handset.recover()
                if self.collect_logs:
                    self._collect(handset, folder)
        finally:
            try:
                handset.journal.write_to(None)
            finally:
                self.frames.write_to(None)

    def _collect(self, handset: Handset, folder: Path) -> None:
        for log in collect_since(handset, folder, self._log_start):
            # One log of the whole run as well, in the order in which things happened.
            with (self.artifacts / log.name).open("ab") as whole, log.path.open("rb") as part:
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
            ("last frames", self.frames.tail(25)),
            ("link", [handset.connection.counters.summary(), *handset.connection.debris]),
            ("securebackup.txt", self._log_tail(handset)),
        ]
        return [(f"{handset.name}: {title}", "\n".join(lines)) for title, lines in parts if lines]

    def _log_tail(self, handset: Handset) -> list[str]:
        if handset.connection.is_lost:
            return []
        try:
            size = handset.files.stat(ENGINE_LOG).size
            data = handset.files.read(ENGINE_LOG, offset=max(0, size - LOG_TAIL))
        except HilError as error:
            return [f"not there: {error}"]
        text = data.decode("utf-8", "replace")
        printable = "".join(c if c.isprintable() or c in "\t\n" else "." for c in text.replace("\r\n", "\n"))
        return printable.splitlines()[-25:]

    def close(self) -> None:
        """End the session with the handset."""
        self._handset = None
        with contextlib.suppress(HandsetLost):
            self._stack.close()
        self.frames.keep_session(None)
        self._stack = contextlib.ExitStack()


def _plan_from(text: str) -> FaultPlan:
    """The plan of a marker; without a seed it gets one by chance, which a failed test shows."""
    try:
        return parse_plan(text, seed=secrets.randbits(32))
    except ValueError as error:
        raise Misuse(f"the marker fault({text!r}) cannot be used: {error}") from error


def artifacts_folder(config: pytest.Config, basetemp: Path) -> Path:
    """Make the folder for this run's artifacts: the one that was named, else in pytest's temporary one."""
    named: Path | None = config.getoption("hil_artifacts")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    folder = basetemp if named is None else named / worker
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtifactError(
            f"no artifacts can be written to {folder}: {error.strerror or error}",
            hint="name a folder that you may write to with --hil-artifacts",
        ) from error
    return folder
