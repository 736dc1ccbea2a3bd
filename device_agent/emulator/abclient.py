"""The library that data owners use: CActiveBackupClient and MActiveBackupDataClient (BE 12.3).

It takes each command of the engine, calls the method for it, and primes again with the result. Its quirks are
kept: aFinished is true until the owner says otherwise (Q27), and GetSnapshotDataL gets the size of its buffer
where a drive should be (Q28).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from device_agent.emulator.processes import OwnerPanic, Process
from wire.symbian import AbCallback, BurMode, Drive, SecureId
from wire.symbian_errors import KErrNotSupported, Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.session import OwnerSession

DESCRIPTOR_OVERFLOW: Final = 11
"""Reason of the panic of category USER when more is written than fits (UNVERIFIED)."""


class Unanswered(Exception):
    """A callback does not return, for some seconds or for ever: how misbehaving owners hang."""

    def __init__(self, for_s: float | None) -> None:
        super().__init__(f"no answer {'for ever' if for_s is None else f'for {for_s} s'}")
        self.for_s = for_s


class SectionBuffer:
    """What an owner writes a section of its data into.

    Attributes:
        max_length: room, in bytes.
        finished: aFinished, true from the beginning (Q27).
    """

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length
        self.finished = True
        self.data = b""

    def append(self, data: bytes) -> None:
        """Write; beyond the room the owner's process panics."""
        if len(self.data) + len(data) > self.max_length:
            raise OwnerPanic("USER", DESCRIPTOR_OVERFLOW)
        self.data += data

    def free(self) -> int:
        """Room that is left."""
        return self.max_length - len(self.data)


class ActiveBackupDataClient:
    """MActiveBackupDataClient: what a data owner implements. Methods raise Leave to leave."""

    def all_snapshots_supplied(self) -> None:
        """Every snapshot has been supplied; data will be asked for next."""

    def receive_snapshot_data(self, drive: Drive, data: bytes, last: bool) -> None:
        """Part of the snapshot of an earlier backup."""

    def get_expected_data_size(self, drive: Drive) -> int:
        """An estimate, in bytes. Must not leave."""
        return 0

    def get_snapshot_data(self, drive_argument: int, buffer: SectionBuffer) -> None:
        """Write part of a snapshot. `drive_argument` is no drive, see Q28."""

    def initialise_get_backup_data(self, drive: Drive) -> None:
        """Data for a drive will be asked for."""

    def get_backup_data_section(self, buffer: SectionBuffer) -> None:
        """Write the next part of the data."""

    def initialise_restore_base_data(self, drive: Drive) -> None:
        """Base data for a drive will come."""

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        """The next part of the base data."""

    def initialise_restore_increment_data(self, drive: Drive) -> None:
        """An increment for a drive will come."""

    def restore_increment_data_section(self, data: bytes, finished: bool) -> None:
        """The next part of an increment."""

    def restore_complete(self, drive: Drive) -> None:
        """The restore is over. Must not leave."""

    def initialise_get_proxy_backup_data(self, sid: SecureId, drive: Drive) -> None:
        """Another owner's data will be asked for; the mixin's default leaves."""
        raise Leave(KErrNotSupported)

    def initialise_restore_proxy_base_data(self, sid: SecureId, drive: Drive) -> None:
        """Another owner's data will come; the mixin's default leaves."""
        raise Leave(KErrNotSupported)

    def terminate_multi_stage_operation(self) -> None:
        """Never called by this engine."""

    def get_data_checksum(self, drive: Drive) -> int:
        """Never called by this engine."""
        return 0


