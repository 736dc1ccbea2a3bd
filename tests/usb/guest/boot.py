"""One boot of the guest: a command runs in it with the host's own files, and its exit code comes back.

The CPU is emulated in software, also where there is hardware for it, so that a run means the same everywhere.
The host's root is shared read-only; what the command writes is gone afterwards, except in its folder `/run/out`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Final

from tests.usb.guest.kernel import Kernel

OUT: Final = Path("/run/out")
"""Where the guest sees the folder for results."""
_KEPT: Final = ("PATH", "LANG", "CI", "TERM")


class GuestFailed(Exception):
    """The guest did not come to an end of its own; the message shows the end of its console."""


def run(kernel: Kernel, initramfs: Path, command: list[str], out: Path, *, timeout_s: float) -> int:
    """Boot, run the command in the current folder, switch off; its exit code, or GuestFailed."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        if old.is_file():
            old.unlink()
    (out / "command.sh").write_text(_script(command))
    with subprocess.Popen(_qemu(kernel, initramfs, out), stdin=subprocess.DEVNULL) as machine:
        try:
            machine.wait(timeout_s)
        except BaseException as problem:
            machine.kill()  # a blocked machine does not see a polite signal
            if isinstance(problem, subprocess.TimeoutExpired):
                raise GuestFailed(f"still running after {timeout_s:g} s\n{_console(out)}") from None
            raise
    try:
        return int((out / "exit-code").read_text())
    except (OSError, ValueError):
        raise GuestFailed(f"it left no exit code\n{_console(out)}") from None


def _script(command: list[str]) -> str:
    lines = [f"export {name}={shlex.quote(os.environ[name])}" for name in _KEPT if name in os.environ]
    lines += ["export HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1"]
    return "\n".join([*lines, f"cd {shlex.quote(str(Path.cwd()))}", f"exec {shlex.join(command)}", ""])


def _console(out: Path) -> str:
    try:
        lines = (out / "console").read_text(errors="replace").splitlines()
    except OSError:
        return "it has no console"
    return "\n".join(lines[-30:])


def _qemu(kernel: Kernel, initramfs: Path, out: Path) -> list[str]:
    files = {"kernel": kernel.image, "initramfs": initramfs, "out": out}
    return shlex.split(_QEMU.format(**{name: shlex.quote(str(path)) for name, path in files.items()}))


# icount: the guest's clock counts its instructions, a nanosecond each. However busy this machine is, the guest
# does not see it, so that no time-out is due sooner.
# A panic ends the machine. Its kernel speaks to a file and the command to us, so that no line is torn.
# remap: the root may span several file systems, whose numbers of files would collide.
_QEMU: Final = """
    qemu-system-x86_64 -accel tcg,thread=single -icount shift=0,sleep=on,align=off
        -machine q35 -cpu max -smp 1 -m 768
        -nodefaults -no-user-config -display none -no-reboot -monitor none
        -kernel {kernel} -initrd {initramfs}
        -append "console=ttyS0 quiet panic=-1 mitigations=off" -serial file:{out}/console
        -chardev stdio,id=con,signal=off -device virtio-serial-pci -device virtconsole,chardev=con
        -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap
        -device virtio-9p-pci,fsdev=root,mount_tag=hostroot
        -fsdev local,id=out,path={out},security_model=none -device virtio-9p-pci,fsdev=out,mount_tag=out
"""
