"""Samples become figures with their spread, a table and a file for other programs."""

from __future__ import annotations

import json
import platform
import statistics
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.goals import GOALS
from tests.generated import put

COMMAND: Final = "make bench"


class Figure(NamedTuple):
    """What a row came to."""

    median: float
    lowest: float
    highest: float
    rounds: int

    @classmethod
    def of(cls, samples: list[float]) -> Figure:
        """The median of the rounds and how far they lie apart."""
        return cls(statistics.median(samples), min(samples), max(samples), len(samples))


def table(figures: dict[str, Figure], absent: dict[str, str]) -> str:
    """The rows as Markdown; `absent` says why a row was not measured."""
    lines = ["| What | Goal | Figure | Lowest to highest | Rounds | |", "|---|---|---|---|---|---|"]
    for name, goal in GOALS.items():
        figure = figures.get(name)
        if figure is None:
            lines.append(f"| {goal.what} | {goal.bound} | | | | not measured: {absent.get(name, 'left out')} |")
            continue
        verdict = ("met" if goal.is_met(figure.median) else "**missed**") if goal.bound != "none" else ""
        spread = f"{figure.lowest:.3g} to {figure.highest:.3g}"
        value = f"{figure.median:.3g}{goal.unit}"
        lines.append(f"| {goal.what} | {goal.bound} | {value} | {spread} | {figure.rounds} | {verdict} |")
    return "\n".join(lines)


def write(figures: dict[str, Figure], absent: dict[str, str], page: Path, data: Path) -> None:
    """Put the table between its marks in `page`, and all samples' figures in `data`."""
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    put(page, COMMAND, f"Measured on {machine}.\n\n{table(figures, absent)}")
    rows = {
        name: {**figure._asdict(), "met": GOALS[name].is_met(figure.median)} for name, figure in figures.items()
    }
    data.write_text(
        json.dumps({"machine": machine, "rows": rows, "not_measured": absent}, indent=2) + "\n", "utf-8"
    )
