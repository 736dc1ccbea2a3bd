"""The agent: the program on the phone that serves the host and relays callbacks to it.

It owns the link. A request is served at once, in the midst of an engine call too, since on a real phone the
agent is a process of its own; only the engine takes one request at a time, and a second one is refused
instead of waiting for what may be waiting for it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from device_agent.emulator.operations import HostOperations
from device_agent.emulator.operations.reply import Unserved
from device_agent.emulator.owners.relayed import Attachment
from device_agent.emulator.phone import Phone
from device_agent.emulator.ports import Port, PortClosed
from device_agent.emulator.profile import HandsetProfile
from device_agent.emulator.properties import Caller
from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.calls import Calls, Request
from wire.protocol.handshake import LOCAL, LinkProfile, make_hello
from wire.protocol.link import Pong, TraceHook
from wire.protocol.messages import fingerprint
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method
from wire.protocol.messages.owners import OWNER_TOPIC, OwnerEvent, OwnerEventKind
from wire.protocol.phone_link import PhoneLink
from wire.symbian import SecureId
from wire.symbian_errors import KErrDisconnected, KErrGeneral, KErrTimedOut, Leave

RequestT = TypeVar("RequestT", bound=tuple[Any, ...])
AnswerT = TypeVar("AnswerT", bound=tuple[Any, ...])

BUILD: Final = "symhil-emulated-agent 0.1.0"
AGENT_SID: Final = SecureId(0xE0F1B000)
RELAY_DEADLINE_S: Final = 150.0
"""How long the host may take over a callback: well below the engine's watchdog of 200 s."""


