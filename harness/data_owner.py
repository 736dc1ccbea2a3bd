"""The host's side of MActiveBackupDataClient: write a data owner in Python and let a real engine drive it.

    class Notebook(DataOwner):
        def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
            ...

    with handset.attach(Notebook()) as slot:
        with handset.backup(partial=[slot.sid]) as run:
            ...

Each method is one callback under its Symbian name in Python spelling, without the trailing L. Raising
`Leave(code)` leaves on the phone with that code. Any other exception leaves there with KErrGeneral and comes out
of the call that the test was waiting in. What arrived is kept in `calls`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from harness.bounds import keep
from harness.connection import Connection
from harness.errors import AgentError, HandsetLost, LabUnavailable, Misuse
from harness.expected_calls import check_calls
from harness.journal import Journal
from wire.layout import EMPTY, Empty, codec_of
from wire.protocol.calls import Event
from wire.protocol.messages import callbacks as cb
from wire.protocol.messages import owners as m
from wire.protocol.messages.method import DataSize
from wire.protocol.messages.owners import OwnerEventKind
from wire.symbian import AbCallback, BurMode, Drive, SecureId
from wire.symbian_errors import KErrNotSupported, Leave

if TYPE_CHECKING:
    from collections.abc import Iterable

WAIT_S: Final = 10.0


class Call(NamedTuple):
    """One callback as it arrived. `detail` names its arguments; data is given by its size."""

    callback: AbCallback
    detail: dict[str, Any]

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value}" for name, value in self.detail.items())
        return f"{self.callback.name}({arguments})"


class DataOwner:
    """A data owner whose process runs on the phone and whose answers come from here.

    The defaults are those of an owner with nothing to say: no data, no snapshot, proxies not supported.

    Attributes:
        calls: every callback so far, in order.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []

    @property
    def callbacks(self) -> list[AbCallback]:
        """The names alone of what was called."""
        return [call.callback for call in self.calls]

    def all_snapshots_supplied(self) -> None:
        """AllSnapshotsSuppliedL. A leave is not heard."""

    def receive_snapshot_data(self, drive: Drive, data: bytes, last: bool) -> None:
        """ReceiveSnapshotDataL: part of the snapshot of an earlier backup."""

    def get_expected_data_size(self, drive: Drive) -> int:
        """GetExpectedDataSize: an estimate in bytes. Must not leave."""
        return 0

    def get_snapshot_data(self, drive_argument: int, size: int) -> tuple[bytes, bool]:
        """GetSnapshotDataL: at most `size` bytes of a snapshot, and whether they are the last.

        `drive_argument` is what the library passes as drive: the size of the buffer (Q28).
        """
        return b"", True

    def initialise_get_backup_data(self, drive: Drive) -> None:
        """InitialiseGetBackupDataL: data of a drive will be asked for."""

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        """GetBackupDataSectionL: at most `size` bytes of data, and whether they are the last.

        No bytes and not the last is legal, and the engine then asks again for ever (Q33).
        """
        return b"", True

    def initialise_restore_base_data(self, drive: Drive) -> None:
        """InitialiseRestoreBaseDataL: base data of a drive will come."""

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        """RestoreBaseDataSectionL: the next part of the base data."""

    def initialise_restore_increment_data(self, drive: Drive) -> None:
        """InitialiseRestoreIncrementDataL: an increment will come."""

    def restore_increment_data_section(self, data: bytes, finished: bool) -> None:
        """RestoreIncrementDataSectionL: the next part of an increment."""

    def restore_complete(self, drive: Drive) -> None:
        """RestoreComplete: the restore is over. A leave is not heard."""

    def initialise_get_proxy_backup_data(self, sid: SecureId, drive: Drive) -> None:
        """InitialiseGetProxyBackupDataL: data of another owner will be asked for."""
        raise Leave(KErrNotSupported)

    def initialise_restore_proxy_base_data(self, sid: SecureId, drive: Drive) -> None:
        """InitialiseRestoreProxyBaseDataL: data of another owner will come."""
        raise Leave(KErrNotSupported)

    def terminate_multi_stage_operation(self) -> None:
        """TerminateMultiStageOperation. The engine never calls it."""

    def get_data_checksum(self, drive: Drive) -> int:
        """GetDataChecksum. The engine never calls it."""
        return 0


class SlotEvent(NamedTuple):
    """Something that happened in a slot's process; `value` depends on the kind."""

    kind: OwnerEventKind
    value: int


