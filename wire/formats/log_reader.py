"""Bytes of a log of the file logger -> records, in pieces of any size and in bounded memory.

The work is done on bytes and for each physical line by itself (Log format 5), because a log can hold both
encodings, lines that have lost their line end, holes of NUL bytes and bytes that a program wrote past the
logger. Nothing of that is an error: what is not a stamped line becomes a record without a stamp, and every
byte that is not a line end is in exactly one record.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wire.formats.log_line import LINE_LIMIT
from wire.formats.log_record import LogRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STAMP: Final = (
    rb"(?:FLG [^ \t\r\n]{1,255} )?"
    rb"(?:\d{4}[^\w\t]?\d{2}[^\w\t]?\d{2}|\d{2}[^\w\t]?\d{2}[^\w\t]?\d{4})"
    rb"\t\d{1,2}[^\w\t]?\d{2}[^\w\t]?\d{2}\t"
)
_find_stamps: Final = re.compile(_STAMP).finditer
# Nearly every line. A second stamp would need further TABs, so a text without one holds none.
_match_ordinary: Final = re.compile(rb"(" + _STAMP + rb")([^\t\r]*)\r?").fullmatch

_EMPTY: Final = {b"", b"\r"}
_LONGEST_STAMP: Final = 20
_LONGEST_LINE: Final = 4096
"""Bytes after which a physical line is broken. The logger's own have 150, a raw write at most 1600."""


class LogReader:
    """Takes bytes as they come and gives the records that are complete; `close` gives what was left.

    How the bytes were cut into pieces makes no difference to the records. Nothing is ever raised for what the
    bytes contain.
    """

    def __init__(self) -> None:
        self._pending = b""
        self._offset = 0
        self._count = 0

    def feed(self, data: bytes) -> list[LogRecord]:
        """The records that `data` completes. The last line is kept back until its line end has come."""
        lines = (self._pending + data).split(b"\n")
        pending = lines.pop()
        records: list[LogRecord] = []
        for line in lines:
            ordinary = _match_ordinary(line)
            if ordinary and len(line) <= _LONGEST_LINE:
                stamp, raw = ordinary.groups()
                self._count += 1
                records.append(LogRecord(self._count, self._offset, stamp, raw))
            elif line not in _EMPTY:
                rest = self._break_long(line, records)
                self._take(line, rest, len(line), records, ended=True)
            self._offset += len(line) + 1
        # As much more is kept back as a stamp needs that begins just before the break.
        done = self._break_long(pending, records, keep=_LONGEST_STAMP)
        self._offset += done
        self._pending = pending[done:]
        return records

    def close(self) -> list[LogRecord]:
        """What is left: a last line without its line end."""
        records: list[LogRecord] = []
        rest = self._break_long(self._pending, records)
        self._take(self._pending, rest, len(self._pending), records, ended=False)
        self._offset += len(self._pending)
        self._pending = b""
        return records

    def _break_long(self, line: bytes, records: list[LogRecord], *, keep: int = 0) -> int:
        """Take pieces off the front while more than a longest line and `keep` is there.

        Returns where the rest begins.
        """
        start = 0
        while len(line) - start > _LONGEST_LINE + keep:
            stop = _break_point(line, start + _LONGEST_LINE)
            self._take(line, start, stop, records, ended=False)
            start = stop
        return start

    def _take(self, line: bytes, start: int, stop: int, records: list[LogRecord], *, ended: bool) -> None:
        """Append what is from `start` to `stop`: each stamp begins a record, and so does what precedes it."""
        stamps = [(match.start(), match.end()) for match in _find_stamps(line, start, stop)]
        if not stamps or stamps[0][0] > start:
            stamps.insert(0, (start, start))
        ends = [begin for begin, _ in stamps[1:]]
        for (begin, text), end in zip(stamps, [*ends, stop], strict=True):
            raw = line[text:end]
            if (end < stop or end == len(line)) and raw.endswith(b"\r"):
                raw = raw[:-1]
            if begin == text and not raw:
                continue  # an empty line, or half a line end
            self._count += 1
            whole = ended and end == stop
            records.append(LogRecord(self._count, self._offset + begin, line[begin:text], raw, whole))


def read_records(pieces: Iterable[bytes]) -> Iterator[LogRecord]:
    """The records of a whole log, given as pieces of any size."""
    reader = LogReader()
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.close()


def _break_point(line: bytes, limit: int) -> int:
    """`limit`, or the beginning of a line of the logger that would be broken there."""
    stamps = _find_stamps(line, limit - LINE_LIMIT, limit + _LONGEST_STAMP)
    return max((match.start() for match in stamps if match.start() < limit), default=limit)
