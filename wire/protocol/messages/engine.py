"""The backup engine's host API, CSBEClient (BE 6)."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from wire.layout import I32, U32, Blob, DriveList, DriveNumber, Empty, Flag, Sid, SidList, list_of
from wire.protocol.messages.method import DataSize, Method


class EngineInfo(NamedTuple):
    """`capacity` is what TransferDataAddressL offers: the heap without its header, in bytes (BE 4.3)."""

    capacity: U32


class Variant(NamedTuple):
    """Which of the two forms of an API call is used. The engine runs the same code for both."""

    asynchronous: Flag


class EntryCount(NamedTuple):
    """How many entries the stream that follows holds."""

    entries: U32


class SidListBody(NamedTuple):
    """Some data owners."""

    sids: SidList


class ModeChange(NamedTuple):
    """SetBURModeL. `drives` has a byte for each drive A to Z, non-zero when it takes part."""

    asynchronous: Flag
    drives: DriveList
    part: U32
    increment: U32


class SidStatus(NamedTuple):
    """The ready state of one owner: a TDataOwnerStatus. The engine never writes `error` (BE 8.3)."""

    sid: Sid
    status: U32
    error: I32


class SidStatusList(NamedTuple):
    """Entries in the order that was asked."""

    entries: Annotated[tuple[SidStatus, ...], list_of(SidStatus)]


class TransferType(NamedTuple):
    """A CSBGenericTransferType in its serialised form (BE 9.1)."""

    transfer_type: Blob


class DataRequest(NamedTuple):
    """RequestDataL."""

    asynchronous: Flag
    transfer_type: Blob


class RequestedData(NamedTuple):
    """One transfer: its `size` bytes follow as a stream; `transfer_type` is what TransferDataInfoL said."""

    finished: Flag
    size: U32
    transfer_type: Blob


class DataSupply(NamedTuple):
    """SupplyDataL; its `size` bytes follow as a stream."""

    asynchronous: Flag
    finished: Flag
    size: U32
    transfer_type: Blob


class PublicFilesOf(NamedTuple):
    """PublicFileListL or RawPublicFileListL of an owner (a serialised identity) on a drive."""

    asynchronous: Flag
    raw: Flag
    drive: DriveNumber
    owner: Blob


class LargePublicFilesOf(NamedTuple):
    """The large PublicFileListL: from `cursor` on, at most `maximum` bytes of serialised entries."""

    drive: DriveNumber
    cursor: U32
    maximum: U32
    owner: Blob


class LargePublicFiles(NamedTuple):
    """Where to go on, and how many entries follow as a stream."""

    cursor: U32
    entries: U32


ENGINE_CONNECT: Final = Method(0x0201, "engine connect", Empty, EngineInfo, engine=True)
ENGINE_DISCONNECT: Final = Method(0x0202, "engine disconnect", Empty, Empty, engine=True)
LIST_DATA_OWNERS: Final = Method(
    0x0203, "list data owners", Variant, EntryCount, download=True, engine=True, repeatable=True
)
SET_SID_LIST: Final = Method(
    0x0204, "set SID list for partial BUR", SidListBody, Empty, engine=True, repeatable=True
)
SET_BUR_MODE: Final = Method(0x0205, "set BUR mode", ModeChange, Empty, engine=True)
SID_STATUS: Final = Method(0x0206, "SID status", SidListBody, SidStatusList, engine=True, repeatable=True)
EXPECTED_DATA_SIZE: Final = Method(0x0207, "expected data size", TransferType, DataSize, engine=True)
REQUEST_DATA: Final = Method(0x0208, "request data", DataRequest, RequestedData, download=True, engine=True)
SUPPLY_DATA: Final = Method(0x0209, "supply data", DataSupply, Empty, upload=True, engine=True)
ALL_SNAPSHOTS_SUPPLIED: Final = Method(0x020A, "all snapshots supplied", Variant, Empty, engine=True)
ALL_SYSTEM_FILES_RESTORED: Final = Method(0x020B, "all system files restored", Variant, Empty, engine=True)
PUBLIC_FILE_LIST: Final = Method(
    0x020C, "public file list", PublicFilesOf, EntryCount, download=True, engine=True, repeatable=True
)
LARGE_PUBLIC_FILE_LIST: Final = Method(
    0x020D, "large public file list", LargePublicFilesOf, LargePublicFiles, download=True, engine=True
)
PUBLIC_FILE_LIST_XML: Final = Method(0x020E, "public file list XML", PublicFilesOf, Empty, engine=True)
