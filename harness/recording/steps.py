"""What was said in a capture, as steps: messages, not frames.

Acknowledgements, signs of life, windows and repetitions are the link's own business and different every time;
a recorded phone has a real link of its own for them. What is left is in the order in which the host had it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from harness.capture import Packet
from harness.connection import LINK_IS_GONE
from harness.trace import BEFORE
from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.conversation import Conversation, Exchange, SeenFrame
from wire.protocol.frame import Kind
from wire.protocol.handshake import Hello
from wire.protocol.messages.method import StreamEnd

_DEADLINE_SIZE: Final = 4
EVIDENCE: Final = "evidence of a failed test: "
"""Begins the notes around what is read from a phone only because a test has failed."""
EVIDENCE_BEGINS: Final = f"{EVIDENCE}it is read from here on"
EVIDENCE_ENDS: Final = f"{EVIDENCE}that was all"
CLOSED_BY_HOST: Final = " was closed"


class Doing(Enum):
    """What a step is."""

    BEGINS = "begins a session"
    ASKS = "asks"
    ANSWERS = "answers"
    UPLOADS = "ends what follows a request"
    CANCELS = "cancels"
    TELLS = "tells"
    LOSES = "is gone"


@dataclass(slots=True, eq=False)
class Step:
    """Something that one end said.

    Attributes:
        number: of its packet in the capture, from 1, as `symhil trace show` numbers them.
        time_s: the host's, seconds since 1970.
        exchange: the call that it belongs to.
        body: the bytes of the request, the answer or the event.
        topic: of an event.
        hello: what the phone said of itself, where a session begins.
        words: why the link was gone.
    """

    number: int
    time_s: float
    by_host: bool
    doing: Doing
    exchange: Exchange | None = None
    body: bytes = b""
    topic: int = 0
    hello: Hello | None = None
    words: str = ""


def steps_of(packets: Iterable[tuple[int, Packet]]) -> list[Step]:
    """The steps in packets with their numbers. What is read as evidence of a failure is left out."""
    reader = _Reader()
    for number, packet in packets:
        reader.take(number, packet)
    return reader.steps


class _Reader:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._conversation = Conversation(keep=True)
        self._taken = 0
        self._nonces: set[int] = set()
        self._aside = False
        self._left_out: set[Exchange] = set()

    def take(self, number: int, packet: Packet) -> None:
        """One packet, in their order."""
        if packet.comment.startswith(BEFORE):
            return
        time_s = packet.time_ns / 1e9
        if not packet.data:
            self._noted(number, time_s, packet.comment)
            return
        seen = self._conversation.take(number, time_s, packet.data, outgoing=bool(packet.outgoing))
        if seen.header is not None and seen.header.kind == Kind.HELLO_ACK and not seen.outgoing:
            self._began(seen)
        said = self._conversation.said
        for each in said[self._taken :]:
            step = self._step_of(each)
            if step is not None:
                self.steps.append(step)
        self._taken = len(said)

    def _noted(self, number: int, time_s: float, text: str) -> None:
        if text in {EVIDENCE_BEGINS, EVIDENCE_ENDS}:
            self._aside = text == EVIDENCE_BEGINS
        elif text.startswith(LINK_IS_GONE) and not text.endswith(CLOSED_BY_HOST):
            words = text.removeprefix(LINK_IS_GONE)
            self.steps.append(Step(number, time_s, False, Doing.LOSES, words=words))

    def _began(self, seen: SeenFrame) -> None:
        try:
            hello = codec_of(Hello).parse(seen.payload)
        except LayoutError:
            return
        if hello.nonce not in self._nonces:  # else the answer to a HELLO that was repeated
            self._nonces.add(hello.nonce)
            self.steps.append(Step(seen.number, seen.time_s, True, Doing.BEGINS, hello=hello))

    def _step_of(self, seen: SeenFrame) -> Step | None:
        assert seen.header is not None
        kind = seen.header.kind
        step = Step(seen.number, seen.time_s, seen.outgoing, Doing.ASKS, seen.exchange, seen.message)
        if kind == Kind.EVENT:
            step.doing = Doing.TELLS
            step.topic = seen.header.channel
            return step if seen.completes else None
        exchange = seen.exchange
        if exchange is None or exchange.method is None or exchange in self._left_out:
            return None
        if kind == Kind.REQUEST:
            if self._aside and seen.outgoing:
                self._left_out.add(exchange)
                return None
            step.body = seen.message[_DEADLINE_SIZE:]
        elif kind == Kind.ANSWER:
            step.doing = Doing.ANSWERS
        elif kind == Kind.CANCEL:
            step.doing = Doing.CANCELS
        elif kind == Kind.CLOSE and seen.outgoing:
            step.doing = Doing.UPLOADS
        else:
            return None
        return step if seen.completes else None


def stream_of(exchange: Exchange, *, outgoing: bool) -> tuple[bytes, StreamEnd | None]:
    """What followed a request or an answer, and how it ended; None where it did not."""
    for stream in exchange.streams:
        if stream.outgoing is outgoing:
            return bytes(stream.data or b""), stream.end
    return b"", None
