"""The host's end of a link: it begins the session, and it asks for signs of life."""

from __future__ import annotations

from math import inf
from typing import Final

from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.frame import Header, Kind
from wire.protocol.handshake import HELLO_EVERY_S, Hello, agree, incompatibility
from wire.protocol.link import Link, LinkState, Pong, ResetCode, TraceHook

KEEPALIVE_S: Final = 1.0
PINGS_UNTIL_LOST: Final = 3


class HostLink(Link):
    """The host's end: it begins, and it asks for signs of life.

    Attributes:
        clock: the phone's tick in ms and the host's time that belong together, from the quickest PONG so far;
            None before the first.
        restarted: the link was lost because the agent does not know the session any more.
    """

    def __init__(self, hello: Hello, *, trace: TraceHook | None = None) -> None:
        super().__init__(hello, trace=trace)
        self.clock: tuple[int, float] | None = None
        self.last_pong: Pong | None = None
        self.restarted = False
        self._quickest_s = inf
        self._hello_due = -inf
        self._pings = 0
        self._ping_sent = 0.0

    def ask_for_life(self) -> None:
        """Let the next `outgoing` hold a PING, for instance to compare the clocks."""
        if self.last_heard > self._ping_sent:
            self._pings = 0
        self._ping_sent = self.last_heard = self._life_due = -inf

    def _handshake(self, now: float, out: list[bytes]) -> None:
        if self.state is not LinkState.CONNECTING:
            self._greeting = False
        elif now >= self._hello_due:
            self._hello_due = now + HELLO_EVERY_S
            out.append(self._encode(Kind.HELLO, 0, 0, 0, 0, codec_of(Hello).build(self.hello), now))

    def _receive_hello(self, kind: int, payload: memoryview, now: float) -> None:
        if kind != Kind.HELLO_ACK or self.state is not LinkState.CONNECTING:
            return
        try:
            other = codec_of(Hello).parse(payload)
        except LayoutError:
            self.counters.stale += 1
            return
        if other.nonce != self.hello.nonce:
            self.counters.stale += 1  # the answer to somebody before us
            return
        self.other = other
        problem = incompatibility(self.hello, other, i_am="the harness", it_is="the agent")
        if problem:
            self._become(LinkState.REFUSED)
            self.lost_because = problem
            return
        self._open(agree(self.hello, other), now)
        self._life_due = now + KEEPALIVE_S

    def _receive_stranger(self, header: Header) -> None:
        if (
            header.kind == Kind.RESET
            and self.is_open
            and header.argument == ResetCode.UNKNOWN_SESSION << 16 | self.agreement.session
        ):
            self.restarted = True
            self._lose("the agent does not know the session any more: it was started anew")

    def _keep_alive(self, now: float, out: list[bytes]) -> None:
        # What is heard puts this off, but is not worth a look each time: so the look comes first, then the ping.
        self._life_due = max(self.last_heard, self._ping_sent) + KEEPALIVE_S
        if now < self._life_due:
            return
        if self.last_heard > self._ping_sent:
            self._pings = 0
        if self._pings >= PINGS_UNTIL_LOST:
            silent_s = KEEPALIVE_S * (PINGS_UNTIL_LOST + 1)
            self._lose(f"nothing was heard for {silent_s:g} s, {self._pings} pings stayed without an answer")
            return
        self._pings += 1
        self._ping_sent = now
        self._life_due = now + KEEPALIVE_S
        out.append(self._encode(Kind.PING, 0, 0, 0, self._pings, b"", now))

    def _receive_pong(self, token: int, payload: memoryview, now: float) -> None:
        try:
            self.last_pong = codec_of(Pong).parse(payload)
        except LayoutError:
            self.counters.stale += 1
            return
        took_s = now - self._ping_sent
        if token == self._pings and took_s <= self._quickest_s:
            self._quickest_s = took_s
            self.clock = (self.last_pong.tick_ms, self._ping_sent + took_s / 2)
