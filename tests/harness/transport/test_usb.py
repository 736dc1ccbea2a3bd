"""The transport on bulk endpoints: what every transport promises, and whose phone it is meanwhile."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from harness.errors import LabUnavailable, LinkClosed
from harness.lab.discovery import attached_phones
from harness.testing import Line, TransportContract
from harness.transport.usb import AHEAD, TRANSFER_SIZE, UsbTransport, open_usb
from harness.transport.usb_device import UsbAddress
from harness.transport.usb_transfers import TransferStatus
from tests.harness.transport.fake_usb import PACKET, FakeBackend, FakePhone, FakeTransfers

NOKIA = UsbAddress()


def opened(phone: FakePhone) -> tuple[UsbTransport, FakeTransfers]:
    made: list[FakeTransfers] = []

    def make(*arguments: object, size: int) -> FakeTransfers:
        made.append(FakeTransfers(*arguments, size=size))
        return made[0]

    return open_usb(NOKIA, backend=FakeBackend(phone), transfers=make), made[0]


@pytest.fixture
def phone() -> FakePhone:
    return FakePhone()


class TestUsbTransport(TransportContract):
    @pytest.fixture
    def line(self, phone: FakePhone) -> Iterator[Line]:
        transport, device = opened(phone)
        yield Line(transport, device.send, device.receive, device.unplug)
        transport.close()


class TestBytes:
    def test_the_phone_can_send_before_anybody_reads(self, phone: FakePhone) -> None:
        transport, device = opened(phone)
        for _ in range(AHEAD):
            device.send(b"x")  # would wait for ever for a read that nobody has begun
        assert transport.exchange([], 0) == b"x" * AHEAD
        transport.close()

    @pytest.mark.parametrize("size", [1, PACKET - 1, PACKET, PACKET + 1, 8 * PACKET, TRANSFER_SIZE])
    def test_short_packets_and_empty_ones(self, phone: FakePhone, size: int) -> None:
        transport, device = opened(phone)
        device.send(b"y" * size)
        assert transport.exchange([], 0) == b"y" * size
        transport.close()

    def test_a_stall_is_cleared_and_the_phone_read_again(self, phone: FakePhone) -> None:
        transport, device = opened(phone)
        device.fail_read(TransferStatus.STALL)
        assert transport.exchange([], 0) == b""
        assert "clear 0x8d" in phone.log
        device.send(b"after it")
        assert transport.exchange([], 0) == b"after it"
        transport.close()

    def test_a_stall_that_cannot_be_cleared(self, phone: FakePhone) -> None:
        transport, device = opened(phone)
        phone.refusal, phone.refused_step = errno.EPIPE, "clear"
        device.fail_read(TransferStatus.STALL)
        with pytest.raises(LinkClosed, match="endpoint 0x8d stalls and stays so"):
            transport.exchange([], 0)
        phone.refusal = None
        transport.close()

    def test_nothing_but_failures(self, phone: FakePhone) -> None:
        transport, device = opened(phone)
        for _ in range(16):
            device.fail_read(TransferStatus.ERROR)
            assert transport.exchange([], 0) == b""
        device.fail_read(TransferStatus.ERROR)
        with pytest.raises(LinkClosed, match="17 transfers in a row failed, the last with ERROR"):
            transport.exchange([], 0)
        transport.close()

    def test_what_came_before_the_end_is_given_first(self, phone: FakePhone) -> None:
        transport, device = opened(phone)
        device.fail_read(TransferStatus.NO_DEVICE, b"last words")
        assert transport.exchange([], 0) == b"last words"
        with pytest.raises(LinkClosed, match="it was unplugged"):
            transport.exchange([], 0)
        transport.close()


class TestHaving:
    def test_the_kernels_driver_is_detached_and_has_it_again(self, phone: FakePhone) -> None:
        transport, _ = opened(phone)
        assert transport.name == "usb:0421:0418@1-1"
        assert phone.claimed == {12, 13}  # the function with the vendor's protocol
        assert phone.driven == {14, 15}
        transport.close()
        assert phone.claimed == set()
        assert phone.driven == {12, 13, 14, 15}
        assert phone.log == ["detach 12", "lines 3", "lines 0", "attach 12", "close"]

    def test_without_a_driver_none_is_attached(self, phone: FakePhone) -> None:
        phone.driven.clear()
        transport, _ = opened(phone)
        transport.close()
        assert phone.driven == set()

    def test_a_phone_that_does_not_know_the_request(self, phone: FakePhone) -> None:
        phone.refusal, phone.refused_step = errno.EPIPE, "control"
        transport, _ = opened(phone)
        transport.close()

    @pytest.mark.parametrize("protocols", [(0xFF,), (1,), (0xFF, 1), (1, 0xFF)])
    def test_the_agents_function_is_found_by_its_protocol(self, protocols: tuple[int, ...]) -> None:
        phone = FakePhone(protocols=protocols)
        transport, _ = opened(phone)
        expected = 14 - 2 * (protocols.index(0xFF) if 0xFF in protocols else 0)
        assert phone.claimed == {expected, expected + 1}
        transport.close()

    @pytest.mark.parametrize("step", ["detach", "claim", "control"])
    def test_what_cannot_be_had_is_given_back(self, phone: FakePhone, step: str) -> None:
        phone.refusal, phone.refused_step = errno.EBUSY, step
        with pytest.raises(LabUnavailable, match="0421:0418 at 1-1 is in use"):
            opened(phone)
        assert phone.claimed == set()
        assert phone.driven == {12, 13, 14, 15}

    def test_no_permission(self, phone: FakePhone) -> None:
        phone.refusal = errno.EACCES
        with pytest.raises(LabUnavailable, match="no permission to open 0421:0418 at 1-1") as caught:
            opened(phone)
        assert "/dev/bus/usb/001/002" in str(caught.value)
        assert "udev" in caught.value.hint

    def test_gone_while_it_is_opened(self, phone: FakePhone) -> None:
        phone.refusal = errno.ENODEV
        with pytest.raises(LabUnavailable, match="was unplugged"):
            opened(phone)


class TestFinding:
    @pytest.mark.parametrize(
        "wanted",
        [
            UsbAddress(product=0x00AB),
            UsbAddress(serial="004401"),
            UsbAddress(port_path="1-2.3"),
            UsbAddress(product=0x00AB, serial="004401", port_path="1-2.3"),
        ],
    )
    def test_one_of_several(self, wanted: UsbAddress) -> None:
        phones = (FakePhone(), FakePhone(product=0x00AB, serial="004401", ports=(2, 3)))
        transport = open_usb(wanted, backend=FakeBackend(*phones), transfers=FakeTransfers)
        assert transport.name == "usb:0421:00ab@1-2.3"
        transport.close()

    def test_several_that_fit(self) -> None:
        phones = (FakePhone(), FakePhone(ports=(2, 3)))
        with pytest.raises(LabUnavailable, match=r"2 phones are 0421:any product: at 1-1, 1-2\.3") as caught:
            open_usb(NOKIA, backend=FakeBackend(*phones))
        assert "port_path" in caught.value.hint

    def test_none_that_fits(self) -> None:
        phones = (FakePhone(), FakePhone(vendor=0x1234))
        wanted = UsbAddress(product=0x00AB, serial="7", port_path="1-9")
        with pytest.raises(LabUnavailable) as caught:
            open_usb(wanted, backend=FakeBackend(*phones))
        assert "no phone 0421:00ab with serial number 7 at 1-9" in str(caught.value)
        assert "there are: 0421:0418 at 1-1\n" in str(caught.value)

    def test_a_phone_in_another_mode(self) -> None:
        with pytest.raises(LabUnavailable, match="no serial function for the agent") as caught:
            open_usb(NOKIA, backend=FakeBackend(FakePhone(protocols=())))
        assert "PC Suite" in caught.value.hint

    def test_a_serial_number_that_may_not_be_read(self) -> None:
        phone = FakePhone(serial="004401")
        phone.refusal = errno.EACCES
        with pytest.raises(LabUnavailable, match="no permission"):
            open_usb(UsbAddress(serial="004401"), backend=FakeBackend(phone))

    def test_what_is_attached_is_listed_with_its_place(self) -> None:
        phones = (FakePhone(), FakePhone(vendor=0x1234, protocols=()), FakePhone(vendor=0x1234, ports=(2, 3)))
        listed = [
            (each.vendor, each.acm_functions, each.port_path) for each in attached_phones(FakeBackend(*phones))
        ]
        assert listed == [(0x0421, 2, "1-1"), (0x1234, 2, "1-2.3")]
