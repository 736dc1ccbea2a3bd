"""What grows faster than it should is noticed, and the pictures are pictures."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.bench.growth import MOST_GROWTH, SERIES, Point, by_log, growth, table
from tests.bench.plot import plot


@pytest.mark.parametrize(
    ("costs", "too_fast"), [((9, 5, 5, 5), False), ((5, 5, 6, 7), False), ((1, 1, 2, 4), True)]
)
def test_a_cost_that_rises_with_the_number(costs: tuple[float, ...], too_fast: bool) -> None:
    points = [Point(4**power, cost, 50.0) for power, cost in enumerate(costs)]
    assert (growth(points) > MOST_GROWTH) is too_fast


def test_a_series_is_measured_and_told() -> None:
    points = list(by_log((1, 2)))
    assert [point.amount for point in points] == [1, 2]
    assert all(point.cost > 0 and point.memory_mb > 1 for point in points)
    assert "| A log read | 1 MB | 2 MB |" in table({"log": points})


@pytest.mark.parametrize("name", SERIES)
def test_a_picture_has_each_point(name: str) -> None:
    series = SERIES[name]
    drawn = etree.fromstring(
        plot(series.title, series.across, series.up, [(1, 3.0), (10, 3.1), (100, 2.9)]).encode()
    )
    assert len(drawn.findall("{*}circle")) == 3
    (line,) = drawn.findall("{*}polyline")
    ups = [float(pair.split(",")[1]) for pair in line.get("points", "").split()]
    assert ups[1] < ups[0] < ups[2]  # higher is less far down
