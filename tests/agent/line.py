"""An agent and a host on one line, in one thread and in simulated time: a fault is as quick as a success.

The agent's port is the line. When the agent waits for bytes, the host hears, thinks and speaks; when neither has
anything to say, time goes on to whatever is due next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from device_agent.emulator.agent import Agent
from device_agent.emulator.core_agent import CoreAgent
from device_agent.emulator.ports import Port
from device_agent.emulator.profile import HandsetProfile
from device_agent.emulator.python_agent import PythonAgent
from tests.agent.built import core_library
from tests.wire.protocol.pair import PHONE_SIZED
from wire.protocol.calls import Calls, OpenCall, Request
from wire.protocol.handshake import LinkProfile, make_hello
from wire.protocol.host_link import HostLink
from wire.protocol.link import LinkState
from wire.protocol.messages import fingerprint
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method

Spoil = Callable[[bytes], bytes]
KINDS = ("python", "core")
LATENCY_S = 0.0005


def as_it_is(data: bytes) -> bytes:
    return data


def make_agent(
    kind: str, port: Port, clock: Callable[[], float], profile: LinkProfile = PHONE_SIZED, *, boot_id: int = 77
) -> Agent:
    if kind == "core":
        core_library()
        return CoreAgent(port, HandsetProfile(), boot_id=boot_id, clock=clock, link_profile=profile)
    return PythonAgent(port, HandsetProfile(), boot_id=boot_id, clock=clock, link_profile=profile)


class Line(Port):
    """What is between the two.

    Attributes:
        now: seconds, the clock of both ends.
        host, calls: the host's end.
        answer: what the host answers to a callback: body, error, or None to leave it open.
        callbacks: what it was asked, in order.
        is_mute: from now on the host neither hears nor speaks.
    """

    def __init__(
        self,
        kind: str,
        profile: LinkProfile = PHONE_SIZED,
        *,
        phone_profile: LinkProfile | None = None,
        spoil_to_phone: Spoil = as_it_is,
        spoil_to_host: Spoil = as_it_is,
        nonce: int = 0x1234,
    ) -> None:
        super().__init__()
        self.now = 1000.0
        self.spoil_to_phone = spoil_to_phone
        self.spoil_to_host = spoil_to_host
        self.answer: Callable[[Request], bytes | ErrorBody | None] = self._refuse
        self.callbacks: list[tuple[Method[Any, Any], bytes]] = []
        self.is_mute = False
        self.agent = make_agent(kind, self, lambda: self.now, phone_profile or profile)
        self.new_host(profile, nonce)

    def new_host(self, profile: LinkProfile = PHONE_SIZED, nonce: int = 0x1234) -> None:
        """Another harness takes over; the one before has gone without a word."""
        hello = make_hello(profile, fingerprint=fingerprint(), build="harness", product="PC", nonce=nonce)
        self.host = HostLink(hello)
        self.calls = Calls(self.host, is_phone=False)

    def _refuse(self, request: Request) -> ErrorBody:
        return ErrorBody(ErrorDomain.AGENT, AgentFault.NOT_OFFERED, "nobody serves this")

    # ------------------------------------------------------------------------------ the agent's port

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        out = b"".join(outgoing)
        self.now += LATENCY_S
        self._hear(self.spoil_to_host(out) if out else b"")
        said = b"" if self.is_mute else b"".join(self.host.outgoing(self.now))
        received = self.spoil_to_phone(said) if said else b""
        if not out and not received:
            # Nobody has anything to say: time passes. The clock of a real host is not that coarse.
            wait_s = timeout_s if self.is_mute else min(timeout_s, self.host.deadline() - self.now)
            self.now += min(max(wait_s, 0.001), 3600.0)
        return received

    def _hear(self, data: bytes) -> None:
        if self.is_mute:
            return
        self.host.receive(data, self.now)
        self.calls.process()
        for waiting in [self.calls.incoming, *(call.serving for call in list(self.calls.open.values()))]:
            while waiting:
                request = waiting.popleft()
                self.callbacks.append((request.method, request.body))
                answer = self.answer(request)
                if isinstance(answer, ErrorBody):
                    self.calls.refuse(request, answer)
                elif answer is not None:
                    self.calls.answer(request, answer)

    # ------------------------------------------------------------------------------------ for tests

    def step(self) -> None:
        """Let the phone do what it has to do, and bytes move once."""
        self.agent.phone.scheduler.run_ready()
        self.agent.serve_host(1.0)
        self.agent.end_silence()

    def until(self, done: Callable[[], bool], *, seconds: float = 600.0) -> None:
        """Let time go on until `done`; AssertionError with what is known when it does not come."""
        end = self.now + seconds
        while not done():
            self.step()
            assert self.host.state is not LinkState.LOST, self.host.lost_because
            assert self.now < end, f"not done after {seconds} s; {self.host.counters.summary()}"

    def settle(self, seconds: float) -> None:
        """Let that much time pass."""
        end = self.now + seconds
        while self.now < end:
            self.step()

    def connect(self) -> None:
        self.until(lambda: self.host.is_open)

    def call(
        self,
        method: Method[Any, Any],
        body: bytes = b"",
        *,
        upload: Iterable[bytes] | None = None,
        parent: Request | None = None,
    ) -> Outcome:
        """Ask, wait, and take the stream behind the answer."""
        call = self.calls.ask(method, body, deadline_ms=10_000, upload=upload, parent=parent)
        data = bytearray()
        self.until(lambda: self._take(call, data))
        return Outcome(call, bytes(data))

    def _take(self, call: OpenCall, data: bytearray) -> bool:
        stream = call.download
        while stream is not None and stream.has_data:
            data += b"".join(stream.take())
            self.calls.grant(stream)
        return call.finished


class Outcome:
    """How a call came out."""

    def __init__(self, call: OpenCall, data: bytes) -> None:
        self.error = (call.error.domain, call.error.code) if call.error else None
        self.text = call.error.text if call.error else ""
        self.body = b"" if call.error else call.body
        self.data = data
        self.end = call.download.end if call.download is not None else None
        self.problem = call.download.problem if call.download is not None else ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def __repr__(self) -> str:
        return f"Outcome{self._compared()!r:.600}"

    def _compared(self) -> tuple[Any, ...]:
        return (self.error, self.body, self.data, self.end, self.problem)


@contextmanager
def connected(kind: str, *arguments: Any, **options: Any) -> Iterator[Line]:
    line = Line(kind, *arguments, **options)
    line.connect()
    yield line
