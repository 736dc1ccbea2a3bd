"""The only place with threads: one reliable link over a transport, calls out, calls in.

Whoever waits does the work. A thread that waits for an answer moves the bytes itself, and serves the requests
that come in the course of its call, so a relayed callback costs no change of thread:

    test thread                        the link                          phone
      call(REQUEST_DATA) ------------------------------------------------> engine works
        moves bytes  <--------------- REQUEST GetBackupDataSectionL ------ owner is asked
        runs the data owner's method
        moves bytes  ---------------- ANSWER -----------------------------> engine goes on
        moves bytes  <--------------- ANSWER + stream -------------------- done
      returns

One thread at a time moves bytes. When several wait, one of them does it and wakes the others as their answers
come. When nobody has waited for 50 ms, the keeper thread does it, so that the phone hears from us and events
arrive; a thread that wants to wait takes over from it. Requests that belong to no open call are served by a
thread of their own.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from harness.errors import (
    AgentError,
    AgentRefused,
    CallTimeout,
    Effect,
    EngineError,
    HandsetLost,
    HandsetRestarted,
    HilError,
    LabUnavailable,
    LinkClosed,
    LinkSilent,
    Misuse,
    StaleAgent,
)
from harness.transport.base import Transport
from harness.write_guard import Guard
from wire.errors import LayoutError, ProtocolError, WireError
from wire.protocol.calls import Calls, Event, OpenCall, Request
from wire.protocol.frame import Kind
from wire.protocol.handshake import Hello
from wire.protocol.host_link import HostLink
from wire.protocol.link import LinkCounters, LinkState, TraceHook
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method
from wire.protocol.streams import IncomingStream
from wire.symbian_errors import KErrGeneral, Leave

RequestT = TypeVar("RequestT", bound=tuple[Any, ...])
AnswerT = TypeVar("AnswerT", bound=tuple[Any, ...])
Handler = Callable[[Any], tuple[Any, ...]]

CALL_TIMEOUT_S: Final = 10.0
ENGINE_TIMEOUT_S: Final = 230.0
"""How long an engine call may show no sign of progress: the engine's watchdog of 200 s and a margin."""

_CALL_TIMEOUT_MS: Final = int(CALL_TIMEOUT_S * 1000)
_ENGINE_TIMEOUT_MS: Final = int(ENGINE_TIMEOUT_S * 1000)
HANDSHAKE_TIMEOUT_S: Final = 5.0
KEEPER_DELAY_S: Final = 0.05
KEEPER_TURN_S: Final = 1.0
LINK_IS_GONE: Final = "the link is gone: "
"""Begins what a trace is told when a session has ended, however it did."""
Clock = Callable[[], float]


class _Serving(threading.local):
    """The request of the phone that a thread serves."""

    request: Request | None = None


