"""A line that is as slow and as bad as you like: bytes and the time go in, what arrives and when comes out.

Pure, and repeatable from its seed. The emulated handset puts one between itself and the host, a transport of the
harness puts one between itself and a real phone, and measurements use the clean ones to stand for real links.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple


class LineSpeed(NamedTuple):
    """How fast a kind of line is.

    Attributes:
        rate_bytes_per_s: how many bytes go in a second.
        latency_s: how long each is on its way.
        turn_s: bytes are handed over in turns that far apart, as on USB; 0 for at once.
    """

    rate_bytes_per_s: float = math.inf
    latency_s: float = 0.0
    turn_s: float = 0.0


UART_115200: Final = LineSpeed(11_520, 0.001)
USB_FULL_SPEED: Final = LineSpeed(1_100_000, 0.0005, turn_s=0.001)  # a frame of full-speed USB
RFCOMM_LINE: Final = LineSpeed(200_000, 0.020)
SPEEDS: Final = {"uart": UART_115200, "usb": USB_FULL_SPEED, "rfcomm": RFCOMM_LINE}


class Faults(NamedTuple):
    """What a line does to bytes, as probabilities.

    `flip` is for each bit, `lose` and `repeat` for each byte, the others for each stretch of at most 64 bytes.

    Attributes:
        flip: a bit is the other one.
        lose: a byte does not arrive.
        repeat: a byte arrives twice.
        cut: a stretch ends early.
        swap: two stretches change places.
        noise: 1 to 200 bytes that nobody sent come before a stretch.
        delay: a stretch is up to `delay_s` late, and everything behind it with it.
    """

    flip: float = 0.0
    lose: float = 0.0
    repeat: float = 0.0
    cut: float = 0.0
    swap: float = 0.0
    noise: float = 0.0
    delay: float = 0.0
    delay_s: float = 0.05


CLEAN: Final = Faults()
STRETCH: Final = 64
MAX_NOISE: Final = 200


class Line:
    """One direction of a line.

    Attributes:
        sent, arrived: bytes so far; what was lost, repeated or made up shows in their difference.
        hurt: how many faults of any kind there were.
    """

    def __init__(self, speed: LineSpeed, faults: Faults, seed: int) -> None:
        self._speed = speed
        self._faults = faults
        self._random = random.Random(seed)  # noqa: S311 - it has to be repeatable, not unpredictable
        self._busy_until = -math.inf
        self._queue: list[tuple[float, int, bytes]] = []
        self._count = 0
        self.sent = 0
        self.arrived = 0
        self.hurt = 0
        self._held: bytes | None = None
        self._flips = _Gaps(self._random, faults.flip)
        self._losses = _Gaps(self._random, faults.lose)
        self._repeats = _Gaps(self._random, faults.repeat)

    def send(self, data: bytes, now: float) -> None:
        """Bytes enter the line."""
        self.sent += len(data)
        if self._faults == CLEAN:
            # On a slow line the first bytes arrive long before the last ones.
            size = max(1, len(data)) if self._speed.rate_bytes_per_s == math.inf else STRETCH
            for start in range(0, len(data), size):
                self._put(data[start : start + size], now)
            return
        for start in range(0, len(data), STRETCH):
            self._send_stretch(data[start : start + STRETCH], now)
        if self._held is not None:
            # Nothing came behind it that it could change places with.
            held, self._held = self._held, None
            self._put(held, now)

    def receive(self, now: float) -> bytes:
        """What has arrived by now."""
        out = []
        queue = self._queue
        while queue and queue[0][0] <= now:
            out.append(heapq.heappop(queue)[2])
        data = b"".join(out)
        self.arrived += len(data)
        return data

    def clear(self) -> None:
        """What is on its way is lost."""
        self._queue.clear()
        self._held = None
        self._busy_until = -math.inf

    def next_arrival(self) -> float:
        """When the next bytes arrive; infinite when none are on their way."""
        return self._queue[0][0] if self._queue else math.inf

    def _send_stretch(self, stretch: bytes, now: float) -> None:
        faults, chance = self._faults, self._random.random
        if faults.noise and chance() < faults.noise:
            self.hurt += 1
            self._put(self._random.randbytes(self._random.randint(1, MAX_NOISE)), now)
        damaged = self._damage(stretch)
        if faults.cut and chance() < faults.cut:
            self.hurt += 1
            damaged = damaged[: self._random.randrange(len(damaged) or 1)]
        if faults.delay and chance() < faults.delay:
            self.hurt += 1
            self._busy_until = max(self._busy_until, now) + chance() * faults.delay_s
        if self._held is not None:
            held, self._held = self._held, None
            self._put(damaged, now)
            self._put(held, now)
        elif faults.swap and chance() < faults.swap:
            self.hurt += 1
            self._held = damaged
        else:
            self._put(damaged, now)

    def _damage(self, stretch: bytes) -> bytes:
        flips = self._flips.within(8 * len(stretch))
        losses = set(self._losses.within(len(stretch)))
        repeats = set(self._repeats.within(len(stretch)))
        if not (flips or losses or repeats):
            return stretch
        self.hurt += len(flips) + len(losses) + len(repeats)
        changed = bytearray(stretch)
        for bit in flips:
            changed[bit // 8] ^= 1 << bit % 8
        out = bytearray()
        for index, byte in enumerate(changed):
            if index not in losses:
                out.append(byte)
            if index in repeats:
                out.append(byte)
        return bytes(out)

    def _put(self, data: bytes, now: float) -> None:
        if data:
            self._busy_until = max(self._busy_until, now) + len(data) / self._speed.rate_bytes_per_s
            self._count += 1
            arrival, turn_s = self._busy_until + self._speed.latency_s, self._speed.turn_s
            if turn_s:
                arrival = math.ceil(arrival / turn_s) * turn_s
            heapq.heappush(self._queue, (arrival, self._count, data))


class _Gaps:
    """Where rare events fall in a long row of chances, without a throw for each of them."""

    def __init__(self, source: random.Random, probability: float) -> None:
        self._source = source
        self._probability = probability
        self._next = self._gap()

    def _gap(self) -> float:
        if not self._probability:
            return math.inf
        if self._probability >= 1:
            return 0
        return int(math.log(1 - self._source.random()) / math.log(1 - self._probability))

    def within(self, count: int) -> list[int]:
        """The places among the next `count` chances."""
        places = []
        while self._next < count:
            places.append(int(self._next))
            self._next += 1 + self._gap()
        self._next -= count
        return places


Mover = Callable[[list[bytes], float], bytes]
"""Sends bytes and waits at most so many seconds for others; may end early with nothing when it is woken."""


class LinePair:
    """Both directions, put around something that moves bytes.

    Args:
        outward, inward: seen from whoever calls `exchange`.
    """

    def __init__(self, outward: Line, inward: Line) -> None:
        self.outward = outward
        self.inward = inward

    @classmethod
    def of(cls, speed: LineSpeed, faults: Faults, seed: int) -> LinePair:
        """Two like directions with seeds that follow from one."""
        return cls(Line(speed, faults, seed), Line(speed, faults, seed + 1))

    def clear(self) -> None:
        """What is on its way is lost."""
        self.outward.clear()
        self.inward.clear()

    @property
    def passed(self) -> int:
        """Bytes that have entered either direction."""
        return self.outward.sent + self.inward.sent

    def exchange(
        self, move: Mover, outgoing: Iterable[bytes], timeout_s: float, clock: Callable[[], float]
    ) -> bytes:
        """Send over the line and wait for what arrives over it, as the `move` inside would without one."""
        now = clock()
        until = now + timeout_s
        data = b"".join(outgoing)
        if data:
            self.outward.send(data, now)
        while True:
            due = self.outward.receive(now)
            arrived = self.inward.receive(now)
            target = min(until, self.outward.next_arrival(), self.inward.next_arrival())
            wait_s = 0.0 if arrived else max(0.0, target - now)
            received = move([due] if due else [], wait_s)
            began, now = now, clock()
            if received:
                self.inward.send(received, now)
            if arrived:
                return arrived
            woken = not received and now - began < wait_s - _CLOCK_GRAIN_S
            if woken or (now >= until and self.inward.next_arrival() > now):
                return b""


_CLOCK_GRAIN_S: Final = 0.002
"""Waiting is done in whole milliseconds."""
