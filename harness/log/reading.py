"""Files -> records, each with the time that its stamp stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from harness.errors import ArtifactError
from wire.formats.log_reader import read_records
from wire.formats.log_stamp import StampEvidence, StampResolver, StampRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from wire.formats.log_record import LogRecord

PIECE: Final = 64 * 1024
"""Bytes read at a time."""

WHY_NO_LOG: Final = (
    "a phone writes this log only if it has the folder C:\\logs\\connect, the file logger, and a debug build "
    "of the backup engine from before September 2010; most phones have no such engine"
)


class TimedRecord(NamedTuple):
    """A record, and when it was written in local time of the phone; None if its stamp does not tell."""

    record: LogRecord
    when: datetime | None


def open_log(path: Path) -> BinaryIO:
    """Open a log for reading.

    Raises:
        ArtifactError: it cannot be opened; the message says why, and for a missing file why that is normal.
    """
    try:
        if path.is_dir():
            raise ArtifactError(f"{path} is a folder; a log is a file, such as {path / 'securebackup.txt'}")
        if path.exists() and not path.is_file():
            raise ArtifactError(f"{path} is no regular file", hint="save the log to a file first")
        return path.open("rb")
    except FileNotFoundError:
        raise ArtifactError(f"there is no file {path}", hint=WHY_NO_LOG) from None
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error


def read_log(path: Path) -> Iterator[LogRecord]:
    """The records of a log, while the file is being read.

    Raises:
        ArtifactError: the file cannot be opened or read.
    """
    with open_log(path) as file:
        yield from read_records(pieces_of(file, path))


def pieces_of(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """What is in `file` from where it stands, in pieces.

    Raises:
        ArtifactError: the file cannot be read on.
    """
    while True:
        try:
            piece = file.read(PIECE)
        except OSError as error:
            raise ArtifactError(f"{path} cannot be read on: {error.strerror}") from error
        if not piece:
            return
        yield piece


def stamp_rules(records: Iterable[LogRecord]) -> StampRules:
    """What the stamps prove about the phone's settings; looks no further than it must."""
    evidence = StampEvidence()
    rules = evidence.rules()
    for record in records:
        if record.stamp:
            evidence.see(record.date, record.time)
            rules = evidence.rules()
            if rules.date_order is not None and rules.hour_24 is not None:
                break
    return rules


def with_times(records: Iterable[LogRecord], resolver: StampResolver) -> Iterator[TimedRecord]:
    """Each record with its time."""
    for record in records:
        yield TimedRecord(record, resolver.resolve(record.date, record.time) if record.stamp else None)
