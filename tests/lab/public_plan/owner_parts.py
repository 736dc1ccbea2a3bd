"""What an entry of the owner list says that an owner takes part in."""

from __future__ import annotations

from wire.formats.serialised import DataOwnerInfo, PackageIdentity
from wire.symbian import ActiveSettings, CommonSettings, PassiveSettings


def identity_number(info: DataOwnerInfo) -> int | None:
    """What the suite's list of ids names an owner by: the SID, or the UID of a package."""
    if isinstance(info.identity, PackageIdentity):
        return info.identity.package_uid
    return info.sid


def is_active(info: DataOwnerInfo) -> bool:
    """It takes part in active backups."""
    return bool(info.common & CommonSettings.ACTIVE)


def is_passive(info: DataOwnerInfo) -> bool:
    """It takes part in passive backups."""
    return bool(info.common & CommonSettings.PASSIVE)


def has_active_increments(info: DataOwnerInfo) -> bool:
    """Its active part knows snapshots and increments."""
    return bool(info.active & ActiveSettings.INCREMENTAL)


def has_passive_increments(info: DataOwnerInfo) -> bool:
    """Its passive part knows snapshots and increments."""
    return bool(info.passive & PassiveSettings.INCREMENTAL)


def has_public_files(info: DataOwnerInfo) -> bool:
    """It has a public part."""
    return bool(info.passive & PassiveSettings.PUBLIC_FILES)
