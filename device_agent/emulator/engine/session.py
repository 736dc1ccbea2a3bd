"""The engine's side of an owner's connection: messages, callbacks, watchdog (BE 12, 15).

The owner primes: it leaves a message with the engine, which completes it with a command when it wants a
callback. The owner does the work and primes again, with the result. In between the engine waits in a nested
loop and serves owners only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from device_agent.emulator.processes import Process
from wire.symbian import AbCallback, BurMode, Drive, SecureId, TDataOwnerStatus
from wire.symbian_errors import (
    KErrAccessDenied,
    KErrCorrupt,
    KErrNotFound,
    KErrNotReady,
    KErrTimedOut,
    Leave,
)

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine

Prime = Callable[[int, int, int], None]

# What the log calls each callback: the engine's function, and what it says it is calling (Log format 8.7).
LOG_NAMES: Final[dict[int, tuple[str, str]]] = {
    AbCallback.AllSnapshotsSuppliedL: ("AllSnapshotsSupplied", "AllSnapshotsSuppliedL"),
    AbCallback.ReceiveSnapshotDataL: ("ReceiveSnapshotData", "ReceiveSnapshotData"),
    AbCallback.GetExpectedDataSize: ("GetExpectedDataSize", "GetExpectedDataSize"),
    AbCallback.GetSnapshotDataL: ("GetSnapshotData", "GetSnapshotData"),
    AbCallback.InitialiseGetBackupDataL: ("InitialiseGetBackupData", "InitGetBackupData"),
    AbCallback.GetBackupDataSectionL: ("GetBackupDataSection", "GetBackupDataSection"),
    AbCallback.InitialiseRestoreBaseDataL: ("InitialiseRestoreBaseData", "InitRestoreBaseData"),
    AbCallback.RestoreBaseDataSectionL: ("RestoreBaseDataSection", "RestoreBaseDataSection"),
    AbCallback.InitialiseRestoreIncrementDataL: (
        "InitialiseRestoreIncrementData",
        "InitRestoreIncrementData",
    ),
    AbCallback.RestoreIncrementDataSectionL: ("RestoreIncrementDataSection", "RestoreIncrementData"),
    AbCallback.RestoreComplete: ("RestoreComplete", "RestoreComplete"),
    AbCallback.InitialiseGetProxyBackupDataL: ("InitialiseGetProxyBackupData", "InitGetProxyBackupData"),
    AbCallback.InitialiseRestoreProxyBaseDataL: (
        "InitialiseRestoreProxyBaseData",
        "InitRestoreProxyBaseData",
    ),
}

IGNORES_LEAVE: Final = frozenset(
    {AbCallback.AllSnapshotsSuppliedL, AbCallback.GetExpectedDataSize, AbCallback.RestoreComplete}
)
"""Callbacks whose leave the engine does not look at (BE 12.4 step 4, 15.1)."""

RETURNS_A_RESULT: Final = frozenset(
    {AbCallback.GetExpectedDataSize, AbCallback.GetSnapshotDataL, AbCallback.GetBackupDataSectionL}
)
"""Callbacks after which a fresh prime must be there, since the result is in it (BE 12.4 step 5)."""


class OwnerSession:
    """One connection of an owner process.

    Attributes:
        confirmed: ConfirmReadyForBUR was received, with whatever error (BE 8.2).
        valid: false since the device went back to normal (BE 5.3 step 7); data callbacks work nevertheless (Q30).
        misbehaving: a callback ran into the watchdog; so for the session's whole life (BE 15.2).
        tag, client: how the log names the owner and its thread, in nearly every line of a callback's dozen.
    """

    def __init__(self, engine: BackupEngine, process: Process) -> None:
        self.engine = engine
        self.process = process
        self.sid = process.sid
        self.tag = f"[0x{self.sid:08x}]"
        self.client = process.thread_name
        self.confirmed = False
        self.valid = True
        self.misbehaving = False
        self.destroyed = False
        self._prime: Prime | None = None
        self._running: int | None = None
        self._leave_code = 0
        self._block = b""
        self._drive = Drive(0)
        self._finished = False
        self._data = b""
        self._integer = 0
        engine.log(f"CABSession::ConstructL() {self.tag}")

    @property
    def primed(self) -> bool:
        """The engine holds an unanswered prime message."""
        return self._prime is not None

    # ------------------------------------------------------------------------ owner -> engine, BE 12.1

    def bur_mode_info(self) -> tuple[BurMode, frozenset[Drive]]:
        """Message 0: what the host passed in the last mode change (BE 12.7)."""
        with _Message(self, 0, "EABMsgBURModeInfo"):
            return self.engine.mode, self.engine.mode_drives

    def does_partial_affect_me(self) -> bool:
        """Message 1: membership of the stored list, whatever the mode; -1 when none was ever stored (Q12)."""
        with _Message(self, 1, "EABMsgDoesPartialAffectMe"):
            if self.engine.partial_list is None:
                self.engine.log("CDataOwnerManager::IsSetForPartialL() - SID list not created yet so leaving!")
                raise Leave(KErrNotFound)
            found = self.sid in self.engine.partial_list
            self.engine.log(f"CDataOwnerManager::IsSetForPartialL() - SID: 0x{self.sid:08x}, found: {int(found)}")
            return found

    def confirm_ready(self, error: int) -> None:
        """Message 2: from now on confirmed, with any error; what the status becomes is BE 8.3."""
        with _Message(self, 2, "EABMsgConfirmReadyForBUR"):
            self._refuse_timed_out()
            self.engine.log(
                f"CABSession::HandleIPCConfirmReadyForBURL() - {self.tag} "
                f"Received IPC ConfirmReadyForBUR, errorCode: {error}"
            )
            self.confirmed = True
            self.engine.ready_states.confirmed(self, error)

    def prime(self, prime: Prime) -> None:
        """Message 3: keep it until the next callback. A timed-out client's is never completed (Q26)."""
        self._keep_prime(3, prime)

    def prime_with_integer(self, prime: Prime, result: int) -> None:
        """Message 4: prime, with the result of GetExpectedDataSize."""
        self._integer = result
        self._keep_prime(4, prime)

    def prime_with_data(self, prime: Prime, data: bytes) -> None:
        """Message 5: prime, with the data of a section."""
        self._data = data
        self._keep_prime(5, prime)

    def propagate_leave(self, code: int) -> None:
        """Message 6: the callback has left."""
        with _Message(self, 6, "EABMsgPropagateLeave"):
            self._refuse_timed_out()
            self.engine.log(f"CABSession::HandleIPCPropagateLeaveL() - {self.tag} Received IPC Leave({code})")
            self._leave_code = code

    def get_data(self, command: int) -> bytes:
        """Message 7: fetch the data that is being supplied; -20 when another callback runs."""
        with _Message(self, 7, "EABMsgGetDataSync"):
            self._refuse_timed_out()
            if command != self._running:
                raise Leave(KErrCorrupt)
            self.engine.log(f"CABSession::HandleIPCGetDataSyncL() - {self.tag} has requested data over IPC")
            return self._block

    def send_data_length(self, size: int, command: int, *, finished: bool) -> None:
        """Message 8: whether it was the last section; the size is not looked at."""
        with _Message(self, 8, "EABMsgSendDataLength"):
            self._refuse_timed_out()
            if command != self._running:
                raise Leave(KErrCorrupt)
            self._finished = finished

    def closing_down(self) -> None:
        """Message 9: callbacks end; -1 when no prime is kept. The status is looked at in both cases."""
        with _Message(self, 9, "EABMsgClosingDownCallback"):
            self.engine.log(
                f"CABSession::HandleIPCClosingDownCallback() - {self.tag} is closing down the callback interface"
            )
            was_primed, self._prime = self.primed, None
            self.engine.ready_states.closing_down(self)
            if not was_primed:
                raise Leave(KErrNotFound)

    def snapshot_drive(self) -> Drive:
        """Message 10: the drive of the snapshot that is being supplied."""
        with _Message(self, 10, "EABMsgGetDriveNumForSuppliedSnapshot"):
            return self._drive

    def close(self) -> None:
        """The session handle is closed."""
        if not self.destroyed:
            self.engine.log(f"~CABSession for sid:0x{self.sid:08x}")
            self.destroy()

    def destroy(self) -> None:
        """The session object goes, with the owner or at its wish. A waiting callback stops waiting."""
        if not self.destroyed:
            self.destroyed = True
            self._prime = None
            self.engine.sessions.remove(self)

    def result_of(self, function: int) -> int:
        """What a message completes with: the drive for 10, 0 for the others."""
        return int(self._drive) if function == 10 else 0

    def _keep_prime(self, function: int, prime: Prime) -> None:
        name = "EABMsgPrimeForCallback/EABMsgPrimeForCallbackAndResponse/EABMsgPrimeForCallbackAndResponseDes"
        with _Message(self, function, name, asynchronous=True):
            if self.destroyed:
                return
            if self.misbehaving:
                self.engine.ready_states.primed_after_time_out(self)  # Q26
                return
            self._prime = prime
            self.engine.ready_states.primed(self)

    def _refuse_timed_out(self) -> None:
        if self.misbehaving:
            raise Leave(KErrTimedOut)

    # ------------------------------------------------------------------------ engine -> owner, BE 12.2, 12.4

    def all_snapshots_supplied(self) -> None:
        """Command 0."""
        self._call_back(AbCallback.AllSnapshotsSuppliedL)

    def receive_snapshot_data(self, drive: Drive, block: bytes, *, last: bool) -> None:
        """Command 1."""
        self._block, self._drive = block, drive
        self._call_back(AbCallback.ReceiveSnapshotDataL, len(block), int(last))

    def get_expected_data_size(self, drive: Drive) -> int:
        """Command 2."""
        self._call_back(AbCallback.GetExpectedDataSize, drive)
        return self._integer

    def get_snapshot_data(self, size: int, drive: Drive) -> tuple[bytes, bool]:
        """Command 3: the data and whether it was the last."""
        self._call_back(AbCallback.GetSnapshotDataL, size, drive)
        return self._data, self._finished

    def initialise_get_backup_data(self, drive: Drive) -> None:
        """Command 4."""
        self._call_back(AbCallback.InitialiseGetBackupDataL, drive)

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        """Command 5: the data and whether it was the last."""
        self._call_back(AbCallback.GetBackupDataSectionL, size)
        return self._data, self._finished

    def initialise_restore_base_data(self, drive: Drive) -> None:
        """Command 6."""
        self._call_back(AbCallback.InitialiseRestoreBaseDataL, drive)

    def restore_base_data_section(self, block: bytes, *, last: bool) -> None:
        """Command 7."""
        self._block = block
        self._call_back(AbCallback.RestoreBaseDataSectionL, len(block), int(last))

    def initialise_restore_increment_data(self, drive: Drive) -> None:
        """Command 8."""
        self._call_back(AbCallback.InitialiseRestoreIncrementDataL, drive)

    def restore_increment_data_section(self, block: bytes, *, last: bool) -> None:
        """Command 9."""
        self._block = block
        self._call_back(AbCallback.RestoreIncrementDataSectionL, len(block), int(last))

    def restore_complete(self, drive: Drive) -> None:
        """Command 10."""
        self._call_back(AbCallback.RestoreComplete, drive)

    def initialise_get_proxy_backup_data(self, proxied: SecureId, drive: Drive) -> None:
        """Command 11."""
        self._call_back(AbCallback.InitialiseGetProxyBackupDataL, proxied, drive)

    def initialise_restore_proxy_base_data(self, proxied: SecureId, drive: Drive) -> None:
        """Command 12."""
        self._call_back(AbCallback.InitialiseRestoreProxyBaseDataL, proxied, drive)

    def _call_back(self, command: AbCallback, arg1: int = 0, arg2: int = 0) -> None:
        """One callback from the engine's side (BE 12.4)."""
        engine = self.engine
        function, calling = LOG_NAMES[command]
        engine.log(f"CABSession::MakeCallback{function}L() - {self.tag} Calling {calling}")
        prime = self._check_available()
        self._prime = None
        self._leave_code = 0
        self._running = command
        engine.log(f"CABSession::MadeCallback() - {self.tag} Calling ABClient to process callback")
        try:
            engine.scheduler.run_ready()
            prime(command, arg1, arg2)
            self._wait_for_owner()
        finally:
            self._running = None
        engine.log(f"CABSession::MadeCallback() - {self.tag} has returned from callback - CASW::AsyncStop()")
        # Positive codes are no errors to the engine (BE 15.1).
        if self._leave_code < 0 and command not in IGNORES_LEAVE:
            raise Leave(self._leave_code)
        if command in RETURNS_A_RESULT:
            self._check_available()

    def _check_available(self) -> Prime:
        """-21 for a session that once timed out, -18 when the owner has not primed (BE 12.4 step 1)."""
        prime = self._prime
        self.engine.log(f"CABSession::CheckCallbackAvailableL() - {self.tag} primed: {prime is not None:d}")
        if self.misbehaving:
            raise Leave(KErrAccessDenied)
        if prime is None:
            raise Leave(KErrNotReady)
        return prime

    def _wait_for_owner(self) -> None:
        """Until the owner primes again, its session is gone, or the watchdog fires (BE 12.4 step 3)."""
        if self._has_come_back():
            return
        engine = self.engine
        delay_s = engine.watchdog_s(self.sid)
        until_s = None if delay_s is None else engine.scheduler.clock.now() + delay_s
        if not engine.scheduler.wait(self._has_come_back, until_s=until_s):
            self._watchdog_expired()

    def _has_come_back(self) -> bool:
        return self._prime is not None or self.destroyed

    def _watchdog_expired(self) -> None:
        """The owner did not answer in its time (BE 15.2)."""
        self.engine.log(f"CABSession::WatchdogExpired() - {self.tag} Watchdog expired")
        self.misbehaving = True
        self._leave_code = KErrTimedOut
        self.engine.ready_states.watchdog_expired(self)


