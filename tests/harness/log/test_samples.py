"""The worked samples beside the notes on the format, where they are at hand, and the facts given there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.log.facts import FileSent, RunEnd, RunFacts
from harness.log.reading import read_log, stamp_rules, with_times
from harness.log.runs import read_runs
from wire.formats.log_line import DateOrder, format_line, format_line_8bit
from wire.formats.log_message import LogKind
from wire.formats.log_stamp import StampResolver, StampRules
from wire.symbian import BurMode, SecureId

if TYPE_CHECKING:
    from wire.formats.log_record import LogRecord

SAMPLES = Path(__file__).parents[4] / "shared" / "domain" / "samples"
ACTIVE, PASSIVE = SecureId(0xE0F1A001), SecureId(0xE0F1A002)


def sample(name: str) -> Path:
    path = SAMPLES / f"securebackup-{name}.txt"
    if not path.is_file():
        pytest.skip(f"the worked sample {path.name} is not beside this project")
    return path


def run_of(name: str) -> RunFacts:
    path = sample(name)
    resolver = StampResolver(stamp_rules(read_log(path)))
    (run,) = read_runs(with_times(read_log(path), resolver))
    return run


def shown(run: RunFacts) -> dict[str, Any]:
    return {
        "times": [str(when) for when in (run.begun, run.ended, run.engine_stopped)],
        "calls": [(call.callback.name, call.times) for call in run.owners[ACTIVE].calls],
        "logged": run.owners[ACTIVE].calls_logged == run.owners[ACTIVE].calls,
        "supplied": [(int(part.kind or 0), part.packed, part.plain) for part in run.parts if part.supplied],
        "parts": [(int(part.kind or 0), part.plain, part.packed) for part in run.parts if not part.supplied],
        "files": [(file.path.rsplit("\\")[-1], file.size) for file in run.owners[PASSIVE].files_sent],
    }


def test_the_base_backup() -> None:
    run = run_of("base")
    assert (run.mode, run.end) == (BurMode(4, 0x100), RunEnd.NORMAL)
    assert shown(run) == {
        "times": ["2010-07-14 09:58:43", "2010-07-14 09:58:55", "2010-07-14 09:58:58"],
        "calls": [
            ("GetExpectedDataSize", 1),
            ("InitialiseGetBackupDataL", 1),
            ("GetBackupDataSectionL", 2),
            ("GetSnapshotDataL", 1),
        ],
        "logged": True,
        "supplied": [],
        "parts": [(5, 8004, 58), (4, 27, 55), (2, 1950, 931), (1, 1056, 193)],
        "files": [("settings.ini", 214), ("notes.dat", 1530)],
    }
    active, passive = run.owners[ACTIVE], run.owners[PASSIVE]
    assert (active.active, active.incremental, active.process_started) == (True, True, True)
    assert (passive.active, passive.passive) == (False, True)
    assert (active.statuses, passive.statuses) == ([3, 2], [2])
    assert active.expected_size == 8000
    assert all(request.completed for request in run.requests)
    assert run.findings == []


def test_the_incremental_backup() -> None:
    run = run_of("incremental")
    assert (run.mode, run.end) == (BurMode(4, 0x200), RunEnd.NORMAL)
    assert shown(run) == {
        "times": ["2010-07-15 18:04:09", "2010-07-15 18:04:25", "2010-07-15 18:04:27"],
        "calls": [
            ("ReceiveSnapshotDataL", 1),
            ("AllSnapshotsSuppliedL", 1),
            ("GetExpectedDataSize", 1),
            ("InitialiseGetBackupDataL", 1),
            ("GetBackupDataSectionL", 2),
            ("GetSnapshotDataL", 1),
        ],
        "logged": True,
        "supplied": [(4, 55, 27), (1, 193, 1056)],
        "parts": [(6, 8004, 58), (4, 27, 55), (3, 1704, 860), (1, 1056, 193)],
        "files": [("notes.dat", 1604)],
    }
    passive = run.owners[PASSIVE]
    assert passive.files_sent == [FileSent("C:\\private\\e0f1a002\\preserve\\notes.dat", 1604)]
    assert "C:\\private\\e0f1a002\\preserve\\settings.ini" in passive.files_met
    assert run.findings == []


def test_the_oddities() -> None:
    records = list(read_log(sample("oddities")))
    assert len(records) == 30
    assert [record.number for record in records if not record.ended] == [27]
    assert [record.number for record in records if record.encoding == "latin-1"] == [30]
    assert [record.number for record in records if record.kind is LogKind.UNKNOWN] == []
    resolver = StampResolver()
    times = [resolver.resolve(record.date, record.time) for record in records]
    assert [str(when) for when in times[20:24]] == ["2010-07-16 18:03:21"] * 4


def test_how_many_lines_of_the_base_backup_are_full() -> None:
    records = list(read_log(sample("base")))
    assert len(records) == 369
    assert sum(record.possibly_cut for record in records) == 20
    assert stamp_rules(records) == StampRules(DateOrder.EUROPEAN, hour_24=True)


@pytest.mark.parametrize("name", ["base", "incremental"])
def test_our_writer_writes_the_samples_byte_by_byte(name: str) -> None:
    data = sample(name).read_bytes()
    assert b"".join(written(record) for record in read_log(sample(name))) == data


def test_our_writer_writes_what_the_logger_did_to_long_and_strange_lines() -> None:
    records = [
        record for record in read_log(sample("oddities")) if "/07/" in record.date and record.time[1] != ":"
    ]
    assert len(records) > 20
    for record in records:
        # Where the line end was lost, the rest of the text was, too: any longer text gives the same line.
        line = written(record, record.text if record.ended else record.text + "\u043a" * 100)
        assert line == record.stamp + record.raw + (b"\r\n" if record.ended else b"")


def written(record: LogRecord, text: str | None = None) -> bytes:
    when = StampResolver().resolve(record.date, record.time)
    assert when is not None
    if record.encoding == "latin-1":
        return format_line_8bit(when, record.raw)
    return format_line(when, record.text if text is None else text)
