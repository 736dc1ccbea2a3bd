"""`symhil devices`: what there is, and a way back for a phone that was left in a backup mode."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import handset_options, open_for

if TYPE_CHECKING:
    from harness.lab.hold import Holder


@click.group(invoke_without_command=True)
@click.pass_context
def devices(context: click.Context) -> None:
    """Handsets of the lab, serial ports and phones on USB. Without a command: list them."""
    if context.invoked_subcommand is None:
        context.invoke(list_devices)


@devices.command("list")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The lab's configuration.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--watch", is_flag=True, help="Go on and tell what is plugged in and out, until Ctrl-C.")
@click.option("--no-probe", is_flag=True, help="Only look at what is attached; ask nobody.")
def list_devices(
    config: Path | None = None, as_json: bool = False, no_probe: bool = False, watch: bool = False
) -> int:
    """List the configured handsets, the serial ports of this machine and the phones on its USB.

    Who is on the ports of phones and of the lab's handsets is asked, modems with AT commands and agents in their
    own way; of an IMEI only the hash is shown.
    """
    from harness.errors import ExitCode
    from harness.identity import without_imei
    from harness.lab.config import DEFAULT_PATH, load_config
    from harness.lab.discovery import attached_phones, attached_ports
    from harness.lab.hold import holder_of
    from harness.lab.probe import probe_ports

    path = config or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)
    lab = load_config(path) if path else None
    handsets = list(lab.handsets) if lab else []
    holders = {handset.name: holder_of(handset, path) for handset in handsets}
    ports, phones = attached_ports(), attached_phones()
    answers = [] if no_probe else probe_ports(ports, lab)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "handsets": [
                        {**handset.model_dump(mode="json"), "held_by": _as_dict(holders[handset.name])}
                        for handset in handsets
                    ],
                    "ports": [
                        {**port._asdict(), "serial_number": without_imei(port.serial_number)} for port in ports
                    ],
                    "phones": [
                        {**phone._asdict(), "serial_number": without_imei(phone.serial_number)} for phone in phones
                    ],
                    "answers": [one._asdict() for one in answers],
                },
                indent=2,
            )
        )
        return ExitCode.OK
    click.echo("handsets of the configuration:" if handsets else "no configuration: only the emulated handset")
    for handset in handsets:
        links = ", ".join(link.kind for link in handset.links)
        writing = "restore allowed" if handset.allow_restore else "no restore"
        holder = holders[handset.name]
        held = f", held by {holder}" if holder else ""
        click.echo(f"  {handset.name:<20} {handset.model:<24} {links} ({writing}){held}")
    click.echo("serial ports:" if ports else "no serial ports")
    for port in ports:
        usb_id = f"{port.vendor:04x}:{port.product:04x}" if port.vendor and port.product else ""
        click.echo(f"  {port.port:<20} {usb_id:<10} {port.description}{' (agent)' if port.is_agent else ''}")
    click.echo("phones on USB:" if phones else "no phones on USB")
    for phone in phones:
        name = f"{phone.manufacturer} {phone.name}".strip() or phone.note
        where = f"{phone.vendor:04x}:{phone.product:04x} at {phone.port_path}"
        click.echo(f"  {where}  {name} ({phone.acm_functions} serial functions)")
    if answers:
        click.echo("who answers:")
    for one in answers:
        about = ", ".join(filter(None, (one.model, one.firmware, one.agent)))
        click.echo(f"  {one.port:<20} {one.kind:<8} {one.entry or '-':<20} {one.identity or '-':<12}  {about}")
        if one.problem:
            click.echo("    " + one.problem.replace("\n", "\n    "))
    if watch:
        from harness.lab.watch import follow, start_monitor

        monitor = start_monitor()
        click.echo("watching; Ctrl-C ends it")
        for event in follow(monitor):
            click.echo(str(event))
    return ExitCode.OK


def _as_dict(holder: Holder | None) -> dict[str, Any] | None:
    return None if holder is None else holder._asdict()


_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="The lab's configuration."
)


@devices.command()
@_CONFIG
@click.argument("name")
@click.option("--wait", "wait_s", default=0.0, metavar="SECONDS", help="Wait so long for who has it.")
@click.option("--hours", default=8.0, show_default=True, help="Give it back after that time in any case.")
@click.option("--background", is_flag=True, help="Return at once and hold it until it is unlocked.")
def lock(config: Path | None, name: str, wait_s: float, hours: float, background: bool) -> int:
    """Hold the handset NAME, so that nobody runs anything on it: no test, no backup, not your own either."""
    from harness.errors import ExitCode
    from harness.lab.config import DEFAULT_PATH, load_config
    from harness.lab.keeper import keep, keep_in_background

    lab = load_config(config or DEFAULT_PATH)
    if background:
        click.echo(keep_in_background(lab.find(name), lab.path, wait_s=wait_s, hours=hours))
    else:
        keep(lab.find(name), lab.path, wait_s=wait_s, hours=hours, say=click.echo)
    return ExitCode.OK


@devices.command()
@_CONFIG
@click.argument("name")
def unlock(config: Path | None, name: str) -> int:
    """Give the handset NAME back that was held with `symhil devices lock`; a run is not ended by it."""
    from harness.errors import ExitCode
    from harness.lab.config import DEFAULT_PATH, load_config
    from harness.lab.keeper import let_go

    lab = load_config(config or DEFAULT_PATH)
    holder = let_go(lab.find(name), lab.path)
    click.echo(f"{name} was held by {holder} and is free now" if holder else f"nobody holds {name}")
    return ExitCode.OK


@devices.command()
@handset_options
def recover(config: Path | None, device: str, port: str | None) -> int:
    """Bring a handset that was left in a backup or restore mode back to normal."""
    from harness.errors import ExitCode

    with open_for(config, device, port) as handset:
        mode = handset.properties.mode()
        if handset.recover():
            click.echo(f"{handset.name} was in mode {mode} and is in {handset.properties.mode()} now")
        else:
            click.echo(f"{handset.name} is in {mode}: nothing to do")
    return ExitCode.OK
