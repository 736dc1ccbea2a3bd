"""`symhil logs`: what people do with a securebackup.txt.

Reading is in `harness.log`; here are the options, and what goes to which stream.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.logs_collect import collect
from harness.cli.logs_common import FILE, note, note_strangeness, print_lines, rules_of, with_locale
from harness.cli.logs_show import show
from harness.errors import ArtifactError, ConfigError, ExitCode
from harness.log.diff import compare, first_difference
from harness.log.facts import MAX_KEPT
from harness.log.reading import read_log, with_times
from harness.log.report import difference_lines, entry_line, heading, left_out, step_text, summary
from harness.log.runs import read_runs
from harness.log.timeline import align, merge, of_phone, read_journal
from wire.formats.log_stamp import StampResolver, StampRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.log.facts import RunFacts
    from harness.log.steps import Step

_MOST_RUNS: Final = 1000
_NTH: Final = click.IntRange(-1000, 1_000_000)


@click.group()
def logs() -> None:
    """Show, time and compare logs of the backup engine (securebackup.txt).

    Most phones write no such log; `symhil logs show` says why when there is none.
    """


logs.add_command(collect)
logs.add_command(show)


@logs.command("summary")
@click.argument("file", type=FILE)
@click.option("--nth", type=_NTH, help="Only this run, counted from 1; -1 is the last.")
@with_locale
def summary_command(file: Path, nth: int | None, date_order: str | None, clock: str | None) -> None:
    """Tell what FILE says about each backup and restore: owners, data, callbacks, errors."""
    for number, run in _runs(file, nth, rules_of(file, date_order, clock)):
        print_lines(summary(number, run))
    note_strangeness(file)


@logs.command()
@click.argument("file", type=FILE)
@click.option("--nth", type=_NTH, help="Only this run, counted from 1; -1 is the last.")
@click.option("--run", "folder", type=FILE, help="A test's folder, with the harness's journal of it.")
@with_locale
def timeline(file: Path, nth: int | None, folder: Path | None, date_order: str | None, clock: str | None) -> None:
    """Show host requests, property changes and callbacks of FILE in the order of their times.

    With --run the harness's journal of a test is put on the same axis of time. All times are local time of
    the phone.
    """
    rules = rules_of(file, date_order, clock)
    if folder is None:
        for number, run in _runs(file, nth, rules):
            print_lines([heading(number, run), *left_out(run)])
            print_lines(entry_line(of_phone(step)) for step in run.steps)
        note_strangeness(file)
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
    print_lines([*headings, f"clocks aligned by {alignment.how}"])
    print_lines(entry_line(entry) for entry in merge(list(steps), events, alignment))


@logs.command("diff")
@click.argument("file_a", metavar="A", type=FILE)
@click.argument("file_b", metavar="B", type=FILE)
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
            print_lines([f"only in {'A' if b is None else 'B'}: {heading(number, run)}"])
            same = False
        else:
            same = _compare(a, b) and same
    for file in (file_a, file_b):
        note_strangeness(file)
    if not compared:
        raise ConfigError(
            f"neither {file_a} nor {file_b} tells of anything that the engine did",
            hint="both have to be logs of the backup engine, as `symhil logs collect` brings them",
        )
    if same:
        note(f"{file_a} and {file_b} tell of the same")
    return ExitCode.OK if same else ExitCode.FAILED


def _compare(a: tuple[int, RunFacts], b: tuple[int, RunFacts]) -> bool:
    lines = compare(a[1].steps, b[1].steps)
    if lines is not None:
        shown = list(difference_lines(lines))
        if shown:
            print_lines([f"- A {heading(*a)}", f"+ B {heading(*b)}", *shown, *left_out(a[1]), *left_out(b[1])])
        return not shown
    print_lines([f"- A {heading(*a)}", f"+ B {heading(*b)}", "  too different to line them up; they part here:"])
    first, second = first_difference(a[1].steps, b[1].steps)
    print_lines(f"  {mark} {step_text(step)}" for mark, step in (("-", first), ("+", second)) if step)
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
