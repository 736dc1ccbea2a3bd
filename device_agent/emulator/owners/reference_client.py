"""abtestclient1 to 4, the test owners of the engine's public suite, as their behaviour is described.

"Test plan 2" is the description of that suite; see docs/architecture.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device_agent.emulator.abclient import ActiveBackupDataClient, SectionBuffer
from device_agent.emulator.owners.watcher import WatchingProcess
from wire.symbian import BurMode, Drive, SecureId
from wire.symbian_errors import KErrCorrupt, Leave

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_agent.emulator.phone import Phone

DATA_SIZE: Final = 8000
SNAPSHOT: Final = b"Active Backup Test Snapshot"
BASE_FILL: Final = 0x42  # 'B'
INCREMENT_FILL: Final = 0x49  # 'I'
PROXY_FILL: Final = 0x50  # 'P'
ASK_AGAIN_S: Final = 5.0


class ReferenceCallbacks(ActiveBackupDataClient):
    """What abtestclient answers to each callback (Test plan 2.2).

    The snapshot buffer lives as long as the process and is never cleared, so a base backup after an
    incremental one yields 'I'.
    """

    class_name = "CABDataOwnerCallbackImplementation"

    def __init__(self, sid: SecureId, log: Callable[[str], None]) -> None:
        self._sid = sid
        self._write_log = log
        self._snapshot: bytes | None = None
        self._position = 0
        self._fill = BASE_FILL
        self._received: bytearray | None = None

    def _log(self, method: str) -> None:
        self._write_log(f"[0x{self._sid:08x}]: {self.class_name}::{method}()")

    def all_snapshots_supplied(self) -> None:
        self._log("AllSnapshotsSuppliedL")

    def receive_snapshot_data(self, drive: Drive, data: bytes, last: bool) -> None:
        self._log("ReceiveSnapshotDataL")
        self._snapshot = (self._snapshot or b"") + data

    def get_expected_data_size(self, drive: Drive) -> int:
        self._log("GetExpectedDataSize")
        return DATA_SIZE

    def get_snapshot_data(self, drive_argument: int, buffer: SectionBuffer) -> None:
        self._log("GetSnapshotDataL")
        buffer.append(SNAPSHOT)
        buffer.finished = True

    def initialise_get_backup_data(self, drive: Drive) -> None:
        self._log("InitialiseGetBackupData")  # without the L, as in the original
        self._position = 0
        self._fill = BASE_FILL if self._snapshot is None else INCREMENT_FILL

    def get_backup_data_section(self, buffer: SectionBuffer) -> None:
        self._log("GetBackupDataSectionL")
        if self._position + buffer.max_length < DATA_SIZE:
            size, buffer.finished = buffer.max_length, False
        else:
            size, buffer.finished = DATA_SIZE - self._position, True
        buffer.append(bytes([self._fill]) * size)
        self._position += size

    def initialise_restore_base_data(self, drive: Drive) -> None:
        self._write_log(f"{self.class_name}::InitialiseRestoreBaseDataL()")
        self._received = bytearray()

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        self._log("RestoreBaseDataSectionL")
        self._receive(data, finished=finished)

    def initialise_restore_increment_data(self, drive: Drive) -> None:
        self._log("InitialiseRestoreIncrementDataL")
        if self._snapshot is None:
            raise Leave(KErrCorrupt)
        if self._received is None:
            self._received = bytearray()

    def restore_increment_data_section(self, data: bytes, finished: bool) -> None:
        self._log("RestoreIncrementDataSectionL")
        self._receive(data, finished=finished)

    def restore_complete(self, drive: Drive) -> None:
        self._log("RestoreComplete")

    def initialise_get_proxy_backup_data(self, sid: SecureId, drive: Drive) -> None:
        self._log("InitialiseGetProxyBackupDataL")
        self._write_log(f"[0x{self._sid:08x}]: Proxy data about to be requested for SID 0x{sid:08x}")
        self._position = 0
        self._fill = PROXY_FILL

    def initialise_restore_proxy_base_data(self, sid: SecureId, drive: Drive) -> None:
        self._log("InitialiseRestoreProxyBaseDataL")
        self._write_log(f"[0x{self._sid:08x}]: Proxy data about to be restored for SID 0x{sid:08x}")
        self._received = bytearray()

    def terminate_multi_stage_operation(self) -> None:
        self._log("TerminateMultiStageOperation")

    def get_data_checksum(self, drive: Drive) -> int:
        self._log("GetDataChecksum")
        return 0

    def _receive(self, data: bytes, *, finished: bool) -> None:
        if self._received is None:
            self._received = bytearray()
        self._received += data
        if finished:
            first = chr(self._received[0]) if self._received else " "
            self._write_log(f"[0x{self._sid:08x}]: Received data : {len(self._received)} {first}'s")
            self._received = None


class ReferenceClient(WatchingProcess):
    """The process of abtestclient: it never ends, and connects at once at its start (Test plan 2.1)."""

    log_name = "ABTestClient.txt"

    def __init__(self, phone: Phone, sid: SecureId, name: str) -> None:
        super().__init__(phone, sid, name)
        self.log = phone.logger.log("connect", self.log_name).write

    def main(self) -> None:
        self._callbacks = self.make_callbacks()
        self.log(f"[0x{self.sid:08x}]: ABTester ConstructL")
        # The original means to look at the mode first, but its condition is always true.
        self.connect(self._callbacks).confirm_ready(0)
        self.log(f"[0x{self.sid:08x}]: Subscibe")
        self.watch()

    def make_callbacks(self) -> ReferenceCallbacks:
        """What answers this owner's callbacks."""
        return ReferenceCallbacks(self.sid, self.log)

    def mode_changed(self, mode: BurMode) -> None:
        self.log(f"[0x{self.sid:08x}]: ABTester RunL")
        if mode.is_normal:
            self.log(f"[0x{self.sid:08x}]: Backup Mode Normal or Unset, deleting client")
            self.disconnect()
            return
        client = self.client or self.connect(self._callbacks)
        try:
            mode, _ = client.bur_mode_info()
        except Leave as leave:
            self.log(f"[0x{self.sid:08x}]: BURModeInfoL error {leave.code}")
        affected = True
        if mode.is_partial:
            try:
                affected = client.does_partial_affect_me()
            except Leave:
                self.log(f"[0x{self.sid:08x}]: Error calling DoesPartialBURAffectMeL()")
                self.phone.clock.call_later(ASK_AGAIN_S, lambda: self.post(self._ask_again))
                return
        if affected:
            self.log(f"[0x{self.sid:08x}]: RunL: Partial Affects me!")
            self._confirm()
        else:
            self.log(f"[0x{self.sid:08x}]: RunL: Partial Does NOT Affect me!")

    def _ask_again(self) -> None:
        """After five seconds; whatever comes of it is ignored."""
        self.log(f"[0x{self.sid:08x}]: Called DoesPartialBURAffectMeL() again after 5sec: ")
        if self.client is not None:
            try:
                self.client.does_partial_affect_me()
            except Leave:
                pass
            self._confirm()

    def _confirm(self) -> None:
        self.log(f"[0x{self.sid:08x}]: In Backup/Restore: ConfirmReadyForBUR")
        if self.client is not None:
            self.client.confirm_ready(0)
