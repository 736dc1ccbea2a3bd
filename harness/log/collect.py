"""Collecting the text logs of a phone: securebackup.txt and what data owners wrote beside it.

A log is read in blocks, each checked on its way, into a file with the suffix `.part`; at the end the phone is
asked for the CRC-32 of what was read, so that a log that was cut or replaced meanwhile is noticed. A link that
is lost in between costs nothing: the next attempt asks whether what is there is still the beginning of the log
and goes on behind it. A collection goes into a folder of its own and never touches an earlier one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import zlib
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from harness.archive import sync_folder, write_atomically
from harness.artifacts import safe_name
from harness.errors import ArtifactError, EngineError, UnexpectedState
from harness.handset import Handset
from harness.identity import hashed_imei
from harness.log.names import local_name
from wire.symbian import LOG_FOLDER
from wire.symbian_errors import KErrEof, KErrNotFound, KErrNotReady, KErrPathNotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LOG: Final = 512 << 20
"""A log beyond this size is not taken: nothing that a phone wrote is that large."""

BLOCK: Final = 64 * 1024
CHANGES_UNTIL_GIVEN_UP: Final = 3
COLLECTION: Final = "collection.json"

ABSENT: Final = frozenset({KErrNotFound, KErrPathNotFound, KErrNotReady})


class LogPosition(NamedTuple):
    """How long each log was at some moment, by its name; so that later only what came since is taken."""

    sizes: dict[str, int]


class CollectedLog(NamedTuple):
    """A log on disk: its name here and where, and its size in bytes."""

    name: str
    path: Path
    size: int
    sha256: str


def enable_logging(handset: Handset) -> bool:
    """Make the folder that lets the log server write; whether it was missing (Log format 2).

    WriteRefused where nothing may be written to the phone and it has no such folder.
    """
    if handset.files.exists(LOG_FOLDER.rstrip("\\")):
        return False
    created = handset.files.make_folder(LOG_FOLDER)
    if created:
        handset.journal.add("note", f"made {LOG_FOLDER} on the phone, so that logs are written")
    return created


def log_position(handset: Handset) -> LogPosition:
    """The present sizes of the logs; nothing at all where the folder is missing."""
    try:
        entries = list(handset.files.list(LOG_FOLDER))
    except EngineError as error:
        if error.code in ABSENT:
            return LogPosition({})
        raise
    return LogPosition({entry.name: entry.size for entry in entries if not entry.is_folder})


def read_since(handset: Handset, name: str, start: LogPosition | None = None) -> bytes:
    """A log's bytes since `start`; all of it when it has become shorter, since then it is a new one."""
    return b"".join(_blocks_since(handset, name, start))


def _blocks_since(handset: Handset, name: str, start: LogPosition | None) -> Iterable[bytes]:
    path = LOG_FOLDER + name
    offset = start.sizes.get(name, 0) if start is not None else 0
    size = _checked_size(path, handset.files.stat(path).size)
    return handset.files.read_blocks(path, offset=offset if size >= offset else 0)


