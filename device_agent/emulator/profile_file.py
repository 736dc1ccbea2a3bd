"""Reading handset profiles from YAML: a user's, by the path of the file or as a text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, Final

from device_agent.emulator.engine.versions import VERSIONS
from device_agent.emulator.installer import Package
from device_agent.emulator.owners.on_board import ON_BOARD, PROGRAMS, OnBoard
from device_agent.emulator.owners.registrations import registration_of
from device_agent.emulator.profile import (
    Executable,
    Faults,
    HandsetProfile,
    ProfileError,
    ProfileFile,
    ProfilePackage,
)
from device_agent.emulator.profile_model import FileKeys, OwnerKeys, PackageKeys, ProfileKeys
from device_agent.emulator.profiles import BUILT_IN
from wire.config import ConfigProblem, Tree, check, read_tree
from wire.config.check import nearest_of
from wire.symbian import Drive, SecureId

MAX_DEPTH: Final = 8
"""How many profiles may be based on one another."""

_SUFFIXES: Final = (".yaml", ".yml")


def read_profile(name: str) -> HandsetProfile:
    """A profile by the path of its file, or as it would stand in one; ProfileError for one that cannot be had."""
    try:
        if ": " in name:
            return _read(_Source.of_text(name), 0)
        return _find(name, Path(), 0)
    except ConfigProblem as problem:
        raise ProfileError(str(problem)) from None


def _find(name: str, base: Path, depth: int) -> HandsetProfile:
    """A path ends in .yaml or has a separator in it; everything else is the name of a built-in profile."""
    if name.endswith(_SUFFIXES) or "/" in name or "\\" in name:
        return _read(_Source(base / name), depth)
    if name not in BUILT_IN:
        names = sorted(BUILT_IN)
        raise ProfileError(
            f"there is no handset profile {name!r}{nearest_of(name, names)}; there are {', '.join(names)}, "
            "and a file of your own is named with .yaml at its end"
        )
    return BUILT_IN[name]


class _Source:
    """Where a profile is read from.

    Attributes:
        name: how messages call the file.
        title: what the profile is called.
        folder: what the files that it names are relative to.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.name = str(file)
        self.title = file.stem
        self.folder = file.parent
        self._text: str | None = None

    @classmethod
    def of_text(cls, text: str) -> _Source:
        """A profile that stands in no file; paths in it are relative to the emulator's working folder."""
        source = cls(Path("profile"))
        source._text = text
        return source

    def tree(self) -> Tree:
        """The text, with places."""
        if self._text is not None:
            return read_tree(self._text.encode(), self.name)
        try:
            data = self._file.read_bytes()
        except OSError as error:
            raise ProfileError(
                f"the handset profile {self.name} cannot be read: {error.strerror or error}"
            ) from error
        return read_tree(data, self.name)


def _read(source: _Source, depth: int) -> HandsetProfile:
    """A profile, on top of the one that it is based on."""
    tree = source.tree()
    keys = check(ProfileKeys, tree, tree.value or {})
    if keys.based_on is None:
        return _Builder(source, tree, keys, HandsetProfile(), set(ProfileKeys.model_fields)).build()
    where = ("based_on",)
    if depth == MAX_DEPTH:
        raise ConfigProblem(tree.describe(where, f"more than {MAX_DEPTH} profiles are based on one another"))
    try:
        base = _find(keys.based_on, source.folder, depth + 1)
    except ProfileError as error:
        raise ConfigProblem(tree.describe(where, str(error))) from error
    return _Builder(source, tree, keys, base, set(keys.model_fields_set)).build()


