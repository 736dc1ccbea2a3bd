"""How bad a message of the backup engine's log is, and the error number that it carries.

The engine writes no levels; these come from its wording. What can only be told from several lines, such as a
request that never completes, is not here. "Log format n" as in `wire.formats.log_line`.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final, NamedTuple


class LogLevel(IntEnum):
    """How bad it is. A warning is one item dropped, or a code to look at."""

    INFO = 0
    WARNING = 1
    ERROR = 2


class Judgement(NamedTuple):
    """Level and error number of one message; the number is None where the message has none."""

    level: LogLevel
    code: int | None


class _Wording(NamedTuple):
    """A wording: `pattern`, in a text that has `hint` in it; a group of the pattern is the error number."""

    level: LogLevel
    hint: str
    pattern: re.Pattern[str]


def _wording(level: LogLevel, hint: str, pattern: str) -> _Wording:
    # A number other than 0: in all these messages 0 means that nothing is wrong.
    return _Wording(level, hint, re.compile(pattern.replace("<err>", "(-?[1-9][0-9]*)")))


# The table of Log format 10. Looking for the hint first is what makes it quick: nearly no line has one.
_WORDINGS: Final = (
    _wording(LogLevel.ERROR, "PARSING FAILED", r"\*\*\* PARSING FAILED \*\*\*(?: - error: <err>)?"),
    _wording(LogLevel.ERROR, "Error in sid: ", r"Error in sid: 0x[0-9a-f]{8} \(<err>\)"),
    _wording(LogLevel.ERROR, "failed to start(", r"failed to start\(<err>\)"),
    _wording(LogLevel.ERROR, "whilst starting", r"errored \(<err>\) whilst starting"),
    _wording(LogLevel.ERROR, "errorCode: ", r"ConfirmReadyForBUR, errorCode: <err>"),
    _wording(LogLevel.ERROR, "ready state of", r"Setting ready state of data owner 0x[0-9a-f]{8} to 4"),
    _wording(LogLevel.ERROR, "IPC Leave(", r"Received IPC Leave\(<err>\)"),
    _wording(LogLevel.ERROR, "primed: 0", r"primed: 0"),
    _wording(LogLevel.ERROR, "State Error - ", r"State Error - "),
    _wording(LogLevel.ERROR, "*Error: ", r"\*Error: "),
    _wording(LogLevel.ERROR, "ERROR", r"(?:- ERROR|ERROR - error): <err>"),
    _wording(LogLevel.ERROR, "with error: ", r"(?:Left|leaving|for reading failed) with error: <err>"),
    _wording(LogLevel.ERROR, "orrupt", r"[Cc]orrupt data|header is corrupt"),
    _wording(LogLevel.ERROR, "Watchdog", r"Watchdog expired"),
    _wording(LogLevel.ERROR, "UNKNOWN OP", r"UNKNOWN OP CODE"),
    _wording(LogLevel.ERROR, "Panic'd", r"Panic'd with error code <err>"),
    _wording(LogLevel.ERROR, "KErrUnknown", r"leaving with KErrUnknown \(<err>\)"),
    _wording(LogLevel.WARNING, "Path", r"Path is not recognised|Not an Absolute Path|Path attribute error"),
    _wording(LogLevel.WARNING, "Could not conv", r"Could not convert filename"),
    _wording(LogLevel.WARNING, "Unknown elem", r"Unknown element while parsing"),
    _wording(LogLevel.WARNING, "restore not perm", r"restore not permitted, skipping file data"),
    _wording(LogLevel.WARNING, "RDbs", r"RDbs error <err>"),
    _wording(LogLevel.WARNING, "OnError", r"OnError\(\) - error = <err>"),
    _wording(LogLevel.WARNING, "(err: ", r"\(err: <err>"),
    _wording(LogLevel.WARNING, "error was: ", r"error was: <err>"),
    _wording(LogLevel.WARNING, "returned err", r"returned err(?:or)?: <err>"),
    # A path that does not exist, and an engine without a configuration file, are everyday matters.
    _wording(LogLevel.INFO, "get entry", r"get entry error: (-1|-12)\b"),
    _wording(LogLevel.WARNING, "get entry", r"get entry error: (?!-1\b|-12\b)<err>"),
    _wording(LogLevel.INFO, "sbeconfig", r"sbeconfig\.xml : (-1|-12)\b"),
    _wording(LogLevel.WARNING, "sbeconfig", r"sbeconfig\.xml : (?!-1\b|-12\b)<err>"),
    # The owner's library got an error back; positive results are drives and flags.
    _wording(LogLevel.INFO, "COMPLETED (-", r"COMPLETED \((-[1-9][0-9]*)\)"),
)


def judge(text: str) -> Judgement:
    """Level and error number of a message by its wording.

    A message that only names a file is never bad, whatever the file's name contains. Where a message has
    several of the wordings, the worst one counts, and of these the first in the table.
    """
    worst = _NOTHING
    for level, hint, pattern in _WORDINGS:
        if hint in text and (level > worst.level or worst is _NOTHING) and (match := pattern.search(text)):
            number = match[1] if pattern.groups else None
            worst = Judgement(level, int(number) if number else None)
    return _NOTHING if worst is not _NOTHING and text.startswith("file name: ") else worst


_NOTHING: Final = Judgement(LogLevel.INFO, None)
