"""What the numbers in messages stand for, for those who show them: by layout and field.

A layout says how many bits a number has. That it is a ready state, or an error, is no part of what goes over the
wire; here it stands once, for descriptions and for exports.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final

from wire import symbian
from wire.protocol.handshake import Features
from wire.protocol.messages.files import FileAttributes
from wire.protocol.messages.method import ErrorDomain
from wire.protocol.messages.owners import OwnerEventKind
from wire.protocol.messages.phone import PhoneFeatures

MEANINGS: Final[dict[str, type[IntEnum | IntFlag]]] = {
    "Hello.features": Features,
    "PhoneInfo.features": PhoneFeatures,
    "FileStat.attributes": FileAttributes,
    "FileEntry.attributes": FileAttributes,
    "ErrorBody.domain": ErrorDomain,
    "ModeChange.part": symbian.TBURPartType,
    "ModeChange.increment": symbian.TBackupIncType,
    "BurModeInfo.part": symbian.TBURPartType,
    "BurModeInfo.increment": symbian.TBackupIncType,
    "SidStatus.status": symbian.TDataOwnerStatus,
    "OwnerEvent.kind": OwnerEventKind,
    "SidTransfer.data_type": symbian.TTransferDataType,
    "PackageTransfer.data_type": symbian.TPackageDataType,
    "JavaTransfer.data_type": symbian.TJavaTransferType,
}
ERRORS: Final = frozenset(
    {
        "SidStatus.error",
        "OwnerAttach.confirm_error",
        "OwnerConfirm.error",
        "Subscription.status",
        "PropertyChange.status",
        "StreamEnd.status",
    }
)
"""Fields that hold a Symbian error number."""
DRIVES: Final = frozenset({"SidTransfer.drive", "PackageTransfer.drive", "JavaTransfer.drive"})
"""Fields that hold the number of a drive, in four bytes."""


def name_of(value: int, meaning: type[IntEnum | IntFlag]) -> str:
    """The header's name of a number, or of its bits; the number where it has none."""
    if issubclass(meaning, IntFlag):
        known = [member.name or "" for member in meaning if member & value]
        return "|".join(known) or str(value)
    return meaning(value).name if value in set(meaning) else str(value)
