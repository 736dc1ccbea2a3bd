"""Plugging devices into this kernel's virtual USB host controller, and waiting for what comes of it."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.usb.client import import_device

VHCI = Path("/sys/devices/platform/vhci_hcd.0")
_FREE = "004"
_UEVENT_FAMILY = 15
_RECHECK_MS = 200

T = TypeVar("T")


def attach(where: str) -> int:
    """Plug a device in that is served over USB/IP; the port of the virtual controller it is in."""
    imported = import_device(where)
    port = _free_port()
    # From here on the kernel holds the connection.
    order = f"{port} {imported.link.fileno()} {imported.bus << 16 | imported.device} {imported.speed}"
    (VHCI / "attach").write_text(order)
    imported.link.close()
    return port


def detach(port: int) -> None:
    """Pull it out."""
    (VHCI / "detach").write_text(str(port))


def _free_port() -> int:
    for line in (VHCI / "status").read_text().splitlines()[1:]:
        hub, port, state, *_ = line.split()
        if (hub, state) == ("hs", _FREE):
            return int(port)
    raise AssertionError("no port of the virtual host controller is free")


def driver_of(path: str, interface: int) -> str:
    """The kernel's driver of an interface, as of `1-1` and 14; empty where it has none."""
    link = Path(f"/sys/bus/usb/devices/{path}:1.{interface}/driver")
    return link.resolve().name if link.exists() else ""


class KernelEvents:
    """What the kernel says when devices come and go."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _UEVENT_FAMILY)
        self._socket.bind((0, 1))
        self._socket.setblocking(False)

    def wait_for(self, look: Callable[[], T]) -> T:
        """Look until there is something; a test that waits in vain is ended by its time-out."""
        while not (found := look()):
            # libusb hears the same events on a thread of its own, perhaps after us: hence a second look.
            select.select([self._socket], [], [], _RECHECK_MS / 1000)
            try:
                while self._socket.recv(8192):
                    pass
            except OSError:
                pass  # all read, or more than it can keep
        return found

    def close(self) -> None:
        self._socket.close()
