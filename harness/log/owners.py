"""The lines that tell about data owners and their data, gathered into the facts of a run.

Several of these facts stand in lines that do not name their owner; those lines follow one that does, which is
why this reader has a memory. "Log format 8" has the lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harness.log.facts import Calls, DataPart, FileSent, OwnerFacts
from wire.formats.log_message import LogKind
from wire.symbian import Drive

if TYPE_CHECKING:
    from harness.log.facts import RunFacts
    from wire.formats.log_message import LogMessage
    from wire.formats.log_record import LogRecord
    from wire.symbian import AbCallback, SecureId

_STATUS: Final = re.compile(r"(?:Ready status for|Setting ready state of) data owner 0x\w{8} (?:is|to) (\d+)")
_ACTIVE: Final = re.compile(r"Active Supported: ([01]), proxyCount: (\d+)")
_SUPPORTED: Final = re.compile(r"(Passive|System) Supported: ([01])")
_SIZE: Final = re.compile(r"END - size is: (\d+), data owner 0x")
_TRANSFER: Final = re.compile(r"START - (?:SID: 0x\w{8}, )?a?[dD]rive: ([A-Za-z]), aTransferType: (\d+)")
_PLAIN_SIZE: Final = re.compile(r"got (\d+) bytes of uncompressed data|decompressed data length: (\d+)")
_PACKED_SIZE: Final = re.compile(r"(?:Server-side data length: |START - about to decompress )(\d+)")
_OPENED_FILE: Final = re.compile(r"trying to open: (.*) for reading")
_FILE_SIZE: Final = re.compile(r"size of file is: (\d+) \(err: 0\)")
_CLIENT: Final = re.compile(r"START - \[0x\w{8}\] function: \d+ from client: ([^\[]+)\[")
_STARTED: Final = re.compile(r"Process (.+) started\.")


class OwnerReader:
    """Gathers what one run's lines say about data owners and data into `facts`."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._described: OwnerFacts | None = None
        self._called: SecureId | None = None
        self._transfer: DataPart | None = None
        self._file = ""
        self._started: set[str] = set()

    def begin_transfer(self, *, supplied: bool) -> None:
        """The host asks for data or brings some."""
        self.end_transfer()
        self._transfer = DataPart(supplied)

    def end_transfer(self) -> None:
        """The host's request is over; what is known of its data is one part."""
        if self._transfer is not None and self._transfer.sid is not None and self._facts.has_room():
            self._facts.parts.append(self._transfer)
        self._transfer = None

    def take(self, record: LogRecord, message: LogMessage) -> None:
        """Take one line into account."""
        if message.kind is LogKind.ENGINE:
            self._engine_line(message)
        elif message.kind is LogKind.OWNER:
            self._owner_line(message)
        elif message.kind is LogKind.PLAIN:
            self._plain_line(record, message)

    def _owner(self, sid: SecureId) -> OwnerFacts:
        owner = self._facts.owners.get(sid)
        if owner is None:
            owner = OwnerFacts(sid)
            if self._facts.has_room():
                self._facts.owners[sid] = owner
        return owner

    def _engine_line(self, message: LogMessage) -> None:
        match message.cls, message.function:
            case "CDataOwner", "ReadyState" | "SetReadyState":
                self._status(message)
            case "CDataOwner", "CommonSettingsL":
                self._settings(message)
            case "CDataOwner", "HandleActiveBackup":
                self._active_element(message)
            case "CDataOwner", "GetExpectedDataSizeL":
                self._expected_size(message)
            case (
                ("CDataOwner", "ProcessRequestDataL" | "ProcessSupplyDataL" | "SupplyDataL")
                | ("CDataOwnerManager", "RequestDataL" | "SupplyDataL")
                | ("CSBESession", "RequestDataSyncL" | "RequestDataAsyncL" | "SupplyDataSyncL")
            ):
                self._transferred(message)
            case "CBufferFileWriter", "WriteToBufferL":
                self._file_read(message)
            case "CABSession", _:
                self._session(message)

    def _owner_line(self, message: LogMessage) -> None:
        # The line with results, which has no class, is about the same call as the line before.
        sid = message.sid if message.sid is not None else self._called
        if sid is not None and message.callback is not None and message.cls:
            self._count(self._owner(sid).calls_logged, message.callback)

    def _plain_line(self, record: LogRecord, message: LogMessage) -> None:
        if found := _STARTED.fullmatch(message.body):
            if self._facts.has_room():
                self._started.add(found[1])
            return
        path = message.body.removeprefix("file name: ")
        transfer = self._transfer
        # A path at the end of a line that was cut is not a file's name.
        if path == message.body or transfer is None or transfer.sid is None or record.possibly_cut:
            return
        met = self._owner(transfer.sid).files_met
        if path not in met and self._facts.has_room():
            met[path] = None

    def _status(self, message: LogMessage) -> None:
        if (found := _STATUS.match(message.body)) and message.sid is not None:
            statuses = self._owner(message.sid).statuses
            if statuses[-1:] != [int(found[1])] and self._facts.has_room():
                statuses.append(int(found[1]))

    def _settings(self, message: LogMessage) -> None:
        # Seven lines describe an owner, and only the first names it.
        if message.body.startswith("START") and message.sid is not None:
            self._described = self._owner(message.sid)
        if self._described is None:
            return
        if found := _ACTIVE.match(message.body):
            self._described.active = found[1] == "1"
            self._described.proxies = int(found[2])
        elif found := _SUPPORTED.match(message.body):
            setattr(self._described, found[1].lower(), found[2] == "1")
        elif message.body == "END":
            self._described = None

    def _active_element(self, message: LogMessage) -> None:
        if message.sid is not None and message.body.endswith("iSupportsIncremental: 1"):
            self._owner(message.sid).incremental = True

    def _expected_size(self, message: LogMessage) -> None:
        if (found := _SIZE.match(message.body)) and message.sid is not None:
            self._owner(message.sid).expected_size = int(found[1])

    def _transferred(self, message: LogMessage) -> None:
        transfer = self._transfer
        if transfer is None:
            return
        if found := _TRANSFER.match(message.body):
            transfer.drive, transfer.kind = Drive.parse(found[1]), int(found[2])
        elif " data owner with SID " in message.body and message.sid is not None:
            transfer.sid = message.sid
            self._owner(message.sid)
        elif found := _PLAIN_SIZE.match(message.body):
            transfer.plain = int(found[1] or found[2])
        elif found := _PACKED_SIZE.match(message.body):
            transfer.packed = int(found[1])

    def _file_read(self, message: LogMessage) -> None:
        if found := _OPENED_FILE.match(message.body):
            self._file = found[1]
        elif (found := _FILE_SIZE.match(message.body)) and self._file:
            if self._transfer and self._transfer.sid is not None and self._facts.has_room():
                self._owner(self._transfer.sid).files_sent.append(FileSent(self._file, int(found[1])))
            self._file = ""

    def _session(self, message: LogMessage) -> None:
        if message.sid is None:
            return
        if message.function == "MadeCallback":
            self._called = message.sid
        elif found := _CLIENT.match(message.body):
            owner = self._owner(message.sid)
            owner.process = found[1]
            owner.process_started = found[1] in self._started
        elif message.callback is not None and " Calling " in message.body:
            self._count(self._owner(message.sid).calls_made, message.callback)

    def _count(self, calls: list[Calls], callback: AbCallback) -> None:
        """Note one more call; calls of the same callback in a row are one entry."""
        if calls and calls[-1].callback is callback:
            calls[-1] = Calls(callback, calls[-1].times + 1)
        elif self._facts.has_room():
            calls.append(Calls(callback, 1))
