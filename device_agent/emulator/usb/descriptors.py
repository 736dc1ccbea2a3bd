"""Layouts of USB's descriptors, and what makes a configuration of them (USB 2.0, chapter 9)."""

from __future__ import annotations

from typing import Final, NamedTuple

from wire.layout import U8, U16, codec_of

DEVICE: Final = 1
CONFIGURATION: Final = 2
STRING: Final = 3
INTERFACE: Final = 4
ENDPOINT: Final = 5
DEVICE_QUALIFIER: Final = 6
CS_INTERFACE: Final = 0x24

IN: Final = 0x80
"""Of an endpoint's address: towards the host."""
BULK: Final = 2
INTERRUPT: Final = 3
ENGLISH: Final = 0x0409
SELF_POWERED: Final = 0xC0


class DeviceDescriptor(NamedTuple):
    """What a device is."""

    length: U8
    kind: U8
    usb_version: U16
    device_class: U8
    subclass: U8
    protocol: U8
    packet_size_0: U8
    vendor: U16
    product: U16
    version: U16
    manufacturer_text: U8
    product_text: U8
    serial_text: U8
    configurations: U8


class DeviceQualifier(NamedTuple):
    """What a high-speed device would be at full speed."""

    length: U8
    kind: U8
    usb_version: U16
    device_class: U8
    subclass: U8
    protocol: U8
    packet_size_0: U8
    configurations: U8
    reserved: U8


class ConfigurationDescriptor(NamedTuple):
    """Heads a configuration."""

    length: U8
    kind: U8
    total_length: U16
    interfaces: U8
    value: U8
    text: U8
    attributes: U8
    max_power: U8


class InterfaceDescriptor(NamedTuple):
    """One setting of an interface."""

    length: U8
    kind: U8
    number: U8
    alternate: U8
    endpoints: U8
    interface_class: U8
    subclass: U8
    protocol: U8
    text: U8


class EndpointDescriptor(NamedTuple):
    """One endpoint of the interface before it."""

    length: U8
    kind: U8
    address: U8
    attributes: U8
    packet_size: U16
    interval: U8


class Configuration:
    """One configuration, in the order in which it is described.

    Attributes:
        interfaces: the numbers of its interfaces.
        endpoints: address -> number of the interface it belongs to.
        texts: those that descriptors refer to, counted from 1.
        packet_sizes: address -> how much one packet holds.
    """

    def __init__(self, texts: tuple[str, ...], *, bulk_packet: int, interrupt_interval: int) -> None:
        self.interfaces: set[int] = set()
        self.endpoints: dict[int, int] = {}
        self.packet_sizes: dict[int, int] = {}
        self.texts = list(texts)
        self._bulk_packet = bulk_packet
        self._interrupt_interval = interrupt_interval
        self._body = bytearray()
        self._at = 0

    def text(self, text: str) -> int:
        """The number under which a text can be read; 0 for none."""
        if not text:
            return 0
        self.texts.append(text)
        return len(self.texts)

    def interface(
        self, number: int, kind: tuple[int, int, int], *, alternate: int = 0, endpoints: int = 0, text: str = ""
    ) -> None:
        """An interface; what belongs to it follows. `kind` is class, subclass and protocol."""
        self.interfaces.add(number)
        self._at = number
        self._body += codec_of(InterfaceDescriptor).build(
            InterfaceDescriptor(9, INTERFACE, number, alternate, endpoints, *kind, self.text(text))
        )

    def functional(self, subtype: int, *values: int) -> None:
        """A functional descriptor of the communications class."""
        self._body += bytes((3 + len(values), CS_INTERFACE, subtype, *values))

    def bulk(self, *addresses: int) -> None:
        """Bulk endpoints."""
        for address in addresses:
            self._endpoint(address, BULK, self._bulk_packet, 0)

    def interrupt(self, address: int) -> None:
        """An interrupt endpoint."""
        self._endpoint(address, INTERRUPT, 64, self._interrupt_interval)

    def _endpoint(self, address: int, kind: int, packet_size: int, interval: int) -> None:
        self.endpoints[address] = self._at
        self.packet_sizes[address] = packet_size
        self._body += codec_of(EndpointDescriptor).build(
            EndpointDescriptor(7, ENDPOINT, address, kind, packet_size, interval)
        )

    def descriptor(self, text: int) -> bytes:
        """The whole of it."""
        length = 9 + len(self._body)
        head = ConfigurationDescriptor(9, CONFIGURATION, length, len(self.interfaces), 1, text, SELF_POWERED, 50)
        return codec_of(ConfigurationDescriptor).build(head) + bytes(self._body)


def text_descriptor(text: str) -> bytes:
    """A text as the host reads it."""
    return _string(text.encode("utf-16-le")[:252])


def languages_descriptor() -> bytes:
    """Which languages there are texts in."""
    return _string(ENGLISH.to_bytes(2, "little"))


def _string(data: bytes) -> bytes:
    return bytes((2 + len(data), STRING)) + data
