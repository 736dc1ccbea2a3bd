"""The data owner that the tutorial for writers of active backup clients builds.

Unlike the public suite's clients it waits for the property before it connects, deletes its client at normal,
and logs to the engine's own file. It keeps data and can say afterwards what was restored into it.
"""

from __future__ import annotations

from device_agent.emulator.owners.reference_client import ReferenceCallbacks, ReferenceClient
from wire.symbian import BurMode
from wire.symbian_errors import Leave


class TutorialCallbacks(ReferenceCallbacks):
    """The same answers under the tutorial's class name."""

    class_name = "CReferenceCallbackImplementation"


class TutorialOwner(ReferenceClient):
    """`referencetestdataowner.exe`."""

    log_name = "securebackup.txt"

    def main(self) -> None:
        self._callbacks = self.make_callbacks()
        self.watch()
        # Started by the engine before the property changes, it would otherwise miss the mode it was started for.
        self.mode_changed(self.read_mode())

    def make_callbacks(self) -> TutorialCallbacks:
        return TutorialCallbacks(self.sid, self.log)

    def mode_changed(self, mode: BurMode) -> None:
        if mode.is_normal:
            self.disconnect()
            return
        client = self.client or self.connect(self._callbacks)
        mode, _ = client.bur_mode_info()
        try:
            affected = not mode.is_partial or client.does_partial_affect_me()
        except Leave:
            affected = True  # no list was stored: better ready in vain than missing
        if affected:
            client.confirm_ready(0)
