"""`python -m tests.bench`: how fast it is, measured beside what it is compared with, and which goals are met.

Each round measures both sides of a ratio one after the other, so that a machine that becomes slower meanwhile
makes both slower. The table goes into docs/performance.md, the figures into bench.json.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from tests.bench import report
from tests.bench.benchmarks import BENCHMARKS
from tests.bench.goals import GOALS

PAGE = Path("docs/performance.md")


def main() -> int:
    """Measure, print, write; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="BENCHMARK", help=f"only these: {', '.join(BENCHMARKS)}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-page", action="store_true", help="print only; leave docs/performance.md alone")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    samples: dict[str, list[float]] = defaultdict(list)
    for name, make in BENCHMARKS.items():
        if options.names and name not in options.names:
            continue
        with make() as benchmark:
            for number in range(options.rounds):
                for row, value in benchmark.round().items():
                    samples[row].append(value)
                print(f"{name}: round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)  # noqa: T201
    figures = {row: report.Figure.of(values) for row, values in samples.items()}
    print(report.table(figures, {}))  # noqa: T201
    if not options.no_page and not options.names:
        report.write(figures, {}, PAGE, Path("bench.json"))
    return 0 if all(GOALS[row].is_met(figure.median) for row, figure in figures.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
