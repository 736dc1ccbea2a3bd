"""Operations of the emulated handset only; the agent of a real one answers NOT_OFFERED."""

from __future__ import annotations

from typing import Final, NamedTuple

from wire.layout import U32, Empty, Sid, Text
from wire.protocol.messages.method import Method
from wire.protocol.messages.phone import PropertyAssignment


class Duration(NamedTuple):
    """A time span."""

    milliseconds: U32


class ProfileChoice(NamedTuple):
    """The handset profile to start from again; empty for the present one."""

    profile: Text


class PackageOrder(NamedTuple):
    """What to do to a package."""

    uid: U32


class ProcessOrder(NamedTuple):
    """What to do to the process of an owner."""

    sid: Sid


EMULATOR_ADVANCE_CLOCK: Final = Method(0x7F01, "emulator advance clock", Duration, Empty)
EMULATOR_RESET: Final = Method(0x7F02, "emulator reset", ProfileChoice, Empty)
EMULATOR_KILL_PROCESS: Final = Method(0x7F03, "emulator kill process", ProcessOrder, Empty)
EMULATOR_SET_PROPERTY: Final = Method(0x7F04, "emulator set property", PropertyAssignment, Empty)
EMULATOR_INSTALL_PACKAGE: Final = Method(0x7F10, "emulator install package", PackageOrder, Empty)
EMULATOR_REMOVE_PACKAGE: Final = Method(0x7F11, "emulator remove package", PackageOrder, Empty)
