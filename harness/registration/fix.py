"""Mending what has one evident meaning, and leaving all else as it is, comments and blanks included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.registration.draft import Edit
from harness.registration.lint import FileReport, Finding, lint
from harness.registration.rules import RULES
from harness.registration.source import Span, attributes, tag_end, tag_name
from harness.registration.subject import Subject
from wire.symbian import CENTRAL_REPOSITORY_SID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wire.formats.registration.xml import Element

# Mending one thing can bring out another: a slash becomes a backslash, which then is one too many.
_MAX_ROUNDS: Final = 4

_FLAGS: Final = {
    **dict.fromkeys(("yes", "true", "1", "on"), "yes"),
    **dict.fromkeys(("no", "false", "0", "off"), "no"),
}


@dataclass(frozen=True, slots=True)
class FixResult:
    """A mended file.

    Attributes:
        data: the file as it should be; the same as before if there was nothing to mend.
        mended: what was mended. Lines are those of the file before, or of the round before for what only
            came out by mending.
        before: what the linter said of the file as it was.
        after: what it says now.
    """

    data: bytes
    mended: list[Finding]
    before: FileReport
    after: FileReport


def is_mendable(finding: Finding) -> bool:
    """Whether `fix` can do something about a finding; the text may still stand against it."""
    return finding.hit.is_mended or finding.rule.id in _MENDS


def fix(subject: Subject) -> FixResult:
    """Mend a file as far as that is safe."""
    before = lint(subject)
    report, mended = before, list[Finding]()
    for _ in range(_MAX_ROUNDS):
        edits: list[Edit] = []
        now = []
        for finding in report.findings:
            wanted = _edits(report.subject, finding)
            # All edits of a finding or none: a renamed start tag needs its end tag. The rest comes later.
            if wanted and not any(_overlap(a, b) for a in wanted for b in edits):
                edits += wanted
                now.append(finding)
            elif finding.hit.is_mended:
                now.append(finding)
        if not now:
            break
        mended += now
        report.subject.draft.apply(edits)
        data = report.subject.draft.data()
        report = lint(Subject(subject.path, data, expected_sid=subject.expected_sid))
    return FixResult(report.subject.source.data, mended, before, report)


def _edits(subject: Subject, finding: Finding) -> list[Edit]:
    """What mends a finding in the draft. Faults of the XML are mended there already."""
    mend = _MENDS.get(finding.rule.id)
    element = finding.hit.element
    if mend is None or element is None or not subject.is_xml:
        return []
    return list(mend(subject, finding, element))


def _overlap(a: Edit, b: Edit) -> bool:
    return a.start == b.start or (a.start < b.end and b.start < a.end)


def _span(subject: Subject, finding: Finding, element: Element) -> Span | None:
    attribute = finding.hit.attribute
    start = subject.draft.index(element.offset)
    spans = attributes(subject.draft.text, start)
    return next((s for s in spans if attribute and s.name.rpartition(":")[2] == attribute.name), None)


def _value(
    subject: Subject, finding: Finding, element: Element, change: Callable[[str], str | None]
) -> Iterator[Edit]:
    """Change the value of the attribute that the finding is about, as it is written, with its entities."""
    span = _span(subject, finding, element)
    if span is not None:
        old = subject.draft.text[span.value_start : span.value_end]
        new = change(old)
        if new is not None and new != old:
            yield Edit(span.value_start, span.value_end, new)


def _names(subject: Subject, element: Element, new: str, *, start_tag: str = "") -> Iterator[Edit]:
    """Rename an element at its start and its end. One with a prefix is left alone."""
    text, old = subject.draft.text, element.name
    for is_start, found, offset in subject.document.tags:
        if found is not element:
            continue
        index = subject.draft.index(offset)
        if is_start and tag_name(text, index) == old:
            yield Edit(index + 1, index + 1 + len(old), start_tag or new)
        elif not is_start and text.startswith(f"</{old}", index):
            yield Edit(index + 2, index + 2 + len(old), new)


def _version(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    if finding.hit.attribute and finding.hit.attribute.name.lower() == "version":
        yield from _value(subject, finding, element, lambda _: "1.0")


def _element_case(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    if finding.hit.attribute is None:
        # Closing it where it ends would drop the paths behind it, which count as public now.
        if element.name.lower() != "public_backup" or not any(RULES["BR107"].check(subject)):
            yield from _names(subject, element, element.name.lower())
    elif span := _span(subject, finding, element):
        yield Edit(span.start, span.end, span.name.lower())


def _flag(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    return _value(subject, finding, element, lambda old: _FLAGS.get(old.strip().lower()))


def _incremental(subject: Subject, _finding: Finding, element: Element) -> Iterator[Edit]:
    """Write down what the engine understands now."""
    end = tag_end(subject.draft.text, subject.draft.index(element.offset))
    active = subject.registration.active
    if end is not None and active is not None:
        now = "yes" if active.supports_incremental else "no"
        yield Edit(end.start(), end.start(), f' supports_incremental="{now}"')


def _policy(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    return _value(subject, finding, element, lambda old: old[2:] if old[:2] in {"0x", "0X"} else None)


def _cenrep(subject: Subject, _finding: Finding, element: Element) -> Iterator[Edit]:
    if not element.attributes:
        new = "proxy_data_manager"
        yield from _names(subject, element, new, start_tag=f'{new} SID="{CENTRAL_REPOSITORY_SID}"')


def _drive(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    own = subject.sid.private_directory if subject.sid is not None else ""
    return _value(subject, finding, element, lambda old: old[old.lower().find(own) :] if own else None)


def _slashes(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    return _value(subject, finding, element, lambda old: old.replace("/", "\\"))


def _no_backslash(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    return _value(subject, finding, element, lambda old: old.rstrip("\\") or None)


def _backslash(subject: Subject, finding: Finding, element: Element) -> Iterator[Edit]:
    return _value(subject, finding, element, lambda old: old + "\\")


_MENDS: Final[dict[str, Callable[[Subject, Finding, Element], Iterator[Edit]]]] = {
    "BR102": _version,
    "BR105": _element_case,
    "BR106": _element_case,
    "BR201": _flag,
    "BR202": _flag,
    "BR205": _incremental,
    "BR217": _policy,
    "BR220": _cenrep,
    "BR302": _drive,
    "BR310": _slashes,
    "BR311": _no_backslash,
    "BR317": _backslash,
}
