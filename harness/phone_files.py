"""Files on a phone, as far as the agent's rights reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from harness.bounds import MAX_FOLDER_ENTRIES, MAX_GATHERED, gather
from harness.connection import Connection
from harness.errors import AgentError, EngineError
from wire.protocol.messages import files as m
from wire.protocol.messages.files import FileAttributes
from wire.symbian_errors import KErrNotFound, KErrNotReady, KErrPathNotFound

BLOCK: Final = 256 * 1024
_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a phone's time has no zone


class FileInfo(NamedTuple):
    """A file or folder. `modified` is the phone's local time."""

    name: str
    attributes: FileAttributes
    size: int
    modified: dt.datetime

    @property
    def is_folder(self) -> bool:
        """It is a folder."""
        return bool(self.attributes & FileAttributes.DIRECTORY)


def _info(name: str, attributes: int, size: int, modified_us: int) -> FileInfo:
    try:
        modified = _EPOCH + dt.timedelta(microseconds=modified_us)
    except OverflowError:
        modified = _EPOCH  # no phone has such a time, and it is not worth an error
    return FileInfo(name, FileAttributes(attributes), size, modified)


class PhoneFiles:
    """The file server of one phone. All methods raise EngineError with its code."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stat(self, path: str) -> FileInfo:
        """Attributes, size and time; -1 nothing there, -12 no such folder, -18 no such drive."""
        answer = self._connection.call(m.FILE_STAT, m.Path(path), describe=f"looking at {path}")
        return _info(path.rstrip("\\").rsplit("\\", 1)[-1], *answer)

    def exists(self, path: str) -> bool:
        """Whether there is anything of that name."""
        try:
            self.stat(path)
        except EngineError as error:
            if error.code in {KErrNotFound, KErrPathNotFound, KErrNotReady}:
                return False
            raise
        return True

    def list(self, folder: str) -> Iterator[FileInfo]:
        """What is in a folder, by name."""
        start = 0
        while True:
            page = self._connection.call(
                m.FOLDER_LIST, m.FolderRequest(folder, start), describe=f"listing {folder}"
            )
            for entry in page.entries:
                yield _info(*entry)
            start += len(page.entries)
            if start > MAX_FOLDER_ENTRIES:
                raise AgentError(f"listing {folder}: more than {MAX_FOLDER_ENTRIES} entries, and there is no end")
            if not page.more or not page.entries:
                return

    def make_folder(self, path: str) -> bool:
        """Make a folder and those on the way to it; whether it is new."""
        return self._connection.call(m.FOLDER_MAKE, m.Path(path), describe=f"making {path}").created

    def read(self, path: str, *, offset: int = 0) -> bytes:
        """All of a file from `offset` on, as it is at this moment. What is too large for that: `read_blocks`."""
        return gather(self.read_blocks(path, offset=offset), MAX_GATHERED, f"reading {path}")

    def read_blocks(self, path: str, *, offset: int = 0) -> Iterator[bytes]:
        """The same in blocks of at most 256 KiB, each checked on its way; a file that grows is followed."""
        while True:
            request = m.FileRead(path, offset, BLOCK)
            with self._connection.download(m.FILE_READ, request, describe=f"reading {path}") as (part, pieces):
                block = gather(pieces, BLOCK, f"reading {path}")
            if block:
                yield block
            offset += len(block)
            if not block or offset >= part.file_size:
                return

    def read_part(self, path: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset` on; fewer at the end of the file, -25 behind it."""
        request = m.FileRead(path, offset, length)
        with self._connection.download(m.FILE_READ, request, describe=f"reading {path}") as (_, pieces):
            return gather(pieces, length, f"reading {path}")

    def check(self, path: str, length: int) -> tuple[int, int]:
        """The file's size, and the CRC-32 of its first `length` bytes, computed on the phone."""
        answer = self._connection.call(m.FILE_CHECK, m.FileRange(path, 0, length), describe=f"checking {path}")
        return answer.file_size, answer.crc32

    def write(self, path: str, data: bytes | Iterable[bytes]) -> None:
        """Replace a file, or make it; its folder must exist."""
        upload = [data] if isinstance(data, bytes) else data
        self._connection.call(
            m.FILE_WRITE, m.FileWrite(path, 0, truncate=True), upload=upload, describe=f"writing {path}"
        )

    def delete(self, path: str) -> None:
        """Delete a file, or an empty folder; -14 while somebody holds it, -21 when it is read-only."""
        self._connection.call(m.FILE_DELETE, m.Path(path), describe=f"deleting {path}")

    def set_read_only(self, path: str, *, read_only: bool = True) -> None:
        """Set or clear the read-only attribute."""
        bit = int(FileAttributes.READ_ONLY)
        change = m.FileAttributesChange(path, bit if read_only else 0, 0 if read_only else bit)
        self._connection.call(m.FILE_SET_ATTRIBUTES, change, describe=f"attributes of {path}")
