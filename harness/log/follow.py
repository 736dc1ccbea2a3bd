"""A log that is still being written: its records as they come, also when the file is replaced meanwhile.

The phone's own log only grows (Log format 3), but a copy of it on this machine may be fetched anew at any
time.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from harness.errors import ArtifactError
from harness.log.reading import open_log, pieces_of
from wire.formats.log_reader import LogReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wire.formats.log_record import LogRecord

BEGINNING: Final = 256
"""Bytes by which a file is known again; the first stamp is among them."""


class Followed(NamedTuple):
    """What has come since the last time.

    Attributes:
        records: the new records.
        anew: whether they are the first of another file, whose numbers begin again.
    """

    records: list[LogRecord]
    anew: bool = False


def follow(path: Path, wait: Callable[[], bool]) -> Iterator[Followed]:
    """Everything that is in a log and everything that is added to it.

    A file that has been replaced, emptied or written anew is read from its beginning; one that has gone is
    waited for.

    Args:
        path: the log, which must be there at first.
        wait: called when there is nothing new; gives False to stop.

    Raises:
        ArtifactError: the file cannot be opened at first, or cannot be read on.
    """
    file = open_log(path)
    try:
        anew = False
        while True:
            reader = LogReader()
            beginning = b""
            while not _is_another(path, file, beginning):
                for piece in pieces_of(file, path):
                    beginning = (beginning + piece)[:BEGINNING]
                    yield Followed(reader.feed(piece), anew)
                    anew = False
                if not wait():
                    yield Followed(reader.close(), anew)
                    return
            yield Followed(reader.close(), anew)
            anew = True
            file.close()
            file = _open_again(path) or file
            while file.closed:
                if not wait():
                    return
                file = _open_again(path) or file
    finally:
        file.close()


def _open_again(path: Path) -> BinaryIO | None:
    try:
        return open_log(path)
    except ArtifactError:
        return None


def _is_another(path: Path, file: BinaryIO, beginning: bytes) -> bool:
    """Whether `path` has become another file than the one that is open, or the same with other contents."""
    try:
        there, here = path.stat(), os.fstat(file.fileno())
        if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
            return True
        place = file.tell()
        file.seek(0)
        now = file.read(len(beginning))
        file.seek(place)
    except OSError:
        return True  # it has gone; what comes in its place is another file
    return there.st_size < place or now != beginning
