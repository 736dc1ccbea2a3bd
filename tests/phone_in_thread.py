"""An emulated handset in a thread of the test's own process, on one end of a socket pair."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from device_agent.emulator.agent import Agent
from device_agent.emulator.core_agent import CoreAgent
from device_agent.emulator.ports import FdPort
from device_agent.emulator.profile import HandsetProfile
from device_agent.emulator.python_agent import PythonAgent
from harness.connection import Connection
from harness.handset import Handset
from harness.transport.base import FdTransport
from wire.protocol.handshake import LOCAL, LinkProfile, make_hello
from wire.protocol.messages import fingerprint


class PhoneInThread:
    """The agent, and the harness's end of the line.

    Attributes:
        line: the harness's descriptor, for tests that speak bytes themselves.
    """

    def __init__(
        self,
        *,
        link_profile: LinkProfile = LOCAL,
        link_fingerprint: int | None = None,
        boot_id: int = 1,
        core: bool = False,
    ) -> None:
        ours, theirs = socket.socketpair()
        self.line = ours.detach()
        self._port = FdPort(theirs.detach())
        options: dict[str, Any] = {"boot_id": boot_id, "clock": time.monotonic, "link_profile": link_profile}
        self._agent: Agent
        if core:
            self._agent = CoreAgent(self._port, HandsetProfile(), **options)
        else:
            options["link_fingerprint"] = link_fingerprint
            self._agent = PythonAgent(self._port, HandsetProfile(), **options)
        # The agent ends when this pipe does, as it ends with the process that started it.
        self._alive_read, self._alive_write = os.pipe()
        self._port.watch(self._alive_read)
        self._thread = threading.Thread(target=self._run, name="phone")
        self._thread.start()

    @property
    def agent(self) -> PythonAgent:
        """The agent, for tests that look inside; only Python's shows anything."""
        assert isinstance(self._agent, PythonAgent)
        return self._agent

    def _run(self) -> None:
        try:
            self._agent.run()
        finally:
            self._port.close()
            os.close(self._alive_read)

    def transport(self, profile: LinkProfile = LOCAL) -> FdTransport:
        return FdTransport(self.line, "phone-in-thread", profile)

    def connection(self, **options: float) -> Connection:
        hello = make_hello(LOCAL, fingerprint=fingerprint(), build="harness", product="PC", nonce=99)
        return Connection(self.transport(), hello, **options)  # type: ignore[arg-type]

    def handset(self) -> Handset:
        return Handset.open(self.transport(), name="in-thread")

    def vanish(self) -> None:
        """The phone is gone; its end of the line closes."""
        if self._thread.is_alive():
            os.close(self._alive_write)
            self._thread.join()


@contextlib.contextmanager
def phone_in_thread(**options: object) -> Iterator[PhoneInThread]:
    phone = PhoneInThread(**options)  # type: ignore[arg-type]
    try:
        yield phone
    finally:
        phone.vanish()
