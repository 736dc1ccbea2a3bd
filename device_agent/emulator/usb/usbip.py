"""Layouts of USB/IP (the kernel's Documentation/usb/usbip_protocol.rst): all numbers are big-endian.

one of   DEVICE LIST -> the devices        then the connection ends
         IMPORT busid -> the device        then, as often as the host's kernel wants:

         SUBMIT [data out] -> SUBMITTED [data in]     a transfer
         UNLINK -> UNLINKED                           a transfer is given up
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Final, NamedTuple

from construct import Int16ub, Int32sb, Int32ub, PaddedString

from wire.layout import U8, Field, Rest

VERSION: Final = 0x0111
SPEED_NUMBERS: Final = {"full": 2, "high": 3}
"""`enum usb_device_speed` of linux/usb/ch9.h."""

U16B = Annotated[int, Field("u16 big-endian", Int16ub)]
U32B = Annotated[int, Field("u32 big-endian", Int32ub)]
I32B = Annotated[int, Field("i32 big-endian", Int32sb)]
Path = Annotated[str, Field("path", PaddedString(256, "ascii"))]
BusId = Annotated[str, Field("busid", PaddedString(32, "ascii"))]


class Operation(IntEnum):
    """What a connection begins with. The answer has the number without the highest bit."""

    LIST = 0x8005
    LISTED = 0x0005
    IMPORT = 0x8003
    IMPORTED = 0x0003


class Refusal(IntEnum):
    """Why a device cannot be imported."""

    NONE = 0
    NOT_AVAILABLE = 1
    BUSY = 2
    NO_DEVICE = 4


class OperationHead(NamedTuple):
    """Heads an operation and its answer."""

    version: U16B
    code: U16B
    status: U32B


class ListedCount(NamedTuple):
    """How many devices follow."""

    devices: U32B


class ImportWanted(NamedTuple):
    """Which device is wanted."""

    busid: BusId


class DeviceEntry(NamedTuple):
    """A device, in the answers to both."""

    path: Path
    busid: BusId
    bus: U32B
    device: U32B
    speed: U32B
    vendor: U16B
    product: U16B
    version: U16B
    device_class: U8
    subclass: U8
    protocol: U8
    configuration: U8
    configurations: U8
    interfaces: U8


class Command(IntEnum):
    """What passes once a device is imported."""

    SUBMIT = 1
    UNLINK = 2
    SUBMITTED = 3
    UNLINKED = 4


class Submit(NamedTuple):
    """A transfer. `endpoint` is without its direction, which is 1 towards the host."""

    command: U32B
    number: U32B
    device: U32B
    direction: U32B
    endpoint: U32B
    flags: U32B
    length: I32B
    start_frame: I32B
    packets: I32B
    interval: I32B
    setup: Rest


class Submitted(NamedTuple):
    """How it came out: 0 or a negative errno of Linux."""

    command: U32B
    number: U32B
    device: U32B
    direction: U32B
    endpoint: U32B
    status: I32B
    length: I32B
    start_frame: I32B
    packets: I32B
    errors: I32B
    padding: Rest


class Unlink(NamedTuple):
    """The transfer with the number `victim` is given up."""

    command: U32B
    number: U32B
    device: U32B
    direction: U32B
    endpoint: U32B
    victim: U32B
    padding: Rest


class Unlinked(NamedTuple):
    """Whether it could be: 0 when it had ended before."""

    command: U32B
    number: U32B
    device: U32B
    direction: U32B
    endpoint: U32B
    status: I32B
    padding: Rest


HEADER_SIZE: Final = 48
"""Of all four."""
EPIPE: Final = 32
ECONNRESET: Final = 104
