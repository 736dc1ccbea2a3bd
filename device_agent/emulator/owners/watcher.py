"""How an owner's process follows the mode: subscribe again, then read (BE 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from device_agent.emulator.abclient import ActiveBackupClient, ActiveBackupDataClient
from device_agent.emulator.processes import Process
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, BurMode, SecureId
from wire.symbian_errors import KErrNone, Leave

if TYPE_CHECKING:
    from device_agent.emulator.phone import Phone


class WatchingProcess(Process):
    """A process that hears of each change of the backup and restore property.

    Attributes:
        client: its connection to the engine, while it has one.
        make_client: creates the client object; owners that misbehave have another one.
    """

    client: ActiveBackupClient | None = None

    def __init__(self, phone: Phone, sid: SecureId, name: str) -> None:
        super().__init__(phone, sid, name)
        self.make_client: Callable[[ActiveBackupDataClient | None], ActiveBackupClient] = lambda callbacks: (
            ActiveBackupClient(self, callbacks)
        )

    def watch(self) -> None:
        """Subscribe; `mode_changed` will be called in this process."""
        self.phone.properties.subscribe(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, self._completed)
        self.at_end(lambda: self.phone.properties.cancel(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, self._completed))

    def _completed(self, status: int) -> None:
        if self.alive and status == KErrNone:
            # Subscribing again before reading, so that no change is missed for good.
            self.phone.properties.subscribe(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, self._completed)
            self.post(lambda: self.mode_changed(self.read_mode()))

    def read_mode(self) -> BurMode:
        """The property's value; an undefined one counts as Unset."""
        try:
            return BurMode.from_property(self.phone.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY))
        except Leave:
            return BurMode(0)

    def mode_changed(self, mode: BurMode) -> None:
        """The property was set."""

    def connect(self, callbacks: ActiveBackupDataClient | None) -> ActiveBackupClient:
        """Create the client object."""
        self.client = self.make_client(callbacks)
        return self.client

    def disconnect(self) -> None:
        """Delete the client object."""
        if self.client is not None:
            client, self.client = self.client, None
            client.close()
