"""The line that is as bad as you like is exactly as bad as was said, and repeatable."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.line_model import (
    CLEAN,
    RFCOMM_LINE,
    SPEEDS,
    STRETCH,
    UART_115200,
    USB_FULL_SPEED,
    Faults,
    Line,
    LinePair,
    LineSpeed,
)

FAST = LineSpeed()


def through(line: Line, data: bytes, *, piece: int = 1000) -> bytes:
    for start in range(0, len(data), piece):
        line.send(data[start : start + piece], 0.0)
    return line.receive(math.inf)


@given(st.binary(max_size=5000), st.integers(1, 2000))
@settings(max_examples=50)
def test_a_clean_line_changes_nothing(data: bytes, piece: int) -> None:
    assert through(Line(FAST, CLEAN, 1), data, piece=piece) == data
    assert through(Line(UART_115200, CLEAN, 1), data, piece=piece) == data


@pytest.mark.parametrize("speed", SPEEDS.values(), ids=SPEEDS)
def test_bytes_take_the_time_that_the_line_needs(speed: LineSpeed) -> None:
    speed = speed._replace(turn_s=0.0)
    line = Line(speed, CLEAN, 1)
    line.send(bytes(10_000), 5.0)
    assert line.next_arrival() == pytest.approx(5.0 + STRETCH / speed.rate_bytes_per_s + speed.latency_s)
    half = 5.0 + 5_000 / speed.rate_bytes_per_s + speed.latency_s
    assert len(line.receive(half)) == pytest.approx(5_000, abs=STRETCH)
    rest = 5.0 + 10_000 / speed.rate_bytes_per_s + speed.latency_s
    assert line.receive(rest - 1e-6) != b""
    assert len(line.receive(rest + 1e-6)) <= STRETCH
    assert line.arrived == 10_000


def test_a_line_with_turns_hands_bytes_over_at_each_of_them() -> None:
    line = Line(USB_FULL_SPEED, CLEAN, 1)
    line.send(bytes(10_000), 5.0)
    arrivals = []
    while (now := line.next_arrival()) != math.inf:
        arrivals.append((now, len(line.receive(now))))
    assert sum(count for _, count in arrivals) == 10_000
    assert [now for now, _ in arrivals] == pytest.approx(
        [5.0 + 0.001 * turn for turn in range(1, len(arrivals) + 1)]
    )
    assert max(count for _, count in arrivals) <= 1_100 + STRETCH


@pytest.mark.parametrize(
    "faults",
    [
        Faults(flip=1e-3),
        Faults(lose=1e-2),
        Faults(repeat=1e-2),
        Faults(cut=0.1),
        Faults(swap=0.2),
        Faults(noise=0.1),
        Faults(flip=1e-4, lose=1e-3, repeat=1e-3, cut=0.01, swap=0.02, noise=0.02, delay=0.1),
    ],
    ids=lambda faults: "+".join(name for name, value in faults._asdict().items() if value and name != "delay_s"),
)
def test_the_same_seed_does_the_same_and_another_does_not(faults: Faults) -> None:
    data = bytes(range(256)) * 200
    once, again, other = (through(Line(FAST, faults, seed), data) for seed in (7, 7, 8))
    assert once == again
    assert once != other
    assert once != data


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 1e-2])
def test_the_rates_are_what_they_say(rate: float) -> None:
    data = bytes(200_000)
    line = Line(FAST, Faults(flip=rate / 8), 3)
    flipped = sum(byte.bit_count() for byte in through(line, data))
    assert flipped == pytest.approx(len(data) * rate, rel=0.4)
    assert line.hurt == flipped
    lossy = Line(FAST, Faults(lose=rate), 3)
    assert len(data) - len(through(lossy, data)) == pytest.approx(len(data) * rate, rel=0.4)


def test_swapped_stretches_change_places_and_nothing_is_lost() -> None:
    data = bytes(range(256)) * 20
    swapped = through(Line(FAST, Faults(swap=0.5), 5), data)
    assert swapped != data
    stretches = [data[i : i + STRETCH] for i in range(0, 1000, STRETCH)]
    assert sorted(swapped) == sorted(data)
    assert all(stretch in swapped for stretch in stretches)


def test_a_pair_waits_no_longer_than_it_was_told() -> None:
    now = [0.0]
    waits: list[float] = []

    def move(outgoing: list[bytes], timeout_s: float) -> bytes:
        waits.append(timeout_s)
        if outgoing:
            return b"echo " + outgoing[0]
        now[0] += timeout_s
        return b""

    pair = LinePair.of(RFCOMM_LINE, CLEAN, 1)
    assert pair.exchange(move, [b"hello"], 1.0, lambda: now[0]) == b"echo hello"
    # 20 ms there, 20 ms back, and the bytes' own time.
    assert now[0] == pytest.approx(0.04, abs=0.001)
    now[0], waits[:] = 0.0, []
    assert pair.exchange(move, [], 0.5, lambda: now[0]) == b""
    assert now[0] == pytest.approx(0.5)


def test_a_pair_can_be_woken() -> None:
    now = [0.0]

    def woken_at_once(outgoing: list[bytes], timeout_s: float) -> bytes:
        return b""

    pair = LinePair.of(FAST, CLEAN, 1)
    assert pair.exchange(woken_at_once, [], 60.0, lambda: now[0]) == b""
