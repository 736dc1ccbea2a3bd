"""Data owners for tests: their process is on the phone, their answers come from here."""

from __future__ import annotations

from collections.abc import Callable

from harness.data_owner import DataOwner
from wire.symbian import AbCallback, Drive, SecureId
from wire.symbian_errors import Leave


class NotebookOwner(DataOwner):
    """Keeps some bytes, gives them away, takes them back.

    Attributes:
        content: what is backed up.
        increment: what is backed up when a snapshot was received.
        restored: what came back, base data and increments one after the other.
    """

    def __init__(self, content: bytes, *, snapshot: bytes = b"notebook 1", increment: bytes = b"") -> None:
        super().__init__()
        self.content = content
        self.snapshot = snapshot
        self.increment = increment
        self.received_snapshot = b""
        self.restored: list[bytes] = []
        self._outgoing = b""
        self._incoming = bytearray()

    def receive_snapshot_data(self, drive: Drive, data: bytes, last: bool) -> None:
        self.received_snapshot += data

    def get_expected_data_size(self, drive: Drive) -> int:
        return len(self.content)

    def get_snapshot_data(self, drive_argument: int, size: int) -> tuple[bytes, bool]:
        return self.snapshot[:size], len(self.snapshot) <= size

    def initialise_get_backup_data(self, drive: Drive) -> None:
        self._outgoing = self.increment if self.received_snapshot else self.content

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        piece, self._outgoing = self._outgoing[:size], self._outgoing[size:]
        return piece, not self._outgoing

    def initialise_restore_base_data(self, drive: Drive) -> None:
        self._incoming = bytearray()

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        self._receive(data, finished=finished)

    def initialise_restore_increment_data(self, drive: Drive) -> None:
        self._incoming = bytearray()

    def restore_increment_data_section(self, data: bytes, finished: bool) -> None:
        self._receive(data, finished=finished)

    def _receive(self, data: bytes, *, finished: bool) -> None:
        self._incoming += data
        if finished:
            self.restored.append(bytes(self._incoming))


class ProxyOwner(NotebookOwner):
    """Keeps another owner's data as well."""

    def __init__(self, content: bytes, proxied_content: bytes) -> None:
        super().__init__(content)
        self.proxied_content = proxied_content

    def initialise_get_proxy_backup_data(self, sid: SecureId, drive: Drive) -> None:
        self._outgoing = self.proxied_content

    def initialise_restore_proxy_base_data(self, sid: SecureId, drive: Drive) -> None:
        self._incoming = bytearray()


class LeavingOwner(NotebookOwner):
    """Leaves in one callback, the `nth` time that it comes."""

    def __init__(self, where: AbCallback, code: int, *, nth: int = 1) -> None:
        super().__init__(b"x" * 9000, increment=b"y" * 5000)
        self._where = where
        self._code = code
        self._left = nth

    def _maybe_leave(self, callback: AbCallback) -> None:
        if callback == self._where:
            self._left -= 1
            if self._left == 0:
                raise Leave(self._code)


def _leaving(name: str, callback: AbCallback) -> Callable[..., object]:
    def method(self: LeavingOwner, *arguments: object) -> object:
        self._maybe_leave(callback)
        return getattr(super(LeavingOwner, self), name)(*arguments)

    return method


for _name, _callback in {
    "all_snapshots_supplied": AbCallback.AllSnapshotsSuppliedL,
    "receive_snapshot_data": AbCallback.ReceiveSnapshotDataL,
    "get_expected_data_size": AbCallback.GetExpectedDataSize,
    "get_snapshot_data": AbCallback.GetSnapshotDataL,
    "initialise_get_backup_data": AbCallback.InitialiseGetBackupDataL,
    "get_backup_data_section": AbCallback.GetBackupDataSectionL,
    "initialise_restore_base_data": AbCallback.InitialiseRestoreBaseDataL,
    "restore_base_data_section": AbCallback.RestoreBaseDataSectionL,
    "initialise_restore_increment_data": AbCallback.InitialiseRestoreIncrementDataL,
    "restore_increment_data_section": AbCallback.RestoreIncrementDataSectionL,
    "restore_complete": AbCallback.RestoreComplete,
}.items():
    setattr(LeavingOwner, _name, _leaving(_name, _callback))
