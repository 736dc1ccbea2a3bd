"""Drift: what the emulated handset answers otherwise than the phone that was recorded.

The host's half of a recording is said to an emulated handset, which is made new for each test: its requests in
their order, and in callbacks what the data owners answered then. What comes is held against the phone's half.
What differs between any two phones is left aside: times, identities, what is in the folder of logs.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from harness.connection import Connection
from harness.errors import AgentRefused, EngineError, HandsetLost, HilError, Misuse
from harness.handset import BUILD
from harness.recording.comparing import answers_that_differ, in_words
from harness.recording.differences import words_of
from harness.recording.reading import Recording
from harness.recording.steps import Doing, Step, stream_of
from harness.transport.base import Transport
from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.calls import Event
from wire.protocol.conversation import Exchange
from wire.protocol.describe import shorten
from wire.protocol.handshake import make_hello
from wire.protocol.messages import callbacks, engine, fingerprint
from wire.protocol.messages.emulator import EMULATOR_RESET, ProfileChoice
from wire.protocol.messages.method import ErrorDomain, Method
from wire.protocol.messages.owners import OWNER_TOPIC, OwnerEvent
from wire.protocol.messages.phone import (
    PHONE_INFO,
    PROPERTY_SUBSCRIBE,
    PROPERTY_UNSUBSCRIBE,
    PropertyChange,
    Topic,
)
from wire.symbian import LOG_FOLDER
from wire.symbian_errors import KErrNotSupported, Leave, describe_error

CALL_TIMEOUT_S: Final = 30.0
_REFUSED: Final = "the agent refuses it"
_POLLS: Final = 40
_POLL_S: Final = 0.05
_LONGEST: Final = 300
_CALLBACKS: Final = [value for value in vars(callbacks).values() if isinstance(value, Method)]


class Drift(NamedTuple):
    """Something that the emulated handset does otherwise.

    Attributes:
        number: the packet of the recording, and `time_s` its time since 1970.
        asked: what it is about.
        phone, emulated: what each of them said.
    """

    test: str
    number: int
    time_s: float
    asked: str
    phone: str
    emulated: str


class Compared(NamedTuple):
    """A test that was played: how many answers, callbacks and events were compared, and what differed."""

    test: str
    compared: int
    drifts: list[Drift]


def compare(recording: Recording, plug_in: Callable[[], Transport], tests: str = "") -> Iterator[Compared]:
    """Play the tests of a recording, those whose name contains `tests`, to an emulated handset."""
    for test, attempts in recording.tests.items():
        if tests not in test:
            continue
        hello = make_hello(
            (line := plug_in()).profile,
            fingerprint=fingerprint(),
            build=BUILD,
            product="PC",
            nonce=secrets.randbits(32),
        )
        connection = Connection(line, hello)
        with contextlib.closing(connection):
            connection.call(EMULATOR_RESET, ProfileChoice(""))
            # What a session begins with tells the topics; that it may differ is nothing that a test is about.
            opening = _Player("", connection)
            opening.play(recording.opening.steps)
            player = _Player(test, connection, opening.topics)
            player.play(attempts[-1].steps)
        yield Compared(test, player.count, sorted(player.drifts, key=lambda drift: drift.number))


class _Player:
    """Says the host's half of a test."""

    def __init__(self, test: str, connection: Connection, topics: dict[int, int] | None = None) -> None:
        self.drifts: list[Drift] = []
        self.count = 0
        self.topics = dict(topics or {})  # the emulated handset's, by the recorded one
        self._test = test
        self._connection = connection
        self._inside: dict[Exchange, list[Step]] = {}
        self._callbacks: dict[tuple[int, int], deque[Step]] = {}
        self._told: Counter[str] = Counter()

    def play(self, steps: list[Step]) -> None:
        """All of it, or as far as the phone was there."""
        steps = list(itertools.takewhile(lambda step: step.doing is not Doing.LOSES, steps))
        for step in steps:
            if step.doing is Doing.ASKS and step.exchange is not None and step.by_host:
                if step.exchange.parent is not None:
                    self._inside.setdefault(step.exchange.parent, []).append(step)
            elif step.doing is Doing.ASKS and step.exchange is not None:
                self._callbacks.setdefault(_key(step.exchange), deque()).append(step)
        for method in _CALLBACKS:
            self._connection.serve(method, self._handler(method))
        self._connection.listen(OWNER_TOPIC, self._tell)
        for recorded, live in self.topics.items():
            self._listen(recorded, live)
        asked = [s for s in steps if s.doing is Doing.ASKS and s.by_host and s.exchange and not s.exchange.parent]
        for step, following in zip(asked, [*asked[1:], None], strict=True):
            if following is None or not _is_poll(step, following):
                try:
                    self._ask(step)
                except HandsetLost as error:
                    self._differs(step, "it went on", f"it is gone: {error}")
                    return
        self._compare_what_did_not_come(steps)
        self._compare_events(steps)

    # ------------------------------------------------------------------------------------------- requests

    def _ask(self, step: Step) -> None:
        """Ask what was asked; what is polled until it has become what it became on the phone."""
        self.count += 1
        found: tuple[str, str] | None = None
        for _ in range(_POLLS if step.exchange and step.exchange.method is engine.SID_STATUS else 1):
            found = self._answers_differ(step)
            if found is None:
                return
            self._connection.wait_until(lambda: False, _POLL_S)
        if found is not None:
            self._differs(step, *found)

    def _answers_differ(self, step: Step) -> tuple[str, str] | None:
        exchange = step.exchange
        assert exchange is not None
        method = exchange.method
        if method is None or exchange.request is None or exchange.answered_s is None:
            return None
        request: Any = exchange.request
        if method is PROPERTY_UNSUBSCRIBE:
            request = Topic(self.topics.get(request.topic, request.topic))
        upload, _ = stream_of(exchange, outgoing=True)
        answer, data, failed = self._call(method, request, upload)
        if failed or exchange.error is not None:
            failure = "" if exchange.error is None else _failure(exchange.error.domain, exchange.error.code)
            return None if failure == failed else (failure or "it succeeded", failed or "it succeeds")
        if method is PROPERTY_SUBSCRIBE and exchange.answer is not None:
            subscription: Any = exchange.answer
            self.topics[subscription.topic] = answer.topic
            self._listen(subscription.topic, answer.topic)
        if method is PHONE_INFO or str(getattr(request, "path", "")).lower().startswith(LOG_FOLDER.lower()[:-1]):
            return None
        then, end = stream_of(exchange, outgoing=False)
        # A stream that nobody took to its end says nothing about the rest.
        return answers_that_differ(method, request, (exchange.answer, then), (answer, data if end else then))

    def _call(self, method: Method[Any, Any], request: Any, upload: bytes) -> tuple[Any, bytes, str]:
        """The answer, what followed it, and how it failed."""
        try:
            if method.download:
                with self._connection.download(method, request, timeout_s=CALL_TIMEOUT_S) as (answer, pieces):
                    return answer, b"".join(pieces), ""
            stream = [upload] if method.upload else None
            return self._connection.call(method, request, upload=stream, timeout_s=CALL_TIMEOUT_S), b"", ""
        except HandsetLost:
            raise
        except EngineError as error:
            return None, b"", describe_error(error.code)
        except (AgentRefused, Misuse):
            return None, b"", _REFUSED
        except HilError as error:
            return None, b"", type(error).__name__

    # ------------------------------------------------------------------------------------------ callbacks

    def _handler(self, method: Method[Any, Any]) -> Callable[[Any], Any]:
        def handle(body: Any) -> Any:
            waiting = self._callbacks.get((method.number, body.sid))
            if not waiting:
                self.drifts.append(
                    Drift(self._test, 0, 0.0, method.name, "it did not ask", f"it asks {shorten(body)[:_LONGEST]}")
                )
                raise Leave(KErrNotSupported)
            step = waiting.popleft()
            exchange = step.exchange
            assert exchange is not None
            self.count += 1
            differing = in_words(exchange.request, body)
            if differing is not None:
                self._differs(step, *differing)
            for inside in self._inside.get(exchange, []):
                self._ask(inside)
            if exchange.error is not None:
                raise Leave(exchange.error.code)
            return exchange.answer

        return handle

    def _compare_what_did_not_come(self, steps: list[Step]) -> None:
        left = {step for waiting in self._callbacks.values() for step in waiting}
        for step in steps:
            if step in left:
                self._differs(step, "it asked", "it does not ask")

    # --------------------------------------------------------------------------------------------- events

    def _listen(self, recorded: int, live: int) -> None:
        self._connection.listen(live, lambda event: self._tell(event._replace(topic=recorded)))

    def _tell(self, event: Event) -> None:
        self._told[_event(event.topic, event.body)] += 1

    def _compare_events(self, steps: list[Step]) -> None:
        """Which of them came and how often; in which moment is chance."""
        recorded = {}
        for step in steps:
            if step.doing is Doing.TELLS:
                words = _event(step.topic, step.body)
                recorded[words] = step
                self._told[words] -= 1
        for words, balance in self._told.items():
            self.count += 1
            if words in recorded and balance < 0:
                self._differs(recorded[words], words, "it is not told")
            elif words not in recorded:
                self.drifts.append(Drift(self._test, 0, 0.0, "events", "it was not told", words))

    def _differs(self, step: Step, phone: str, emulated: str) -> None:
        self.drifts.append(
            Drift(self._test, step.number, step.time_s, words_of(step), phone[:_LONGEST], emulated[:_LONGEST])
        )


def _key(exchange: Exchange) -> tuple[int, int]:
    return exchange.method_number, getattr(exchange.request, "sid", 0)


def _is_poll(step: Step, following: Step) -> bool:
    """The same was asked again at once, so that only what it became in the end can be compared."""
    assert step.exchange is not None
    assert following.exchange is not None
    same = step.exchange.method is following.exchange.method and step.body == following.body
    return same and step.exchange.method is engine.SID_STATUS


def _failure(domain: int, code: int) -> str:
    return _REFUSED if domain == ErrorDomain.AGENT else describe_error(code)


def _event(topic: int, body: bytes) -> str:
    cls: Any = OwnerEvent if topic == OWNER_TOPIC else PropertyChange
    try:
        told = codec_of(cls).parse(body)
    except LayoutError:
        return f"an event of topic {topic} that cannot be read"
    return shorten(told._replace(tick_ms=0)).replace("tick_ms=0 ", "")
