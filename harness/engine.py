"""The backup engine of a phone, operation by operation, as CSBEClient offers it (BE 6)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from harness.bounds import MAX_EMPTY_PARTS, MAX_GATHERED, gather
from harness.connection import Connection
from harness.errors import AgentError, EngineError
from harness.journal import Journal
from wire.errors import FormatError, LayoutError
from wire.formats.serialised import (
    DataOwnerInfo,
    FileFilter,
    FileListEntry,
    Identity,
    LargeFileListEntry,
    SidTransfer,
    Transfer,
    drive_list,
    read_owner_infos,
    write_generic,
)
from wire.layout import EMPTY, codec_of
from wire.protocol.messages import engine as m
from wire.symbian import BurMode, Drive, SecureId, TBURPartType, TDataOwnerStatus, TTransferDataType

ResultT = TypeVar("ResultT")

NORMAL = BurMode(TBURPartType.EBURNormal)
SIDS_AT_ONCE: Final = 256
"""How many ready states one answer of a phone's agent has room for."""


class ReceivedPart(NamedTuple):
    """One transfer: whether it was the last of its stream, its size in bytes, and its bytes as they come."""

    finished: bool
    size: int
    transfer_type: bytes
    pieces: Iterator[memoryview]


def describe_transfer(transfer: Transfer) -> str:
    """A transfer for a reader, as in `0x0AB7E57C C EActiveBaseData`."""
    if isinstance(transfer, SidTransfer):
        try:
            kind = TTransferDataType(transfer.data_type).name
        except ValueError:
            kind = f"data type {transfer.data_type}"
        return f"{transfer.sid} {chr(ord('A') + transfer.drive)} {kind}"
    return str(transfer)


