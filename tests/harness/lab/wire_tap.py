"""A witness on the line: what passes between a harness and an emulated handset, byte for byte."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple

from harness.emulated import EmulatedHandset
from wire.layout import codec_of
from wire.protocol.frame import FrameDecoder, Kind
from wire.protocol.handshake import LARGEST_PAYLOAD
from wire.protocol.messages import METHODS


class AskedOf(NamedTuple):
    """A request that went to the phone."""

    name: str
    request: tuple[object, ...]


class WireTap:
    """Listens where a handset seems to be, passes everything on to the real one, and keeps what goes there."""

    def __init__(self, host: str, port: int) -> None:
        self._phone = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stop_read, self._stop_write = os.pipe()
        self.to_phone: list[bytes] = []
        self._thread = threading.Thread(target=self._run, name="wire tap")
        self._thread.start()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._stop_read, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._stop_read in ready:
                    return
                harness, _ = self._listener.accept()
                with harness, socket.create_connection(self._phone) as phone:
                    self.to_phone.append(b"")
                    if not self._pass_on(harness, phone):
                        return

    def _pass_on(self, harness: socket.socket, phone: socket.socket) -> bool:
        """Until one of them hangs up; whether to go on with the next."""
        other = {harness: phone, phone: harness}
        with selectors.DefaultSelector() as selector:
            for one in (harness, phone, self._stop_read):
                selector.register(one, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if not isinstance(key.fileobj, socket.socket):
                        return False
                    data = key.fileobj.recv(65536)
                    if not data:
                        return True
                    if key.fileobj is harness:
                        self.to_phone[-1] += data
                    other[key.fileobj].sendall(data)

    def close(self) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join()
        self._listener.close()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def requests(self) -> list[AskedOf]:
        """Every request of the harness whose first frame went over the line."""
        found = []
        for line in self.to_phone:
            for frame in FrameDecoder(LARGEST_PAYLOAD).feed(line):
                if frame.header.version_kind & 0x0F == Kind.REQUEST:
                    method = METHODS[frame.header.argument & 0xFFFF]
                    found.append(AskedOf(method.name, codec_of(method.request).parse(bytes(frame.payload[4:]))))
        return found


@contextlib.contextmanager
def tapped_handset() -> Iterator[WireTap]:
    """An emulated handset with a witness before it."""
    with EmulatedHandset(tcp=True) as emulated:
        _, host, port = emulated.where.split(":")
        tap = WireTap(host, int(port))
        try:
            yield tap
        finally:
            tap.close()
