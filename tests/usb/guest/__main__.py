"""`make test-usb`: tests/usb on a real kernel's USB stack, here where it has one, else in a guest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

from tests.usb.guest import boot, initramfs, kernel
from tests.usb.guest.packages import CannotPrepare, install, say

ROOT: Final = Path(__file__).parents[3]
CACHE: Final = ROOT / "build" / "usb"
VHCI: Final = Path("/sys/devices/platform/vhci_hcd.0")
FLAG: Final = "SYMHIL_USB_KERNEL"
TIMEOUT_S: Final = 1800.0
"""A last bound, for a machine with much else to do; each test has its own in the guest's time."""
COMPILED: Final = ("wire", "harness", "device_agent")


def main() -> int:
    """Run them and say how it went. What follows on the command line is pytest's."""
    os.chdir(ROOT)
    try:
        return _directly() if _has_usb() else _in_guest()
    except (CannotPrepare, boot.GuestFailed) as problem:
        say(f"FAILED: {problem}")
        return 1


def _has_usb() -> bool:
    """Whether devices can be attached to this machine's own kernel, by us. In the guest they can."""
    if os.geteuid() != 0:
        return False
    if shutil.which("modprobe"):
        subprocess.run(["modprobe", "-qa", "vhci-hcd", "cdc-acm"], capture_output=True, check=False)
    return VHCI.is_dir() and Path("/sys/bus/usb/drivers/cdc_acm").is_dir()


def _directly() -> int:
    results = (boot.OUT if boot.OUT.is_dir() else _out_folder()) / "junit.xml"
    results.unlink(missing_ok=True)
    # In their order, and without the plugins that nobody here uses: the guest's CPU is slow.
    quiet = [f"-pno:{plugin}" for plugin in ("randomly", "hypothesispytest", "cacheprovider", "xdist")]
    command = [sys.executable, "-m", "pytest", "tests/usb", "--ignore=tests/usb/guest", "--color=no", *quiet]
    command += [*sys.argv[1:], f"--junitxml={results}"]
    code = subprocess.run(command, env={**os.environ, FLAG: "1"}, check=False).returncode
    if problem := incomplete(results):
        say(f"FAILED: {problem}")
        return code or 1
    return code


def _in_guest() -> int:
    started = time.monotonic()
    out = _out_folder()
    install()
    chosen = kernel.unpacked(CACHE)
    image = CACHE / "initramfs"
    initramfs.write(chosen.modules, image)
    # The guest can keep no bytecode, and its CPU takes seconds to compile.
    subprocess.run([sys.executable, "-m", "compileall", "-qq", *COMPILED], check=False)
    say(f"booting Debian's {chosen.release} in software emulation")
    command = [sys.executable, "-m", "tests.usb.guest", *sys.argv[1:]]
    code = boot.run(chosen, image, command, out, timeout_s=TIMEOUT_S)
    say(f"exit code {code} after {time.monotonic() - started:.0f} s; this run's files: {out.relative_to(ROOT)}")
    return code


def _out_folder() -> Path:
    folder = CACHE / "out"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def incomplete(results: Path) -> str:
    """What makes a run worthless although nothing failed in it: a test that was skipped has not been made."""
    try:
        cases = ET.parse(results).getroot().findall(".//testcase")
    except (OSError, ET.ParseError) as error:
        return f"there are no results: {error}"
    skipped = [case.get("name", "") for case in cases if case.find("skipped") is not None]
    if skipped:
        return f"skipped, where nothing may be: {', '.join(skipped)}"
    return "" if cases else "not one test has run"


if __name__ == "__main__":
    sys.exit(main())
