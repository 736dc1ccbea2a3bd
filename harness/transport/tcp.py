"""A handset behind a TCP port: an emulated one, or a bridge on the machine that a phone hangs on."""

from __future__ import annotations

import socket

from harness.errors import LabUnavailable
from harness.transport.base import FdTransport
from wire.protocol.handshake import LOCAL


def open_tcp(host: str, port: int, *, timeout_s: float = 5.0) -> FdTransport:
    """Connect; LabUnavailable says who did not answer."""
    try:
        connection = socket.create_connection((host, port), timeout=timeout_s)
    except OSError as error:
        raise LabUnavailable(
            f"nothing answers on {host}:{port}: {error.strerror or error}",
            hint="start the handset or bridge there first, for instance `symhil emulate --tcp`",
        ) from error
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return FdTransport(connection.detach(), f"tcp:{host}:{port}", LOCAL)
