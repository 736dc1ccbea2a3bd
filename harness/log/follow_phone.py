"""The log of a live phone: its records as the engine writes them, read over the link, nothing stored here."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from harness.errors import EngineError
from harness.log.collect import ABSENT, read_block
from harness.log.follow import BEGINNING, Followed
from wire.formats.log_reader import LogReader
from wire.symbian import LOG_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.handset import Handset

ENGINE_LOG_NAME: Final = "securebackup.txt"


def follow_phone(handset: Handset, wait: Callable[[], bool], *, name: str = ENGINE_LOG_NAME) -> Iterator[Followed]:
    """Everything that is in a log on a phone and everything that is added to it.

    A log that is not there is waited for; one that has become another is read from its beginning.

    Args:
        handset: the phone.
        wait: called when there is nothing new; gives False to stop.
        name: which log of the folder `C:\\logs\\connect`.

    Raises:
        HandsetLost: the link is gone.
    """
    path = LOG_FOLDER + name
    reader = LogReader()
    offset, beginning, anew = 0, b"", False
    while True:
        size, crc = _look_at(handset, path, len(beginning))
        if offset and (size < offset or crc != zlib.crc32(beginning)):
            yield Followed(reader.close(), anew)
            reader, offset, beginning, anew = LogReader(), 0, b"", True
            continue
        while offset < size:
            block = _read(handset, path, offset)
            if not block:
                break  # it has become shorter or has gone, which the next look will show
            beginning = (beginning + block)[:BEGINNING]
            offset += len(block)
            yield Followed(reader.feed(block), anew)
            anew = False
        if not wait():
            yield Followed(reader.close(), anew)
            return


def _read(handset: Handset, path: str, offset: int) -> bytes:
    try:
        return read_block(handset, path, offset)
    except EngineError as error:
        if error.code not in ABSENT:
            raise
        return b""


def _look_at(handset: Handset, path: str, length: int) -> tuple[int, int]:
    """Size of a log and CRC-32 of its beginning; one that is not there is as good as empty."""
    try:
        return handset.files.check(path, length)
    except EngineError as error:
        if error.code not in ABSENT:
            raise
        return 0, 0
