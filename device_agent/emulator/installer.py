"""The software installer: packages that can be installed, those that are, and its interface for a restore.

The content of its metadata is nobody's business but its own; ours is JSON.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from device_agent.emulator.filesystem import File, FileSystem
from wire.symbian import SecureId
from wire.symbian_errors import KErrAlreadyExists, KErrCorrupt, KErrNotFound, KErrNotSupported, Leave


class Package(NamedTuple):
    """A package.

    Attributes:
        uid: of the package; not the SID of anything in it.
        sids: of its executables.
        removable: False for one in the ROM, of which the installer gives no information.
        files: what it installs, by full path.
    """

    uid: int
    name: str
    vendor: str
    version: str = "1.0.0"
    sids: tuple[SecureId, ...] = ()
    removable: bool = True
    files: tuple[tuple[str, bytes], ...] = ()


class SoftwareInstaller:
    """Installs and removes packages. Functions leave with Symbian's codes."""

    def __init__(self, files: FileSystem) -> None:
        self._files = files
        self._at_hand: dict[int, Package] = {}
        self._installed: dict[int, Package] = {}

    def put_at_hand(self, package: Package) -> None:
        """Have a package's installation file on the phone."""
        self._at_hand[package.uid] = package

    def install(self, uid: int) -> None:
        """Install; -1 when its installation file is not there, -11 when it is installed."""
        package = self._at_hand.get(uid)
        if package is None:
            raise Leave(KErrNotFound)
        if uid in self._installed:
            raise Leave(KErrAlreadyExists)
        for path, content in package.files:
            self._files.install(path, content)
        self._installed[uid] = package

    def remove(self, uid: int) -> None:
        """Remove a package, its files and the private directories of its executables; -1, -5 not removable."""
        package = self.query(uid)
        del self._installed[uid]
        doomed = {path for path, _ in package.files}
        for sid in package.sids:
            for drive in self._files.drives:
                doomed |= self._below(f"{drive.letter}:{sid.private_directory}")
        for path in doomed:
            try:
                self._files.delete(path)
            except Leave:
                pass  # its owner has deleted it, or it is in the ROM

    def _below(self, folder: str) -> set[str]:
        try:
            return {path for path, entry in self._files.walk(folder) if isinstance(entry, File)}
        except Leave:
            return set()

    # --------------------------------------------------------------------------- what the engine asks

    def query(self, uid: int) -> Package:
        """An installed package; -1 when there is none, -5 for one that cannot be removed (BE 20)."""
        package = self._installed.get(uid)
        if package is None:
            raise Leave(KErrNotFound)
        if not package.removable:
            raise Leave(KErrNotSupported)
        return package

    def installed(self, uid: int) -> Package | None:
        """An installed package, removable or not."""
        return self._installed.get(uid)

    def package_of(self, sid: SecureId) -> Package | None:
        """The installed package that an executable belongs to."""
        return next((package for package in self._installed.values() if sid in package.sids), None)

    def files_of(self, package: Package) -> list[tuple[str, File]]:
        """What is still there of a package's files."""
        found = []
        for path, _ in package.files:
            try:
                found.append((path, self._files.file(path)))
            except Leave:
                continue
        return found

    def metadata(self, package: Package) -> bytes:
        """What a later `start_package` needs to know of a package."""
        about = package._asdict() | {"files": [path for path, _ in package.files]}
        return json.dumps(about).encode()

    def start_package(self, uid: int, metadata: bytes) -> Package:
        """Begin to restore a package: -11 when it is installed, -20 for metadata that is of another one."""
        if uid in self._installed:
            raise Leave(KErrAlreadyExists)
        try:
            about = json.loads(metadata)
            sids = tuple(SecureId(sid) for sid in about.pop("sids"))
            files = tuple((str(path), b"") for path in about.pop("files"))
            package = Package(**about, sids=sids, files=files)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Leave(KErrCorrupt) from None
        if package.uid != uid:
            raise Leave(KErrCorrupt)
        return package

    def commit_package(self, package: Package) -> None:
        """Its files are all back: it is installed."""
        self._installed[package.uid] = package