class EngineClient:
    """One CSBEClient on the phone. All methods raise EngineError with the engine's code."""

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection = connection
        self._journal = journal

    @contextlib.contextmanager
    def _noted(self, text: str) -> Iterator[None]:
        self._journal.add("request", text)
        try:
            yield
        except EngineError as error:
            self._journal.add("answer", f"{text}: {error.code} {error.name}", code=error.code)
            raise
        self._journal.add("answer", f"{text}: ok", code=0)

    def connect(self) -> int:
        """Make the client; -46 without capabilities, -1 when the engine cannot start. Gives its capacity."""
        with self._noted("engine connect"):
            return self._connection.call(m.ENGINE_CONNECT, EMPTY).capacity

    def disconnect(self) -> None:
        """Close the client. Without any the engine ends after 2.1 s and leaves its mode (Q4)."""
        with self._noted("engine disconnect"):
            self._connection.call(m.ENGINE_DISCONNECT, EMPTY)

    # --------------------------------------------------------------------------------------- owners

    def list_data_owners(self, *, asynchronous: bool = False) -> list[DataOwnerInfo]:
        """Find and parse all data owners anew; in Normal or Unset only (-21)."""
        with (
            self._noted("ListOfDataOwners"),
            self._connection.download(
                m.LIST_DATA_OWNERS, m.Variant(asynchronous), describe="ListOfDataOwners"
            ) as (answer, pieces),
        ):
            data = gather(pieces, MAX_GATHERED, "ListOfDataOwners")
        try:
            return read_owner_infos(data, answer.entries)
        except FormatError as error:
            raise AgentError(f"the owner list from the phone is damaged: {error}") from error

    def set_sid_list(self, sids: Sequence[SecureId]) -> None:
        """Store the owners of partial modes; in Normal or Unset only (-21). It stays until replaced (Q12)."""
        text = f"SetSIDListForPartialBUR {' '.join(map(str, sids)) or '(empty)'}"
        with self._noted(text):
            self._connection.call(m.SET_SID_LIST, m.SidListBody(tuple(sids)), describe=text)

    def status(self, sids: Sequence[SecureId]) -> dict[SecureId, TDataOwnerStatus]:
        """The ready states; in a backup or restore mode only (-21)."""
        entries: list[m.SidStatus] = []
        with self._noted("SIDStatus"):
            for start in range(0, len(sids), SIDS_AT_ONCE) or (0,):
                asked = m.SidListBody(tuple(sids[start : start + SIDS_AT_ONCE]))
                entries += self._connection.call(m.SID_STATUS, asked, describe="SIDStatus").entries
        try:
            states = {entry.sid: TDataOwnerStatus(entry.status) for entry in entries}
        except ValueError as error:
            raise AgentError(f"SIDStatus gave a status that does not exist: {error}") from error
        for sid, state in states.items():
            self._journal.add("status", f"{sid} {state.name}", sid=str(sid), status=int(state))
        return states

    # ----------------------------------------------------------------------------------------- mode

    def set_mode(self, mode: BurMode, drives: Iterable[Drive] = (), *, asynchronous: bool = False) -> None:
        """SetBURModeL: the only way in which the property changes (BE 5)."""
        text = f"SetBURMode {mode} on {''.join(d.letter for d in sorted(drives)) or 'no drive'}"
        change = m.ModeChange(asynchronous, drive_list(drives), mode.part, mode.increment)
        with self._noted(text):
            self._connection.call(m.SET_BUR_MODE, change, describe=text)

    def all_snapshots_supplied(self, *, asynchronous: bool = False) -> None:
        """In a backup only (-21). Owners' errors are never reported (BE 12.6)."""
        with self._noted("AllSnapshotsSupplied"):
            self._connection.call(
                m.ALL_SNAPSHOTS_SUPPLIED, m.Variant(asynchronous), describe="AllSnapshotsSupplied"
            )

    def all_system_files_restored(self, *, asynchronous: bool = False) -> None:
        """In a restore: the owners are listed and started anew (BE 5.4)."""
        with self._noted("AllSystemFilesRestored"):
            self._connection.call(
                m.ALL_SYSTEM_FILES_RESTORED, m.Variant(asynchronous), describe="AllSystemFilesRestored"
            )

    # ------------------------------------------------------------------------------------ transfers

    def expected_size(self, transfer: Transfer) -> int:
        """An estimate in bytes; in a backup only (-21)."""
        text = f"ExpectedDataSize {describe_transfer(transfer)}"
        with self._noted(text):
            body = m.TransferType(write_generic(transfer))
            return self._connection.call(m.EXPECTED_DATA_SIZE, body, describe=text).size

    @contextlib.contextmanager
    def request_part(self, transfer: Transfer, *, asynchronous: bool = False) -> Iterator[ReceivedPart]:
        """One RequestData: what fits the engine's heap, as the container of BE 10."""
        text = f"RequestData {describe_transfer(transfer)}"
        request = m.DataRequest(asynchronous, write_generic(transfer))
        with (
            self._noted(text),
            self._connection.download(m.REQUEST_DATA, request, describe=text) as (answer, pieces),
        ):
            yield ReceivedPart(answer.finished, answer.size, answer.transfer_type, pieces)

    def request_all(self, transfer: Transfer, *, asynchronous: bool = False) -> Iterator[bytes]:
        """RequestData until the stream is finished: the bytes of its sections, piece by piece."""
        finished = False
        empty = 0
        while not finished:
            came = 0
            with self.request_part(transfer, asynchronous=asynchronous) as part:
                for piece in part.pieces:
                    came += len(piece)
                    yield bytes(piece)
                finished = part.finished
            empty = 0 if came else empty + 1
            if empty > MAX_EMPTY_PARTS:
                raise AgentError(f"{describe_transfer(transfer)}: {empty} answers without data and without an end")

    def supply_part(self, transfer: Transfer, data: bytes, *, finished: bool, asynchronous: bool = False) -> None:
        """One SupplyData. Send whole sections, or cut inside one, never between its blocks (Q21)."""
        text = f"SupplyData {describe_transfer(transfer)} {len(data)} bytes{', finished' if finished else ''}"
        body = m.DataSupply(asynchronous, finished, len(data), write_generic(transfer))
        with self._noted(text):
            self._connection.call(m.SUPPLY_DATA, body, upload=[data], describe=text)

    def supply_all(self, transfer: Transfer, sections: Iterable[bytes], *, asynchronous: bool = False) -> None:
        """SupplyData for each section of a stream; the last is marked finished. No section, no call."""
        waiting: bytes | None = None
        for section in sections:
            if waiting is not None:
                self.supply_part(transfer, waiting, finished=False, asynchronous=asynchronous)
            waiting = section
        if waiting is not None:
            self.supply_part(transfer, waiting, finished=True, asynchronous=asynchronous)

    # ----------------------------------------------------------------------------------- public files

    def public_files(self, owner: Identity, drive: Drive, *, asynchronous: bool = False) -> list[FileListEntry]:
        """Public files of an owner; in a backup only (-21), -6 for a drive the mode does not have."""
        return self._file_list(FileListEntry, owner, drive, raw=False, asynchronous=asynchronous)

    def raw_public_files(self, owner: Identity, drive: Drive) -> list[FileFilter]:
        """The selections of an owner's registration; in a backup only (Q13)."""
        return self._file_list(FileFilter, owner, drive, raw=True, asynchronous=False)

    def _file_list(
        self, cls: type[ResultT], owner: Identity, drive: Drive, *, raw: bool, asynchronous: bool
    ) -> list[ResultT]:
        request = m.PublicFilesOf(asynchronous, raw, drive, write_generic(owner))
        text = f"{'RawPublicFileList' if raw else 'PublicFileList'} {owner} {drive}"
        with (
            self._noted(text),
            self._connection.download(m.PUBLIC_FILE_LIST, request, describe=text) as (answer, pieces),
        ):
            data = gather(pieces, MAX_GATHERED, text)
        return _entries(cls, data, answer.entries)

    def large_public_files(
        self, owner: Identity, drive: Drive, *, cursor: int = 0, maximum: int = 1024
    ) -> tuple[list[LargeFileListEntry], int]:
        """Entries from `cursor` on that fit `maximum` bytes, and where to go on."""
        request = m.LargePublicFilesOf(drive, cursor, maximum, write_generic(owner))
        text = f"PublicFileList (large) {owner} {drive} from {cursor}"
        with (
            self._noted(text),
            self._connection.download(m.LARGE_PUBLIC_FILE_LIST, request, describe=text) as (answer, pieces),
        ):
            data = gather(pieces, MAX_GATHERED, text)
        return _entries(LargeFileListEntry, data, answer.entries), answer.cursor

    def public_files_xml(self, owner: Identity, drive: Drive) -> None:
        """Not implemented in the engine: -21 or -5."""
        request = m.PublicFilesOf(False, False, drive, write_generic(owner))
        with self._noted("PublicFileListXML"):
            self._connection.call(m.PUBLIC_FILE_LIST_XML, request, describe="PublicFileListXML")


def _entries(cls: type[ResultT], data: bytes, count: int) -> list[ResultT]:
    entries: list[ResultT] = []
    offset = 0
    codec = codec_of(cls)  # type: ignore[type-var]  # every entry is a NamedTuple
    try:
        for _ in range(count):
            entry, offset = codec.parse_from(data, offset)
            entries.append(entry)
    except LayoutError as error:
        raise AgentError(f"a list from the phone is damaged: {error}") from error
    return entries
