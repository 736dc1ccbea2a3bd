"""The phone as a USB device: what it answers to requests, and what is behind its endpoints."""

from __future__ import annotations

from typing import Final

from device_agent.emulator.usb.bus import Speed
from device_agent.emulator.usb.descriptors import (
    CONFIGURATION,
    DEVICE,
    DEVICE_QUALIFIER,
    IN,
    STRING,
    DeviceDescriptor,
    DeviceQualifier,
    languages_descriptor,
    text_descriptor,
)
from device_agent.emulator.usb.endpoints import InEndpoint
from device_agent.emulator.usb.modem import Modem
from device_agent.emulator.usb.pc_suite import AGENT, COMMUNICATIONS, MODEM, Identity, pc_suite
from device_agent.emulator.usb.requests import (
    DATA_TERMINAL_READY,
    ENDPOINT_HALT,
    TO_HOST,
    Concerns,
    Mischief,
    Serial,
    Setup,
    Standard,
)
from wire.layout import codec_of

_SERIAL_STATE: Final = bytes((0xA1, 0x20, 0, 0))  # a notification (CDC 1.1, 6.3.5)
_CARRIER_AND_READY: Final = 0x03
_115200_8N1: Final = (115200).to_bytes(4, "little") + bytes((0, 0, 8))
_SELF_POWERED: Final = b"\1\0"


class Stall(Exception):
    """The device refuses."""


