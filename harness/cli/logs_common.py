"""What the commands of `symhil logs` share: options about stamps, and what goes to which stream."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.log.reading import read_log, stamp_rules
from wire.formats.log_line import DateOrder
from wire.formats.log_stamp import StampRules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FILE: Final = click.Path(path_type=Path)
_TOGETHER: Final = 100
"""Lines printed at a time."""


def with_locale(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options for a phone whose settings the stamps do not tell."""
    order = click.option(
        "--date-order",
        type=click.Choice([order.value for order in DateOrder]),
        help="The phone's order of day, month and year, where the log does not tell.",
    )
    clock = click.option(
        "--clock", type=click.Choice(["12", "24"]), help="The phone's clock, where the log does not tell."
    )
    return order(clock(command))


def given_rules(date_order: str | None, clock: str | None) -> StampRules:
    """What the options say about the stamps."""
    return StampRules(
        None if date_order is None else DateOrder(date_order), None if clock is None else clock == "24"
    )


def rules_of(file: Path, date_order: str | None, clock: str | None) -> StampRules:
    """What the options say about the stamps and, where they do not, what the stamps prove."""
    given = given_rules(date_order, clock)
    if given.date_order is not None and given.hour_24 is not None:
        return given
    proven = stamp_rules(read_log(file))
    rules = StampRules(
        given.date_order or proven.date_order, proven.hour_24 if given.hour_24 is None else given.hour_24
    )
    if rules.hour_24 is False:
        note("this phone shows 12 hours: each day's first lines are taken to be before noon")
    return rules


def note_strangeness(file: Path) -> None:
    """Say why nothing, or nothing sensible, was printed."""
    first = list(islice(read_log(file), 1000))
    if not first:
        note(f"{file} is empty: the engine has written nothing yet")
    elif not any(record.stamp for record in first):
        utf_16 = first[0].raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
        why = "it is UTF-16, so it was converted on its way" if utf_16 else "is it another file?"
        note(f"{file} does not begin like a log of the file logger: {why}")


def print_lines(lines: Iterable[str]) -> None:
    """Print many lines quickly, whatever the terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    lines = iter(lines)
    while together := list(islice(lines, _TOGETHER)):
        click.echo("\n".join(together).encode(encoding, "backslashreplace").decode(encoding))


def note(text: str) -> None:
    """Something for people, beside the output."""
    click.echo(f"symhil: {text}", err=True)
