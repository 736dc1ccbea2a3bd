"""Records for people and for programs: chosen, and as lines of text or of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wire.formats.log_level import LogLevel
from wire.formats.log_message import LogKind
from wire.symbian_errors import describe_error

if TYPE_CHECKING:
    from datetime import datetime

    from harness.log.reading import TimedRecord
    from wire.symbian import AbCallback, SecureId

_LONGEST_UNKNOWN: Final = 60
"""Characters shown of bytes without a stamp."""

_XML_ERRORS: Final = range(-1000, -973)
"""Error numbers of the XML parser. Log format 8.3."""

_MARKS: Final = {LogLevel.INFO: " ", LogLevel.WARNING: "?", LogLevel.ERROR: "!"}


@dataclass(slots=True)
class Choice:
    """Which records are wanted; what is not given does not restrict.

    Attributes:
        sids: about one of these data owners.
        callbacks: about one of these callbacks.
        since: written then or later, in local time of the phone.
        until: written then or earlier.
        level: at least as bad.
    """

    sids: frozenset[SecureId] = frozenset()
    callbacks: frozenset[AbCallback] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    level: LogLevel = LogLevel.INFO
    _latest: datetime | None = None

    def wants(self, timed: TimedRecord) -> bool:
        """Whether a record is wanted. One without a time counts as written with the one before it."""
        if timed.when is not None:
            self._latest = timed.when
        if self.since is not None and (self._latest is None or self._latest < self.since):
            return False
        if self.until is not None and self._latest is not None and self._latest > self.until:
            return False
        message = timed.record.message
        return (
            message.level >= self.level
            and (not self.sids or message.sid in self.sids)
            and (not self.callbacks or message.callback in self.callbacks)
        )


def visible(text: str) -> str:
    r"""`text` with escapes, as in `\x1b`, for all that a terminal would not print as a character."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def as_line(timed: TimedRecord) -> str:
    """A record as one line: number, time, `!` for an error, `?` for a warning, text, what its code means."""
    record, when = timed
    if record.kind is LogKind.UNKNOWN:
        shown = visible(record.text[:_LONGEST_UNKNOWN])
        rest = "..." if len(record.text) > _LONGEST_UNKNOWN else ""
        text = f"({len(record.raw)} bytes without a stamp) {shown}{rest}"
        time = ""
    else:
        text = visible(record.text)
        time = f"{when:%Y-%m-%d %H:%M:%S}" if when else visible(f"{record.date} {record.time}")
    message = record.message
    if message.level is not LogLevel.INFO:
        text += meaning(message.error_code)
    return f"{record.number:7} {time:19} {_MARKS[message.level]} {text}"


def meaning(code: int | None) -> str:
    """What an error number means, to be put after a text; nothing for a number that has no name."""
    if code in _XML_ERRORS:
        return f"   <- {code} (the XML of a registration file)"
    described = "" if code is None else describe_error(code)
    return f"   <- {described}" if "(" in described else ""


def as_json(timed: TimedRecord) -> str:
    """A record as one JSON object on one line, ASCII only."""
    record, when = timed
    message = record.message
    return json.dumps(
        {
            "number": record.number,
            "offset": record.offset,
            "when": when.isoformat() if when else None,
            "date": record.date,
            "time": record.time,
            "kind": message.kind.value,
            "level": message.level.name.lower(),
            "sid": None if message.sid is None else str(message.sid),
            "class": message.cls,
            "function": message.function,
            "callback": None if message.callback is None else message.callback.name,
            "error_code": message.error_code,
            "leave_code": message.leave_code,
            "text": record.text,
            "body": record.body,
            "encoding": record.encoding,
            "possibly_cut": record.possibly_cut,
            "ended": record.ended,
        }
    )
