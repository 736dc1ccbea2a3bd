"""The real harness and a real agent on one line, in simulated time: an hour of silence costs nothing.

Both ends have a thread, and one of the two runs at any moment: whoever waits gives the turn away. Time passes only
when both wait, and then at once, so a run with the same seed is the same run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from device_agent.emulator.ports import Port, PortClosed
from harness.errors import LinkClosed
from wire.protocol.handshake import LinkProfile

STEP_S: Final = 0.0001
"""What moving bytes costs: so that nobody can do it for ever without time going on."""

MAX_TURNS: Final = 1_000_000
REAL_TIME_LIMIT_S: Final = 100.0


class Hang(BaseException):
    """Something waits for longer than it ever may. Nobody handles it, so it ends the run."""


class _End:
    def __init__(self) -> None:
        self.inbox = bytearray()
        self.wakes_at = 0.0
        self.turn = threading.Semaphore(0)
        self.is_gone = False


class SimulatedLine:
    """What is between the two.

    Attributes:
        now: seconds, the clock of both ends.
        deadline_s: when the host's end is told that this takes too long.
    """

    def __init__(self, *, deadline_s: float) -> None:
        self.now = 1000.0
        self.deadline_s = self.now + deadline_s
        self.host = _End()
        self.phone = _End()
        self._turns = 0

    def clock(self) -> float:
        """The time of both ends."""
        return self.now

    def exchange(self, me: _End, other: _End, outgoing: bytes, timeout_s: float) -> bytes:
        """Send, then wait for bytes in simulated time."""
        self.now += STEP_S
        self._turns += 1
        other.inbox += outgoing
        me.wakes_at = self.now + timeout_s
        while not (me.inbox or me.is_gone):
            if other.inbox and not other.is_gone:
                self._give_turn(me, other)
                continue
            if other.is_gone or me.wakes_at <= other.wakes_at:
                self.now = max(self.now, me.wakes_at)
                break
            self.now = max(self.now, other.wakes_at)
            self._give_turn(me, other)
        data = bytes(me.inbox)
        me.inbox.clear()
        return data

    def _give_turn(self, me: _End, other: _End) -> None:
        other.turn.release()
        if not me.turn.acquire(timeout=REAL_TIME_LIMIT_S):
            raise Hang("the other end has neither waited nor ended")

    def check(self) -> None:
        """Hang when the host's end has been at it for too long."""
        if self.now > self.deadline_s:
            raise Hang(f"not over after {self.now - 1000.0:.0f} simulated seconds")
        if self._turns > MAX_TURNS:
            raise Hang(f"not over after {self._turns} turns")


class SimulatedPort(Port):
    """The phone's end."""

    where = "simulated"

    def __init__(self, line: SimulatedLine) -> None:
        super().__init__()
        self._line = line

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Port.exchange`."""
        line = self._line
        data = line.exchange(line.phone, line.host, b"".join(outgoing), timeout_s)
        if line.phone.is_gone:
            self.parent_gone = True
            raise PortClosed
        return data


class SimulatedTransport:
    """The harness's end; another one may be made once this one is closed."""

    name = "simulated"

    def __init__(self, line: SimulatedLine, profile: LinkProfile) -> None:
        self.profile = profile
        self._line = line
        self._woken = False
        self._closed = False
        line.host.inbox.clear()

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        line = self._line
        line.check()
        if self._closed or line.phone.is_gone:
            raise LinkClosed("the simulated line is closed")
        wait_s = 0.0 if self._woken else timeout_s
        self._woken = False
        return line.exchange(line.host, line.phone, b"".join(outgoing), wait_s)

    def wake(self) -> None:
        """See `Transport.wake`."""
        self._woken = True
        self._line.host.wakes_at = self._line.now

    def close(self) -> None:
        """See `Transport.close`."""
        self._closed = True


class PhoneThread:
    """A phone that serves on the other end until `end`."""

    def __init__(self, line: SimulatedLine, serve: Callable[[], None]) -> None:
        self._line = line
        self._serve = serve
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="simulated phone", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        line = self._line
        line.phone.turn.acquire()
        try:
            self._serve()
        except BaseException as failure:  # noqa: BLE001 - whatever ends the phone is a finding, shown with the run
            self.failure = failure
        finally:
            line.phone.is_gone = True
            line.host.turn.release()

    def end(self) -> None:
        """Let it come to its end."""
        line = self._line
        if not line.phone.is_gone:
            line.phone.is_gone = True
            line.phone.turn.release()
        self._thread.join(REAL_TIME_LIMIT_S)
        if self._thread.is_alive():
            raise Hang("the phone does not end")
