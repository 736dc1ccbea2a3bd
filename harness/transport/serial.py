"""Serial ports: USB CDC-ACM, real UARTs, RFCOMM devices, pseudo-terminals; and pyserial's URLs.

pyserial opens and configures the port and holds it exclusively; the bytes then go straight over its
descriptor. Its URLs, as rfc2217://, are read through pyserial itself; socket:// is plain TCP.
"""

from __future__ import annotations

import errno
import glob
import os
import termios
import threading
from collections.abc import Iterable
from pathlib import Path

import serial

from harness.errors import LabUnavailable, LinkClosed
from harness.transport.base import READ_SIZE, FdTransport, Transport
from harness.transport.tcp import open_tcp
from wire.protocol.handshake import LOCAL, RFCOMM, UART, USB, LinkProfile


def profile_for(port: str) -> LinkProfile:
    """What suits a port, judged by its name."""
    name = port.rsplit("/", 1)[-1]
    if "/pts/" in port or port.startswith(("socket://", "loop://")):
        return LOCAL
    if name.startswith("rfcomm"):
        return RFCOMM
    if name.startswith("ttyACM") or "/by-id/usb" in port:
        return USB
    return UART


def open_serial(port: str, *, baud: int = 115200, profile: LinkProfile | None = None) -> Transport:
    """Open a port or a pyserial URL and hold it exclusively.

    LabUnavailable says why it cannot be had: not there, no rights, or held by somebody else.
    """
    profile = profile or profile_for(port)
    try:
        if port.startswith("socket://"):
            host, _, number = port.removeprefix("socket://").split("?")[0].rpartition(":")
            return open_tcp(host, int(number))
        if "://" in port:
            return UrlTransport(serial.serial_for_url(port, baud, timeout=0), port, profile)
        device = serial.Serial(port, baud, timeout=0, exclusive=True)
    except (OSError, ValueError, termios.error) as error:
        raise cannot_open(port, error) from error
    return SerialTransport(device, port, profile)


class SerialTransport(FdTransport):
    """A port that pyserial has opened."""

    def __init__(self, device: serial.Serial, name: str, profile: LinkProfile) -> None:
        super().__init__(device.fileno(), name, profile)
        self._device = device

    def _release(self) -> None:
        try:
            self._device.close()
        except (OSError, termios.error):
            pass  # the port vanished before we let go of it


class UrlTransport:
    """A pyserial URL, used through pyserial's own methods.

    Slower; a wake-up takes up to 20 ms; and a write waits until the line has taken all of it.
    """

    _SLICE_S = 0.02

    def __init__(self, device: serial.Serial, name: str, profile: LinkProfile) -> None:
        self.name = name
        self.profile = profile
        self._device = device
        self._device.timeout = self._SLICE_S
        self._woken = threading.Event()
        self._closed = False

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        slices = max(1, int(timeout_s / self._SLICE_S + 0.999))
        try:
            data = b"".join(outgoing)
            if data:
                self._device.write(data)
            for _ in range(slices):
                if self._closed:
                    raise LinkClosed(f"{self.name} is closed")
                received = self._device.read(1)
                if received:
                    waiting = min(self._device.in_waiting, READ_SIZE)
                    return bytes(received + self._device.read(waiting) if waiting else received)
                if self._woken.is_set():
                    self._woken.clear()
                    break
        except (OSError, TypeError, termios.error) as error:
            # pyserial's readers meet None or a plain termios.error when the port is taken away under them.
            raise LinkClosed(f"the line {self.name} is gone: {error}") from error
        return b""

    def wake(self) -> None:
        """See `Transport.wake`."""
        self._woken.set()

    def close(self) -> None:
        """See `Transport.close`."""
        if not self._closed:
            self._closed = True
            self._device.close()


def cannot_open(port: str, error: Exception) -> LabUnavailable:
    """Why a port cannot be had: not there, no rights, or held by somebody else."""
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        there = sorted([*glob.glob("/dev/ttyACM*"), *glob.glob("/dev/ttyUSB*"), *glob.glob("/dev/rfcomm*")])
        return LabUnavailable(
            f"there is no port {port}; serial ports here: {', '.join(there) or 'none'}",
            hint="plug the phone in and choose PC Suite mode on it, then look with `symhil devices`",
        )
    if number in {errno.EACCES, errno.EPERM}:
        return LabUnavailable(
            f"no permission to open {port}",
            hint="join the group that owns it (usually `dialout`), or add the rule of `symhil doctor --udev-rule`",
        )
    if number in {errno.EBUSY, errno.EAGAIN} or "exclusive" in str(error).lower():
        holders = port_holders(port)
        return LabUnavailable(
            f"{port} is in use by {', '.join(holders) or 'another process'}",
            hint="end it, or wait for it; the rule of `symhil doctor --udev-rule` keeps ModemManager off phones",
        )
    return LabUnavailable(f"{port} cannot be opened: {error}")


def port_holders(port: str) -> list[str]:
    """Processes that have a port open, as `name (pid 123)`, as far as we are allowed to look."""
    try:
        device = Path(port).stat().st_rdev
    except OSError:
        return []
    holders = []
    for folder in glob.glob("/proc/[0-9]*/fd"):
        pid = folder.split("/")[2]
        if pid == str(os.getpid()):
            continue
        try:
            if any(os.stat(f"{folder}/{fd}").st_rdev == device for fd in os.listdir(folder)):
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                holders.append(f"{name} (pid {pid})")
        except OSError:
            continue  # ended meanwhile, or another user's
    return holders
