"""The time of a replay: it passes as it did in the recording, and at once."""

from __future__ import annotations

import time
from typing import Final

LONGEST_PAUSE_S: Final = 1.0
"""A longer one between an answer and the next request was the test's own, and is not repeated: a call that has
begun meanwhile would be too late."""


class ReplayClock:
    """A clock that those move who wait and those who were recorded. Calling it gives seconds."""

    def __init__(self) -> None:
        # Near to the machine's own, so that captures of a replay are dated as others are.
        self._now = time.monotonic()
        self._offset = 0.0

    def __call__(self) -> float:
        """The time."""
        return self._now

    def begin(self, recorded_s: float) -> None:
        """What was recorded at that time is now."""
        self._offset = self._now - recorded_s

    def skip(self, seconds: float) -> None:
        """Somebody has waited so long, and nothing happened."""
        self._now += seconds

    def phone_acts(self, recorded_s: float) -> None:
        """The phone does what it did at that time."""
        self._now = max(self._now, recorded_s + self._offset)

    def host_acts(self, recorded_s: float) -> None:
        """The host does what it did at that time."""
        pause_s = recorded_s + self._offset - self._now
        if 0 < pause_s <= LONGEST_PAUSE_S:
            self._now += pause_s
        else:
            self._offset -= pause_s
