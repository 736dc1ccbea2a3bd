"""`symhil doctor`: what is wrong here, and how to mend it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click


@click.command()
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The lab's configuration.")
@click.option("--udev-rule", is_flag=True, help="Print the udev rule for phones, and nothing else.")
def doctor(config: Path | None, udev_rule: bool) -> int:
    """Look at permissions, ports, USB modes, agents, locks and packages; change nothing.

    The exit code is 1 when anything is wrong.
    """
    from harness.errors import ExitCode
    from harness.lab import doctor as checks
    from harness.lab.config import DEFAULT_PATH
    from harness.lab.discovery import attached_phones, attached_ports
    from harness.lab.probe import probe_ports

    if udev_rule:
        click.echo(
            resources.files("harness").joinpath("data", "60-symhil.rules").read_text(encoding="utf-8"), nl=False
        )
        return ExitCode.OK
    path = config or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)
    about_config, lab = checks.check_config(path)
    ports = attached_ports()
    findings = [*checks.check_packages(), checks.check_locks(), about_config]
    findings += checks.check_phones(attached_phones())
    if lab is not None:
        findings += checks.check_handsets(lab)
    findings += checks.check_found(probe_ports(ports, lab), ports)
    for finding in findings:
        click.echo(f"{finding.colour.value:<6} {finding.what}")
        if finding.mend:
            click.echo(f"       -> {finding.mend}")
    wrong = sum(finding.colour is checks.Colour.RED for finding in findings)
    click.echo(f"{wrong} wrong" if wrong else "nothing wrong")
    return ExitCode.FAILED if wrong else ExitCode.OK
