"""When a frame is sent again, at the edges that a line rarely comes to."""

from __future__ import annotations

from math import inf

from tests.wire.protocol.pair import PHONE_SIZED, Pair
from wire.protocol.frame import Kind
from wire.protocol.window import FIRST_RESEND_S, MAX_RESEND_S, MIN_RESEND_S, SendWindow, Unacknowledged


def frame() -> Unacknowledged:
    return Unacknowledged(Kind.DATA, 0, 1, 0, b"")


def test_a_hole_that_was_filled_before_it_was_sent_again() -> None:
    window = SendWindow(4)
    first, second = frame(), frame()
    window.add(first, 0.0)
    window.add(second, 0.0)
    assert window.selectively(0, 0b1, 1.0) == [first]
    window.acknowledge(2, 1.0)
    window.mark_resent(first, 1.1)
    assert window.resend_at == inf


def test_the_link_goes_on_after_such_a_hole() -> None:
    pair = Pair(PHONE_SIZED)
    pair.connect()
    host, phone = pair.host, pair.phone
    host.send(Kind.EVENT, 1, 0, b"first")
    host.send(Kind.EVENT, 1, 0, b"second")
    first, second = host.outgoing(pair.now)
    phone.receive(second, pair.now)
    gap = phone.outgoing(pair.now)
    phone.receive(first, pair.now)
    filled = phone.outgoing(pair.now + 1)
    host.receive(b"".join(gap + filled), pair.now + 1)
    host.outgoing(pair.now + 1)
    assert host.deadline() > pair.now + 1
    assert host.unacknowledged == 0


def test_how_long_it_waits() -> None:
    window = SendWindow(4)
    window.add(frame(), 0.0)
    assert window.resend_at == FIRST_RESEND_S
    window.acknowledge(1, 0.001)
    window.add(late := frame(), 1.0)
    assert window.resend_at == 1.0 + MIN_RESEND_S
    for tries in range(1, 8):
        assert window.timed_out() is late
        window.mark_resent(late, 10.0)
        assert window.resend_at == 10.0 + min(MAX_RESEND_S, MIN_RESEND_S * 2**tries)
