"""Installed packages: their own files, which the software installer knows (BE 7.6, 17).

    stream := metaSize:u32  metadata[metaSize]  record*

A package's data is asked for and supplied for one drive, normally the first; its files on other drives are in
nobody's stream (UNVERIFIED).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from device_agent.emulator.engine.file_records import (
    Outgoing,
    RecordReader,
    estimated_size,
    estimated_snapshot_size,
    records,
    recreate,
    snapshot_entries,
)
from device_agent.emulator.filesystem import File
from device_agent.emulator.installer import Package
from wire.formats.serialised import PackageTransfer, PassiveFileHeader
from wire.symbian import Drive, TPackageDataType
from wire.symbian_errors import (
    KErrNotFound,
    KErrNotReady,
    KErrNotSupported,
    KErrUnderflow,
    Leave,
)

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine

_SIZE: Final = struct.Struct("<I")
DATA: Final = TPackageDataType.ESystemData
SNAPSHOT: Final = TPackageDataType.ESystemSnapshotData

_Operation = tuple[str, int, int]


class PackageState:
    """What has passed between host and one package since the phone left normal.

    Attributes:
        operation: the multi-part operation that is not finished: direction, drive, kind (BE 11.1 step 5).
        restored: completely, after which everything more is ignored.
    """

    def __init__(self) -> None:
        self.operation: _Operation | None = None
        self.outgoing: Outgoing | None = None
        self.incoming: _Restoring | None = None
        self.restored = False


class _Restoring:
    """A package on its way back: metadata, then files."""

    def __init__(self, engine: BackupEngine, uid: int) -> None:
        self._engine = engine
        self._uid = uid
        self._head = bytearray()
        self._package: Package | None = None
        self._reader = RecordReader(self._restore)

    def feed(self, block: bytes) -> None:
        if self._package is not None:
            self._reader.feed(block)
            return
        self._head += block
        if len(self._head) < _SIZE.size:
            return
        (size,) = _SIZE.unpack_from(self._head)
        end = _SIZE.size + size
        if len(self._head) < end:
            return
        self._engine.log("CPackageDataTransfer::DoSupplyDataL() - Asking SWI to start a package...")
        metadata = bytes(self._head[_SIZE.size : end])
        self._package = self._engine.installer.start_package(self._uid, metadata)
        self._engine.log("CPackageDataTransfer::DoSupplyDataL() - SWI StartPackageL() completed OK")
        self._reader.feed(bytes(self._head[end:]))

    def _restore(self, path: str, header: PassiveFileHeader, content: bytes) -> None:
        recreate(self._engine, path, header, content)

    def finish(self) -> None:
        """-10 when the stream ended inside the metadata or inside a file."""
        if self._package is None:
            raise Leave(KErrUnderflow)
        self._reader.finish()
        self._engine.installer.commit_package(self._package)
        self._engine.log("CPackageDataTransfer::DoSupplyDataL() - Package commited OK")


def expected_size(engine: BackupEngine, transfer: PackageTransfer) -> int:
    """An estimate, as for an owner's files."""
    package = _package(engine, transfer.package_uid)
    if package is None:
        return 0
    files = _files(engine, package, transfer)
    if _kind(transfer) == SNAPSHOT:
        return estimated_snapshot_size(files)
    return _SIZE.size + len(engine.installer.metadata(package)) + estimated_size(files)


def request(engine: BackupEngine, transfer: PackageTransfer, space: int) -> tuple[bytes, bool]:
    """Up to `space` bytes of the stream, and whether that was the last of it."""
    kind = _kind(transfer)
    package = _package(engine, transfer.package_uid)
    state = _begin(engine, transfer, "request", kind)
    try:
        if state.outgoing is None:
            state.outgoing = Outgoing(_stream(engine, package, transfer, kind))
        data, finished = state.outgoing.take(space)
    except Leave as leave:
        state.operation = state.outgoing = None
        engine.log(f"CPackageDataTransfer::RequestDataL() - Left with error: {leave.code}")
        raise
    if finished:
        state.operation = state.outgoing = None
    return data, finished


def _stream(
    engine: BackupEngine, package: Package | None, transfer: PackageTransfer, kind: TPackageDataType
) -> Iterator[bytes]:
    if package is None:
        return
    files = _files(engine, package, transfer)
    if kind == SNAPSHOT:
        yield from snapshot_entries(engine, files)
        return
    metadata = engine.installer.metadata(package)
    yield _SIZE.pack(len(metadata)) + metadata
    yield from records(engine, files)


def supply(engine: BackupEngine, transfer: PackageTransfer, block: bytes, *, last: bool) -> None:
    """Take one decompressed block: of a snapshot, which nothing is made of, or of a package to restore."""
    kind = _kind(transfer)
    state = _begin(engine, transfer, "supply", kind)
    if last:
        state.operation = None
    if kind == SNAPSHOT or state.restored:
        return
    try:
        if state.incoming is None:
            state.incoming = _Restoring(engine, transfer.package_uid)
        state.incoming.feed(block)
        if last:
            state.incoming.finish()
    except Leave:
        # The installer's session is reset, but not after -11: then the package was not even begun.
        state.operation = state.incoming = None
        raise
    if last:
        state.incoming = None
        state.restored = True


def _kind(transfer: PackageTransfer) -> TPackageDataType:
    """-5 for a kind that there is not; -1 for no drive."""
    if transfer.data_type not in set(TPackageDataType):
        raise Leave(KErrNotSupported)
    if transfer.drive > 25:
        raise Leave(KErrNotFound)
    return TPackageDataType(transfer.data_type)


def _begin(
    engine: BackupEngine, transfer: PackageTransfer, direction: str, kind: TPackageDataType
) -> PackageState:
    """-18 while another multi-part operation of the package is unfinished; that one stays open (BE 17)."""
    state = engine.packages.setdefault(transfer.package_uid, PackageState())
    operation = (direction, transfer.drive, int(kind))
    if state.operation is not None and state.operation != operation:
        raise Leave(KErrNotReady)
    state.operation = operation
    return state


def _package(engine: BackupEngine, uid: int) -> Package | None:
    """An installed package, -1 where there is none; None for one that cannot be removed: nothing to back up."""
    try:
        return engine.installer.query(uid)
    except Leave as leave:
        if leave.code == KErrNotSupported:
            return None
        raise


def _files(engine: BackupEngine, package: Package, transfer: PackageTransfer) -> Iterator[tuple[str, File]]:
    letter = Drive(transfer.drive).letter
    return ((path, file) for path, file in engine.installer.files_of(package) if path[0].upper() == letter)