class ActiveBackupClient:
    """CActiveBackupClient: an owner process's connection to the engine.

    Creating one connects, in any mode, and starts the engine if it does not run (Q1). With a client it primes
    at once; without one the owner can confirm, but has no callbacks.
    """

    def __init__(self, process: Process, client: ActiveBackupDataClient | None) -> None:
        self._client = client
        self._process = process
        self.session: OwnerSession = process.phone.connect_owner(process)
        self._closed = False
        process.at_end(self.session.destroy)
        if client is not None:
            self.session.prime(self._run)

    def bur_mode_info(self) -> tuple[BurMode, frozenset[Drive]]:
        """Mode and drives as the host set them."""
        return self.session.bur_mode_info()

    def does_partial_affect_me(self) -> bool:
        """Whether the SID is on the partial list; leaves with -1 when there never was one (Q12)."""
        return self.session.does_partial_affect_me()

    def confirm_ready(self, error: int) -> None:
        """Tell the engine that the owner is ready, or why it is not."""
        self.session.confirm_ready(error)

    def close(self) -> None:
        """Delete the object: say that callbacks end, then close the session."""
        if not self._closed:
            self._closed = True
            if self._client is not None:
                try:
                    self.session.closing_down()
                except Leave:
                    pass  # a destructor has nobody to tell
            self.session.close()

    def _run(self, command: int, arg1: int, arg2: int) -> None:
        """A prime was completed: make the callback, and prime again.

        A leave of the method, or of a message to the engine meanwhile, is passed on before the next prime.
        """
        session, process = self.session, self._process
        try:
            result = self.call(command, arg1, arg2)
            if not process.alive:
                return
            if isinstance(result, SectionBuffer):
                session.send_data_length(len(result.data), command, finished=result.finished)
        except Leave as leave:
            try:
                session.propagate_leave(leave.code)
            except Leave:
                pass  # the engine has given this client up (BE 15.2)
            session.prime(self._run)
            return
        except OwnerPanic as panic:
            process.phone.remember(f"{process.name} panicked: {panic}")
            process.end()
            return
        except Unanswered as stuck:
            if stuck.for_s is not None:
                again = partial(process.post, partial(self._run, command, arg1, arg2))
                process.phone.clock.call_later(stuck.for_s, again)
            return
        if isinstance(result, SectionBuffer):
            session.prime_with_data(self._run, result.data)
        elif isinstance(result, int):
            session.prime_with_integer(self._run, result)
        else:
            session.prime(self._run)

    def call(self, command: int, arg1: int, arg2: int) -> SectionBuffer | int | None:
        """Call the method for a command; gives what it answered."""
        client = self._client
        assert client is not None
        session = self.session
        match command:
            case AbCallback.AllSnapshotsSuppliedL:
                client.all_snapshots_supplied()
            case AbCallback.ReceiveSnapshotDataL:
                data = session.get_data(command)
                client.receive_snapshot_data(session.snapshot_drive(), data, bool(arg2))
            case AbCallback.GetExpectedDataSize:
                return client.get_expected_data_size(Drive(arg1))
            case AbCallback.GetSnapshotDataL:
                buffer = SectionBuffer(arg1)
                client.get_snapshot_data(arg1, buffer)  # Q28: arg2, the drive, is never read
                return buffer
            case AbCallback.InitialiseGetBackupDataL:
                client.initialise_get_backup_data(Drive(arg1))
            case AbCallback.GetBackupDataSectionL:
                buffer = SectionBuffer(arg1)
                client.get_backup_data_section(buffer)
                return buffer
            case AbCallback.InitialiseRestoreBaseDataL:
                client.initialise_restore_base_data(Drive(arg1))
            case AbCallback.RestoreBaseDataSectionL:
                client.restore_base_data_section(session.get_data(command), bool(arg2))
            case AbCallback.InitialiseRestoreIncrementDataL:
                client.initialise_restore_increment_data(Drive(arg1))
            case AbCallback.RestoreIncrementDataSectionL:
                client.restore_increment_data_section(session.get_data(command), bool(arg2))
            case AbCallback.RestoreComplete:
                client.restore_complete(Drive(arg1))
            case AbCallback.InitialiseGetProxyBackupDataL:
                client.initialise_get_proxy_backup_data(SecureId(arg1), Drive(arg2))
            case AbCallback.InitialiseRestoreProxyBaseDataL:
                client.initialise_restore_proxy_base_data(SecureId(arg1), Drive(arg2))
            case _:
                raise Leave(KErrNotSupported)
        return None
