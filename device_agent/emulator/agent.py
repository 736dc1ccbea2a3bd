"""The agent: the program on the phone that serves the host and relays callbacks to it.

A request is served at once, in the midst of an engine call too, since on a real phone the agent is a process of
its own; only the engine takes one request at a time, and a second one is refused instead of waiting for what may
be waiting for it.

Here is what every agent has in common. There are two, which differ in who speaks with the host: `PythonAgent`
with the link of `wire`, and `CoreAgent` with the C++ core that runs on real phones.
"""

from __future__ import annotations

import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

from device_agent.emulator.operations import HostOperations
from device_agent.emulator.operations.reply import Unserved
from device_agent.emulator.owners.relayed import Attachment
from device_agent.emulator.phone import Phone
from device_agent.emulator.ports import Port
from device_agent.emulator.profile import HandsetProfile
from device_agent.emulator.properties import Caller
from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method
from wire.protocol.messages.owners import OWNER_TOPIC, OwnerEvent, OwnerEventKind
from wire.symbian import SecureId
from wire.symbian_errors import KErrDisconnected, KErrGeneral, KErrTimedOut, Leave

RequestT = TypeVar("RequestT", bound=tuple[Any, ...])
AnswerT = TypeVar("AnswerT", bound=tuple[Any, ...])

AGENT_SID: Final = SecureId(0xE0F1B000)


class Served(NamedTuple):
    """What came of a request: the answer's body and the stream behind it, or an error."""

    body: bytes = b""
    download: Iterable[bytes | memoryview] | None = None
    error: ErrorBody | None = None


class NoAnswerInTime(Exception):
    """The host took longer over a callback than it may."""


class Agent(ABC):
    """One agent on one port.

    Attributes:
        phone: the handset it runs on; replaced by a factory reset.
        attachments: what the host wants of each owner slot.
        stopping: set to end `run`.
    """

    build = ""
    """Name and version, as the host is told."""

    def __init__(
        self,
        port: Port,
        profile: HandsetProfile,
        *,
        clock: Callable[[], float],
        skips: bool = True,
        phone: Phone | None = None,
    ) -> None:
        self._port = port
        self._clock = clock
        self._skips = skips
        self.stopping = False
        self.attachments: dict[SecureId, Attachment] = {}
        self.phone = self._new_phone(profile) if phone is None else self._on(phone)
        self._operations = HostOperations(self)

    def _new_phone(self, profile: HandsetProfile) -> Phone:
        return self._on(Phone(profile, source=self._clock, skips=self._skips, agent=self))

    def _on(self, phone: Phone) -> Phone:
        """The same phone, with this agent running on it."""
        phone.agent = self
        phone.scheduler.serve_host = self.serve_host
        phone.scheduler.is_unwanted = self.is_ending
        phone.on_note = _complain
        return phone

    @property
    def caller(self) -> Caller:
        """Who the agent is for servers and the kernel."""
        return Caller(AGENT_SID, self.phone.profile.agent_capabilities)

    def is_ending(self) -> bool:
        """Nobody needs this agent any more."""
        return self.stopping or self._port.parent_gone

    def run(self) -> None:
        """Serve until `stopping`, or until whoever started us is gone."""
        while not self.is_ending():
            self.phone.scheduler.run_ready()
            due_s = self.phone.clock.next_due()
            self.serve_host(3600.0 if due_s is None else max(0.0, due_s - self.phone.clock.now()))
            self.end_silence()

    def end_silence(self) -> None:
        """The dead man's lease: nobody is there any more who would bring the phone back to normal."""
        if self._host_fell_silent():
            self.phone.remember("the host was silent for longer than its lease")
            self._operations.return_to_normal()

    def reset_phone(self, profile: HandsetProfile) -> None:
        """A factory reset: everything on the phone is as new, the session with the host goes on."""
        self._operations.end()
        self.attachments.clear()
        self.phone = self._new_phone(profile)
        self._operations = HostOperations(self)

    def _session_began(self) -> None:
        """A new host, or none any more: what the old one had is given up."""
        self.attachments.clear()
        self._operations.end()
        self._operations = HostOperations(self)

    def _perform(self, method: Method[Any, Any], body: tuple[Any, ...], upload: bytes) -> Served:
        """Do what a request asks for. Whatever goes wrong becomes an error that the host is told."""
        try:
            reply = self._operations.serve(method, body, upload)
            return Served(method.answer_codec.build(reply.body), reply.download)
        except Leave as leave:
            error = ErrorBody(ErrorDomain.SYMBIAN, leave.code, "")
        except LayoutError as problem:
            error = bad_body(problem)
        except Unserved as unserved:
            error = ErrorBody(ErrorDomain.AGENT, unserved.fault, str(unserved))
        except Exception as fault:  # noqa: BLE001 - a fault of the emulator must not take the phone down
            traceback.print_exc(file=sys.stderr)
            text = f"{type(fault).__name__}: {fault}"[:512]
            error = ErrorBody(ErrorDomain.AGENT, AgentFault.INTERNAL, text)
        return Served(error=error)

    def relay(self, sid: SecureId, method: Method[RequestT, AnswerT], request: RequestT) -> AnswerT:
        """Let the host answer a callback. Leaves with what it leaves with, -33 when it takes too long."""
        if sid not in self.attachments:
            raise Leave(KErrDisconnected)
        try:
            body = self._ask(method, method.request_codec.build(request))
        except NoAnswerInTime as late:
            self.tell_owner_event(sid, OwnerEventKind.FAILED, KErrTimedOut)
            raise Leave(KErrTimedOut) from late
        try:
            return method.answer_codec.parse(body)
        except LayoutError as error:
            raise Leave(KErrGeneral) from error

    def tell_owner_event(self, sid: SecureId, kind: OwnerEventKind, value: int = 0) -> None:
        """An event about an owner slot."""
        event = OwnerEvent(self.phone.clock.tick_ms, sid, kind, value)
        self.tell(OWNER_TOPIC, codec_of(OwnerEvent).build(event))

    def _exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        """Send, and wait for bytes of the host, which works on what it is asked while this phone does its own."""
        scheduler = self.phone.scheduler
        work, scheduler.meanwhile = scheduler.meanwhile, None
        if work is None:
            return self._port.exchange(outgoing, timeout_s)
        received = self._port.exchange(outgoing, 0.0)
        work()
        return received or self._port.exchange((), timeout_s)

    # ------------------------------------------------------------------------- who speaks with the host

    @abstractmethod
    def serve_host(self, timeout_s: float) -> None:
        """Move bytes for at most that long, and serve what comes."""

    @abstractmethod
    def tell(self, topic: int, body: bytes) -> None:
        """Send an event, if there is a host."""

    @abstractmethod
    def _ask(self, method: Method[Any, Any], body: bytes) -> bytes:
        """The host's answer. Leaves with the host's error, -36 without a host; NoAnswerInTime."""

    @abstractmethod
    def _host_fell_silent(self) -> bool:
        """Whether the host is silent for longer than its lease allows; said once, and when the engine is free."""


def bad_body(problem: LayoutError) -> ErrorBody:
    """What the host is told of a body that does not fit its definition."""
    return ErrorBody(ErrorDomain.AGENT, AgentFault.BAD_BODY, str(problem)[:512])


def _complain(note: str) -> None:
    """Standard error is the emulated handset's own log; a harness keeps it among the artifacts."""
    sys.stderr.write(f"{note}\n")
    sys.stderr.flush()
