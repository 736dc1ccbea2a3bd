"""One pytest process at its handsets: each is opened when the first test wants it and kept for the others."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from harness.artifacts import safe_name
from harness.errors import ArtifactError, ConfigError, HilError, LabUnavailable, Misuse
from harness.identity import hashed_imei
from harness.lab.candidates import Candidates, candidates_of, recordings_of
from harness.lab.choice import Wanted
from harness.phone_at_hand import PhoneAtHand
from harness.run_journal import NAME as JOURNAL
from harness.run_journal import Done, is_done, read_done
from wire.fault_plan import FaultPlan, parse_plan

if TYPE_CHECKING:
    import pytest

    from harness.handset import Handset
    from harness.lab.config import HandsetEntry
    from harness.live.display import Display
    from harness.recording.reading import Recording


class NoneFits(Exception):
    """No handset that this run may use is one that a test can run on. The test is skipped with the words."""


class DoneBefore(Exception):
    """A run is resumed, and this test was done in it on this phone. Its verdict stands."""

    def __init__(self, done: Done) -> None:
        super().__init__(f"done before in this run: {done.outcome}, at {done.at}")
        self.done = done


class AllLost(Exception):
    """The handsets that a test could run on were there and are not any more: it does not run."""


class HilSession:
    """The handsets of this process, and where its artifacts go.

    Attributes:
        candidates: those that the options leave.
        only: the one that this process may use, where several processes share them; None for any of them.
    """

    def __init__(self, config: pytest.Config, artifacts: Path, *, only: str | None = None) -> None:
        self.artifacts = artifacts
        self.candidates: Candidates = candidates_of(config)
        self.only = only
        several = len(self.candidates.entries) > 1
        self._recordings = {recording.handset: recording for recording in recordings_of(config)}

        def folder(name: str) -> Path:
            return artifacts / safe_name(name) if several else artifacts

        def at_hand(entry: HandsetEntry) -> PhoneAtHand:
            if entry.name in self._recordings:
                return recorded_at_hand(self._recordings[entry.name], folder(entry.name))
            return PhoneAtHand(
                entry,
                folder(entry.name),
                lab=self.candidates.lab,
                wait_s=config.getoption("hil_wait"),
                collect_logs=config.getoption("hil_collect_logs"),
                reconnect_s=config.getoption("hil_reconnect"),
            )

        self._phones = {entry.name: at_hand(entry) for entry in self.candidates.entries}
        self._current: PhoneAtHand | None = None
        self._done: dict[str, Done] = {}
        if config.getoption("hil_resume"):
            named: Path | None = config.getoption("hil_artifacts")
            if named is None:
                raise ConfigError("--hil-resume needs --hil-artifacts, the folder of the run to go on with")
            self._done = read_done(named / JOURNAL)

    def show_on(self, display: Display) -> None:
        """Show there what each phone is at."""
        for phone in self._phones.values():
            phone.display = display

    def fitting(self, wanted: Wanted, device: str = "", node_id: str = "") -> list[str]:
        """The names of the handsets that a test can run on, as far as the configuration tells.

        A test that was done before goes to where it was: only there it shows whether it is the same phone.
        """
        if self._recordings:
            # What was recorded on a handset fits it, whatever its entry in that lab had said.
            return [
                name for name, one in self._recordings.items() if device in {"", name} and node_id in one.tests
            ]
        names = [
            entry.name for entry in self.candidates.entries if wanted.fits(entry) and device in {"", entry.name}
        ]
        done = self._done.get(node_id)
        return [done.handset] if done is not None and done.handset in names else names

    def choose(self, wanted: Wanted, device: str = "", node_id: str = "") -> PhoneAtHand:
        """An open handset that a test can run on: one that is open already, else the first that can be opened.

        Raises NoneFits, AllLost, or LabUnavailable when those that fit cannot be reached.
        """
        names = self.fitting(wanted, device, node_id)
        if not names and self._recordings:
            raise NoneFits("; ".join(one.why_not(node_id) for one in self._recordings.values()))
        if not names:
            there = ", ".join(self._phones)
            raise NoneFits(f"no handset fits: {device or wanted} is wanted, and there are {there}")
        if self.only is not None:
            names = [name for name in names if name == self.only]
        phones = sorted((self._phones[name] for name in names), key=lambda phone: not phone.is_open)
        for phone in phones:
            if not phone.out:
                try:
                    phone.open()
                except LabUnavailable:
                    continue
                return phone
        reasons = "\n".join(f"{phone.entry.name}: {phone.out}" for phone in phones)
        if any(phone.was_lost for phone in phones):
            raise AllLost(f"not run: {reasons}")
        raise LabUnavailable(
            reasons if len(phones) > 1 else phones[0].out if phones else "no handset for this worker"
        )

    def own_phone(self, wanted: Wanted, device: str, node_id: str) -> PhoneAtHand | None:
        """The phone of this worker, where a test fits it."""
        return (
            self._phones[self.only] if self.only and self.only in self.fitting(wanted, device, node_id) else None
        )

    def has_phone_for(self, wanted: Wanted, device: str, node_id: str) -> bool:
        """A handset that a test can run on can be opened now."""
        try:
            self.choose(wanted, device, node_id)
        except (HilError, NoneFits, AllLost):
            return False
        return True

    def begin_test(
        self, node_id: str, wanted: Wanted, device: str = "", faults: str | None = None
    ) -> tuple[Handset, Path]:
        """A handset for a test, and the test's own folder. `faults` go wrong meanwhile."""
        self._current = None
        plan = None if faults is None else _plan_from(faults)
        phone = self.choose(wanted, device, node_id)
        done = self._done.get(node_id)
        info = phone.open().info
        if done is not None and is_done(done, identity=hashed_imei(info.imei), firmware=info.firmware):
            raise DoneBefore(done)
        folder = self.artifacts / safe_name(node_id)
        _keep_earlier_attempt(folder)
        folder.mkdir(parents=True)
        self._current = phone
        return phone.begin_test(folder, node_id, plan), folder

    def end_test(self, folder: Path) -> None:
        """Bring the phone back to normal, collect its logs, close the test's files."""
        if self._current is not None:
            self._current.end_test(folder)

    def evidence(self) -> list[tuple[str, str]]:
        """What to show with a failed test, as titles and texts."""
        return self._current.evidence() if self._current is not None else []

    def end(self) -> None:
        """Give the handsets back."""
        for phone in self._phones.values():
            phone.end()


