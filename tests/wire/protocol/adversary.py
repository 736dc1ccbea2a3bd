"""Two ends of a link and a channel that does what it likes with frames, against a model: once each and in order.

The channel keeps every frame it was given and may give it to the other end later, never, twice, damaged, or when
its session is long over. The model is what each end was asked to send in the present session.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from wire.protocol.frame import Flags, FrameDecoder, Kind
from wire.protocol.handshake import LOCAL, make_hello
from wire.protocol.host_link import PINGS_UNTIL_LOST, HostLink
from wire.protocol.link import Link
from wire.protocol.phone_link import PhoneLink
from wire.protocol.window import MAX_TRIES

_MANY: Final = 1 << 15
_PAYLOAD: Final = 512


class _Side:
    """One end, and what the model knows of it.

    Attributes:
        asked: how many messages it was asked to send in its present session.
        got: how many of the other end's have been delivered here in the present session.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.link: Link
        self.asked = 0
        self.got = 0
        self.outbox: list[bytes] = []

    @property
    def epoch(self) -> tuple[int, int]:
        """The session as this end sees it: who it talks with, and who it is."""
        mine, other = self.link.hello, self.link.other
        assert other is not None
        return (mine.nonce, other.boot_id) if self.name == "host" else (other.nonce, mine.boot_id)


