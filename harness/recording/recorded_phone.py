"""The phone's end of a link that says what a recorded phone said, in step with what it is asked. Sans-IO.

Framing, numbers, windows and signs of life are those of a real link, since they are different every time. Above
it stands one rule: what the phone said is said again once the host has said everything that it had said before.
So callbacks come in the course of the calls in which they came, answers when their owner's have come, and
nothing is waited for.

    recorded     host asks A | phone calls back B | host answers B | phone answers A | host asks C | ...
    now          asks A -> matches, so B is said; answers B -> matches, so A is answered; asks D -> differs from C

What the host asks has to be what it asked then, in the same order within a call and outside of calls; only calls
that several threads had open at once may change places.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.errors import RecordingDiffers
from harness.recording import redact
from harness.recording.differences import answered, asked, first_difference, refused, words_of
from harness.recording.reading import Part, Recording
from harness.recording.replay_clock import ReplayClock
from harness.recording.script import Script
from harness.recording.steps import Doing, Step, stream_of
from wire.protocol.calls import Calls, OpenCall, Request
from wire.protocol.conversation import Exchange
from wire.protocol.frame import Kind
from wire.protocol.messages import fingerprint
from wire.protocol.messages.callbacks import RELAY_DEADLINE_MS
from wire.protocol.messages.method import ErrorBody, StreamEnd
from wire.protocol.phone_link import PhoneLink

_SILENT: Final = "nothing was heard"
_RESTARTED: Final = "does not know the session"
_FILLER: Final = bytes(4096)


class RecordedPhone:
    """A phone that says what is in a recording.

    Attributes:
        clock: the time of both ends.
        differs: where the host first said something else; nothing goes on after that.
        lost: why the line is gone, as it was in the recording; empty while it is there.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.clock = ReplayClock()
        self.differs: RecordingDiffers | None = None
        self.lost = ""
        self._attempts: dict[str, int] = {}
        self._in_test = False
        self._begin(recording.opening)
        self.plug_in()

    # --------------------------------------------------------------------------------------- the run

    def begin_test(self, test: str) -> None:
        """What follows is a test of the recording; of several attempts at it the next."""
        attempts = self.recording.tests[test]
        attempt = self._attempts.get(test, 0)
        self._attempts[test] = attempt + 1
        self._in_test = True
        self._begin(attempts[min(attempt, len(attempts) - 1)])

    def end_test(self) -> None:
        """It is over; `differs` if the host has not asked all that it had asked in the recording."""
        self._in_test = False
        if self.differs is None and not self.lost:
            left = self._script.request_left()
            if left is not None:
                self._differ(left, "nothing more, the test has ended")

    def _begin(self, part: Part) -> None:
        self._script = Script(part)
        self.clock.begin(self._script.start_s)
        self.differs = None

    # --------------------------------------------------------------------------------------- the line

    def plug_in(self) -> None:
        """A new line: whatever was on the old one is void."""
        hello = self.recording.phone._replace(fingerprint=fingerprint())
        self._link = PhoneLink(hello)
        self._link.on_session = self._session_began
        self._calls = Calls(self._link, is_phone=True)
        self._requests: dict[Exchange, Request] = {}
        self._callbacks: dict[OpenCall, Step] = {}
        self._uploads: dict[Exchange, bytearray] = {}
        self.lost = ""
        self._is_silent = False

    @property
    def is_owed(self) -> bool:
        """Another thread is at work: at a callback, or on its way to ask what was asked beside an open call.

        That takes real time.
        """
        if self._callbacks:
            return True
        is_open = any(not request.answered for request in self._requests.values())
        return is_open and self._script.waits_for_request()

    def receive(self, data: bytes) -> None:
        """Take bytes of the host."""
        self._link.receive(data, self.clock())
        cancelled = [f.header.channel for f in self._link.delivered if f.header.kind == Kind.CANCEL]
        self._calls.process()
        for request in self._asked():
            if self.differs is None:
                self._match_request(request)
        for channel in cancelled:
            self._match_cancel(channel)
        for exchange in list(self._uploads):
            self._take_upload(exchange)
        for call in [call for call in self._callbacks if call.answered]:
            self._match_answer(call, self._callbacks.pop(call))

    def outgoing(self) -> bytes:
        """What the phone says now."""
        if self._is_silent:
            return b""
        if self._link.is_open and self.differs is None:
            self._play()
        return b"".join(self._link.outgoing(self.clock()))

    def deadline(self) -> float:
        """When the link wants to say something by itself."""
        return float("inf") if self._is_silent else self._link.deadline()

    def _session_began(self) -> None:
        self._calls.reset()
        if not self._in_test:
            self._begin(self.recording.opening)
        left = self._script.request_left()
        begins = self._script.session_begins()
        if begins is None or left is not None:
            self._differ(left or "no further session in this test", "a new session is begun")
        else:
            self._host_said(begins)

    # ------------------------------------------------------------------------------------- the phone's

    def _play(self) -> None:
        """Say what can be said."""
        while (step := self._script.next_of_phone()) is not None:
            self.clock.phone_acts(step.time_s)
            self._say(step)
            if step.doing is Doing.ANSWERS:
                # What came after it comes when the host waits again, or it would be there before who wants it.
                return

    def _say(self, step: Step) -> None:
        exchange = step.exchange
        if step.doing is Doing.TELLS:
            self._calls.tell(step.topic, step.body)
        elif step.doing is Doing.LOSES:
            self._lose(step.words)
        elif exchange is None or exchange.method is None:
            return
        elif step.doing is Doing.ASKS:
            parent = self._requests.get(exchange.parent) if exchange.parent is not None else None
            call = self._calls.ask(exchange.method, step.body, deadline_ms=RELAY_DEADLINE_MS, parent=parent)
            self._callbacks[call] = step
        elif step.doing is Doing.CANCELS:
            for call, asked_in in list(self._callbacks.items()):
                if asked_in.exchange is exchange:
                    self._calls.abandon(call)
                    del self._callbacks[call]
        elif exchange in self._requests:
            self._answer(self._requests[exchange], exchange, step.body)

    def _answer(self, request: Request, exchange: Exchange, body: bytes) -> None:
        self._uploads.pop(exchange, None)
        if exchange.error is not None:
            self._calls.refuse(request, exchange.error)
        else:
            self._calls.answer(request, body, _pieces(*stream_of(exchange, outgoing=False)))

    def _lose(self, words: str) -> None:
        if _SILENT in words:
            self._is_silent = True
        elif _RESTARTED in words:
            self._link = PhoneLink(self._link.hello)  # it knows of no session, and says so
        else:
            self.lost = words

    # -------------------------------------------------------------------------------------- the host's

    def _asked(self) -> Iterator[Request]:
        while self._calls.incoming:
            yield self._calls.incoming.popleft()
        for call in list(self._calls.open.values()):
            while call.serving:
                yield call.serving.popleft()

    def _match_request(self, request: Request) -> None:
        parent = self._callbacks.get(request.parent) if request.parent is not None else None
        candidates = self._script.requests(parent.exchange if parent is not None else None)
        for step in candidates:
            exchange = step.exchange
            assert exchange is not None
            if exchange.method is request.method and self._same_body(request, step):
                self._requests[exchange] = request
                if request.upload is not None:
                    self._uploads[exchange] = bytearray()
                self._host_said(step)
                return
        self._differ(
            candidates[0] if candidates else self._whatever_is_next(), asked(request.method, request.body)
        )

    def _same_body(self, request: Request, step: Step) -> bool:
        if request.body == step.body:
            return True
        return self.recording.is_redacted and redact.request(request.method, request.body) == step.body

    def _match_cancel(self, channel: int) -> None:
        for exchange, request in self._requests.items():
            step = self._script.find(Doing.CANCELS, exchange) if request.call_id == channel else None
            if step is not None:
                self._host_said(step)
                return

    def _take_upload(self, exchange: Exchange) -> None:
        stream = self._requests[exchange].upload
        data = self._uploads[exchange]
        assert stream is not None
        while stream.has_data:
            for piece in stream.take():
                data += piece
            self._calls.grant(stream)
        if not stream.finished:
            return
        del self._uploads[exchange]
        step = self._script.find(Doing.UPLOADS, exchange)
        if step is None:
            return  # the phone had answered before its end
        recorded, _ = stream_of(exchange, outgoing=True)
        if data == recorded or (self.recording.is_redacted and redact.digest(bytes(data)) == recorded):
            self._host_said(step)
        else:
            self._differ(step, first_difference(recorded, bytes(data)))

    def _match_answer(self, call: OpenCall, question: Step) -> None:
        assert question.exchange is not None
        step = self._script.find(Doing.ANSWERS, question.exchange)
        if step is None:
            return  # the phone was lost before it came
        if self._same_answer(call, step):
            self._host_said(step)
            return
        came = refused(call.method.name, call.error) if call.error else answered(call.method, call.body)
        if came == words_of(step):
            came += f" ({first_difference(step.body, call.body)})"
        self._differ(step, came)

    def _same_answer(self, call: OpenCall, step: Step) -> bool:
        assert step.exchange is not None
        recorded = step.exchange.error
        if call.error is not None or recorded is not None:
            # The words of an error may name a place of the test's source; what it is may not differ.
            return recorded is not None and call.error is not None and _code(recorded) == _code(call.error)
        if call.body == step.body:
            return True
        return self.recording.is_redacted and redact.answer(call.method, call.body) == step.body

    def _host_said(self, step: Step) -> None:
        self._script.host_said(step)
        self.clock.host_acts(step.time_s)

    def _whatever_is_next(self) -> Step | str:
        if not self._in_test:
            return "nothing, since no test is running"
        return next(self._script.left_of_host(), "nothing more in this test")

    def _differ(self, expected: Step | str, came: str) -> None:
        if self.differs is None:
            self.differs = self._script.place.differs(expected, came, self._script.last)


def _pieces(data: bytes, end: StreamEnd | None) -> Iterator[bytes]:
    """What followed an answer. One that nobody waited for to end does not end now either."""
    yield data
    if end is None:
        while True:
            yield _FILLER
    if end.status:
        raise OSError(end.status, "the stream ended with an error")


def _code(error: ErrorBody) -> tuple[int, int]:
    return error.domain, error.code