def collect_since(handset: Handset, folder: Path, start: LogPosition) -> list[CollectedLog]:
    """Write what came into every log since `start` into `folder`, which must not hold them yet."""
    collected = []
    for name in sorted(log_position(handset).sizes):
        blocks = iter(_blocks_since(handset, name, start))
        first = next(blocks, b"")
        if first:
            target = _new_target(folder, name)
            partial = target.with_name(target.name + ".part")
            try:
                _save(partial, chain([first], blocks))
                _finish(partial, target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
            collected.append(_described(target))
    return collected


# ------------------------------------------------------------------------------------- whole collections


def new_collection_folder(root: Path, handset_name: str) -> Path:
    """A folder for a collection that is about to begin: one for each handset, in it one for each time."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    folder = root / safe_name(handset_name) / stamp
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise ArtifactError(
            f"no logs can be collected into {folder}: {error.strerror or error}",
            hint="name another folder with --out",
        ) from error
    return folder


def collect(handset: Handset, folder: Path) -> list[CollectedLog]:
    """Bring every log of the phone into `folder` and describe the collection in `collection.json`.

    After HandsetLost call it again with a new session and the same folder: it goes on where it was. An empty
    list is the normal result on a phone with a release build of the engine.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtifactError(f"{folder} cannot be made: {error.strerror or error}") from error
    collected: dict[str, CollectedLog] = {}
    for name in sorted(log_position(handset).sizes):
        done = folder / local_name(name)
        log = _described(done) if done.exists() else _collect_one(handset, name, folder)
        if log is not None:
            collected[name] = log
    about = {
        "handset": handset.name,
        "model": handset.info.model,
        "firmware": handset.info.firmware,
        "imei_hash": hashed_imei(handset.info.imei),
        "collected": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "logs": [
            {"name": log.name, "on_phone": LOG_FOLDER + name, "size": log.size, "sha256": log.sha256}
            for name, log in collected.items()
        ],
    }
    _write(folder / COLLECTION, json.dumps(about, indent=2).encode())
    return list(collected.values())


def _collect_one(handset: Handset, name: str, folder: Path) -> CollectedLog | None:
    """One log; None for one that was deleted meanwhile."""
    target = _new_target(folder, name)
    partial = target.with_name(target.name + ".part")
    try:
        return _collect_whole(handset, LOG_FOLDER + name, target, partial)
    except EngineError as error:
        if error.code not in ABSENT:
            raise
        handset.journal.add("note", f"{LOG_FOLDER}{name} was deleted while it was read")
        partial.unlink(missing_ok=True)
        return None


def _collect_whole(handset: Handset, path: str, target: Path, partial: Path) -> CollectedLog:
    for _ in range(CHANGES_UNTIL_GIVEN_UP):
        crc = _continue_reading(handset, path, partial)
        size, phone_crc = handset.files.check(path, partial.stat().st_size)
        if size >= partial.stat().st_size and phone_crc == crc:
            _finish(partial, target)
            return _described(target)
        handset.journal.add("note", f"{path} was cut or replaced while it was read; reading it again")
        partial.unlink()
    raise UnexpectedState(
        f"{path} was cut or replaced {CHANGES_UNTIL_GIVEN_UP} times while it was read",
        hint="collect it when nothing on the phone rewrites it",
    )


def _continue_reading(handset: Handset, path: str, partial: Path) -> int:
    """Read from the phone what is not in `partial` yet; the CRC-32 of all of it.

    What is there already counts only if it is still how the phone's log begins.
    """
    have, crc = _state_of(partial)
    size, phone_crc = handset.files.check(path, have)
    _checked_size(path, size)
    if size < have or phone_crc != crc:
        partial.unlink(missing_ok=True)
        have, crc = 0, 0
    try:
        with partial.open("ab") as file:
            while have < size:
                block = read_block(handset, path, have)
                if not block:
                    break
                file.write(block)
                crc = zlib.crc32(block, crc)
                have += len(block)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ArtifactError(f"{partial} cannot be written: {error.strerror or error}") from error
    return crc


def read_block(handset: Handset, path: str, offset: int) -> bytes:
    """The next bytes of a log; none at its end, wherever that is by now."""
    try:
        return handset.files.read_part(path, offset, BLOCK)
    except EngineError as error:
        if error.code == KErrEof:
            return b""  # it has become shorter; the check at the end will say so
        raise


def _state_of(partial: Path) -> tuple[int, int]:
    """Size and CRC-32 of what an earlier attempt has left."""
    if not partial.exists():
        return 0, 0
    crc = size = 0
    with partial.open("rb") as file:
        while block := file.read(1 << 20):
            crc = zlib.crc32(block, crc)
            size += len(block)
    return size, crc


def _checked_size(path: str, size: int) -> int:
    if size > MAX_LOG:
        raise ArtifactError(f"{path} on the phone has {size} bytes, more than a log can have")
    return size


def _new_target(folder: Path, name: str) -> Path:
    target = folder / local_name(name)
    if target.exists():
        raise ArtifactError(f"{target} is there already; a collection never overwrites an earlier one")
    return target


def _save(target: Path, blocks: Iterable[bytes]) -> None:
    """Write blocks as they come."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ArtifactError(f"{target} cannot be written: {error.strerror or error}") from error


def _finish(partial: Path, target: Path) -> None:
    try:
        partial.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise ArtifactError(f"{target} cannot be written: {error.strerror or error}") from error


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
    except OSError as error:
        raise ArtifactError(f"{target} cannot be written: {error.strerror or error}") from error


def _described(path: Path) -> CollectedLog:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return CollectedLog(path.name, path, path.stat().st_size, digest.hexdigest())


class SecureBackupLog:
    """What the engine and the owners of a phone have logged since this object was made."""

    def __init__(self, handset: Handset) -> None:
        self._handset = handset
        self.folder_was_missing = enable_logging(handset)
        self._start = log_position(handset)

    def text(self, name: str = "securebackup.txt") -> str:
        """The new lines of a log; empty when it is not there, which is normal on a release build."""
        try:
            data = read_since(self._handset, name, self._start)
        except EngineError as error:
            if error.code in ABSENT:
                return ""
            raise
        return data.decode("utf-8", "replace")

    def messages(self, name: str = "securebackup.txt") -> list[str]:
        """The new lines without date and time."""
        return [line.split("\t", 2)[-1] for line in self.text(name).splitlines()]
