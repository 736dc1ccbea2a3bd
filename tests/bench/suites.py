"""The cases of the public plan, as a person waits for them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from typing import Final, Self

_SUITE: Final = ("tests/lab/public_plan", "--hil-backend", "emulator")


class PublicPlan:
    """A pytest run of its own."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def round(self) -> dict[str, float]:
        """The whole of it, pytest's own start included."""
        with tempfile.TemporaryDirectory() as artifacts:
            began = time.perf_counter()
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pytest",
                    "-q",
                    "-p",
                    "no:cacheprovider",
                    *_SUITE,
                    "--hil-artifacts",
                    artifacts,
                ],
                check=True,
                capture_output=True,
            )
            return {"public plan": time.perf_counter() - began}
