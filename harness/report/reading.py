"""What a run has left: its tests, and where the artifacts of each are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness.artifacts import safe_name
from harness.errors import ArtifactError
from harness.trace_reading import CAPTURE

RESULTS: Final = "results.json"
NOT_FINISHED: Final = "not finished"
_REASON_LINES: Final = 12


class RanTest(NamedTuple):
    """One test of a run.

    Attributes:
        name: its node id, or the name of its folder where the run has left no results.
        outcome: as pytest calls it, or NOT_FINISHED.
        category: whose move it is when it failed.
        message: why it failed.
        properties: the handset, its firmware and so on.
        folder: its artifacts; None when it has none.
    """

    name: str
    outcome: str
    duration_s: float
    category: str = ""
    case: str = ""
    message: str = ""
    properties: dict[str, Any] = {}  # noqa: RUF012 - never changed
    folder: Path | None = None

    @property
    def passed(self) -> bool:
        """Nothing to look for here."""
        return self.outcome in {"passed", "skipped"}

    @property
    def reason(self) -> str:
        """What pytest marks as the error in the message; its last line when nothing is marked."""
        lines = self.message.splitlines()
        marked = [line[1:].strip() for line in lines if line.startswith("E ")]
        return "\n".join(marked[:_REASON_LINES] or lines[-1:])

    @property
    def handset(self) -> str:
        """The handset it ran on."""
        return str(self.properties.get("handset", ""))


def read_tests(run: Path) -> list[RanTest]:
    """The tests of a run in the order in which they ran; also of one that was killed.

    Raises:
        ArtifactError: it is no folder of a run.
    """
    folders = {path.parent.name: path.parent for path in sorted(run.glob(f"**/*/{CAPTURE}"))}
    tests = _results(run)
    if tests is None and not folders:
        raise ArtifactError(
            f"there is neither {RESULTS} nor the {CAPTURE} of a test in {run}",
            hint="name the folder of a run, such as artifacts/latest",
        )
    tests = [test._replace(folder=folders.pop(safe_name(test.name), None)) for test in tests or ()]
    tests += [
        RanTest(name, NOT_FINISHED, 0.0, folder=folder)
        for name, folder in sorted(folders.items(), key=lambda pair: pair[1].stat().st_mtime)
        if not name.startswith("gw")
    ]
    return tests


def _results(run: Path) -> list[RanTest] | None:
    path = run / RESULTS
    if not path.is_file():
        return None
    try:
        verdicts = json.loads(path.read_text(encoding="utf-8"))["verdicts"]
        return [_record(verdict) for verdict in verdicts]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path} are no results of a run: {error!r}") from error
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror or error}") from error


def _record(verdict: dict[str, Any]) -> RanTest:
    return RanTest(
        str(verdict["test"]),
        str(verdict.get("outcome", "")),
        float(verdict.get("duration_s", 0.0)),
        str(verdict.get("category", "")),
        str(verdict.get("case", "")),
        str(verdict.get("message", "")),
        dict(verdict.get("properties", {})),
    )