def recorded_at_hand(recording: Recording, artifacts: Path) -> PhoneAtHand:
    """A recording in place of a phone."""
    from harness.recording.replaying import RecordedAtHand

    return RecordedAtHand(recording, artifacts)


def _plan_from(text: str) -> FaultPlan:
    """The plan of a marker; without a seed it gets one by chance, which a failed test shows."""
    try:
        return parse_plan(text, seed=secrets.randbits(32))
    except ValueError as error:
        raise Misuse(f"the marker fault({text!r}) cannot be used: {error}") from error


def _keep_earlier_attempt(folder: Path) -> None:
    """What an earlier attempt of a test has left, in this run or before it was resumed, stays beside the new."""
    if folder.is_dir():
        number = 1
        while (kept := folder.with_name(f"{folder.name}.attempt-{number}")).exists():
            number += 1
        folder.rename(kept)


def artifacts_folder(config: pytest.Config, basetemp: Path) -> Path:
    """Make the folder for this run's artifacts: the one that was named, else in pytest's temporary one."""
    named: Path | None = config.getoption("hil_artifacts")
    worker: str = getattr(config, "workerinput", {}).get("workerid", "")
    folder = basetemp if named is None else named / worker
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtifactError(
            f"no artifacts can be written to {folder}: {error.strerror or error}",
            hint="name a folder that you may write to with --hil-artifacts",
        ) from error
    return folder
