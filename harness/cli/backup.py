"""`symhil backup` and `symhil restore`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import entry_for, handset_options, open_for

if TYPE_CHECKING:
    from harness.whole_backup import Outcome
    from wire.symbian import Drive, SecureId


def _sids(values: Sequence[str]) -> list[SecureId]:
    from wire.symbian import SecureId

    try:
        return [SecureId.parse(value) for value in values]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--owner") from error


def _drives(text: str | None) -> list[Drive] | None:
    from wire.symbian import Drive

    if text is None:
        return None
    try:
        return [Drive.parse(letter) for letter in text if letter not in ", :"]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--drives") from error


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--owner", "owners", multiple=True, metavar="SID", help="Only this data owner; may be given again.")
@click.option("--incremental", is_flag=True, help="Add what has changed to the backup set that is in FOLDER.")
@click.option("--drives", metavar="LETTERS", help="Only these drives, as in CE; else all but the ROM.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@handset_options
def backup(
    folder: Path,
    owners: tuple[str, ...],
    incremental: bool,
    drives: str | None,
    as_json: bool,
    quiet: bool,
    config: Path | None,
    device: str,
    port: str | None,
) -> int:
    """Back the data owners of a handset up into FOLDER, as a backup set with a digest for each stream."""
    from harness.cli.progress import transfer_progress
    from harness.errors import UnexpectedState
    from harness.whole_backup import back_up

    sids, chosen_drives = _sids(owners), _drives(drives)
    with open_for(config, device, port) as handset, transfer_progress(quiet=quiet or as_json) as show:
        unknown = set(chosen_drives or ()) - set(_all_drives(handset.info.drives))
        if unknown:
            letters = ", ".join(drive.letter for drive in sorted(unknown))
            there = ", ".join(drive.letter for drive in sorted(_all_drives(handset.info.drives)))
            raise UnexpectedState(f"the phone has no drive {letters}; it has {there}")
        outcomes = back_up(handset, folder, sids=sids, incremental=incremental, drives=chosen_drives, show=show)
    return _report(outcomes, as_json=as_json, done="backed up")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--owner", "owners", multiple=True, metavar="SID", help="Only this data owner; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@handset_options
def restore(
    folder: Path,
    owners: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    config: Path | None,
    device: str,
    port: str | None,
) -> int:
    """Restore data owners from the backup set in FOLDER, after checking all of it."""
    from harness.cli.progress import transfer_progress
    from harness.errors import ConfigError
    from harness.whole_backup import restore as restore_all

    sids = _sids(owners)
    entry = entry_for(config, device, port)
    if not entry.allow_restore:
        raise ConfigError(
            f"nothing is restored to {entry.name}: its entry does not say allow_restore: true",
            hint="write that into the configuration if the phone's data may be replaced",
        )
    with open_for(config, device, port) as handset, transfer_progress(quiet=quiet or as_json) as show:
        outcomes = restore_all(handset, folder, sids=sids, show=show)
    return _report(outcomes, as_json=as_json, done="restored")


def _all_drives(drive_bytes: bytes) -> frozenset[Drive]:
    from wire.formats.serialised import drives_in

    return drives_in(drive_bytes)


def _report(outcomes: list[Outcome], *, as_json: bool, done: str) -> int:
    from harness.errors import ExitCode

    failed = [outcome for outcome in outcomes if outcome.failed]
    if as_json:
        rows = [
            {
                "sid": str(outcome.sid),
                "drive": outcome.drive.letter,
                "data_type": outcome.data_type.name,
                "size": outcome.size,
                "error": outcome.error,
            }
            for outcome in outcomes
        ]
        click.echo(json.dumps(rows, indent=2))
    else:
        for outcome in outcomes:
            what = f"failed: {outcome.error}" if outcome.failed else f"{outcome.size} bytes"
            click.echo(f"{outcome.sid}  {outcome.drive}  {outcome.data_type.name:<24} {what}")
        click.echo(f"{len(outcomes) - len(failed)} streams {done}, {len(failed)} failed")
    return ExitCode.FAILED if failed else ExitCode.OK
