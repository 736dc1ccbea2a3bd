"""`python -m tests.bench.growth`: how cost grows with size, handsets, callbacks and logs; plots and a table.

Each series is measured in one go. What matters is the cost of one more: where it rises with how many there are,
something grows faster than it should.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from harness.data_owner import DataOwner
from harness.emulated import EmulatedHandset
from harness.handset import Handset
from harness.log.reading import read_log
from tests.bench.plot import plot
from tests.bench.processes import own_cpu_s, peak_resident_bytes
from tests.generated import put
from tests.wire.big_log import MB, engine_log
from wire.protocol.messages.files import FILE_WRITE, FileWrite
from wire.symbian import Drive, TTransferDataType

PAGE: Final = Path("docs/performance.md")
PICTURES: Final = Path("docs/growth")
MOST_GROWTH: Final = 1.5
"""The cost of one at the upper end of a series over the median of its other costs."""

COMMAND: Final = "make bench-growth"
_MIB: Final = 1 << 20
_PART: Final = 64
_CALLS_IN_A_TURN: Final = 50
_C: Final = Drive.parse("C")
_BASE: Final = TTransferDataType.EActiveBaseData


class Point(NamedTuple):
    """A measurement.

    Attributes:
        amount: how much or how many.
        cost: of one of them, in the series' unit.
        memory_mb: the most that this process had in use meanwhile.
    """

    amount: float
    cost: float
    memory_mb: float


class Series(NamedTuple):
    """What is measured, and at which amounts."""

    title: str
    across: str
    up: str
    amounts: tuple[int, ...]
    measure: Callable[[tuple[int, ...]], Iterator[Point]]


def _fill(handset: Handset, block: bytes, amount: int) -> None:
    """Make the file of so many blocks, a part at a time: the phone takes a part when all of it is there."""
    for start in range(0, amount, _PART):
        count = min(_PART, amount - start)
        write = FileWrite("C:\\grow.bin", start * len(block), truncate=start == 0)
        handset.connection.call(FILE_WRITE, write, upload=[block] * count)


def by_size(amounts: tuple[int, ...]) -> Iterator[Point]:
    """A file of so many MiB read from a phone."""
    with EmulatedHandset() as emulated, Handset.open(emulated.open()) as handset:
        block = random.Random(1).randbytes(_MIB)
        for amount in amounts:
            _fill(handset, block, amount)
            peak_resident_bytes(reset=True)
            began = time.perf_counter()
            came = sum(map(len, handset.files.read_blocks("C:\\grow.bin")))
            took_s = time.perf_counter() - began
            assert came == amount * _MIB
            yield Point(amount, took_s / amount * 1000, peak_resident_bytes() / 1e6)


def by_handsets(amounts: tuple[int, ...]) -> Iterator[Point]:
    """Calls spread over so many handsets, in processor time of this process.

    Each is asked some times in a row, as a test does; single calls in turn would measure how cold the processor's
    caches are after all the other handsets' processes.
    """
    with ExitStack() as stack:
        handsets: list[Handset] = []
        for amount in amounts:
            while len(handsets) < amount:
                emulated = stack.enter_context(EmulatedHandset())
                handsets.append(stack.enter_context(Handset.open(emulated.open())))
            peak_resident_bytes(reset=True)
            rounds = max(1, 64 // amount)
            before = own_cpu_s()
            for _ in range(rounds):
                for handset in handsets:
                    for _ in range(_CALLS_IN_A_TURN):
                        handset.properties.mode()
            calls = rounds * amount * _CALLS_IN_A_TURN
            yield Point(amount, (own_cpu_s() - before) / calls * 1e6, peak_resident_bytes() / 1e6)


class _Talkative(DataOwner):
    """Gives its data in as many pieces as it is told."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self._left = pieces

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        self._left -= 1
        return b"sixteen bytes...", not self._left


