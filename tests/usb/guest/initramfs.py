"""The guest's first file system: busybox, the modules it has to load and in which order, and `init.sh`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from tests.usb.guest.packages import CannotPrepare

BEFORE_ROOT: Final = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay")
"""Without them the host's files cannot be seen."""
USB: Final = ("usbcore", "usbmon", "vhci_hcd", "cdc_acm")
_BUSYBOX: Final = Path("/bin/busybox")
_INIT: Final = Path(__file__).with_name("init.sh")
_COMMANDS: Final = ("sh", "mount", "insmod", "cat", "echo", "mkdir", "chroot", "poweroff", "ip", "sync")


def write(modules: Path, target: Path) -> None:
    """Write it for the modules of one kernel."""
    index = _Modules(modules)
    early = index.load_order(BEFORE_ROOT)
    late = [name for name in index.load_order((*BEFORE_ROOT, *USB)) if name not in early]
    archive = _Cpio()
    for folder in ("dev", "proc", "sys", "bin", "modules", "lower", "cow", "new", "out"):
        archive.add(folder, 0o040755)
    archive.add("dev/console", 0o020600, device=(5, 1))
    archive.add("bin/busybox", 0o100755, _BUSYBOX.read_bytes())
    for command in _COMMANDS:
        archive.add(f"bin/{command}", 0o120777, b"busybox")
    archive.add("init", 0o100755, _INIT.read_bytes())
    for name in (*early, *late):
        archive.add(f"modules/{name}.ko", 0o100644, index.files[name].read_bytes())
    archive.add("modules/early", 0o100644, "\n".join(early).encode())
    archive.add("modules/late", 0o100644, "\n".join(late).encode())
    target.write_bytes(archive.bytes())


class _Modules:
    """The modules of a kernel. What each needs stands in the file itself, so neither kmod nor depmod is wanted."""

    def __init__(self, folder: Path) -> None:
        self.files = {path.stem.replace("-", "_"): path for path in folder.rglob("*.ko")}
        listed = (folder / "modules.builtin").read_text().split()
        self._builtin = {Path(line).stem.replace("-", "_") for line in listed}

    def load_order(self, wanted: tuple[str, ...]) -> list[str]:
        """These and all that they need, each after what it needs."""
        order: list[str] = []

        def visit(name: str, needed_by: str) -> None:
            if name in self._builtin or name in order:
                return
            if name not in self.files:
                raise CannotPrepare(f"this kernel has no module {name}, which {needed_by} needs")
            for other in self._needs(name):
                visit(other, name)
            order.append(name)

        for name in wanted:
            visit(name, "the test")
        return order

    def _needs(self, name: str) -> list[str]:
        found = re.search(rb"\0depends=([^\0]*)\0", self.files[name].read_bytes())
        return found[1].decode().replace("-", "_").split(",") if found and found[1] else []


class _Cpio:
    """The kernel's archive format "newc": a header of hexadecimal numbers, name and content, each padded to 4."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        fields = (len(self._parts) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + os.fsencode(name) + b"\0"
        self._parts.append(_padded(head) + _padded(data))

    def bytes(self) -> bytes:
        self.add("TRAILER!!!", 0)
        return b"".join(self._parts)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