class Agent:
    """One agent on one port.

    Attributes:
        phone: the handset it runs on; replaced by a factory reset.
        attachments: what the host wants of each owner slot.
        lease_s: how long the host may be silent before a mode is ended; 0 for ever.
        stopping: set to end `run`.
    """

    def __init__(
        self,
        port: Port,
        profile: HandsetProfile,
        *,
        boot_id: int,
        clock: Callable[[], float],
        skips: bool = True,
        link_profile: LinkProfile = LOCAL,
        link_fingerprint: int | None = None,
        trace: TraceHook | None = None,
    ) -> None:
        self._port = port
        self._clock = clock
        self._skips = skips
        self.stopping = False
        self.attachments: dict[SecureId, Attachment] = {}
        self.lease_s = 0.0
        self._lease_ended = False
        hello = make_hello(
            link_profile,
            fingerprint=fingerprint() if link_fingerprint is None else link_fingerprint,
            build=BUILD,
            product=profile.model,
            nonce=0,
            boot_id=boot_id,
        )
        self.link = PhoneLink(hello, trace=trace)
        self.calls = Calls(self.link, is_phone=True)
        self.link.on_session = self._session_began
        self.link.pong = self._pong
        self._engine_request: Request | None = None
        self._uploads: list[tuple[Request, bytearray]] = []
        self._sessions = 0
        self._loops = 0
        self.phone = self._new_phone(profile)
        self._operations = HostOperations(self)

    def _new_phone(self, profile: HandsetProfile) -> Phone:
        phone = Phone(profile, source=self._clock, skips=self._skips, agent=self)
        phone.scheduler.serve_host = self.serve_host
        phone.on_note = _complain
        return phone

    @property
    def caller(self) -> Caller:
        """Who the agent is for servers and the kernel."""
        return Caller(AGENT_SID, self.phone.profile.agent_capabilities)

    # ------------------------------------------------------------------------------------ main loop

    def run(self) -> None:
        """Serve until `stopping`, or until whoever started us is gone."""
        while not self.stopping and not self._port.parent_gone:
            self.phone.scheduler.run_ready()
            due_s = self.phone.clock.next_due()
            wait_s = 3600.0 if due_s is None else max(0.0, due_s - self.phone.clock.now())
            self.serve_host(min(wait_s, self._lease_left_s()))
            self._watch_lease()

    def _lease_left_s(self) -> float:
        """Until the host has been silent for longer than it may."""
        if not self.lease_s or self._lease_ended or not self.link.is_open:
            return 3600.0
        return max(0.0, self.link.last_heard + self.lease_s - self._clock())

    def _watch_lease(self) -> None:
        """The dead man's lease: nobody is there any more who would bring the phone back to normal."""
        if self._lease_left_s() > 0 or self._engine_request is not None:
            return
        self._lease_ended = True
        self.phone.remember("the host was silent for longer than its lease")
        self._operations.return_to_normal()

    def serve_host(self, timeout_s: float) -> None:
        """Move bytes for at most that long, and serve what comes."""
        self._loops += 1
        now = self._clock()
        out = self.link.outgoing(now)
        try:
            data = self._port.exchange(out, max(0.0, min(timeout_s, self.link.deadline() - now)))
        except PortClosed:
            self._session_began()
            return
        if data:
            self.link.receive(data, self._clock())
            self._lease_ended = False
            self.calls.process()
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        while self.calls.incoming:
            self._begin(self.calls.incoming.popleft())
        # Requests that the host makes in the course of a callback come with the callback's call.
        for call in list(self.calls.open.values()):
            while call.serving:
                self._begin(call.serving.popleft())
        if self._uploads:
            self._collect_uploads()

    def _session_began(self) -> None:
        """A new host, or none any more: what the old one had is given up."""
        self._sessions += 1
        self.calls.reset()
        self._uploads.clear()
        self.attachments.clear()
        self._operations.end()
        self._operations = HostOperations(self)

    def _pong(self) -> Pong:
        return Pong(
            self.phone.clock.tick_ms,
            self._loops & 0xFFFFFFFF,
            engine_busy=self._engine_request is not None,
            free_bytes=0,
        )

    def reset_phone(self, profile: HandsetProfile) -> None:
        """A factory reset: everything on the phone is as new, the session with the host goes on."""
        self._operations.end()
        self.attachments.clear()
        self.phone = self._new_phone(profile)
        self._operations = HostOperations(self)

    # -------------------------------------------------------------------------------------- serving

    def _begin(self, request: Request) -> None:
        if request.upload is not None:
            self._uploads.append((request, bytearray()))
        else:
            self._serve(request, b"")

    def _collect_uploads(self) -> None:
        """Requests with a stream are served once all of it is there."""
        for entry in list(self._uploads):
            request, data = entry
            stream = request.upload
            assert stream is not None
            while stream.has_data:
                data += stream.take() or b""
                self.calls.grant(stream)
            if stream.finished:
                self._uploads.remove(entry)
                if stream.problem or (stream.end is not None and stream.end.status):
                    fault = ErrorBody(ErrorDomain.AGENT, AgentFault.BAD_BODY, stream.problem or "upload failed")
                    self.calls.refuse(request, fault)
                else:
                    self._serve(request, bytes(data))

    def _serve(self, request: Request, upload: bytes) -> None:
        method = request.method
        busy = self._engine_request
        if method.engine and busy is not None:
            text = f"it serves {busy.method.name}"
            self.calls.refuse(request, ErrorBody(ErrorDomain.AGENT, AgentFault.ENGINE_BUSY, text))
            return
        if method.engine:
            self._engine_request = request
        try:
            reply = self._operations.serve(method, request.parsed(), upload)
            body = codec_of(method.answer).build(cast("Any", reply.body))
            self.calls.answer(request, body, reply.download)
        except Leave as leave:
            self.calls.refuse(request, ErrorBody(ErrorDomain.SYMBIAN, leave.code, ""))
        except LayoutError as error:
            self.calls.refuse(request, ErrorBody(ErrorDomain.AGENT, AgentFault.BAD_BODY, str(error)[:512]))
        except Unserved as error:
            self.calls.refuse(request, ErrorBody(ErrorDomain.AGENT, error.fault, str(error)))
        except Exception as error:  # noqa: BLE001 - a fault of the emulator must not take the phone down
            traceback.print_exc(file=sys.stderr)
            text = f"{type(error).__name__}: {error}"[:512]
            self.calls.refuse(request, ErrorBody(ErrorDomain.AGENT, AgentFault.INTERNAL, text))
        finally:
            if self._engine_request is request:
                self._engine_request = None

    # ------------------------------------------------------------------------------------- relaying

    def relay(self, sid: SecureId, method: Method[RequestT, AnswerT], request: RequestT) -> AnswerT:
        """Let the host answer a callback. Leaves with what it leaves with, -33 when it takes too long."""
        if not self.link.is_open or sid not in self.attachments:
            raise Leave(KErrDisconnected)
        session = self._sessions
        call = self.calls.ask(
            method,
            codec_of(method.request).build(request),
            deadline_ms=int(RELAY_DEADLINE_S * 1000),
            parent=self._engine_request,
        )
        until_s = self.phone.clock.now() + RELAY_DEADLINE_S
        self.phone.scheduler.wait(
            lambda: (
                call.answered
                or self._sessions != session
                or self.stopping
                or self._port.parent_gone
                or self._lease_left_s() <= 0
            ),
            until_s=until_s,
            for_host=True,
        )
        if self._lease_left_s() <= 0:
            raise Leave(KErrDisconnected)
        if self._sessions != session or not self.link.is_open or self.stopping or self._port.parent_gone:
            raise Leave(KErrDisconnected)
        if not call.answered:
            self.calls.abandon(call)
            self.tell_owner_event(sid, OwnerEventKind.FAILED, KErrTimedOut)
            raise Leave(KErrTimedOut)
        if call.error is not None:
            from_symbian = call.error.domain in {ErrorDomain.SYMBIAN, ErrorDomain.HOST}
            raise Leave(call.error.code if from_symbian else KErrGeneral)
        try:
            return codec_of(method.answer).parse(call.body)
        except LayoutError as error:
            raise Leave(KErrGeneral) from error

    def tell_owner_event(self, sid: SecureId, kind: OwnerEventKind, value: int = 0) -> None:
        """An event about an owner slot."""
        if self.link.is_open:
            event = OwnerEvent(self.phone.clock.tick_ms, sid, kind, value)
            self.calls.tell(OWNER_TOPIC, codec_of(OwnerEvent).build(event))


def _complain(note: str) -> None:
    """Standard error is the emulated handset's own log; a harness keeps it among the artifacts."""
    sys.stderr.write(f"{note}\n")
    sys.stderr.flush()