def by_callbacks(amounts: tuple[int, ...]) -> Iterator[Point]:
    """A backup in which an owner is called so many times."""
    for amount in amounts:
        with (
            EmulatedHandset() as emulated,
            Handset.open(emulated.open()) as handset,
            handset.attach(_Talkative(amount)) as slot,
            handset.backup(partial=[slot.sid]) as run,
        ):
            run.wait_ready(slot.sid)
            peak_resident_bytes(reset=True)
            began = time.perf_counter()
            came = len(run.request(slot.sid, _C, _BASE))
            took_s = time.perf_counter() - began
            assert came
            yield Point(amount, took_s / amount * 1e6, peak_resident_bytes() / 1e6)


def by_log(amounts: tuple[int, ...]) -> Iterator[Point]:
    """A log of so many MB read, in processor time."""
    with tempfile.TemporaryDirectory() as folder:
        for amount in amounts:
            path = Path(folder) / "securebackup.txt"
            with path.open("wb") as file:
                file.writelines(engine_log(amount * MB))
            peak_resident_bytes(reset=True)
            before = own_cpu_s()
            count = sum(1 for _ in read_log(path))
            assert count
            yield Point(amount, (own_cpu_s() - before) / amount * 1000, peak_resident_bytes() / 1e6)


SERIES: Final[dict[str, Series]] = {
    "size": Series("A file read from a phone", "MiB", "ms/MiB", (1, 4, 16, 64, 256, 1024), by_size),
    "handsets": Series("Handsets in one process", "handsets", "µs/call", (1, 4, 16, 64), by_handsets),
    "callbacks": Series(
        "Callbacks in a backup", "callbacks", "µs each", (10, 100, 1000, 10_000, 100_000), by_callbacks
    ),
    "log": Series("A log read", "MB", "ms/MB", (1, 4, 16, 64), by_log),
}


def growth(points: list[Point]) -> float:
    """The cost of one at the upper end over the median of the costs before it."""
    *before, last = points
    costs = sorted(point.cost for point in before)
    return last.cost / costs[len(costs) // 2]


def table(measured: dict[str, list[Point]]) -> str:
    """The series as Markdown, with their pictures."""
    lines = ["| | From | To | Cost of one at the end / before it | Memory at both ends |", "|---|---|---|---|---|"]
    for name, points in measured.items():
        series, first, last = SERIES[name], points[0], points[-1]
        lines.append(
            f"| {series.title} | {first.amount:g} {series.across} | {last.amount:g} {series.across} "
            f"| {growth(points):.2f} | {first.memory_mb:.0f} MB, {last.memory_mb:.0f} MB |"
        )
    pictures = " ".join(f"![{SERIES[name].title}](growth/{name}.svg)" for name in measured)
    return "\n".join([*lines, "", pictures])


def main() -> int:
    """Measure, draw, write; 1 when something grows faster than linearly."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SERIES, []], metavar="SERIES", help=", ".join(SERIES))
    parser.add_argument("--up-to", type=int, default=None, metavar="N", help="leave larger amounts out")
    parser.add_argument("--no-page", action="store_true", help="print only; leave docs/ alone")
    options = parser.parse_args()
    measured = {}
    for name, series in SERIES.items():
        if options.names and name not in options.names:
            continue
        amounts = tuple(n for n in series.amounts if options.up_to is None or n <= options.up_to)
        measured[name] = list(series.measure(amounts))
        for point in measured[name]:
            print(f"{name}: {point.amount:g} {series.across}: {point.cost:.3g} {series.up}")  # noqa: T201
    text = table(measured)
    print(text)  # noqa: T201
    if not options.no_page and not options.names and options.up_to is None:
        PICTURES.mkdir(exist_ok=True)
        for name, points in measured.items():
            series = SERIES[name]
            drawn = plot(series.title, series.across, series.up, [(p.amount, p.cost) for p in points])
            (PICTURES / f"{name}.svg").write_text(drawn, "utf-8")
        put(PAGE, COMMAND, text)
    return 0 if all(growth(points) <= MOST_GROWTH for points in measured.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
