"""All benchmarks by name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol

from tests.bench.backups import Backups
from tests.bench.bulk import Bulk
from tests.bench.calls import Calls
from tests.bench.core import Core
from tests.bench.frames import Frames
from tests.bench.handsets import Handsets
from tests.bench.lines import Lines
from tests.bench.logs import Logs
from tests.bench.starting import Starting
from tests.bench.suites import PublicPlan


class Benchmark(Protocol):
    """Set up once, then measured round by round."""

    def round(self) -> dict[str, float]:
        """One figure for each of its rows."""


BENCHMARKS: Final[dict[str, Callable[[], AbstractContextManager[Benchmark]]]] = {
    "bulk": Bulk,
    "calls": Calls,
    "frames": Frames,
    "lines": Lines,
    "core": Core,
    "backups": Backups,
    "logs": Logs,
    "starting": Starting,
    "public-plan": PublicPlan,
    "handsets": Handsets,
}
