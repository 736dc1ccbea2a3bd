"""Following what is plugged in and out: the kernel's events for serial ports and USB devices, through pyudev."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

from harness.errors import LabUnavailable
from harness.identity import without_imei
from harness.lab.discovery import NOKIA_VENDOR_ID

_SAID: Final = {"add": "plugged in", "remove": "pulled out", "bind": "", "unbind": "", "change": "changed"}


class Event(NamedTuple):
    """A serial port or a phone came or went."""

    action: str
    what: str
    port: str

    def __str__(self) -> str:
        return f"{_SAID.get(self.action, self.action):<10} {self.port or '-':<16} {self.what}"


class Monitor(Protocol):
    """What is used of pyudev's monitor."""

    def poll(self, timeout: float | None = None) -> Any:
        """The next event, or None after `timeout` seconds."""


def start_monitor(source: str = "udev") -> Monitor:
    """A monitor that has begun to listen. From `udev` events come when a port's rights are set already."""
    try:
        import pyudev
    except ImportError as error:
        raise LabUnavailable(
            "following phones needs pyudev, which is not installed", hint="pip install 'symhil[hotplug]'"
        ) from error
    monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source=source)
    monitor.filter_by("tty")
    monitor.filter_by("usb", "usb_device")
    monitor.start()
    started: Monitor = monitor
    return started


def follow(monitor: Monitor, *, timeout_s: float | None = None) -> Iterator[Event]:
    """Events as they come; until nothing has come for `timeout_s`, if that is given."""
    while (device := monitor.poll(timeout_s)) is not None:
        event = read_event(device.action or "", device.properties)
        if event is not None:
            yield event


def read_event(action: str, properties: Mapping[str, str]) -> Event | None:
    """What an event means; None for one that is about no serial port and no phone."""
    if not _SAID.get(action):
        return None
    name = " ".join(properties.get(key, "").replace("_", " ") for key in ("ID_VENDOR", "ID_MODEL")).strip()
    port = properties.get("DEVNAME", "")
    if properties.get("SUBSYSTEM") == "tty":
        interface = properties.get("ID_USB_INTERFACE_NUM", "")
        about = f"{name or 'serial port'}{f', interface {interface}' if interface else ''}"
        return Event(action, without_imei(about), port)
    vendor, _, rest = properties.get("PRODUCT", "").partition("/")
    if not _is_phone(vendor):
        return None
    product = rest.partition("/")[0]
    usb_id = f"{vendor:0>4}:{product:0>4}"
    return Event(action, without_imei(f"{name or 'phone'} {usb_id}"), "")


def _is_phone(vendor: str) -> bool:
    try:
        return int(vendor, 16) == NOKIA_VENDOR_ID
    except ValueError:
        return False
