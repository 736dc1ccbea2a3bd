"""The bytes of USB/IP, and an emulated handset that is served over it, in a process of its own."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator

import pytest

from device_agent.emulator.ports import PortClosed
from device_agent.emulator.usb.bus import Speed
from device_agent.emulator.usb.connection import BadConnection, UsbIpConnection
from device_agent.emulator.usb.device import UsbDevice
from device_agent.emulator.usb.pc_suite import AGENT, MODEM, identity_for
from device_agent.emulator.usb.port import MAX_CONNECTIONS, UsbIpPort
from harness.emulated import EmulatedHandset
from tests.usb.client import (
    SUBMITTED,
    UNLINKED,
    Host,
    Refused,
    connect,
    import_device,
    list_devices,
)
from wire.protocol.handshake import USB, make_hello
from wire.protocol.host_link import HostLink
from wire.protocol.link import LinkState
from wire.protocol.messages import fingerprint

EPIPE, ECONNRESET = 32, 104


def device() -> UsbDevice:
    return UsbDevice(identity_for(Speed.FULL, "Emulated"), Speed.FULL)


def imported(it: UsbDevice) -> UsbIpConnection:
    connection = UsbIpConnection(it)
    connection.receive(bytes.fromhex("0111800300000000") + b"1-1".ljust(32, b"\0"))
    assert len(connection.outgoing()) == 8 + 312
    return connection


class TestBytes:
    """As the kernel's Documentation/usb/usbip_protocol.rst draws them."""

    def test_the_list(self) -> None:
        connection = UsbIpConnection(device())
        connection.receive(bytes.fromhex("0111800500000000"))
        said = connection.outgoing()
        assert said[:12] == bytes.fromhex("011100050000000000000001")
        assert said[12:268].rstrip(b"\0") == b"/emulated/1-1"
        assert said[268:300].rstrip(b"\0") == b"1-1"
        assert said[300:324] == bytes.fromhex("00000001000000010000000204210418010002000000 0110".replace(" ", ""))
        assert said[324:] == bytes.fromhex("02000000") * 16
        assert connection.is_over

    def test_a_transfer_to_the_host_and_one_from_it(self) -> None:
        it = device()
        connection = imported(it)
        submit = "00000001 00000d05 00010001 00000001 0000000e 00000200 00000040 00000000 00000000 00000000"
        connection.receive(bytes.fromhex(submit) + bytes(8))
        assert connection.outgoing() == b""
        it.send(b"hello")
        answer = "00000003 00000d05 00000000 00000000 00000000 00000000 00000005 00000000 00000000 00000000"
        assert connection.outgoing() == bytes.fromhex(answer) + bytes(8) + b"hello"

        submit = "00000001 00000d06 00010001 00000000 0000000f 00000000 00000003 00000000 ffffffff 00000000"
        connection.receive(bytes.fromhex(submit) + bytes(8) + b"abc")
        answer = "00000003 00000d06 00000000 00000000 00000000 00000000 00000003 00000000 00000000 00000000"
        assert connection.outgoing() == bytes.fromhex(answer) + bytes(8)
        assert it.received == b"abc"

    def test_a_transfer_is_given_up(self) -> None:
        connection = imported(device())
        submit = "00000001 00000d05 00010001 00000001 0000000e 00000200 00000040 00000000 00000000 00000000"
        connection.receive(bytes.fromhex(submit) + bytes(8))
        unlink = "00000002 00000d06 00010001 00000000 00000000 00000d05"
        connection.receive(bytes.fromhex(unlink) + bytes(24))
        assert connection.outgoing() == bytes.fromhex("00000004 00000d06" + "00" * 12 + "ffffff98") + bytes(24)
        connection.receive(bytes.fromhex(unlink) + bytes(24))
        assert connection.outgoing() == bytes.fromhex("00000004 00000d06" + "00" * 16) + bytes(24)

    def test_bytes_may_come_one_by_one(self) -> None:
        it = device()
        connection = UsbIpConnection(it)
        said = bytes.fromhex("0111800300000000") + b"1-1".ljust(32, b"\0")
        said += (
            bytes.fromhex("00000001 00000001 00010001 00000000 0000000f 00000000 00000003") + bytes(20) + b"abc"
        )
        for byte in said:
            connection.receive(bytes((byte,)))
        assert it.received == b"abc"

    @pytest.mark.parametrize("said", ["0106800500000000", "0111800700000000", "47455420 2f204854"])
    def test_what_is_no_usbip(self, said: str) -> None:
        with pytest.raises(BadConnection):
            UsbIpConnection(device()).receive(bytes.fromhex(said))

    @pytest.mark.parametrize(
        "said",
        [
            "00000009 00000001 00010001 00000000 0000000f 00000000 00000003",
            "00000001 00000001 00010001 00000000 0000000f 00000000 7fffffff",
            "00000001 00000001 00010001 00000001 0000000e 00000000 ffffffff",
        ],
    )
    def test_what_no_kernel_says(self, said: str) -> None:
        with pytest.raises(BadConnection):
            imported(device()).receive(bytes.fromhex(said) + bytes(20))


