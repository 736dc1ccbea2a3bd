"""Phones on USB without a serial driver: pyusb claims the agent's function, bytes go over its endpoints."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from harness.errors import LinkClosed
from harness.transport.base import Waker, line_gone
from harness.transport.usb_device import BACKENDS, ClaimedFunction, UsbAddress, find_phone, path_of
from harness.transport.usb_transfers import LibusbTransfers, NotStarted, Transfers, TransferStatus
from wire.protocol.handshake import USB, LinkProfile

TRANSFER_SIZE: Final = 16384
"""A multiple of every packet's size, so that a phone can never send more than is asked for."""
AHEAD: Final = 4
"""Reads that wait for the phone, and writes that wait for the bus."""
_PATIENCE: Final = 16
"""How many transfers in a row may fail before the line is given up."""


def open_usb(
    address: UsbAddress,
    *,
    backend: Any = None,
    transfers: Callable[..., Transfers] = LibusbTransfers,
) -> UsbTransport:
    """Take the agent's function of a phone from the kernel's driver, which has it again after `close`.

    LabUnavailable says why it cannot be had: not there, several fit, no rights, or held by somebody else.

    Args:
        address: which phone.
        backend: pyusb's way to the bus; the machine's own where it is None.
        transfers: what makes transfers of a claimed device; another one only for tests.
    """
    own = backend or BACKENDS.take()

    def hand_back() -> None:
        if backend is None:
            BACKENDS.give_back(own)

    try:
        device, function = find_phone(address, own)
        claimed = ClaimedFunction(device, function)
    except BaseException:
        hand_back()
        raise
    running = transfers(device, function.endpoint_in, function.endpoint_out, size=TRANSFER_SIZE)

    def give_back() -> None:
        claimed.give_back()
        hand_back()

    name = f"usb:{device.idVendor:04x}:{device.idProduct:04x}@{path_of(device)}"
    return UsbTransport(running, name, clear_halt=device.clear_halt, endpoints=function[2:], release=give_back)


class UsbTransport:
    """A transport over a pair of bulk endpoints."""

    def __init__(
        self,
        transfers: Transfers,
        name: str,
        *,
        clear_halt: Callable[[int], object],
        endpoints: tuple[int, int],
        release: Callable[[], None],
    ) -> None:
        self.name = name
        self.profile: LinkProfile = USB
        self._transfers = transfers
        self._clear_halt = clear_halt
        self._in, self._out = endpoints
        self._release = release
        self._backlog = bytearray()
        self._arrived: list[bytes] = []
        self._reading = self._writing = 0
        self._failures = 0
        self._gone = ""
        self._closed = False
        self._in_use = threading.Lock()
        self._waker = Waker()
        self._poll = select.poll()
        self._poll.register(self._waker.fd, select.POLLIN)
        for fd, events in transfers.descriptors():
            self._poll.register(fd, events)
        self._start()

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        with self._in_use:
            if self._closed:
                raise LinkClosed(f"{self.name} is closed")
            self._backlog += b"".join(outgoing)
            self._start()
            if not self._gone:
                for fd, _ in self._poll.poll(max(0, int(timeout_s * 1000 + 0.999))):
                    if fd == self._waker.fd:
                        self._waker.heard()
                self._move()
            if self._gone and not self._arrived:
                raise line_gone(self.name, self._gone)
            data = b"".join(self._arrived)
            self._arrived.clear()
            return data

    @property
    def unsent(self) -> int:
        """See `WatchingTransport.unsent`."""
        return len(self._backlog)

    def watch(self, fd: int) -> None:
        """See `WatchingTransport.watch`."""
        self._poll.register(fd, select.POLLIN)

    def _move(self) -> None:
        """Collect what has ended, and keep the phone and the bus in work."""
        for ended in self._transfers.ended():
            if ended.is_read:
                self._reading -= 1
                if ended.data:
                    self._arrived.append(ended.data)
            else:
                self._writing -= 1
            if ended.status is TransferStatus.COMPLETED:
                self._failures = 0
            else:
                self._failed(ended.status, self._in if ended.is_read else self._out)
        self._start()

    def _start(self) -> None:
        try:
            while not self._gone and self._reading < AHEAD:
                self._transfers.read()
                self._reading += 1
            while not self._gone and self._backlog and self._writing < AHEAD:
                self._transfers.write(bytes(self._backlog[:TRANSFER_SIZE]))
                del self._backlog[:TRANSFER_SIZE]
                self._writing += 1
        except NotStarted as problem:
            self._gone = str(problem)

    def _failed(self, status: TransferStatus, endpoint: int) -> None:
        """What a failed transfer would have moved is lost; the link above sends it again."""
        self._failures += 1
        if status is TransferStatus.NO_DEVICE:
            self._gone = "it was unplugged"
        elif self._failures > _PATIENCE:
            self._gone = f"{self._failures} transfers in a row failed, the last with {status.name}"
        elif status is TransferStatus.STALL and not self._gone:
            try:
                self._clear_halt(endpoint)
            except OSError as error:
                self._gone = f"endpoint {endpoint:#04x} stalls and stays so: {error}"

    def wake(self) -> None:
        """See `Transport.wake`."""
        self._waker.wake()

    def close(self) -> None:
        """See `Transport.close`."""
        if self._closed:
            return
        self._closed = True
        self.wake()
        with self._in_use:
            self._transfers.end()
            self._release()
            self._waker.close()
