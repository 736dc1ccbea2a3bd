"""Passive data: files of an owner's private directory that the engine copies itself (BE 9.5, 17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from device_agent.emulator.filesystem import File, Folder
from wire.formats.registration import (
    Selection,
    is_allowed_at_restore,
    is_excluded_at_backup,
    is_excluded_passive,
)
from wire.formats.serialised import PassiveFileHeader, SnapshotEntry, symbian_time
from wire.layout import codec_of
from wire.protocol.messages.files import FileAttributes
from wire.symbian import Drive, PassiveSettings, TTransferDataType
from wire.symbian_errors import KErrAccessDenied, KErrCorrupt, KErrOverflow, KErrUnderflow, Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine
    from device_agent.emulator.engine.owner_list import DataOwner

SNAPSHOT: Final = TTransferDataType.EPassiveSnapshotData
BASE: Final = TTransferDataType.EPassiveBaseData
INCREMENT: Final = TTransferDataType.EPassiveIncrementalData

HEADER_SIZE: Final = 24
SNAPSHOT_ENTRY_SIZE: Final = 528
MAX_NAME: Final = 256
_EMPTY_DIRECTORY_SIZE: Final = 0


class PassiveState:
    """What has passed between host and owner on one drive, for passive data (BE 11.2).

    Attributes:
        snapshot: the files of the supplied snapshot, by lower-case path; None while there is none.
    """

    def __init__(self) -> None:
        self.snapshot_received = False
        self.base_received = False
        self.increment_received = False
        self.snapshot_requested = False
        self.base_requested = False
        self.increment_requested = False
        self.snapshot: dict[str, int] | None = None
        self.snapshot_bytes = b""
        self.outgoing: Iterator[bytes] | None = None
        self.left_over = b""
        self.reader: PassiveReader | None = None


def supports_incremental(owner: DataOwner) -> bool:
    """Passive and not base-only."""
    return bool(owner.registration.passive_settings & PassiveSettings.INCREMENTAL)


def _selections(owner: DataOwner) -> tuple[Selection, ...]:
    passive = owner.registration.passive
    return passive.selections if passive is not None else ()


# --------------------------------------------------------------------------------------------- which files


def included_files(engine: BackupEngine, owner: DataOwner, drive: Drive) -> Iterator[tuple[str, File | Folder]]:
    """Files and empty directories of an owner on a drive, with their full paths.

    Includes are followed in their order; a file that two of them name comes twice, as in the engine.
    """
    selections = _selections(owner)
    for selection in selections:
        path = selection.on_drive(drive)
        if not selection.include or path is None:
            continue
        try:
            entry = engine.files.entry(path)
        except Leave as leave:
            engine.log(f"CDataOwner::BuildFileListL() - get entry error: {leave.code}")
            continue
        if isinstance(entry, File):
            if _is_included(owner, selections, path):
                yield path, entry
        else:
            yield from _walk(engine, owner, selections, path if path.endswith("\\") else path + "\\")


def _walk(
    engine: BackupEngine, owner: DataOwner, selections: tuple[Selection, ...], folder: str
) -> Iterator[tuple[str, File | Folder]]:
    """Below a folder; an excluded one is not entered, and an empty one stands for itself (BE 20, notes)."""
    for entry in engine.files.folder(folder).sorted_entries():
        path = folder + entry.name
        if not _is_included(owner, selections, path):
            continue
        if isinstance(entry, File):
            yield path, entry
        elif entry.entries:
            yield from _walk(engine, owner, selections, path + "\\")
        else:
            yield path + "\\", entry


def _is_included(owner: DataOwner, selections: tuple[Selection, ...], path: str) -> bool:
    """Not one of the never-included, not a registration file, not excluded by the registration."""
    name = path.rsplit("\\", 1)[-1].lower()
    if name.startswith("backup_registration") and name.endswith(".xml"):
        return False
    return not is_excluded_passive(path, owner.sid) and not is_excluded_at_backup(selections, path)


# ------------------------------------------------------------------------------------------------ request


def expected_size(engine: BackupEngine, owner: DataOwner, drive: Drive, data_type: TTransferDataType) -> int:
    """An estimate: headers, the names' characters (not bytes), file sizes; 528 per file for a snapshot."""
    files = list(included_files(engine, owner, drive))
    if data_type == SNAPSHOT:
        return SNAPSHOT_ENTRY_SIZE * sum(isinstance(entry, File) for _, entry in files)
    return sum(
        HEADER_SIZE + len(path) + (len(entry.content) if isinstance(entry, File) else 0) for path, entry in files
    )


