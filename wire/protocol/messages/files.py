"""Files under the agent's reach."""

from __future__ import annotations

from enum import IntFlag
from typing import Annotated, Final, NamedTuple

from wire.layout import I64, U32, U64, Empty, Flag, Text, list_of
from wire.protocol.messages.method import DataSize, Method


class FileAttributes(IntFlag):
    """The attribute bits of an entry. f32file.h."""

    READ_ONLY = 0x01
    HIDDEN = 0x02
    SYSTEM = 0x04
    DIRECTORY = 0x10
    ARCHIVE = 0x20


class Path(NamedTuple):
    """A path on the phone with its drive and with backslashes."""

    path: Text


class FileStat(NamedTuple):
    """`modified_us` is local time in microseconds since 1970 without a zone."""

    attributes: U32
    size: U64
    modified_us: I64


class FileEntry(NamedTuple):
    """One entry of a folder; `name` without the path."""

    name: Text
    attributes: U32
    size: U64
    modified_us: I64


class FolderRequest(NamedTuple):
    """Entries of a folder from the `start`-th on, in the order of their names."""

    path: Text
    start: U32


class FolderPage(NamedTuple):
    """Some entries; `more` says that there are others after them."""

    more: Flag
    entries: Annotated[tuple[FileEntry, ...], list_of(FileEntry)]


class FolderMade(NamedTuple):
    """Whether the folder was new."""

    created: Flag


class FileRead(NamedTuple):
    """Part of a file; what is there of it follows as a stream."""

    path: Text
    offset: U64
    length: U32


class FileWrite(NamedTuple):
    """Bytes for a file follow as a stream; `truncate` empties it first, and creates it if it is not there."""

    path: Text
    offset: U64
    truncate: Flag


class FileAttributesChange(NamedTuple):
    """Bits to set and bits to clear."""

    path: Text
    set_bits: U32
    clear_bits: U32


class FilePart(NamedTuple):
    """The whole file's size, and how many bytes of it follow."""

    file_size: U64
    length: U32


class FileRange(NamedTuple):
    """Part of a file."""

    path: Text
    offset: U64
    length: U64


class FileCheck(NamedTuple):
    """The whole file's size, and the CRC-32 of the part of it that was asked for, as far as it is there."""

    file_size: U64
    checked: U64
    crc32: U32


FILE_STAT: Final = Method(0x0301, "file stat", Path, FileStat, repeatable=True)
FOLDER_LIST: Final = Method(0x0302, "folder list", FolderRequest, FolderPage, repeatable=True)
FOLDER_MAKE: Final = Method(0x0303, "folder make", Path, FolderMade, repeatable=True)
FILE_READ: Final = Method(0x0304, "file read", FileRead, FilePart, download=True, repeatable=True)
FILE_WRITE: Final = Method(0x0305, "file write", FileWrite, DataSize, upload=True, repeatable=True)
FILE_DELETE: Final = Method(0x0306, "file delete", Path, Empty)
FILE_CHECK: Final = Method(0x0308, "file check", FileRange, FileCheck, repeatable=True)
FILE_SET_ATTRIBUTES: Final = Method(0x0307, "file set attributes", FileAttributesChange, Empty, repeatable=True)
