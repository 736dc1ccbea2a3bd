"""Holding a phone: one process at a time, across processes and users of the machine.

A hold is an flock on a file for each thing that only one may use: a port, an address, an identity. The kernel
lets go of it when the holder dies, however it dies, so there are no stale locks; the files stay and are never
deleted, since whoever still has a deleted one open would hold nothing. What is written in a file says who
holds it, and is looked at only when the kernel says that somebody does. A phone of another machine is held there:
by a place of labgrid.

    /run/lock/symhil/port_dev_ttyACM1.lock    {"pid": 4711, "user": "anna", "purpose": "pytest", ...}
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from harness.artifacts import safe_name
from harness.errors import LabUnavailable
from harness.identity import user_name
from harness.lab.rules import resource_of

if TYPE_CHECKING:
    from harness.lab.config import HandsetEntry
    from harness.labgrid.lease import Lease

FOLDER_VARIABLE: Final = "SYMHIL_LOCKS"
SHARED_FOLDERS: Final = ("/run/lock", "/var/lock", "/tmp")  # noqa: S108 - its sticky bit is looked for
POLL_S: Final = 0.05
GRACE_S: Final = 0.25
"""How long to try in any case: who only looks whether a phone is held has it for a moment."""
BY_HAND: Final = "symhil devices lock"
"""The purpose of a hold that `symhil devices unlock` may end."""


class Holder(NamedTuple):
    """Who holds a phone. `started` is when the kernel says its process was started, in ticks since boot."""

    pid: int
    user: str
    purpose: str
    since: str
    started: int = 0

    def __str__(self) -> str:
        return f"{self.user} ({self.purpose}, pid {self.pid}, since {self.since})"


class Held(LabUnavailable):
    """Somebody else has the phone."""

    def __init__(self, name: str, holder: Holder | None, waited_s: float) -> None:
        waited = f", and was not given back within {waited_s:g} s" if waited_s else ""
        super().__init__(
            f"handset {name} is held by {holder or 'another process'}{waited}",
            hint="wait for it with --hil-wait or --wait, take another, or ask its holder",
        )
        self.holder = holder


def lock_folder() -> Path:
    """Where the files are: the same for all users of this machine, unless the environment says otherwise."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    # Not the first that we may write to but the first that everybody may, or two users would have two places.
    shared = next(path for path in SHARED_FOLDERS if Path(path).is_dir() and os.stat(path).st_mode & stat.S_IWOTH)
    folder = Path(shared) / "symhil"
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(0o1777)
    if folder.is_symlink() or not folder.is_dir():
        raise LabUnavailable(
            f"{folder} has to be a folder for the locks of handsets, and is none",
            hint=f"remove it, or name another place in {FOLDER_VARIABLE}",
        )
    return folder


def resources(entry: HandsetEntry, lab: Path | None = None) -> list[str]:
    """What only one process may use of a handset. An emulated one is its own within its lab's file alone."""
    found = {resource_of(link) for link in entry.links} - {""}
    if entry.identity:
        found.add(f"identity {entry.identity}")
    if entry.is_emulated and lab is not None:
        found.add(f"emulated {lab.resolve()} {entry.name}")
    return sorted(found)


class Hold:
    """A phone that is ours until `release`, or until this process ends. A context manager.

    Attributes:
        lease: the place of labgrid, for a phone of another machine.
    """

    def __init__(self, descriptors: list[int]) -> None:
        self._descriptors = descriptors
        self.lease: Lease | None = None

    def release(self) -> None:
        """Give it back; twice is allowed."""
        if self.lease is not None:
            self.lease.release()
        while self._descriptors:
            descriptor = self._descriptors.pop()
            os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def take(
    entry: HandsetEntry,
    purpose: str,
    *,
    lab: Path | None = None,
    wait_s: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Hold:
    """Hold a handset, waiting for it as long as `wait_s`; Held says who has it."""
    names = resources(entry, lab)
    deadline = clock() + max(wait_s, GRACE_S)
    while True:
        descriptors, refused = _try_all(names)
        if refused is None:
            for descriptor in descriptors:
                _write_holder(descriptor, purpose)
            return _with_lease(Hold(descriptors), entry, max(0.0, deadline - clock()) if wait_s else 0.0)
        if clock() >= deadline:
            raise Held(entry.name, _read_holder(_path_of(refused)), wait_s)
        sleep(min(POLL_S, GRACE_S / 5))


def _with_lease(hold: Hold, entry: HandsetEntry, wait_s: float) -> Hold:
    if entry.labgrid is not None:
        from harness.labgrid.lease import Lease

        try:
            hold.lease = Lease(entry.labgrid, wait_s=wait_s)
        except BaseException:
            hold.release()
            raise
    return hold


def holder_of(entry: HandsetEntry, lab: Path | None = None) -> Holder | None:
    """Who holds a handset now; None when nobody does."""
    for name in resources(entry, lab):
        path = _path_of(name)
        if path.exists() and _is_locked(path):
            return _read_holder(path) or Holder(0, "somebody", "unknown", "?")
    return None


def is_running(holder: Holder) -> bool:
    """The process that wrote itself down is still the one with that number."""
    return _started(holder.pid) == holder.started


def _try_all(names: list[str]) -> tuple[list[int], str | None]:
    """All of them or none, and the first that is taken. Nobody waits while he has some, so nobody deadlocks."""
    descriptors: list[int] = []
    for name in names:
        descriptor = _open(_path_of(name))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            for one in (*descriptors, descriptor):
                os.close(one)
            return [], name
        descriptors.append(descriptor)
    return descriptors, None


def _path_of(name: str) -> Path:
    return lock_folder() / f"{safe_name(name)}.lock"


def _open(path: Path) -> int:
    # Opened first and created second: Linux refuses to open another user's file in a sticky folder with O_CREAT.
    while True:
        try:
            return os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
                os.fchmod(descriptor, 0o666)
                return descriptor
        except OSError as error:
            raise LabUnavailable(
                f"the lock {path} cannot be used: {error.strerror or error}",
                hint=f"it has to be a file that every user of phones may write to; or set {FOLDER_VARIABLE}",
            ) from error


def _is_locked(path: Path) -> bool:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _write_holder(descriptor: int, purpose: str) -> None:
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    holder = Holder(os.getpid(), user_name(), purpose, now, _started(os.getpid()))
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder._asdict()).encode(), 0)


def _read_holder(path: Path) -> Holder | None:
    """What is written there; another user may have written anything."""
    try:
        fields: dict[str, Any] = json.loads(path.read_bytes()[:4096])
        texts = (str(fields[key])[:100] for key in ("user", "purpose", "since"))
        user, purpose, since = ("".join(c for c in text if c.isprintable()) for text in texts)
        return Holder(int(fields["pid"]), user, purpose, since, int(fields["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _started(pid: int) -> int:
    """When a process was started; 0 when there is none, or where /proc does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0