class Slot:
    """A data owner at work on a phone: its SID there, and the calls that an owner can make itself.

    A context manager; leaving it detaches the owner.

    Attributes:
        events: what happened in the process on the phone, in order.
    """

    def __init__(self, slots: OwnerSlots, sid: SecureId, owner: DataOwner) -> None:
        self._slots = slots
        self.sid = sid
        self.owner = owner
        self.events: list[SlotEvent] = []
        self.last_ordinal = 0

    def connect(self, *, with_callbacks: bool = True) -> None:
        """CActiveBackupClient::NewL, with a callback interface or without."""
        self._slots.connection.call(
            m.OWNER_CONNECT, m.OwnerConnect(self.sid, with_callbacks), describe=f"connecting {self.sid}"
        )

    def disconnect(self) -> None:
        """Delete the client object."""
        self._slots.connection.call(m.OWNER_DISCONNECT, m.Owner(self.sid), describe=f"disconnecting {self.sid}")

    def confirm_ready(self, error: int = 0) -> None:
        """ConfirmReadyForBURL; -33 after a callback that took too long."""
        self._slots.connection.call(
            m.OWNER_CONFIRM_READY, m.OwnerConfirm(self.sid, error), describe=f"ConfirmReadyForBUR {self.sid}"
        )

    def bur_mode_info(self) -> BurMode:
        """BURModeInfoL: the mode that the host has set."""
        answer = self._slots.connection.call(m.OWNER_BUR_MODE_INFO, m.Owner(self.sid))
        return BurMode(answer.part, answer.increment)

    def does_partial_affect_me(self) -> bool:
        """DoesPartialBURAffectMeL; -1 when no list was ever stored (Q12)."""
        return self._slots.connection.call(m.OWNER_DOES_PARTIAL_AFFECT_ME, m.Owner(self.sid)).affected

    def wait_for_event(self, kind: OwnerEventKind, timeout_s: float = WAIT_S) -> bool:
        """Whether an event of that kind has come, or comes in time."""
        return self._slots.connection.wait_until(
            lambda: any(event.kind == kind for event in self.events), timeout_s
        )

    def expect_calls(self, *expected: AbCallback) -> None:
        """Compare the callbacks so far with those that are expected; UnexpectedState shows both side by side.

        The same several times in a row counts as once: how often data is asked for is the engine's choice.
        """
        check_calls(self.sid, expected, self.owner.callbacks, self._slots.journal)

    def detach(self) -> None:
        """Let the slot go; its process on the phone ends."""
        self._slots.detach(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()


class OwnerSlots:
    """The owner slots of one phone: which of them are taken, and where their callbacks go."""

    def __init__(self, connection: Connection, journal: Journal, sids: Iterable[SecureId]) -> None:
        self.connection = connection
        self.sids = tuple(sids)
        self.journal = journal
        self._slots: dict[SecureId, Slot] = {}
        connection.listen(m.OWNER_TOPIC, self._event)
        self._serve_callbacks()

    def attach(
        self,
        owner: DataOwner,
        sid: SecureId | None,
        *,
        automatic: bool,
        with_callbacks: bool,
        confirm_error: int,
    ) -> Slot:
        """Let an owner answer for a slot; the first free one when `sid` is None."""
        if sid is None:
            sid = next((free for free in self.sids if free not in self._slots), None)
            if sid is None:
                raise LabUnavailable(f"all {len(self.sids)} owner slots of the phone are taken")
        elif sid in self._slots:
            raise Misuse(f"slot {sid} is taken already")
        slot = self._slots[sid] = Slot(self, sid, owner)
        try:
            self.connection.call(
                m.OWNER_ATTACH,
                m.OwnerAttach(sid, automatic, with_callbacks, confirm_error),
                describe=f"attaching to slot {sid}",
            )
        except BaseException:
            del self._slots[sid]
            raise
        return slot

    def detach(self, slot: Slot) -> None:
        """Let a slot go; a phone that is gone has let go of it already."""
        if self._slots.pop(slot.sid, None) is None:
            return
        try:
            self.connection.call(m.OWNER_DETACH, m.Owner(slot.sid), describe=f"detaching {slot.sid}")
        except HandsetLost as error:
            self.journal.add("note", f"{slot.sid} was not detached: {error}")

    def detach_all(self) -> None:
        """Let all slots go."""
        for slot in list(self._slots.values()):
            self.detach(slot)

    def forget_all(self) -> None:
        """The phone is a new one, which knows of no slot."""
        self._slots.clear()

    # -------------------------------------------------------------------------------------- callbacks

    def _event(self, event: Event) -> None:
        body = codec_of(m.OwnerEvent).parse(event.body)
        kind = OwnerEventKind(body.kind)
        slot = self._slots.get(body.sid)
        if slot is not None:
            keep(slot.events, SlotEvent(kind, body.value))
        self.journal.add("owner", f"{body.sid} {kind.name.lower()} {body.value:#x}", sid=str(body.sid))

    def _enter(self, sid: SecureId, ordinal: int, callback: AbCallback, **detail: Any) -> DataOwner:
        """Note a callback and find its owner. A missing number means that one was lost on the way."""
        slot = self._slots.get(sid)
        if slot is None:
            raise Leave(KErrNotSupported)
        lost = ordinal - slot.last_ordinal - 1
        if slot.last_ordinal and lost > 0:
            raise AgentError(f"{lost} callbacks of {sid} were lost before {callback.name}")
        slot.last_ordinal = ordinal
        call = Call(callback, detail)
        slot.owner.calls.append(call)
        self.journal.add("callback", "%s %s", sid, call, sid=str(sid), callback=callback.name, **detail)
        return slot.owner

    def _serve_callbacks(self) -> None:
        serve = self.connection.serve
        serve(cb.CB_ALL_SNAPSHOTS_SUPPLIED, self._all_snapshots_supplied)
        serve(cb.CB_RECEIVE_SNAPSHOT_DATA, self._receive_snapshot_data)
        serve(cb.CB_GET_EXPECTED_DATA_SIZE, self._get_expected_data_size)
        serve(cb.CB_GET_SNAPSHOT_DATA, self._get_snapshot_data)
        serve(cb.CB_INITIALISE_GET_BACKUP_DATA, self._on_drive("initialise_get_backup_data", 4))
        serve(cb.CB_GET_BACKUP_DATA_SECTION, self._get_backup_data_section)
        serve(cb.CB_INITIALISE_RESTORE_BASE_DATA, self._on_drive("initialise_restore_base_data", 6))
        serve(cb.CB_RESTORE_BASE_DATA_SECTION, self._restore_section("restore_base_data_section", 7))
        serve(cb.CB_INITIALISE_RESTORE_INCREMENT_DATA, self._on_drive("initialise_restore_increment_data", 8))
        serve(cb.CB_RESTORE_INCREMENT_DATA_SECTION, self._restore_section("restore_increment_data_section", 9))
        serve(cb.CB_RESTORE_COMPLETE, self._on_drive("restore_complete", 10))
        serve(cb.CB_INITIALISE_GET_PROXY_BACKUP_DATA, self._proxy("initialise_get_proxy_backup_data", 11))
        serve(cb.CB_INITIALISE_RESTORE_PROXY_BASE_DATA, self._proxy("initialise_restore_proxy_base_data", 12))
        serve(cb.CB_TERMINATE_MULTI_STAGE_OPERATION, self._terminate_multi_stage_operation)
        serve(cb.CB_GET_DATA_CHECKSUM, self._get_data_checksum)

    def _on_drive(self, method: str, number: int) -> Callable[[cb.DriveCallback], Empty]:
        def serve(body: cb.DriveCallback) -> Empty:
            owner = self._enter(body.sid, body.ordinal, AbCallback(number), drive=body.drive)
            getattr(owner, method)(body.drive)
            return EMPTY

        return serve

    def _restore_section(self, method: str, number: int) -> Callable[[cb.RestoreSection], Empty]:
        def serve(body: cb.RestoreSection) -> Empty:
            owner = self._enter(
                body.sid, body.ordinal, AbCallback(number), size=len(body.data), finished=body.finished
            )
            getattr(owner, method)(body.data, body.finished)
            return EMPTY

        return serve

    def _proxy(self, method: str, number: int) -> Callable[[cb.ProxyCallback], Empty]:
        def serve(body: cb.ProxyCallback) -> Empty:
            owner = self._enter(
                body.sid, body.ordinal, AbCallback(number), proxied=body.proxied_sid, drive=body.drive
            )
            getattr(owner, method)(body.proxied_sid, body.drive)
            return EMPTY

        return serve

    def _all_snapshots_supplied(self, body: cb.OwnerCallback) -> Empty:
        self._enter(body.sid, body.ordinal, AbCallback.AllSnapshotsSuppliedL).all_snapshots_supplied()
        return EMPTY

    def _receive_snapshot_data(self, body: cb.SnapshotSection) -> Empty:
        owner = self._enter(
            body.sid,
            body.ordinal,
            AbCallback.ReceiveSnapshotDataL,
            drive=body.drive,
            size=len(body.data),
            last=body.last,
        )
        owner.receive_snapshot_data(body.drive, body.data, body.last)
        return EMPTY

    def _get_expected_data_size(self, body: cb.DriveCallback) -> DataSize:
        owner = self._enter(body.sid, body.ordinal, AbCallback.GetExpectedDataSize, drive=body.drive)
        return DataSize(owner.get_expected_data_size(body.drive))

    def _get_snapshot_data(self, body: cb.GetSnapshot) -> cb.Section:
        owner = self._enter(
            body.sid,
            body.ordinal,
            AbCallback.GetSnapshotDataL,
            drive_argument=body.drive_argument,
            size=body.size,
        )
        data, finished = owner.get_snapshot_data(body.drive_argument, body.size)
        return cb.Section(finished, data)

    def _get_backup_data_section(self, body: cb.GetSection) -> cb.Section:
        owner = self._enter(body.sid, body.ordinal, AbCallback.GetBackupDataSectionL, size=body.size)
        data, finished = owner.get_backup_data_section(body.size)
        return cb.Section(finished, data)

    def _terminate_multi_stage_operation(self, body: cb.OwnerCallback) -> Empty:
        callback = AbCallback.TerminateMultiStageOperation
        self._enter(body.sid, body.ordinal, callback).terminate_multi_stage_operation()
        return EMPTY

    def _get_data_checksum(self, body: cb.DriveCallback) -> cb.Checksum:
        owner = self._enter(body.sid, body.ordinal, AbCallback.GetDataChecksum, drive=body.drive)
        return cb.Checksum(owner.get_data_checksum(body.drive))
