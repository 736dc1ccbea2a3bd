"""The serial transport on what cdc_acm makes of the phone."""

from __future__ import annotations

import os

import pytest
import serial

from harness.errors import LabUnavailable
from harness.handset import Handset
from harness.transport.serial import open_serial, profile_for
from tests.usb.conftest import PluggedPhone, as_nobody, measure
from wire.protocol.handshake import USB


def test_the_modem_answers(phone: PluggedPhone) -> None:
    with serial.Serial(phone.modem_tty(), timeout=30) as modem:
        modem.write(b"AT+CGMM\r")
        assert modem.read_until(b"OK\r\n").endswith(b"Emulated S60 handset\r\n\r\nOK\r\n")


def test_the_agents_port(phone: PluggedPhone) -> None:
    port = phone.agent_tty()
    assert profile_for(port) == USB
    with Handset.open(open_serial(port)) as handset:
        assert handset.info.model == "Emulated S60 handset"
    with Handset.open(open_serial(port)) as again:  # what was left in the port does no harm
        assert again.properties.mode().is_normal


def test_throughput(phone: PluggedPhone) -> None:
    with Handset.open(open_serial(phone.agent_tty())) as handset:
        measure(handset, "serial transport, cdc_acm")


def test_the_phones_lines_reach_the_port(phone: PluggedPhone) -> None:
    """They come as notifications over the interrupt endpoint, once the port is open."""
    with serial.Serial(phone.agent_tty()) as port:
        phone.events.wait_for(lambda: port.cd and port.dsr)
        port.dtr = False
        phone.events.wait_for(lambda: not port.cd and not port.dsr)


def test_no_permission(phone: PluggedPhone) -> None:
    port = phone.agent_tty()
    os.chmod(port, 0o600)
    with as_nobody(), pytest.raises(LabUnavailable, match=f"no permission to open {port}") as caught:
        open_serial(port)
    assert "dialout" in caught.value.hint


def test_a_port_in_use(phone: PluggedPhone) -> None:
    port = phone.agent_tty()
    transport = open_serial(port)
    with pytest.raises(LabUnavailable, match=f"{port} is in use by"):
        open_serial(port)
    transport.close()
    open_serial(port).close()


def test_a_stalled_endpoint(phone: PluggedPhone) -> None:
    """cdc_acm clears it; what was lost the link sends again."""
    with Handset.open(open_serial(phone.agent_tty())) as handset:
        phone.halt(0x8E)
        assert handset.properties.mode().is_normal
