"""Logs made for these tests, line by line as a debug engine writes them, through our own writer.

Two data owners: 0xe0f1b001 is active (8000 bytes, incremental) and 0xe0f1b002 passive (one file).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from harness.log.reading import TimedRecord, with_times
from wire.formats.log_line import LogLocale, format_line
from wire.formats.log_reader import read_records
from wire.formats.log_stamp import StampResolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Lines = list[str]

START: Final = datetime.fromisoformat("2011-03-14 15:09:26")
THREAD: Final = "hilhost.exe[e0f1b00f]0001::Main"
ACTIVE: Final = "0xe0f1b001"
PASSIVE: Final = "0xe0f1b002"
OWNER_THREAD: Final = "notesowner.exe[e0f1b001]0001::Main"


def request(name: str, inside: Iterable[str] = (), *, thread: str = THREAD, completed: bool = True) -> Lines:
    """One request of the host with what the engine writes meanwhile."""
    lines = [f"CSBESession::ServiceL() - {name} for thread: {thread}", *inside]
    return lines + [f"CSBESession::ServiceL() - Completed OK for thread: {thread}"] * completed


def mode(new: tuple[int, int], old: tuple[int, int], inside: Iterable[str] = ()) -> Lines:
    """The lines of SetBURModeL."""
    return [
        f"CDataOwnerManager::SetBURModeL() - Request new BURType (0x{new[0]:08x}), IncType (0x{new[1]:08x})",
        f"CDataOwnerManager::SetBURModeL() - Previous BURType (0x{old[0]:08x}), IncType (0x{old[1]:08x})",
        *inside,
    ]


def published(part: int, increment: int) -> str:
    return (
        f"CDataOwnerManager::SetBURModeL() - Setting P&S flag to BURType (0x{part:08x}), "
        f"IncType (0x{increment:08x}), err: "
    )


def connected(sid: str) -> str:
    """The owner waits for its next callback. The engine's line is longer than the logger's limit."""
    return f"CABSession::ServiceL() - START - [{sid}] function: 3 from client: {OWNER_THREAD}, iMisbehav"


def callback(name: str, method: str, *, sid: str = ACTIVE, leave: int = 0) -> Lines:
    """One callback with the owner's line."""
    left = [f"CABSession::HandleIPCPropagateLeaveL() - [{sid}] Received IPC Leave({leave})"] if leave else []
    return [
        f"CABSession::MakeCallback{name}L() - [{sid}] Calling {name}",
        f"CABSession::CheckCallbackAvailableL() - [{sid}] primed: 1",
        f"CABSession::MadeCallback() - [{sid}] Calling ABClient to process callback",
        f"[{sid}]: CNotesCallback::{method}()",
        *left,
        connected(sid),
        f"CABSession::MadeCallback() - [{sid}] has returned from callback - CASW::AsyncStop()",
    ]


def listing() -> Lines:
    """The engine starts and lists its data owners."""
    settings = [
        (PASSIVE, 0, 1),
        (ACTIVE, 1, 0),
    ]
    described = [
        line
        for sid, active, passive in settings
        for line in (
            f"CDataOwner::CommonSettingsL() - START - sid: {sid}, iFilesParsed: 1",
            f"CDataOwner::CommonSettingsL() - Active Supported: {active}, proxyCount: 0",
            f"CDataOwner::CommonSettingsL() - Passive Supported: {passive}",
            "CDataOwner::CommonSettingsL() - System Supported: 0",
            "CDataOwner::CommonSettingsL() - END",
        )
    ]
    return [
        "Error trying to parse sbeconfig.xml : -1",
        "Using Default Settings !",
        *request("ESBEMsgGetGSHHandle"),
        *request(
            "ESBEMsgPrepDataOwnerInfo",
            [
                f"CDataOwner::HandleActiveBackup({ACTIVE}) - iActiveInformation.iSupportsIncremental: 1",
                " ",
                *described,
            ],
        ),
    ]


def begun(part: int = 4, increment: int = 0x100) -> Lines:
    """The host asks for a mode, the owner connects and becomes ready."""
    inside = [
        "CDataOwnerManager::SetBURModeL() - Calling CloseAll()",
        "CDataOwnerManager::SetBURModeL() - CloseAll() returned",
        "Process notesowner.exe started.",
        published(part, increment),
    ]
    statuses = [f"CDataOwner::ReadyState() - Ready status for data owner {sid} is 2" for sid in (PASSIVE, ACTIVE)]
    return [
        *request("ESBEMsgSetBURMode", mode((part, increment), (0, 0), inside)),
        connected(ACTIVE),
        f"CDataOwner::ReadyState() - Ready status for data owner {ACTIVE} is 3",
        f"CDataOwner::SetReadyState() - Setting ready state of data owner {ACTIVE} to 2",
        *request("ESBEMsgPrepSIDStatus"),
        *request("ESBEMsgGetSIDStatus", statuses),
    ]


