"""Backup sets on disk: the engine's sections as they came, a manifest, a SHA-256 for each stream.

    <set>/manifest.json
    <set>/0x0AB7E57C/C/active-base.bkp
                       active-snapshot-0002.bkp
                       active-increment-0001.bkp

A stream is written under a temporary name, synced, and renamed; then the manifest that names it replaces the old
one in the same way. So whatever kills us, a set holds what its manifest says: the old state or the new one.
Folders are synced before the manifest is, so that a power cut loses no name that the manifest holds already.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness.errors import ArtifactError
from wire.formats.container import SECTION_HEADER_SIZE, SectionHeader, unpack_sections
from wire.layout import codec_of
from wire.symbian import Drive, SecureId, TTransferDataType

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
_READ: Final = 1 << 20

_STEMS: Final = {
    TTransferDataType.EPassiveSnapshotData: "passive-snapshot",
    TTransferDataType.EPassiveBaseData: "passive-base",
    TTransferDataType.EPassiveIncrementalData: "passive-increment",
    TTransferDataType.EActiveSnapshotData: "active-snapshot",
    TTransferDataType.EActiveBaseData: "active-base",
    TTransferDataType.EActiveIncrementalData: "active-increment",
}
_INCREMENTS: Final = frozenset(
    {TTransferDataType.EPassiveIncrementalData, TTransferDataType.EActiveIncrementalData}
)


class StreamKey(NamedTuple):
    """Which stream of a set: an owner's data of a kind on a drive; increments count from 1, others are 0."""

    sid: SecureId
    drive: Drive
    data_type: TTransferDataType
    number: int = 0


class StreamEntry(NamedTuple):
    """What the manifest says of a stream. Sizes in bytes, as the engine wrapped them."""

    key: StreamKey
    file: str
    size: int
    sha256: str


