"""How the processes of the phone take turns.

The real engine is one thread that waits inside its callbacks in a nested scheduler loop: meanwhile owners are
served, the host is not. While it sleeps it serves nobody. Here everything is one thread, and waiting runs a
nested loop in the same way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from device_agent.emulator.clock import PhoneClock


class StuckError(Exception):
    """The emulated phone waits for something that can never come: a fault of the emulator or of a test."""


class Scheduler:
    """Runs what is ready, and waits.

    Attributes:
        serve_host: moves bytes between host and agent for at most the given seconds; None while no host can
            be there, as in tests of the engine alone.
        is_unwanted: whether nobody needs the phone any more.
        meanwhile: work that `serve_host` does while it waits; whoever sets it does it later where nobody waited.
    """

    def __init__(self, clock: PhoneClock) -> None:
        self.clock = clock
        self.serve_host: Callable[[float], None] | None = None
        self.is_unwanted: Callable[[], bool] = lambda: False
        self.meanwhile: Callable[[], None] | None = None
        self._ready: deque[Callable[[], None]] = deque()

    def post(self, action: Callable[[], None]) -> None:
        """Let something happen soon: when the present step of the engine is over."""
        self._ready.append(action)

    def run_ready(self) -> None:
        """Let the processes of the phone do what they have to do now."""
        self.clock.run_due()
        while self._ready:
            self._ready.popleft()()
            self.clock.run_due()

    def wait(self, done: Callable[[], bool], *, until_s: float | None = None, for_host: bool = False) -> bool:
        """Run a nested loop until `done` or until the clock shows `until_s`; whether it was done.

        With `for_host` only the host can bring it about, so real time has to pass; otherwise a clock that
        skips goes to the next thing that happens on the phone.
        """
        clock = self.clock
        while True:
            self.run_ready()
            if done():
                return True
            now = clock.now()
            if until_s is not None and now >= until_s:
                return False
            next_s = _earlier(until_s, clock.next_due())
            if not for_host and clock.skips and next_s is not None:
                clock.skip(next_s - now)
            elif not for_host and next_s is None and self.serve_host is None:
                raise StuckError("nothing on the phone can end this wait")
            elif self.serve_host is not None:
                self._end_if_nobody_is_there()
                # At least once a second, since `done` may have to do with how long the host has been silent.
                self.serve_host(1.0 if next_s is None else max(0.0, min(1.0, next_s - now)))
            else:
                raise StuckError("this wait needs a host, and there is none")

    def pass_time(self, seconds: float) -> None:
        """Something on the phone is busy; everybody else goes on, the host too."""
        self._end_if_nobody_is_there()
        if self.clock.skips:
            self.clock.skip(seconds)
        if self.serve_host is not None:
            self.serve_host(0.0 if self.clock.skips else seconds)
        self.run_ready()

    def _end_if_nobody_is_there(self) -> None:
        """A loop that only a host could end must not outlive whoever wanted the phone."""
        if self.is_unwanted():
            raise SystemExit

    def sleep(self, seconds: float) -> None:
        """The engine's thread sleeps and serves nobody. The agent is another process and goes on."""
        until_s = self.clock.now() + seconds
        if self.clock.skips:
            self.clock.skip(seconds)
        elif self.serve_host is not None:
            while self.clock.now() < until_s:
                self.serve_host(until_s - self.clock.now())
        else:
            raise StuckError("only a clock that skips can sleep without a host")


def _earlier(one_s: float | None, other_s: float | None) -> float | None:
    """The earlier of two times that there need not be."""
    if one_s is None or other_s is None:
        return other_s if one_s is None else one_s
    return min(one_s, other_s)
