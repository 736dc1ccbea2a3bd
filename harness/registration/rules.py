"""The table of lint rules and the decorator that fills it.

A rule is one function that looks at a file and yields hits; its entry says what the phone really does. The
table is also the source of the rule list in docs/registration.md, of `symhil registration rules` and of the
rules in SARIF output, so none of them can say something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.registration.source import Place
    from harness.registration.subject import Subject
    from wire.formats.registration import Remark
    from wire.formats.registration.xml import Attribute, Element


class Severity(Enum):
    """How bad it is; the value is what output shows."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """3 for an error, 2 for a warning, 1 for information."""
        return {Severity.ERROR: 3, Severity.WARNING: 2, Severity.INFO: 1}[self]


ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule is broken.

    Attributes:
        message: what is there.
        element: where; None for the file as a whole.
        attribute: which of its attributes, if one is meant.
        place: where, if it is not at an element.
        consequence: what happens on the phone, where it differs from the rule's general sentence.
        severity: where it differs from the rule's.
        code: what the phone reports, for a fault of the XML.
        is_mended: the fault is one that `fix` mends.
    """

    message: str
    element: Element | None = None
    attribute: Attribute | None = None
    place: Place | None = None
    consequence: str = ""
    severity: Severity | None = None
    code: int = 0
    is_mended: bool = False

    @classmethod
    def of(cls, remark: Remark, message: str, *, consequence: str = "") -> Hit:
        """A hit where the reader remarked something."""
        return cls(message, remark.element, remark.attribute, consequence=consequence)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table.

    Attributes:
        id: as in the registration format, section 9.
        condition: when it is broken, in a few words.
        consequence: what then happens on the phone.
        check: finds the places.
    """

    id: str
    severity: Severity
    condition: str
    consequence: str
    check: Callable[[Subject], Iterable[Hit]]


RULES: Final[dict[str, Rule]] = {}


def rule(
    rule_id: str, severity: Severity, condition: str, consequence: str
) -> Callable[[Callable[[Subject], Iterable[Hit]]], Callable[[Subject], Iterable[Hit]]]:
    """Enter a function into the table."""

    def enter(check: Callable[[Subject], Iterable[Hit]]) -> Callable[[Subject], Iterable[Hit]]:
        assert rule_id not in RULES
        RULES[rule_id] = Rule(rule_id, severity, condition, consequence, check)
        return check

    return enter
