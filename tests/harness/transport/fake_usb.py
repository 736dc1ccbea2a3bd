"""A phone on a USB that is not there: pyusb's backend for finding and claiming it, and transfers for its bytes."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from harness.transport.usb_transfers import Ended, NotStarted, TransferStatus

PACKET = 64


class FakePhone:
    """One device: what it shows of itself, and what has been done to it."""

    def __init__(
        self,
        *,
        product: int = 0x0418,
        serial: str = "",
        ports: tuple[int, ...] = (1,),
        protocols: tuple[int, ...] = (1, 0xFF),
        vendor: int = 0x0421,
    ) -> None:
        self.vendor, self.product, self.serial, self.ports, self.protocols = (
            vendor,
            product,
            serial,
            ports,
            protocols,
        )
        self.refusal: int | None = None  # what opening or claiming answers
        self.refused_step = "open"
        self.driven = {number for number, *_ in self.interfaces()}
        self.claimed: set[int] = set()
        self.log: list[str] = []

    def interfaces(self) -> list[tuple[int, int, int, list[int], list[int]]]:
        """Number, class, protocol, further descriptors and endpoints of each interface."""
        found = []
        for index, protocol in enumerate(self.protocols):
            control = 14 - 2 * index  # the order says nothing
            union = [5, 0x24, 0x00, 0x10, 0x01, 5, 0x24, 0x06, control, control + 1]
            found += [
                (control, 2, protocol, union, [0x80 | control]),
                (control + 1, 10, 0, [], [0x80 | (control + 1), control + 1]),
            ]
        return found

    def refuse(self, step: str) -> None:
        if self.refusal is not None and step == self.refused_step:
            raise usb.core.USBError("refused", -1, self.refusal)


class FakeBackend(usb.backend.IBackend):  # type: ignore[misc]
    """pyusb's view of a bus with these phones."""

    def __init__(self, *phones: FakePhone) -> None:
        self.phones = phones

    def enumerate_devices(self) -> Iterator[FakePhone]:
        return iter(self.phones)

    def get_device_descriptor(self, phone: FakePhone) -> Any:
        known = {"bLength": 18, "bDescriptorType": 1, "bcdUSB": 0x200, "bDeviceClass": 2, "bDeviceSubClass": 0}
        known |= {"bDeviceProtocol": 0, "bMaxPacketSize0": 64, "idVendor": phone.vendor}
        known |= {"idProduct": phone.product, "bcdDevice": 0x100, "iManufacturer": 0, "iProduct": 0}
        known |= {"iSerialNumber": 3 if phone.serial else 0, "bNumConfigurations": 1, "address": 2, "bus": 1}
        return SimpleNamespace(**known, port_number=phone.ports[-1], port_numbers=phone.ports, speed=2)

    def get_configuration_descriptor(self, phone: FakePhone, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=0,
            bNumInterfaces=len(phone.interfaces()),
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0xC0,
            bMaxPower=50,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, phone: FakePhone, intf: int, alt: int, config: int) -> Any:
        number, kind, protocol, extra, endpoints = phone.interfaces()[intf]
        if alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=4,
            bInterfaceNumber=number,
            bAlternateSetting=0,
            bNumEndpoints=len(endpoints),
            bInterfaceClass=kind,
            bInterfaceSubClass=2 if kind == 2 else 0,
            bInterfaceProtocol=protocol,
            iInterface=0,
            extra_descriptors=extra,
        )

    def get_endpoint_descriptor(self, phone: FakePhone, ep: int, intf: int, alt: int, config: int) -> Any:
        _, kind, _, _, endpoints = phone.interfaces()[intf]
        return SimpleNamespace(
            bLength=7,
            bDescriptorType=5,
            bEndpointAddress=endpoints[ep],
            bmAttributes=3 if kind == 2 else 2,
            wMaxPacketSize=PACKET,
            bInterval=0,
            bRefresh=0,
            bSynchAddress=0,
            extra_descriptors=[],
        )

    def open_device(self, phone: FakePhone) -> FakePhone:
        phone.refuse("open")
        return phone

    def close_device(self, phone: FakePhone) -> None:
        phone.log.append("close")

    def get_configuration(self, phone: FakePhone) -> int:
        return 1

    def ctrl_transfer(
        self, phone: FakePhone, kind: int, request: int, value: int, index: int, data: Any, timeout: int
    ) -> int:
        if kind == 0x80 and request == 6:  # a text; the languages come first
            text = "\u0409" if value & 0xFF == 0 else phone.serial
            raw = text.encode("utf-16-le")
            answer = bytes([len(raw) + 2, 3]) + raw
            data[: len(answer)] = type(data)("B", answer)
            return len(answer)
        phone.refuse("control")
        phone.log.append(f"lines {value}")
        return 0

    def is_kernel_driver_active(self, phone: FakePhone, intf: int) -> bool:
        return intf in phone.driven

    def detach_kernel_driver(self, phone: FakePhone, intf: int) -> None:
        phone.refuse("detach")
        phone.driven -= {intf, intf + 1}  # as cdc_acm does
        phone.log.append(f"detach {intf}")

    def attach_kernel_driver(self, phone: FakePhone, intf: int) -> None:
        phone.driven |= {intf, intf + 1}
        phone.log.append(f"attach {intf}")

    def claim_interface(self, phone: FakePhone, intf: int) -> None:
        phone.refuse("claim")
        assert intf not in phone.driven
        phone.claimed.add(intf)

    def release_interface(self, phone: FakePhone, intf: int) -> None:
        phone.claimed.remove(intf)

    def clear_halt(self, phone: FakePhone, ep: int) -> None:
        phone.refuse("clear")
        phone.log.append(f"clear {ep:#x}")


