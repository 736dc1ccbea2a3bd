"""Who is behind the ports of this machine and the lab's other links, and which handset it is."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from harness.connection import Connection
from harness.errors import HilError, LabUnavailable
from harness.handset import BUILD
from harness.identity import hashed_imei, who_we_are
from harness.lab.at_modem import ANSWER_TIMEOUT_S, ask_modem
from harness.lab.discovery import NOKIA_VENDOR_ID, AttachedPort
from harness.lab.hold import holder_of
from harness.lab.rules import port_of, reach_the_same, resource_of
from harness.transport.serial import open_serial
from wire.layout import EMPTY
from wire.protocol.handshake import make_hello
from wire.protocol.messages import fingerprint
from wire.protocol.messages.phone import PHONE_INFO

if TYPE_CHECKING:
    from harness.lab.config import HandsetEntry, LabConfig, Link
    from harness.transport.base import Transport

HANDSHAKE_TIMEOUT_S: Final = 2.0


class Found(NamedTuple):
    """What is on a port.

    Attributes:
        port: the device file; for a link without one, what it leads to.
        kind: agent, modem, or nothing.
        identity: the hash of the IMEI; empty where nobody told it.
        agent: the agent's version.
        entry: the handset of the lab that this is; empty for none.
        problem: why nobody answers, and what to do.
    """

    port: str
    kind: str = "nothing"
    model: str = ""
    firmware: str = ""
    identity: str = ""
    agent: str = ""
    entry: str = ""
    problem: str = ""


def probe_ports(
    attached: list[AttachedPort], lab: LabConfig | None, *, timeout_s: float = HANDSHAKE_TIMEOUT_S
) -> list[Found]:
    """Ask behind the ports of phones and of the lab's handsets; other devices' ports are left alone.

    The lab's links without a port, as `usb`, are asked too, unless the phone has answered on a port: opening
    one takes the phone away from the kernel's driver for a while.
    """
    links = [(entry, link) for entry in (lab.handsets if lab else ()) for link in entry.links]
    named = [port_of(link) for _, link in links if port_of(link)]
    ports = [port.port for port in attached if port.vendor == NOKIA_VENDOR_ID]
    found = [_with_entry(probe(port, lab, timeout_s=timeout_s), lab) for port in sorted({*named, *ports})]
    for entry, link in links:
        if link.kind in {"usb", "tcp", "url"} and entry.name not in {one.entry for one in found}:
            found.append(probe_link(link, entry, lab, timeout_s=timeout_s))
    return found


def probe_link(link: Link, entry: HandsetEntry, lab: LabConfig | None, *, timeout_s: float) -> Found:
    """Ask an agent behind a link that has no port of its own here; nobody expects a modem there."""
    from harness.lab.open import open_link

    assert link.kind != "emulator"
    where = " ".join(resource_of(link).split())
    holder = holder_of(entry, lab.path if lab else None)
    if holder:
        return Found(where, entry=entry.name, problem=f"it is held by {holder}")
    try:
        found = _ask_agent(where, open_link(link), timeout_s)
    except HilError as error:
        return Found(where, entry=entry.name, problem=str(error))
    if entry.identity and found.identity != entry.identity:
        return found._replace(problem=f"it is not {entry.name}, whose identity is {entry.identity}")
    return found._replace(entry=entry.name)


def probe(port: str, lab: LabConfig | None, *, timeout_s: float) -> Found:
    """Ask for a modem first: what is said to one does not hurt an agent, but not the other way round."""
    for entry in lab.handsets if lab else ():
        holder = holder_of(entry, lab.path if lab else None)
        if holder and any(port_of(link) == port for link in entry.links):
            return Found(port, problem=f"it is held by {holder}")
    try:
        modem = ask_modem(port, timeout_s=min(timeout_s, ANSWER_TIMEOUT_S))
        if modem is not None:
            name = f"{modem.manufacturer} {modem.model}".strip()
            identity = hashed_imei(modem.imei) if modem.imei else ""
            return Found(port, "modem", name, modem.revision, identity)
        return _ask_agent(port, open_serial(port), timeout_s)
    except HilError as error:
        return Found(port, problem=str(error))


def _ask_agent(port: str, transport: Transport, timeout_s: float) -> Found:
    hello = make_hello(
        transport.profile, fingerprint=fingerprint(), build=BUILD, product=who_we_are(), nonce=secrets.randbits(32)
    )
    try:
        connection = Connection(transport, hello, handshake_timeout_s=timeout_s)
    except LabUnavailable as error:
        raise LabUnavailable(
            error.args[0],
            hint="start the agent on the phone; if it runs, choose PC Suite mode there, and use its second port",
        ) from error
    try:
        info = connection.call(PHONE_INFO, EMPTY)
    finally:
        connection.close()
    return Found(port, "agent", info.model, info.firmware, hashed_imei(info.imei), info.agent)


def _with_entry(found: Found, lab: LabConfig | None) -> Found:
    entries = lab.handsets if lab else ()
    return found._replace(entry=next((entry.name for entry in entries if _is(found, entry)), ""))


def _is(found: Found, entry: HandsetEntry) -> bool:
    """By identity where both have one, since ports are given out anew; else by the port."""
    if found.identity and entry.identity:
        return found.identity == entry.identity
    from harness.lab.config import SerialLink

    return any(reach_the_same(SerialLink(kind="serial", port=found.port), link) for link in entry.links)
