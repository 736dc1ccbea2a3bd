"""A phone that says whatever a case wants, on a line without threads and without real time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.connection import Connection
from harness.errors import LinkClosed
from harness.handset import Handset
from wire.formats.serialised import drive_list
from wire.layout import EMPTY, codec_of
from wire.protocol.calls import Calls, Request
from wire.protocol.handshake import LOCAL, Hello, make_hello
from wire.protocol.messages import fingerprint
from wire.protocol.messages import phone as phone_messages
from wire.protocol.messages.method import ErrorBody, Method
from wire.protocol.phone_link import PhoneLink
from wire.symbian import Drive, SecureId

SLOT = SecureId(0xE0F1B001)
INFO = phone_messages.PhoneInfo(
    model="a model",
    firmware="its firmware",
    imei="004401012345678",
    agent="an agent",
    profile="a profile",
    features=int(phone_messages.PhoneFeatures.CONTROLLER | phone_messages.PhoneFeatures.OWNER_SLOTS),
    uptime_ms=1,
    home_time_us=1,
    owner_slots=(SLOT,),
    drives=drive_list([Drive.parse("C")]),
)

Said = tuple[bytes, Iterable[bytes]] | bytes | ErrorBody | None
Answer = Callable[[Request], Said]


class HostilePhone:
    """A transport with the phone behind it.

    Attributes:
        answers: what it says to a method, by its number; without one it says nothing at all.
        before: bytes of its own making that come before whatever its link sends.
    """

    name = "hostile"
    profile = LOCAL

    def __init__(self, *, build: str = "an agent") -> None:
        self.now = 100.0
        hello = make_hello(LOCAL, fingerprint=fingerprint(), build=build, product="a phone", nonce=0, boot_id=5)
        self.link = PhoneLink(hello)
        self.calls = Calls(self.link, is_phone=True)
        self.link.on_session = self.calls.reset
        self.answers: dict[int, Answer] = {}
        self.before: Iterator[bytes] = iter(())
        self._closed = False
        self.answer(phone_messages.PHONE_INFO, INFO)
        self.answer(phone_messages.LEASE, EMPTY)
        self.answer(phone_messages.PROPERTY_SUBSCRIBE, phone_messages.Subscription(1, 0, 1))
        self.answer(phone_messages.PROPERTY_GET, phone_messages.PropertyValue(1))

    def answer(self, method: Method[Any, Any], body: Any, stream: Callable[[], Iterable[bytes]] = tuple) -> None:
        """Answer a method with a body, or with bytes that need not be one."""
        data = body if isinstance(body, bytes) else codec_of(type(body)).build(body)
        self.answers[method.number] = lambda request: (data, stream())

    def handset(self) -> Handset:
        """A session of the real harness with it."""
        return Handset(self.connection(), name="hostile")

    def connection(self) -> Connection:
        hello: Hello = make_hello(LOCAL, fingerprint=fingerprint(), build="harness", product="PC", nonce=7)
        return Connection(self, hello, clock=lambda: self.now, keeper_delay_s=3600.0)

    # ---------------------------------------------------------------------------------------- transport

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        if self._closed:
            raise LinkClosed("hostile is closed")
        self.now += 0.0001
        for data in outgoing:
            self.link.receive(data, self.now)
        self.calls.process()
        waiting = [self.calls.incoming, *(call.serving for call in list(self.calls.open.values()))]
        for requests in waiting:
            while requests:
                self._serve(requests.popleft())
        out = [*([piece] if (piece := next(self.before, b"")) else []), *self.link.outgoing(self.now)]
        if not out:
            self.now += min(timeout_s, 0.25)
        return b"".join(out)

    def _serve(self, request: Request) -> None:
        answer = self.answers.get(request.method.number)
        if answer is None:
            return
        said = answer(request)
        if said is None:
            return
        if isinstance(said, ErrorBody):
            self.calls.refuse(request, said)
        elif isinstance(said, bytes):
            self.calls.answer(request, said)
        else:
            self.calls.answer(request, said[0], said[1])

    def wake(self) -> None:
        """See `Transport.wake`."""

    def close(self) -> None:
        """See `Transport.close`."""
        self._closed = True
