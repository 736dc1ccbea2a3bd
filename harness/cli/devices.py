"""`symhil devices`: what there is, and a way back for a phone that was left in a backup mode."""

from __future__ import annotations

import json
from pathlib import Path

import click

from harness.cli.options import handset_options, open_for


@click.group(invoke_without_command=True)
@click.pass_context
def devices(context: click.Context) -> None:
    """Handsets of the lab, serial ports and phones on USB. Without a command: list them."""
    if context.invoked_subcommand is None:
        context.invoke(list_devices)


@devices.command("list")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The lab's configuration.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_devices(config: Path | None = None, as_json: bool = False) -> int:
    """List the configured handsets, the serial ports of this machine and the phones on its USB."""
    from harness.errors import ExitCode
    from harness.lab.config import DEFAULT_PATH, load_config
    from harness.lab.discovery import attached_phones, attached_ports

    path = config or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)
    handsets = list(load_config(path).handsets) if path else []
    ports, phones = attached_ports(), attached_phones()
    if as_json:
        click.echo(
            json.dumps(
                {
                    "handsets": [handset.model_dump(mode="json") for handset in handsets],
                    "ports": [port._asdict() for port in ports],
                    "phones": [phone._asdict() for phone in phones],
                },
                indent=2,
            )
        )
        return ExitCode.OK
    click.echo("handsets of the configuration:" if handsets else "no configuration: only the emulated handset")
    for handset in handsets:
        links = ", ".join(link.kind for link in handset.links)
        writing = "restore allowed" if handset.allow_restore else "no restore"
        click.echo(f"  {handset.name:<20} {handset.model:<24} {links} ({writing})")
    click.echo("serial ports:" if ports else "no serial ports")
    for port in ports:
        usb_id = f"{port.vendor:04x}:{port.product:04x}" if port.vendor and port.product else ""
        click.echo(f"  {port.port:<20} {usb_id:<10} {port.description}{' (agent)' if port.is_agent else ''}")
    click.echo("phones on USB:" if phones else "no phones on USB")
    for phone in phones:
        name = f"{phone.manufacturer} {phone.name}".strip() or phone.note
        where = f"{phone.vendor:04x}:{phone.product:04x} at {phone.port_path}"
        click.echo(f"  {where}  {name} ({phone.acm_functions} serial functions)")
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
