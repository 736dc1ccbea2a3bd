"""A line of points as SVG: both axes logarithmic, readable on light and dark pages."""

from __future__ import annotations

import math
from typing import Final
from xml.sax.saxutils import escape

Points = list[tuple[float, float]]

WIDTH: Final = 420
HEIGHT: Final = 260
_LEFT: Final = 64
_TOP: Final = 34
_RIGHT: Final = 16
_BOTTOM: Final = 46
_STYLE: Final = (
    "text{font:12px sans-serif;fill:#57606a}.title{font-weight:bold}.axis{stroke:#8c959f;fill:none}"
    ".line{stroke:#0969da;stroke-width:2;fill:none}circle{fill:#0969da}"
    "@media(prefers-color-scheme:dark){text{fill:#9198a1}.line{stroke:#4493f8}circle{fill:#4493f8}}"
)


def plot(title: str, across: str, up: str, points: Points) -> str:
    """One picture. `across` and `up` are what stands at the axes; all values are above zero."""
    xs, ys = _Axis([x for x, _ in points]), _Axis([y for _, y in points])
    places = [
        (
            _LEFT + xs.share(x) * (WIDTH - _LEFT - _RIGHT),
            HEIGHT - _BOTTOM - ys.share(y) * (HEIGHT - _TOP - _BOTTOM),
        )
        for x, y in points
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    base, end = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="18">{escape(title)}</text>',
        f'<path class="axis" d="M{_LEFT},{_TOP}V{base}H{end}"/>',
        f'<text x="{(_LEFT + end) // 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(across)}</text>',
        f'<text x="{_LEFT}" y="{_TOP - 4}" text-anchor="middle">{escape(up)}</text>',
        f'<polyline class="line" points="{path}"/>',
    ]
    for (x, y), (across_value, up_value) in zip(places, points, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
        parts.append(f'<text x="{x:.1f}" y="{base + 16}" text-anchor="middle">{across_value:g}</text>')
        parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{up_value:.3g}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """Where between its ends a value stands. An axis has at least a decade, so that noise stays small on it."""

    def __init__(self, values: list[float]) -> None:
        low, high = math.log10(min(values)), math.log10(max(values))
        spare = max(0.0, 1.0 - (high - low)) / 2
        self._low, self._span = low - spare, high - low + 2 * spare

    def share(self, value: float) -> float:
        """0 at the lower end, 1 at the upper one."""
        return (math.log10(value) - self._low) / self._span
