"""`symhil config`: is the lab's configuration right, and what may stand in one."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def config() -> None:
    """Check a lab's configuration; print the JSON Schema of one."""


@config.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--elsewhere", is_flag=True, help="It is for another machine: do not look for its ports on this one."
)
def check(file: Path | None, elsewhere: bool) -> int:
    """Check FILE, or lab_config.yaml here: all that is wrong with it, each with its line and column.

    No phone is touched. The exit code is 4 when anything is wrong.
    """
    from harness.errors import ConfigError, ExitCode
    from harness.lab.config import DEFAULT_PATH, load_config

    lab = load_config(file or DEFAULT_PATH)
    problems = [] if elsewhere else lab.missing_ports()
    if problems:
        raise ConfigError(
            "\n".join(problems),
            hint="plug the phones in, or say --elsewhere when the file is for another machine",
        )
    count = len(lab.handsets)
    click.echo(f"{lab.path}: {count} handset{'s' if count != 1 else ''}, nothing wrong")
    for handset in lab.handsets:
        click.echo(f"  {handset.name:<20} {', '.join(link.kind for link in handset.links)}")
    return ExitCode.OK


@config.command()
def schema() -> None:
    """Print the JSON Schema of lab_config.yaml, for an editor's YAML support."""
    from harness.lab.schema import schema_text

    click.echo(schema_text(), nl=False)
