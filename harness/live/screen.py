"""What phones are at as lines: a table below pytest's own lines, or one line in a log."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from harness.errors import printable
from harness.live.phone_view import PhoneView, Progress

COLUMNS: Final = ("phone", "state", "owner", "callback", "bytes", "rate", "left", "")
NARROW: Final = 60
_NUMBERS: Final = frozenset({"bytes", "rate", "left"})

Row = tuple[str, ...]
"""One phone: a text for each of COLUMNS."""


def lines_of(rows: Sequence[Row], width: int) -> list[str]:
    """A table with a row for each phone, none wider than the terminal; where that is narrow, without columns."""
    if width < NARROW:
        return [line_of(row)[: width - 1] for row in rows]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in COLUMNS:
        # What does not fit is cut; a line that wraps would shift all others.
        table.add_column(
            column, no_wrap=True, overflow="ellipsis", justify="right" if column in _NUMBERS else "left"
        )
    for row in rows:
        table.add_row(*map(printable, row))
    console = Console(file=io.StringIO(), force_terminal=True, width=width - 1, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(table)
    return capture.get().splitlines()


def row_of(view: PhoneView) -> Row:
    """One phone, column by column."""
    size, rate, left = _progress(view.progress)
    state = str(view.mode).replace("|ENoBackup", "") if view.mode is not None else "?"
    return view.handset, state, view.owner, view.callback or view.asked, size, rate, left, view.test


def line_of(row: Row) -> str:
    """One phone in one line, as it stands in a log."""
    name, state, owner, callback, size, rate, left, test = row
    about = " ".join(filter(None, (owner, callback)))
    progress = ", ".join(filter(None, (size, rate, f"{left} left" if left else "")))
    return printable(": ".join(filter(None, (name, "; ".join(filter(None, (state, about, progress, test)))))))


def _progress(progress: Progress | None) -> tuple[str, str, str]:
    if progress is None:
        return "", "", ""
    size = decimal(progress.size)
    if progress.expected and progress.expected >= progress.size:
        size += f" of {decimal(progress.expected)}"
    rate = f"{decimal(int(progress.rate))}/s" if progress.rate is not None else ""
    left_s = progress.left_s
    return size, rate, f"{left_s:.0f} s" if left_s is not None else ""
