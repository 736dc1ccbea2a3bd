"""From files to findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from harness.registration import (
    rules_attributes,
    rules_file,
    rules_flags,
    rules_owners,
    rules_paths,
    rules_structure,
)
from harness.registration.rules import RULES, Hit, Rule, Severity
from harness.registration.source import Place
from harness.registration.subject import Phone, Subject
from wire.formats.registration import RegistrationError, RegistrationReader, is_primary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wire.formats.registration import Registration
    from wire.symbian import SecureId

# Importing these modules fills the table.
_MODULES: Final = (
    rules_file,
    rules_structure,
    rules_flags,
    rules_attributes,
    rules_owners,
    rules_paths,
)

MAX_FINDINGS_PER_RULE: Final = 20
"""In one file. More of the same say nothing new, and a hostile file has 10,000."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken in one place.

    Attributes:
        line: from 1, in the file as it is.
        column: from 1.
        message: what is there.
        consequence: what happens on the phone.
        is_tentative: the file is not XML, and this was found in what it would be without its faults.
        hit: where exactly, for `fix`.
    """

    rule: Rule
    severity: Severity
    line: int
    column: int
    message: str
    consequence: str
    is_tentative: bool
    hit: Hit = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file.

    Attributes:
        subject: the file.
        findings: by place.
        left_out: how many more there are of rules with too many.
    """

    subject: Subject
    findings: list[Finding]
    left_out: int

    @property
    def is_accepted(self) -> bool:
        """Whether the engine can use the file, whatever it then makes of it."""
        return self.subject.rejection is None

    @property
    def code(self) -> int:
        """What the engine reports for the file, 0 for one that it can use."""
        return self.subject.rejection.code if self.subject.rejection else 0

    @property
    def worst(self) -> Severity | None:
        """The highest severity among the findings."""
        return max((f.severity for f in self.findings), key=lambda s: s.rank, default=None)


def all_rules() -> list[Rule]:
    """The whole table, by id."""
    return [RULES[rule_id] for rule_id in sorted(RULES)]


def lint(subject: Subject) -> FileReport:
    """Apply every rule to one file."""
    findings: list[Finding] = []
    left_out = 0
    for rule in all_rules():
        hits = iter(rule.check(subject))
        findings += [_finding(subject, rule, hit) for hit in islice(hits, MAX_FINDINGS_PER_RULE)]
        left_out += sum(1 for _ in hits)
    findings.sort(key=lambda f: (f.line, f.column, f.rule.id))
    return FileReport(subject, findings, left_out)


def lint_together(subjects: Sequence[Subject], *, whole_phone: bool = False) -> list[FileReport]:
    """Check files that are on one phone.

    Args:
        subjects: the files.
        whole_phone: there is no other owner on that phone.
    """
    phone = Phone(
        owners=_owners(subjects),
        is_complete=whole_phone,
        primaries=frozenset(
            str(s.path.parent) for s in subjects if is_primary(str(s.path)) or _has_primary(s.path)
        ),
    )
    for subject in subjects:
        subject.phone = phone
    return [lint(subject) for subject in subjects]


def _has_primary(path: PurePath) -> bool:
    """Whether the primary file lies beside another one, if that is a file on this machine."""
    try:
        return any(is_primary(entry.name) for entry in Path(path).parent.iterdir())
    except OSError:
        return False


def _owners(subjects: Iterable[Subject]) -> dict[SecureId, Registration]:
    """Every owner whose files the engine can use, from all of its files."""
    readers: dict[SecureId, RegistrationReader] = {}
    for subject in subjects:
        if subject.sid is not None:
            reader = readers.setdefault(subject.sid, RegistrationReader(subject.sid))
            try:
                reader.read(subject.source.data, primary=subject.is_primary)
            except RegistrationError:
                continue
    return {sid: reader.result() for sid, reader in readers.items() if reader.is_usable}


def _finding(subject: Subject, rule: Rule, hit: Hit) -> Finding:
    place = hit.place or (subject.place(hit.element, hit.attribute) if hit.element else Place(1, 1))
    is_about_xml = rule.id < "BR010"
    return Finding(
        rule=rule,
        severity=hit.severity or rule.severity,
        line=place.line,
        column=place.column,
        message=hit.message,
        consequence=hit.consequence or rule.consequence,
        is_tentative=subject.is_tentative and not is_about_xml and hit.element is not None,
        hit=hit,
    )
