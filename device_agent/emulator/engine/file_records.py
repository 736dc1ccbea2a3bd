"""Files in a stream, of an owner or of a package, and how they are cut and put together again (BE 9.5, 17).

    record   := header (24 bytes)  name (UTF-16, 2 * length bytes)  content
    snapshot := entry (528 bytes)*

A name that ends in a backslash is an empty directory, of size 0 and without content.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from device_agent.emulator.filesystem import File, Folder
from wire.formats.serialised import PassiveFileHeader, SnapshotEntry, symbian_time
from wire.layout import codec_of
from wire.protocol.messages.files import FileAttributes
from wire.symbian_errors import KErrAccessDenied, KErrOverflow, KErrUnderflow, Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine

Entry = tuple[str, File | Folder]
"""A file, or an empty directory with a backslash at its end, by its full path."""

HEADER_SIZE: Final = 24
SNAPSHOT_ENTRY_SIZE: Final = 528
MAX_NAME: Final = 256
_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a phone's time has no zone


class Outgoing:
    """A stream on its way to the host, cut wherever a transfer is full."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left_over = b""

    def take(self, space: int) -> tuple[bytes, bool]:
        """Up to `space` bytes, and whether that was the last of it."""
        out = bytearray(self._left_over)
        while len(out) < space:
            piece = next(self._pieces, None)
            if piece is None:
                return bytes(out), True
            out += piece
        self._left_over = bytes(out[space:])
        return bytes(out[:space]), False


def estimated_size(entries: Iterable[Entry]) -> int:
    """What ExpectedDataSize says of some files: headers, the names' characters (not bytes), sizes."""
    return sum(
        HEADER_SIZE + len(_utf16(path)) // 2 + (len(entry.content) if isinstance(entry, File) else 0)
        for path, entry in entries
    )


def estimated_snapshot_size(entries: Iterable[Entry]) -> int:
    """528 bytes for each file."""
    return SNAPSHOT_ENTRY_SIZE * sum(isinstance(entry, File) for _, entry in entries)


def records(engine: BackupEngine, entries: Iterable[Entry]) -> Iterator[bytes]:
    """A file's header and name, then its content. A file that somebody holds fails the request with -14."""
    for path, entry in entries:
        engine.log(f"CBufferFileWriter::WriteToBufferL() - trying to open: {path} for reading")
        content = engine.files.read(path) if isinstance(entry, File) else b""
        name = _utf16(path)
        header = PassiveFileHeader(
            len(name) // 2, len(content), int(entry.attributes), 0, symbian_time(entry.modified)
        )
        yield codec_of(PassiveFileHeader).build(header) + name
        yield content


def _utf16(path: str) -> bytes:
    """A name as the file server has it: any words of 16 bits, half a character too."""
    return path.encode("utf-16-le", "surrogatepass")


def snapshot_entries(engine: BackupEngine, entries: Iterable[Entry]) -> Iterator[bytes]:
    """Name and time of each file; directories are in no snapshot."""
    for path, entry in entries:
        if isinstance(entry, File):
            engine.log(f"CBufferSnapshotWriter::WriteToBufferL() - writing snapshot for file: {path}")
            yield codec_of(SnapshotEntry).build(SnapshotEntry(path, symbian_time(entry.modified)))


def read_snapshot(data: bytes) -> dict[str, int]:
    """The times of the files of a snapshot, by lower-case path."""
    codec = codec_of(SnapshotEntry)
    entries = [
        codec.parse(data[start : start + SNAPSHOT_ENTRY_SIZE])
        for start in range(0, len(data) - SNAPSHOT_ENTRY_SIZE + 1, SNAPSHOT_ENTRY_SIZE)
    ]
    return {entry.name.lower(): entry.modified for entry in entries}


class RecordReader:
    """Puts records together again, wherever the blocks of the container cut them.

    Args:
        restore: takes each file's path, header and content.
    """

    def __init__(self, restore: Callable[[str, PassiveFileHeader, bytes], None]) -> None:
        self._restore = restore
        self._pending = bytearray()
        self._name = ""
        self._header: PassiveFileHeader | None = None

    def feed(self, block: bytes) -> None:
        """The next bytes of the stream; -9 for a file name of no or more than 256 characters."""
        self._pending += block
        while self._take_one():
            pass

    def finish(self) -> None:
        """The stream has ended; -10 when it ended inside a file."""
        if self._pending or self._header is not None:
            raise Leave(KErrUnderflow)

    def _take_one(self) -> bool:
        pending = self._pending
        if self._header is None:
            if len(pending) < HEADER_SIZE:
                return False
            header = codec_of(PassiveFileHeader).parse(bytes(pending[:HEADER_SIZE]))
            if not 0 < header.name_length <= MAX_NAME:
                raise Leave(KErrOverflow)
            end = HEADER_SIZE + 2 * header.name_length
            if len(pending) < end:
                return False
            self._name = bytes(pending[HEADER_SIZE:end]).decode("utf-16-le", "surrogatepass")
            self._header = header
            del pending[:end]
        if len(pending) < self._header.file_size:
            return False
        header, self._header = self._header, None
        content = bytes(pending[: header.file_size])
        del pending[: header.file_size]
        self._restore(self._name, header, content)
        return True


def recreate(engine: BackupEngine, path: str, header: PassiveFileHeader, content: bytes) -> None:
    """Make a directory, or replace a file, with its attributes and its time."""
    if path.endswith("\\"):
        engine.files.make_folder(path)
        return
    _clear_read_only(engine, path)
    engine.files.make_folder(path[: path.rindex("\\") + 1])
    file = engine.files.write(path, content)
    file.attributes = FileAttributes(header.attributes)
    file.modified = _home_time(header.modified)


def _clear_read_only(engine: BackupEngine, path: str) -> None:
    """Restoring over a read-only file: -21 before May 2010, replaced since (BE 20)."""
    try:
        file = engine.files.file(path)
    except Leave:
        return
    if file.attributes & FileAttributes.READ_ONLY:
        if not engine.version.replaces_read_only:
            raise Leave(KErrAccessDenied)
        file.attributes &= ~FileAttributes.READ_ONLY


def _home_time(symbian_us: int) -> dt.datetime:
    try:
        return _EPOCH + dt.timedelta(microseconds=symbian_us - symbian_time(_EPOCH))
    except OverflowError:
        return _EPOCH
