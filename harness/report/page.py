"""From a run's folder to report.html."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness import __version__
from harness.archive import write_atomically
from harness.errors import ArtifactError
from harness.report.chart import Chart, chart_of
from harness.report.difference import Difference, difference_to, differences_to_expected, last_passed
from harness.report.engine_log import EngineLog, match_callbacks, read_engine_log
from harness.report.reading import RanTest, read_tests
from harness.report.sequence import Row, Story, read_story
from harness.trace_reading import CAPTURE

PAGE: Final = "report.html"
MOST_ROWS: Final = 40_000
"""Of all sequences together; a browser still takes them, and the page stays below 15 MB."""
FOLDED_FROM: Final = 6
"""So many of the same in a row are shown as one, which can be unfolded."""
_CHUNK: Final = 100
"""Rows that are laid out together, so that those out of sight cost nothing."""
_LONGEST_MESSAGE: Final = 20_000


class Block(NamedTuple):
    """Rows one after the other; with a `title`, of the same kind and folded."""

    rows: list[tuple[Row, int]]
    title: str = ""
    kind: str = ""


class ShownTest(NamedTuple):
    """One test as the page shows it.

    Attributes:
        problem: why there is no sequence.
        left_out: rows that there was no room for.
        folder: its artifacts, relative to the page.
    """

    record: RanTest
    story: Story | None
    blocks: list[Block]
    chart: Chart | None
    log: EngineLog | None
    differences: list[Difference]
    problem: str
    left_out: int
    folder: str


def write_report(run: Path) -> Path:
    """Make the page of a run; whatever was there of it is replaced.

    Raises:
        ArtifactError: there is nothing to make it of, or it cannot be written.
    """
    path = run / PAGE
    text = render(run)
    try:
        write_atomically(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def render(run: Path) -> str:
    """The page as text."""
    import jinja2

    left = MOST_ROWS
    tests = []
    # Room is given to what failed first.
    records = read_tests(run)
    views: dict[int, ShownTest] = {}
    for place, record in sorted(enumerate(records), key=lambda pair: pair[1].passed):
        views[place] = _view(run, record, left)
        left -= sum(len(block.rows) for block in views[place].blocks)
    tests = [views[place] for place in range(len(records))]
    data = resources.files("harness").joinpath("data")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["size"] = in_bytes
    template = environment.from_string(data.joinpath("report.html").read_text(encoding="utf-8"))
    return template.render(
        name=run.resolve().name,
        version=__version__,
        made=dt.datetime.now(dt.UTC).isoformat(sep=" ", timespec="seconds"),
        css=data.joinpath("report.css").read_text(encoding="utf-8"),
        script=data.joinpath("report.js").read_text(encoding="utf-8"),
        tests=tests,
        **_matrix(records),
    )


def _matrix(records: list[RanTest]) -> dict[str, Any]:
    """Handsets and how many tests ended how."""
    handsets: dict[str, dict[str, Any]] = {}
    for record in records:
        handsets.setdefault(record.handset, {}).update(record.properties)
    outcomes = Counter(record.outcome for record in records)
    return {"handsets": handsets, "outcomes": dict(sorted(outcomes.items()))}


def _view(run: Path, record: RanTest, room: int) -> ShownTest:
    folder = record.folder
    if folder is None:
        return ShownTest(record, None, [], None, None, [], "it left no artifacts", 0, "")
    relative = folder.relative_to(run).as_posix()
    try:
        story = read_story(folder / CAPTURE)
        log = read_engine_log(folder, whole=not record.passed)
        before = None if record.passed else last_passed(run, record.name)
        differences = differences_to_expected(folder)
        differences += [difference_to(before, story.rows)] if before is not None else []
    except ArtifactError as error:
        return ShownTest(record, None, [], None, None, [], str(error), 0, relative)
    rows = story.rows[: max(0, room)]
    return ShownTest(
        record._replace(message=record.message[:_LONGEST_MESSAGE]),
        story,
        _blocks(rows, log),
        chart_of(story),
        log,
        differences,
        "",
        len(story.rows) - len(rows),
        relative,
    )


def _blocks(rows: list[Row], log: EngineLog | None) -> list[Block]:
    asked = [place for place, row in enumerate(rows) if row.kind == "callback" and row.sender == "phone"]
    lines = match_callbacks(log, [(rows[place].sid, rows[place].name) for place in asked])
    line_of = dict(zip(asked, lines, strict=True))
    blocks: list[Block] = []
    plain: list[tuple[Row, int]] = []
    for (name, kind, failed, sid, _), same in groupby(
        enumerate(rows), key=lambda pair: (pair[1].name, pair[1].kind, pair[1].failed, pair[1].sid, pair[1].sender)
    ):
        several = [(row, line_of.get(place, 0)) for place, row in same]
        if failed or len(several) < FOLDED_FROM:
            plain += several
            continue
        blocks += _plain_blocks(plain)
        plain = []
        size = sum(row.size for row, _ in several)
        took_s = several[-1][0].at_s - several[0][0].at_s
        title = f"{len(several)} × {name} {sid}, {in_bytes(size)} in {took_s:.3f} s"  # noqa: RUF001 - "times"
        blocks.append(Block(several, title, kind))
    return blocks + _plain_blocks(plain)


def _plain_blocks(rows: list[tuple[Row, int]]) -> list[Block]:
    return [Block(rows[start : start + _CHUNK]) for start in range(0, len(rows), _CHUNK)]


def in_bytes(size: float) -> str:
    """A size for a reader, as in `4.0 KiB`."""
    if size < 1024:
        return f"{size:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024 or unit == "GiB":
            break
    return f"{size:.1f} {unit}"
