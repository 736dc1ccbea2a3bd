"""Debian packages that the guest needs: installed by name, and named where they cannot be."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

PACKAGES: Final = ("qemu-system-x86", "busybox-static", "usbip")
KERNEL: Final = "linux-image-amd64"
"""A package without files of its own: it depends on the newest kernel."""

# Somebody else may be installing something just now.
_APT: Final = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=600")


class CannotPrepare(Exception):
    """What is missing on this machine, and what to do about it."""


def install() -> None:
    """Install what is missing of PACKAGES; CannotPrepare with the names when it cannot be."""
    missing = _missing()
    if not missing:
        return
    by_hand = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if platform.machine() != "x86_64" or shutil.which("apt-get") is None:
        raise CannotPrepare(f"this needs an x86-64 Debian with apt-get; missing: {', '.join(missing)}")
    if os.geteuid() != 0:
        raise CannotPrepare(f"missing packages: {', '.join(missing)}\n  -> as root: {by_hand}")
    say(f"installing {', '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("update",), ("install", "-y", "--no-install-recommends", *missing)):
        done = subprocess.run([*_APT, *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotPrepare(
                f"apt-get {command[0]} failed; missing packages: {', '.join(missing)}\n{done.stderr}\n"
                f"  -> try by hand: apt-get update && {by_hand}"
            )
    if still := _missing():
        raise CannotPrepare(f"apt-get says that it is done, but there is still no {', '.join(still)}")


def _missing() -> list[str]:
    if shutil.which("dpkg-query") is None:
        return list(PACKAGES)
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES]
    found = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
    return [name for name in PACKAGES if f"{name} installed" not in found]


def download_kernel(folder: Path) -> Path:
    """The newest kernel's package, downloaded and not installed: no boot loader, no hooks, nothing in /boot."""
    problem = ""
    for lists_are_fresh in (False, True):
        if lists_are_fresh:
            subprocess.run([*_APT, "update"], capture_output=True, check=False)
        name = _kernel_name()
        if not name:
            problem = f"apt-cache knows no {KERNEL}"
            continue
        say(f"downloading {name}")
        with tempfile.TemporaryDirectory(dir=folder) as there:
            command = ["apt-get", "-q", "download", name]
            done = subprocess.run(command, cwd=there, capture_output=True, text=True, check=False)
            packages = list(Path(there).glob("*.deb"))
            if done.returncode == 0 and packages:
                return packages[0].rename(folder / f"{name}.deb")
            problem = done.stderr
    raise CannotPrepare(
        f"the package {KERNEL} cannot be downloaded: {problem}\n"
        f"  -> see whether `apt-get update && apt-get download {KERNEL}` works here"
    )


def _kernel_name() -> str:
    listed = subprocess.run(["apt-cache", "depends", KERNEL], capture_output=True, text=True, check=False).stdout
    return next((line.split()[-1] for line in listed.splitlines() if "Depends: linux-image-" in line), "")


def say(what: str) -> None:
    """One line about what is done, at once."""
    sys.stdout.write(f"test-usb: {what}\n")
    sys.stdout.flush()