def requested(
    kind: int, words: str, plain: int, packed: int, inside: Iterable[str], *, sid: str = ACTIVE
) -> Lines:
    """One part of data from the phone."""
    return request(
        "ESBEMsgRequestDataSync / ESBEMsgRequestDataAsync",
        [
            f"CDataOwner::ProcessRequestDataL() - START - aDrive: C, aTransferType: {kind}, aBuffer.Ptr()",
            f"CDataOwner::ProcessRequestDataL() - Requesting {words} data from data owner with SID {sid}",
            *inside,
            f"CDataOwnerManager::RequestDataL() - got {plain} bytes of uncompressed data, about to",
            f"CSBESession::RequestDataAsyncL() - Server-side data length: {packed}, address: 0x00c0041c",
        ],
    )


def supplied(kind: int, words: str, plain: int, packed: int, inside: Iterable[str], *, sid: str = ACTIVE) -> Lines:
    """One part of data to the phone."""
    return request(
        "ESBEMsgSupplyDataSync",
        [
            f"CSBESession::SupplyDataSyncL() - Server-side data length: {packed}, address: 0x00c0041c",
            f"CDataOwnerManager::SupplyDataL() - decompressed data length: {plain}",
            f"CDataOwner::ProcessSupplyDataL() - START - drive: C, aTransferType: {kind}",
            f"CDataOwner::ProcessSupplyDataL() - Supplying {words} data to data owner with SID {sid}",
            *inside,
        ],
    )


def ended(part: int = 4, increment: int = 0x100) -> Lines:
    """The host asks for normal."""
    inside = [
        "CDataOwnerManager::SetBURModeL() - Going Normal/Unset/NoBackup (1)",
        published(1, 0),
        "Invalidate all ABSessions after set Setting P&S flag to 0x00000001",
    ]
    return [
        *request("ESBEMsgSetBURMode", mode((1, 0), (part, increment), inside)),
        f"~CABSession for sid:{ACTIVE}",
    ]


def active_base() -> Lines:
    return requested(
        5,
        "active base",
        8004,
        58,
        callback("InitialiseGetBackupData", "InitialiseGetBackupData")
        + 2 * callback("GetBackupDataSection", "GetBackupDataSectionL"),
    )


def passive_base() -> Lines:
    path = "C:\\private\\e0f1b002\\notes.db"
    return requested(
        2,
        "passive base",
        720,
        400,
        [
            f"file name: {path}",
            f"CBufferFileWriter::WriteToBufferL() - trying to open: {path} for reading",
            "CBufferFileWriter::WriteToBufferL() - size of file is: 614 (err: 0)",
            "CBufferFileWriter::WriteToBufferL() - attributes: 614 (err: 0)",
        ],
        sid=PASSIVE,
    )


def base_backup() -> Lines:
    """A whole base backup, with the engine leaving afterwards."""
    expected = [
        *callback("GetExpectedDataSize", "GetExpectedDataSize"),
        f"CDataOwner::GetExpectedDataSizeL() - END - size is: 8000, data owner {ACTIVE}",
    ]
    return [
        *listing(),
        *begun(),
        *request("ESBEMsgGetExpectedDataSize", expected),
        *active_base(),
        *requested(4, "active snapshot", 27, 55, callback("GetSnapshotData", "GetSnapshotDataL")),
        *passive_base(),
        *ended(),
        *mode((0, 0), (1, 0)),
    ]


def incremental_backup() -> Lines:
    """A whole incremental backup."""
    return [
        *listing(),
        *begun(4, 0x200),
        *supplied(4, "active snapshot", 27, 55, callback("ReceiveSnapshotData", "ReceiveSnapshotDataL")),
        *request("ESBEMsgAllSnapshotsSupplied", callback("AllSnapshotsSupplied", "AllSnapshotsSuppliedL")),
        *requested(
            6,
            "active inc",
            100,
            60,
            callback("InitialiseGetBackupData", "InitialiseGetBackupData")
            + callback("GetBackupDataSection", "GetBackupDataSectionL"),
        ),
        *ended(4, 0x200),
    ]


class Logs:
    """What the tests need of this module."""

    base_backup = staticmethod(base_backup)
    incremental_backup = staticmethod(incremental_backup)
    active_base = staticmethod(active_base)
    passive_base = staticmethod(passive_base)
    listing = staticmethod(listing)
    begun = staticmethod(begun)
    ended = staticmethod(ended)
    mode = staticmethod(mode)
    request = staticmethod(request)
    requested = staticmethod(requested)
    supplied = staticmethod(supplied)
    callback = staticmethod(callback)
    start = START

    @staticmethod
    def data(*texts: str, start: datetime = START, step_s: float = 0.1, locale: LogLocale | None = None) -> bytes:
        """The bytes of a log of these lines, `step_s` seconds from one to the next."""
        return b"".join(
            format_line(start + timedelta(seconds=step_s * count), text, locale or LogLocale())
            for count, text in enumerate(texts)
        )

    @classmethod
    def timed(cls, *texts: str) -> list[TimedRecord]:
        """The records of such a log."""
        return list(with_times(read_records([cls.data(*texts)]), StampResolver()))


@pytest.fixture
def made() -> type[Logs]:
    """Makes lines and logs."""
    return Logs


@pytest.fixture
def log_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a log of lines to a file."""

    def write(*texts: str, name: str = "securebackup.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(Logs.data(*texts))
        return path

    return write
