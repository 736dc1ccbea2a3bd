"""A port with a bad or slow line behind it: `symhil emulate --faults`.

What concerns the line happens here; what concerns the phone is told to whoever keeps it going (power.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from device_agent.emulator.ports import Port, PortClosed
from wire.fault_plan import PHONE_EVENTS, Event, EventKind, FaultPlan, Occurrences
from wire.line_model import LinePair


class FaultyPort(Port):
    """Any port, spoiled by a plan. The same plan does the same to the same bytes.

    Attributes:
        on_event: what happens in the phone. It may raise whatever ends what the phone does at this moment.
        is_dead: nobody serves the line any more; whoever moves bytes is told PortClosed.
    """

    def __init__(self, inner: Port, plan: FaultPlan, *, clock: Callable[[], float]) -> None:
        super().__init__()
        self.where = inner.where
        self.on_event: Callable[[Event], None] = lambda event: None
        self.is_dead = False
        self._inner = inner
        self._clock = clock
        self._pair = LinePair.of(plan.speed, plan.faults, plan.seed)
        self._occurrences = Occurrences(plan)
        self._dark_until = float("-inf")

    def watch(self, fd: int) -> None:
        """See `Port.watch`."""
        self._inner.watch(fd)

    @property
    def hurt(self) -> int:
        """How many faults the line has had so far."""
        return self._pair.outward.hurt + self._pair.inward.hurt

    def go_dark(self, seconds: float) -> None:
        """Nothing passes for so long, and what is on its way is lost."""
        self._dark_until = self._clock() + seconds
        self._pair.clear()

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Port.exchange`."""
        if self.is_dead:
            raise PortClosed
        data = b"".join(outgoing)
        now = self._clock()
        while (event := self._occurrences.next_event(self._pair.passed, now)) is not None:
            if event.kind in PHONE_EVENTS:
                self.on_event(event)
                if self.is_dead:
                    raise PortClosed
            elif event.kind is EventKind.UNPLUG:
                self.go_dark(event.value)
        try:
            return self._pass(data, timeout_s, now)
        except PortClosed:
            self._pair.clear()
            raise
        finally:
            self.parent_gone = self._inner.parent_gone

    def _pass(self, data: bytes, timeout_s: float, now: float) -> bytes:
        if now < self._dark_until:
            self._inner.exchange([], min(timeout_s, self._dark_until - now))
            return b""
        stalled_until = self._occurrences.blocked_until
        if now < stalled_until:
            # What is sent waits, as in the buffers of a real line.
            self._pair.outward.send(data, stalled_until)
            received = self._inner.exchange([], min(timeout_s, stalled_until - now))
            self._pair.inward.send(received, stalled_until)
            return b""
        if now < self._occurrences.deaf_until:
            data = b""
        return self._pair.exchange(self._move, [data], timeout_s, self._clock)

    def _move(self, outgoing: list[bytes], timeout_s: float) -> bytes:
        return self._inner.exchange(outgoing, timeout_s)

    def close(self) -> None:
        """See `Port.close`."""
        self._inner.close()
