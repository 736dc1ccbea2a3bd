"""The commands that docs/usb.md shows, with the tool that people have."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from harness.emulated import EmulatedHandset
from harness.handset import Handset
from harness.lab.discovery import attached_phones
from harness.transport.usb import open_usb
from harness.transport.usb_device import UsbAddress
from tests.usb.bus import KernelEvents

PAGE = Path(__file__).parents[2] / "docs" / "usb.md"


def test_listed_attached_and_detached(events: KernelEvents) -> None:
    commands = re.findall(r"^\$ (?:sudo )?(usbip .*)$", PAGE.read_text(), re.MULTILINE)
    assert [command.split()[1] for command in commands] == ["list", "attach", "detach", "attach"]
    with EmulatedHandset(options=("--usbip",)):
        for command in commands:
            done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
            if "list" in command:
                assert "(0421:0418)" in done.stdout
            elif "attach" in command:
                events.wait_for(attached_phones)
                with Handset.open(open_usb(UsbAddress(product=0x0418))) as handset:
                    assert handset.properties.mode().is_normal
            else:
                events.wait_for(lambda: not attached_phones())
    # The phone ended with its program.
    events.wait_for(lambda: not attached_phones())
