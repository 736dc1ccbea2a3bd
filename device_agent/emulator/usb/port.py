"""The emulated handset's port as a USB device that any Linux machine can attach: `symhil emulate --usbip`."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterable
from typing import Final

from device_agent.emulator.ports import READ_SIZE, Port, PortClosed
from device_agent.emulator.usb.connection import BadConnection, UsbIpConnection
from device_agent.emulator.usb.device import UsbDevice
from wire.errors import LayoutError

MAX_CONNECTIONS: Final = 8


class _Client:
    """A socket and what is said over it."""

    def __init__(self, link: socket.socket, connection: UsbIpConnection) -> None:
        self.link = link
        self.connection = connection
        self.unsent = bytearray()
        self.is_gone = False

    def receive(self) -> None:
        try:
            data = self.link.recv(READ_SIZE)
            self.is_gone = not data
            self.connection.receive(data)
        except BlockingIOError:
            pass
        except (OSError, BadConnection, LayoutError):
            self.is_gone = True

    def send(self) -> None:
        self.unsent += self.connection.outgoing()
        try:
            while self.unsent:
                del self.unsent[: self.link.send(self.unsent)]
        except BlockingIOError:
            return
        except OSError:
            self.is_gone = True
        if self.connection.is_over:
            self.is_gone = True


class UsbIpPort(Port):
    """Serves one phone over USB/IP; it is on one host's bus at a time.

    PortClosed means that it was unplugged. It can be plugged in again.
    """

    def __init__(self, device: UsbDevice, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__()
        self._device = device
        self._server = socket.create_server((host, port))
        self._server.setblocking(False)
        self.where = f"usbip:{host}:{self._server.getsockname()[1]}"
        self._clients: dict[int, _Client] = {}
        self._poll.register(self._server, select.POLLIN)

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Port.exchange`."""
        data = b"".join(outgoing)
        if data and self._is_plugged_in:
            # What is sent at once is one transfer, as one write on a phone is.
            self._device.send(data)
            self._send()
        if not self._device.received:
            self._wait(timeout_s)
        if self._device.wants_unplugging:
            self.unplug()
        self._forget_gone()
        received = bytes(self._device.received)
        self._device.received.clear()
        return received

    @property
    def _is_plugged_in(self) -> bool:
        return any(client.connection.has_device and not client.is_gone for client in self._clients.values())

    def _wait(self, timeout_s: float) -> None:
        for fd, events in self._poll.poll(max(0, int(timeout_s * 1000 + 0.999))):
            if fd == self._server.fileno():
                self._accept()
            elif fd in self._clients:
                if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    self._clients[fd].receive()
            elif not os.read(fd, 4096):
                self.parent_gone = True
                self._poll.unregister(fd)
        self._send()

    def _send(self) -> None:
        for fd, client in self._clients.items():
            was_waiting = bool(client.unsent)
            client.send()
            if bool(client.unsent) != was_waiting:
                self._poll.modify(fd, select.POLLIN | (select.POLLOUT if client.unsent else 0))

    def _accept(self) -> None:
        try:
            link, _ = self._server.accept()
        except OSError:
            return  # it went before we came to it
        if len(self._clients) >= MAX_CONNECTIONS:
            link.close()
            return
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setblocking(False)
        connection = UsbIpConnection(self._device, lambda: not self._is_plugged_in)
        self._clients[link.fileno()] = _Client(link, connection)
        self._poll.register(link, select.POLLIN)

    def unplug(self) -> None:
        """Pull the cable: the phone vanishes from the host's bus."""
        for client in self._clients.values():
            if client.connection.has_device:
                client.is_gone = True

    def _forget_gone(self) -> None:
        unplugged = False
        for fd, client in list(self._clients.items()):
            if client.is_gone:
                self._poll.unregister(fd)
                client.link.close()
                del self._clients[fd]
                unplugged = unplugged or client.connection.has_device
        if unplugged:
            if not self._is_plugged_in:  # it may be on another bus already
                self._device.reset()
            raise PortClosed

    def close(self) -> None:
        """See `Port.close`."""
        for client in self._clients.values():
            client.link.close()
        self._server.close()
