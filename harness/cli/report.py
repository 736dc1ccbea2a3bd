"""`symhil report`: a run as a page."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
def report(run: Path) -> int:
    """Make report.html in the folder RUN from what the run has left there, also when it was killed."""
    from harness.report.page import write_report

    click.echo(str(write_report(run)))
    return 0
