"""A transport with a bad or slow line put before it: faults between harness and phone, real or emulated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from harness.errors import LinkClosed, Misuse
from harness.transport.base import Transport
from wire.fault_plan import PHONE_EVENTS, EventKind, FaultPlan, Occurrences
from wire.line_model import LinePair
from wire.protocol.handshake import LinkProfile

_STEP_S = 0.02


class SpoiledTransport:
    """Any transport, spoiled by a plan.

    An `unplug` raises LinkClosed from then on, as a pulled cable does; when to plug in again is up to whoever
    opens the next transport.
    """

    def __init__(self, inner: Transport, plan: FaultPlan, *, clock: Callable[[], float] = time.monotonic) -> None:
        impossible = [event.kind.value for event in plan.events if event.kind in PHONE_EVENTS]
        if impossible:
            raise Misuse(
                f"{', '.join(impossible)} happens in the phone, not on the line",
                hint="give it to the emulated handset with --faults",
            )
        self._inner = inner
        self._plan = plan
        self._clock = clock
        self._pair = LinePair.of(plan.speed, plan.faults, plan.seed)
        self._occurrences = Occurrences(plan)
        self._unplugged = False

    @property
    def name(self) -> str:
        """See `Transport.name`; with the plan, so that a failure can be repeated."""
        return f"{self._inner.name} [{self._plan}]"

    @property
    def profile(self) -> LinkProfile:
        """See `Transport.profile`."""
        return self._inner.profile

    @property
    def hurt(self) -> int:
        """How many faults the line has had so far."""
        return self._pair.outward.hurt + self._pair.inward.hurt

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        now = self._clock()
        while (event := self._occurrences.next_event(self._pair.passed, now)) is not None:
            if event.kind is EventKind.UNPLUG:
                self._unplugged = True
        if self._unplugged:
            raise LinkClosed(f"the line {self.name} is gone: it was unplugged")
        if now < self._occurrences.blocked_until:
            return self._stall(outgoing, timeout_s, now)
        try:
            received = self._pair.exchange(self._move, outgoing, timeout_s, self._clock)
        except LinkClosed as error:
            raise LinkClosed(f"the line {self.name} is gone: {error}", hint=error.hint) from error
        return b"" if self._clock() < self._occurrences.deaf_until else received

    def _stall(self, outgoing: Iterable[bytes], timeout_s: float, now: float) -> bytes:
        """Nothing passes; what is sent waits, as in the buffers of a real line."""
        self._pair.outward.send(b"".join(outgoing), self._occurrences.blocked_until)
        self._inner.exchange([], min(timeout_s, self._occurrences.blocked_until - now, _STEP_S))
        return b""

    def _move(self, outgoing: list[bytes], timeout_s: float) -> bytes:
        return self._inner.exchange(outgoing, timeout_s)

    def wake(self) -> None:
        """See `Transport.wake`."""
        self._inner.wake()

    def close(self) -> None:
        """See `Transport.close`."""
        self._inner.close()
