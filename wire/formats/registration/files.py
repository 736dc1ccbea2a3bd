r"""Where registration files live and what their names say (Registration format 1).

<drive>:\private\<SID>\backup_registration*.xml
"""

from __future__ import annotations

import re
from typing import Final

from wire.symbian import SecureId

PRIMARY_NAME: Final = "backup_registration.xml"

_NAME: Final = re.compile(r"backup_registration.*\.xml", re.IGNORECASE | re.DOTALL)
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")


def is_registration_name(name: str) -> bool:
    """Whether the engine looks at a file of this name in a private directory."""
    return _NAME.fullmatch(name) is not None


def is_primary(path: str) -> bool:
    """Whether a file is its owner's main one. The engine looks for the name anywhere in the path."""
    return PRIMARY_NAME in path.lower()


def read_directory_sid(name: str) -> SecureId | None:
    r"""The owner that a directory in `\private` belongs to: hex digits up to the first other character.

    So `0x1234` is owner 0. None where the engine passes over it: no digit in front, or more than 32 bits.
    """
    digits = _HEX.match(name)
    if digits is None or len(digits.group().lstrip("0")) > 8:
        return None
    return SecureId(int(digits.group(), 16))
