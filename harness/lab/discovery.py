"""What is attached to this machine: serial ports, and phones on USB."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

from serial.tools import list_ports

from harness.transport.usb_device import ACM_SUBCLASS, COMMUNICATIONS_CLASS, VENDOR_PROTOCOL, path_of

NOKIA_VENDOR_ID: Final = 0x0421


class AttachedPort(NamedTuple):
    """A serial port.

    Attributes:
        vendor, product: None where it hangs on no USB device.
        port_path: where that is plugged in, as in `1-1.2`.
        is_agent: by its descriptors it is for applications, where a phone's modem is not.
    """

    port: str
    description: str
    vendor: int | None
    product: int | None
    serial_number: str
    port_path: str = ""
    is_agent: bool = False


class AttachedPhone(NamedTuple):
    """A USB device that may be a phone.

    Attributes:
        acm_functions: how many serial functions it has: a modem, an agent port.
        port_path: where it is plugged in, as in `1-1.2`.
    """

    vendor: int
    product: int
    manufacturer: str
    name: str
    serial_number: str
    acm_functions: int
    port_path: str
    note: str


def attached_ports() -> list[AttachedPort]:
    """The serial ports of this machine, by name."""
    return [
        AttachedPort(
            port.device,
            port.description,
            port.vid,
            port.pid,
            port.serial_number or "",
            (port.location or "").split(":")[0],
            _interface_protocol(port.device) == VENDOR_PROTOCOL,
        )
        for port in sorted(list_ports.comports(), key=lambda port: str(port.device))
    ]


def _interface_protocol(port: str) -> int | None:
    """Of the USB interface that a port belongs to, as the kernel tells it."""
    try:
        described = Path("/sys/class/tty", Path(port).name, "device", "bInterfaceProtocol")
        return int(described.read_text(), 16)
    except (OSError, ValueError):
        return None


def usb_backend() -> Any:
    """The libusb to use; None when this machine has none.

    The one place that asks for it: pyusb keeps the first library it was given.
    """
    try:
        import libusb_package

        return libusb_package.get_libusb1_backend()
    except ImportError:
        import usb.backend.libusb1

        return usb.backend.libusb1.get_backend()


def attached_phones(backend: Any = None) -> list[AttachedPhone]:
    """USB devices of Nokia, or with a serial function.

    Names of the device are readable only with rights to open it; then `note` says what is missing.
    """
    import usb.core

    backend = backend or usb_backend()
    if backend is None:
        return []
    found = []
    for device in usb.core.find(find_all=True, backend=backend) or ():
        functions = _acm_functions(device)
        if device.idVendor != NOKIA_VENDOR_ID and not functions:
            continue
        manufacturer, name, serial_number, note = _names(device)
        ids = (device.idVendor, device.idProduct)
        found.append(AttachedPhone(*ids, manufacturer, name, serial_number, functions, path_of(device), note))
    return found


def _acm_functions(device: Any) -> int:
    return sum(
        interface.bInterfaceClass == COMMUNICATIONS_CLASS and interface.bInterfaceSubClass == ACM_SUBCLASS
        for configuration in device
        for interface in configuration
    )


def _names(device: Any) -> tuple[str, str, str, str]:
    try:
        return device.manufacturer or "", device.product or "", device.serial_number or "", ""
    except (OSError, ValueError):
        return "", "", "", "no permission to open it: add a udev rule, see docs/usb.md"
