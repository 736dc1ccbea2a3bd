"""`python -m device_agent.emulator`: an emulated handset as its own process.

The first line it prints says where it can be reached, as in `listening on /dev/pts/5`.

Tests start hundreds of these, mostly on a pseudo-terminal with the agent in Python: what only others need is
imported where they ask for it.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import click

from device_agent.emulator.agent import Agent
from device_agent.emulator.faulty_port import FaultyPort
from device_agent.emulator.phone import Phone
from device_agent.emulator.ports import Port, PtyPort, TcpPort
from device_agent.emulator.power import Power
from device_agent.emulator.profile import ProfileError
from device_agent.emulator.profiles import BUILT_IN, DEFAULT_PROFILE, find_profile
from device_agent.emulator.python_agent import PythonAgent
from device_agent.emulator.usb.bus import STANDARD_PORT, Speed
from wire.fault_plan import FaultPlan, parse_plan
from wire.protocol.handshake import LOCAL
from wire.protocol.handshake import PROFILES as LINK_PROFILES

WRONG_PROFILE_EXIT_CODE: Final = 2


class _WrongProfile(click.ClickException):
    """Whoever started this can tell by the exit code that it is the profile."""

    exit_code = WRONG_PROFILE_EXIT_CODE


def _core_agent(*its: Any, **options: Any) -> Agent:
    from device_agent.emulator.core_agent import CoreAgent
    from device_agent.emulator.core_library import CoreUnavailable

    try:
        return CoreAgent(*its, **options)
    except CoreUnavailable as error:
        raise click.ClickException(str(error)) from error


AGENTS: Final[dict[str, Callable[..., Agent]]] = {"python": PythonAgent, "core": _core_agent}


def make_port(tcp: str | None, usbip: str | None, make_usb: Callable[[str, int], Port]) -> Port:
    """A pseudo-terminal, the TCP port that `HOST:PORT` or `PORT` names, or a USB device served on such a one."""
    if tcp is not None and usbip is not None:
        raise click.UsageError("--tcp and --usbip exclude each other")
    if usbip is not None:
        return _listening("--usbip", usbip, make_usb)
    return PtyPort() if tcp is None else _listening("--tcp", tcp, TcpPort)


def _usb_port(host: str, port: int, *, speed: Speed, model: str, serial: str) -> Port:
    from device_agent.emulator.usb.device import UsbDevice
    from device_agent.emulator.usb.pc_suite import identity_for
    from device_agent.emulator.usb.port import UsbIpPort

    return UsbIpPort(UsbDevice(identity_for(speed, model, serial), speed), host, port)


def _listening(option: str, address: str, make: Callable[[str, int], Port]) -> Port:
    host, _, number = address.rpartition(":")
    if not number.isdigit() or int(number) > 65535:
        raise click.BadParameter(f"{address!r} is neither PORT nor HOST:PORT", param_hint=option)
    try:
        return make(host or "127.0.0.1", int(number))
    except OSError as error:
        raise click.ClickException(f"cannot listen on {address}: {error.strerror or error}") from error


def read_faults(context: click.Context, option: click.Parameter, text: str | None) -> FaultPlan | None:
    """The plan behind `--faults`; without a seed it gets one by chance."""
    try:
        return None if text is None else parse_plan(text, seed=secrets.randbits(32))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.option(
    "--tcp", metavar="[HOST:]PORT", help="Listen on a TCP port instead of a pseudo-terminal; 0 picks one."
)
@click.option(
    "--usbip",
    metavar="[[HOST:]PORT]",
    is_flag=False,
    flag_value=str(STANDARD_PORT),
    help="Be a USB device that `usbip attach` of Linux plugs in; without a port the usual one on this machine.",
)
@click.option(
    "--usb-speed",
    type=click.Choice([speed.value for speed in Speed]),
    default=Speed.FULL.value,
    show_default=True,
    help="How fast that device is.",
)
@click.option(
    "--usb-serial", default="", metavar="TEXT", help="Its serial number; in PC Suite mode phones have none."
)
@click.option(
    "--profile",
    default=DEFAULT_PROFILE,
    show_default=True,
    metavar="NAME|FILE",
    help=f"Kind of handset: a YAML file, or one of {', '.join(sorted(BUILT_IN))}.",
)
@click.option(
    "--link",
    type=click.Choice(list(LINK_PROFILES)),
    default=LOCAL.name,
    show_default=True,
    help="How much the agent has on the way at once.",
)
@click.option(
    "--agent",
    "kind",
    type=click.Choice(list(AGENTS)),
    default="python",
    show_default=True,
    help="Who speaks with the host: Python, or the C++ core that real phones run (`make core` builds it).",
)
@click.option(
    "--real-time", is_flag=True, help="Let the phone's own waits take real time instead of skipping them."
)
@click.option(
    "--faults",
    metavar="PLAN",
    callback=read_faults,
    help="What goes wrong on the line and in the phone: `uart,flip=1e-5,reboot@20000` (docs/faults.md).",
)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def main(
    tcp: str | None,
    usbip: str | None,
    usb_speed: str,
    usb_serial: str,
    profile: str,
    link: str,
    kind: str,
    real_time: bool,
    faults: FaultPlan | None,
    with_parent: bool,
) -> None:
    """Run an emulated Symbian handset with its agent, until it is interrupted."""
    try:
        chosen = find_profile(profile)
    except ProfileError as error:
        raise _WrongProfile(str(error)) from error
    make_usb = partial(_usb_port, speed=Speed(usb_speed), model=chosen.model, serial=usb_serial)
    port = make_port(tcp, usbip, make_usb)
    if faults is not None:
        port = FaultyPort(port, faults, clock=time.monotonic)
        click.echo(f"faults: {faults}", err=True)

    def make_agent(port: Port, phone: Phone | None) -> Agent:
        return AGENTS[kind](
            port,
            chosen,
            boot_id=secrets.randbits(32),
            clock=time.monotonic,
            skips=not real_time,
            link_profile=LINK_PROFILES[link],
            phone=phone,
        )

    power = Power(port, make_agent)
    if with_parent:
        port.watch(sys.stdin.fileno())

    def stop(number: int, frame: object) -> None:
        power.stop()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    click.echo(f"listening on {port.where}")
    sys.stdout.flush()
    try:
        power.run()
    except KeyboardInterrupt:
        pass
    finally:
        port.close()
        if with_parent:
            # Nothing of the phone is left to tidy up, and taking all modules apart takes longer than many a test.
            sys.stderr.flush()
            os._exit(0)


if __name__ == "__main__":
    main()
