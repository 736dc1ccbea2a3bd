"""`symhil logs collect`: bring the logs of a phone here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import entry_for, handset_options

if TYPE_CHECKING:
    from harness.lab.config import HandsetEntry
    from harness.log.collect import CollectedLog

ATTEMPTS = 5


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("logs"),
    show_default=True,
    help="Where a folder for the handset and this collection is made.",
)
@click.option("--enable", is_flag=True, help=r"Make C:\logs\connect on the phone first, so that logs are written.")
@click.option("--json", "as_json", is_flag=True, help="Print what was collected as JSON.")
@handset_options
def collect(out: Path, enable: bool, as_json: bool, config: Path | None, device: str, port: str | None) -> int:
    """Collect securebackup.txt and the data owners' logs from a handset.

    No log is what a phone with a release build of the engine normally has; the exit code is 1 then, since there
    is nothing to show. A link that is lost is opened again, and collecting goes on where it was.
    """
    from harness.errors import ExitCode
    from harness.log.collect import new_collection_folder

    entry = entry_for(config, device, port)
    folder = new_collection_folder(out, entry.name)
    logs, made_folder = _with_patience(entry, folder, enable=enable)
    if not logs:
        (folder / "collection.json").unlink(missing_ok=True)
        folder.rmdir()
    if as_json:
        rows = [{"name": log.name, "path": str(log.path), "size": log.size, "sha256": log.sha256} for log in logs]
        click.echo(json.dumps({"made_folder": made_folder, "logs": rows}, indent=2))
    else:
        if made_folder:
            click.echo(r"made C:\logs\connect on the phone: from now on logs are written there")
        for log in logs:
            click.echo(f"{log.path}  {log.size} bytes  sha256 {log.sha256}")
        if not logs:
            click.echo(
                "no logs on the phone. That is normal for a release build of the engine; a debug build writes them"
                r" once the folder C:\logs\connect is there (--enable makes it)"
            )
    return ExitCode.OK if logs else ExitCode.FAILED


def _with_patience(entry: HandsetEntry, folder: Path, *, enable: bool) -> tuple[list[CollectedLog], bool]:
    """Collect, over as many sessions as a bad cable makes necessary."""
    from harness.errors import HandsetLost, LabUnavailable
    from harness.lab.open import open_handset
    from harness.log.collect import collect as collect_into
    from harness.log.collect import enable_logging

    made_folder = False
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with open_handset(entry) as handset:
                if enable:
                    made_folder = enable_logging(handset) or made_folder
                return collect_into(handset, folder), made_folder
        except (HandsetLost, LabUnavailable) as error:
            if attempt == ATTEMPTS or (attempt == 1 and isinstance(error, LabUnavailable)):
                raise
            click.echo(f"{error}\ngoing on after it, attempt {attempt + 1} of {ATTEMPTS}", err=True)
    raise AssertionError("the last attempt returns or raises")
