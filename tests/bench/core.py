"""What the agent's core asks of the phone's processor, counted under qemu: no clock, so no noise."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Self

from tests.agent.cost import COMPILER, CONTENTS, Arm, cost_of


class Core:
    """Random content both ways; docs/performance.md has a table of its own for others."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        here = shutil.which(COMPILER) and shutil.which("qemu-arm")
        self._arm = Arm(Path(self._folder.name)) if here else None
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def round(self) -> dict[str, float]:
        """Instructions for each byte of payload; nothing where there is no compiler for ARM."""
        if self._arm is None:
            return {}
        cost = cost_of(self._arm, CONTENTS["random"])
        return {"core encode": cost.sending, "core decode": cost.receiving}