class BackupSet:
    """A backup set. Raises ArtifactError for a folder that is none, or that is damaged."""

    def __init__(self, folder: Path, about: dict[str, Any], streams: dict[StreamKey, StreamEntry]) -> None:
        self.folder = folder
        self.about = about
        self.streams = streams

    @classmethod
    def create(cls, folder: Path, **about: Any) -> BackupSet:
        """Make a new set in a folder that does not exist yet or is empty."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise ArtifactError(
                    f"{folder} is not empty; a backup set begins in a folder of its own",
                    hint="name another folder, or use --incremental to add to the set that is there",
                )
            made = cls(folder, {"created": _now(), **about}, {})
            made._write_manifest()
        except OSError as error:
            raise ArtifactError(f"no backup set can be made in {folder}: {error.strerror or error}") from error
        return made

    @classmethod
    def open(cls, folder: Path) -> BackupSet:
        """Read a set's manifest; what it names is checked by `verify`."""
        path = folder / MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT:
                raise ArtifactError(
                    f"{path} has format {manifest['format']}, this harness reads {FORMAT}",
                    hint="use the harness that made it",
                )
            entries = [_entry_from(raw) for raw in manifest["streams"]]
        except FileNotFoundError:
            raise ArtifactError(f"{folder} is no backup set: there is no {MANIFEST} in it") from None
        except OSError as error:
            raise ArtifactError(f"{path} cannot be read: {error.strerror or error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ArtifactError(f"{path} is damaged: {error}") from error
        return cls(folder, manifest["about"], {entry.key: entry for entry in entries})

    # --------------------------------------------------------------------------------------- writing

    def add(self, sid: SecureId, drive: Drive, data_type: TTransferDataType, pieces: Iterable[bytes]) -> StreamKey:
        """Write a stream as its pieces come. Increments get the next number; others replace what was there.

        A stream whose pieces end with an exception is not in the set.
        """
        key = StreamKey(sid, drive, data_type, self._next_number(sid, drive, data_type))
        old = self.streams.get(key)
        name = self._file_name(key)
        target = self.folder / name
        try:
            size, digest = _write_stream(target, pieces)
            self.streams[key] = StreamEntry(key, name, size, digest)
            try:
                self._write_manifest()
            except BaseException:
                # What is on disk counts: the old manifest, or the new one that could not be synced any more.
                self.streams = BackupSet.open(self.folder).streams
                if self.streams.get(key) == old:
                    target.unlink(missing_ok=True)
                raise
            if old is not None and old.file != name:
                (self.folder / old.file).unlink(missing_ok=True)
        except OSError as error:
            raise ArtifactError(f"{target} cannot be written: {error.strerror or error}") from error
        return key

    def _next_number(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> int:
        if data_type not in _INCREMENTS:
            return 0
        return 1 + max((key.number for key in self.increments(sid, drive, data_type)), default=0)

    def _file_name(self, key: StreamKey) -> str:
        """A name that no stream in the set has, so that a replaced one stays until the manifest changes."""
        stem = _STEMS[key.data_type]
        taken = {entry.file for entry in self.streams.values()}
        number = key.number or 1
        while True:
            name = f"{key.sid}/{key.drive.letter}/{stem}-{number:04d}.bkp"
            if name not in taken:
                return name
            number += 1

    def _write_manifest(self) -> None:
        manifest = {
            "format": FORMAT,
            "about": self.about,
            "streams": [_entry_to(entry) for entry in self.streams.values()],
        }
        write_atomically(self.folder / MANIFEST, json.dumps(manifest, indent=2).encode())

    # --------------------------------------------------------------------------------------- reading

    def newest(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> StreamKey:
        """The stream of a kind, the last one where there are several; ArtifactError when there is none."""
        keys = [key for key in self.streams if key[:3] == (sid, drive, data_type)]
        if not keys:
            raise ArtifactError(f"{self.folder} holds no {data_type.name} of {sid} on {drive}")
        return max(keys)

    def has(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> bool:
        """Whether there is a stream of that kind."""
        return any(key[:3] == (sid, drive, data_type) for key in self.streams)

    def increments(self, sid: SecureId, drive: Drive, data_type: TTransferDataType) -> list[StreamKey]:
        """The increments of an owner on a drive, in order."""
        return sorted(key for key in self.streams if key[:3] == (sid, drive, data_type))

    def read(self, key: StreamKey) -> bytes:
        """A stream's bytes as the engine wrapped them, checked against its digest."""
        entry = self.streams[key]
        data = self._open(entry).read_bytes()
        if len(data) != entry.size or hashlib.sha256(data).hexdigest() != entry.sha256:
            raise self._damaged(entry)
        return data

    def sections(self, key: StreamKey) -> Iterator[bytes]:
        """A stream's sections one by one, so that memory does not grow with it."""
        entry = self.streams[key]
        with self._open(entry).open("rb") as file:
            while head := file.read(SECTION_HEADER_SIZE):
                if len(head) < SECTION_HEADER_SIZE:
                    raise self._damaged(entry)
                rest = codec_of(SectionHeader).parse(head).total_size - SECTION_HEADER_SIZE
                body = file.read(rest) if rest >= 0 else b""
                if len(body) != rest:
                    raise self._damaged(entry)
                yield head + body

    def contents(self, key: StreamKey) -> bytes:
        """What is in a stream's container, unpacked."""
        return b"".join(unpack_sections(self.read(key)))

    def verify(self) -> None:
        """Read every stream and compare its digest; ArtifactError names the first that is not right."""
        for entry in self.streams.values():
            digest = hashlib.sha256()
            with self._open(entry).open("rb") as file:
                while block := file.read(_READ):
                    digest.update(block)
            if digest.hexdigest() != entry.sha256:
                raise self._damaged(entry)

    def _open(self, entry: StreamEntry) -> Path:
        path = (self.folder / entry.file).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise ArtifactError(f"{self.folder / MANIFEST} names {entry.file}, which lies outside of the set")
        if not path.is_file():
            raise ArtifactError(f"{path} is missing from the backup set", hint="the set was changed by hand?")
        return path

    def _damaged(self, entry: StreamEntry) -> ArtifactError:
        return ArtifactError(
            f"{self.folder / entry.file} is not what was written: its SHA-256 is no longer {entry.sha256}",
            hint="restore nothing from this set; look for a sound copy of it",
        )


def _write_stream(target: Path, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write pieces as they come; size and SHA-256. Nothing is left when they end with an exception."""
    digest = hashlib.sha256()
    size = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    try:
        with partial.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        for folder in (target.parent, target.parent.parent, target.parent.parent.parent):
            sync_folder(folder)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return size, digest.hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file so that after a crash it has the old contents or the new ones."""
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Let a new name in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _entry_to(entry: StreamEntry) -> dict[str, Any]:
    key = entry.key
    return {
        "sid": str(key.sid),
        "drive": key.drive.letter,
        "data_type": key.data_type.name,
        "number": key.number,
        "file": entry.file,
        "size": entry.size,
        "sha256": entry.sha256,
    }


def _entry_from(raw: dict[str, Any]) -> StreamEntry:
    key = StreamKey(
        SecureId.parse(raw["sid"]),
        Drive.parse(raw["drive"]),
        TTransferDataType[raw["data_type"]],
        int(raw["number"]),
    )
    return StreamEntry(key, str(raw["file"]), int(raw["size"]), str(raw["sha256"]))
