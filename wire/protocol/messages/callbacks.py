"""Callbacks: MActiveBackupDataClient, relayed (BE 12.2).

`ordinal` numbers a slot's callbacks from 1: a gap shows that one was lost.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from wire.layout import U32, DriveNumber, Empty, Flag, Rest, Sid
from wire.protocol.messages.method import AnswerT, Asker, DataSize, Method, RequestT
from wire.symbian import AbCallback

RELAY_DEADLINE_MS: Final = 150_000
"""How long the host may take over a callback: well below the engine's watchdog of 200 s."""


class OwnerCallback(NamedTuple):
    """A callback without arguments."""

    sid: Sid
    ordinal: U32


class DriveCallback(NamedTuple):
    """A callback about a drive."""

    sid: Sid
    ordinal: U32
    drive: DriveNumber


class SnapshotSection(NamedTuple):
    """ReceiveSnapshotDataL."""

    sid: Sid
    ordinal: U32
    drive: DriveNumber
    last: Flag
    data: Rest


class GetSnapshot(NamedTuple):
    """GetSnapshotDataL. `drive_argument` is what the library passes as drive: the buffer size (Q28)."""

    sid: Sid
    ordinal: U32
    drive_argument: U32
    size: U32


class GetSection(NamedTuple):
    """GetBackupDataSectionL: room for `size` bytes."""

    sid: Sid
    ordinal: U32
    size: U32


class Section(NamedTuple):
    """What the owner wrote into its buffer, and aFinished."""

    finished: Flag
    data: Rest


class RestoreSection(NamedTuple):
    """RestoreBaseDataSectionL and RestoreIncrementDataSectionL."""

    sid: Sid
    ordinal: U32
    finished: Flag
    data: Rest


class ProxyCallback(NamedTuple):
    """A callback for another owner's data."""

    sid: Sid
    ordinal: U32
    proxied_sid: Sid
    drive: DriveNumber


class Checksum(NamedTuple):
    """What GetDataChecksum gives."""

    checksum: U32


def _callback(callback: AbCallback, request: type[RequestT], answer: type[AnswerT]) -> Method[RequestT, AnswerT]:
    return Method(0x1000 + callback, callback.name, request, answer, asker=Asker.PHONE)


CB_ALL_SNAPSHOTS_SUPPLIED: Final = _callback(AbCallback.AllSnapshotsSuppliedL, OwnerCallback, Empty)
CB_RECEIVE_SNAPSHOT_DATA: Final = _callback(AbCallback.ReceiveSnapshotDataL, SnapshotSection, Empty)
CB_GET_EXPECTED_DATA_SIZE: Final = _callback(AbCallback.GetExpectedDataSize, DriveCallback, DataSize)
CB_GET_SNAPSHOT_DATA: Final = _callback(AbCallback.GetSnapshotDataL, GetSnapshot, Section)
CB_INITIALISE_GET_BACKUP_DATA: Final = _callback(AbCallback.InitialiseGetBackupDataL, DriveCallback, Empty)
CB_GET_BACKUP_DATA_SECTION: Final = _callback(AbCallback.GetBackupDataSectionL, GetSection, Section)
CB_INITIALISE_RESTORE_BASE_DATA: Final = _callback(AbCallback.InitialiseRestoreBaseDataL, DriveCallback, Empty)
CB_RESTORE_BASE_DATA_SECTION: Final = _callback(AbCallback.RestoreBaseDataSectionL, RestoreSection, Empty)
CB_INITIALISE_RESTORE_INCREMENT_DATA: Final = _callback(
    AbCallback.InitialiseRestoreIncrementDataL, DriveCallback, Empty
)
CB_RESTORE_INCREMENT_DATA_SECTION: Final = _callback(
    AbCallback.RestoreIncrementDataSectionL, RestoreSection, Empty
)
CB_RESTORE_COMPLETE: Final = _callback(AbCallback.RestoreComplete, DriveCallback, Empty)
CB_INITIALISE_GET_PROXY_BACKUP_DATA: Final = _callback(
    AbCallback.InitialiseGetProxyBackupDataL, ProxyCallback, Empty
)
CB_INITIALISE_RESTORE_PROXY_BASE_DATA: Final = _callback(
    AbCallback.InitialiseRestoreProxyBaseDataL, ProxyCallback, Empty
)
CB_TERMINATE_MULTI_STAGE_OPERATION: Final = _callback(
    AbCallback.TerminateMultiStageOperation, OwnerCallback, Empty
)
CB_GET_DATA_CHECKSUM: Final = _callback(AbCallback.GetDataChecksum, DriveCallback, Checksum)
