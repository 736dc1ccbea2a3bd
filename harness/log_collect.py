"""Collecting the text logs of a phone: securebackup.txt and what data owners wrote beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from harness.archive import write_atomically
from harness.errors import ArtifactError, EngineError
from harness.handset import Handset
from wire.symbian import LOG_FOLDER
from wire.symbian_errors import KErrNotFound, KErrNotReady, KErrPathNotFound

MAX_LOG = 512 << 20
"""A log beyond this size is not taken as it is: nothing a phone wrote is that large."""

_ABSENT = frozenset({KErrNotFound, KErrPathNotFound, KErrNotReady})


class LogPosition(NamedTuple):
    """How long each log was at some moment, by its name; so that later only what came since is taken."""

    sizes: dict[str, int]


class CollectedLog(NamedTuple):
    """A log that was written to disk. `size` in bytes."""

    name: str
    path: Path
    size: int
    sha256: str


def enable_logging(handset: Handset) -> bool:
    """Make the folder that lets the log server write; whether it was missing (Log format 2)."""
    created = handset.files.make_folder(LOG_FOLDER)
    if created:
        handset.journal.add("note", f"made {LOG_FOLDER} on the phone, so that logs are written")
    return created


def log_position(handset: Handset) -> LogPosition:
    """The present sizes of the logs; nothing at all where the folder is missing."""
    try:
        entries = list(handset.files.list(LOG_FOLDER))
    except EngineError as error:
        if error.code in _ABSENT:
            return LogPosition({})
        raise
    return LogPosition({entry.name: entry.size for entry in entries if not entry.is_folder})


def read_since(handset: Handset, name: str, start: LogPosition | None = None) -> bytes:
    """A log's bytes since `start`; all of it when it has become shorter, since then it is a new one."""
    path = LOG_FOLDER + name
    offset = start.sizes.get(name, 0) if start is not None else 0
    size = handset.files.stat(path).size
    if size > MAX_LOG:
        raise ArtifactError(f"{path} on the phone has {size} bytes, more than a log can have")
    return handset.files.read(path, offset=offset if size >= offset else 0)


def collect(handset: Handset, folder: Path, *, since: LogPosition | None = None) -> list[CollectedLog]:
    """Write every log of the phone into `folder`, which must not hold them yet.

    An empty list is the normal result on a phone with a release build of the engine.
    """
    collected = []
    for name in sorted(log_position(handset).sizes):
        safe = Path(name.replace("\\", "/")).name
        target = folder / safe
        if target.exists():
            raise ArtifactError(f"{target} is there already; a collection never overwrites an earlier one")
        data = read_since(handset, name, since)
        if not data:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(target, data)
        except OSError as error:
            raise ArtifactError(f"{target} cannot be written: {error.strerror or error}") from error
        collected.append(CollectedLog(safe, target, len(data), hashlib.sha256(data).hexdigest()))
    return collected


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
            if error.code in _ABSENT:
                return ""
            raise
        return data.decode("utf-8", "replace")

    def messages(self, name: str = "securebackup.txt") -> list[str]:
        """The new lines without date and time."""
        return [line.split("\t", 2)[-1] for line in self.text(name).splitlines()]