class AdversarialChannel(RuleBasedStateMachine):
    """Hypothesis plays the channel, the clock, and whoever switches an end off and on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.host = _Side("host")
        self.phone = _Side("phone")
        self.starts = 0
        self.window = 1

    @initialize(window=st.sampled_from([1, 2, 3, 8]))
    def begin(self, window: int) -> None:
        self.window = window
        self._start_phone()
        self._start_host()
        self._settle()

    def _start_host(self) -> None:
        self.starts += 1
        profile = LOCAL._replace(window=self.window, max_payload=_PAYLOAD)
        self.host.link = HostLink(make_hello(profile, fingerprint=1, build="", product="", nonce=self.starts))
        self.host.asked = self.host.got = 0

    def _start_phone(self) -> None:
        self.starts += 1
        profile = LOCAL._replace(window=self.window, max_payload=_PAYLOAD)
        hello = make_hello(profile, fingerprint=1, build="", product="", nonce=0, boot_id=1000 + self.starts)
        link = PhoneLink(hello)
        link.on_session = self._phone_has_a_new_host
        self.phone.link = link
        self.phone.asked = self.phone.got = 0

    def _phone_has_a_new_host(self) -> None:
        self.phone.asked = self.phone.got = 0

    # ------------------------------------------------------------------------------------ what is done

    @rule(to_phone=st.booleans(), count=st.integers(1, 12))
    def ask_to_send(self, to_phone: bool, count: int) -> None:
        side = self.host if to_phone else self.phone
        if side.link.is_open:
            for _ in range(count):
                payload = repr((*side.epoch, side.name, side.asked)).encode()
                side.link.send(Kind.EVENT, 1, 0, payload, Flags.LAST)
                side.asked += 1

    @rule(of_host=st.booleans())
    def speak(self, of_host: bool) -> None:
        self._speak(*((self.host, self.phone) if of_host else (self.phone, self.host)))

    def _speak(self, side: _Side, other: _Side) -> None:
        frames = side.link.outgoing(self.now)
        side.outbox += frames
        if self._same_session():
            for header, _ in _decoded(frames):
                # It cannot know that more was received than was, so it is never further ahead than this.
                ahead = (header.sequence - other.link._receive_window.expected) & 0xFFFF
                if header.kind >= Kind.REQUEST and ahead < _MANY:
                    assert ahead < self.window, f"{side.name} sends {ahead} ahead, the window is {self.window}"

    @rule(of_host=st.booleans(), which=st.integers(0, 1 << 16), keep=st.booleans())
    def deliver(self, of_host: bool, which: int, keep: bool) -> None:
        """Any frame, however old; it may come again."""
        side, other = (self.host, self.phone) if of_host else (self.phone, self.host)
        if side.outbox:
            index = which % len(side.outbox)
            data = side.outbox[index] if keep else side.outbox.pop(index)
            self._receive(other, data)

    @rule(of_host=st.booleans(), count=st.integers(1, 30))
    def deliver_all(self, of_host: bool, count: int) -> None:
        """In order, as most lines do most of the time."""
        side, other = (self.host, self.phone) if of_host else (self.phone, self.host)
        for data in side.outbox[:count]:
            self._receive(other, data)
        del side.outbox[:count]

    @rule(of_host=st.booleans(), which=st.integers(0, 1 << 16), bit=st.integers(0, 1 << 16))
    def damage(self, of_host: bool, which: int, bit: int) -> None:
        side, other = (self.host, self.phone) if of_host else (self.phone, self.host)
        if side.outbox:
            data = bytearray(side.outbox.pop(which % len(side.outbox)))
            data[bit // 8 % len(data)] ^= 1 << bit % 8
            self._receive(other, bytes(data))

    @rule(of_host=st.booleans(), which=st.integers(0, 1 << 16))
    def lose(self, of_host: bool, which: int) -> None:
        side = self.host if of_host else self.phone
        if side.outbox:
            side.outbox.pop(which % len(side.outbox))

    @rule(seconds=st.sampled_from([0.001, 0.02, 0.2, 0.6, 1.1]))
    def let_time_pass(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def restart_the_host(self) -> None:
        self._start_host()

    @rule()
    def restart_the_phone(self) -> None:
        self._start_phone()

    @rule()
    def begin_a_new_session(self) -> None:
        """Both ends know of it; the channel still has what was said in the one before, and says it again."""
        for side, other in ((self.host, self.phone), (self.phone, self.host)):
            if side.link.is_open:
                side.link.send(Kind.EVENT, 1, 0, repr((*side.epoch, side.name, side.asked)).encode(), Flags.LAST)
                side.asked += 1
                self._speak(side, other)
        old = self.host.outbox, self.phone.outbox
        self.host.outbox, self.phone.outbox = [], []
        self._start_host()
        self._settle(rounds=5)
        self.host.outbox, self.phone.outbox = old
        for side, other in ((self.host, self.phone), (self.phone, self.host)):
            for data in side.outbox:
                if all(header.kind > Kind.HELLO_ACK for header, _ in _decoded([data])):
                    self._receive(other, data)

    # --------------------------------------------------------------------------------- what must hold

    def _receive(self, side: _Side, data: bytes) -> None:
        side.link.receive(data, self.now)
        while side.link.delivered:
            frame = side.link.delivered.popleft()
            other = self.phone if side is self.host else self.host
            wanted = repr((*side.epoch, other.name, side.got)).encode()
            assert bytes(frame.payload) == wanted, f"{side.name} got {bytes(frame.payload)!r}, wanted {wanted!r}"
            side.got += 1

    @invariant()
    def nothing_is_delivered_that_was_not_asked_for(self) -> None:
        if self._same_session():
            assert self.host.got <= self.phone.asked
            assert self.phone.got <= self.host.asked

    def _same_session(self) -> bool:
        links = [side.link for side in (self.host, self.phone) if hasattr(side, "link")]
        return len(links) == 2 and all(link.is_open for link in links) and self.host.epoch == self.phone.epoch

    def teardown(self) -> None:
        """The channel becomes a good one, with nothing old in it: everything that was asked for arrives.

        An old HELLO in it would begin the session of a host that is gone; the present one is told that by a RESET.
        """
        self.host.outbox.clear()
        self.phone.outbox.clear()
        if not self._same_session() or self._is_nearly_given_up():
            return
        epoch = self.host.epoch
        self._settle()
        assert self._same_session(), self.host.link.lost_because or self.phone.link.lost_because
        assert self.host.epoch == epoch
        assert (self.phone.got, self.host.got) == (self.host.asked, self.phone.asked)

    def _is_nearly_given_up(self) -> bool:
        """A frame or a sign of life was tried so often that one more delay ends the session, as it should."""
        host = self.host.link
        assert isinstance(host, HostLink)
        return host._pings >= PINGS_UNTIL_LOST - 1 or any(
            frame.tries > MAX_TRIES - 3
            for side in (self.host, self.phone)
            for frame in side.link._send_window._frames.values()
        )

    def _settle(self, *, rounds: int = 400) -> None:
        for _ in range(rounds):
            self._speak(self.host, self.phone)
            self._speak(self.phone, self.host)
            for side, other in ((self.host, self.phone), (self.phone, self.host)):
                for data in side.outbox:
                    self._receive(other, data)
                side.outbox.clear()
            self.now += 0.02


def _decoded(frames: list[bytes]) -> Iterator[tuple[Any, Any]]:
    decoder = FrameDecoder(_PAYLOAD)
    for data in frames:
        yield from decoder.feed(data)
