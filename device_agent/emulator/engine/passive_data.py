"""Passive data: files of an owner's private directory that the engine copies itself (BE 9.5, 17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from device_agent.emulator.engine.file_records import (
    Entry,
    Outgoing,
    RecordReader,
    estimated_size,
    estimated_snapshot_size,
    read_snapshot,
    records,
    recreate,
    snapshot_entries,
)
from device_agent.emulator.filesystem import File
from wire.formats.registration import (
    Selection,
    is_allowed_at_restore,
    is_excluded_at_backup,
    is_excluded_passive,
)
from wire.formats.serialised import PassiveFileHeader, symbian_time
from wire.symbian import Drive, PassiveSettings, TTransferDataType
from wire.symbian_errors import KErrCorrupt, Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine
    from device_agent.emulator.engine.owner_list import DataOwner

SNAPSHOT: Final = TTransferDataType.EPassiveSnapshotData
BASE: Final = TTransferDataType.EPassiveBaseData
INCREMENT: Final = TTransferDataType.EPassiveIncrementalData


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
        self.outgoing: Outgoing | None = None
        self.reader: RecordReader | None = None


def supports_incremental(owner: DataOwner) -> bool:
    """Passive and not base-only."""
    return bool(owner.registration.passive_settings & PassiveSettings.INCREMENTAL)


def _selections(owner: DataOwner) -> tuple[Selection, ...]:
    passive = owner.registration.passive
    return passive.selections if passive is not None else ()


# --------------------------------------------------------------------------------------------- which files


def included_files(engine: BackupEngine, owner: DataOwner, drive: Drive) -> Iterator[Entry]:
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
) -> Iterator[Entry]:
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
    """An estimate of what a request will give."""
    files = included_files(engine, owner, drive)
    return estimated_snapshot_size(files) if data_type == SNAPSHOT else estimated_size(files)


def request(
    engine: BackupEngine, owner: DataOwner, drive: Drive, data_type: TTransferDataType, space: int
) -> tuple[bytes, bool]:
    """Up to `space` bytes of the stream, and whether that was the last of it."""
    state = owner.state_on(drive).passive
    if state.outgoing is None:
        _check_request(owner, state, data_type)
        state.outgoing = Outgoing(_stream(engine, owner, drive, state, data_type))
    try:
        data, finished = state.outgoing.take(space)
    except Leave:
        state.outgoing = None
        raise
    if finished:
        state.outgoing = None
        _mark_requested(state, data_type)
    return data, finished


def _check_request(owner: DataOwner, state: PassiveState, data_type: TTransferDataType) -> None:
    """-20 for what is asked in the wrong order or of an owner that has no such data."""
    if owner.registration.passive is None:
        raise Leave(KErrCorrupt)
    if data_type == SNAPSHOT:
        wrong = state.snapshot_requested
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
    files = included_files(engine, owner, drive)
    if data_type == SNAPSHOT:
        return snapshot_entries(engine, files)
    if data_type == INCREMENT:
        known = state.snapshot or {}
        files = (entry for entry in files if _belongs_to_increment(known, *entry))
    return records(engine, files)


def _belongs_to_increment(known: dict[str, int], path: str, entry: File | object) -> bool:
    """A file newer than in the supplied snapshot or not in it, and every empty directory."""
    if not isinstance(entry, File):
        return True
    time = known.get(path.lower())
    return time is None or symbian_time(entry.modified) > time


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
        _check_supply(owner, state, data_type)

        def restore(path: str, header: PassiveFileHeader, content: bytes) -> None:
            _restore(engine, owner, state, path, header, content)

        state.reader = RecordReader(restore)
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


def _check_supply(owner: DataOwner, state: PassiveState, data_type: TTransferDataType) -> None:
    """-20 for base data twice, and for an increment without base data and snapshot before it."""
    if owner.registration.passive is None:
        raise Leave(KErrCorrupt)
    if data_type == BASE and state.base_received:
        raise Leave(KErrCorrupt)
    if data_type == INCREMENT and not (
        supports_incremental(owner) and state.base_received and state.snapshot_received
    ):
        raise Leave(KErrCorrupt)


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
        state.snapshot = read_snapshot(state.snapshot_bytes)
        state.snapshot_bytes = b""
        state.snapshot_received = True


def _restore(
    engine: BackupEngine,
    owner: DataOwner,
    state: PassiveState,
    path: str,
    header: PassiveFileHeader,
    content: bytes,
) -> None:
    """Recreate a file or directory, if the registration and the snapshot know it."""
    allowed = is_allowed_at_restore(_selections(owner), path) and not is_excluded_passive(
        path.removesuffix("\\"), owner.sid
    )
    in_snapshot = state.snapshot is None or path.endswith("\\") or path.lower() in state.snapshot
    if allowed and in_snapshot:
        recreate(engine, path, header, content)
    else:
        engine.log(
            "CBufferFileReader::ReadFromBufferL() - restore not permitted, skipping file data "
            f"({len(content)} bytes)"
        )


def delete_before_restore(engine: BackupEngine, owner: DataOwner, drive: Drive) -> None:
    """Delete every file of the owner's private directory on a drive, once, if it asked for that.

    Errors are swallowed. The registration file goes too: the engine's test that means to spare it can never
    match (UNVERIFIED).
    """
    state = owner.state_on(drive)
    if state.delete_performed:
        return
    state.delete_performed = True
    if not owner.registration.passive_settings & PassiveSettings.DELETE_BEFORE_RESTORE:
        return
    try:
        found = list(engine.files.walk(f"{drive.letter}:{owner.sid.private_directory}"))
    except Leave:
        return
    for path, entry in found:
        if isinstance(entry, File):
            code = 0
            try:
                engine.files.delete(path)
            except Leave as leave:
                code = leave.code
            engine.log(f"CDataOwner::CleanupBeforeRestoreL() - trying to deleting file {path} (error was: {code})")
