"""Two ends of the protocol in one process, with a channel between them that a test can spoil."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from wire.protocol.calls import Calls
from wire.protocol.handshake import FULL_PAYLOAD, LOCAL, LinkProfile, make_hello
from wire.protocol.host_link import HostLink
from wire.protocol.phone_link import PhoneLink

Spoil = Callable[[bytes], list[bytes]]

PHONE_SIZED: Final = LOCAL._replace(max_payload=FULL_PAYLOAD)
"""Frames as phones have room for them, the core among them."""


class Pair:
    """Host and phone; `settle` moves bytes and time until neither has anything left to say."""

    def __init__(
        self,
        profile: LinkProfile = LOCAL,
        *,
        phone_profile: LinkProfile | None = None,
        host_fingerprint: int = 1,
        phone_fingerprint: int = 1,
    ) -> None:
        self.now = 0.0
        self.host = HostLink(
            make_hello(profile, fingerprint=host_fingerprint, build="harness 1", product="PC", nonce=0x12345678)
        )
        self.phone = PhoneLink(
            make_hello(
                phone_profile or profile,
                fingerprint=phone_fingerprint,
                build="agent 1",
                product="Emulated",
                nonce=0,
                boot_id=77,
            )
        )
        self.host_calls = Calls(self.host, is_phone=False)
        self.phone_calls = Calls(self.phone, is_phone=True)
        self.phone.on_session = self.phone_calls.reset
        self.spoil_to_phone: Spoil = lambda data: [data]
        self.spoil_to_host: Spoil = lambda data: [data]
        self._to_phone: deque[bytes] = deque()
        self._to_host: deque[bytes] = deque()

    def step(self) -> bool:
        """Let each end speak once and hear once; whether anything moved."""
        for frame in self.host.outgoing(self.now):
            self._to_phone.extend(self.spoil_to_phone(frame))
        for frame in self.phone.outgoing(self.now):
            self._to_host.extend(self.spoil_to_host(frame))
        moved = bool(self._to_phone or self._to_host)
        while self._to_phone:
            self.phone.receive(self._to_phone.popleft(), self.now)
        while self._to_host:
            self.host.receive(self._to_host.popleft(), self.now)
        self.phone_calls.process()
        self.host_calls.process()
        return moved

    def settle(self, *, seconds: float = 0.2) -> None:
        """Move bytes; when nothing moves, let time go on, up to `seconds` in all."""
        end = self.now + seconds
        while True:
            if not self.step():
                wake = min(self.host.deadline(), self.phone.deadline())
                if wake > end:
                    return
                self.now = max(wake, self.now + 1e-4)

    def connect(self) -> None:
        """Shake hands."""
        self.settle()
        assert self.host.is_open
        assert self.phone.is_open
