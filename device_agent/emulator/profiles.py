"""Handset profiles by name: those that come with the emulator stand here, those of a user in YAML files.

They are Python and not YAML because every run starts an emulated handset with one: importing what reads and checks
YAML takes as long as importing all else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

from device_agent.emulator.engine.config import EngineVersion
from device_agent.emulator.engine.versions import VERSIONS
from device_agent.emulator.installer import Package
from device_agent.emulator.owners.on_board import ON_BOARD, PROGRAMS
from device_agent.emulator.owners.registrations import registration_of
from device_agent.emulator.profile import Executable, HandsetProfile, ProfileFile, ProfilePackage
from wire.symbian import SecureId

DEFAULT_PROFILE: Final = "public-suite"

_OWNERS: Final = (
    "abtestclient",
    "abtestclient2",
    "abtestclient3",
    "abtestclient4",
    "proxied",
    "central-repository",
    "complicated",
    "passive",
    "public-files",
    "tutorial",
)
_WITHOUT_EXECUTABLE: Final = frozenset({"abtestclient4"})
"""Its executable is missing, which is what the suite's cases 0040 are about."""


def _executables() -> Iterator[Executable]:
    for name in _OWNERS:
        owner = ON_BOARD[name]
        if owner.program and name not in _WITHOUT_EXECUTABLE:
            yield Executable(owner.executable, owner.sid, PROGRAMS[owner.program], owner.starts_at_boot)


def _registrations() -> Iterator[tuple[str, bytes]]:
    for name in _OWNERS:
        sid = ON_BOARD[name].sid
        yield f"Z:{sid.private_directory}backup_registration.xml", registration_of(sid)


_FILES: Final = (
    ProfileFile(r"C:\private\10005399\settings.ini", b"[phone]\r\nringing=loud\r\n" * 9),
    ProfileFile(r"C:\private\10005399\notes\first.txt", b"remember the milk\r\n" * 400),
    ProfileFile(r"C:\private\10005399\notes\empty.txt", b""),
    ProfileFile(r"C:\private\0ab7e58c\single.dat", b"S" * 1024),
    ProfileFile(r"C:\private\0ab7e58c\data\kept.dat", b"kept" * 100),
    ProfileFile(r"C:\private\0ab7e58c\data\left_out.tmp", b"temporary"),
    ProfileFile(r"C:\private\0fa00001\private_file1.dat", b"p" * 68841),
    ProfileFile(r"C:\public\0FA00001\public_file1.dat", b"P" * 101958),
    ProfileFile(r"C:\public\0FA00001\public_file2.dat", b"9 letters"),
)

_BIG_EXE_REGISTRATION: Final = rb"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<backup_registration version="1.0">
  <passive_backup><include_directory name="\"/></passive_backup>
  <system_backup/>
  <public_backup><include_directory name="c:\public\81000014\"/></public_backup>
</backup_registration>
"""
_NO_CAPABILITY_REGISTRATION: Final = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<backup_registration version="1.0">
  <system_backup/>
</backup_registration>
"""
# Not installed: the suite's cases do that first. What is in the original packages is not known beyond their names.
_PACKAGES: Final = (
    Package(
        uid=SecureId(0x8111300B),
        name="big exe for backup",
        vendor="Unique Vendor Name",
        sids=(SecureId(0x81000014),),
        files=(
            (r"C:\sys\bin\bigexeforbackup.exe", b"M" * 382880),
            (r"C:\private\81000014\backup_registration.xml", _BIG_EXE_REGISTRATION),
        ),
    ),
    Package(
        uid=SecureId(0x81113002),
        name="tswinocapability",
        vendor="Symbian",
        files=(
            (r"C:\sys\bin\tswinocapability.dll", b"D" * 4096),
            (
                r"C:\private\10202d56\import\packages\81113002\backup_registration.xml",
                _NO_CAPABILITY_REGISTRATION,
            ),
        ),
    ),
)


def _engine(version: str, *, log: bool) -> EngineVersion:
    return dataclasses.replace(VERSIONS[version].engine, writes_log=log)


# The handset that the cases of the engine's public test suite need. Its engine is a release build, so that there
# is a watchdog, but with its log switched on, so that tests can see what it did.
_PUBLIC_SUITE: Final = HandsetProfile(
    name="public-suite",
    firmware="symbian3-2010.06",
    version=_engine("symbian3-2010.06", log=True),
    executables=tuple(_executables()),
    registrations=tuple(_registrations()),
    files=_FILES,
    packages=tuple(map(ProfilePackage, _PACKAGES)),
)


def _of_version(name: str) -> HandsetProfile:
    """The same handset with another engine; those that write binary traces show tests less of what they do."""
    version = VERSIONS[name].engine  # with a log wherever a debug build has one
    return dataclasses.replace(_PUBLIC_SUITE, name=name, firmware=name, version=version)


BUILT_IN: Final[dict[str, HandsetProfile]] = {
    profile.name: profile
    for profile in (
        _PUBLIC_SUITE,
        # An engine as it is sold: no log.
        dataclasses.replace(_PUBLIC_SUITE, name="retail", version=_engine("symbian3-2010.06", log=False)),
        # As developers have it: it writes its log, and waits for a data owner that does not answer for ever.
        dataclasses.replace(_PUBLIC_SUITE, name="debug-engine", debug_engine=True),
        *map(_of_version, VERSIONS),
    )
}


def find_profile(name: str) -> HandsetProfile:
    """A profile by its name, by the path of its file, or as it would stand in one, such as `imei: "..."`.

    ProfileError for one that cannot be had.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    # Only here, for it brings YAML and pydantic with it.
    from device_agent.emulator.profile_file import read_profile

    return read_profile(name)
