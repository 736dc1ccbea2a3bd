"""An emulated handset on a real kernel's bus. It runs where `make test-usb` runs it and is skipped elsewhere."""

from __future__ import annotations

import contextlib
import os
import platform
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import usb.core
import usb.util

from harness.emulated import EmulatedHandset
from harness.handset import Handset
from harness.lab.discovery import AttachedPort, attached_ports, usb_backend
from harness.transport.usb_device import path_of
from tests.usb.bus import KernelEvents, attach, detach

HERE = Path(__file__).parent
FIGURES: list[str] = []
"""What is shown at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get("SYMHIL_USB_KERNEL"):
        skip = pytest.mark.skip(reason="needs a kernel with a virtual USB host controller: run `make test-usb`")
        for item in items:
            if item.path.parent == HERE:
                item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if FIGURES:
        terminalreporter.section("USB")
        for line in (f"kernel {platform.release()}", *FIGURES):
            terminalreporter.write_line(line)


class PluggedPhone:
    """An emulated handset that can be plugged in and out."""

    def __init__(self, where: str, events: KernelEvents) -> None:
        self.where = where
        self.events = events
        self.port: int | None = None

    def plug_in(self) -> None:
        before = set(paths())
        self.port = attach(self.where)
        self.path = self.events.wait_for(lambda: sorted(set(paths()) - before))[0]
        self.events.wait_for(lambda: len(self.ttys()) == 2)

    def ttys(self) -> list[AttachedPort]:
        return [each for each in attached_ports() if each.vendor == 0x0421 and each.port_path == self.path]

    def agent_tty(self) -> str:
        """The agent's serial port, chosen by what the kernel tells of it."""
        return next(each.port for each in self.ttys() if each.is_agent)

    def modem_tty(self) -> str:
        return next(each.port for each in self.ttys() if not each.is_agent)

    def device_node(self) -> str:
        device = Path("/sys/bus/usb/devices", self.path)
        bus, number = (int((device / name).read_text()) for name in ("busnum", "devnum"))
        return f"/dev/bus/usb/{bus:03}/{number:03}"

    def device(self) -> Any:
        """As pyusb sees it."""
        there = usb.core.find(find_all=True, backend=usb_backend())
        return next(each for each in there if path_of(each) == self.path)

    def halt(self, endpoint: int) -> None:
        """Let an endpoint stall from now on."""
        self._ask(1, endpoint)

    def vanish(self) -> None:
        """Let the phone end its connection, as when its battery falls out."""
        self._ask(2)
        self.port = None
        self.events.wait_for(lambda: self.path not in paths())

    def _ask(self, request: int, about: int = 0) -> None:
        """A request that only the emulated handset knows."""
        device = self.device()
        device.ctrl_transfer(0x40, request, 0, about)
        usb.util.dispose_resources(device)

    def unplug(self) -> None:
        if self.port is not None:
            detach(self.port)
            self.port = None
            self.events.wait_for(lambda: self.path not in paths())


def paths() -> list[str]:
    """Where phones are plugged in."""
    found = []
    for vendor in Path("/sys/bus/usb/devices").glob("*/idVendor"):
        with contextlib.suppress(OSError):  # it may go meanwhile
            if vendor.read_text().strip() == "0421":
                found.append(vendor.parent.name)
    return found


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's rights."""
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def measure(handset: Handset, what: str) -> None:
    """How fast a file goes to the phone and back; its content must be what it was."""
    content = random.Random(421).randbytes(256 * 1024)
    path = r"C:\throughput.bin"
    start = time.monotonic()
    handset.files.write(path, content)
    there = time.monotonic()
    assert handset.files.read(path) == content
    back = time.monotonic()
    size = len(content) / 1e6
    FIGURES.append(
        f"{what}: {size / (there - start):.2f} MB/s to the phone, {size / (back - there):.2f} MB/s from it"
    )


@pytest.fixture(scope="session")
def events() -> Iterator[KernelEvents]:
    made = KernelEvents()
    yield made
    made.close()


@pytest.fixture(scope="session")
def start(events: KernelEvents) -> Iterator[Callable[..., PluggedPhone]]:
    """What starts an emulated handset with these options, once for all tests."""
    with contextlib.ExitStack() as stack:
        started: dict[tuple[str, ...], PluggedPhone] = {}

        def once(*options: str) -> PluggedPhone:
            if options not in started:
                wanted = ("--usbip", "127.0.0.1:0", *options)
                running = stack.enter_context(EmulatedHandset(options=wanted))
                started[options] = PluggedPhone(running.where, events)
            return started[options]

        yield once


@pytest.fixture
def plug(start: Callable[..., PluggedPhone]) -> Iterator[Callable[..., PluggedPhone]]:
    """What plugs a phone in for the time of one test."""
    plugged: list[PluggedPhone] = []

    def plug_in(*options: str) -> PluggedPhone:
        phone = start(*options)
        phone.plug_in()
        plugged.append(phone)
        return phone

    yield plug_in
    for phone in plugged:
        phone.unplug()


@pytest.fixture
def phone(plug: Callable[..., PluggedPhone]) -> PluggedPhone:
    """A phone that is plugged in, at full speed."""
    return plug()
