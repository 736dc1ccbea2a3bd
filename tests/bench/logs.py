"""A log read, beside a bare loop over the lines of the file with one compiled regular expression."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from harness.log.reading import read_log, with_times
from harness.log.runs import read_runs
from tests.wire.big_log import MB, engine_log
from wire.formats.log_stamp import StampResolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.log.reading import TimedRecord

SIZE: Final = 5 * MB
_LINE: Final = re.compile(rb"(?P<date>[^\t]*)\t(?P<time>[^\t]*)\t(?P<text>.*)")


def bare_loop(path: Path) -> int:
    """The yardstick: date, time and text of every line."""
    with path.open("rb") as file:
        return sum(_LINE.match(line) is not None for line in file)


def records(path: Path) -> int:
    """Each record with its stamp and its text apart, numbered and placed."""
    return sum(record.number > 0 for record in read_log(path))


def typed_records(path: Path) -> int:
    """The same with everything that the texts say: owner, class, callback, level, codes."""
    return sum(record.message is not None for record in read_log(path))


def runs(path: Path) -> int:
    """What `symhil logs summary` needs: times, and what happened in each backup and restore."""
    count = 0

    def counted() -> Iterator[TimedRecord]:
        nonlocal count
        for timed in with_times(read_log(path), StampResolver()):
            count += 1
            yield timed

    for _ in read_runs(counted()):
        pass
    return count


def _time_of(way: Callable[[Path], int], path: Path, lines: int) -> float:
    began = time.process_time()
    found = way(path)
    assert found == lines, f"{way.__name__} found {found} of {lines} lines"
    return time.process_time() - began


class Logs:
    """A made-up log of ordinary lines, nearly every one different."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "securebackup.txt"
        with self._path.open("wb") as file:
            file.writelines(engine_log(self._size))
        self._lines = bare_loop(self._path)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def round(self) -> dict[str, float]:
        """Processor time of each way, as a multiple of the bare loop's."""
        yardstick = _time_of(bare_loop, self._path, self._lines)
        return {
            "log records": _time_of(records, self._path, self._lines) / yardstick,
            "log typed": _time_of(typed_records, self._path, self._lines) / yardstick,
            "log runs": _time_of(runs, self._path, self._lines) / yardstick,
        }
