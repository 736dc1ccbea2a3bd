"""One record of a log of the file logger: a stamp and the bytes after it, or bytes that have no stamp.

A record keeps its bytes. What they mean is worked out when it is asked for, so that who needs a few lines of
a log of 100 MB need not pay for all of them. "Log format n" as in `wire.formats.log_line`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wire.formats.log_level import LogLevel
from wire.formats.log_line import LINE_END, LINE_LIMIT
from wire.formats.log_message import LogKind, LogMessage, parse_message

if TYPE_CHECKING:
    from wire.symbian import AbCallback, SecureId

_PORT_PREFIX: Final = b"FLG "
_FULL: Final = LINE_LIMIT - len(LINE_END)


class LogRecord(NamedTuple):
    """A stamped line, or a piece of unknown bytes of which nothing is lost.

    Attributes:
        number: counts the records from 1. Stamps have seconds only, so this is the only order (Log format 4).
        offset: where the record begins in what was read, in bytes.
        stamp: the bytes of date and time with their TABs, after `FLG <file> ` in a capture of the debug port;
            empty for bytes without a stamp.
        raw: the bytes of the text, without line end.
        ended: whether a line end followed. None does when the limit of 150 bytes has cut it off, or when the
            file ends here.
    """

    number: int
    offset: int
    stamp: bytes
    raw: bytes
    ended: bool = True

    @property
    def date(self) -> str:
        """The date as the phone wrote it; empty without a stamp."""
        date = self.stamp.partition(b"\t")[0]
        if date.startswith(_PORT_PREFIX):
            date = date.split(b" ", 2)[2]
        return date.decode("latin-1")

    @property
    def time(self) -> str:
        """The time as the phone wrote it; empty without a stamp."""
        return self.stamp.partition(b"\t")[2].rstrip(b"\t").decode("latin-1")

    @property
    def text(self) -> str:
        """The text, decoded by itself: a log can hold lines of both encodings (Log format 5)."""
        return self._decoded()[0]

    @property
    def encoding(self) -> str:
        """`utf-8`, or `latin-1` for a text that is no UTF-8."""
        return self._decoded()[1]

    @property
    def possibly_cut(self) -> bool:
        """Whether a limit of the logger may have cut the text; it may also just fit (Log format 5).

        A missing parenthesis at the end of such a text means nothing, and a path at its end is no file name.
        """
        return bool(self.stamp) and (not self.ended or self._stamp_length + len(self.text) >= _FULL)

    @property
    def message(self) -> LogMessage:
        """What the text says."""
        return parse_message(self.text) if self.stamp else _UNKNOWN

    @property
    def kind(self) -> LogKind:
        """Who wrote it, by the shape of the text."""
        return self.message.kind

    @property
    def level(self) -> LogLevel:
        """How bad it is."""
        return self.message.level

    @property
    def sid(self) -> SecureId | None:
        """The data owner it is about."""
        return self.message.sid

    @property
    def cls(self) -> str:
        """The class in which it was written, or nothing."""
        return self.message.cls

    @property
    def function(self) -> str:
        """The function in which it was written, or nothing."""
        return self.message.function

    @property
    def body(self) -> str:
        """The text after owner, class and function; of unknown bytes all of them."""
        return self.message.body if self.stamp else self.text

    @property
    def callback(self) -> AbCallback | None:
        """The callback it is about."""
        return self.message.callback

    @property
    def error_code(self) -> int | None:
        """The Symbian error number in it, never 0."""
        return self.message.error_code

    @property
    def leave_code(self) -> int | None:
        """The number with which an owner's callback left."""
        return self.message.leave_code

    @property
    def _stamp_length(self) -> int:
        # The port's prefix is not in the line that the limits are about.
        return len(self.date) + len(self.time) + 2

    def _decoded(self) -> tuple[str, str]:
        try:
            return self.raw.decode("utf-8"), "utf-8"
        except UnicodeDecodeError as error:
            # Half a character at the end is the work of the byte limit, but only where that limit can have
            # struck: a Latin-1 line may well end in an accented letter.
            struck = not self.ended or self._stamp_length + len(self.raw) >= LINE_LIMIT
            if struck and error.reason == "unexpected end of data" and error.start >= len(self.raw) - 3:
                return self.raw[: error.start].decode("utf-8"), "utf-8"
        return self.raw.decode("latin-1"), "latin-1"


_UNKNOWN: Final = LogMessage(LogKind.UNKNOWN, None, "", "", "", None, LogLevel.INFO, None, None)
