"""Records of a log -> the facts of one run after the other.

A run begins where the host asks for a backup or restore mode and ends where normal is asked for; the listing
of data owners before it belongs to it, because that is where registration files are read (Log format 12). A
log holds all runs since its folder was made, so runs are given one by one and only one is in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.log.facts import Finding, HostRequest, RunEnd, RunFacts
from harness.log.owners import OwnerReader
from harness.log.steps import mode_line, request_completed, request_opened, step_of
from wire.formats.log_level import LogLevel
from wire.symbian import TBURPartType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.log.reading import TimedRecord
    from wire.formats.log_message import LogMessage
    from wire.symbian import BurMode

# After a run has ended these begin the next: a host connects, lists the owners, or the engine starts.
_BEGINNINGS: Final = frozenset({"GetGSHHandle", "PrepDataOwnerInfo"})

_MOST_OPEN: Final = 64
"""Host sessions with a request in progress; a phone has one or two."""

# A log that ends with one of these ends because somebody does not answer (Log format 10).
_WAITING: Final = {
    "Calling ABClient to process callback": "the data owner has not answered this callback",
    "Calling CloseAll()": "an application does not let go of its files",
}


def read_runs(records: Iterable[TimedRecord]) -> Iterator[RunFacts]:
    """The runs of a log, each when it is complete. A log without any gives one without a mode."""
    reader = RunReader()
    for timed in records:
        if done := reader.take(timed):
            yield done
    yield from reader.close()


class RunReader:
    """Takes records in their order and gives the facts of a run when the next one begins."""

    def __init__(self) -> None:
        self._last: TimedRecord | None = None
        self._open: list[HostRequest] = []
        self._asked: tuple[BurMode, TimedRecord] | None = None
        self._begin()

    def _begin(self) -> None:
        self._facts = RunFacts()
        self._owners = OwnerReader(self._facts)

    def take(self, timed: TimedRecord) -> RunFacts | None:
        """Take one record into account. The facts of the run before, if this record belongs to the next."""
        message = timed.record.message
        done = self._done_before(timed, message)
        self._last = timed
        self._judge(timed, message)
        if opened := request_opened(message):
            self._request(HostRequest(*opened, timed.record.number, timed.when))
        elif (thread := request_completed(message)) is not None:
            self._completed(thread)
        elif message.function == "SetBURModeL":
            self._mode(timed, message)
        else:
            self._owners.take(timed.record, message)
        if (step := step_of(timed)) and self._facts.has_room():
            self._facts.steps.append(step)
        return done

    def close(self) -> list[RunFacts]:
        """The last run, with what only the end of the log tells."""
        if self._asked is not None:
            self._change_mode(previous=None)
        self._give_up_requests()
        self._owners.end_transfer()
        if self._facts.mode is not None and self._facts.end is None:
            self._facts.end = RunEnd.LOG_ENDS
        if self._last is not None:
            for ending, meaning in _WAITING.items():
                if self._last.record.text.endswith(ending):
                    self._find(LogLevel.ERROR, self._last, f"the log ends here: {meaning}")
        return [] if self._facts.is_empty else [self._facts]

    def _done_before(self, timed: TimedRecord, message: LogMessage) -> RunFacts | None:
        """The facts until now, if a record begins a new run."""
        facts = self._facts
        engine_starts = "sbeconfig.xml" in timed.record.text and not message.cls
        line = mode_line(message)
        opened = request_opened(message)
        if engine_starts and facts.mode is not None and facts.end is None:
            facts.end = RunEnd.RESTARTED
            self._give_up_requests()
        elif facts.end is None or not (
            engine_starts
            or (opened and opened[0] in _BEGINNINGS)
            or (line and line.what == "Request new" and not line.mode.is_normal)
        ):
            return None
        self._owners.end_transfer()
        self._begin()
        # A mode is asked for in the middle of a request, which then belongs to the new run.
        first = min((request.number for request in self._open), default=timed.record.number)
        self._facts.requests = [request for request in facts.requests if request.number >= first]
        self._facts.steps = [step for step in facts.steps if step.number >= first]
        del facts.requests[len(facts.requests) - len(self._facts.requests) :]
        del facts.steps[len(facts.steps) - len(self._facts.steps) :]
        return facts

    def _judge(self, timed: TimedRecord, message: LogMessage) -> None:
        if message.level is not LogLevel.INFO:
            self._find(message.level, timed, timed.record.text)

    def _find(self, level: LogLevel, timed: TimedRecord, text: str) -> None:
        message = timed.record.message
        finding = Finding(level, message.sid, message.error_code, text, timed.record.number, timed.when)
        self._facts.find(finding)

    def _request(self, request: HostRequest) -> None:
        for before in [before for before in self._open if _same_thread(before.thread, request.thread)]:
            self._open.remove(before)
            self._not_completed(before)
        self._open.append(request)
        if len(self._open) > _MOST_OPEN:
            self._not_completed(self._open.pop(0))
        if self._facts.has_room():
            self._facts.requests.append(request)
        if request.name in {"RequestData", "SupplyData"}:
            self._owners.begin_transfer(supplied=request.name == "SupplyData")

    def _completed(self, thread: str) -> None:
        for request in self._open:
            if _same_thread(request.thread, thread):
                request.completed = True
                self._open.remove(request)
                break
        self._owners.end_transfer()

    def _give_up_requests(self) -> None:
        while self._open:
            self._not_completed(self._open.pop(0))

    def _not_completed(self, request: HostRequest) -> None:
        text = f"the host's request {request.name} was not completed; the log does not say with which error"
        self._facts.find(Finding(LogLevel.ERROR, None, None, text, request.number, request.when))

    def _mode(self, timed: TimedRecord, message: LogMessage) -> None:
        line = mode_line(message)
        if line is None or line.what not in {"Request new", "Previous"}:
            return
        if line.what == "Request new":
            self._asked = (line.mode, timed)
        elif self._asked is not None:
            self._change_mode(previous=line.mode)

    def _change_mode(self, previous: BurMode | None) -> None:
        """What a request for a mode means is told by the line after it, with the mode before."""
        assert self._asked is not None
        mode, timed = self._asked
        self._asked = None
        facts = self._facts
        in_run = facts.mode is not None and facts.end is None
        if not mode.is_normal:
            if not in_run:
                facts.mode, facts.begun = mode, timed.when
        elif in_run and (previous is None or not previous.is_normal):
            facts.ended = timed.when
            facts.end = RunEnd.NORMAL
            if mode.part == TBURPartType.EBURUnset:
                facts.end = RunEnd.ABORTED
                self._find(LogLevel.ERROR, timed, f"the run was aborted: {RunEnd.ABORTED.value}")
        elif mode.part == TBURPartType.EBURUnset:
            facts.engine_stopped = timed.when


def _same_thread(one: str, other: str) -> bool:
    """Whether two names are of the same thread, one of which may have been cut."""
    return one.startswith(other) or other.startswith(one)