class Connection:
    """One session with one phone. All methods may be called from any thread.

    Every call raises HandsetLost when the phone is gone, AgentError when the agent is at fault, and
    EngineError when a Symbian API on the phone answered with an error code.

    `keeper_delay_s` is for simulations: with a long one no thread but those that wait moves bytes.
    """

    def __init__(
        self,
        transport: Transport,
        hello: Hello,
        *,
        clock: Clock = time.monotonic,
        trace: TraceHook | None = None,
        guard: Guard | None = None,
        handshake_timeout_s: float = HANDSHAKE_TIMEOUT_S,
        keeper_delay_s: float = KEEPER_DELAY_S,
    ) -> None:
        self.transport = transport
        self._guard = guard
        self.clock = clock
        self._trace = trace
        self._link = HostLink(hello, trace=trace)
        self._calls = Calls(self._link, is_phone=False)
        self._handlers: dict[int, Handler] = {}
        self._listeners: dict[int, Callable[[Event], None]] = {}
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._pumping = False
        self._waiting = 0
        self._last_pump = clock()
        self._lost: tuple[type[HandsetLost], str] | None = None
        self._closed = False
        self._keeper_delay_s = keeper_delay_s
        self._local = _Serving()
        self._raised: dict[OpenCall, BaseException] = {}
        self._orphans: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        try:
            self._shake_hands(handshake_timeout_s)
        except BaseException:
            transport.close()
            raise
        self._start_thread(self._keep, "keeper")
        self._start_thread(self._serve_orphans, "orphans")

    # ----------------------------------------------------------------------------------- state

    @property
    def phone(self) -> Hello:
        """What the agent said of itself in the handshake."""
        assert self._link.other is not None
        return self._link.other

    @property
    def counters(self) -> LinkCounters:
        """What has happened on the link so far."""
        return self._link.counters

    @property
    def is_lost(self) -> bool:
        """The phone is gone; every further call raises."""
        return self._lost is not None

    @property
    def time_of_tick(self) -> tuple[int, float] | None:
        """A tick of the phone in ms and the host's monotonic time that belongs to it, once known."""
        return self._link.clock

    @property
    def debris(self) -> list[str]:
        """The last bytes on the line that were no frames."""
        return self._link.debris

    # --------------------------------------------------------------------------------- calling

    def call(
        self,
        method: Method[RequestT, AnswerT],
        request: RequestT,
        *,
        timeout_s: float | None = None,
        upload: Iterable[bytes | memoryview] | None = None,
        describe: str = "",
    ) -> AnswerT:
        """Ask the phone and wait for the answer.

        Args:
            method: the operation.
            request: its body.
            timeout_s: how long to go without any progress; 10 s, for engine calls 230 s.
            upload: the stream that follows the request, for methods that have one.
            describe: how errors call the operation, when its name alone says too little.
        """
        call = self._begin(method, request, upload)
        self._await(call, None, timeout_s, describe)
        answer: AnswerT = self._answer_of(call, describe)
        return answer

    @contextlib.contextmanager
    def download(
        self,
        method: Method[RequestT, AnswerT],
        request: RequestT,
        *,
        timeout_s: float | None = None,
        describe: str = "",
    ) -> Iterator[tuple[AnswerT, Iterator[memoryview]]]:
        """As `call`, for a method whose answer is followed by a stream: gives the answer and the pieces.

        Leaving the block before the stream has ended cancels the rest.
        """
        call = self._begin(method, request, None)
        self._await(call, None, timeout_s, describe)
        answer = self._answer_of(call, describe)
        assert call.download is not None
        try:
            yield answer, self._pieces(call, call.download, timeout_s, describe)
        finally:
            if not call.finished:
                with self._lock:
                    self._calls.abandon(call)

    def wait_until(self, predicate: Callable[[], bool], timeout_s: float) -> bool:
        """Let events arrive until `predicate` holds; whether it did in time. It must be quick."""
        try:
            self._run(predicate, None, timeout_s, "")
        except CallTimeout:
            return predicate()
        return True

    def serve(self, method: Method[RequestT, AnswerT], handler: Callable[[RequestT], AnswerT]) -> None:
        """Answer the phone's requests of a kind with `handler`; a Leave it raises leaves on the phone."""
        self._handlers[method.number] = handler

    def listen(self, topic: int, listener: Callable[[Event], None]) -> None:
        """Let `listener` see each event of a topic. It runs in the midst of things and must be quick."""
        with self._lock:
            self._listeners[topic] = listener

    def close(self) -> None:
        """End the session. Waiting calls raise HandsetLost."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._lose(LinkClosed, f"the connection over {self.transport.name} was closed")
        self._orphans.put(None)
        self.transport.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    # ----------------------------------------------------------------------------- one call

    def _begin(
        self, method: Method[Any, Any], request: Any, upload: Iterable[bytes | memoryview] | None
    ) -> OpenCall:
        if self._guard is not None:
            self._guard(method, request)
        try:
            body = method.request_codec.build(request)
        except LayoutError as error:
            raise Misuse(str(error)) from error
        deadline_ms = _ENGINE_TIMEOUT_MS if method.engine else _CALL_TIMEOUT_MS
        parent = self._local.request
        while True:
            with self._lock:
                if self._lost is not None:
                    raise self._why_lost(Effect.NOT_DONE)
                # The engine takes one call at a time, so calls of other threads wait here for their turn, and
                # so does the first call after one that was given up. A call made inside a callback must not
                # wait: the phone refuses it at once, since the engine would wait for itself.
                if not method.engine or parent is not None or not self._engine_is_asked():
                    return self._calls.ask(method, body, deadline_ms=deadline_ms, parent=parent, upload=upload)
            self._run(lambda: not self._engine_is_asked(), None, ENGINE_TIMEOUT_S, "the engine call before")

    def _engine_is_asked(self) -> bool:
        return any(call.method.engine and not call.answered for call in self._calls.open.values())

    def _await(
        self, call: OpenCall, done: Callable[[], bool] | None, timeout_s: float | None, describe: str
    ) -> None:
        if timeout_s is None:
            timeout_s = ENGINE_TIMEOUT_S if call.method.engine else CALL_TIMEOUT_S
        try:
            self._run(done, call, timeout_s, describe or call.method.name)
        except BaseException as error:
            # Also when Ctrl-C came: the phone is told, and callbacks of this call are refused from now on.
            with self._lock:
                if isinstance(error, HandsetLost | CallTimeout):
                    self._note_effect(error, call, describe)
                self._calls.abandon(call)
                self._raised.pop(call, None)
            raise

    def _note_effect(self, error: HilError, call: OpenCall, describe: str) -> None:
        """Say what is known of a call that is cut off; one that was made in the course of it has said its own."""
        if call.answered:
            effect = Effect.DONE
        elif self._link.is_queued(Kind.REQUEST, call.call_id):
            effect = Effect.NOT_DONE
        else:
            effect = Effect.UNKNOWN
        error.effect = error.effect or effect
        error.add_note(f"{describe or call.method.name}: {effect.value}")

    def _answer_of(self, call: OpenCall, describe: str) -> Any:
        if self._raised and (raised := self._raised.pop(call, None)) is not None:
            raise raised
        if call.error is not None:
            raise _error_from(describe or call.method.name, call.error)
        try:
            return call.method.answer_codec.parse(call.body)
        except LayoutError as error:
            raise AgentError(
                f"the answer to {call.method.name} cannot be read: {error}",
                hint="agent and harness disagree about a message although their fingerprints are the same",
            ) from error

    def _pieces(
        self, call: OpenCall, stream: IncomingStream, timeout_s: float | None, describe: str
    ) -> Iterator[memoryview]:
        what = describe or call.method.name
        while True:
            with self._lock:
                try:
                    pieces = stream.take()
                except ProtocolError as error:
                    raise AgentError(f"the data of {what} did not come whole: {error}") from error
                self._calls.grant(stream)
            if pieces:
                yield from pieces
            elif stream.end is not None:
                if stream.end.status:
                    raise EngineError(what, stream.end.status)
                return
            else:
                self._await(call, lambda: stream.has_data or stream.finished, timeout_s, what)

    # ------------------------------------------------------------------------- moving bytes

    def _run(self, done: Callable[[], bool] | None, call: OpenCall | None, timeout_s: float, what: str) -> None:
        """Wait until `done`, or `call` is answered, moving bytes and serving the requests of `call` meanwhile."""
        deadline = self.clock() + timeout_s
        serving: deque[Request] = call.serving if call is not None else deque()
        streaming = call if call is not None and call.has_stream else None
        progress = streaming.progress if streaming is not None else 0
        while True:
            request = turn = None
            with self._lock:
                while turn is None:
                    if serving:
                        request = serving.popleft()
                        break
                    if done() if done is not None else call is None or call.answered:
                        return
                    if self._lost is not None:
                        raise self._why_lost()
                    now = self.clock()
                    if now >= deadline:
                        raise CallTimeout(
                            f"{what} was not answered within {timeout_s:g} s, although the link is alive",
                            hint="the phone is busy or the data owner hangs; see its log and the wire trace",
                        )
                    if not self._pumping:
                        turn = self._begin_turn(now, deadline)
                        continue
                    self._waiting += 1
                    try:
                        self.transport.wake()
                        self._changed.wait(deadline - now)
                    finally:
                        self._waiting -= 1
            if request is not None:
                self._serve(request)
                deadline = self.clock() + timeout_s
            elif turn is not None:
                self._end_turn(*turn)
                if streaming is not None and streaming.progress != progress:
                    progress = streaming.progress
                    deadline = self.clock() + timeout_s

    def _begin_turn(self, now: float, until: float) -> tuple[list[bytes], float] | None:
        """Take the role of who moves bytes: gives what to send and for how many seconds to wait for more.

        None when the link turns out to be lost. The caller holds the lock.
        """
        out = self._link.outgoing(now)
        if self._lost is not None or (not self._link.is_open and self._link_gave_up()):
            return None
        self._pumping = True
        wait_s = min(self._link.deadline(), until) - now
        return out, wait_s if wait_s > 0 else 0.0

    def _end_turn(self, out: list[bytes], wait_s: float) -> None:
        """Send, take what comes, and give the role back, all without the lock while the line is used."""
        data = b""
        gone: LinkClosed | None = None
        try:
            data = self.transport.exchange(out, wait_s)
        except LinkClosed as error:
            gone = error
        finally:
            with self._lock:
                self._pumping = False
                self._last_pump = now = self.clock()
                try:
                    if gone is not None:
                        self._lose(type(gone), gone.args[0])
                    elif data:
                        self._take(data, now)
                finally:
                    if self._waiting:
                        self._changed.notify_all()

    def _take(self, data: bytes, now: float) -> None:
        self._link.receive(data, now)
        self._calls.process()
        if self._calls.incoming or self._calls.events:
            self._distribute()
        if not self._link.is_open:
            self._link_gave_up()

    def _link_gave_up(self) -> bool:
        """Whether the link is lost; then everybody who waits is told."""
        if self._link.state is LinkState.LOST:
            kind = HandsetRestarted if self._link.restarted else LinkSilent
            self._lose(kind, f"{self.transport.name}: {self._link.lost_because}")
        return self._lost is not None

    def _distribute(self) -> None:
        while self._calls.incoming:
            self._orphans.put(self._calls.incoming.popleft())
        while self._calls.events:
            event = self._calls.events.popleft()
            listener = self._listeners.get(event.topic)
            if listener is not None:
                try:
                    listener(event)
                except (WireError, ValueError):
                    self.counters.stale += 1  # what it tells cannot be read; nobody has asked for it

    def _keep(self) -> None:
        """The keeper: moves bytes while nobody waits."""
        while True:
            with self._lock:
                if self.is_lost:
                    return
                now = self.clock()
                if self._pumping or self._waiting or now - self._last_pump < self._keeper_delay_s:
                    self._changed.wait(self._keeper_delay_s)
                    continue
                turn = self._begin_turn(now, now + KEEPER_TURN_S)
            while turn is not None:
                self._end_turn(*turn)
                with self._lock:
                    turn = self._next_turn_of_keeper()

    def _next_turn_of_keeper(self) -> tuple[list[bytes], float] | None:
        if self._lost is not None or self._pumping or self._waiting:
            return None
        now = self.clock()
        return self._begin_turn(now, now + KEEPER_TURN_S)

    # ------------------------------------------------------------------------------ serving

    def _serve(self, request: Request) -> None:
        outer = self._local.request
        self._local.request = request
        try:
            body, error = self._handle(request)
        finally:
            self._local.request = outer
        with self._lock:
            if error is not None:
                self._calls.refuse(request, error)
            else:
                self._calls.answer(request, body)

    def _handle(self, request: Request) -> tuple[bytes, ErrorBody | None]:
        handler = self._handlers.get(request.method.number)
        if handler is None:
            text = f"nobody serves {request.method.name} here"
            return b"", ErrorBody(ErrorDomain.AGENT, AgentFault.NOT_OFFERED, text)
        try:
            return request.method.answer_codec.build(handler(request.parsed())), None
        except Leave as leave:
            return b"", ErrorBody(ErrorDomain.SYMBIAN, leave.code, "")
        except LayoutError as error:
            return b"", ErrorBody(ErrorDomain.AGENT, AgentFault.BAD_BODY, str(error)[:512])
        except Exception as error:  # noqa: BLE001 - whatever a test author's callback raises
            # The phone sees a general error; the test sees the exception itself, where its own call waits.
            if request.parent is not None:
                self._raised.setdefault(request.parent, error)
            return b"", ErrorBody(ErrorDomain.HOST, KErrGeneral, f"{type(error).__name__}: {error}"[:512])
        except BaseException:
            error_body = ErrorBody(ErrorDomain.HOST, KErrGeneral, "the harness was interrupted")
            with self._lock:
                self._calls.refuse(request, error_body)
            raise

    def _serve_orphans(self) -> None:
        while True:
            request = self._orphans.get()
            if request is None:
                return
            self._serve(request)
            self.transport.wake()

    # --------------------------------------------------------------------------- beginning, ending

    def _shake_hands(self, timeout_s: float) -> None:
        link = self._link
        try:
            self._run(lambda: link.state is not LinkState.CONNECTING, None, timeout_s, "HELLO")
        except CallTimeout:
            heard = sum(len(piece) for piece in self.debris)
            also = f"; what came instead: {self.debris[-1]}" if heard else "; nothing came at all"
            raise LabUnavailable(
                f"no agent answered on {self.transport.name} within {timeout_s:g} s{also}",
                hint="start the agent on the phone, and check that this is its port and not the modem's",
            ) from None
        except HandsetLost as error:
            if not link.text_instead:
                raise
            raise LabUnavailable(
                f"{self.transport.name} did not let us in: {link.text_instead}",
                hint="wait for who has the phone, or ask",
            ) from error
        if link.state is LinkState.REFUSED:
            if self._trace is not None:
                self._trace.note(f"refused: {link.lost_because}", self.clock())
            raise StaleAgent(link.lost_because, hint="install the agent that belongs to this harness")

    def _lose(self, kind: type[HandsetLost], message: str) -> None:
        if self._lost is None:
            self._lost = (kind, message)
            if self._trace is not None:
                self._trace.note(f"{LINK_IS_GONE}{message}", self.clock())
        self._changed.notify_all()

    def _why_lost(self, effect: Effect | None = None) -> HandsetLost:
        assert self._lost is not None
        kind, message = self._lost
        error = kind(message, hint=kind.what_to_do)
        error.effect = effect
        return error

    def _start_thread(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=f"symhil {name} {self.transport.name}", daemon=True)
        self._threads.append(thread)
        thread.start()


def _error_from(what: str, error: ErrorBody) -> HilError:
    if error.domain == ErrorDomain.SYMBIAN:
        return EngineError(what, error.code, hint=error.text)
    if error.domain == ErrorDomain.HOST:
        return EngineError(what, error.code, hint=f"a callback failed on the host: {error.text}")
    fault = AgentFault(error.code).name if error.code in set(AgentFault) else f"fault {error.code}"
    if error.code == AgentFault.ENGINE_BUSY:
        return Misuse(
            f"{what} was refused: the engine serves another request ({error.text})",
            hint="do not call the engine from a data owner's callback; it would wait for itself",
        )
    return AgentRefused(f"the agent refused {what}: {fault}: {error.text}")