class _Message:
    """Logs an owner's message around what the engine does with it (Log format 7)."""

    def __init__(self, session: OwnerSession, function: int, name: str, *, asynchronous: bool = False) -> None:
        self._session = session
        self._function = function
        self._name = name
        self._asynchronous = asynchronous

    def __enter__(self) -> None:
        session = self._session
        log = session.engine.log
        log(
            f"CABSession::ServiceL() - START - {session.tag} function: {self._function} from client: "
            f"{session.client}, iMisbehavingClient: {session.misbehaving:d}, "
            f"iConfirmedReadyForBUR: {session.confirmed:d}"
        )
        log(f"CABSession::ServiceL() - {self._name}")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        session = self._session
        if self._asynchronous:
            how = "ASYNCH -> NOT COMPLETED"
        elif isinstance(error, Leave):
            how = f"COMPLETED ({error.code})"
        else:
            how = f"COMPLETED ({session.result_of(self._function)})"
        session.engine.log(
            f"CABSession::ServiceL() - END - function: {self._function} from client: {session.client} - {how}"
        )


class SessionMap:
    """Connections in the order in which they were made (BE 12.5)."""

    def __init__(self) -> None:
        self._sessions: list[OwnerSession] = []

    def add(self, session: OwnerSession) -> None:
        """A new connection."""
        self._sessions.append(session)

    def find(self, sid: SecureId) -> OwnerSession | None:
        """The oldest connection of an owner, though it be dead to the world (Q29)."""
        for session in self._sessions:
            if session.sid == sid:
                return session
        return None

    def remove(self, session: OwnerSession) -> None:
        """Take out the oldest entry with that SID, which need not be this one (Q29).

        The real map then holds a pointer to freed memory; here what is left is a session that is destroyed.
        """
        oldest = self.find(session.sid)
        if oldest is not None:
            self._sessions.remove(oldest)

    def invalidate_all(self) -> None:
        """The device went back to normal (BE 5.3 step 7)."""
        for session in self._sessions:
            session.valid = False

    def drop_all(self) -> list[OwnerSession]:
        """The engine ends; gives the connections it had."""
        sessions, self._sessions = self._sessions, []
        return sessions


def status_of(session: OwnerSession | None) -> TDataOwnerStatus:
    """The status that a session stands for (BE 8.2)."""
    if session is None or not session.valid:
        return TDataOwnerStatus.EDataOwnerNotConnected
    if not session.confirmed:
        return TDataOwnerStatus.EDataOwnerNotReady
    if session.primed:
        return TDataOwnerStatus.EDataOwnerReady
    return TDataOwnerStatus.EDataOwnerReadyNoImpl
