"""What a run has found so far, one line of JSON after the other: what `symhil run --resume` goes on from.

Lines are only ever added, each on disk before the next test begins, so a run that is killed loses at most the test
that was running. A line that was cut short is as if it were not there.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness import __version__
from harness.errors import ArtifactError, Category

NAME: Final = "run.jsonl"
_FOR_GOOD: Final = ("passed", "failed", "error", "skipped")
"""How outcomes begin that are one; `passed on attempt 2` is, too."""
_NOT_FOR_GOOD: Final = frozenset({Category.HANDSET_LOST.value, Category.LAB.value})


class Done(NamedTuple):
    """A test that needs not run again: on this phone, with this firmware, by this harness."""

    test: str
    outcome: str
    category: str
    handset: str
    identity: str
    firmware: str
    harness: str
    at: str


class Begin(NamedTuple):
    """How a run was started."""

    arguments: list[str]
    folder: str
    at: str


def append(path: Path, kind: str, record: dict[str, Any]) -> None:
    """Add a line, and see to it that it is on the disk."""
    try:
        # A line that was cut short must not swallow the new one.
        start = b"" if _ends_a_line(path) else b"\n"
        line = json.dumps({"kind": kind, **record}, default=str).encode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(descriptor, start + line + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ArtifactError(f"the journal {path} cannot be written: {error.strerror or error}") from error


def append_verdict(folder: Path, test: str, outcome: str, category: str, properties: Mapping[str, Any]) -> None:
    """A test is done, for good or not."""
    record = {
        "test": test,
        "outcome": outcome,
        "category": category,
        "handset": properties.get("handset", ""),
        "identity": properties.get("imei_hash", ""),
        "firmware": properties.get("firmware", ""),
        "harness": __version__,
        "at": now(),
    }
    append(folder / NAME, "verdict", record)


def now() -> str:
    """The time of day, for lines."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def read_done(path: Path) -> dict[str, Done]:
    """The last word about each test, where it is one for good; a test whose phone was lost is not among them."""
    done: dict[str, Done] = {}
    for record in _records(path, "verdict"):
        try:
            entry = Done(**{field: str(record[field]) for field in Done._fields})
        except KeyError:
            continue
        done.pop(entry.test, None)
        if entry.outcome.startswith(_FOR_GOOD) and entry.category not in _NOT_FOR_GOOD and entry.identity:
            done[entry.test] = entry
    return done


def read_begins(path: Path) -> list[Begin]:
    """How the run was started, and each time that it was resumed."""
    return [
        Begin([str(argument) for argument in record["arguments"]], str(record["folder"]), str(record["at"]))
        for record in _records(path, "begin")
        if isinstance(record.get("arguments"), list) and "folder" in record and "at" in record
    ]


def is_done(done: Done, *, identity: str, firmware: str) -> bool:
    """It was this phone, it has still the same firmware, and this is the same harness."""
    return (done.identity, done.firmware, done.harness) == (identity, firmware, __version__)


def _records(path: Path, kind: str) -> list[dict[str, Any]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ArtifactError(f"the journal {path} cannot be read: {error.strerror or error}") from error
    found = []
    for line in data.split(b"\n")[:-1]:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and record.get("kind") == kind:
            found.append(record)
    return found


def _ends_a_line(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except FileNotFoundError:
        return True
