"""How the engine reads the values of attributes (Registration format 4). None of these fails."""

from __future__ import annotations

import re
from typing import Final

from wire.symbian import SecureId, TActiveBackupType

DEFAULT_CALLBACK_DELAY_TIME_US: Final = 200_000_000
MAX_PATH: Final = 256
MAX_PROCESS_NAME: Final = 128

ACTIVE_TYPES: Final = {
    "activeonly": TActiveBackupType.EActiveOnly,
    "activeandproxy": TActiveBackupType.EActiveAndProxyImpl,
    "proxyonly": TActiveBackupType.EProxyImpOnly,
}

_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]+")
_MAX_TINT: Final = 0x7FFFFFFF


def symbian_length(text: str) -> int:
    """Characters as Symbian counts them: UTF-16 units, so that one outside the basic plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def read_bool(value: str) -> bool:
    """True for `yes` in any case and for nothing else, not even for `true`."""
    return value.lower() == "yes"


def read_sid(value: str) -> SecureId | None:
    """A proxy's SID (Registration format 4.7): skip past the first `0x`, read digits up to anything else.

    None for no digit or for more than 32 bits.
    """
    _, prefix, rest = value.partition("0x")
    digits = _HEX.match(rest if prefix else value)
    if digits is None or len(digits.group().lstrip("0")) > 8:
        return None
    return SecureId(int(digits.group(), 16))


def read_policy(value: str) -> int | None:
    """A database policy (Registration format 4.8): hex digits up to anything else, so `0x1234` is 0.

    None where the engine goes on with an uninitialised number: no digit, or more than eight.
    """
    digits = _HEX.match(value)
    if digits is None or len(digits.group()) > 8:
        return None
    return int(digits.group(), 16)


def read_callback_delay(value: str) -> int:
    """Microseconds (Registration format 4.6): digits up to anything else; the default unless positive."""
    digits = _DECIMAL.match(value)
    # The length is looked at first because int() is slow, and refuses, for thousands of digits.
    if digits is None or len(digits.group().lstrip("+-0")) > 10:
        return DEFAULT_CALLBACK_DELAY_TIME_US
    number = int(digits.group())
    return number if 1 <= number <= _MAX_TINT else DEFAULT_CALLBACK_DELAY_TIME_US
