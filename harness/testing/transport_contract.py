"""What every transport has to do, as tests to inherit."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest

from harness.errors import LinkClosed
from harness.transport.base import Transport

EVERY_BYTE: Final = bytes(range(256))
_BIG: Final = 1 << 20
_PATIENCE: Final = 200
"""How many exchanges of 0.1 s may bring nothing before a test fails; a wrong transport must not hang it."""


class Line(NamedTuple):
    """A transport, and a hold on the other end of its line.

    Attributes:
        transport: what is tried.
        send: lets the other end send all of it; may wait until the transport takes it.
        receive: so many bytes that the transport sent; waits for them.
        unplug: the other end goes away, as a pulled cable lets it.
    """

    transport: Transport
    send: Callable[[bytes], None]
    receive: Callable[[int], bytes]
    unplug: Callable[[], None]


class TransportContract:
    """Inherit it, call the class `Test...`, and give it a fixture `line` that makes a Line and takes it down."""

    def test_every_byte_goes_through_unchanged_in_both_directions(self, line: Line) -> None:
        line.transport.exchange([EVERY_BYTE], 0)
        assert line.receive(256) == EVERY_BYTE
        line.send(EVERY_BYTE)
        assert _receive(line.transport, 256) == EVERY_BYTE

    def test_what_goes_out_in_pieces_arrives_in_order(self, line: Line) -> None:
        pieces = [bytes([n]) * n for n in range(1, 50)]
        line.transport.exchange(pieces[:20], 0)
        line.transport.exchange([], 0)
        line.transport.exchange(iter(pieces[20:]), 0)
        whole = b"".join(pieces)
        assert line.receive(len(whole)) == whole

    def test_a_part_of_a_frame_is_given_without_waiting_for_the_rest(self, line: Line) -> None:
        line.send(b"\xc0\x01\x02")
        assert _receive(line.transport, 3) == b"\xc0\x01\x02"

    def test_nothing_comes_back_after_the_time(self, line: Line) -> None:
        assert line.transport.exchange([], 0.01) == b""
        assert line.transport.exchange([], 0) == b""

    def test_more_than_any_buffer_holds_goes_both_ways_at_once(self, line: Line) -> None:
        """Two ends that both write before they read must not wait for each other for ever."""
        data = random.Random(1).randbytes(_BIG)
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(line.receive(_BIG)), daemon=True)
        writer = threading.Thread(target=line.send, args=(data,), daemon=True)
        reader.start()
        writer.start()
        assert _receive(line.transport, _BIG, data) == data
        _exchange_until_done(line.transport, reader)
        assert got == [data]
        writer.join()

    def test_what_the_line_does_not_take_is_kept(self, line: Line) -> None:
        """Nobody reads at the other end: `exchange` must come back all the same, and lose nothing."""
        data = random.Random(2).randbytes(_BIG)
        assert line.transport.exchange([data], 0.01) == b""
        assert line.transport.exchange([b"the end"], 0.01) == b""
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(line.receive(_BIG + 7)), daemon=True)
        reader.start()
        _exchange_until_done(line.transport, reader)
        assert got == [data + b"the end"]

    def test_an_unplugged_line_is_reported_when_it_is_read(self, line: Line) -> None:
        line.unplug()
        with pytest.raises(LinkClosed) as caught:
            _use(line.transport, b"")
        assert line.transport.name in str(caught.value)

    def test_an_unplugged_line_is_reported_when_it_is_written(self, line: Line) -> None:
        line.transport.exchange([bytes(_BIG)], 0)  # so that something waits to be sent
        line.unplug()
        with pytest.raises(LinkClosed):
            _use(line.transport, b"x")

    def test_unplugging_ends_a_waiting_exchange(self, line: Line) -> None:
        errors, thread = _waiting(line.transport)
        line.unplug()
        thread.join()
        assert errors

    def test_closing_from_another_thread_ends_a_waiting_exchange(self, line: Line) -> None:
        errors, thread = _waiting(line.transport)
        line.transport.close()
        thread.join()
        assert errors

    def test_a_closed_one_says_so(self, line: Line) -> None:
        line.transport.close()
        line.transport.close()  # twice is allowed
        line.transport.wake()  # and so is this
        with pytest.raises(LinkClosed):
            line.transport.exchange([b"x"], 0.1)

    def test_a_wake_up_ends_the_exchange_or_the_next_one(self, line: Line) -> None:
        line.transport.wake()
        assert line.transport.exchange([], 30.0) == b""

    def test_wake_ups_from_other_threads_lose_nothing(self, line: Line) -> None:
        stop = threading.Event()

        def wake() -> None:
            while not stop.is_set():
                line.transport.wake()

        waker = threading.Thread(target=wake, daemon=True)
        waker.start()
        try:
            data = random.Random(3).randbytes(2_000)  # less than any line holds
            line.transport.exchange([data], 0)
            assert line.receive(len(data)) == data
            line.send(data)
            assert _receive(line.transport, len(data), patience=1_000_000) == data
        finally:
            stop.set()
            waker.join()

    def test_it_has_a_name_and_a_profile(self, line: Line) -> None:
        assert line.transport.name
        assert line.transport.profile.window >= 1
        assert line.transport.profile.max_payload >= 128


def _exchange_until_done(transport: Transport, reader: threading.Thread) -> None:
    """Until the other end has everything; a line may take as little as 1 KiB at a time."""
    for _ in range(_PATIENCE + _BIG // 1024):
        if not reader.is_alive():
            break
        transport.exchange([], 0.1)


def _receive(transport: Transport, count: int, outgoing: bytes = b"", patience: int = _PATIENCE) -> bytes:
    data = bytearray(transport.exchange([outgoing] if outgoing else [], 0.1))
    while len(data) < count:
        more = transport.exchange([], 0.1)
        patience -= not more
        assert patience, f"only {len(data)} of {count} bytes came"
        data += more
    return bytes(data)


def _use(transport: Transport, data: bytes) -> None:
    for _ in range(_PATIENCE):
        transport.exchange([data] if data else [], 0.1)


def _waiting(transport: Transport) -> tuple[list[LinkClosed], threading.Thread]:
    """A thread that waits for bytes until the line is gone, and what it met."""
    errors: list[LinkClosed] = []

    def wait() -> None:
        try:
            for _ in range(_PATIENCE):
                transport.exchange([], 30.0)
        except LinkClosed as error:
            errors.append(error)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return errors, thread
