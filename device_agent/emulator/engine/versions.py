"""Versions of the engine and what differs between them (BE 20; panics: Error codes 4)."""

from __future__ import annotations

import dataclasses
from typing import Final, NamedTuple

from device_agent.emulator.engine.config import EngineVersion


class Version(NamedTuple):
    """A version by its name.

    Attributes:
        engine: what it does; `writes_log` says whether its debug builds do.
        is_public: its source is public. The others are older, and taken for what the oldest public one is.
    """

    name: str
    engine: EngineVersion
    is_public: bool = True


_2010_02: Final = EngineVersion(
    has_callback_delay=False, replaces_read_only=False, lists_fixed_packages=False, panic_category="SB:"
)
_2010_04: Final = dataclasses.replace(_2010_02, lists_fixed_packages=True)
_2010_05: Final = dataclasses.replace(_2010_04, replaces_read_only=True)
_2010_06: Final = dataclasses.replace(_2010_05, has_callback_delay=True, panic_category="SBE:")
_2010_09: Final = dataclasses.replace(_2010_06, writes_log=False)

VERSIONS: Final[dict[str, Version]] = {
    version.name: version
    for version in (
        Version("symbian-os-9.2", _2010_02, is_public=False),
        Version("s60-5.0", _2010_02, is_public=False),
        Version("symbian3-2010.02", _2010_02),
        Version("symbian3-2010.04", _2010_04),
        Version("symbian3-2010.05", _2010_05),
        Version("symbian3-2010.06", _2010_06),
        Version("symbian3-2010.09", _2010_09),
    )
}
