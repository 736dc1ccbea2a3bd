"""One line of a log that Symbian's file logger wrote, and how that logger makes it.

    <date> TAB <time> TAB <text> CR LF          at most 150 characters, then at most 150 bytes

The engine's securebackup.txt is such a log. "Log format n" names section n of the project's notes on the file
logger's format. Only the making of a line is here; whether one is written at all depends on a folder of the
phone, and reading is in `wire.formats.log_reader`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

LINE_LIMIT: Final = 150
"""Characters, and after conversion bytes, that one line may have, CR LF included. Log format 4."""

LINE_END: Final = b"\r\n"

HEX_DUMP_WIDTH: Final = 16
"""Bytes in one line of the file logger's own dump. Log format 13."""


class DateOrder(Enum):
    """The order of day, month and year, which is a setting of the phone. Log format 4."""

    EUROPEAN = "european"
    AMERICAN = "american"
    JAPANESE = "japanese"


@dataclass(frozen=True, slots=True)
class LogLocale:
    """The settings of the phone that shape a stamp.

    Attributes:
        date_order: the order of day, month and year.
        date_separator: one ASCII character, or none.
        time_separator: one ASCII character, or none.
        hour_24: False for a 12-hour clock, which the log shows without a leading zero and without am or pm.

    Raises:
        ValueError: a separator that a reader could not tell from the digits, or that is not ASCII. Phones
            without separators, or with others, are UNVERIFIED: the format allows them, none was seen.
    """

    date_order: DateOrder = DateOrder.EUROPEAN
    date_separator: str = "/"
    time_separator: str = ":"
    hour_24: bool = True

    def __post_init__(self) -> None:
        for separator in (self.date_separator, self.time_separator):
            if len(separator) > 1 or separator == "_" or separator.isalnum():
                raise ValueError(f"a separator is one character, not a letter or a digit, not {separator!r}")
            if separator and not (separator.isascii() and separator.isprintable()):
                raise ValueError(f"a separator is a printable ASCII character, not {separator!r}")

    def date(self, when: datetime) -> str:
        """Day, month and year of `when`."""
        day, month, year = f"{when.day:02}", f"{when.month:02}", f"{when.year:04}"
        match self.date_order:
            case DateOrder.EUROPEAN:
                parts = (day, month, year)
            case DateOrder.AMERICAN:
                parts = (month, day, year)
            case DateOrder.JAPANESE:
                parts = (year, month, day)
        return self.date_separator.join(parts)

    def time(self, when: datetime) -> str:
        """Hour, minute and second of `when`; a 12-hour clock shows 1 to 12 and no leading zero."""
        hour = f"{when.hour:02}" if self.hour_24 else str(when.hour % 12 or 12)
        return self.time_separator.join((hour, f"{when.minute:02}", f"{when.second:02}"))

    def stamp(self, when: datetime) -> str:
        """Everything before the text, TABs included.

        Raises:
            ValueError: `when` has a time zone; the log knows only the phone's local time.
        """
        if when.tzinfo is not None:
            raise ValueError(f"a stamp is local time without a zone, not {when}")
        return f"{self.date(when)}\t{self.time(when)}\t"


EUROPEAN_24H: Final = LogLocale()


def format_line(when: datetime, text: str, locale: LogLocale = EUROPEAN_24H) -> bytes:
    """One line as the log server writes it for the 16-bit call. Log format 4.

    Text beyond the limit of 150 characters is cut without a mark. The bytes must fit 150 once more after the
    conversion to UTF-8, and what does not fit is dropped at the end, **the line end included**: after such a
    line the next one follows in the same physical line. That only whole characters are dropped is UNVERIFIED.

    Args:
        when: local time of the phone, to the second.
        text: the message; lone surrogates are allowed, as Symbian's 16-bit text allows them.
        locale: the phone's settings; European with a 24-hour clock when not given.

    Raises:
        ValueError: `when` has a time zone.
    """
    return line_behind(locale.stamp(when), text)


def line_behind(stamp: str, text: str) -> bytes:
    """The line that `format_line` describes, for a stamp that is made already: it stays the same for a second."""
    shown = printable(text)[: LINE_LIMIT - len(LINE_END) - len(stamp)]
    line = (stamp + shown).encode("utf-8") + LINE_END
    return line if len(line) <= LINE_LIMIT else line[:LINE_LIMIT].decode("utf-8", "ignore").encode("utf-8")


def format_line_8bit(when: datetime, text: bytes, locale: LogLocale = EUROPEAN_24H) -> bytes:
    """One line as the 8-bit call writes it: the bytes of `text` unchanged but for control characters.

    This is where a Latin-1 line comes from (Log format 3). That the limit of 150 bytes holds for every 8-bit
    call is UNVERIFIED.

    Raises:
        ValueError: `when` has a time zone.
    """
    stamp = locale.stamp(when).encode("ascii")
    shown = printable(text.decode("latin-1")).encode("latin-1")[: LINE_LIMIT - len(LINE_END) - len(stamp)]
    return stamp + shown + LINE_END


def printable(text: str) -> str:
    """`text` with every character that Symbian does not count as printable as a full stop; TAB stays.

    Symbian judges units of 16 bits: a character outside the basic plane is two surrogates and becomes two
    full stops. Not printable are the Unicode categories C*; line and paragraph separators are printable. That
    a phone may count some of the private use area as printable is UNVERIFIED; here they become full stops.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_printable_unit(character) for character in text)


def _printable_unit(character: str) -> str:
    if character > "\uffff":
        return ".."
    if character == "\t" or not unicodedata.category(character).startswith("C"):
        return character
    return "."


def hex_dump_texts(data: bytes, *, header: str = "", margin: str = "") -> list[str]:
    """The texts of the file logger's own hex dump, 16 bytes each, to be written line by line. Log format 13.

    The first begins with `header`, the others with `margin`. Offsets have four hexadecimal digits, or more
    when they need them. The engine never writes such lines; data owners may.
    """
    texts = []
    for offset in range(0, len(data), HEX_DUMP_WIDTH):
        row = data[offset : offset + HEX_DUMP_WIDTH]
        pairs = "".join(f"{byte:02x} " for byte in row).ljust(3 * HEX_DUMP_WIDTH)
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        texts.append(f"{margin if offset else header}{offset:04x} : {pairs} {shown}")
    return texts
