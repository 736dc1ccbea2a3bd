"""Finding a phone on USB, the function of it that is the agent's, and having that for oneself."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from harness.errors import LabUnavailable

COMMUNICATIONS_CLASS: Final = 0x02
DATA_CLASS: Final = 0x0A
ACM_SUBCLASS: Final = 0x02
VENDOR_PROTOCOL: Final = 0xFF
"""Of the serial function that is not the modem's: the phone's dial-up server takes all those with protocol 1."""

_CS_INTERFACE: Final = 0x24
_UNION: Final = 0x06
_IN: Final = 0x80
_TO_INTERFACE: Final = 0x21  # bmRequestType: a class request to an interface
_SET_CONTROL_LINE_STATE: Final = 0x22
_DTR_AND_RTS: Final = 0x03

PC_SUITE_HINT: Final = "plug the phone in, choose PC Suite mode on it, then look with `symhil devices`"


class UsbAddress(NamedTuple):
    """Which phone is meant. What is None or empty may be anything.

    Attributes:
        port_path: where it is plugged in, for the kernel: `1-1.2` is bus 1, port 1, port 2 of the hub there.
    """

    vendor: int = 0x0421
    product: int | None = None
    serial: str = ""
    port_path: str = ""

    def __str__(self) -> str:
        product = "any product" if self.product is None else f"{self.product:04x}"
        serial = f" with serial number {self.serial}" if self.serial else ""
        return f"{self.vendor:04x}:{product}{serial}{f' at {self.port_path}' if self.port_path else ''}"


class AgentFunction(NamedTuple):
    """A serial function: its two interfaces, and the endpoints of its data."""

    control: int
    data: int
    endpoint_in: int
    endpoint_out: int


def path_of(device: Any) -> str:
    """Where a device is plugged in, as the kernel names it."""
    return f"{device.bus}-{'.'.join(map(str, device.port_numbers or ()))}"


def agent_function(device: Any) -> AgentFunction | None:
    """The serial function for applications: the one with a vendor's protocol, or the only one there is.

    Numbers of interfaces differ from model to model, so they say nothing; nor does the order of the ports.
    """
    functions = list(_serial_functions(device))
    chosen = [function for protocol, function in functions if protocol == VENDOR_PROTOCOL]
    if not chosen and len(functions) == 1:
        chosen = [functions[0][1]]
    return chosen[0] if chosen else None


def _serial_functions(device: Any) -> Iterator[tuple[int, AgentFunction]]:
    configuration = device[0]
    for control in configuration:
        if (control.bInterfaceClass, control.bInterfaceSubClass) != (COMMUNICATIONS_CLASS, ACM_SUBCLASS):
            continue
        slave = _slave(bytes(control.extra_descriptors))
        for data in configuration:
            number = data.bInterfaceNumber
            if number != slave or data.bInterfaceClass != DATA_CLASS:
                continue
            addresses = [endpoint.bEndpointAddress for endpoint in data]
            inward = [address for address in addresses if address & _IN]
            outward = [address for address in addresses if not address & _IN]
            if inward and outward:
                found = AgentFunction(control.bInterfaceNumber, number, inward[0], outward[0])
                yield control.bInterfaceProtocol, found


def _slave(extra: bytes) -> int | None:
    """The data interface that a union functional descriptor names (CDC 1.1, 5.2.3.8)."""
    while len(extra) >= 3 and extra[0] >= 3:
        length, kind, subtype = extra[:3]
        if (kind, subtype) == (_CS_INTERFACE, _UNION) and length >= 5 and len(extra) >= 5:
            return extra[4]
        extra = extra[length:]
    return None


def find_phone(wanted: UsbAddress, backend: Any) -> tuple[Any, AgentFunction]:
    """The one phone that fits; LabUnavailable names those that are there when it is none or several."""
    import usb.core

    there = list(usb.core.find(find_all=True, backend=backend) or ())
    phones = [device for device in there if device.idVendor == wanted.vendor]
    fitting = [device for device in phones if _fits(device, wanted)]
    if len(fitting) > 1:
        raise LabUnavailable(
            f"{len(fitting)} phones are {wanted}: at {', '.join(map(path_of, fitting))}",
            hint="say which one with `port_path`; in PC Suite mode a phone has no serial number",
        )
    if not fitting:
        listed = ", ".join(f"{each.idVendor:04x}:{each.idProduct:04x} at {path_of(each)}" for each in phones)
        raise LabUnavailable(
            f"there is no phone {wanted} on USB; of this vendor there are: {listed or 'none'}", hint=PC_SUITE_HINT
        )
    function = agent_function(fitting[0])
    if function is None:
        raise LabUnavailable(
            f"{_name(fitting[0])} has no serial function for the agent",
            hint="it is probably in another mode, such as mass storage: choose PC Suite mode on it",
        )
    return fitting[0], function


def _fits(device: Any, wanted: UsbAddress) -> bool:
    if wanted.product is not None and device.idProduct != wanted.product:
        return False
    if wanted.port_path and path_of(device) != wanted.port_path:
        return False
    if not wanted.serial:
        return True
    try:
        return str(device.serial_number or "") == wanted.serial
    except (OSError, ValueError) as error:  # pyusb says ValueError where it may not read any text
        raise cannot_have(device, error) from error


def _name(device: Any) -> str:
    return f"{device.idVendor:04x}:{device.idProduct:04x} at {path_of(device)}"


class ClaimedFunction:
    """A serial function taken from the kernel's driver, until `give_back`."""

    def __init__(self, device: Any, function: AgentFunction) -> None:
        import usb.util

        self._device = device
        self._function = function
        self._claimed: list[int] = []
        self._had_driver = False
        try:
            # Taking one interface from cdc_acm takes the other as well; another driver may hold each by itself.
            for number in (function.control, function.data):
                if device.is_kernel_driver_active(number):
                    device.detach_kernel_driver(number)
                    self._had_driver = True
            for number in (function.control, function.data):
                usb.util.claim_interface(device, number)
                self._claimed.append(number)
            self._set_lines(_DTR_AND_RTS)
        except (OSError, NotImplementedError) as error:
            self.give_back()
            raise cannot_have(device, error) from error

    def _set_lines(self, lines: int) -> None:
        """Tell the phone that somebody is there, or not any more, as opening a serial port does."""
        import usb.core

        try:
            request = (_TO_INTERFACE, _SET_CONTROL_LINE_STATE, lines, self._function.control)
            self._device.ctrl_transfer(*request, timeout=1000)
        except usb.core.USBError as error:
            if error.errno not in {errno.EPIPE, errno.ETIMEDOUT}:
                raise  # a phone may refuse this request or leave it alone, and work all the same

    def give_back(self) -> None:
        """Let the kernel's driver have it again, if it had it; a phone that is gone is no error."""
        import usb.util

        unplugged = contextlib.suppress(OSError, NotImplementedError)
        if self._claimed:
            with unplugged:
                self._set_lines(0)
        while self._claimed:
            with unplugged:
                usb.util.release_interface(self._device, self._claimed.pop())
        if self._had_driver:
            # cdc_acm takes its data interface along with this one, and cannot be given that.
            with unplugged:
                self._device.attach_kernel_driver(self._function.control)
        usb.util.dispose_resources(self._device)


