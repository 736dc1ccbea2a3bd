"""The host's side of USB/IP, written apart from the emulated handset's: asking for a device, and its transfers."""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

VERSION = 0x0111
REQUEST_LIST, REQUEST_IMPORT, ANSWER_LIST, ANSWER_IMPORT = 0x8005, 0x8003, 0x0005, 0x0003
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
DEVICE = struct.Struct(">256s32sIIIHHHBBBBBB")
_SUBMIT = struct.Struct(">IIIIIIiiii8s")
_UNLINK = struct.Struct(">IIIIII24x")
_ANSWER = struct.Struct(">IIIIIi24s")


class Imported(NamedTuple):
    """A connection over which a device's transfers pass now, and what is known of the device."""

    link: socket.socket
    bus: int
    device: int
    speed: int
    vendor: int
    product: int


class Refused(Exception):
    """The device cannot be had; the status is USB/IP's."""


def connect(where: str) -> socket.socket:
    """To `usbip:HOST:PORT`, as an emulated handset says where it is."""
    _, host, port = where.split(":")
    link = socket.create_connection((host, int(port)))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def receive(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            raise EOFError(f"the connection ended after {len(data)} of {count} bytes")
        data += more
    return data


def import_device(where: str, busid: str = "1-1") -> Imported:
    link = connect(where)
    link.sendall(struct.pack(">HHI32s", VERSION, REQUEST_IMPORT, 0, busid.encode()))
    version, code, status = struct.unpack(">HHI", receive(link, 8))
    assert (version, code) == (VERSION, ANSWER_IMPORT)
    if status:
        link.close()
        raise Refused(status)
    _path, _busid, bus, device, speed, vendor, product, *_ = DEVICE.unpack(receive(link, DEVICE.size))
    return Imported(link, bus, device, speed, vendor, product)


def list_devices(where: str) -> tuple[int, bytes]:
    """How many devices there are, and all that is said of them."""
    with connect(where) as link:
        link.sendall(struct.pack(">HHI", VERSION, REQUEST_LIST, 0))
        version, code, status, count = struct.unpack(">HHII", receive(link, 12))
        assert (version, code, status) == (VERSION, ANSWER_LIST, 0)
        described = b""
        while more := link.recv(65536):
            described += more
        return count, described


class Answer(NamedTuple):
    """How a transfer came out: 0 or a negative errno, what came in, and how much went over."""

    command: int
    status: int
    data: bytes = b""
    length: int = 0


class Host:
    """What a kernel does with a device that it has imported."""

    def __init__(self, imported: Imported) -> None:
        self.link = imported.link
        self._numbers = 0
        self._towards_host: set[int] = set()
        self._answers: dict[int, Answer] = {}

    def read(self, address: int, length: int) -> int:
        """Start a transfer towards the host; its number."""
        return self._submit(address & 0x7F, 1, length)

    def write(self, address: int, data: bytes) -> int:
        """Start one to the device; its number."""
        return self._submit(address, 0, len(data), data)

    def control(
        self, kind: int, request: int, value: int = 0, index: int = 0, length: int = 0, data: bytes = b""
    ) -> Answer:
        """A control request and how it came out."""
        setup = struct.pack("<BBHHH", kind, request, value, index, length or len(data))
        return self.answer(self._submit(0, kind >> 7, length or len(data), data, setup))

    def unlink(self, victim: int) -> Answer:
        self._numbers += 1
        self.link.sendall(_UNLINK.pack(UNLINK, self._numbers, 0x10001, 0, 0, victim))
        return self.answer(self._numbers)

    def _submit(self, endpoint: int, direction: int, length: int, data: bytes = b"", setup: bytes = b"") -> int:
        self._numbers += 1
        if direction:
            self._towards_host.add(self._numbers)
        head = _SUBMIT.pack(SUBMIT, self._numbers, 0x10001, direction, endpoint, 0, length, 0, 0, 0, setup)
        self.link.sendall(head + data)
        return self._numbers

    def answer(self, number: int) -> Answer:
        """Wait for the answer to a transfer; those of others are kept."""
        while number not in self._answers:
            command, which, _device, _direction, _endpoint, status, rest = _ANSWER.unpack(
                receive(self.link, _ANSWER.size)
            )
            length = struct.unpack_from(">i", rest)[0] if command == SUBMITTED else 0
            data = receive(self.link, length) if which in self._towards_host else b""
            self._answers[which] = Answer(command, status, data, length)
        return self._answers.pop(number)

    def has_answer(self, number: int) -> bool:
        """Whether an answer has come while others were waited for."""
        return number in self._answers

    def close(self) -> None:
        self.link.close()
