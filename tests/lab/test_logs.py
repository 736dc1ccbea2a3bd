"""Logs of a phone: the folder that switches them on, and collecting them whatever happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from harness.backup import BackupRun
from harness.data_owner import Slot
from harness.errors import ArtifactError, HandsetLost
from harness.handset import Handset
from harness.log.collect import (
    COLLECTION,
    LogPosition,
    SecureBackupLog,
    collect,
    collect_since,
    enable_logging,
    log_position,
)
from harness.log.follow_phone import follow_phone
from harness.transport.spoiled import SpoiledTransport
from tests.lab.owners import NotebookOwner
from wire.fault_plan import parse_plan
from wire.formats.log_record import LogRecord
from wire.symbian import ENGINE_LOG, LOG_FOLDER, AbCallback, Drive, TTransferDataType

C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData
BLOCK = 512
"""Bytes in which a log is read where a test wants many blocks of a small one."""


def writes_logs(handset: Handset) -> bool:
    """Whether the engine of this phone writes its log at all; most phones' engines do not."""
    handset.engine.list_data_owners()
    return handset.files.exists(ENGINE_LOG)


def without_folder(handset: Handset) -> None:
    if handset.files.exists(LOG_FOLDER):
        pytest.skip("this phone's log folder is there already, and a test does not delete it")


def test_without_the_folder_nothing_is_written_and_nothing_is_collected(
    handset: Handset, hil_folder: Path
) -> None:
    without_folder(handset)
    handset.engine.list_data_owners()
    assert log_position(handset).sizes == {}
    assert collect(handset, hil_folder / "logs") == []
    assert json.loads((hil_folder / "logs" / COLLECTION).read_text())["logs"] == []


def test_the_folder_is_made_once_and_takes_effect_with_the_next_line(handset: Handset, hil_folder: Path) -> None:
    without_folder(handset)
    assert enable_logging(handset)
    assert not enable_logging(handset)
    if not writes_logs(handset):
        pytest.skip("the engine of this phone writes no log")
    (log,) = collect(handset, hil_folder / "logs")
    assert log.name == "securebackup.txt"
    assert b"ESBEMsgPrepDataOwnerInfo" in log.path.read_bytes()


def test_a_collection_never_overwrites_an_earlier_one(handset: Handset, hil_folder: Path) -> None:
    enable_logging(handset)
    if not writes_logs(handset):
        pytest.skip("the engine of this phone writes no log")
    (first,) = collect(handset, hil_folder / "logs")
    handset.engine.list_data_owners()
    (again,) = collect(handset, hil_folder / "logs")
    assert again == first
    with pytest.raises(ArtifactError, match="never overwrites"):
        collect_since(handset, hil_folder / "logs", LogPosition({}))


def test_a_log_that_grows_while_it_is_collected_is_taken_as_far_as_it_went(
    handset: Handset,
    data_owner: Callable[..., Slot],
    backup_run: Callable[..., BackupRun],
    securebackup_log: SecureBackupLog,
    hil_folder: Path,
) -> None:
    """The engine goes on logging between two blocks: what was read stays right, the rest is for the next time."""
    if not writes_logs(handset):
        pytest.skip("the engine of this phone writes no log")

    class Collecting(NotebookOwner):
        def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
            collect(handset, hil_folder / f"logs-{len(self.calls)}")
            return super().get_backup_data_section(size)

    slot = data_owner(Collecting(b"x" * 9000))
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        run.request(slot.sid, C, BASE)
    logs = sorted(hil_folder.glob("logs-*/securebackup.txt"), key=lambda path: path.stat().st_size)
    assert len(logs) == 3
    contents = [path.read_bytes() for path in logs]
    assert all(later.startswith(earlier) for earlier, later in pairwise(contents))
    # Owner and engine lines are in causal order: the engine waits during a callback.
    assert contents[0].rstrip().endswith(b"Calling ABClient to process callback")


def test_the_log_of_a_live_phone_is_followed(
    handset: Handset,
    data_owner: Callable[..., Slot],
    backup_run: Callable[..., BackupRun],
    securebackup_log: SecureBackupLog,
) -> None:
    """Between two looks at the log there is a backup; what the engine writes about it comes with the next look."""
    if not writes_logs(handset):
        pytest.skip("the engine of this phone writes no log")
    slot = data_owner(NotebookOwner(b"x"))
    looks: list[int] = []
    records: list[LogRecord] = []

    def back_up_once() -> bool:
        looks.append(len(records))
        if len(looks) == 1:
            with backup_run(partial=[slot.sid]) as run:
                run.wait_ready(slot.sid)
                run.request(slot.sid, C, BASE)
        return len(looks) == 1

    for new, anew in follow_phone(handset, back_up_once):
        assert not anew
        records += new
    before, after = looks
    called = [r for r in records if r.callback is AbCallback.GetBackupDataSectionL and r.sid == slot.sid]
    assert called
    assert before < called[-1].number <= after
    assert [record.number for record in records] == list(range(1, len(records) + 1))


def test_a_link_that_is_lost_while_collecting_costs_nothing(
    handset: Handset, hil_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line goes in the middle of a log; a new session with the same phone goes on behind what came before."""
    enable_logging(handset)
    if not writes_logs(handset):
        pytest.skip("the engine of this phone writes no log")
    monkeypatch.setattr("harness.log.collect.BLOCK", BLOCK)
    size = handset.files.stat(ENGINE_LOG).size
    assert size > 8 * BLOCK
    line = handset.connection.transport
    cut = SpoiledTransport(line, parse_plan(f"unplug@{4 * BLOCK}=1"))
    monkeypatch.setattr(handset.connection, "transport", cut)
    with pytest.raises(HandsetLost, match="unplugged"):
        collect(handset, hil_folder / "logs")
    partial = hil_folder / "logs" / "securebackup.txt.part"
    have = partial.stat().st_size
    assert 0 < have < size
    assert not (hil_folder / "logs" / "securebackup.txt").exists()

    again = handset.reconnect()
    asked: list[int] = []
    read = again.files.read_part

    def watched(path: str, offset: int, length: int) -> bytes:
        asked.append(offset)
        return read(path, offset, length)

    monkeypatch.setattr(again.files, "read_part", watched)
    with again:
        (log,) = collect(again, hil_folder / "logs")
        assert log.path.read_bytes() == again.files.read(ENGINE_LOG)[: log.size]
    assert asked[0] == have
    assert log.size >= size
    assert not partial.exists()