def request(
    engine: BackupEngine, owner: DataOwner, drive: Drive, data_type: TTransferDataType, space: int
) -> tuple[bytes, bool]:
    """Up to `space` bytes of the stream, and whether that was the last of it."""
    state = owner.state_on(drive).passive
    if state.outgoing is None:
        _check_request(owner, state, data_type)
        state.outgoing = _stream(engine, owner, drive, state, data_type)
        state.left_over = b""
    out = bytearray(state.left_over)
    while len(out) < space:
        piece = next(state.outgoing, None)
        if piece is None:
            state.outgoing = None
            _mark_requested(state, data_type)
            return bytes(out), True
        out += piece
    state.left_over = bytes(out[space:])
    return bytes(out[:space]), False


def _check_request(owner: DataOwner, state: PassiveState, data_type: TTransferDataType) -> None:
    """-20 for what is asked in the wrong order or of an owner that has no such data."""
    if owner.registration.passive is None:
        raise Leave(KErrCorrupt)
    if data_type == SNAPSHOT:
        wrong = state.snapshot_requested or not supports_incremental(owner)
    elif data_type == BASE:
        wrong = state.snapshot_received or state.base_requested or state.increment_requested
    else:
        wrong = (
            not supports_incremental(owner)
            or not state.snapshot_received
            or state.base_requested
            or state.increment_requested
        )
    if wrong:
        raise Leave(KErrCorrupt)


def _mark_requested(state: PassiveState, data_type: TTransferDataType) -> None:
    if data_type == SNAPSHOT:
        state.snapshot_requested = True
    elif data_type == BASE:
        state.base_requested = True
    else:
        state.increment_requested = True


def _stream(
    engine: BackupEngine, owner: DataOwner, drive: Drive, state: PassiveState, data_type: TTransferDataType
) -> Iterator[bytes]:
    for path, entry in included_files(engine, owner, drive):
        modified = symbian_time(entry.modified)
        if data_type == SNAPSHOT:
            if isinstance(entry, File):
                engine.log(f"CBufferSnapshotWriter::WriteToBufferL() - writing snapshot for file: {path}")
                yield codec_of(SnapshotEntry).build(SnapshotEntry(path, modified))
            continue
        if data_type == INCREMENT and isinstance(entry, File) and not _is_newer(state, path, modified):
            continue
        yield from _record(engine, path, entry, modified)


def _is_newer(state: PassiveState, path: str, modified: int) -> bool:
    """Newer than in the supplied snapshot, or not in it."""
    known = (state.snapshot or {}).get(path.lower())
    return known is None or modified > known


def _record(engine: BackupEngine, path: str, entry: File | Folder, modified: int) -> Iterator[bytes]:
    """Header, name, content. A file that somebody holds makes the whole request fail with -14."""
    content = engine.files.read(path) if isinstance(entry, File) else b""
    engine.log(f"CBufferFileWriter::WriteToBufferL() - trying to open: {path} for reading")
    header = PassiveFileHeader(len(path), len(content), int(entry.attributes), 0, modified)
    yield codec_of(PassiveFileHeader).build(header) + path.encode("utf-16-le")
    yield content


# ------------------------------------------------------------------------------------------------- supply


def supply(
    engine: BackupEngine,
    owner: DataOwner,
    drive: Drive,
    data_type: TTransferDataType,
    block: bytes,
    *,
    last: bool,
) -> None:
    """Take one decompressed block of a snapshot, of base data or of an increment."""
    state = owner.state_on(drive).passive
    if data_type == SNAPSHOT:
        _supply_snapshot(engine, owner, state, block, last=last)
        return
    if state.reader is None:
        if owner.registration.passive is None:
            raise Leave(KErrCorrupt)
        if data_type == BASE and state.base_received:
            raise Leave(KErrCorrupt)
        if data_type == INCREMENT and not (
            supports_incremental(owner) and state.base_received and state.snapshot_received
        ):
            raise Leave(KErrCorrupt)
        state.reader = PassiveReader(engine, owner, state)
    try:
        state.reader.feed(block)
        if last:
            state.reader.finish()
    except Leave:
        state.reader = None
        raise
    if last:
        state.reader = None
        if data_type == BASE:
            state.base_received = True
        else:
            state.increment_received = True


