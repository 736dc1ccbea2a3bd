"""Records -> steps: what happened between host, engine and data owners, as far as single lines tell.

Most lines of the log are the engine talking to itself. A step is a line that stands for something between two
of the three: a request of the host, a change of the mode or of the property, a process started, data asked
for or supplied, a callback, an error. Timeline and comparison are made of steps.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from wire.formats.log_level import LogLevel
from wire.formats.log_message import LogKind
from wire.symbian import BurMode

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from harness.log.reading import TimedRecord
    from wire.formats.log_message import LogMessage
    from wire.symbian import SecureId


class StepKind(Enum):
    """What a step is about; the value is shown."""

    REQUEST = "request"
    MODE = "mode"
    PROPERTY = "property"
    PROCESS = "process"
    DATA = "data"
    CALLBACK = "callback"
    OWNER = "owner"
    ERROR = "error"


class Step(NamedTuple):
    """One step.

    Attributes:
        kind: what it is about.
        sid: the data owner concerned.
        text: what happened, without times and without the owner.
        number: the record it was read from.
        when: local time of the phone.
    """

    kind: StepKind
    sid: SecureId | None
    text: str
    number: int
    when: datetime | None


MODE_WANTED: Final = "engine is to go to "

_REQUEST: Final = re.compile(r"(?:ESBEMsg(\w+)|UNKNOWN OP CODE)\b.* for thread: ?(.*)")
_COMPLETED: Final = re.compile(r"Completed OK for thread: ?(.*)")
_MODE: Final = re.compile(
    r"(Request new|Previous|Setting P&S flag to) BURType \((0x[0-9a-f]+)\), IncType \((0x[0-9a-f]+)\)"
)
_DATA: Final = re.compile(
    r"((?:Requesting|Supplying) (?:active|passive) \w+) data (?:from|to) data owner with SID 0x"
)


def request_opened(message: LogMessage) -> tuple[str, str] | None:
    """Name and client thread of the host's request that a line opens, such as `RequestData`.

    The engine writes one line for the synchronous and the asynchronous form, so there is one name for both
    (Log format 8.1).
    """
    if message.cls != "CSBESession" or not (found := _REQUEST.match(message.body)):
        return None
    name = found[1] or "unknown request"
    return name.removesuffix("Sync"), found[2]


def request_completed(message: LogMessage) -> str | None:
    """The client thread of the host's request that a line says to have succeeded."""
    found = _COMPLETED.match(message.body) if message.cls == "CSBESession" else None
    return found[1] if found else None


class ModeLine(NamedTuple):
    """One of the lines of SetBURModeL about a mode (Log format 8.2)."""

    what: str
    mode: BurMode


def mode_line(message: LogMessage) -> ModeLine | None:
    """The mode that a line of SetBURModeL names: `Request new`, `Previous` or `Setting P&S flag to`."""
    if message.function != "SetBURModeL" or not (found := _MODE.match(message.body)):
        return None
    return ModeLine(found[1], BurMode(int(found[2], 16), int(found[3], 16)))


def step_of(timed: TimedRecord) -> Step | None:
    """The step that a record stands for; None for nearly all records."""
    message = timed.record.message
    if message.level is LogLevel.ERROR:
        found: tuple[StepKind, str] | None = (StepKind.ERROR, timed.record.text)
    elif message.kind is LogKind.OWNER:
        found = _owner(message)
    elif message.kind is LogKind.ENGINE:
        reader = _READERS.get(message.cls)
        found = reader(message) if reader else None
    elif message.kind is LogKind.PLAIN and message.body.startswith("Process "):
        found = StepKind.PROCESS, message.body
    else:
        found = None
    return Step(found[0], message.sid, found[1], timed.record.number, timed.when) if found else None


def _owner(message: LogMessage) -> tuple[StepKind, str] | None:
    return (StepKind.OWNER, message.callback.name) if message.callback is not None else None


def _host_session(message: LogMessage) -> tuple[StepKind, str] | None:
    if opened := request_opened(message):
        return StepKind.REQUEST, opened[0]
    return (StepKind.REQUEST, "done") if request_completed(message) is not None else None


def _manager(message: LogMessage) -> tuple[StepKind, str] | None:
    line = mode_line(message)
    if line is None or line.what == "Previous":
        return None
    if line.what == "Request new":
        return StepKind.MODE, f"{MODE_WANTED}{line.mode}"
    return StepKind.PROPERTY, f"set to {line.mode} ({line.mode.property_value:#x})"


def _data_owner(message: LogMessage) -> tuple[StepKind, str] | None:
    found = _DATA.match(message.body)
    return (StepKind.DATA, f"{found[1].lower()} data") if found else None


def _owner_session(message: LogMessage) -> tuple[StepKind, str] | None:
    if message.callback is not None and " Calling " in message.body:
        return StepKind.CALLBACK, message.callback.name
    return None


_READERS: Final[dict[str, Callable[[LogMessage], tuple[StepKind, str] | None]]] = {
    "CSBESession": _host_session,
    "CDataOwnerManager": _manager,
    "CDataOwner": _data_owner,
    "CABSession": _owner_session,
}
