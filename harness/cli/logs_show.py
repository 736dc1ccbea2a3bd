"""`symhil logs show`: the records of a log, of a file or on a live phone."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import click

from harness.cli.logs_common import FILE, given_rules, note, note_strangeness, print_lines, rules_of, with_locale
from harness.cli.options import handset_options, open_for
from harness.log.follow import Followed, follow
from harness.log.follow_phone import follow_phone
from harness.log.reading import WHY_NO_LOG, read_log, with_times
from harness.log.show import Choice, as_json, as_line
from wire.formats.log_level import LogLevel
from wire.formats.log_message import callback_named
from wire.formats.log_stamp import StampResolver, StampRules
from wire.symbian import ENGINE_LOG, AbCallback, SecureId

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLLOW_S: Final = 0.5
"""Seconds between two looks at a log that is followed."""


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


@click.command()
@click.argument("file", type=FILE, required=False)
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
@with_locale
@handset_options
def show(
    *,
    file: Path | None,
    sids: frozenset[SecureId],
    callbacks: frozenset[AbCallback],
    since: datetime | None,
    until: datetime | None,
    level: str,
    following: bool,
    json_lines: bool,
    date_order: str | None,
    clock: str | None,
    config: Path | None,
    device: str,
    port: str | None,
) -> None:
    """Show the records of FILE, or of the log on a handset.

    Without FILE the log is read from the handset that --device, --port or --config name; nothing is stored.

    Each line has the record's number, its time, `!` for an error or `?` for a warning, and its text. Bytes
    that are no line of the logger are shown too, and control characters as escapes.
    """
    choice = Choice(sids, callbacks, since, until, LogLevel[level.upper()])
    shown = as_json if json_lines else as_line

    def show_as_it_comes(coming: Iterable[Followed], where: str, rules: StampRules) -> None:
        resolver = StampResolver(rules)
        for records, anew in coming:
            if anew:
                note(f"{where} is another file now; reading it from its beginning")
            print_lines(shown(timed) for timed in with_times(records, resolver) if choice.wants(timed))

    if file is None:
        if not (config or device or port):
            raise click.UsageError("name a FILE, or a handset with --device or --port")
        with open_for(config, device, port) as handset:
            if not handset.files.exists(ENGINE_LOG):
                note(f"there is no log on {handset.name}{', waiting for one' * following}: {WHY_NO_LOG}")
            coming = follow_phone(handset, _wait if following else lambda: False)
            show_as_it_comes(coming, f"the log on {handset.name}", given_rules(date_order, clock))
        return
    if config or device or port:
        raise click.UsageError("FILE and a handset exclude each other")
    rules = rules_of(file, date_order, clock)
    if following:
        show_as_it_comes(follow(file, _wait), str(file), rules)
        return
    print_lines(shown(timed) for timed in with_times(read_log(file), StampResolver(rules)) if choice.wants(timed))
    note_strangeness(file)


def _wait() -> bool:
    time.sleep(FOLLOW_S)
    return True
