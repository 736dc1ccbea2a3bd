"""Killed at any point, out of space at any point: what is on disk is the old whole thing or the new one."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from harness.archive import BackupSet, write_atomically
from harness.errors import ArtifactError
from harness.journal import Journal
from harness.log import collect
from wire.symbian import Drive, SecureId, TTransferDataType

SID = SecureId(0xE0F1B001)
C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData
SNAPSHOT = TTransferDataType.EActiveSnapshotData
KILLS = int(os.environ.get("CRASH_KILLS", "40"))
POINTS = int(os.environ.get("CRASH_POINTS", "10"))
"""How often a process is looked at; the last time it is killed."""

WRITER = """
import sys
from pathlib import Path
from tests.harness.test_crash import write_for_ever
print("ready", flush=True)
write_for_ever(Path(sys.argv[1]))
"""


def content(generation: int) -> list[bytes]:
    """Pieces whose bytes tell which generation they are of."""
    return [generation.to_bytes(4, "little") * 500 for _ in range(20)]


class FakeFiles:
    """A phone's log folder with one log that grows."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def list(self, folder: str) -> Iterator[Any]:
        yield type("Entry", (), {"name": "securebackup.txt", "size": len(self.data), "is_folder": False})

    def stat(self, path: str) -> Any:
        return type("Stat", (), {"size": len(self.data)})

    def check(self, path: str, size: int) -> tuple[int, int]:
        import zlib

        return len(self.data), zlib.crc32(self.data[:size])

    def read_part(self, path: str, offset: int, size: int) -> bytes:
        return self.data[offset : offset + min(size, 1500)]


class FakeHandset:
    """As much of a handset as a collection asks for."""

    name = "fake"
    info = type("Info", (), {"model": "m", "firmware": "f", "imei": "004401012345678"})

    def __init__(self, data: bytes) -> None:
        self.files = FakeFiles(data)
        self.journal = type("Journal", (), {"add": lambda *a, **k: None})()


def collect_into(folder: Path, data: bytes) -> None:
    collect.collect(FakeHandset(data), folder)  # type: ignore[arg-type]


def write_for_ever(folder: Path) -> None:
    """What a night in a lab does to a disk, without end: sets, manifests, results, collections of logs."""
    folder.mkdir(exist_ok=True)
    existing = folder / "set"
    backup_set = BackupSet.open(existing) if existing.exists() else BackupSet.create(existing)
    generation = random.randrange(1 << 30)
    while True:
        generation += 1
        backup_set.add(SID, C, BASE, content(generation))
        backup_set.add(SID, C, SNAPSHOT, content(generation))
        write_atomically(folder / "results.json", json.dumps([generation] * 3000).encode())
        collect_into(folder / f"logs-{generation}", b"".join(content(generation)))


def check_all(folder: Path) -> int:
    """Everything that bears its final name is whole; how many things there were."""
    found = 0
    if (folder / "set" / "manifest.json").exists():
        backup_set = BackupSet.open(folder / "set")
        backup_set.verify()
        for key in backup_set.streams:
            data = backup_set.read(key)
            assert data == b"".join(content(int.from_bytes(data[:4], "little")))
            found += 1
    results = folder / "results.json"
    if results.exists():
        generations = json.loads(results.read_text())
        assert len(generations) == 3000
        assert len(set(generations)) == 1
        found += 1
    for log in folder.glob("logs-*/securebackup.txt"):
        data = log.read_bytes()
        assert data == b"".join(content(int.from_bytes(data[:4], "little")))
        found += 1
    for about in folder.glob("logs-*/collection.json"):
        assert json.loads(about.read_text())["logs"]
    return found


def test_a_process_that_is_killed_leaves_whole_things_only(tmp_path: Path) -> None:
    """Also stopped at random points; `make crash` kills 200 processes."""
    chance = random.Random(11)
    root = Path(__file__).parents[2]
    found = kills = 0
    while kills < KILLS:
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "disk")], stdout=subprocess.PIPE, cwd=root
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            # Starting one takes longer than all else. A stopped one has on disk what a killed one would have.
            for _ in range(POINTS - 1):
                _run_for(process, chance.uniform(0.0005, 0.02))
                os.kill(process.pid, signal.SIGSTOP)
                os.waitpid(process.pid, os.WUNTRACED)
                found += check_all(tmp_path / "disk")
                os.kill(process.pid, signal.SIGCONT)
            _run_for(process, chance.uniform(0.0005, 0.02))
            process.kill()
        kills += POINTS
        found += check_all(tmp_path / "disk")
    assert found > KILLS