def _supply_snapshot(
    engine: BackupEngine, owner: DataOwner, state: PassiveState, block: bytes, *, last: bool
) -> None:
    """Not for base-only owners, and not after data has passed."""
    if not supports_incremental(owner):
        raise Leave(KErrCorrupt)
    if engine.mode.is_backup and (state.base_requested or state.increment_requested):
        raise Leave(KErrCorrupt)
    if engine.mode.is_restore and (state.base_received or state.increment_received):
        raise Leave(KErrCorrupt)
    state.snapshot_bytes += block
    if last:
        data = state.snapshot_bytes
        codec = codec_of(SnapshotEntry)
        entries = [
            codec.parse(data[start : start + SNAPSHOT_ENTRY_SIZE])
            for start in range(0, len(data) - SNAPSHOT_ENTRY_SIZE + 1, SNAPSHOT_ENTRY_SIZE)
        ]
        state.snapshot = {entry.name.lower(): entry.modified for entry in entries}
        state.snapshot_bytes = b""
        state.snapshot_received = True


class PassiveReader:
    """Writes the files of a passive stream back, wherever the blocks of the container cut it."""

    def __init__(self, engine: BackupEngine, owner: DataOwner, state: PassiveState) -> None:
        self._engine = engine
        self._owner = owner
        self._state = state
        self._pending = bytearray()
        self._name = ""
        self._header: PassiveFileHeader | None = None
        self._wanted = False

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
        content = bytes(pending[: self._header.file_size])
        del pending[: self._header.file_size]
        self._restore(self._name, self._header, content)
        self._header = None
        return True

    def _restore(self, path: str, header: PassiveFileHeader, content: bytes) -> None:
        """Replace a file or make a directory, if the registration and the snapshot know it."""
        engine, snapshot = self._engine, self._state.snapshot
        allowed = is_allowed_at_restore(_selections(self._owner), path) and not is_excluded_passive(
            path.removesuffix("\\"), self._owner.sid
        )
        is_directory = path.endswith("\\")
        if not allowed or (snapshot is not None and not is_directory and path.lower() not in snapshot):
            engine.log(
                "CBufferFileReader::ReadFromBufferL() - restore not permitted, skipping file data "
                f"({len(content)} bytes)"
            )
            return
        if is_directory:
            engine.files.make_folder(path)
            return
        self._clear_read_only(path)
        file = engine.files.install(path, content)
        file.attributes = FileAttributes(header.attributes)
        file.modified = _home_time(header.modified)

    def _clear_read_only(self, path: str) -> None:
        """Restoring over a read-only file: -21 before May 2010, replaced since (BE 20)."""
        try:
            file = self._engine.files.file(path)
        except Leave:
            return
        if file.attributes & FileAttributes.READ_ONLY:
            if not self._engine.version.replaces_read_only:
                raise Leave(KErrAccessDenied)
            file.attributes &= ~FileAttributes.READ_ONLY


def _home_time(symbian_us: int) -> dt.datetime:
    epoch = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a phone's time has no zone
    try:
        return epoch + dt.timedelta(microseconds=symbian_us - symbian_time(epoch))
    except OverflowError:
        return epoch


def delete_before_restore(engine: BackupEngine, owner: DataOwner, drive: Drive) -> None:
    """Delete the owner's private files on a drive, once, if it asked for that; errors are swallowed.

    The registration file goes too: the engine's test that means to spare it can never match (UNVERIFIED).
    """
    state = owner.state_on(drive)
    if state.delete_performed:
        return
    state.delete_performed = True
    if not owner.registration.passive_settings & PassiveSettings.DELETE_BEFORE_RESTORE:
        return
    for path, entry in list(included_files(engine, owner, drive)):
        if isinstance(entry, File):
            try:
                engine.files.delete(path)
            except Leave as leave:
                engine.log(
                    f"CDataOwner::CleanupBeforeRestoreL() - trying to deleting file {path} "
                    f"(error was: {leave.code})"
                )
