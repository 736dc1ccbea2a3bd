"""What the engine wrote of a test, and which of its lines belong to which callback."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from harness.log.reading import TimedRecord, read_log
from harness.log.steps import step_of
from wire.formats.log_level import LogLevel

LOG: Final = "securebackup.txt"
MOST_LINES: Final = 3000


class LogLine(NamedTuple):
    """A line of the log: its number, the phone's time of day, its level in lower case, and its text."""

    number: int
    time: str
    level: str
    text: str


class EngineLog(NamedTuple):
    """The lines of a log.

    Attributes:
        left_out: how many there are beside them.
        callbacks: for a data owner and a callback the lines where the engine makes it, in order.
    """

    lines: list[LogLine]
    left_out: int
    callbacks: dict[tuple[str, str], deque[int]]


def read_engine_log(folder: Path, *, whole: bool) -> EngineLog | None:
    """The log that was collected after a test; None when there is none, as from most phones.

    Args:
        folder: the test's artifacts.
        whole: also the lines in which the engine talks to itself, as far as there is room.
    """
    path = folder / LOG
    if not path.is_file():
        return None
    lines: list[LogLine] = []
    left_out = 0
    callbacks: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    for record in read_log(path):
        message = record.message
        if message.callback is not None and message.sid is not None and "] Calling " in record.text:
            callbacks[str(message.sid), message.callback.name].append(record.number)
        wanted = whole or message.level is not LogLevel.INFO or step_of(TimedRecord(record, None))
        if not wanted or len(lines) >= MOST_LINES:
            left_out += 1
            continue
        level = "" if message.level is LogLevel.INFO else message.level.name.lower()
        lines.append(LogLine(record.number, record.time, level, record.text))
    return EngineLog(lines, left_out, callbacks)


def match_callbacks(log: EngineLog | None, callbacks: Iterable[tuple[str, str]]) -> list[int]:
    """For each callback on the wire the line of the log; 0 where none is shown.

    Both sides are in the order in which things happened, so the n-th of a kind there is the n-th here.
    """
    if log is None:
        return [0 for _ in callbacks]
    shown = {line.number for line in log.lines}
    waiting = {key: deque(numbers) for key, numbers in log.callbacks.items()}
    found = [waiting[key].popleft() if waiting.get(key) else 0 for key in callbacks]
    return [number if number in shown else 0 for number in found]
