"""The agent whose link is that of `wire`: what runs where no compiler is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from device_agent.emulator.agent import Agent, NoAnswerInTime, bad_body
from device_agent.emulator.phone import Phone
from device_agent.emulator.ports import Port, PortClosed
from device_agent.emulator.profile import HandsetProfile
from wire.errors import LayoutError
from wire.protocol.calls import Calls, Request
from wire.protocol.handshake import LOCAL, LinkProfile, make_hello
from wire.protocol.link import Pong, TraceHook
from wire.protocol.messages import fingerprint
from wire.protocol.messages.callbacks import RELAY_DEADLINE_MS
from wire.protocol.messages.method import AgentFault, Asker, ErrorBody, ErrorDomain, Method
from wire.protocol.messages.phone import LEASE
from wire.protocol.phone_link import PhoneLink
from wire.symbian_errors import KErrDisconnected, KErrGeneral, Leave

BUILD: Final = "symhil-emulated-agent 0.1.0"
_FOR_EVER_S: Final = 3600.0


class _Upload(NamedTuple):
    """A request whose stream is still coming."""

    request: Request
    body: tuple[Any, ...]
    pieces: list[memoryview]


class PythonAgent(Agent):
    """Speaks with the host through `PhoneLink` and `Calls`."""

    build = BUILD

    def __init__(
        self,
        port: Port,
        profile: HandsetProfile,
        *,
        boot_id: int,
        clock: Callable[[], float],
        skips: bool = True,
        link_profile: LinkProfile = LOCAL,
        phone: Phone | None = None,
        link_fingerprint: int | None = None,
        trace: TraceHook | None = None,
    ) -> None:
        hello = make_hello(
            link_profile,
            fingerprint=fingerprint() if link_fingerprint is None else link_fingerprint,
            build=self.build,
            product=profile.model,
            nonce=0,
            boot_id=boot_id,
        )
        self.link = PhoneLink(hello, trace=trace)
        self.calls = Calls(self.link, is_phone=True)
        self.link.on_session = self._session_began
        self.link.pong = self._pong
        self._engine_request: Request | None = None
        self._uploads: list[_Upload] = []
        self._lease_s = 0.0
        self._silence_ended = False
        self._sessions = 0
        self._loops = 0
        super().__init__(port, profile, clock=clock, skips=skips, phone=phone)

    def serve_host(self, timeout_s: float) -> None:
        """Move bytes for at most that long, and serve what comes."""
        self._loops += 1
        now = self._clock()
        out = self.link.outgoing(now)
        wait_s = min(timeout_s, self.link.deadline() - now, self._lease_left_s(now))
        try:
            data = self._exchange(out, max(0.0, wait_s))
        except PortClosed:
            self._session_began()
            return
        if data:
            self.link.receive(data, self._clock())
            self._silence_ended = self._silence_ended and self._is_silent()
            self.calls.process()
        calls = self.calls
        while calls.incoming:
            self._begin(calls.incoming.popleft())
        if calls.open:
            # Requests that the host makes in the course of a callback come with the callback's call.
            for call in list(calls.open.values()):
                while call.serving:
                    self._begin(call.serving.popleft())
        if self._uploads:
            self._collect_uploads()

    def tell(self, topic: int, body: bytes) -> None:
        """Send an event, if there is a host."""
        if self.link.is_open:
            self.calls.tell(topic, body)

    def _session_began(self) -> None:
        self._sessions += 1
        self.calls.reset()
        if any(upload.request is self._engine_request for upload in self._uploads):
            self._engine_request = None
        self._uploads.clear()
        self._lease_s = 0.0
        self._silence_ended = False
        super()._session_began()

    def _pong(self) -> Pong:
        return Pong(
            self.phone.clock.tick_ms,
            self._loops & 0xFFFFFFFF,
            engine_busy=self._engine_request is not None,
            free_bytes=0,
        )

    # ------------------------------------------------------------------------------------------ lease

    def _is_silent(self) -> bool:
        """The host was not heard for longer than its lease."""
        return bool(self._lease_s) and self.link.is_open and self._clock() >= self.link.last_heard + self._lease_s

    def _lease_left_s(self, now: float) -> float:
        """Until the host has been silent for longer than it may."""
        if not self._lease_s or self._silence_ended or not self.link.is_open:
            return _FOR_EVER_S
        return self.link.last_heard + self._lease_s - now

    def _host_fell_silent(self) -> bool:
        if self._silence_ended or self._engine_request is not None or not self._is_silent():
            return False
        self._silence_ended = True
        return True

    # ---------------------------------------------------------------------------------------- serving

    def _begin(self, request: Request) -> None:
        method = request.method
        if method.asker is Asker.PHONE:
            self._refuse(request, AgentFault.NOT_OFFERED, f"only the phone asks {method.name}")
        elif method.engine and self._engine_request is not None:
            self._refuse(request, AgentFault.ENGINE_BUSY, f"it serves {self._engine_request.method.name}")
        else:
            try:
                body = request.parsed()
            except LayoutError as error:
                self.calls.refuse(request, bad_body(error))
                return
            if method is LEASE:
                self._lease_s = body.milliseconds / 1000
                self.calls.answer(request, b"")
                return
            if method.engine:
                self._engine_request = request
            if request.upload is not None:
                self._uploads.append(_Upload(request, body, []))
            else:
                self._serve(request, body, b"")

    def _refuse(self, request: Request, fault: AgentFault, text: str) -> None:
        if self._engine_request is request:
            self._engine_request = None
        self.calls.refuse(request, ErrorBody(ErrorDomain.AGENT, fault, text))

    def _collect_uploads(self) -> None:
        """Requests with a stream are served once all of it is there."""
        for entry in list(self._uploads):
            request, body, pieces = entry
            stream = request.upload
            assert stream is not None
            while stream.has_data:
                pieces += stream.take()
                self.calls.grant(stream)
            if not (stream.finished or request.cancelled):
                continue
            self._uploads.remove(entry)
            if stream.end is None and request.cancelled:
                self._refuse(request, AgentFault.CANCELLED, "its data will not come")
            elif stream.problem or stream.end is None or stream.end.status:
                self._refuse(request, AgentFault.BAD_BODY, stream.problem or "the upload failed at its source")
            else:
                self._serve(request, body, b"".join(pieces))

    def _serve(self, request: Request, body: tuple[Any, ...], upload: bytes) -> None:
        try:
            served = self._perform(request.method, body, upload)
        finally:
            if self._engine_request is request:
                self._engine_request = None
        if served.error is not None:
            self.calls.refuse(request, served.error)
        else:
            self.calls.answer(request, served.body, served.download)

    # --------------------------------------------------------------------------------------- relaying

    def _ask(self, method: Method[Any, Any], body: bytes) -> bytes:
        session = self._sessions
        if self._is_gone(session):
            raise Leave(KErrDisconnected)
        call = self.calls.ask(method, body, deadline_ms=RELAY_DEADLINE_MS, parent=self._engine_request)
        self.phone.scheduler.wait(
            lambda: call.answered or self._is_gone(session),
            until_s=self.phone.clock.now() + RELAY_DEADLINE_MS / 1000,
            for_host=True,
        )
        if self._sessions != session:
            raise Leave(KErrDisconnected)
        if not call.answered:
            if self._is_gone(session):
                raise Leave(KErrDisconnected)
            self.calls.abandon(call)
            raise NoAnswerInTime
        if call.error is not None:
            from_symbian = call.error.domain != ErrorDomain.AGENT and call.error.code
            raise Leave(call.error.code if from_symbian else KErrGeneral)
        return call.body

    def _is_gone(self, session: int) -> bool:
        """The host of that session cannot answer any more."""
        return self._sessions != session or not self.link.is_open or self._is_silent() or self.is_ending()
