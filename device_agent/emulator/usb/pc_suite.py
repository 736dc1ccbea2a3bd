"""What an S60 phone in PC Suite mode shows of itself.

The layout is that of a 3rd Edition phone, an E70: sixteen interfaces at full speed, after its `lsusb -v`, posted
to linux-kernel on 12 December 2006. Its configuration has four bytes more than this one; which, is not known. Of a
phone at high speed in this mode no complete description was found: the variant is the same layout with larger
packets, UNVERIFIED.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from device_agent.emulator.usb.bus import Speed
from device_agent.emulator.usb.descriptors import Configuration

NOKIA: Final = 0x0421
COMMUNICATIONS: Final = 0x02
_DATA: Final = (0x0A, 0, 0)
_HANDSET_CONTROL: Final = 0x08
_OBEX: Final = 0x0B
_ACM: Final = 0x02
_PHONET: Final = 0xFE
_AT_COMMANDS: Final = 1
_VENDOR_PROTOCOL: Final = 0xFF

# Functional descriptors (CDC 1.1, 5.2.3, and the class's later parts).
_HEADER: Final = 0x00
_ACM_CAPABILITIES: Final = 0x02
_UNION: Final = 0x06
_WHCM: Final = 0x08
_WHCM_ALL: Final = 0x11
_OBEX_VERSION: Final = 0x15
_PHONET_VERSION: Final = 0xAB


class SerialFunction(NamedTuple):
    """A serial function: its control interface and its endpoints."""

    control: int
    interrupt: int
    inward: int
    outward: int


MODEM: Final = SerialFunction(12, 0x84, 0x8C, 0x0D)
AGENT: Final = SerialFunction(14, 0x85, 0x8E, 0x0F)
"""The phone's dial-up server takes all functions with protocol 1, so applications have the other one."""

_OBEX_FUNCTIONS: Final = (
    (4, "SYNCML-SYNC", 0x87, 0x06),
    (6, "PC Suite Services", 0x88, 0x08),
    (8, "SYNCML-DM", 0x89, 0x09),
    (10, "SYNCML-SYNC-CLIENT-INIT", 0x8B, 0x0C),
)


class Identity(NamedTuple):
    """Who the phone says it is. In PC Suite mode phones have no serial number."""

    product: int
    name: str
    serial: str = ""
    vendor: int = NOKIA
    manufacturer: str = "Nokia"


def identity_for(speed: Speed, name: str, serial: str = "") -> Identity:
    """Product numbers of phones that `cdc_acm` of Linux knows: an E70, and an N8 where the bus is fast."""
    return Identity(0x0418 if speed is Speed.FULL else 0x0302, name, serial)


def pc_suite(who: Identity, speed: Speed) -> Configuration:
    """The configuration of this mode. The device's own texts are the first three."""
    # At high speed the interval is an exponent: about as long as 128 ms.
    slow = speed is Speed.FULL
    texts = (who.manufacturer, who.name, who.serial)
    made = Configuration(texts, bulk_packet=64 if slow else 512, interrupt_interval=128 if slow else 11)
    # The union names interfaces that do not exist, as the phone's does.
    made.interface(0, (COMMUNICATIONS, _HANDSET_CONTROL, 0))
    made.functional(_HEADER, 0x10, 0x01)
    made.functional(_WHCM_ALL, 0x00, 0x01)
    made.functional(_UNION, *range(20))
    made.interface(1, (COMMUNICATIONS, _HANDSET_CONTROL, 1))
    made.functional(_HEADER, 0x10, 0x01)
    made.functional(_WHCM, 0x00, 0x01)
    made.functional(_UNION, 1, 2, 3)
    made.interface(2, (COMMUNICATIONS, _PHONET, 0))
    made.functional(_HEADER, 0x10, 0x01)
    made.functional(_PHONET_VERSION, 0x05, 0x15)
    made.functional(_UNION, 2, 3)
    _switched_data(made, 3, 0x82, 0x03)
    for number, name, inward, outward in _OBEX_FUNCTIONS:
        made.interface(number, (COMMUNICATIONS, _OBEX, 0), text=name)
        made.functional(_HEADER, 0x10, 0x01)
        made.functional(_OBEX_VERSION, 0x00, 0x01)
        made.functional(_UNION, number, number + 1)
        _switched_data(made, number + 1, inward, outward)
    _serial(made, MODEM, _AT_COMMANDS)
    _serial(made, AGENT, _VENDOR_PROTOCOL)
    return made


def _switched_data(made: Configuration, number: int, inward: int, outward: int) -> None:
    """Data whose endpoints are there in the second setting only."""
    made.interface(number, _DATA)
    made.interface(number, _DATA, alternate=1, endpoints=2)
    made.bulk(inward, outward)


def _serial(made: Configuration, function: SerialFunction, protocol: int) -> None:
    made.interface(function.control, (COMMUNICATIONS, _ACM, protocol), endpoints=1, text="CDC Comms Interface")
    made.functional(_HEADER, 0x00, 0x01)
    made.functional(_ACM_CAPABILITIES, 0x0F)
    made.functional(_UNION, function.control, function.control + 1)
    made.interrupt(function.interrupt)
    made.interface(function.control + 1, _DATA, endpoints=2, text="CDC Data Interface")
    made.bulk(function.inward, function.outward)
