"""What the engine's log says of callbacks, on a phone that writes one; retail phones do not."""

from __future__ import annotations

import re

from harness.log.collect import SecureBackupLog
from wire.symbian import SecureId


class EngineLog:
    """The engine's log from `begin` on."""

    def __init__(self, log: SecureBackupLog) -> None:
        self._log = log
        self._start = 0

    @property
    def is_written(self) -> bool:
        """False on a phone whose engine writes no log: then nothing can be said of callbacks.

        That the file is there says little: owners may write into it on any phone.
        """
        return any(line.startswith("CSBESession::") for line in self._log.messages())

    def begin(self) -> None:
        """What came until now belongs to an earlier step."""
        self._start = len(self._log.messages())

    def lines(self) -> list[str]:
        """The messages since then."""
        return self._log.messages()[self._start :]

    def callbacks(self, sid: SecureId) -> list[str]:
        """The callbacks that the engine made to an owner, in order."""
        pattern = re.compile(rf"CABSession::MakeCallback\w+\(\) - \[0x{sid:08x}\] Calling (\w+)")
        return [match[1] for line in self.lines() if (match := pattern.fullmatch(line))]

    def assert_callbacks(self, sid: SecureId, *expected: str) -> None:
        """These and no others, in this order."""
        if self.is_written:
            assert self.callbacks(sid) == list(expected)

    def client_lines(self) -> list[str]:
        """What the reference clients wrote in their own log, which they do on every phone."""
        return self._log.messages("ABTestClient.txt")
