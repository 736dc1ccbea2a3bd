"""What the phone shows of itself and how it answers requests."""

from __future__ import annotations

import struct

import pytest

from device_agent.emulator.usb.bus import Speed
from device_agent.emulator.usb.device import Stall, UsbDevice
from device_agent.emulator.usb.modem import Modem
from device_agent.emulator.usb.pc_suite import AGENT, MODEM, identity_for
from device_agent.emulator.usb.requests import Setup


def device(speed: Speed = Speed.FULL, serial: str = "") -> UsbDevice:
    return UsbDevice(identity_for(speed, "Emulated", serial), speed)


def ask(it: UsbDevice, kind: int, request: int, value: int = 0, about: int = 0, length: int = 4096) -> bytes:
    return it.control(Setup(kind, request, value, about, length), b"")


def descriptor(it: UsbDevice, kind: int, index: int = 0) -> bytes:
    return ask(it, 0x80, 6, kind << 8 | index)


def split(configuration: bytes) -> list[bytes]:
    found = []
    while configuration:
        found.append(configuration[: configuration[0]])
        configuration = configuration[configuration[0] :]
    return found


def text(it: UsbDevice, index: int) -> str:
    said = descriptor(it, 3, index)
    assert (said[0], said[1]) == (len(said), 3)
    return said[2:].decode("utf-16-le")


def test_the_device_descriptor_of_an_e70() -> None:
    expected = "12 01 0002 02 00 00 40 2104 1804 0001 01 02 00 01"
    assert descriptor(device(), 1) == bytes.fromhex(expected.replace(" ", ""))


def test_the_device_descriptor_at_high_speed() -> None:
    expected = "12 01 0002 02 00 00 40 2104 0203 0001 01 02 03 01"
    it = device(Speed.HIGH, serial="0044")
    assert descriptor(it, 1) == bytes.fromhex(expected.replace(" ", ""))
    assert descriptor(it, 6) == bytes.fromhex("0a060002020000400100")
    with pytest.raises(Stall):
        descriptor(device(), 6)  # at full speed there is no other speed to tell of
    assert (text(it, 1), text(it, 2), text(it, 3)) == ("Nokia", "Emulated", "0044")
    assert descriptor(it, 3) == bytes.fromhex("04030904")


@pytest.mark.parametrize(("speed", "packet"), [(Speed.FULL, 64), (Speed.HIGH, 512)])
def test_the_configuration_is_whole(speed: Speed, packet: int) -> None:
    whole = descriptor(device(speed), 2)
    head, *parts = split(whole)
    assert struct.unpack("<BBHBBBBB", head)[:5] == (9, 2, len(whole), 16, 1)
    interfaces = [part for part in parts if part[1] == 4]
    endpoints = [part for part in parts if part[1] == 5]
    assert {part[2] for part in interfaces} == set(range(16))
    assert sum(part[4] for part in interfaces) == len(endpoints)
    assert len({part[2] for part in endpoints}) == len(endpoints)
    assert {struct.unpack("<H", part[4:6])[0] for part in endpoints if part[3] == 2} == {packet}


def test_the_serial_functions() -> None:
    parts = split(descriptor(device(), 2))
    controls = [index for index, part in enumerate(parts) if part[1] == 4 and part[5:7] == bytes((2, 2))]
    described = []
    for index in controls:
        union, interrupt = parts[index + 3], parts[index + 4]
        assert parts[index + 2] == bytes((4, 0x24, 2, 0x0F))
        assert union[:3] == bytes((5, 0x24, 6))
        described.append((parts[index][2], parts[index][7], union[4], interrupt[2]))
    assert described == [(12, 1, 13, 0x84), (14, 255, 15, 0x85)]


def test_what_is_longer_than_asked_for_is_cut() -> None:
    assert len(ask(device(), 0x80, 6, 0x0200, length=9)) == 9


