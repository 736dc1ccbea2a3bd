"""A host without a link: it sends the frames it is told to, good or bad, and writes down what comes back.

It is the port of an agent, so whatever the agent does in the midst of a call is heard here too. What came back is
kept in a form that does not depend on how an agent cuts data into frames or when it acknowledges.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from device_agent.emulator.ports import Port
from tests.agent.line import make_agent
from tests.wire.protocol.pair import PHONE_SIZED
from wire.layout import codec_of
from wire.protocol.frame import Flags, Frame, FrameDecoder, Header, Kind, encode_frame
from wire.protocol.handshake import FULL_PAYLOAD, Hello, LinkProfile, agree, make_hello
from wire.protocol.link import NO_SESSION, VERSION_BITS, Pong
from wire.protocol.messages import fingerprint
from wire.protocol.messages.method import ErrorBody, ErrorDomain
from wire.protocol.streams import STREAM_WINDOW

BOOT_ID: Final = 77
Answer = Callable[["RawHost", Frame, random.Random], None]


class RawHost(Port):
    """One agent, and what it said.

    Attributes:
        now: seconds, the agent's clock.
        sequence: the number of the next sequenced frame.
        heard: what the agent said about each channel, in order.
        answer: lets the host answer a callback: it sends what it wants.
    """

    def __init__(self, kind: str, profile: LinkProfile = PHONE_SIZED, *, answer: Answer, seed: str) -> None:
        super().__init__()
        self.now = 1000.0
        self.answer = answer
        self.heard: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        self._seed = seed
        self._callbacks = 0
        self._nested = 0
        self._outbox = bytearray()
        self._cancelled: set[int] = set()
        self._later: list[Callable[[], None]] = []
        self._owes_acknowledgement = False
        self._profile = profile
        self._escape = True
        self._decoder = FrameDecoder(FULL_PAYLOAD)
        self.sequence = 0
        self.expected = 0
        self.session = NO_SESSION
        self.max_payload = FULL_PAYLOAD
        self.agent = make_agent(kind, self, lambda: self.now, profile, boot_id=BOOT_ID)
        self.agent.build = "the agent"

    # ----------------------------------------------------------------------------------- speaking

    def hello(self, nonce: int) -> None:
        """Begin a session; both ends count from 0 if the nonce is a new one."""
        hello = make_hello(self._profile, fingerprint=fingerprint(), build="harness", product="PC", nonce=nonce)
        phone = hello._replace(boot_id=BOOT_ID)
        header = Header(VERSION_BITS | Kind.HELLO, 0, NO_SESSION, 0, 0, 0, 0, 0)
        self.put(header, codec_of(Hello).build(hello))
        agreement = agree(hello, phone)
        if agreement.session != self.session:
            self.session = agreement.session
            self.max_payload = agreement.max_payload
            self._escape = agreement.escape_xonxoff
            self.sequence = 0
            self.expected = 0

    def header(self, kind: int, channel: int = 0, argument: int = 0, flags: int = 0) -> Header:
        """What a frame that goes out now begins with; a sequenced kind takes the next number."""
        sequence = 0
        if kind == Kind.CANCEL:
            self._cancelled.add(channel)
        if kind >= Kind.REQUEST:
            sequence = self.sequence
            self.sequence = (sequence + 1) & 0xFFFF
        return Header(VERSION_BITS | kind, flags, self.session, sequence, self.expected, channel, 0, argument)

    def next_nested_id(self) -> int:
        """For a request in a callback: never one that is still open, as no real host would take it."""
        self._nested = (self._nested + 1) % 0x3FFF
        return 0x4000 + self._nested

    def put(self, header: Header, payload: bytes = b"") -> bytes:
        """Send a frame; gives its bytes, for whoever wants to send them again."""
        data = encode_frame(header._replace(length=len(payload)), payload, escape_xonxoff=self._escape)
        self._outbox += data
        return data

    def collect(self, send: Callable[[RawHost], None]) -> bytes:
        """The bytes that `send` would send."""
        before, self._outbox = self._outbox, bytearray()
        send(self)
        sent, self._outbox = bytes(self._outbox), before
        return sent

    def put_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._outbox += data

    def message(self, kind: int, channel: int, argument: int, payload: bytes, flags: int = 0) -> None:
        """Send a message, in several frames if it is long."""
        limit = self.max_payload
        for start in range(0, max(1, len(payload)), limit):
            last = Flags.LAST if start + limit >= len(payload) else 0
            self.put(self.header(kind, channel, argument, flags | last), payload[start : start + limit])

    # ----------------------------------------------------------------------------- the agent's port

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        for data in outgoing:
            for frame in self._decoder.feed(data):
                self._hear(frame)
        for later in self._later:
            later()
        self._later.clear()
        if self._owes_acknowledgement:
            self._owes_acknowledgement = False
            self.put(self.header(Kind.ACK))
        sent, self._outbox = bytes(self._outbox), bytearray()
        return sent

    def run(self) -> None:
        """Let the agent do all it can do without time going on."""
        idle = 0
        while idle < 2:
            self.agent.phone.scheduler.run_ready()
            idle = 0 if self._outbox else idle + 1
            self.agent.serve_host(0.0)

    def when_next_heard(self, action: Callable[[], None]) -> None:
        """Do something when the agent has done what it was told and comes back."""
        self._later.append(action)

    def _hear(self, frame: Frame) -> None:
        header, payload = frame.header, bytes(frame.payload)
        kind = header.kind
        if kind < Kind.REQUEST:
            self._hear_unsequenced(header, payload)
            return
        if header.session != self.session or header.sequence != self.expected:
            return  # it was for the host before, comes again, or has come before
        self.expected = (header.sequence + 1) & 0xFFFF
        self._owes_acknowledgement = True
        whose = header.flags & Flags.FROM_PHONE
        channel = (kind, int(whose), header.channel)
        if kind == Kind.DATA:
            pieces = self.heard[channel]
            if pieces and pieces[-1][0] + len(pieces[-1][1]) == header.argument:
                pieces[-1] = (pieces[-1][0], pieces[-1][1] + payload)
            else:
                pieces.append((header.argument, payload))
            if header.argument // 65536 != (header.argument + len(payload)) // 65536:
                end = (header.argument + len(payload) + STREAM_WINDOW) & 0xFFFFFFFF
                self.put(self.header(Kind.CREDIT, header.channel, end))
        elif kind == Kind.CREDIT:
            pass  # how much was granted before a bad piece is each agent's own affair
        elif kind == Kind.ANSWER and header.flags & Flags.ERROR:
            error = codec_of(ErrorBody).parse(payload)
            what: tuple[Any, ...] = (header.argument, error.domain, error.code)
            if header.channel in self._cancelled and error.domain == ErrorDomain.AGENT:
                what = ()  # a stream that is bad and unwanted may be refused for either reason
            self.heard[channel].append(("error", *what))
        elif kind == Kind.REQUEST:
            self.heard["callback",].append((header.channel, header.argument, payload))
            self._callbacks += 1
            self.answer(self, frame, random.Random(f"{self._seed}/{self._callbacks}"))
        else:
            flags = header.flags & ~(Flags.RESENT | Flags.ACK_NOW)
            self.heard[channel].append((flags, header.argument, payload))

    def _hear_unsequenced(self, header: Header, payload: bytes) -> None:
        what: Any = payload
        if header.kind == Kind.ACK:
            return
        if header.kind == Kind.HELLO_ACK:
            # What it keeps out of order is its own affair.
            what = codec_of(Hello).parse(payload)._replace(features=0, build="")
        elif header.kind == Kind.PONG:
            what = codec_of(Pong).parse(payload)._replace(counter=0)
        self.heard["unsequenced",].append((Kind(header.kind), header.argument, what))

    def transcript(self) -> dict[tuple[Any, ...], list[Any]]:
        """What was heard since the last time, without what is not the same by design."""
        heard, self.heard = dict(self.heard), defaultdict(list)
        return heard