def _run_for(process: subprocess.Popen[bytes], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None


# ------------------------------------------------------------------------------------------ a full disk


class FullDisk:
    """Lets so many writes through, and then none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
        self.left = writes
        real = Path.open

        def opened(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            file: Any = real(path, mode, *arguments, **options)
            return self._wrapped(file) if "w" in mode or "a" in mode else file

        monkeypatch.setattr(Path, "open", opened)
        monkeypatch.setattr(os, "fsync", self._synced(os.fsync))

    def _wrapped(self, file: Any) -> Any:
        disk = self

        class File:
            def __enter__(self) -> Self:
                return self

            def __exit__(self, *arguments: object) -> None:
                file.close()

            def write(self, data: bytes) -> int:
                disk.take()
                return int(file.write(data))

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

        return File()

    def _synced(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def fsync(fd: int) -> None:
            self.take()
            real(fd)

        return fsync

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("writes", range(26))
def test_a_disk_that_is_full_is_said_and_the_old_set_stays(
    writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup_set = BackupSet.create(tmp_path / "set")
    backup_set.add(SID, C, BASE, content(1))
    with monkeypatch.context() as context:
        FullDisk(context, writes)
        said = ""
        try:
            backup_set.add(SID, C, BASE, content(2))
        except ArtifactError as error:
            said = str(error)
    kept = BackupSet.open(tmp_path / "set")
    kept.verify()
    data = kept.read(kept.newest(SID, C, BASE))
    assert data in {b"".join(content(1)), b"".join(content(2))}
    assert said or data == b"".join(content(2))
    assert not said or "No space left on device" in said
    assert backup_set.streams == kept.streams
    assert not list((tmp_path / "set").rglob("*.part"))
    # And the object goes on where the disk is: what it says and what is there are the same.
    backup_set.verify()
    backup_set.add(SID, C, BASE, content(3))
    assert BackupSet.open(tmp_path / "set").read(backup_set.newest(SID, C, BASE)) == b"".join(content(3))


def test_names_are_on_disk_before_the_manifest_that_holds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power cut leaves is what was synced."""
    backup_set = BackupSet.create(tmp_path / "set")
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(fd: int) -> None:
        done.append(os.readlink(f"/proc/self/fd/{fd}"))
        fsync(fd)

    def replaced(path: Path, to: Path) -> Path:
        done.append(f"-> {to}")
        return replace(path, to)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    key = backup_set.add(SID, C, BASE, content(1))
    stream = tmp_path / "set" / backup_set.streams[key].file
    manifest = tmp_path / "set" / "manifest.json"
    expected = [
        str(stream.with_suffix(".part")),
        f"-> {stream}",
        str(stream.parent),
        f"{manifest}.part",
        f"-> {manifest}",
        str(manifest.parent),
    ]
    positions = [done.index(step) for step in expected[:-1]] + [len(done) - 1]
    assert positions == sorted(positions)
    assert done[-1] == expected[-1]


def test_a_journal_on_a_full_disk_says_so_and_nothing_else_stops() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    journal = Journal()
    journal.write_to(full)
    journal.add("note", "goes on")
    assert journal.tail(1)[0].endswith("goes on")
    with pytest.raises(ArtifactError, match=r"/dev/full is not whole: No space left on device"):
        journal.write_to(None)


@pytest.mark.parametrize("writes", [0, 1, 5, 27, 28, 29])
def test_a_disk_that_is_full_in_a_collection_leaves_no_half_log(
    writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"".join(content(4))
    with monkeypatch.context() as context:
        FullDisk(context, writes)
        with pytest.raises(ArtifactError):
            collect_into(tmp_path / "logs", data)
    log = tmp_path / "logs" / "securebackup.txt"
    assert not log.exists() or log.read_bytes() == data
    collect_into(tmp_path / "logs", data)
    assert log.read_bytes() == data
