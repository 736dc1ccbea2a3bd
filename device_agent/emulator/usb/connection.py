"""One connection of USB/IP, without input or output: bytes of the host in, bytes for the host out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from device_agent.emulator.usb.descriptors import IN
from device_agent.emulator.usb.device import Stall, UsbDevice
from device_agent.emulator.usb.pc_suite import COMMUNICATIONS
from device_agent.emulator.usb.requests import Setup
from device_agent.emulator.usb.usbip import (
    ECONNRESET,
    EPIPE,
    HEADER_SIZE,
    SPEED_NUMBERS,
    VERSION,
    Command,
    DeviceEntry,
    ImportWanted,
    ListedCount,
    Operation,
    OperationHead,
    Refusal,
    Submit,
    Submitted,
    Unlink,
    Unlinked,
)
from wire.layout import codec_of

BUS_ID: Final = "1-1"
_HEAD_SIZE: Final = 8
_BUS_ID_SIZE: Final = 32
MAX_TRANSFER: Final = 1 << 20
"""More than any driver asks for at once."""

_submit = codec_of(Submit)
_submitted = codec_of(Submitted)
_setup = codec_of(Setup)


class BadConnection(Exception):
    """The other end does not speak USB/IP, or not this version."""


class UsbIpConnection:
    """What one host asks for.

    Attributes:
        has_device: it has imported the phone, which is on its bus now.
        is_over: everything is said; the connection is to be closed when the rest is sent.
    """

    def __init__(self, device: UsbDevice, is_free: Callable[[], bool] = lambda: True) -> None:
        self._device = device
        self._is_free = is_free
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self.has_device = False
        self.is_over = False

    def outgoing(self) -> bytes:
        """What is to be sent to the host, once."""
        if self.has_device:
            self._deliver()
        data = b"".join(self._out)
        self._out.clear()
        return data

    def receive(self, data: bytes) -> None:
        """Bytes of the host; BadConnection when they make no sense."""
        self._buffer += data
        while not self.is_over and (self._transfer() if self.has_device else self._operation()):
            pass

    # ------------------------------------------------------------------------------- before the import

    def _operation(self) -> bool:
        if len(self._buffer) < _HEAD_SIZE:
            return False
        head = codec_of(OperationHead).parse(bytes(self._buffer[:_HEAD_SIZE]))
        if head.version != VERSION:
            raise BadConnection(f"USB/IP version {VERSION:#06x} is spoken here, not {head.version:#06x}")
        if head.code == Operation.LIST:
            self._answer(Operation.LISTED, ListedCount(1), self._entry())
            self._out += [bytes((COMMUNICATIONS, 0, 0, 0))] * self._device.interfaces
            self.is_over = True
            return True
        if head.code != Operation.IMPORT:
            raise BadConnection(f"nothing is known here of operation {head.code:#06x}")
        if len(self._buffer) < _HEAD_SIZE + _BUS_ID_SIZE:
            return False
        wanted = codec_of(ImportWanted).parse(bytes(self._buffer[_HEAD_SIZE : _HEAD_SIZE + _BUS_ID_SIZE]))
        del self._buffer[: _HEAD_SIZE + _BUS_ID_SIZE]
        if wanted.busid == BUS_ID and self._is_free():
            self._device.reset()
            self.has_device = True
            self._answer(Operation.IMPORTED, self._entry())
        else:
            refusal = Refusal.BUSY if wanted.busid == BUS_ID else Refusal.NO_DEVICE
            self._answer(Operation.IMPORTED, status=refusal)
            self.is_over = True
        return True

    def _answer(self, operation: Operation, *parts: tuple[Any, ...], status: Refusal = Refusal.NONE) -> None:
        for part in (OperationHead(VERSION, operation, status), *parts):
            self._out.append(codec_of(type(part)).build(part))

    def _entry(self) -> DeviceEntry:
        who, speed = self._device.identity, SPEED_NUMBERS[self._device.speed.value]
        numbers = (1, 1, speed, who.vendor, who.product, 0x0100, COMMUNICATIONS, 0, 0, 0, 1)
        return DeviceEntry(f"/emulated/{BUS_ID}", BUS_ID, *numbers, self._device.interfaces)

    # -------------------------------------------------------------------------------- after the import

    def _transfer(self) -> bool:
        if len(self._buffer) < HEADER_SIZE:
            return False
        header = bytes(self._buffer[:HEADER_SIZE])
        head = _submit.parse(header)
        if head.command == Command.UNLINK:
            self._unlink(codec_of(Unlink).parse(header))
            del self._buffer[:HEADER_SIZE]
            return True
        if head.command != Command.SUBMIT or not 0 <= head.length <= MAX_TRANSFER:
            raise BadConnection(f"nothing is known here of command {head.command} with {head.length} bytes")
        size = HEADER_SIZE + (0 if head.direction else head.length)
        if len(self._buffer) < size:
            return False
        data = bytes(self._buffer[HEADER_SIZE:size])
        del self._buffer[:size]
        if head.endpoint == 0:
            self._control(head, data)
        elif head.direction:
            self._read(head)
        else:
            self._write(head, data)
        return True

    def _control(self, head: Submit, data: bytes) -> None:
        try:
            answer = self._device.control(_setup.parse(head.setup), data)
        except Stall:
            self._end(head.number, status=-EPIPE)
        else:
            self._end(head.number, length=len(answer) if head.direction else head.length, data=answer)
        for address in self._device.halted & set(self._device.inward):
            for number in self._device.inward[address].abort():
                self._end(number, status=-EPIPE)

    def _read(self, head: Submit) -> None:
        address = head.endpoint | IN
        endpoint = self._device.inward.get(address)
        if endpoint is None or address in self._device.halted:
            self._end(head.number, status=-EPIPE)
        else:
            endpoint.read(head.number, head.length)

    def _write(self, head: Submit, data: bytes) -> None:
        try:
            self._device.receive(head.endpoint, data)
        except Stall:
            self._end(head.number, status=-EPIPE)
        else:
            self._end(head.number, length=len(data))

    def _unlink(self, head: Unlink) -> None:
        was_waiting = any(endpoint.cancel(head.victim) for endpoint in self._device.inward.values())
        status = -ECONNRESET if was_waiting else 0
        answer = Unlinked(Command.UNLINKED, head.number, 0, 0, 0, status, bytes(24))
        self._out.append(codec_of(Unlinked).build(answer))

    def _deliver(self) -> None:
        for endpoint in self._device.inward.values():
            for number, data in endpoint.delivered():
                self._end(number, length=len(data), data=data)

    def _end(self, number: int, *, status: int = 0, length: int = 0, data: bytes = b"") -> None:
        answer = Submitted(Command.SUBMITTED, number, 0, 0, 0, status, length, 0, 0, 0, bytes(8))
        self._out.append(_submitted.build(answer))
        if data:
            self._out.append(data)
