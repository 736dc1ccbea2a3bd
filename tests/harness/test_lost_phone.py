"""A phone that dies in the midst of a backup: reported at once, what was there is kept, the next run works."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from harness.archive import BackupSet
from harness.emulated import EmulatedHandset
from harness.errors import HandsetLost
from harness.handset import Handset
from tests.lab.owners import NotebookOwner
from wire.symbian import Drive, TTransferDataType

C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData
SNAPSHOT = TTransferDataType.EActiveSnapshotData


class Killer(NotebookOwner):
    """Kills the phone's process when it is asked for the 50th piece."""

    def __init__(self, pid: int) -> None:
        super().__init__(os.urandom(4096) * 100)
        self._pid = pid
        self.killed_at = 0.0

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        if len(self.calls) == 50:
            self.killed_at = time.monotonic()
            os.kill(self._pid, signal.SIGKILL)
        return super().get_backup_data_section(size)


def test_the_phone_is_killed_in_the_middle_of_a_backup(tmp_path: Path) -> None:
    backup_set = BackupSet.create(tmp_path / "set")
    with EmulatedHandset() as emulated:
        handset = Handset.open(emulated.open())
        owner = Killer(emulated.process.pid)
        slot = handset.attach(owner)
        run = handset.backup(partial=[slot.sid], backup_set=backup_set)

        def back_up() -> None:
            with run:
                run.wait_ready(slot.sid)
                run.store(slot.sid, C, SNAPSHOT)
                run.store(slot.sid, C, BASE)

        with pytest.raises(HandsetLost) as caught:
            back_up()
        assert time.monotonic() - owner.killed_at < 5
        assert caught.value.exit_code == 11
        assert any("could not be brought back to normal" in note for note in caught.value.__notes__)
        assert not run.returned_to_normal
        handset.close()
    # What was whole before is there and sound; of what was not, there is no trace in the set.
    kept = BackupSet.open(tmp_path / "set")
    kept.verify()
    assert [key.data_type for key in kept.streams] == [SNAPSHOT]
    # And the next run works.
    with EmulatedHandset() as emulated, Handset.open(emulated.open()) as handset:
        with handset.attach(NotebookOwner(b"again")) as slot, handset.backup(partial=[slot.sid]) as run:
            run.wait_ready(slot.sid)
            assert run.request(slot.sid, C, BASE)
        assert handset.properties.mode().is_normal


def test_the_emulated_handset_does_not_outlive_whoever_started_it() -> None:
    emulated = EmulatedHandset()
    assert emulated.process.stdin is not None
    emulated.process.stdin.close()  # what the kernel does when the starting process dies, however it dies
    emulated.process.wait()
    assert not emulated.is_running
    emulated.close()