@pytest.fixture(scope="module")
def handset() -> Iterator[EmulatedHandset]:
    with EmulatedHandset(options=("--usbip", "0")) as running:
        yield running


@pytest.fixture
def host(handset: EmulatedHandset) -> Iterator[Host]:
    made = Host(import_device(handset.where))
    assert made.control(0x00, 9, 1).status == 0
    yield made
    made.close()


class TestHandset:
    """An emulated handset as its own process, and a host that is no kernel."""

    def test_it_is_listed(self, handset: EmulatedHandset) -> None:
        count, described = list_devices(handset.where)
        assert count == 1
        assert b"1-1\0" in described

    def test_the_agent_answers_on_its_endpoints(self, host: Host) -> None:
        hello = make_hello(USB, fingerprint=fingerprint(), build="test", product="PC", nonce=1)
        link = HostLink(hello)
        while link.state is LinkState.CONNECTING:
            for data in link.outgoing(time.monotonic()):
                host.write(AGENT.outward, data)
            link.receive(host.answer(host.read(AGENT.inward, 4096)).data, time.monotonic())
        assert link.state is LinkState.OPEN
        assert link.other is not None
        assert "emulated" in link.other.build

    def test_a_stall_ends_what_waits_and_what_comes(self, host: Host) -> None:
        waiting = host.read(MODEM.inward, 64)
        assert host.control(0x40, 1, about := 0, MODEM.inward).status == about
        assert host.answer(waiting).status == -EPIPE
        assert host.answer(host.read(MODEM.inward, 64)).status == -EPIPE
        assert host.control(0x02, 1, 0, MODEM.inward).status == 0
        waiting = host.read(MODEM.inward, 64)
        host.write(MODEM.outward, b"AT\r")
        assert host.answer(waiting).data.endswith(b"OK\r\n")
        assert host.control(0x40, 1, 0, MODEM.outward).status == 0
        assert host.answer(host.write(MODEM.outward, b"AT\r")).status == -EPIPE

    def test_a_request_that_it_does_not_know(self, host: Host) -> None:
        assert host.control(0xC0, 77, length=4).status == -EPIPE

    def test_a_full_packet_is_followed_by_an_empty_one(self, host: Host) -> None:
        reads = [host.read(MODEM.inward, 64) for _ in range(3)]
        host.write(MODEM.outward, b"x" * 128)
        answers = [host.answer(number) for number in reads]
        assert [answer.data for answer in answers] == [b"x" * 64, b"x" * 64, b""]
        assert {answer.command for answer in answers} == {SUBMITTED}

    def test_a_read_is_given_up(self, host: Host) -> None:
        number = host.read(AGENT.inward, 64)
        answer = host.unlink(number)
        assert (answer.command, answer.status) == (UNLINKED, -ECONNRESET)
        assert not host.has_answer(number)

    def test_one_host_at_a_time(self, handset: EmulatedHandset, host: Host) -> None:
        with pytest.raises(Refused, match="2"):
            import_device(handset.where)
        assert host.control(0x80, 8, length=1).data == b"\1"

    def test_there_is_one_device(self, handset: EmulatedHandset) -> None:
        with pytest.raises(Refused, match="4"):
            import_device(handset.where, "2-1")

    def test_it_unplugs_itself_and_can_be_plugged_in_again(self, handset: EmulatedHandset, host: Host) -> None:
        assert host.control(0x40, 2).status == 0
        # The request may be on its way when the other end goes: then the line is reset instead of ended.
        with pytest.raises((EOFError, ConnectionError)):
            host.answer(host.read(AGENT.inward, 64))
        again = Host(import_device(handset.where))
        assert again.control(0x80, 8, length=1).data == b"\0"  # not configured: it is new on the bus
        again.close()

    def test_nonsense_ends_the_connection_and_nothing_else(self, handset: EmulatedHandset, host: Host) -> None:
        with connect(handset.where) as stranger:
            stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert stranger.recv(100) == b""
        assert host.control(0x80, 8, length=1).data == b"\1"


class TestPort:
    def test_what_the_agent_says_to_nobody_is_lost(self) -> None:
        port = UsbIpPort(device())
        assert port.exchange([b"nobody hears this"], 0) == b""
        port.close()

    def test_unplugging_is_told(self) -> None:
        port = UsbIpPort(device())
        link = connect(port.where)
        link.sendall(bytes.fromhex("0111800300000000") + b"1-1".ljust(32, b"\0"))
        while not select.select([link], [], [], 0)[0]:
            port.exchange([], 0.1)
        link.close()
        with pytest.raises(PortClosed):
            port.exchange([], 10)
        assert port.exchange([], 0) == b""
        port.close()

    def test_too_many_hosts(self) -> None:
        port = UsbIpPort(device())
        links = [connect(port.where) for _ in range(MAX_CONNECTIONS + 1)]
        for _ in links:
            port.exchange([], 0)
        assert links[-1].recv(1) == b""
        for link in links:
            link.close()
        port.close()