class _Builder:
    """Makes of the keys that are written what the emulator runs on; the rest is the base's."""

    def __init__(
        self, source: _Source, tree: Tree, keys: ProfileKeys, base: HandsetProfile, written: set[str]
    ) -> None:
        self._source = source
        self._tree = tree
        self._keys = keys
        self._base = base
        self._written = written

    def _wrong(self, where: tuple[Hashable, ...], message: str) -> ConfigProblem:
        return ConfigProblem(self._tree.describe(where, message))

    def build(self) -> HandsetProfile:
        keys = self._keys
        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "model": lambda: {"model": keys.model},
            "imei": lambda: {"imei": keys.imei},
            "engine": self._engine,
            "firmware": lambda: {"firmware": keys.firmware or keys.engine.version},
            "drives": self._drives,
            "capabilities": lambda: {"agent_capabilities": frozenset(keys.capabilities)},
            "owners": lambda: {
                "executables": tuple(self._executables()),
                "registrations": tuple(self._registrations()),
            },
            "files": lambda: {"files": tuple(self._files(("files",), keys.files))},
            "packages": lambda: {"packages": tuple(map(self._package, range(len(keys.packages)), keys.packages))},
            "faults": lambda: {"faults": Faults(**keys.faults.model_dump(exclude_none=True))},
        }
        changes: dict[str, Any] = {"name": self._source.title}
        for key, make in makers.items():
            if key in self._written:
                changes |= make()
        profile = dataclasses.replace(self._base, **changes)
        self._check_inherited(profile)
        return profile

    def _engine(self) -> dict[str, Any]:
        """The firmware too, for who does not write what it is."""
        engine = self._keys.engine
        version = VERSIONS[engine.version].engine
        if engine.log and not version.writes_log:
            raise self._wrong(
                ("engine", "log"), f"{engine.version} cannot write a log: it was built with binary traces instead"
            )
        is_debug = engine.build == "debug"
        log = version.writes_log and is_debug if engine.log is None else engine.log
        return {
            "version": dataclasses.replace(version, writes_log=log),
            "debug_engine": is_debug,
            "firmware": engine.version,
        }

    # --------------------------------------------------------------------------------------- drives

    def _drives(self) -> dict[str, Any]:
        def of(kind: str) -> tuple[Drive, ...]:
            return tuple(sorted(drive for drive, its_kind in self._keys.drives.items() if its_kind == kind))

        return {"writable_drives": of("writable"), "read_only_drives": of("read-only")}

    @property
    def _all_drives(self) -> list[Drive]:
        if "drives" in self._written:
            return sorted(self._keys.drives)
        return sorted((*self._base.writable_drives, *self._base.read_only_drives))

    def _no_drive(self, letter: str) -> str:
        there = ", ".join(drive.letter for drive in self._all_drives)
        return f"this handset has no drive {letter}; it has {there}"

    def _check_inherited(self, profile: HandsetProfile) -> None:
        """What comes from the base was right there, but this profile may have other drives."""
        paths = [path for path, _ in profile.registrations] + [file.path for file in profile.files]
        paths += [path for at_hand in profile.packages for path, _ in at_hand.package.files]
        letters = {drive.letter for drive in self._all_drives}
        for path in paths:
            if path[0].upper() not in letters:
                raise self._wrong(("drives",), f"{path} is there, but {self._no_drive(path[0].upper())}")

    # --------------------------------------------------------------------------------------- owners

    def _on_board(self, owner: OwnerKeys) -> OnBoard:
        if owner.on_board is not None:
            return ON_BOARD[owner.on_board]
        assert owner.sid is not None
        return OnBoard(owner.sid)

    def _executables(self) -> Iterator[Executable]:
        for owner in self._keys.owners:
            base = self._on_board(owner)
            name = owner.executable or base.executable
            program = owner.program or base.program or "none"
            if program == "none":
                continue
            starts = base.starts_at_boot if owner.starts_at_boot is None else owner.starts_at_boot
            executable = Executable(name, owner.sid or base.sid, PROGRAMS[program], starts)
            if owner.misbehaviour is None:
                yield executable
            elif not owner.misbehaviour.value.has_no_executable:
                yield executable.that_misbehaves(owner.misbehaviour.value)

    def _registrations(self) -> Iterator[tuple[str, bytes]]:
        for index, owner in enumerate(self._keys.owners):
            sid = owner.sid or self._on_board(owner).sid
            data = self._registration(index, owner)
            if data is None:
                continue
            drive = owner.registered_on
            if drive not in self._all_drives:
                raise self._wrong(("owners", index, "registered_on"), self._no_drive(drive.letter))
            yield f"{drive.letter}:{sid.private_directory}backup_registration.xml", data

    def _registration(self, index: int, owner: OwnerKeys) -> bytes | None:
        given = owner.registration
        if given is None:
            return None if owner.on_board is None else registration_of(ON_BOARD[owner.on_board].sid)
        if given.on_board is not None:
            return registration_of(ON_BOARD[given.on_board].sid)
        if given.xml is not None:
            return given.xml.encode()
        assert given.file is not None
        try:
            return self._source.folder.joinpath(given.file).read_bytes()
        except OSError as error:
            where = ("owners", index, "registration", "file")
            raise self._wrong(where, f"{given.file} cannot be read: {error.strerror or error}") from error

    # -------------------------------------------------------------------------------- files, packages

    def _files(self, where: tuple[Hashable, ...], files: dict[str, FileKeys]) -> Iterator[ProfileFile]:
        letters = {drive.letter for drive in self._all_drives}
        for path, file in files.items():
            if path[0].upper() not in letters:
                raise self._wrong((*where, path), self._no_drive(path[0].upper()))
            yield ProfileFile(path, file.content, file.read_only, file.locked)

    def _package(self, index: int, keys: PackageKeys) -> ProfilePackage:
        files = [(file.path, file.content) for file in self._files(("packages", index, "files"), keys.files)]
        return ProfilePackage(
            Package(
                uid=keys.uid,
                name=keys.name,
                vendor=keys.vendor,
                version=keys.version,
                sids=tuple(SecureId(sid) for sid in keys.sids),
                removable=keys.removable,
                files=tuple(files),
            ),
            keys.installed,
        )
