"""What the kernel, pyserial and libusb make of the phone's descriptors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import LabUnavailable
from harness.handset import Handset
from harness.lab.config import load_config
from harness.lab.discovery import attached_phones
from harness.lab.probe import probe_ports
from harness.transport.usb import open_usb
from harness.transport.usb_device import UsbAddress
from tests.usb.bus import driver_of
from tests.usb.conftest import FIGURES, PluggedPhone

SERIAL = "004401234567890"
HIGH_SPEED = ("--usb-speed", "high", "--usb-serial", SERIAL)


@pytest.mark.parametrize(
    ("options", "product", "megabits", "serial"), [((), 0x0418, "12", ""), (HIGH_SPEED, 0x0302, "480", SERIAL)]
)
def test_a_phone_in_pc_suite_mode(
    plug: Callable[..., PluggedPhone], options: tuple[str, ...], product: int, megabits: str, serial: str
) -> None:
    phone = plug(*options)
    assert [(each.vendor, each.product, each.is_agent) for each in phone.ttys()] == [
        (0x0421, product, False),
        (0x0421, product, True),
    ]
    device = Path("/sys/bus/usb/devices", phone.path)
    assert (device / "speed").read_text().strip() == megabits
    assert (device / "bNumInterfaces").read_text().strip() == "16"
    listed = phone.events.wait_for(lambda: [each for each in attached_phones() if each.port_path == phone.path])
    assert (listed[0].vendor, listed[0].product, listed[0].acm_functions) == (0x0421, product, 2)
    assert (listed[0].manufacturer, listed[0].name) == ("Nokia", "Emulated S60 handset")
    assert listed[0].serial_number == serial
    drivers = {driver_of(phone.path, number) for number in (12, 13, 14, 15)}
    assert drivers == {"cdc_acm"}
    FIGURES.append(f"driver {drivers.pop()} for {phone.ttys()[1].port}, {megabits} Mbit/s")


def test_the_list_asks_the_agent_behind_a_usb_link(phone: PluggedPhone, tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(f"handsets:\n  - name: n8\n    links: [usb: {{port_path: {phone.path}}}]\n")
    asked = [one for one in probe_ports([], load_config(path)) if one.entry == "n8"]
    assert [(one.kind, one.model) for one in asked] == [("agent", "Emulated S60 handset")]
    assert phone.agent_tty()  # the kernel's driver has its interfaces back


def test_one_of_two_by_its_serial_number_and_by_its_place(plug: Callable[..., PluggedPhone]) -> None:
    first, second = plug(), plug(*HIGH_SPEED)
    assert first.path != second.path
    for wanted, name in [
        (UsbAddress(serial=SERIAL), f"usb:0421:0302@{second.path}"),
        (UsbAddress(product=0x0418), f"usb:0421:0418@{first.path}"),
        (UsbAddress(port_path=first.path), f"usb:0421:0418@{first.path}"),
    ]:
        transport = open_usb(wanted)
        assert transport.name == name
        with Handset.open(transport) as handset:
            assert handset.info.model == "Emulated S60 handset"
    with pytest.raises(LabUnavailable, match="2 phones are"):
        open_usb(UsbAddress())
