"""What is plugged in and out, as the kernel tells it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.lab.watch import Event, follow, read_event, start_monitor

PORT = {
    "SUBSYSTEM": "tty",
    "DEVNAME": "/dev/ttyACM1",
    "ID_VENDOR": "Nokia",
    "ID_MODEL": "N8-00",
    "ID_USB_INTERFACE_NUM": "03",
}
PHONE = {"SUBSYSTEM": "usb", "DEVTYPE": "usb_device", "PRODUCT": "421/2fe/100"}


class Kernel:
    """Events in a row, then silence."""

    def __init__(self, *events: tuple[str, dict[str, str]]) -> None:
        self._events = [SimpleNamespace(action=action, properties=properties) for action, properties in events]

    def poll(self, timeout: float | None = None) -> Any:
        return self._events.pop(0) if self._events else None


def test_ports_and_phones_are_told_and_others_are_not() -> None:
    events = list(
        follow(
            Kernel(
                ("add", PHONE),
                ("bind", PHONE),
                ("add", PORT),
                ("add", {"SUBSYSTEM": "usb", "PRODUCT": "46d/c52b/1211"}),
                ("remove", {**PORT, "ID_MODEL": "356938035643809"}),
            )
        )
    )
    assert [str(event) for event in events[:2]] == [
        "plugged in -                phone 0421:02fe",
        "plugged in /dev/ttyACM1     Nokia N8-00, interface 03",
    ]
    assert events[2].action == "remove"
    assert "356938035643809" not in str(events[2])
    assert len(events) == 3


@given(st.text(max_size=8), st.dictionaries(st.sampled_from([*PORT, *PHONE]), st.text(max_size=20)))
def test_whatever_the_kernel_says_is_an_event_or_nothing(action: str, properties: dict[str, str]) -> None:
    assert isinstance(read_event(action, properties), Event | None)


def test_a_real_event_of_the_kernel() -> None:
    """The kernel is asked to tell of a port once more."""
    pytest.importorskip("pyudev", reason="the extra hotplug is not installed")
    ports = sorted(Path("/sys/class/tty").glob("tty*/uevent"))
    monitor = start_monitor("kernel")
    try:
        ports[-1].write_text("change")
    except (OSError, IndexError):
        pytest.skip("this machine does not let us ask the kernel for an event")
    event = next(follow(monitor, timeout_s=0.5), None)
    if event is None:
        pytest.skip("this machine shows us no events of the kernel")
    assert event == Event("change", "serial port", f"/dev/{ports[-1].parent.name}")
