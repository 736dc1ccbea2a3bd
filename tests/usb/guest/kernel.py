"""Debian's stock kernel, taken out of its package into the cache."""

from __future__ import annotations

import lzma
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from tests.usb.guest.packages import CannotPrepare, download_kernel, say

_WANTED: Final = ("drivers/usb", "drivers/virtio", "drivers/char", "net/9p", "net/core", "fs", "lib", "crypto")
_PAYLOAD_AT: Final = 0x248
"""Of a bzImage: where its compressed kernel is, and how long (the kernel's Documentation/arch/x86/boot.rst)."""


class Kernel(NamedTuple):
    """An unpacked kernel: its release, what QEMU starts, and the folder of its modules."""

    release: str
    image: Path
    modules: Path


def unpacked(cache: Path) -> Kernel:
    """The kernel in the cache; it is downloaded and unpacked where it is not there yet."""
    done = sorted(cache.glob("linux-image-*/complete"))
    folder = done[-1].parent if done else _unpack(cache)
    releases = list((folder / "lib" / "modules").iterdir())
    return Kernel(releases[0].name, folder / "vmlinux", releases[0])


def _unpack(cache: Path) -> Path:
    package = download_kernel(cache)
    folder = package.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    say(f"unpacking {package.name}")
    modules = [f"./lib/modules/*/kernel/{part}/*" for part in _WANTED]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
        wanted = ["--wildcards", "./boot/vmlinuz-*", "./lib/modules/*/modules.*", *modules]
        subprocess.run(["tar", "-x", "-C", folder, *wanted], stdin=archive.stdout, check=True)
    package.unlink()
    _take_out_elf(next((folder / "boot").glob("vmlinuz-*")), folder / "vmlinux")
    (folder / "complete").touch()  # last, so that an interrupted one is done again
    return folder


def _take_out_elf(source: Path, target: Path) -> None:
    """Unpack the kernel once, here: the emulated CPU would need 3 s for it at every boot."""
    image = source.read_bytes()
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, _PAYLOAD_AT)
    start = (setup_sectors + 1) * 512 + offset
    payload = image[start : start + length]
    if not payload.startswith(b"\xfd7zXZ\0"):
        raise CannotPrepare(f"{source.name} is not packed with xz, as Debian's kernels are: {payload[:6]!r}")
    target.write_bytes(lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(payload))
