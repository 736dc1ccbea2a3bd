"""What a failed test did differently when it last passed, or than it expected, side by side."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from harness.errors import ArtifactError
from harness.expected_calls import KIND
from harness.report.reading import RESULTS, RanTest, read_tests
from harness.report.sequence import Row, read_story
from harness.trace_reading import CAPTURE

MOST_RUNS: Final = 20
"""How many earlier runs are looked at."""
MOST_STEPS: Final = 1500
JOURNAL: Final = "journal.jsonl"
_AROUND: Final = 3


class Pair(NamedTuple):
    """Two steps side by side; `mark` is `same`, `changed`, `only before`, `only now`, or `...` for a leap."""

    mark: str
    before: str
    now: str


class Difference(NamedTuple):
    """How a test's sequence differs from another; `left` and `right` say what stands on each side."""

    title: str
    left: str
    right: str
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
    title = f"What differed from run {before.folder.parent.name}, in which it passed"
    return Difference(title, "Then", "Now", list(pairs_of(old, new)))


def differences_to_expected(folder: Path) -> list[Difference]:
    """What data owners were called otherwise than the test has said; nothing where it has not, or was right."""
    path = folder / JOURNAL
    if not path.is_file():
        return []
    found = []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if f'"{KIND}"' not in line:
                continue
            try:
                entry = json.loads(line)
                expected, came = ([str(name) for name in entry[key]] for key in ("expected", "came"))
                title = f"What {entry['sid']} was called otherwise than expected"
            except (ValueError, KeyError, TypeError):
                continue  # the run was killed while it was written, or it is another entry
            found.append(Difference(title, "Expected", "Came", list(pairs_of(expected, came))))
    return found


def pairs_of(old: list[str], new: list[str]) -> Iterator[Pair]:
    """Two sequences side by side; of what is the same only what is next to a difference."""
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
