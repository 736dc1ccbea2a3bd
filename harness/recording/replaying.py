"""A recording as the handset of a pytest run, in place of a phone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.errors import LinkClosed, RecordingDiffers
from harness.handset import Handset
from harness.lab.open import DEFAULT_ENTRY
from harness.phone_at_hand import PhoneAtHand
from harness.recording.recorded_phone import RecordedPhone
from wire.protocol.handshake import LOCAL

if TYPE_CHECKING:
    from harness.lab.config import HandsetEntry
    from harness.recording.reading import Recording
STEP_S: Final = 1e-5
"""What moving bytes costs: who is answered at the same moment would not notice it."""

_NO_KEEPER_S: Final = 1e6
"""Nobody moves bytes but who waits for them: so a replay is the same every time."""


class ReplayTransport:
    """A line to a recorded phone. Waiting costs nothing: when nothing can come, time passes at once."""

    profile = LOCAL

    def __init__(self, phone: RecordedPhone) -> None:
        self.name = f"recording {phone.recording.path}"
        self._phone = phone
        self._woken = threading.Event()
        self._closed = False
        phone.plug_in()

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        if self._closed:
            raise LinkClosed(f"{self.name} is closed")
        phone = self._phone
        data = b"".join(outgoing)
        if data:
            phone.clock.skip(STEP_S)
            phone.receive(data)
        out = phone.outgoing()
        if phone.differs is not None:
            raise phone.differs
        if phone.lost and not out:
            raise LinkClosed(phone.lost)
        if not out and not self._was_woken(timeout_s):
            phone.clock.skip(max(0.0, min(timeout_s, phone.deadline() - phone.clock())))
        return out

    def _was_woken(self, timeout_s: float) -> bool:
        """Whether another thread has something to say; while it may have, that is waited for."""
        woken = self._woken.wait(timeout_s if self._phone.is_owed else 0.0)
        self._woken.clear()
        return woken

    def wake(self) -> None:
        """See `Transport.wake`."""
        self._woken.set()

    def close(self) -> None:
        """See `Transport.close`."""
        self._closed = True
        self.wake()


def entry_of(recording: Recording) -> HandsetEntry:
    """What a lab would say of the recorded handset. Its link is never opened."""
    return DEFAULT_ENTRY.model_copy(update={"name": recording.handset, "allow_restore": recording.allow_restore})


class RecordedAtHand(PhoneAtHand):
    """A recording for the tests that were run when it was made."""

    def __init__(self, recording: Recording, artifacts: Path) -> None:
        super().__init__(entry_of(recording), artifacts, lab=None, wait_s=0.0, collect_logs=recording.collect_logs)
        self.recording = recording
        self._phone = RecordedPhone(recording)
        self._has_failed = False

    @contextlib.contextmanager
    def _opening(self) -> Iterator[Handset]:
        with Handset.open(
            ReplayTransport(self._phone),
            name=self.entry.name,
            clock=self._phone.clock,
            trace=self._frames,
            allow_restore=self.entry.allow_restore,
            plug_in=lambda: ReplayTransport(self._phone),
            keeper_delay_s=_NO_KEEPER_S,
        ) as handset:
            yield handset

    def _test_begins(self, test: str) -> None:
        self._has_failed = False
        self._phone.begin_test(test)

    def end_test(self, folder: Path) -> None:
        """See `PhoneAtHand.end_test`. RecordingDiffers when nobody has heard yet that it does."""
        try:
            super().end_test(folder)
        except RecordingDiffers:
            pass  # as `differs` says
        finally:
            self._phone.end_test()
        # A test that failed has ended early, so that of course something else is said now.
        if self._phone.differs is not None and not self._has_failed:
            raise self._phone.differs

    def evidence(self) -> list[tuple[str, str]]:
        """See `PhoneAtHand.evidence`."""
        self._has_failed = True
        parts = super().evidence()
        if self.recording.is_redacted:
            parts.append((f"{self.entry.name}: recording", "it is redacted: what was data is a digest of it"))
        return parts

    def _log_tail(self, handset: Handset) -> list[str]:
        return []  # it would have to be asked for
