"""What the suite's scripts set up on the phone: registration files, data, attributes. It is taken away again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from harness.errors import EngineError
from harness.handset import Handset
from wire.symbian import SecureId


class PhoneSetup:
    """Files on the phone for one case. A phone that does not permit it makes the test skip, with the reason."""

    def __init__(self, handset: Handset) -> None:
        self._handset = handset
        self._files = handset.files
        self._made: list[str] = []

    def _require_permission(self) -> None:
        if not self._handset.allow_restore:
            pytest.skip(f"no files are made on {self._handset.name}: its entry does not say allow_restore: true")

    @contextlib.contextmanager
    def _or_skip(self, what: str) -> Iterator[None]:
        try:
            yield
        except EngineError as error:
            pytest.skip(f"{self._handset.name} does not let the agent do it: {what}: {error}")

    def write(self, path: str, data: bytes) -> None:
        """Make a file with its folder, or replace it."""
        self._require_permission()
        with self._or_skip(f"write {path}"):
            self._make_folder(path[: path.rindex("\\") + 1])
            if not self._files.exists(path):
                self._made.append(path)
            self._files.write(path, data)

    def _make_folder(self, folder: str) -> None:
        """With those on the way, each of which is taken away again if it was not there."""
        names = folder.rstrip("\\").split("\\")
        for depth in range(2, len(names) + 1):
            here = "\\".join(names[:depth])
            if not self._files.exists(here):
                self._files.make_folder(here)
                self._made.append(here)

    def register(self, sid: SecureId, xml: bytes) -> None:
        """Install a registration file on C."""
        self.write(f"C:{sid.private_directory}backup_registration.xml", xml)

    def set_read_only(self, path: str, *, read_only: bool = True) -> None:
        """Set the attribute."""
        with self._or_skip(f"set the attributes of {path}"):
            self._files.set_read_only(path, read_only=read_only)

    def delete(self, path: str) -> None:
        """Delete a file that may be there."""
        self._require_permission()
        if self._files.exists(path):
            with self._or_skip(f"delete {path}"):
                self._files.set_read_only(path, read_only=False)
                self._files.delete(path)

    def undo(self) -> None:
        """Take away what was made, the last first; what cannot be is left."""
        for path in reversed(self._made):
            with contextlib.suppress(EngineError):
                if self._files.exists(path):
                    self._files.set_read_only(path, read_only=False)
                    self._files.delete(path)
        self._made.clear()
