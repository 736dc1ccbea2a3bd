"""A suite over several handsets with pytest-xdist: one worker, one phone, and tests that fit it.

xdist's workers collect for themselves and its controller knows names of tests only, so the workers leave in a
folder of the run which handsets each test fits; and a worker whose phone is gone leaves why. A worker gives a
test back by ending it without a report: that is how the controller knows that it has to go to another phone.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from harness.archive import write_atomically
from harness.errors import Category, ExitCode
from harness.lab.candidates import candidates_of

DEVICE: Final = "symhil_device"
FOLDER: Final = "symhil_folder"
PREFETCH: Final = 2
"""A worker begins a test only when it knows the next one."""


def write_fits(folder: Path, worker: str, fits: dict[str, list[str] | None]) -> None:
    """By a worker: the handsets that each test fits; None for one that any worker can run. All write the same."""
    write_atomically(folder / f"fits-{worker}.json", json.dumps(fits).encode())


def write_out(folder: Path, device: str, reason: str, *, was_lost: bool) -> None:
    """By a worker: its phone is out, and why."""
    document = {"device": device, "reason": reason, "was_lost": was_lost}
    write_atomically(folder / f"out-{device}.json", json.dumps(document).encode())


def make_scheduling(config: pytest.Config) -> HandsetScheduling:
    """In the controller: for the handsets that can be had now; LabUnavailable where there are none."""
    from xdist.workermanage import parse_tx_spec_config

    devices = candidates_of(config).devices()
    folder = tempfile.TemporaryDirectory(prefix="symhil-")
    config.add_cleanup(folder.cleanup)
    return HandsetScheduling(config, devices, Path(folder.name), len(parse_tx_spec_config(config)))


class HandsetScheduling:
    """Gives each worker the tests that its phone fits, few at a time. xdist's Scheduling protocol.

    Attributes:
        reported: names of tests about which some worker has said anything.
        free: handsets that no worker has.
    """

    def __init__(self, config: pytest.Config, devices: Iterable[str], folder: Path, workers: int) -> None:
        self.reported: set[str] = set()
        self.free = list(devices)
        self._config = config
        self._folder = folder
        self._workers = workers
        self._collections: dict[Any, list[str]] = {}
        self._pending: dict[Any, list[int]] = {}
        self._started: list[Any] = []
        self._out: set[Any] = set()
        self._tests: list[str] | None = None
        self._pool: list[int] = []
        self._fits: dict[str, list[str] | None] = {}

    # ------------------------------------------------------------------------------- workers come and go

    def give_device(self, node: Any) -> None:
        """A worker is about to start: it gets a phone, as long as there are any."""
        node.workerinput[FOLDER] = str(self._folder)
        node.workerinput[DEVICE] = self.free.pop(0) if self.free else ""
        self._started.append(node)

    def take_device(self, node: Any) -> None:
        """A worker has ended, however it did; its phone is free, unless that was the reason."""
        device = node.workerinput[DEVICE]
        self._started.remove(node)
        if device and node not in self._out and device not in self.free:
            self.free.insert(0, device)

    @property
    def nodes(self) -> list[Any]:
        """Workers at work."""
        return list(self._pending)

    @property
    def collection_is_completed(self) -> bool:
        """All workers that were started at first have collected."""
        return len(self._collections) >= self._workers

    def add_node(self, node: Any) -> None:
        """A worker is there."""
        self._pending[node] = []

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """A worker has collected."""
        self._collections[node] = list(collection)

    def remove_node(self, node: Any) -> str | None:
        """A worker has ended; the test in whose midst it did, if any. What it had not begun goes to others."""
        pending = self._pending.pop(node)
        crashed = None
        if pending and node not in self._out and self._tests is not None:
            crashed = self._tests[pending.pop(0)]
        self._pool[:0] = pending
        self._give_all()
        return crashed

    # ------------------------------------------------------------------------------------------- tests

    @property
    def tests_finished(self) -> bool:
        """Nothing is left that a worker could be given."""
        if not self.collection_is_completed:
            return False
        self._report_what_nobody_can_run()
        return not self._pool and all(len(pending) < PREFETCH for pending in self._pending.values())

    @property
    def has_pending(self) -> bool:
        """Something is left."""
        return bool(self._pool) or any(self._pending.values())

    def schedule(self) -> None:
        """All have collected, or a successor of a worker that crashed has."""
        if self._tests is None:
            collections = list(self._collections.values())
            if any(collection != collections[0] for collection in collections):
                raise pytest.UsageError(
                    "the workers collected different tests: their order or names are not fixed"
                )
            self._tests = collections[0]
            self._fits = json.loads(next(self._folder.glob("fits-*.json")).read_bytes())
            self._pool = list(range(len(self._tests)))
        self._give_all()

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """A worker is done with a test, or gives it back since its phone is gone."""
        assert self._tests is not None
        self._pending[node].remove(item_index)
        if self._tests[item_index] not in self.reported:
            self._pool.insert(0, item_index)
            if node not in self._out:
                self._out.add(node)
                node.shutdown()
        self._give_all()

    def mark_test_pending(self, item: str) -> None:
        """A test has to run again."""
        assert self._tests is not None
        self._pool.insert(0, self._tests.index(item))
        self._give_all()

    def remove_pending_tests_from_node(self, node: Any, indices: Sequence[int]) -> None:
        """Nothing is ever asked back."""

    def _active(self) -> list[Any]:
        return [node for node in self._pending if node not in self._out and not node.shutting_down]

    def _suits(self, index: int, node: Any) -> bool:
        assert self._tests is not None
        fits = self._fits.get(self._tests[index])
        return fits is None or node.workerinput[DEVICE] in fits

    def _give_all(self) -> None:
        if self._tests is None:
            return
        for depth in range(1, PREFETCH + 1):
            for node in self._active():
                if len(self._pending[node]) < depth:
                    self._give(node)

    def _give(self, node: Any) -> None:
        """One test, and among those that suit the phone one that the fewest others could run."""
        active = self._active()
        suiting = [index for index in self._pool if self._suits(index, node)]
        if not suiting:
            # It runs its last test only when it knows that no other comes.
            node.shutdown()
            return
        chosen = min(suiting, key=lambda index: sum(self._suits(index, other) for other in active))
        self._pool.remove(chosen)
        self._pending[node].append(chosen)
        node.send_runtest_some([chosen])

    # ---------------------------------------------------------------------------------- what ran nowhere

    def _report_what_nobody_can_run(self) -> None:
        if self._tests is None or not self._pool:
            return
        active = self._active()
        for index in list(self._pool):
            if not any(self._suits(index, node) for node in active) and not self._successor_comes(index):
                self._pool.remove(index)
                self._report_not_run(self._tests[index])

    def _successor_comes(self, index: int) -> bool:
        """A worker that takes the place of one that crashed is starting, with a phone that suits."""
        assert self._tests is not None
        fits = self._fits.get(self._tests[index])
        there = {node.workerinput[DEVICE] for node in self._pending}
        coming = {node.workerinput[DEVICE] for node in self._started} - there
        return bool(coming if fits is None else coming & set(fits))

    def _report_not_run(self, name: str) -> None:
        reasons, lost = self._reasons(self._fits.get(name))
        reason = f"not run: {reasons}"
        path = name.split("::", maxsplit=1)[0]
        report = pytest.TestReport(
            nodeid=name,
            location=(path, None, name),
            keywords={},
            outcome="skipped",
            longrepr=(path, 0, reason),
            when="setup",
            user_properties=[
                ("symhil.nowhere", reason),
                ("symhil.category", (Category.HANDSET_LOST if lost else Category.LAB).value),
                ("symhil.exit_code", ExitCode.HANDSET_LOST if lost else ExitCode.LAB_UNAVAILABLE),
            ],
        )
        self._config.hook.pytest_runtest_logreport(report=report)

    def dropped_out(self) -> list[str]:
        """Phones that went away in this run, or could not be had in it, as lines."""
        told = [json.loads(path.read_bytes()) for path in sorted(self._folder.glob("out-*.json"))]
        return [
            f"{one['device']} {'dropped out' if one['was_lost'] else 'could not be had'}: {one['reason']}"
            for one in told
        ]

    def _reasons(self, fits: list[str] | None) -> tuple[str, bool]:
        told = [json.loads(path.read_bytes()) for path in sorted(self._folder.glob("out-*.json"))]
        told = [one for one in told if fits is None or one["device"] in fits]
        text = "; ".join(f"{one['device']}: {one['reason'].splitlines()[0]}" for one in told)
        if not text:
            text = f"no worker had {' or '.join(fits or ['a handset'])}"
        return text, any(one["was_lost"] for one in told)
