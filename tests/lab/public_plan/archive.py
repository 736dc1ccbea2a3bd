"""The suite's own archive of what it has backed up (Test plan 4.1).

    <ID>/<drive>/Active/Base/data.bkp               the same under Passive
                        Incremental/increment001.bkp
                        Snapshot/snapshot.bkp
    <package UID>/<drive>/data.bkp, snapshot.bkp
    DataOwners/sid<ID>.bkp, pid<UID>.bkp            what the owner list said of an owner

Files hold the bytes as the engine gave them, the transfers of one stream one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from wire.formats.container import unpack_sections
from wire.formats.serialised import (
    DataOwnerInfo,
    JavaIdentity,
    PackageIdentity,
    PackageTransfer,
    SidTransfer,
    Transfer,
    read_owner_infos,
    write_owner_info,
)
from wire.symbian import ACTIVE_TYPES, Drive, TPackageDataType, TTransferDataType

_BASES = frozenset({TTransferDataType.EActiveBaseData, TTransferDataType.EPassiveBaseData})
_INCREMENTS = frozenset({TTransferDataType.EActiveIncrementalData, TTransferDataType.EPassiveIncrementalData})
MOST_INCREMENTS = 999


def is_increment(transfer: Transfer) -> bool:
    """It is one of several, in their order."""
    return isinstance(transfer, SidTransfer) and transfer.data_type in _INCREMENTS


class PlanArchive:
    """An archive in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _place(self, transfer: Transfer) -> Path:
        """The file of a transfer; the folder of its files for an increment."""
        drive = Drive(transfer.drive).letter
        if isinstance(transfer, SidTransfer):
            half = "Active" if transfer.data_type in ACTIVE_TYPES else "Passive"
            folder = self.folder / f"{transfer.sid:X}" / drive / half
            if transfer.data_type in _INCREMENTS:
                return folder / "Incremental"
            return folder / ("Base/data.bkp" if transfer.data_type in _BASES else "Snapshot/snapshot.bkp")
        if isinstance(transfer, PackageTransfer):
            name = "snapshot.bkp" if transfer.data_type == TPackageDataType.ESystemSnapshotData else "data.bkp"
            return self.folder / f"{transfer.package_uid:X}" / drive / name
        return self.folder / transfer.suite_hash / drive / ("data.bkp" if transfer.data_type else "midlet.bkp")

    # --------------------------------------------------------------------------------------- streams

    def files(self, transfer: Transfer) -> list[Path]:
        """What there is of a transfer: increments in their order, of everything else at most one."""
        place = self._place(transfer)
        if is_increment(transfer):
            return sorted(place.glob("increment*.bkp"))
        return [place] if place.is_file() else []

    def write(self, transfer: Transfer, pieces: Iterable[bytes]) -> int:
        """Write a stream; the bytes written. One without a byte makes no file and leaves an old one as it is."""
        path = self._place(transfer)
        if is_increment(transfer):
            number = len(self.files(transfer)) + 1
            assert number <= MOST_INCREMENTS, "the suite panics: Number greater then 999"
            path /= f"increment{number:03}.bkp"
        path.parent.mkdir(parents=True, exist_ok=True)
        part, size = path.with_suffix(".part"), 0
        try:
            with part.open("wb") as file:
                for piece in pieces:
                    size += file.write(piece)
            if size:
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return size

    def remove(self, transfer: Transfer) -> None:
        """Delete what there is of a transfer."""
        for path in self.files(transfer):
            path.unlink()

    def has_base(self, transfer: SidTransfer) -> bool:
        """Whether the base data of the same half of the owner is there (Test plan 4.4)."""
        is_active = transfer.data_type in ACTIVE_TYPES
        base = TTransferDataType.EActiveBaseData if is_active else TTransferDataType.EPassiveBaseData
        return bool(self.files(transfer._replace(data_type=base)))

    def contents(self, transfer: Transfer) -> bytes:
        """The newest stream of a kind, unwrapped; nothing where there is no file."""
        files = self.files(transfer)
        return b"".join(unpack_sections(files[-1].read_bytes())) if files else b""

    # ---------------------------------------------------------------------------------------- owners

    def save_owner(self, info: DataOwnerInfo) -> None:
        """Keep an entry of the owner list."""
        identity = info.identity
        if isinstance(identity, JavaIdentity):
            name = f"jid{identity.suite_hash}"
        elif isinstance(identity, PackageIdentity):
            name = f"pid{identity.package_uid:X}"
        else:
            name = f"sid{identity.sid:X}"
        folder = self.folder / "DataOwners"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.bkp").write_bytes(write_owner_info(info))

    def owners(self) -> Iterator[DataOwnerInfo]:
        """The entries that were kept."""
        for path in sorted((self.folder / "DataOwners").glob("*.bkp")):
            yield from read_owner_infos(path.read_bytes(), 1)
