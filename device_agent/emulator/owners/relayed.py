"""Owner slots: processes on the phone whose callbacks are answered on the host (BE 12).

The process has a SID of its own and does on the phone what only a process there can do; what to answer is
decided by a data owner in the test. A relayed callback blocks its process, as it does on a real phone: the
answer must be complete when the method returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from device_agent.emulator.abclient import ActiveBackupDataClient, SectionBuffer
from device_agent.emulator.owners.watcher import WatchingProcess
from wire.protocol.messages import callbacks as cb
from wire.protocol.messages.method import Method
from wire.protocol.messages.owners import OwnerEventKind
from wire.symbian import BurMode, Drive, SecureId
from wire.symbian_errors import Leave

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent
    from device_agent.emulator.phone import Phone

RequestT = TypeVar("RequestT", bound=tuple[Any, ...])
AnswerT = TypeVar("AnswerT", bound=tuple[Any, ...])


class Attachment(NamedTuple):
    """What the host wants of a slot."""

    automatic: bool
    with_callbacks: bool
    confirm_error: int


class RelayedCallbacks(ActiveBackupDataClient):
    """Asks the host each time; its error becomes a leave."""

    def __init__(self, agent: Agent, sid: SecureId) -> None:
        self._agent = agent
        self._sid = sid
        self._ordinal = 0

    def _ask(self, method: Method[RequestT, AnswerT], request: RequestT) -> AnswerT:
        return self._agent.relay(self._sid, method, request)

    def _next(self) -> int:
        self._ordinal += 1
        return self._ordinal

    def all_snapshots_supplied(self) -> None:
        self._ask(cb.CB_ALL_SNAPSHOTS_SUPPLIED, cb.OwnerCallback(self._sid, self._next()))

    def receive_snapshot_data(self, drive: Drive, data: bytes, last: bool) -> None:
        request = cb.SnapshotSection(self._sid, self._next(), drive, last, data)
        self._ask(cb.CB_RECEIVE_SNAPSHOT_DATA, request)

    def get_expected_data_size(self, drive: Drive) -> int:
        request = cb.DriveCallback(self._sid, self._next(), drive)
        return self._ask(cb.CB_GET_EXPECTED_DATA_SIZE, request).size

    def get_snapshot_data(self, drive_argument: int, buffer: SectionBuffer) -> None:
        request = cb.GetSnapshot(self._sid, self._next(), drive_argument, buffer.max_length)
        self._write(buffer, self._ask(cb.CB_GET_SNAPSHOT_DATA, request))

    def initialise_get_backup_data(self, drive: Drive) -> None:
        request = cb.DriveCallback(self._sid, self._next(), drive)
        self._ask(cb.CB_INITIALISE_GET_BACKUP_DATA, request)

    def get_backup_data_section(self, buffer: SectionBuffer) -> None:
        request = cb.GetSection(self._sid, self._next(), buffer.max_length)
        self._write(buffer, self._ask(cb.CB_GET_BACKUP_DATA_SECTION, request))

    def _write(self, buffer: SectionBuffer, section: cb.Section) -> None:
        buffer.append(section.data)
        buffer.finished = section.finished

    def initialise_restore_base_data(self, drive: Drive) -> None:
        request = cb.DriveCallback(self._sid, self._next(), drive)
        self._ask(cb.CB_INITIALISE_RESTORE_BASE_DATA, request)

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        request = cb.RestoreSection(self._sid, self._next(), finished, data)
        self._ask(cb.CB_RESTORE_BASE_DATA_SECTION, request)

    def initialise_restore_increment_data(self, drive: Drive) -> None:
        request = cb.DriveCallback(self._sid, self._next(), drive)
        self._ask(cb.CB_INITIALISE_RESTORE_INCREMENT_DATA, request)

    def restore_increment_data_section(self, data: bytes, finished: bool) -> None:
        request = cb.RestoreSection(self._sid, self._next(), finished, data)
        self._ask(cb.CB_RESTORE_INCREMENT_DATA_SECTION, request)

    def restore_complete(self, drive: Drive) -> None:
        self._ask(cb.CB_RESTORE_COMPLETE, cb.DriveCallback(self._sid, self._next(), drive))

    def initialise_get_proxy_backup_data(self, sid: SecureId, drive: Drive) -> None:
        request = cb.ProxyCallback(self._sid, self._next(), sid, drive)
        self._ask(cb.CB_INITIALISE_GET_PROXY_BACKUP_DATA, request)

    def initialise_restore_proxy_base_data(self, sid: SecureId, drive: Drive) -> None:
        request = cb.ProxyCallback(self._sid, self._next(), sid, drive)
        self._ask(cb.CB_INITIALISE_RESTORE_PROXY_BASE_DATA, request)

    def terminate_multi_stage_operation(self) -> None:
        self._ask(cb.CB_TERMINATE_MULTI_STAGE_OPERATION, cb.OwnerCallback(self._sid, self._next()))

    def get_data_checksum(self, drive: Drive) -> int:
        request = cb.DriveCallback(self._sid, self._next(), drive)
        return self._ask(cb.CB_GET_DATA_CHECKSUM, request).checksum


class SlotProcess(WatchingProcess):
    """`bkowner1.exe` to `bkowner4.exe`."""

    def __init__(self, phone: Phone, sid: SecureId, name: str) -> None:
        super().__init__(phone, sid, name)
        assert phone.agent is not None
        self._agent = phone.agent
        self._callbacks = RelayedCallbacks(self._agent, sid)

    def main(self) -> None:
        self._tell(OwnerEventKind.STARTED)
        self.at_end(lambda: self._tell(OwnerEventKind.ENDED))
        self.watch()
        self.mode_changed(self.read_mode())

    def mode_changed(self, mode: BurMode) -> None:
        self._tell(OwnerEventKind.MODE_CHANGED, mode.property_value)
        attachment = self._agent.attachments.get(self.sid)
        if mode.is_normal:
            # What the client object was connected to is over in any case; a test that keeps it says so.
            if attachment is None or attachment.automatic:
                self.disconnect()
        elif attachment is not None and attachment.automatic:
            self._take_part(attachment)

    def _take_part(self, attachment: Attachment) -> None:
        """What the tutorial's owner does: connect, ask whether it is meant, confirm."""
        try:
            self.connect_slot(with_callbacks=attachment.with_callbacks)
            assert self.client is not None
            mode, _ = self.client.bur_mode_info()
            if mode.is_partial and not self._is_affected():
                self._tell(OwnerEventKind.NOT_AFFECTED)
                return
            self.client.confirm_ready(attachment.confirm_error)
            self._tell(OwnerEventKind.CONFIRMED, attachment.confirm_error)
        except Leave as leave:
            self._tell(OwnerEventKind.FAILED, leave.code)

    def _is_affected(self) -> bool:
        assert self.client is not None
        try:
            return self.client.does_partial_affect_me()
        except Leave:
            return True  # no list was ever stored (Q12): better ready in vain than missing

    def connect_slot(self, *, with_callbacks: bool) -> None:
        """Create the client object anew."""
        self.disconnect()
        self.connect(self._callbacks if with_callbacks else None)
        self._tell(OwnerEventKind.CONNECTED)

    def disconnect(self) -> None:
        if self.client is not None:
            super().disconnect()
            self._tell(OwnerEventKind.DISCONNECTED)

    def _tell(self, kind: OwnerEventKind, value: int = 0) -> None:
        self._agent.tell_owner_event(self.sid, kind, value)
