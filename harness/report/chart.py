"""The time line of a test: the property, ready states, requests and callbacks, on one axis. As shapes of SVG."""

from __future__ import annotations

from typing import Final, NamedTuple

from harness.report.sequence import Story
from wire.symbian import BurMode, TDataOwnerStatus

WIDTH: Final = 1000
ROW: Final = 22
LABEL: Final = 110
MOST_SHAPES: Final = 400
"""Of one row. Beyond that shapes lie on each other, so that neighbours are put together."""


class Bar(NamedTuple):
    """A stretch of time in a row."""

    x: float
    width: float
    style: str
    label: str
    title: str


class Lane(NamedTuple):
    """A row of the time line."""

    y: int
    label: str
    bars: list[Bar]


class Chart(NamedTuple):
    """A time line. `ticks` are places on the axis with their text."""

    height: int
    lanes: list[Lane]
    ticks: list[tuple[float, str]]


def chart_of(story: Story) -> Chart | None:
    """The time line of a story; None when nothing happened in it."""
    length_s = max(story.ends_s, 1e-6)
    if not (story.modes or story.busy or story.called or story.ready):
        return None

    def x(at_s: float) -> float:
        return round(LABEL + (WIDTH - LABEL) * min(max(at_s, 0.0), length_s) / length_s, 1)

    def bar(begin_s: float, end_s: float, style: str, label: str, title: str) -> Bar:
        width = round(max(x(end_s) - x(begin_s), 1.5), 1)
        return Bar(x(begin_s), width, style, label if width > 7 * len(label) else "", title)

    rows: list[tuple[str, list[Bar]]] = []
    modes = []
    for (at_s, value), (end_s, _) in zip(story.modes, [*story.modes[1:], (length_s, 0)], strict=True):
        mode = BurMode.from_property(value)
        style = "backup" if mode.is_backup else "restore" if mode.is_restore else "normal"
        title = f"{mode} from {at_s:.3f} s on"
        modes.append(bar(at_s, end_s, style, str(mode).partition("|")[0].removeprefix("EBUR"), title))
    if modes:
        rows.append(("property", modes))
    for sid, states in story.ready.items():
        bars = []
        for (at_s, status), (end_s, _) in zip(states, [*states[1:], (length_s, 0)], strict=True):
            name = TDataOwnerStatus(status).name if status in set(TDataOwnerStatus) else f"state {status}"
            style = "ready" if name.startswith("EDataOwnerReady") else "waiting"
            bars.append(bar(at_s, end_s, style, name.removeprefix("EDataOwner"), f"{name} at {at_s:.3f} s"))
        rows.append((sid, bars))
    if story.busy:
        busy = [bar(a, b, "busy", name, f"{name}, {(b - a) * 1000:.1f} ms") for a, b, name in _thinned(story.busy)]
        rows.append(("engine", busy))
    if story.called:
        called = [(at_s, at_s, "callback") for at_s in story.called]
        rows.append(("callbacks", [bar(a, b, "call", "", f"at {a:.3f} s") for a, b, _ in _thinned(called)]))
    lanes = [Lane(place * ROW, label, bars) for place, (label, bars) in enumerate(rows)]
    ticks = [(x(length_s * part / 5), f"{length_s * part / 5:.3g} s") for part in range(6)]
    return Chart(len(rows) * ROW, lanes, ticks)


def _thinned(spans: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """At most MOST_SHAPES spans: where there are more, neighbours become one."""
    if len(spans) <= MOST_SHAPES:
        return spans
    several = -(-len(spans) // MOST_SHAPES)
    parts = [spans[start : start + several] for start in range(0, len(spans), several)]
    return [(part[0][0], max(end for _, end, _ in part), f"{len(part)} x {part[0][2]}") for part in parts]
