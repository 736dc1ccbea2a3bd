"""What is done with a phone while it is recorded, and again with the recording."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from harness.data_owner import DataOwner
from harness.errors import EngineError, HandsetLost, NotReadyInTime
from harness.handset import Handset
from harness.phone_at_hand import PhoneAtHand
from harness.transport.spoiled import SpoiledTransport
from wire.fault_plan import FaultPlan, parse_plan
from wire.protocol.messages.owners import OwnerEventKind
from wire.symbian import Drive, TTransferDataType
from wire.symbian_errors import KErrDiskFull, Leave

C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData
SECRET: Final = b"remember the milk, and nobody must know" * 40
FILE: Final = "C:\\recorded.txt"


class Notebook(DataOwner):
    def __init__(self, text: bytes = SECRET, leave_at: int = 0) -> None:
        super().__init__()
        self.text = text
        self.leave_at = leave_at
        self.restored = b""

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        if len(self.calls) == self.leave_at:
            raise Leave(KErrDiskFull)
        return self.text[:size], True

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        self.restored += data


def there_and_back(handset: Handset, text: bytes = SECRET) -> None:
    notebook = Notebook(text)
    slot = handset.attach(notebook)
    with handset.backup(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        saved = list(run.sections(slot.sid, C, BASE))
    with handset.restore(partial=[slot.sid]) as restore:
        restore.all_system_files_restored()
        restore.wait_ready(slot.sid)
        restore.supply(slot.sid, C, BASE, saved)
    assert notebook.restored == text


def owner_leaves(handset: Handset, leave_at: int = 2) -> None:
    slot = handset.attach(Notebook(leave_at=leave_at))
    with handset.backup(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        with pytest.raises(EngineError, match="KErrDiskFull"):
            list(run.sections(slot.sid, C, BASE))


def never_ready(handset: Handset) -> None:
    slot = handset.attach(Notebook(), automatic=False)
    with handset.backup(partial=[slot.sid]) as run, pytest.raises(NotReadyInTime):
        run.wait_ready(slot.sid, timeout_s=1.05)


def files(handset: Handset, text: bytes = SECRET, again: int = 1) -> None:
    handset.files.write(FILE, text)
    for _ in range(again):
        assert len(handset.files.read(FILE)) == len(SECRET)


def large_file(handset: Handset) -> None:
    data = bytes(range(256)) * 2000
    handset.files.write(FILE, data)
    assert handset.files.read(FILE) == data


def half_a_file(handset: Handset) -> None:
    """A stream that nobody takes to its end."""
    handset.files.write(FILE, bytes(300_000))
    blocks = handset.files.read_blocks(FILE)
    assert next(iter(blocks))
    assert handset.files.exists(FILE)


def events(handset: Handset) -> None:
    slot = handset.attach(Notebook())
    with handset.backup(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        assert slot.wait_for_event(OwnerEventKind.CONFIRMED)
    assert handset.mode_changes.next_change().status == 0


def two_at_once(handset: Handset) -> None:
    """Two threads ask; which of them is first is chance."""
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda name=name: found.append(handset.files.exists(f"C:\\{name}")))
        for name in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [False, False]


class AsksBack(Notebook):
    """Asks the phone in the course of its callback."""

    def __init__(self, handset: Handset) -> None:
        super().__init__()
        self._handset = handset

    def initialise_get_backup_data(self, drive: Drive) -> None:
        assert not self._handset.files.exists(FILE)


def asks_back(handset: Handset, ask_before: bool = False) -> None:
    slot = handset.attach(AsksBack(handset))
    with handset.backup(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        if ask_before:
            assert not handset.files.exists(FILE)
        assert list(run.sections(slot.sid, C, BASE))


def fails(handset: Handset) -> None:
    assert handset.properties.mode().is_normal
    pytest.fail("on purpose")


def is_lost(handset: Handset) -> None:
    """With an agent that is started anew meanwhile."""
    with pytest.raises(HandsetLost):
        [handset.files.exists(FILE) for _ in range(1000)]
    again = handset.reconnect()
    assert again.properties.mode().is_normal


def is_cut_off(handset: Handset) -> None:
    """The line goes on the host's side, where a request is on its way that never comes to the phone."""
    handset.connection.transport = SpoiledTransport(handset.connection.transport, parse_plan("unplug@2000=1"))
    with pytest.raises(HandsetLost, match="unplugged"):
        [handset.files.exists(FILE) for _ in range(1000)]
    again = handset.reconnect()
    assert again.properties.mode().is_normal


def bad_line(handset: Handset) -> None:
    there_and_back(handset)


Scene = Callable[[Handset], None]
SCENES: Final[dict[str, Scene]] = {
    f"test_scenes.py::test_{scene.__name__}": scene
    for scene in (
        there_and_back,
        owner_leaves,
        never_ready,
        files,
        large_file,
        half_a_file,
        events,
        two_at_once,
        asks_back,
        fails,
        is_lost,
        is_cut_off,
        bad_line,
    )
}
FAULTS: Final = {
    "test_scenes.py::test_is_lost": "restart@12000",
    "test_scenes.py::test_bad_line": "flip=1e-6,lose=1e-6,seed=7",
}


def test_of(scene: Callable[..., None]) -> str:
    return f"test_scenes.py::test_{scene.__name__}"


def play(at_hand: PhoneAtHand, folder: Path, test: str, scene: Scene) -> str:
    """A test as the plugin runs it: `passed`, or how it failed."""
    plan: FaultPlan | None = parse_plan(FAULTS[test]) if test in FAULTS else None
    folder = folder / test.rpartition("::")[2]
    folder.mkdir(parents=True)
    handset = at_hand.begin_test(folder, test, plan)
    verdict = "passed"
    try:
        scene(handset)
    except (AssertionError, pytest.fail.Exception, HandsetLost) as error:
        verdict = f"{type(error).__name__}: {error}"
        at_hand.evidence()
    try:
        at_hand.end_test(folder)
    except HandsetLost as error:
        return f"{verdict}; at its end {type(error).__name__}: {error}"
    return verdict
