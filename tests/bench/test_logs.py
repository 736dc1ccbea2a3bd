"""The benchmark of logs runs, and all its ways read the same lines. Its figures judge nothing here."""

from __future__ import annotations

from tests.bench.goals import GOALS
from tests.bench.logs import Logs


def test_every_way_finds_the_same_lines_and_has_a_goal() -> None:
    with Logs(size=100_000) as benchmark:
        figures = benchmark.round()
    assert list(figures) == ["log records", "log typed", "log runs"]
    assert all(figure > 0 for figure in figures.values())
    assert figures.keys() <= GOALS.keys()
