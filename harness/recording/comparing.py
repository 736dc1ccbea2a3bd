"""What two phones answered, held against each other; what differs between any two is left aside."""

from __future__ import annotations

import itertools
from typing import Any, Final

from harness.recording.differences import first_difference
from wire.errors import FormatError, LayoutError
from wire.formats.serialised import FileListEntry, LargeFileListEntry, SidTransfer, read_generic
from wire.layout import codec_of
from wire.protocol.describe import shorten
from wire.protocol.messages import engine
from wire.protocol.messages.method import Method
from wire.symbian import ACTIVE_TYPES

VARIES: Final = frozenset(
    {
        "FileStat.modified_us",
        "FileEntry.modified_us",
        "FileListEntry.modified",
        "LargeFileListEntry.modified_high",
        "LargeFileListEntry.modified_low",
        "Subscription.topic",
        "PropertyChange.tick_ms",
        "OwnerEvent.tick_ms",
    }
)
"""Fields that differ between any two phones, or between two runs on one."""


def answers_that_differ(
    method: Method[Any, Any], request: Any, phone: tuple[Any, bytes], emulated: tuple[Any, bytes]
) -> tuple[str, str] | None:
    """Two answers, each with the stream that followed, in words; None when they are alike."""
    (one, one_data), (other, other_data) = phone, emulated
    differing = fields_that_differ(one, other)
    if method is engine.REQUEST_DATA and holds_times(request.transfer_type):
        differing = [name for name in differing if name != "size"]
        one_data = other_data = b""
    if differing:
        return _words(one, differing), _words(other, differing)
    if method in {engine.PUBLIC_FILE_LIST, engine.LARGE_PUBLIC_FILE_LIST} and not getattr(request, "raw", False):
        cls: Any = FileListEntry if method is engine.PUBLIC_FILE_LIST else LargeFileListEntry
        ones, others = _entries(cls, one_data), _entries(cls, other_data)
        if ones is not None and others is not None and _same(ones, others):
            return None
    if one_data != other_data:
        return f"{len(one_data)} bytes", first_difference(one_data, other_data)
    return None


def holds_times(transfer_type: bytes) -> bool:
    """Whether a transfer is of files, and so has their times in it; compressed, so that its size varies too."""
    try:
        transfer = read_generic(transfer_type)
    except FormatError:
        return False
    return not (isinstance(transfer, SidTransfer) and transfer.data_type in ACTIVE_TYPES)


def fields_that_differ(one: Any, other: Any) -> list[str]:
    """The names of the fields in which two bodies differ that should be alike."""
    if type(one) is not type(other):
        return ["all"]
    return [
        name
        for name, a, b in zip(one._fields, one, other, strict=True)
        if f"{type(one).__name__}.{name}" not in VARIES and not _same(a, b)
    ]


def _same(one: Any, other: Any) -> bool:
    if hasattr(one, "_fields"):
        return not fields_that_differ(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(itertools.starmap(_same, zip(one, other, strict=True)))
    return bool(one == other)


def in_words(one: Any, other: Any) -> tuple[str, str] | None:
    """What differs between two bodies; None when nothing does."""
    differing = fields_that_differ(one, other)
    return (_words(one, differing), _words(other, differing)) if differing else None


def _words(body: Any, names: list[str]) -> str:
    if body is None:
        return "something that cannot be read"
    if "all" in names:
        return shorten(body)
    return " ".join(f"{name}={getattr(body, name)!s:.80}" for name in names)


def _entries(cls: Any, data: bytes) -> tuple[Any, ...] | None:
    found = []
    offset = 0
    try:
        while offset < len(data):
            entry, offset = codec_of(cls).parse_from(data, offset)
            found.append(entry)
    except LayoutError:
        return None
    return tuple(found)
