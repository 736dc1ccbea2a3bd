"""What a run found: verdicts with the one whose move it is, as JSON and as a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from harness.archive import write_atomically
from harness.errors import Category, ExitCode

PROPERTY_PREFIX: Final = "symhil."

NOWHERE: Final = "not run"
"""The outcome of a test that no handset could run, or none was left for."""

_WHOSE_MOVE: Final = {
    Category.PRODUCT.value: "the product under test: look at the data owner or the engine",
    Category.AGENT.value: "the agent on the phone: update, restart or mend it",
    Category.HANDSET_LOST.value: "the phone or its cable: it was there and is not any more",
    Category.LAB.value: "the lab: no phone, no port, no rights, or a wrong configuration",
    Category.HARNESS.value: "the harness: please report it",
}


class Verdict(NamedTuple):
    """One test's outcome. `case` is the public suite's id where the test bears one; `message` is why it failed."""

    test: str
    outcome: str
    duration_s: float
    category: str
    case: str
    properties: dict[str, Any]
    message: str = ""


class Results:
    """Collects the reports of a run, also those that come from workers."""

    def __init__(self) -> None:
        self._verdicts: dict[str, Verdict] = {}
        self._begin = self._end = 0.0
        self.exit_code: int | None = None

    def add(self, report: pytest.TestReport) -> None:
        """Take a phase's report; a test that failed in any phase has failed."""
        properties = {
            key.removeprefix(PROPERTY_PREFIX): value
            for key, value in report.user_properties
            if str(key).startswith(PROPERTY_PREFIX)
        }
        if not properties:
            if report.outcome == "failed" and report.nodeid in self._verdicts:
                self._add_crash(report)
            return
        self._note_exit_code(properties.get("exit_code"))
        self._begin = min(self._begin or report.start, report.start)
        self._end = max(self._end, report.stop)
        known = self._verdicts.get(report.nodeid)
        outcome: str = report.outcome if report.when == "call" or report.outcome != "passed" else ""
        if report.when != "call" and report.outcome == "failed":
            outcome = "error"
        merged = outcome or (known.outcome if known else "passed")
        if merged == "passed" and "attempt" in properties:
            # Not the same as passed: the phone or its cable needs to be looked at.
            merged = f"passed on attempt {properties['attempt']}"
        if "nowhere" in properties:
            merged = NOWHERE
        if "before" in properties:
            merged = str(properties["before"])
        if known and known.outcome in {"failed", "error"}:
            merged = known.outcome
        self._verdicts[report.nodeid] = Verdict(
            report.nodeid,
            merged,
            report.duration + (known.duration_s if known else 0.0),
            str(properties.get("category", known.category if known else "")),
            str(properties.get("case", "")),
            properties,
            (known.message if known else "") or (report.longreprtext if report.outcome == "failed" else ""),
        )

    def _add_crash(self, report: pytest.TestReport) -> None:
        """The worker that ran a test has died in its midst, which xdist reports without anything of ours."""
        self._verdicts[report.nodeid] = self._verdicts[report.nodeid]._replace(
            outcome="error", category=Category.HARNESS.value, message=report.longreprtext
        )

    def _note_exit_code(self, code: object) -> None:
        """The handset that was lost counts more than one that could not be had."""
        if code in {ExitCode.LAB_UNAVAILABLE, ExitCode.HANDSET_LOST}:
            assert isinstance(code, int)
            self.exit_code = max(self.exit_code or 0, code)

    def of(self, test: str) -> Verdict:
        """What is known of a test by now."""
        return self._verdicts[test]

    @property
    def failed_before(self) -> bool:
        """Something failed before the run was resumed."""
        return any(v.properties.get("before") in {"failed", "error"} for v in self.verdicts)

    @property
    def verdicts(self) -> list[Verdict]:
        """All tests that used a handset, in the order in which they ran."""
        return list(self._verdicts.values())

    @property
    def span_s(self) -> float:
        """From the beginning of the first test to the end of the last, on whichever handsets."""
        return self._end - self._begin

    def write(self, path: Path, **about: Any) -> None:
        """Leave the results as JSON."""
        document = {
            **about,
            "span_s": self.span_s,
            "matrix": self.matrix(),
            "verdicts": [verdict._asdict() for verdict in self.verdicts],
        }
        write_atomically(path, json.dumps(document, indent=2, default=str).encode())

    def handsets(self) -> dict[str, str]:
        """The handsets that ran anything, with their firmware."""
        named = (verdict.properties for verdict in self.verdicts if "handset" in verdict.properties)
        return dict(sorted((str(about["handset"]), str(about.get("firmware", ""))) for about in named))

    def matrix(self) -> dict[str, dict[str, str]]:
        """Tests by handsets: the outcome of each where it ran."""
        rows: dict[str, dict[str, str]] = {}
        for verdict in self.verdicts:
            row = rows.setdefault(str(verdict.properties.get("row", verdict.test)), {})
            if "handset" in verdict.properties:
                row[str(verdict.properties["handset"])] = verdict.outcome
        return rows

    def summary_lines(self) -> list[str]:
        """A table of the cases, by handset where there are several, and for what failed, whose move it is."""
        if not self._verdicts:
            return []
        lines = self._matrix_lines() if len(self.handsets()) > 1 else self._list_lines()
        nowhere = [v for v in self.verdicts if v.outcome == NOWHERE]
        lines += [f"ran nowhere: {v.test}: {v.properties['nowhere']}" for v in nowhere]
        failed = [v for v in self.verdicts if v.outcome in {"failed", "error"}]
        ran = len(self.verdicts) - len(nowhere)
        not_run = f", {len(nowhere)} not run" if nowhere else ""
        lines.append(f"{ran} tests on a handset, {len(failed)} not passed{not_run}")
        for category in sorted({verdict.category for verdict in failed}):
            count = sum(verdict.category == category for verdict in failed)
            lines.append(f"{count} x {category or 'unknown'}: {_WHOSE_MOVE.get(category, '')}")
        return lines

    def _list_lines(self) -> list[str]:
        width = max(len(verdict.case or verdict.test.split("::")[-1]) for verdict in self.verdicts)
        lines = []
        for verdict in sorted(self.verdicts, key=lambda v: (not v.case, v.case, v.test)):
            name = verdict.case or verdict.test.split("::")[-1]
            blame = f"  {verdict.category}" if verdict.outcome in {"failed", "error"} else ""
            lines.append(f"{name:<{width}}  {verdict.outcome:<7} {verdict.duration_s:7.2f} s{blame}")
        return lines

    def _matrix_lines(self) -> list[str]:
        handsets = self.handsets()
        rows = {name.split("::", 1)[-1]: row for name, row in sorted(self.matrix().items())}
        width = max(map(len, rows))
        widths = {name: max(len(name), len(firmware), len(NOWHERE)) for name, firmware in handsets.items()}

        def line(title: str, cells: dict[str, str]) -> str:
            shown = (f"{cells.get(name, '-'):<{size}}" for name, size in widths.items())
            return f"{title:<{width}}  {'  '.join(shown)}".rstrip()

        head = [line("", {name: name for name in handsets}), line("", handsets)]
        return head + [line(name, row) for name, row in rows.items()]