class FakeTransfers:
    """Transfers, and the device at their other end.

    A read ends as on a real bus: when it is full, or with a packet that is not.
    """

    CAPACITY = 1 << 16

    def __init__(self, *_: object, size: int) -> None:
        self._size = size
        self._changed = threading.Condition()
        self._signal = os.eventfd(0, os.EFD_NONBLOCK)
        self._reads = 0
        self._partial = b""
        self._writes: deque[bytes] = deque()
        self._from_host = bytearray()
        self._ended: list[Ended] = []
        self._is_gone = False

    # ------------------------------------------------------------------------ the transport's side

    def descriptors(self) -> list[tuple[int, int]]:
        return [(self._signal, select.POLLIN)]

    def read(self) -> None:
        with self._changed:
            self._check()
            self._reads += 1
            self._changed.notify_all()

    def write(self, data: bytes) -> None:
        with self._changed:
            self._check()
            self._writes.append(data)
            self._take_writes()

    def ended(self) -> Iterator[Ended]:
        with self._changed:
            try:
                os.eventfd_read(self._signal)
            except BlockingIOError:
                pass
            ended, self._ended = self._ended, []
        return iter(ended)

    def end(self) -> None:
        self.unplug()
        os.close(self._signal)

    def _check(self) -> None:
        if self._is_gone:
            raise NotStarted("libusb error -4")

    # --------------------------------------------------------------------------- the device's side

    def send(self, data: bytes) -> None:
        """As one transfer, which a packet that is not full ends: an empty one where all are full."""
        for start in range(0, len(data) + 1, PACKET):
            self._send_packet(data[start : start + PACKET])

    def _send_packet(self, packet: bytes) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._reads or self._is_gone)
            if self._is_gone:
                return
            self._partial += packet
            if len(packet) < PACKET or len(self._partial) == self._size:
                data, self._partial = self._partial, b""
                self._reads -= 1
                self._end(Ended(is_read=True, status=TransferStatus.COMPLETED, data=data))

    def receive(self, count: int) -> bytes:
        """So many bytes that the host has sent."""
        with self._changed:
            data = b""
            while len(data) < count:
                self._changed.wait_for(lambda: self._from_host or self._is_gone)
                piece = bytes(self._from_host[: count - len(data)])
                del self._from_host[: len(piece)]
                data += piece
                self._take_writes()
            return data

    def fail_read(self, status: TransferStatus, data: bytes = b"") -> None:
        """The oldest read ends so."""
        with self._changed:
            self._reads -= 1
            self._end(Ended(is_read=True, status=status, data=data))

    def unplug(self) -> None:
        with self._changed:
            if self._is_gone:
                return
            self._is_gone = True
            for is_read in [True] * self._reads + [False] * len(self._writes):
                self._end(Ended(is_read, TransferStatus.NO_DEVICE, b""))
            self._changed.notify_all()

    def _take_writes(self) -> None:
        while self._writes and len(self._from_host) < self.CAPACITY:
            self._from_host += self._writes.popleft()
            self._end(Ended(is_read=False, status=TransferStatus.COMPLETED, data=b""))
        self._changed.notify_all()

    def _end(self, ended: Ended) -> None:
        self._ended.append(ended)
        os.eventfd_write(self._signal, 1)
