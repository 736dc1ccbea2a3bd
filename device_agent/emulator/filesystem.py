"""Drives, folders and files of the phone, in memory. Names keep their case and are found in any."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from typing import Final

from device_agent.emulator.properties import Caller
from wire.protocol.messages.files import FileAttributes
from wire.symbian import Drive, SecureId
from wire.symbian_errors import (
    KErrAccessDenied,
    KErrAlreadyExists,
    KErrBadName,
    KErrInUse,
    KErrNotFound,
    KErrNotReady,
    KErrPathNotFound,
    KErrPermissionDenied,
    Leave,
)

MAX_PATH: Final = 256
ILLEGAL_CHARACTERS: Final = frozenset('<>"/|*?\0')


class File:
    """A file: content, time of the last change, attributes.

    `exclusive` is set while a process holds it open so that nobody else may.
    """

    def __init__(self, name: str, modified: dt.datetime) -> None:
        self.name = name
        self.content = bytearray()
        self.modified = modified
        self.attributes = FileAttributes.ARCHIVE
        self.exclusive = False


class Folder:
    """A folder and what is in it, by the lower-case name."""

    def __init__(self, name: str, modified: dt.datetime) -> None:
        self.name = name
        self.modified = modified
        self.attributes = FileAttributes.DIRECTORY
        self.entries: dict[str, File | Folder] = {}

    def sorted_entries(self) -> list[File | Folder]:
        """In the order of their names."""
        return [self.entries[key] for key in sorted(self.entries)]


Entry = File | Folder


@functools.lru_cache(maxsize=1024)
def split_path(path: str) -> tuple[Drive, tuple[str, ...]]:
    """The drive and the names of `C:\\\\a\\\\b`; leaves with -28 for what is no full path.

    A last backslash is not significant. `..` is refused: the file server resolves no relative paths.
    """
    if len(path) > MAX_PATH or len(path) < 3 or path[1:3] != ":\\":
        raise Leave(KErrBadName)
    try:
        drive = Drive.parse(path[0])
    except ValueError:
        raise Leave(KErrBadName) from None
    names = path[3:].removesuffix("\\").split("\\") if len(path) > 3 else []
    if names == [""]:
        names = []
    for name in names:
        if not name or name in {".", ".."} or ":" in name or ILLEGAL_CHARACTERS & set(name):
            raise Leave(KErrBadName)
    return drive, tuple(names)


class FileSystem:
    """The file server. Functions leave with Symbian's codes.

    Paths are full, with drive. `home_time` gives the time of changes. Who does not pass a `Caller` is the
    system itself and may do everything.

    Attributes:
        generation: changes whenever a drive, folder or file comes or goes, so that whoever has found one knows
            how long it is still that one.
    """

    def __init__(self, home_time: Callable[[], dt.datetime]) -> None:
        self._roots: dict[Drive, Folder] = {}
        self.home_time = home_time
        self.read_only_drives: set[Drive] = set()
        self.generation = 0

    # ---------------------------------------------------------------------------------- drives

    def add_drive(self, drive: Drive, *, read_only: bool = False) -> None:
        """Put a drive in, empty."""
        self._roots[drive] = Folder("", self.home_time())
        self.generation += 1
        if read_only:
            self.read_only_drives.add(drive)

    @property
    def drives(self) -> list[Drive]:
        """The drives that exist, ascending."""
        return sorted(self._roots)

    # --------------------------------------------------------------------------------- looking

    def entry(self, path: str, caller: Caller | None = None) -> Entry:
        """A file or folder. -18 no such drive, -12 no such folder on the way, -1 nothing of that name."""
        drive, names = split_path(path)
        if caller is not None:
            _check_caging(names, caller)
        here: Entry = self._root(drive)
        for index, name in enumerate(names):
            found = here.entries.get(name.lower()) if isinstance(here, Folder) else None
            if found is None:
                raise Leave(KErrNotFound if index == len(names) - 1 else KErrPathNotFound)
            here = found
        return here

    def find(self, path: str) -> Entry | None:
        """A file or folder; None when there is none, for whatever reason but a bad name."""
        drive, names = split_path(path)
        here: Entry | None = self._roots.get(drive)
        for name in names:
            here = here.entries.get(name.lower()) if isinstance(here, Folder) else None
        return here

    def exists(self, path: str) -> bool:
        """Whether there is anything."""
        try:
            return self.find(path) is not None
        except Leave:
            return False

    def file(self, path: str, caller: Caller | None = None) -> File:
        """A file; -1 when it is a folder."""
        entry = self.entry(path, caller)
        if not isinstance(entry, File):
            raise Leave(KErrNotFound)
        return entry

    def folder(self, path: str, caller: Caller | None = None) -> Folder:
        """A folder; -12 when there is none."""
        try:
            entry = self.entry(path, caller)
        except Leave as leave:
            raise Leave(KErrPathNotFound if leave.code == KErrNotFound else leave.code) from None
        if not isinstance(entry, Folder):
            raise Leave(KErrPathNotFound)
        return entry

    def read(self, path: str, caller: Caller | None = None) -> bytes:
        """All of a file; -14 while somebody holds it."""
        file = self.file(path, caller)
        if file.exclusive:
            raise Leave(KErrInUse)
        return bytes(file.content)

    def walk(self, path: str) -> Iterator[tuple[str, Entry]]:
        """Everything below a folder with its full path, folders (with a backslash) before what is in them."""
        folder = self.folder(path)
        base = path if path.endswith("\\") else path + "\\"
        for entry in folder.sorted_entries():
            if isinstance(entry, Folder):
                yield base + entry.name + "\\", entry
                yield from self.walk(base + entry.name + "\\")
            else:
                yield base + entry.name, entry

    # -------------------------------------------------------------------------------- changing

    def make_folder(self, path: str, caller: Caller | None = None) -> bool:
        """Make a folder and those on the way to it; whether it is new."""
        drive, names = split_path(path)
        _check_caging(names, caller)
        here = self._root(drive)
        created = False
        for name in names:
            found = here.entries.get(name.lower())
            if isinstance(found, File):
                raise Leave(KErrAlreadyExists)
            if found is None:
                self._check_writable(drive, caller)
                found = here.entries[name.lower()] = Folder(name, self.home_time())
                self.generation += 1
                created = True
            here = found
        return created

    def write(
        self,
        path: str,
        data: bytes,
        *,
        offset: int = 0,
        truncate: bool = True,
        caller: Caller | None = None,
    ) -> File:
        """Write into a file, which is created when `truncate` is set and its folder exists.

        -12 no such folder, -1 no such file, -21 read-only, -14 held by somebody.
        """
        drive, names = split_path(path)
        _check_caging(names, caller)
        self._check_writable(drive, caller)
        if not names:
            raise Leave(KErrBadName)
        parent = self.folder(path[: len(path.rstrip("\\")) - len(names[-1])], caller)
        entry = parent.entries.get(names[-1].lower())
        if isinstance(entry, Folder):
            raise Leave(KErrAccessDenied)
        if entry is None:
            if not truncate:
                raise Leave(KErrNotFound)
            entry = parent.entries[names[-1].lower()] = File(names[-1], self.home_time())
            self.generation += 1
        if entry.attributes & FileAttributes.READ_ONLY:
            raise Leave(KErrAccessDenied)
        if entry.exclusive:
            raise Leave(KErrInUse)
        if truncate:
            entry.content.clear()
        if offset > len(entry.content):
            entry.content.extend(bytes(offset - len(entry.content)))
        if offset == len(entry.content):
            entry.content += data  # to put it into a slice would copy it once more on its way
        else:
            entry.content[offset : offset + len(data)] = data
        entry.modified = self.home_time()
        return entry

    def install(self, path: str, data: bytes) -> File:
        """Put a file in place with all folders, also on a read-only drive: what an installer does."""
        parent = path[: path.rindex("\\") + 1]
        drive, _ = split_path(path)
        read_only = drive in self.read_only_drives
        self.read_only_drives.discard(drive)
        try:
            self.make_folder(parent)
            return self.write(path, data)
        finally:
            if read_only:
                self.read_only_drives.add(drive)

    def delete(self, path: str, caller: Caller | None = None) -> None:
        """Delete a file, or a folder with nothing in it. -14 held or not empty, -21 read-only."""
        drive, names = split_path(path)
        entry = self.entry(path, caller)
        self._check_writable(drive, caller)
        if isinstance(entry, File) and (entry.exclusive or entry.attributes & FileAttributes.READ_ONLY):
            raise Leave(KErrInUse if entry.exclusive else KErrAccessDenied)
        if not names or (isinstance(entry, Folder) and entry.entries):
            raise Leave(KErrInUse)
        parent = self.folder(path[: len(path.rstrip("\\")) - len(names[-1])])
        del parent.entries[names[-1].lower()]
        self.generation += 1

    def _root(self, drive: Drive) -> Folder:
        root = self._roots.get(drive)
        if root is None:
            raise Leave(KErrNotReady)
        return root

    def _check_writable(self, drive: Drive, caller: Caller | None) -> None:
        if drive in self.read_only_drives:
            raise Leave(KErrAccessDenied if caller is None else KErrPermissionDenied)


def _check_caging(names: tuple[str, ...], caller: Caller | None) -> None:
    """Data caging: \\sys and other owners' \\private want AllFiles, or the answer is -46."""
    if caller is None or not names or "AllFiles" in caller.capabilities:
        return
    top = names[0].lower()
    if top == "sys":
        raise Leave(KErrPermissionDenied)
    if top == "private" and len(names) > 1:
        try:
            owner = SecureId.parse(names[1])
        except ValueError:
            owner = None
        if owner != caller.sid:
            raise Leave(KErrPermissionDenied)
