"""What keeps a registration file from being XML: every fault, and a draft without those that can be mended.

A parser stops at the first fault. So the first one is mended in a draft, the draft is read again by the same
parser, and so on: the linter learns of every fault, with the number that the phone would report for it, and
`fix` gets the mended text. A fault that cannot be mended without guessing ends this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.registration.repairs import find_repair
from wire.formats.registration.xml import Document, scan

if TYPE_CHECKING:
    from harness.registration.draft import Draft
    from harness.registration.source import Place

MAX_FAULTS: Final = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why the file is not XML.

    Attributes:
        rule: the rule that it breaks.
        code: what the phone would report if this were the only fault.
        message: what is wrong.
        place: in the file as it is.
        is_mended: the draft does not have it any more.
    """

    rule: str
    code: int
    message: str
    place: Place
    is_mended: bool


def mend_xml(draft: Draft) -> tuple[list[Fault], Document]:
    """Mend a draft as far as that is safe.

    Returns:
        The faults, in the order in which the phone would meet them, and what the draft contains now.
    """
    faults: list[Fault] = []
    while True:
        document = scan(draft.data())
        error = document.fault
        if error is None:
            return faults, document
        repair = find_repair(draft, document, error)
        is_mended = bool(repair.edits) and len(faults) < MAX_FAULTS and draft.is_lossless
        faults.append(Fault(repair.rule, error.code, repair.message, draft.place(repair.at), is_mended))
        if not is_mended:
            return faults, document
        if repair.reading is not None:
            draft.recode(repair.reading)
        draft.apply(repair.edits)
