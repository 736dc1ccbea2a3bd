"""`symhil logs`: what people do with a securebackup.txt.

Reading is in `harness.log`; here are the options, and what goes to which stream.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.logs_collect import collect
from harness.errors import ArtifactError, ConfigError, ExitCode
from harness.log.diff import compare, first_difference
from harness.log.facts import MAX_KEPT
from harness.log.follow import follow
from harness.log.reading import read_log, stamp_rules, with_times
from harness.log.report import difference_lines, entry_line, heading, left_out, step_text, summary
from harness.log.runs import read_runs
from harness.log.show import Choice, as_json, as_line
from harness.log.timeline import align, merge, of_phone, read_journal
from wire.formats.log_level import LogLevel
from wire.formats.log_line import DateOrder
from wire.formats.log_message import callback_named
from wire.formats.log_stamp import StampResolver, StampRules
from wire.symbian import AbCallback, SecureId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.log.facts import RunFacts
    from harness.log.steps import Step

FOLLOW_S: Final = 0.5
"""Seconds between two looks at a log that is followed."""

_MOST_RUNS: Final = 1000
_TOGETHER: Final = 100
"""Lines printed at a time."""


def _sids(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> frozenset[SecureId]:
    try:
        return frozenset(SecureId.parse(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _callbacks(_ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]) -> frozenset[AbCallback]:
    found = {name: callback_named(name) for name in names}
    for name, callback in found.items():
        if callback is None:
            raise click.BadParameter(f"{name!r} is none of {', '.join(AbCallback.__members__)}")
    return frozenset(callback for callback in found.values() if callback is not None)


def _moment(_ctx: click.Context, param: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time such as 2010-07-14T09:58:41 or 2010-07-14") from None
    if moment.tzinfo is not None:
        raise click.BadParameter("a log has the phone's local time, without a zone")
    # A day alone is all of it.
    return moment + timedelta(days=1, seconds=-1) if param.name == "until" and len(text) <= 10 else moment


_FILE: Final = click.Path(path_type=Path)
_NTH: Final = click.IntRange(-1000, 1_000_000)


def _with_locale(command: Callable[..., Any]) -> Callable[..., Any]:
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


@click.group()
def logs() -> None:
    """Show, time and compare logs of the backup engine (securebackup.txt).

    Most phones write no such log; `symhil logs show` says why when there is none.
    """


logs.add_command(collect)


@logs.command()
@click.argument("file", type=_FILE)
@click.option("--sid", "sids", metavar="SID", multiple=True, callback=_sids, help="Only this owner. Repeatable.")
@click.option(
    "--callback",
    "callbacks",
    metavar="NAME",
    multiple=True,
    callback=_callbacks,
    help="Only this callback, such as GetSnapshotDataL. Repeatable.",
)
@click.option("--since", metavar="TIME", callback=_moment, help="Only from then on, in local time of the phone.")
@click.option("--until", metavar="TIME", callback=_moment, help="Only until then; a day alone is all of it.")
@click.option(
    "--level",
    type=click.Choice(["info", "warning", "error"]),
    default="info",
    help="Only what is at least as bad.",
)
@click.option("--follow", "-f", "following", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@click.option("--json", "json_lines", is_flag=True, help="One JSON object on each line.")
@_with_locale
def show(
    *,
    file: Path,
    sids: frozenset[SecureId],
    callbacks: frozenset[AbCallback],
    since: datetime | None,
    until: datetime | None,
    level: str,
    following: bool,
    json_lines: bool,
    date_order: str | None,
    clock: str | None,
) -> None:
    """Show the records of FILE.

    Each line has the record's number, its time, `!` for an error or `?` for a warning, and its text. Bytes
    that are no line of the logger are shown too, and control characters as escapes.
    """
    choice = Choice(sids, callbacks, since, until, LogLevel[level.upper()])
    shown = as_json if json_lines else as_line
    rules = _rules(file, date_order, clock)
    if following:
        resolver = StampResolver(rules)
        for records, anew in follow(file, _wait):
            if anew:
                _note(f"{file} is another file now; reading it from its beginning")
            _print(shown(timed) for timed in with_times(records, resolver) if choice.wants(timed))
        return
    _print(shown(timed) for timed in with_times(read_log(file), StampResolver(rules)) if choice.wants(timed))
    _note_strangeness(file)


@logs.command("summary")
@click.argument("file", type=_FILE)
@click.option("--nth", type=_NTH, help="Only this run, counted from 1; -1 is the last.")
@_with_locale
def summary_command(file: Path, nth: int | None, date_order: str | None, clock: str | None) -> None:
    """Tell what FILE says about each backup and restore: owners, data, callbacks, errors."""
    for number, run in _runs(file, nth, _rules(file, date_order, clock)):
        _print(summary(number, run))
    _note_strangeness(file)


@logs.command()
@click.argument("file", type=_FILE)
@click.option("--nth", type=_NTH, help="Only this run, counted from 1; -1 is the last.")
@click.option("--run", "folder", type=_FILE, help="A test's folder, with the harness's journal of it.")
@_with_locale
def timeline(file: Path, nth: int | None, folder: Path | None, date_order: str | None, clock: str | None) -> None:
    """Show host requests, property changes and callbacks of FILE in the order of their times.

    With --run the harness's journal of a test is put on the same axis of time. All times are local time of
    the phone.
    """
    rules = _rules(file, date_order, clock)
    if folder is None:
        for number, run in _runs(file, nth, rules):
            _print([heading(number, run), *left_out(run)])
            _print(entry_line(of_phone(step)) for step in run.steps)
        _note_strangeness(file)
        return
    events = read_journal(folder)
    # A reading of the phone's clock tells which half of the day a 12-hour clock meant.
    anchor = next((event.phone for event in events if event.phone is not None), None)
    headings: deque[str] = deque(maxlen=_MOST_RUNS)
    steps: deque[Step] = deque(maxlen=MAX_KEPT)
    for number, run in _runs(file, nth, rules, anchor):
        headings += [heading(number, run), *left_out(run)]
        steps += run.steps
    alignment = align(list(steps), events)
    if alignment is None:
        raise ArtifactError(
            f"{file} and {folder} have nothing in common by which their clocks could be aligned",
            hint="is it the folder of the test that this log is of?",
        )
    _print([*headings, f"clocks aligned by {alignment.how}"])
    _print(entry_line(entry) for entry in merge(list(steps), events, alignment))


@logs.command("diff")
@click.argument("file_a", metavar="A", type=_FILE)
@click.argument("file_b", metavar="B", type=_FILE)
@click.option("--nth-a", type=_NTH, help="Only this run of A, counted from 1; -1 is the last.")
@click.option("--nth-b", type=_NTH, help="The run of B to compare it with.")
def diff(file_a: Path, file_b: Path, nth_a: int | None, nth_b: int | None) -> int:
    """Compare what was done in the runs of A and of B, whenever it was done.

    Exit code 0 if it was the same, 1 if not. The first run of A is compared with the first of B, and so on.
    """
    if (nth_a is None) != (nth_b is None):
        raise click.UsageError("--nth-a and --nth-b belong together")
    same = True
    compared = False
    pairs = zip_longest(_runs(file_a, nth_a, StampRules()), _runs(file_b, nth_b, StampRules()))
    for a, b in pairs:
        compared = True
        if a is None or b is None:
            number, run = a or b
            _print([f"only in {'A' if b is None else 'B'}: {heading(number, run)}"])
            same = False
        else:
            same = _compare(a, b) and same
    for file in (file_a, file_b):
        _note_strangeness(file)
    if not compared:
        raise ConfigError(
            f"neither {file_a} nor {file_b} tells of anything that the engine did",
            hint="both have to be logs of the backup engine, as `symhil logs collect` brings them",
        )
    if same:
        _note(f"{file_a} and {file_b} tell of the same")
    return ExitCode.OK if same else ExitCode.FAILED


def _compare(a: tuple[int, RunFacts], b: tuple[int, RunFacts]) -> bool:
    lines = compare(a[1].steps, b[1].steps)
    if lines is not None:
        shown = list(difference_lines(lines))
        if shown:
            _print([f"- A {heading(*a)}", f"+ B {heading(*b)}", *shown, *left_out(a[1]), *left_out(b[1])])
        return not shown
    _print([f"- A {heading(*a)}", f"+ B {heading(*b)}", "  too different to line them up; they part here:"])
    first, second = first_difference(a[1].steps, b[1].steps)
    _print(f"  {mark} {step_text(step)}" for mark, step in (("-", first), ("+", second)) if step)
    return False


def _runs(
    file: Path, nth: int | None, rules: StampRules, anchor: datetime | None = None
) -> Iterator[tuple[int, RunFacts]]:
    """The runs of a log with their numbers, or the one that is asked for."""
    runs = enumerate(read_runs(with_times(read_log(file), StampResolver(rules, anchor=anchor))), 1)
    if nth is None:
        yield from runs
        return
    if nth >= 1:
        chosen = list(islice(runs, nth - 1, nth))
    else:
        last = deque(runs, maxlen=max(-nth, 1))
        chosen = [last[0]] if nth < 0 and len(last) == -nth else []
    if not chosen:
        raise ConfigError(f"{file} has no run {nth}", hint=f"`symhil logs summary {file}` lists its runs")
    yield from chosen


def _rules(file: Path, date_order: str | None, clock: str | None) -> StampRules:
    """What the options say about the stamps and, where they do not, what the stamps prove."""
    given = StampRules(
        None if date_order is None else DateOrder(date_order), None if clock is None else clock == "24"
    )
    if given.date_order is not None and given.hour_24 is not None:
        return given
    proven = stamp_rules(read_log(file))
    rules = StampRules(
        given.date_order or proven.date_order, proven.hour_24 if given.hour_24 is None else given.hour_24
    )
    if rules.hour_24 is False:
        _note("this phone shows 12 hours: each day's first lines are taken to be before noon")
    return rules


def _note_strangeness(file: Path) -> None:
    """Say why nothing, or nothing sensible, was printed."""
    first = list(islice(read_log(file), 1000))
    if not first:
        _note(f"{file} is empty: the engine has written nothing yet")
    elif not any(record.stamp for record in first):
        utf_16 = first[0].raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
        why = "it is UTF-16, so it was converted on its way" if utf_16 else "is it another file?"
        _note(f"{file} does not begin like a log of the file logger: {why}")


def _wait() -> bool:
    time.sleep(FOLLOW_S)
    return True


def _print(lines: Iterable[str]) -> None:
    """Print many lines quickly, whatever the terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    lines = iter(lines)
    while together := list(islice(lines, _TOGETHER)):
        click.echo("\n".join(together).encode(encoding, "backslashreplace").decode(encoding))


def _note(text: str) -> None:
    """Something for people, beside the output."""
    click.echo(f"symhil: {text}", err=True)
