"""Findings as SARIF 2.1.0, which code hosts show beside the lines of a change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from harness import __version__
from harness.registration.lint import all_rules
from harness.registration.rules import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from harness.registration.lint import FileReport, Finding
    from harness.registration.rules import Rule

SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_sarif(reports: Sequence[FileReport]) -> dict[str, Any]:
    """One run with all rules and all findings."""
    rules = all_rules()
    places = {rule.id: index for index, rule in enumerate(rules)}
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "symhil",
                        "semanticVersion": __version__,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(report.subject.path, finding, places[finding.rule.id])
                    for report in reports
                    for finding in report.findings
                ],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.condition},
        "fullDescription": {"text": f"{rule.condition}. On the phone: {rule.consequence}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(path: PurePath, finding: Finding, rule_index: int) -> dict[str, Any]:
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. On the phone: {finding.consequence}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(path)},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
    }


def _uri(path: PurePath) -> str:
    """Relative to where the linter ran, which is what code hosts expect. A name need not be text, only bytes."""
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
