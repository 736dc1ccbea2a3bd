"""`symhil bridge`: a handset on a TCP port, for one client at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import entry_for, handset_options

if TYPE_CHECKING:
    from harness.bridge import Bridge
    from harness.lab.config import HandsetEntry


@click.command()
@handset_options
@click.option(
    "--listen",
    default="127.0.0.1:0",
    show_default=True,
    metavar="[HOST:]PORT",
    help="Where; 0 picks a port. Whoever reaches it can use the phone: outside of loopback nothing protects it.",
)
@click.option(
    "--capture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Capture the wire to this file; NAME.pcapng in the current folder if it is not given.",
)
@click.option("--no-capture", is_flag=True, help="Capture nothing.")
@click.option(
    "--power-switch",
    metavar="[HOST:]PORT",
    help="For an emulated handset: a switch of its power, as a rack of phones has, for labgrid's `rest` driver.",
)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def bridge(
    config: Path | None,
    device: str,
    port: str | None,
    listen: str,
    capture: Path | None,
    no_capture: bool,
    power_switch: str | None,
    with_parent: bool,
) -> int:
    """Let one client at a time use a handset over TCP, until Ctrl-C.

    The phone is held while there is a client; another one is told who that is. Clients reach it with a link
    `tcp: {host, port}`, through labgrid, or with `--port tcp:HOST:PORT`.
    """
    from harness.errors import ConfigError, ExitCode

    entry = entry_for(config, device, port)
    if entry.labgrid is not None:
        raise ConfigError(f"{entry.name} is a phone of another machine, where it has a bridge already")
    file = None if no_capture else capture or Path(f"{entry.name}.pcapng")
    with _open_bridge(entry, listen, file, power_switch) as (running, switches):
        if with_parent:
            running.wait_also_for(_Parent(running))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: running.stop())
        click.echo(f"listening on tcp:{running.where}")
        for switch in switches:
            click.echo(f"power switch on {switch}")
        sys.stdout.flush()
        running.run()
    return ExitCode.OK


@contextlib.contextmanager
def _open_bridge(
    entry: HandsetEntry, listen: str, capture: Path | None, power_switch: str | None
) -> Iterator[tuple[Bridge, list[str]]]:
    from harness.bridge import Bridge
    from harness.errors import LabUnavailable
    from harness.lab.hold import take
    from harness.power_switch import open_switched

    host, number = _address("--listen", listen)
    if host not in {"127.0.0.1", "localhost"} and not host.startswith("127."):
        click.echo(
            f"symhil: whoever reaches {host} can use {entry.name}: keep the network to those who may", err=True
        )
    with contextlib.ExitStack() as stack:
        switch = _address("--power-switch", power_switch) if power_switch else None
        plug_in, switches = stack.enter_context(open_switched(entry, switch))
        try:
            running = Bridge(
                entry.name,
                plug_in,
                host=host,
                port=number,
                hold=lambda client: take(entry, f"symhil bridge for {client}"),
                capture=capture,
                say=lambda text: click.echo(f"symhil bridge: {text}", err=True),
            )
        except OSError as error:
            raise LabUnavailable(
                f"cannot listen on {host}:{number}: {error.strerror or error}", hint="name another with --listen"
            ) from error
        for one in switches:
            running.wait_also_for(one)
        yield running, [one.where for one in switches]


def _address(option: str, text: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    if not number.isdigit() or int(number) > 65535:
        raise click.BadParameter(f"{text!r} is neither PORT nor HOST:PORT", param_hint=option)
    return host or "127.0.0.1", int(number)


class _Parent:
    """Standard input of the bridge: at its end, whoever started the bridge is gone."""

    def __init__(self, running: Bridge) -> None:
        self._running = running

    def fileno(self) -> int:
        return sys.stdin.fileno()

    def ready(self) -> None:
        if not os.read(self.fileno(), 4096):
            self._running.stop()
