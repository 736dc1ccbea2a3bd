"""What may be wrong with this machine, its phones and its packages, each with its mend. Nothing is changed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from harness.errors import ConfigError, LabUnavailable
from harness.lab.discovery import NOKIA_VENDOR_ID, AttachedPhone, AttachedPort
from harness.lab.hold import holder_of, lock_folder
from harness.lab.probe import Found
from harness.lab.rules import port_of
from harness.transport.serial import port_holders

if TYPE_CHECKING:
    from harness.lab.config import LabConfig

DISTRIBUTION: Final = "symhil"
PACKAGES: Final = ("harness", "wire", "device_agent")
UDEV_RULE: Final = "put the udev rule in place: `symhil doctor --udev-rule` prints it and says where"


class Colour(Enum):
    """How bad it is."""

    GREEN = "ok"
    YELLOW = "note"
    RED = "wrong"


class Finding(NamedTuple):
    """One thing that was looked at."""

    colour: Colour
    what: str
    mend: str = ""


def check_packages() -> Iterator[Finding]:
    """Another package of one of our names, and a pyserial that is none."""
    providers = importlib.metadata.packages_distributions()
    here = Path(__file__).parents[2]
    for name in PACKAGES:
        others = sorted(set(providers.get(name, ())) - {DISTRIBUTION})
        spec = importlib.util.find_spec(name)
        where = Path(spec.origin).parents[1] if spec and spec.origin else None
        if others:
            mend = f"uninstall {', '.join(others)}, then install symhil again: they overwrite each other's files"
            yield Finding(Colour.RED, f"the package {name} also comes with {', '.join(others)}", mend)
        elif where != here:
            yield Finding(
                Colour.RED, f"the package {name} is taken from {where}, not from {here}", "run elsewhere"
            )
        else:
            yield Finding(Colour.GREEN, f"the package {name} is ours")
    yield _check_pyserial()


def _check_pyserial() -> Finding:
    import serial

    version: str = serial.__version__
    if version.count(".") > 1:
        return Finding(
            Colour.RED,
            f"pyserial {version} is a fork that has overwritten pyserial",
            "`pip install --force-reinstall --no-deps 'pyserial<4'`; labgrid, which brings the fork, works too",
        )
    return Finding(Colour.GREEN, f"pyserial {version}")


def check_locks() -> Finding:
    """Where holds are kept."""
    try:
        folder = lock_folder()
    except LabUnavailable as error:
        return Finding(Colour.RED, error.args[0], error.hint)
    if not os.access(folder, os.W_OK):
        return Finding(Colour.RED, f"no permission to write to {folder}", f"chmod 1777 {folder}, as its owner")
    return Finding(Colour.GREEN, f"locks are in {folder}")


def check_config(path: Path | None) -> tuple[Finding, LabConfig | None]:
    """The lab's configuration."""
    from harness.lab.config import load_config

    if path is None:
        return Finding(Colour.GREEN, "no configuration: only the emulated handset"), None
    try:
        lab = load_config(path)
    except ConfigError as error:
        return Finding(Colour.RED, f"the configuration is wrong:\n{error}", "correct it"), None
    return Finding(Colour.GREEN, f"{path}: {len(lab.handsets)} handsets"), lab


def check_handsets(lab: LabConfig) -> Iterator[Finding]:
    """Each handset's ports, who holds it, who has its ports open."""
    for entry in lab.handsets:
        for problem in lab.missing_ports(entry.name):
            yield Finding(Colour.RED, problem, "plug it in and choose PC Suite mode on it, or correct the entry")
        holder = holder_of(entry, lab.path)
        if holder:
            yield Finding(Colour.YELLOW, f"{entry.name} is held by {holder}", "wait for it, or ask")
        for port in filter(None, map(port_of, entry.links)):
            yield from _check_port(entry.name, port, is_held=holder is not None)


def _check_port(name: str, port: str, *, is_held: bool) -> Iterator[Finding]:
    if not Path(port).exists():
        return
    if not os.access(port, os.R_OK | os.W_OK):
        yield Finding(Colour.RED, f"{name}: no permission to open {port}", UDEV_RULE)
    holders = [] if is_held else port_holders(port)
    if holders:
        mend = "end it; ModemManager is kept off by the udev rule that `symhil doctor --udev-rule` prints"
        yield Finding(Colour.RED, f"{name}: {port} is in use by {', '.join(holders)}", mend)


def check_phones(phones: list[AttachedPhone]) -> Iterator[Finding]:
    """Phones on USB: rights, and the mode that they are in."""
    for phone in phones:
        name = f"{phone.vendor:04x}:{phone.product:04x} {phone.name}".strip()
        if phone.note:
            yield Finding(Colour.RED, f"USB {name}: {phone.note}", UDEV_RULE)
        elif phone.vendor == NOKIA_VENDOR_ID and not phone.acm_functions:
            mend = "choose PC Suite mode on the phone; in mass storage mode it has no serial port"
            yield Finding(Colour.RED, f"USB {name}: it is in a mode without serial functions", mend)
        else:
            yield Finding(Colour.GREEN, f"USB {name}: {phone.acm_functions} serial functions")


def check_found(found: list[Found], ports: list[AttachedPort]) -> Iterator[Finding]:
    """Who answers on the ports of phones."""
    known = {port.port for port in ports}
    for one in found:
        if one.kind == "nothing":
            colour = Colour.YELLOW if one.problem.startswith("it is held by") else Colour.RED
            yield Finding(colour, f"{one.port}: {one.problem}", "" if "->" in one.problem else "see docs/lab.md")
        else:
            about = ", ".join(filter(None, (one.model, one.firmware, one.agent, one.identity)))
            usb = "" if one.port in known else ", no device of this machine's list"
            yield Finding(
                Colour.GREEN, f"{one.port}: {one.kind} of {one.entry or 'no handset of the lab'} ({about}){usb}"
            )
