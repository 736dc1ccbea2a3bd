"""The two halves of the reliable link: what was sent and not yet acknowledged, what came out of order.

Sequence numbers have 16 bits and wrap. The receiver acknowledges with the next number it expects; while there
is a gap it adds a bitmap of what it has beyond (bit i: `expected + 1 + i`), and the sender resends exactly
the holes. A receiver without memory for frames out of order sends an empty bitmap, and time-outs do the work.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from wire.errors import ProtocolError

if TYPE_CHECKING:
    from wire.protocol.frame import Frame

SEQUENCE_MASK: Final = 0xFFFF
MAX_WINDOW: Final = 32
"""The bitmap has 32 bits; a window beyond 16 only buys latency (measured on simulated links)."""

MIN_RESEND_S: Final = 0.1
MAX_RESEND_S: Final = 5.0
FIRST_RESEND_S: Final = 0.5
MAX_TRIES: Final = 8


class Unacknowledged:
    """A frame that was sent and may have to be sent again."""

    __slots__ = ("argument", "channel", "flags", "kind", "payload", "sacked", "sent_at", "sequence", "tries")

    def __init__(self, kind: int, flags: int, channel: int, argument: int, payload: bytes | memoryview) -> None:
        self.kind = kind
        self.flags = flags
        self.channel = channel
        self.argument = argument
        self.payload = payload
        self.sequence = 0
        self.sent_at = 0.0
        self.tries = 0
        self.sacked = False


class RoundTrip:
    """How long the line takes, and from that how long to wait before sending again (Jacobson, Karn).

    Attributes:
        smoothed_s: the mean of late; None before the first measurement.
        resend_after_s: how long to wait for an acknowledgement.
    """

    def __init__(self) -> None:
        self.smoothed_s: float | None = None
        self.resend_after_s = FIRST_RESEND_S
        self._variation_s = 0.0
        self._usual_s = FIRST_RESEND_S

    def progressed(self, seconds: float | None) -> None:
        """Something arrived, so the line is alive: the next frame need not wait longer than usual.

        `seconds` is how long the acknowledgement took, None where the frame was sent more than once.
        """
        if seconds is not None:
            if self.smoothed_s is None:
                self.smoothed_s = seconds
                self._variation_s = seconds / 2
            else:
                late_s = seconds - self.smoothed_s
                self._variation_s += ((late_s if late_s > 0 else -late_s) - self._variation_s) / 4
                self.smoothed_s += late_s / 8
            usual_s = self.smoothed_s + 4 * self._variation_s + 0.05
            self._usual_s = MIN_RESEND_S if usual_s < MIN_RESEND_S else min(MAX_RESEND_S, usual_s)
        self.resend_after_s = self._usual_s

    def backed_off(self) -> None:
        """A frame had to be sent again because its time ran out."""
        longest_s = min(MAX_RESEND_S, self._usual_s * 64)
        self.resend_after_s = min(longest_s, self.resend_after_s * 2)


class SendWindow:
    """Frames on their way.

    Attributes:
        resent: how many frames were sent again.
        resend_at: when the oldest frame has waited too long; infinite when nothing waits.
    """

    def __init__(self, size: int) -> None:
        if not 1 <= size <= MAX_WINDOW:
            raise ValueError(f"a window has 1 to {MAX_WINDOW} frames, not {size}")
        self.size = size
        self.round_trip = RoundTrip()
        self.resent = 0
        self.resend_at = inf
        self._base = 0
        self._next = 0
        self._frames: dict[int, Unacknowledged] = {}  # in the order of their sequence numbers
        self._recover_until: int | None = None

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def room(self) -> int:
        """How many more frames may be sent."""
        return self.size - len(self._frames)

    def add(self, frame: Unacknowledged, now: float) -> None:
        """Number a frame that is being sent now."""
        frame.sequence = self._next
        frame.sent_at = now
        frame.tries = 1
        if not self._frames:
            self.resend_at = now + self.round_trip.resend_after_s
        self._frames[self._next] = frame
        self._next = (self._next + 1) & SEQUENCE_MASK

    def acknowledge(self, acknowledge: int, now: float) -> list[Unacknowledged]:
        """Everything before `acknowledge` has arrived; gives what should be sent again at once.

        Raises ProtocolError when it acknowledges what was never sent.
        """
        done = (acknowledge - self._base) & SEQUENCE_MASK
        if done == 0:
            return []
        if done > len(self._frames):
            if done > SEQUENCE_MASK // 2:
                return []  # an old acknowledgement that was overtaken
            raise ProtocolError(f"sequence {acknowledge} was acknowledged, but only {self._next} was sent")
        frames = self._frames
        for sequence in range(self._base, self._base + done):
            frame = frames.pop(sequence & SEQUENCE_MASK)
        self.round_trip.progressed(now - frame.sent_at if frame.tries == 1 else None)
        self._base = acknowledge
        if frames:
            self._oldest_waits()
        else:
            self.resend_at = inf
        if self._recover_until is None:
            return []
        # After a time-out each further hole shows itself by an acknowledgement that stops there.
        if not frames or ((self._recover_until - acknowledge) & SEQUENCE_MASK) > SEQUENCE_MASK // 2:
            self._recover_until = None
            return []
        oldest = next(iter(frames.values()))
        return [oldest] if not oldest.sacked else []

    def selectively(self, acknowledge: int, bitmap: int, now: float) -> list[Unacknowledged]:
        """The receiver has a gap: gives the holes that were not sent again within a round trip."""
        highest = bitmap.bit_length()
        wait = self.round_trip.smoothed_s or MIN_RESEND_S
        holes = []
        for offset in range(highest + 1):
            frame = self._frames.get((acknowledge + offset) & SEQUENCE_MASK)
            if frame is None:
                continue
            if offset and bitmap >> (offset - 1) & 1:
                frame.sacked = True
            elif frame.tries == 1 or now - frame.sent_at >= wait:
                holes.append(frame)
        return holes

    def mark_resent(self, frame: Unacknowledged, now: float) -> None:
        """A frame is being sent again."""
        frame.tries += 1
        frame.sent_at = now
        self.resent += 1
        self._oldest_waits()

    def _oldest_waits(self) -> None:
        """The oldest frame is another one, or was sent again, or there is none any more."""
        if self._frames:
            self.resend_at = next(iter(self._frames.values())).sent_at + self.round_trip.resend_after_s
        else:
            self.resend_at = inf

    def timed_out(self) -> Unacknowledged:
        """The oldest frame, whose time is up. ProtocolError when it has been tried too often."""
        oldest = next(iter(self._frames.values()))
        if oldest.tries > MAX_TRIES:
            raise ProtocolError(f"a frame was sent {oldest.tries} times and never acknowledged")
        self.round_trip.backed_off()
        self._recover_until = self._next
        return oldest


class ReceiveWindow:
    """Frames that arrived, put back in order and delivered once.

    Attributes:
        duplicates: frames that had been delivered before.
        out_of_order: frames kept because an earlier one was missing.
        kept: those that are kept now, by their numbers; while there are any there is a gap before them.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.expected = 0
        self.duplicates = 0
        self.out_of_order = 0
        self.kept: dict[int, Frame] = {}

    def is_next(self, sequence: int) -> bool:
        """Whether it is what nearly all frames are, the one after the last: then it counts as accepted."""
        if sequence != self.expected or self.kept:
            return False
        self.expected = (sequence + 1) & SEQUENCE_MASK
        return True

    def accept(self, frame: Frame) -> list[Frame] | None:
        """Frames that can be delivered now, in order; None when this one calls for an acknowledgement.

        That is so for a duplicate (the acknowledgement was lost) and for a gap (the sender should know).
        """
        sequence = frame.header.sequence
        ahead = (sequence - self.expected) & SEQUENCE_MASK
        if ahead == 0:
            ready = [frame]
            self.expected = (sequence + 1) & SEQUENCE_MASK
            kept = self.kept
            while self.expected in kept:
                ready.append(kept.pop(self.expected))
                self.expected = (self.expected + 1) & SEQUENCE_MASK
            return ready
        if ahead < self.size:
            if sequence in self.kept:
                self.duplicates += 1
            else:
                self.kept[sequence] = frame
                self.out_of_order += 1
        else:
            self.duplicates += 1
        return None

    def bitmap(self) -> int:
        """What has arrived beyond the gap: bit i stands for `expected + 1 + i`."""
        bits = 0
        for sequence in self.kept:
            bits |= 1 << (((sequence - self.expected) & SEQUENCE_MASK) - 1)
        return bits