@pytest.mark.parametrize(
    ("kind", "request_number", "value", "about"),
    [
        (0x80, 6, 0x0201, 0),  # a second configuration
        (0x80, 6, 0x0363, 0),  # a text that there is not
        (0x80, 6, 0x2200, 0),  # a report of an input device
        (0x80, 99, 0, 0),
        (0x81, 10, 0, 16),  # an interface that there is not
        (0xA1, 0x21, 0, 3),  # line coding of no serial function
        (0x02, 3, 1, 0x8E),  # no feature of an endpoint
        (0x40, 99, 0, 0),
        (0x60, 0, 0, 0),
    ],
)
def test_what_the_phone_does_not_know_stalls(kind: int, request_number: int, value: int, about: int) -> None:
    with pytest.raises(Stall):
        ask(device(), kind, request_number, value, about)


def test_settings_are_kept_until_it_is_unplugged() -> None:
    it = device()
    ask(it, 0x00, 9, 1)
    ask(it, 0x01, 11, 1, 7)
    it.control(Setup(0x21, 0x20, 0, 14, 7), b"\x00\x4b\x00\x00\x00\x00\x08")
    assert ask(it, 0x80, 8) == b"\1"
    assert ask(it, 0x81, 10, 0, 7) == b"\1"
    assert ask(it, 0xA1, 0x21, 0, 14) == b"\x00\x4b\x00\x00\x00\x00\x08"
    assert ask(it, 0xA1, 0x21, 0, 12) == b"\x00\xc2\x01\x00\x00\x00\x08"
    assert (ask(it, 0x80, 0), ask(it, 0x81, 0, 0, 3)) == (b"\1\0", b"\0\0")
    it.reset()
    assert (ask(it, 0x80, 8), ask(it, 0x81, 10, 0, 7)) == (b"\0", b"\0")


def test_an_endpoint_stalls_until_that_is_cleared() -> None:
    it = device()
    ask(it, 0x02, 3, 0, AGENT.outward)
    assert ask(it, 0x82, 0, 0, AGENT.outward) == b"\1\0"
    with pytest.raises(Stall):
        it.receive(AGENT.outward, b"lost")
    ask(it, 0x02, 1, 0, AGENT.outward)
    assert ask(it, 0x82, 0, 0, AGENT.outward) == b"\0\0"
    it.receive(AGENT.outward, b"heard")
    assert it.received == b"heard"
    with pytest.raises(Stall):
        it.receive(0x01, b"there is no such endpoint")


def test_its_lines_follow_the_hosts() -> None:
    it = device()
    for number, lines, state in [(1, 3, 3), (2, 0, 0)]:
        ask(it, 0x21, 0x22, lines, 14)
        it.inward[AGENT.interrupt].read(number, 64)
        said = [data for _, data in it.inward[AGENT.interrupt].delivered()]
        assert said == [bytes((0xA1, 0x20, 0, 0, 14, 0, 2, 0, state, 0))]


def test_the_modem_answers_on_its_own_function() -> None:
    it = device()
    it.receive(MODEM.outward, b"AT\r")
    it.receive(MODEM.outward, b"")
    it.inward[MODEM.inward].read(1, 64)
    it.inward[MODEM.inward].read(2, 64)
    assert [data for _, data in it.inward[MODEM.inward].delivered()] == [b"AT\r\r\nOK\r\n"]
    assert not it.received


def test_a_modem_that_was_plugged_in_again_knows_nothing_of_half_a_line() -> None:
    it = device()
    it.receive(MODEM.outward, b"xx")
    it.reset()
    it.receive(MODEM.outward, b"AT\r")
    it.inward[MODEM.inward].read(1, 64)
    assert [data for _, data in it.inward[MODEM.inward].delivered()] == [b"AT\r\r\nOK\r\n"]


def test_a_modem() -> None:
    modem = Modem("N8")
    assert modem.answer(b"AT+C") == b"AT+C"
    assert modem.answer(b"GMM\rfoo\r\r") == b"GMM\rfoo\r\r\r\nN8\r\n\r\nOK\r\n\r\nERROR\r\n"
