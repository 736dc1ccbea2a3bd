"""Public files: which there are; copying them is the host's business (BE 6, 17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from device_agent.emulator.filesystem import File
from wire.formats.registration import Selection, is_excluded_public, is_excluded_public_file
from wire.formats.serialised import LargeFileListEntry, symbian_time
from wire.layout import codec_of
from wire.symbian import Drive
from wire.symbian_errors import Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine
    from device_agent.emulator.engine.owner_list import DataOwner


class PublicFile(NamedTuple):
    """A file with its full path."""

    path: str
    file: File


def _selections(owner: DataOwner) -> tuple[Selection, ...]:
    public = owner.registration.public
    return public.selections if public is not None else ()


def included(engine: BackupEngine, owner: DataOwner, drive: Drive, *, large: bool) -> Iterator[PublicFile]:
    """The public files of an owner on a drive.

    The large list alone knows `!:`, the drive being listed; but it looks at excludes and at what is never backed
    up only for files that are named themselves, not for what lies in a named folder (Registration format 5.3).
    """
    selections = _selections(owner)
    for selection in selections:
        path = selection.on_drive(drive)
        if not selection.include or path is None or (selection.is_any_drive and not large):
            continue
        try:
            entry = engine.files.entry(path)
            if isinstance(entry, File):
                found, filtered = [(path, entry)], True
            else:
                found = [(p, e) for p, e in engine.files.walk(path) if isinstance(e, File)]
                filtered = not large
        except Leave:
            continue
        for file_path, file in found:
            if not filtered or not _is_excluded(selections, file_path):
                yield PublicFile(file_path, file)


def _is_excluded(selections: tuple[Selection, ...], path: str) -> bool:
    return is_excluded_public(path) or is_excluded_public_file(selections, path)


def raw_selections(owner: DataOwner, drive: Drive) -> list[tuple[bool, str]]:
    """Selections that name the drive or begin with a backslash, as (include, text) (BE 17)."""
    return [
        (selection.include, selection.path)
        for selection in _selections(owner)
        if selection.drive == drive or selection.path.startswith("\\")
    ]


def large_entries(
    engine: BackupEngine, owner: DataOwner, drive: Drive, cursor: int, maximum: int
) -> tuple[list[bytes], int]:
    """Serialised entries from the `cursor`-th on, until the next would exceed `maximum` bytes in all."""
    entries: list[bytes] = []
    size = 0
    for index, found in enumerate(included(engine, owner, drive, large=True)):
        if index < cursor:
            continue
        modified = symbian_time(found.file.modified)
        entry = codec_of(LargeFileListEntry).build(
            LargeFileListEntry(
                int(found.file.attributes),
                len(found.file.content),
                modified >> 32,
                modified & 0xFFFFFFFF,
                0,
                0,
                0,
                "",
                found.path,
            )
        )
        if size + len(entry) > maximum:
            return entries, index
        entries.append(entry)
        size += len(entry)
    return entries, cursor + len(entries)
