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


# A number other than 0: in all these messages 0 means that nothing is wrong.
_CODE = r"(-?[1-9][0-9]*)"
_SID = r"0x[0-9a-f]{8}"

# Wording -> level, in the order in which they are tried at one place of the text. Log format 10.
_WORDINGS: Final = (
    (r"\*\*\* PARSING FAILED \*\*\*(?: - error: " + _CODE + ")?", LogLevel.ERROR),
    (rf"Error in sid: {_SID} \({_CODE}\)", LogLevel.ERROR),
    (rf"failed to start\({_CODE}\)", LogLevel.ERROR),
    (rf"errored \({_CODE}\) whilst starting", LogLevel.ERROR),
    (rf"ConfirmReadyForBUR, errorCode: {_CODE}", LogLevel.ERROR),
    (rf"Setting ready state of data owner {_SID} to 4", LogLevel.ERROR),
    (rf"Received IPC Leave\({_CODE}\)", LogLevel.ERROR),
    (r"primed: 0", LogLevel.ERROR),
    (r"State Error - ", LogLevel.ERROR),
    (r"\*Error: ", LogLevel.ERROR),
    (rf"(?:- ERROR|Left with error|leaving with error|ERROR - error): {_CODE}", LogLevel.ERROR),
    (rf"for reading failed with error: {_CODE}", LogLevel.ERROR),
    (r"[Cc]orrupt data|header is corrupt", LogLevel.ERROR),
    (r"Watchdog expired", LogLevel.ERROR),
    (r"UNKNOWN OP CODE", LogLevel.ERROR),
    (rf"Panic'd with error code {_CODE}", LogLevel.ERROR),
    (rf"leaving with KErrUnknown \({_CODE}\)", LogLevel.ERROR),
    (r"Path is not recognised|Not an Absolute Path|Path attribute error", LogLevel.WARNING),
    (r"Could not convert filename", LogLevel.WARNING),
    (r"Unknown element while parsing", LogLevel.WARNING),
    (r"restore not permitted, skipping file data", LogLevel.WARNING),
    (rf"RDbs error {_CODE}", LogLevel.WARNING),
    (rf"OnError\(\) - error = {_CODE}", LogLevel.WARNING),
    # A path that does not exist, and an engine without a configuration file, are everyday matters.
    (r"get entry error: (-1|-12)\b", LogLevel.INFO),
    (r"sbeconfig\.xml : (-1|-12)\b", LogLevel.INFO),
    (rf"(?:get entry error|sbeconfig\.xml ): {_CODE}", LogLevel.WARNING),
    (rf"(?:\(err|error was|returned error|returned err): {_CODE}", LogLevel.WARNING),
    # The owner's library got an error back; positive results are drives and flags.
    (r"COMPLETED \((-[1-9][0-9]*)\)", LogLevel.INFO),
)

_ANY: Final = re.compile("|".join(f"({wording})" for wording, _ in _WORDINGS))


def _by_group() -> dict[int, tuple[LogLevel, bool]]:
    """Number of a wording's group in `_ANY` -> its level, and whether the group after it holds a code."""
    table = {}
    group = 1
    for wording, level in _WORDINGS:
        inner = re.compile(wording).groups
        table[group] = (level, inner == 1)
        group += 1 + inner
    return table


_BY_GROUP: Final = _by_group()


def judge(text: str) -> Judgement:
    """Level and error number of a message by its wording.

    A message that only names a file is never bad, whatever the file's name contains. Where a message has
    several of the wordings, the worst one counts.
    """
    worst = Judgement(LogLevel.INFO, None)
    if text.startswith("file name: "):
        return worst
    for match in _ANY.finditer(text):
        found = _judgement(match)
        if found.level > worst.level or (worst.code is None and found.level == worst.level):
            worst = found
    return worst


def _judgement(match: re.Match[str]) -> Judgement:
    group = match.lastindex
    assert group is not None
    level, has_code = _BY_GROUP[group]
    code = match[group + 1] if has_code else None
    return Judgement(level, int(code) if code else None)
