"""From an entry of the configuration to an open session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.emulated import EmulatedHandset
from harness.errors import LabUnavailable
from harness.handset import Handset
from harness.lab.config import EmulatorLink, HandsetEntry, LabConfig, Link, SerialLink, TcpLink, UrlLink, UsbLink
from harness.trace import FrameLog
from harness.transport.base import Transport
from harness.transport.serial import open_serial
from harness.transport.spoiled import SpoiledTransport
from harness.transport.tcp import open_tcp
from harness.transport.usb import open_usb
from harness.transport.usb_device import UsbAddress
from wire.fault_plan import FaultPlan

DEFAULT_ENTRY = HandsetEntry(name="emulated", links=(EmulatorLink(kind="emulator"),), allow_restore=True)
"""What is used when there is no configuration: an emulated handset."""


def choose(config: LabConfig, *, device: str = "", emulated: bool | None = None) -> HandsetEntry:
    """The handset a run is for: the named one, else the first that fits.

    Args:
        config: the lab.
        device: its name; empty for any.
        emulated: only those with an emulator link, only those without, or both.
    """
    if device:
        return config.find(device)
    for entry in config.handsets:
        is_emulated = any(isinstance(link, EmulatorLink) for link in entry.links)
        if emulated is None or is_emulated == emulated:
            return entry
    kind = "emulated" if emulated else "real"
    raise LabUnavailable(
        f"the configuration has no {kind} handset",
        hint="add one, or name another with --device; docs/lab.md shows how an entry looks",
    )


def with_agent(entry: HandsetEntry, agent: str) -> HandsetEntry:
    """The same handset; where it is emulated, its agent is that one. Real phones have the agent that they have."""
    links = (
        link.model_copy(update={"agent": agent}) if isinstance(link, EmulatorLink) else link
        for link in entry.links
    )
    return entry.model_copy(update={"links": tuple(links)})


PlugIn = Callable[[], Transport]


@contextlib.contextmanager
def line_for(link: Link, *, emulator_log: Path | None = None, faults: FaultPlan | None = None) -> Iterator[PlugIn]:
    """What opens one link, as often as it is called; an emulated handset runs for as long as the block lasts."""
    match link:
        case EmulatorLink():
            plan = faults or link.fault_plan
            options = ("--faults", str(plan)) if plan is not None else ()
            with EmulatedHandset(
                profile=link.profile, agent=link.agent, log=emulator_log, options=options
            ) as emulated:
                yield emulated.open
        case _ if faults is not None:
            yield lambda: SpoiledTransport(_open(link), faults)
        case _:
            yield lambda: _open(link)


def _open(link: SerialLink | UsbLink | TcpLink | UrlLink) -> Transport:
    match link:
        case SerialLink():
            return open_serial(link.port, baud=link.baud)
        case UsbLink():
            return open_usb(_usb_address(link))
        case TcpLink():
            return open_tcp(link.host, link.port)
        case UrlLink():
            return open_serial(link.url)


def _usb_address(link: UsbLink) -> UsbAddress:
    product = int(link.product, 16) if link.product else None
    return UsbAddress(int(link.vendor, 16), product, link.serial, link.port_path)


@contextlib.contextmanager
def open_handset(
    entry: HandsetEntry,
    *,
    frames: FrameLog | None = None,
    emulator_log: Path | None = None,
    faults: FaultPlan | None = None,
) -> Iterator[Handset]:
    """A session with a handset over the first of its links that works.

    `faults` go wrong on the line; in an emulated handset they may go wrong in the phone too.
    """
    failures = []
    for link in entry.links:
        with contextlib.ExitStack() as stack:
            try:
                plug_in = stack.enter_context(line_for(link, emulator_log=emulator_log, faults=faults))
                handset = stack.enter_context(
                    Handset.open(
                        plug_in(),
                        name=entry.name,
                        trace=frames,
                        allow_restore=entry.allow_restore,
                        plug_in=plug_in,
                    )
                )
            except LabUnavailable as error:
                failures.append(error)
                continue
            yield handset
            return
    if len(failures) == 1:
        raise failures[0]
    listed = "\n".join(f"  {failure}" for failure in failures)
    raise LabUnavailable(f"handset {entry.name} cannot be reached over any of its links:\n{listed}")