def cannot_have(device: Any, error: Exception) -> LabUnavailable:
    """Why a phone that is there cannot be used."""
    name, number = _name(device), getattr(error, "errno", None)
    if number in {errno.EACCES, errno.EPERM} or isinstance(error, ValueError):
        return LabUnavailable(
            f"no permission to open {name} (/dev/bus/usb/{device.bus:03}/{device.address:03})",
            hint="add a udev rule for it, as docs/usb.md shows, then plug it in again",
        )
    if number == errno.EBUSY:
        return LabUnavailable(
            f"{name} is in use: another process has claimed its serial function", hint="end it, or wait for it"
        )
    if number == errno.ENODEV:
        return LabUnavailable(f"{name} was unplugged while it was opened", hint=PC_SUITE_HINT)
    return LabUnavailable(f"{name} cannot be used: {error}")


class Backends:
    """Contexts of libusb, each for one open phone at a time.

    They are kept and used again: pyusb may let go of a device after its context, which libusb does not survive.
    """

    def __init__(self) -> None:
        self._idle: list[Any] = []
        self._lock = threading.Lock()

    def take(self) -> Any:
        """One that nobody uses; LabUnavailable where there is no libusb."""
        from harness.lab.discovery import usb_backend

        with self._lock:
            if self._idle:
                return self._idle.pop()
        shared = usb_backend()
        if shared is None:
            raise LabUnavailable(
                "this machine has no libusb",
                hint="install it: pip install libusb-package, or libusb-1.0-0 of Debian",
            )
        return type(shared)(shared.lib)

    def give_back(self, backend: Any) -> None:
        """Nobody uses it any more."""
        with self._lock:
            self._idle.append(backend)


BACKENDS: Final = Backends()
