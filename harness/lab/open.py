"""From an entry of the configuration to an open session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.emulated import EmulatedHandset
from harness.errors import LabUnavailable, Misuse
from harness.handset import Handset
from harness.identity import hashed_imei
from harness.lab.config import (
    BluetoothLink,
    EmulatorLink,
    HandsetEntry,
    LabConfig,
    LabgridLink,
    Link,
    SerialLink,
    TcpLink,
    UrlLink,
    UsbLink,
)
from harness.lab.hold import Hold, take
from harness.trace import FrameLog
from harness.transport.base import Transport
from harness.transport.serial import open_serial
from harness.transport.spoiled import SpoiledTransport
from harness.transport.tcp import open_tcp
from harness.transport.usb import open_usb
from harness.transport.usb_device import UsbAddress
from wire.fault_plan import FaultPlan
from wire.protocol.handshake import RFCOMM

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
def line_for(
    link: Link, *, emulator_log: Path | None = None, faults: FaultPlan | None = None, hold: Hold | None = None
) -> Iterator[PlugIn]:
    """What opens one link, as often as it is called; an emulated handset runs for as long as the block lasts.

    A phone of labgrid is where its `hold` says.
    """
    match link:
        case EmulatorLink():
            plan = faults or link.fault_plan
            options = ("--faults", str(plan)) if plan is not None else ()
            with EmulatedHandset(
                profile=link.profile, agent=link.agent, log=emulator_log, options=options
            ) as emulated:
                yield emulated.open
        case _:
            plan = faults or (link.fault_plan if isinstance(link, TcpLink) else None)
            yield lambda: open_link(link, hold) if plan is None else SpoiledTransport(open_link(link, hold), plan)


def open_link(
    link: SerialLink | UsbLink | TcpLink | UrlLink | BluetoothLink | LabgridLink, hold: Hold | None = None
) -> Transport:
    """The line to a phone that runs already. LabUnavailable says why it cannot be had."""
    match link:
        case LabgridLink():
            if hold is None or hold.lease is None:
                raise Misuse("a phone of labgrid is opened by who holds it", hint="use `open_handset`")
            return hold.lease.open()
        case SerialLink():
            return open_serial(link.port, baud=link.baud)
        case UsbLink():
            return open_usb(_usb_address(link))
        case TcpLink():
            return open_tcp(link.host, link.port)
        case UrlLink():
            return open_serial(link.url)
        case BluetoothLink():
            return open_serial(link.device, profile=RFCOMM)


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
    purpose: str = "symhil",
    hold: Hold | None = None,
) -> Iterator[Handset]:
    """A session with a handset over the first of its links that works.

    Args:
        entry: the handset.
        frames: sees every frame.
        emulator_log: where an emulated handset's own messages go.
        faults: what goes wrong on the line; in an emulated handset it may go wrong in the phone too.
        purpose: what others are told who want it meanwhile.
        hold: the caller's, who has it already.
    """
    with (
        take(entry, purpose) if hold is None else contextlib.nullcontext(hold) as held,
        _open_a_link(entry, held, frames, emulator_log, faults) as handset,
    ):
        yield handset


@contextlib.contextmanager
def _open_a_link(
    entry: HandsetEntry, hold: Hold, frames: FrameLog | None, emulator_log: Path | None, faults: FaultPlan | None
) -> Iterator[Handset]:
    failures = []
    if hold.lease is not None and not hold.lease.where().allow_restore:
        entry = entry.model_copy(update={"allow_restore": False})
    for link in entry.links:
        with contextlib.ExitStack() as stack:
            try:
                plug_in = stack.enter_context(line_for(link, emulator_log=emulator_log, faults=faults, hold=hold))
                handset = stack.enter_context(_session_over(plug_in, entry, frames))
                _check_identity(handset, entry)
            except LabUnavailable as error:
                failures.append(error)
                continue
            yield handset
            return
    moved = _where_it_moved(entry)
    if moved is not None:
        with line_for(moved, faults=faults) as plug_in, _session_over(plug_in, entry, frames) as handset:
            _check_identity(handset, entry)
            yield handset
        return
    if len(failures) == 1:
        raise failures[0]
    listed = "\n".join(f"  {failure}" for failure in failures)
    raise LabUnavailable(f"handset {entry.name} cannot be reached over any of its links:\n{listed}")


def _session_over(plug_in: PlugIn, entry: HandsetEntry, frames: FrameLog | None) -> Handset:
    return Handset.open(
        plug_in(), name=entry.name, trace=frames, allow_restore=entry.allow_restore, plug_in=plug_in
    )


def _where_it_moved(entry: HandsetEntry) -> SerialLink | None:
    """A serial port of a phone on which this one answers now, since ports are given out anew at every plug-in."""
    if not entry.identity or not any(isinstance(link, SerialLink) for link in entry.links):
        return None
    from harness.lab.discovery import attached_ports
    from harness.lab.probe import probe_ports

    for found in probe_ports(attached_ports(), None):
        if found.kind == "agent" and found.identity == entry.identity:
            return SerialLink(kind="serial", port=found.port)
    return None


def _check_identity(handset: Handset, entry: HandsetEntry) -> None:
    """Ports are given out anew at every plug-in; what says which phone it is, is its IMEI alone."""
    found = hashed_imei(handset.info.imei)
    if entry.identity and found != entry.identity:
        raise LabUnavailable(
            f"handset {entry.name} has the identity {entry.identity}, but on {handset.connection.transport.name} "
            f"is another phone: {handset.info.model or 'unknown model'}, identity {found}",
            hint="see which phone is on which port with `symhil devices list`, and correct the configuration",
        )