class UsbDevice:
    """An S60 phone in PC Suite mode.

    Attributes:
        received: what came for the agent and was not taken yet.
        inward: endpoints towards the host, by their addresses.
        halted: endpoints that stall.
        wants_unplugging: it is to vanish from the bus.
    """

    def __init__(self, identity: Identity, speed: Speed) -> None:
        self.identity = identity
        self.speed = speed
        self.received = bytearray()
        self.halted: set[int] = set()
        self.wants_unplugging = False
        self._configuration = pc_suite(identity, speed)
        self._configuration_text = self._configuration.text("Bulk transfer method configuration")
        self.inward = {address: InEndpoint() for address in self._configuration.endpoints if address & IN}
        self._value = 0
        self._alternates: dict[int, int] = {}
        self._line_codings: dict[int, bytes] = {}
        self.reset()

    def reset(self) -> None:
        """As it is when it has just been plugged in."""
        self.wants_unplugging = False
        self._modem = Modem(self.identity.name)
        self._value = 0
        self._alternates = dict.fromkeys(self._configuration.interfaces, 0)
        self._line_codings = dict.fromkeys((MODEM.control, AGENT.control), _115200_8N1)
        self.halted.clear()
        self.received.clear()
        for endpoint in self.inward.values():
            endpoint.reset()

    @property
    def interfaces(self) -> int:
        """How many it has."""
        return len(self._configuration.interfaces)

    # ------------------------------------------------------------------------------------------- data

    def send(self, data: bytes) -> None:
        """What the agent has to say."""
        self.inward[AGENT.inward].send(data)

    def receive(self, address: int, data: bytes) -> None:
        """What the host sent to an endpoint; Stall when that refuses."""
        if address in self.halted or address not in self._configuration.endpoints:
            raise Stall
        if address == AGENT.outward:
            self.received += data
        elif address == MODEM.outward and data:
            self.inward[MODEM.inward].send(self._modem.answer(data))
        # Whatever is behind the other functions listens and is silent.

    # --------------------------------------------------------------------------------------- requests

    def control(self, setup: Setup, data: bytes) -> bytes:
        """Answer a request; Stall for what the phone does not know."""
        answer: bytes | None = None
        match setup.request_type & ~TO_HOST:
            case Concerns.DEVICE:
                answer = self._standard(setup)
            case Concerns.INTERFACE:
                answer = self._about_interface(setup)
            case Concerns.ENDPOINT:
                answer = self._about_endpoint(setup)
            case Concerns.CLASS_INTERFACE:
                answer = self._serial(setup, data)
            case Concerns.VENDOR_DEVICE:
                answer = self._mischief(setup)
        if answer is None:
            raise Stall
        return answer[: setup.length]

    def _standard(self, setup: Setup) -> bytes | None:
        match setup.request:
            case Standard.GET_DESCRIPTOR:
                return self._descriptor(setup.value >> 8, setup.value & 0xFF)
            case Standard.GET_STATUS:
                return _SELF_POWERED
            case Standard.GET_CONFIGURATION:
                return bytes((self._value,))
            case Standard.SET_CONFIGURATION:
                self._value = setup.value
                return b""
        return None

    def _descriptor(self, kind: int, index: int) -> bytes | None:
        who = self.identity
        if kind == DEVICE:
            texts = (1, 2, 3 if who.serial else 0)
            kind_and_size = (COMMUNICATIONS, 0, 0, 64)
            made = DeviceDescriptor(18, DEVICE, 0x0200, *kind_and_size, who.vendor, who.product, 0x0100, *texts, 1)
            return codec_of(DeviceDescriptor).build(made)
        if kind == DEVICE_QUALIFIER and self.speed is Speed.HIGH:
            other = DeviceQualifier(10, DEVICE_QUALIFIER, 0x0200, COMMUNICATIONS, 0, 0, 64, 1, 0)
            return codec_of(DeviceQualifier).build(other)
        if kind == CONFIGURATION and index == 0:
            return self._configuration.descriptor(self._configuration_text)
        if kind == STRING and index == 0:
            return languages_descriptor()
        if kind == STRING and index <= len(self._configuration.texts):
            return text_descriptor(self._configuration.texts[index - 1])
        return None

    def _about_interface(self, setup: Setup) -> bytes | None:
        if setup.about not in self._alternates:
            return None
        match setup.request:
            case Standard.GET_STATUS:
                return b"\0\0"
            case Standard.GET_INTERFACE:
                return bytes((self._alternates[setup.about],))
            case Standard.SET_INTERFACE:
                self._alternates[setup.about] = setup.value
                return b""
        return None

    def _about_endpoint(self, setup: Setup) -> bytes | None:
        address = setup.about & 0xFF
        is_halt = setup.value == ENDPOINT_HALT
        match setup.request:
            case Standard.GET_STATUS:
                return bytes((address in self.halted, 0))
            case Standard.CLEAR_FEATURE if is_halt:
                self.halted.discard(address)
                return b""
            case Standard.SET_FEATURE if is_halt:
                self.halted.add(address)
                return b""
        return None

    def _serial(self, setup: Setup, data: bytes) -> bytes | None:
        interface = setup.about
        if interface not in self._line_codings:
            return None
        match setup.request:
            case Serial.SET_LINE_CODING:
                self._line_codings[interface] = data
                return b""
            case Serial.GET_LINE_CODING:
                return self._line_codings[interface]
            case Serial.SET_CONTROL_LINE_STATE:
                self._tell_serial_state(interface, is_open=bool(setup.value & DATA_TERMINAL_READY))
                return b""
            case Serial.SEND_BREAK:
                return b""
        return None

    def _tell_serial_state(self, interface: int, *, is_open: bool) -> None:
        """The phone's lines follow the host's. Whether a handset says so is UNVERIFIED; its class source can."""
        function = AGENT if interface == AGENT.control else MODEM
        state = _CARRIER_AND_READY if is_open else 0
        said = _SERIAL_STATE + bytes((interface, 0, 2, 0, state, 0))
        # Only the latest state matters.
        self.inward[function.interrupt].replace(said)

    def _mischief(self, setup: Setup) -> bytes | None:
        match setup.request:
            case Mischief.HALT_ENDPOINT:
                self.halted.add(setup.about & 0xFF)
                return b""
            case Mischief.UNPLUG:
                self.wants_unplugging = True
                return b""
        return None
