"""Control requests: their layout and their numbers (USB 2.0, 9.3 and 9.4; CDC 1.1, 6.2)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from wire.layout import U8, U16

TO_HOST: Final = 0x80
ENDPOINT_HALT: Final = 0
DATA_TERMINAL_READY: Final = 0x01


class Setup(NamedTuple):
    """A control request."""

    request_type: U8
    request: U8
    value: U16
    about: U16
    length: U16


class Concerns(IntEnum):
    """Whose request it is and what it is about: its type without the direction."""

    DEVICE = 0x00
    INTERFACE = 0x01
    ENDPOINT = 0x02
    CLASS_INTERFACE = 0x21
    VENDOR_DEVICE = 0x40


class Standard(IntEnum):
    """Requests that every device knows."""

    GET_STATUS = 0
    CLEAR_FEATURE = 1
    SET_FEATURE = 3
    GET_DESCRIPTOR = 6
    GET_CONFIGURATION = 8
    SET_CONFIGURATION = 9
    GET_INTERFACE = 10
    SET_INTERFACE = 11


class Serial(IntEnum):
    """Requests to a serial function."""

    SET_LINE_CODING = 0x20
    GET_LINE_CODING = 0x21
    SET_CONTROL_LINE_STATE = 0x22
    SEND_BREAK = 0x23


class Mischief(IntEnum):
    """Requests that no phone knows: with them a test lets the emulated one go wrong."""

    HALT_ENDPOINT = 1  # the endpoint that wIndex names stalls from now on
    UNPLUG = 2
