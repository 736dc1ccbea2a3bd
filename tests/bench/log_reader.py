"""How fast logs are read, beside a bare loop over the lines of a file with one compiled regular expression.

    python -m tests.bench.log_reader 20            20 MB, a table
    python -m tests.bench.log_reader 20 --write    the same, and into docs/performance.md

Every way reads the same made-up log, in turns, so that what else the machine does hits all of them; the best of
its turns counts. Seconds are this machine's; the ratios are what can be compared.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.log.reading import read_log, with_times
from harness.log.runs import read_runs
from tests.wire.big_log import MB, engine_log
from wire.formats.log_stamp import StampResolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.log.reading import TimedRecord

TURNS: Final = 5
PAGE: Final = Path(__file__).parents[2] / "docs" / "performance.md"
_TABLE: Final = re.compile(r"(?<=<!-- made by `make bench-log` -->\n\n).*?(?=\n<!-- end -->)", re.DOTALL)
_LINE: Final = re.compile(rb"(?P<date>[^\t]*)\t(?P<time>[^\t]*)\t(?P<text>.*)")


def bare_loop(path: Path) -> int:
    """The yardstick."""
    with path.open("rb") as file:
        return sum(_LINE.match(line) is not None for line in file)


def records(path: Path) -> int:
    """Records, each with its stamp and its text apart, numbered and placed."""
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


WAYS: Final[tuple[Callable[[Path], int], ...]] = (bare_loop, records, typed_records, runs)


def measure(path: Path) -> dict[str, tuple[int, float]]:
    """For each way how many lines it found, and the seconds of its best turn."""
    best: dict[str, tuple[int, float]] = {}
    for _ in range(TURNS):
        for way in WAYS:
            start = time.perf_counter()
            count = way(path)
            elapsed_s = time.perf_counter() - start
            best[way.__name__] = (count, min(elapsed_s, best.get(way.__name__, (0, elapsed_s))[1]))
    return best


def table(size_mb: int) -> str:
    """Make the log, measure, and put it into words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "securebackup.txt"
        with path.open("wb") as file:
            file.writelines(engine_log(size_mb * MB))
        best = measure(path)
        size = path.stat().st_size
    yardstick_s = best[bare_loop.__name__][1]
    rows = [
        f"| `{name}` | {count} | {seconds / yardstick_s:.1f} | {size / MB / seconds:.0f} |\n"
        for name, (count, seconds) in best.items()
    ]
    return "| Way | Lines | Times the bare loop | MB/s |\n| --- | --- | --- | --- |\n" + "".join(rows)


def main(size_mb: int, *, write: bool) -> None:
    """Show the table and, if that is wanted, keep it."""
    made = table(size_mb)
    sys.stdout.write(made)
    if write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(_TABLE.sub(lambda _: made, page), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), write="--write" in sys.argv)
