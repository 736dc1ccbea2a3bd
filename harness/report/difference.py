"""What a failed test did differently when it last passed, side by side."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from harness.errors import ArtifactError
from harness.report.reading import RESULTS, RanTest, read_tests
from harness.report.sequence import Row, read_story
from harness.trace_reading import CAPTURE

MOST_RUNS: Final = 20
"""How many earlier runs are looked at."""
MOST_STEPS: Final = 1500
_AROUND: Final = 3


class Pair(NamedTuple):
    """Two steps side by side; `mark` is `same`, `changed`, `only before`, `only now`, or `...` for a leap."""

    mark: str
    before: str
    now: str


class Difference(NamedTuple):
    """How a test's sequence differs from that of an earlier run."""

    run: str
    pairs: list[Pair]


def last_passed(run: Path, name: str) -> RanTest | None:
    """The test in the latest run before this one in which it passed and left a capture."""
    run = run.resolve()
    others = (path.parent for path in run.parent.glob(f"*/{RESULTS}") if not path.parent.is_symlink())
    earlier = sorted((path for path in others if path.name < run.name), reverse=True)
    for other in earlier[:MOST_RUNS]:
        try:
            tests = read_tests(other)
        except ArtifactError:
            continue  # a run of something else, or one that cannot be read any more
        for test in tests:
            if test.name == name and test.outcome == "passed" and test.folder is not None:
                return test
    return None


def steps_of(rows: list[Row]) -> list[str]:
    """What is compared: who asked what and what came of it, without times; repetitions in one step."""
    compared = [
        f"{row.sender} → {row.receiver}  {row.name} {row.sid} {row.result if row.failed else ''}".rstrip()
        for row in rows
        if row.kind in {"engine", "callback", "owner", "property"}
    ]
    counted = [(step, len(list(same))) for step, same in groupby(compared)]
    return [step if count == 1 else f"{step}  {count} times" for step, count in counted]


def difference_to(before: RanTest, rows: list[Row]) -> Difference:
    """Compare with what the test did before."""
    assert before.folder is not None
    old = steps_of(read_story(before.folder / CAPTURE).rows)[:MOST_STEPS]
    new = steps_of(rows)[:MOST_STEPS]
    return Difference(before.folder.parent.name, list(_pairs(old, new)))


def _pairs(old: list[str], new: list[str]) -> Iterator[Pair]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    codes = matcher.get_opcodes()
    for place, (tag, a, a_end, b, b_end) in enumerate(codes):
        if tag == "equal":
            yield from _same(old[a:a_end], first=place == 0, last=place == len(codes) - 1)
            continue
        for offset in range(max(a_end - a, b_end - b)):
            left = old[a + offset] if a + offset < a_end else ""
            right = new[b + offset] if b + offset < b_end else ""
            yield Pair("changed" if left and right else "only before" if left else "only now", left, right)


def _same(steps: list[str], *, first: bool, last: bool) -> Iterator[Pair]:
    """A stretch that is the same: only what is next to a difference is shown."""
    head = 0 if first else _AROUND
    tail = 0 if last else _AROUND
    if len(steps) <= head + tail + 1:
        yield from (Pair("same", step, step) for step in steps)
        return
    yield from (Pair("same", step, step) for step in steps[:head])
    yield Pair("...", f"{len(steps) - head - tail} steps are the same", "")
    yield from (Pair("same", step, step) for step in steps[len(steps) - tail :])
