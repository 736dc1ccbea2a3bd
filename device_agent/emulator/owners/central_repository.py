"""Central Repository, the proxy that most real owners name: it keeps settings for others (BE 21)."""

from __future__ import annotations

from device_agent.emulator.abclient import ActiveBackupDataClient, SectionBuffer
from device_agent.emulator.owners.watcher import WatchingProcess
from wire.symbian import BurMode, Drive, SecureId


class RepositoryCallbacks(ActiveBackupDataClient):
    """Gives and takes the settings of any owner.

    It notices the end only by a short read, so data that ends on the edge of a block is followed by an empty
    section (BE 13.1).
    """

    def __init__(self, settings: dict[SecureId, bytes]) -> None:
        self.settings = settings
        self._reading = b""
        self._position = 0
        self._writing: SecureId | None = None
        self._received = bytearray()

    def get_expected_data_size(self, drive: Drive) -> int:
        return 1000  # an arbitrary number, as in the original

    def initialise_get_proxy_backup_data(self, sid: SecureId, drive: Drive) -> None:
        self._reading = self.settings.get(sid, default_settings(sid))
        self._position = 0

    def get_backup_data_section(self, buffer: SectionBuffer) -> None:
        piece = self._reading[self._position : self._position + buffer.max_length]
        self._position += len(piece)
        buffer.append(piece)
        buffer.finished = len(piece) < buffer.max_length

    def initialise_restore_proxy_base_data(self, sid: SecureId, drive: Drive) -> None:
        self._writing = sid
        self._received = bytearray()

    def restore_base_data_section(self, data: bytes, finished: bool) -> None:
        self._received += data
        if finished and self._writing is not None:
            self.settings[self._writing] = bytes(self._received)


def default_settings(sid: SecureId) -> bytes:
    """What the repository holds for an owner that never changed a setting."""
    line = f"0x{sid:08x} int 0 0\r\n".encode()
    return (line * 300)[:5000]


class CentralRepository(WatchingProcess):
    """`centralrepositorysrv.exe`: always there; connects and confirms in every mode without asking."""

    def main(self) -> None:
        self.settings: dict[SecureId, bytes] = {}
        self._callbacks = RepositoryCallbacks(self.settings)
        self.watch()
        self.mode_changed(self.read_mode())

    def mode_changed(self, mode: BurMode) -> None:
        if mode.is_normal:
            self.disconnect()
        else:
            (self.client or self.connect(self._callbacks)).confirm_ready(0)
