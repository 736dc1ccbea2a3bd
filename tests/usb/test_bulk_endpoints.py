"""The pyusb transport on the same function, and whose it is meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import usb.util

from harness.errors import HandsetLost, LabUnavailable
from harness.handset import Handset
from harness.transport.usb import open_usb
from harness.transport.usb_device import UsbAddress
from tests.usb.bus import driver_of
from tests.usb.conftest import PluggedPhone, as_nobody, measure


def address(phone: PluggedPhone) -> UsbAddress:
    return UsbAddress(port_path=phone.path)


def test_the_kernels_driver_is_detached_and_has_it_again(phone: PluggedPhone) -> None:
    port, modem = phone.agent_tty(), phone.modem_tty()
    for _ in range(2):
        with Handset.open(open_usb(address(phone))) as handset:
            assert handset.info.model == "Emulated S60 handset"
            assert [driver_of(phone.path, number) for number in (14, 15)] == ["usbfs", "usbfs"]
            assert not Path(port).exists()
            assert Path(modem).exists()
        phone.events.wait_for(lambda: len(phone.ttys()) == 2)
        assert [driver_of(phone.path, number) for number in (14, 15)] == ["cdc_acm", "cdc_acm"]
        assert phone.agent_tty() == port


def test_throughput(phone: PluggedPhone) -> None:
    with Handset.open(open_usb(address(phone))) as handset:
        measure(handset, "pyusb transport")


def test_no_permission(phone: PluggedPhone) -> None:
    node = phone.device_node()
    os.chmod(node, 0o600)
    with as_nobody(), pytest.raises(LabUnavailable, match=f"no permission to open .*{node}") as caught:
        open_usb(address(phone))
    assert "udev" in caught.value.hint
    assert driver_of(phone.path, 14) == "cdc_acm"


def test_a_function_in_use(phone: PluggedPhone) -> None:
    transport = open_usb(address(phone))
    with pytest.raises(LabUnavailable, match="is in use"):
        open_usb(address(phone))
    transport.close()
    open_usb(address(phone)).close()


@pytest.mark.parametrize("endpoint", [0x8E, 0x0F])
def test_a_stalled_endpoint(phone: PluggedPhone, endpoint: int) -> None:
    with Handset.open(open_usb(address(phone))) as handset:
        phone.halt(endpoint)
        assert handset.properties.mode().is_normal


def test_unplugged_and_plugged_in_again(phone: PluggedPhone) -> None:
    with Handset.open(open_usb(address(phone))) as handset:
        phone.unplug()
        with pytest.raises(HandsetLost):
            handset.properties.mode()
    with pytest.raises(LabUnavailable, match="there is no phone 0421:any product at"):
        open_usb(address(phone))
    phone.plug_in()
    with Handset.open(open_usb(address(phone))) as again:
        assert again.properties.mode().is_normal


def test_short_packets_and_empty_ones(phone: PluggedPhone) -> None:
    """The modem echoes what ends no line: the host's read ends with each of its transfers, however long it is."""
    device = phone.device()
    device.detach_kernel_driver(12)
    usb.util.claim_interface(device, 13)
    for size in (1, 63, 64, 65, 128, 4096):
        device.write(0x0D, b"x" * size)
        assert bytes(device.read(0x8C, 16384)) == b"x" * size
    device.write(0x0D, b"y" * 64)
    assert bytes(device.read(0x8C, 64)) == b"y" * 64
    assert bytes(device.read(0x8C, 64)) == b""
    usb.util.dispose_resources(device)
