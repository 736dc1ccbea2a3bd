"""The phone's end of a link: it answers, and a new host replaces the old one."""

from __future__ import annotations

from collections.abc import Callable

from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.frame import FIRST_SEQUENCED_KIND, Header, Kind
from wire.protocol.handshake import Hello, agree, incompatibility
from wire.protocol.link import Link, LinkState, Pong, ResetCode, TraceHook


class PhoneLink(Link):
    """The phone's end: it answers, and a new host replaces the old one.

    Attributes:
        on_session: called when a host has begun a new session; everything of the old one is void.
        pong: what a PONG tells.
    """

    def __init__(self, hello: Hello, *, trace: TraceHook | None = None) -> None:
        super().__init__(hello, trace=trace)
        self.on_session: Callable[[], None] = lambda: None
        self.pong: Callable[[], Pong] = lambda: Pong(0, 0, engine_busy=False, free_bytes=0)
        self._greeting = False
        self._strangers_reset: set[int] = set()

    def _handshake(self, now: float, out: list[bytes]) -> None:
        self._greeting = False
        out.append(self._encode(Kind.HELLO_ACK, 0, 0, 0, 0, codec_of(Hello).build(self.hello), now))

    def _receive_hello(self, kind: int, payload: memoryview, now: float) -> None:
        if kind != Kind.HELLO:
            return
        try:
            other = codec_of(Hello).parse(payload)
        except LayoutError:
            self.counters.stale += 1
            return
        self._greeting = True
        if self.other is not None and self.other.nonce == other.nonce:
            return  # our answer was lost
        self.other = other
        self.hello = self.hello._replace(nonce=other.nonce, tick_ms=self.pong().tick_ms)
        problem = incompatibility(self.hello, other, i_am="the agent", it_is="the harness")
        if problem:
            self._become(LinkState.REFUSED)
            self.lost_because = problem
            return
        self._strangers_reset.clear()
        self._open(agree(other, self.hello), now)
        self.on_session()

    def _receive_stranger(self, header: Header) -> None:
        # A host that goes on talking to the agent that was here before learns at once that it is gone.
        if header.kind >= FIRST_SEQUENCED_KIND or header.kind == Kind.PING:
            session = header.session
            if session not in self._strangers_reset and len(self._strangers_reset) < 16:
                self._strangers_reset.add(session)
                self._unsequenced.append((Kind.RESET, ResetCode.UNKNOWN_SESSION << 16 | session, b""))

    def _pong(self) -> bytes:
        return codec_of(Pong).build(self.pong())
