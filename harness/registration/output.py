"""Findings as text for a reader and as JSON for a program."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from harness.registration.fix import is_mendable
from harness.registration.rules import Severity
from harness.registration.shown import shown
from wire.formats.registration import describe_registration_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.registration.lint import FileReport
    from harness.registration.rules import Rule

JSON_SCHEMA: Final = "symhil.registration.lint/1"
_UNUSABLE: Final = "the engine cannot use this file"


def as_text(reports: Sequence[FileReport]) -> Iterator[str]:
    """Lines: one per finding with its place, one below it with what happens on the phone, and a summary."""
    for report in reports:
        path = shown(str(report.subject.path), limit=200)
        for f in report.findings:
            maybe = " (tentative)" if f.is_tentative else ""
            yield f"{path}:{f.line}:{f.column}: {f.severity.value} {f.rule.id}: {f.message}{maybe}"
            yield f"    on the phone: {f.consequence}"
        if report.left_out:
            yield f"{path}: {report.left_out} more of the same rules"
        if (rejection := report.subject.rejection) is not None:
            who = "this file is not read here, nor by the emulated handset" if rejection.refused else _UNUSABLE
            yield f"{path}: {who}: {describe_registration_error(rejection.code)}"
    yield summary(reports)


def summary(reports: Sequence[FileReport]) -> str:
    """One line: how many files, and how many findings of each severity."""
    counts = Counter(finding.severity for report in reports for finding in report.findings)
    found = ", ".join(_count(counts[s], s.value, f"{s.value}s") for s in (Severity.ERROR, Severity.WARNING))
    found += f", {counts[Severity.INFO]} info"
    files = _count(len(reports), "file", "files")
    mendable = sum(is_mendable(finding) for report in reports for finding in report.findings)
    hint = f"; `symhil registration fix` can mend {mendable}" if mendable else ""
    return f"{files}: {found}{hint}"


def as_json(reports: Sequence[FileReport]) -> dict[str, Any]:
    """The same for a program. `code` is what the engine reports for the file, 0 if it can use it."""
    return {
        "schema": JSON_SCHEMA,
        "files": [
            {
                "path": str(report.subject.path),
                "accepted": report.is_accepted,
                "code": report.code,
                "left_out": report.left_out,
                "findings": [
                    {
                        "rule": f.rule.id,
                        "severity": f.severity.value,
                        "line": f.line,
                        "column": f.column,
                        "message": f.message,
                        "consequence": f.consequence,
                        "tentative": f.is_tentative,
                        "mendable": is_mendable(f),
                    }
                    for f in report.findings
                ],
            }
            for report in reports
        ],
    }


def rules_as_markdown(rules: Sequence[Rule]) -> str:
    """The table of docs/registration.md."""
    rows = (f"| {r.id} | {r.severity.value} | {r.condition} | {r.consequence} |\n" for r in rules)
    return "| Rule | Severity | Condition | On the phone |\n|---|---|---|---|\n" + "".join(rows)


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
