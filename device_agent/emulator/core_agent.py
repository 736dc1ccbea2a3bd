"""The agent whose link, calls and rules are the C++ core: the same code that runs on real phones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from device_agent.emulator.agent import Agent, NoAnswerInTime, Served, bad_body
from device_agent.emulator.core_library import Core, Given
from device_agent.emulator.phone import Phone
from device_agent.emulator.ports import Port, PortClosed
from device_agent.emulator.profile import HandsetProfile
from wire.errors import LayoutError
from wire.protocol.handshake import LOCAL, LinkProfile, make_hello
from wire.protocol.messages import METHODS, fingerprint
from wire.protocol.messages.callbacks import RELAY_DEADLINE_MS
from wire.protocol.messages.method import ErrorDomain, Method
from wire.symbian_errors import KErrDisconnected, Leave

BUILD: Final = "symhil-core-agent 0.1.0"


class _Request(NamedTuple):
    """A request of the host that waits to be served, or for the rest of its upload."""

    tag: int
    method: Method[Any, Any]
    body: bytes
    upload: bytearray


class _Answer(NamedTuple):
    """How a request to the host came out."""

    status: int
    body: bytes
    timed_out: bool


class CoreAgent(Agent):
    """Moves bytes between port and core, and does what the core asks for."""

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
    ) -> None:
        self._uploads: dict[int, _Request] = {}
        self._requests: deque[_Request] = deque()
        self._unanswered: deque[tuple[_Request, Served]] = deque()
        self._downloads: dict[int, bytes] = {}
        self._answers: dict[int, _Answer] = {}
        self._silent = False
        hello = make_hello(
            link_profile,
            fingerprint=fingerprint(),
            build=self.build,
            product=profile.model,
            nonce=0,
            boot_id=boot_id,
        )
        self._core = Core(self, hello)
        super().__init__(port, profile, clock=clock, skips=skips, phone=phone)

    @property
    def _now_ms(self) -> int:
        return int(self._clock() * 1000)

    def serve_host(self, timeout_s: float) -> None:
        """Move bytes for at most that long, and serve what comes."""
        wait_s = self._core.tick(self._now_ms) / 1000
        self._answer_again()
        out = []
        while piece := self._core.tx(self._now_ms):
            out.append(piece)
        try:
            data = self._exchange(out, max(0.0, min(timeout_s, wait_s)))
        except PortClosed:
            self._core.link(self._now_ms, is_up=False)
            return
        if data:
            self._core.rx(self._now_ms, data)
        # Served only now, since an engine call comes back here before it is done, and the core is not re-entered.
        while self._requests:
            request = self._requests.popleft()
            self._answer(request, self._serve(request))

    def tell(self, topic: int, body: bytes) -> None:
        """Send an event, if there is a host."""
        self._core.event(topic, body)

    def _serve(self, request: _Request) -> Served:
        method = request.method
        try:
            body = method.request_codec.parse(request.body)
        except LayoutError as error:
            return Served(error=bad_body(error))
        return self._perform(method, body, bytes(request.upload))

    def _answer(self, request: _Request, served: Served) -> None:
        """Give an answer to the core, later when too much is still on its way to the host."""
        tag = request.tag
        if served.error is None:
            if request.method.download:
                self._downloads[tag] = b"".join(served.download or ())
            given = self._core.reply(tag, 0, served.body)
        elif served.error.domain == ErrorDomain.SYMBIAN:
            given = self._core.reply(tag, served.error.code)
        else:
            given = self._core.refuse(tag, served.error.code, served.error.text)
        if given is Given.VOID:
            self._downloads.pop(tag, None)  # nobody will take it, and nobody says so later
        elif given is Given.NO_ROOM:
            self._unanswered.append((request, served))

    def _answer_again(self) -> None:
        for _ in range(len(self._unanswered)):
            self._answer(*self._unanswered.popleft())

    def _host_fell_silent(self) -> bool:
        silent, self._silent = self._silent, False
        return silent

    def _ask(self, method: Method[Any, Any], body: bytes) -> bytes:
        tag = self._core.ask(method.number, body, RELAY_DEADLINE_MS)
        if not tag:
            raise Leave(KErrDisconnected)
        self.phone.scheduler.wait(lambda: tag in self._answers or self.is_ending(), for_host=True)
        answer = self._answers.pop(tag, _Answer(KErrDisconnected, b"", timed_out=False))
        if answer.timed_out:
            raise NoAnswerInTime
        if answer.status:
            raise Leave(answer.status)
        return answer.body

    # --------------------------------------------------------------------- what the core asks for

    def tick_ms(self) -> int:
        """The phone's clock."""
        return self.phone.clock.tick_ms

    def free_bytes(self) -> int:
        """An emulated phone does not run out of memory."""
        return 0

    def session(self) -> None:
        """A new host, or none any more: every tag is void."""
        self._uploads.clear()
        # Nobody hears these answers, but until they are given the core takes the engine for busy.
        for request in (*self._requests, *(request for request, _ in self._unanswered)):
            self._core.reply(request.tag, KErrDisconnected)
        self._requests.clear()
        self._unanswered.clear()
        self._downloads.clear()
        self._session_began()

    def request(self, tag: int, method: int, body: bytes) -> None:
        """The host asks."""
        request = _Request(tag, METHODS[method], body, bytearray())
        if request.method.upload:
            self._uploads[tag] = request
        else:
            self._requests.append(request)

    def upload(self, tag: int, offset: int, data: bytes) -> int:
        """The next piece of the stream behind a request."""
        self._uploads[tag].upload.extend(data)
        return 0

    def upload_ended(self, tag: int) -> None:
        """All of it was there: now it can be served."""
        self._requests.append(self._uploads.pop(tag))

    def cancelled(self, tag: int) -> None:
        """The host does not want the answer any more; what has begun goes on."""
        self._uploads.pop(tag, None)

    def download(self, tag: int, offset: int, size: int) -> bytes | int:
        """A piece of the stream behind an answer."""
        return self._downloads[tag][offset : offset + size]

    def release(self, tag: int) -> None:
        """The stream behind an answer is not needed any more."""
        self._downloads.pop(tag, None)

    def answered(self, tag: int, status: int, body: bytes, *, timed_out: bool) -> None:
        """The host's answer to a callback, or that there will be none."""
        self._answers[tag] = _Answer(status, body, timed_out)

    def host_silent(self) -> None:
        """The host was silent for longer than its lease."""
        self._silent = True
