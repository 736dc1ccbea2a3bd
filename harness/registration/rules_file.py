"""Rules about the file as a whole: XML, encoding, name and directory (Registration format 9.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harness.registration.rules import ERROR, INFO, WARNING, Hit, rule
from harness.registration.shown import shown
from harness.registration.source import Place
from wire.formats.registration import describe_registration_error, is_registration_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.registration.subject import Subject

_UNUSABLE: Final = "The owner is listed with all settings 0 and takes no part; the log shows PARSING FAILED"
_EIGHT_HEX: Final = re.compile(r"[0-9a-fA-F]{8}")


def _faults(file: Subject, rule_id: str) -> Iterator[Hit]:
    for fault in file.faults:
        if fault.rule == rule_id:
            reported = describe_registration_error(fault.code)
            yield Hit(
                fault.message,
                place=fault.place,
                consequence=f"{_UNUSABLE} with {reported}.",
                code=fault.code,
                is_mended=fault.is_mended,
            )


@rule("BR001", ERROR, "not well-formed", f"{_UNUSABLE} and a number from -1000 to -974.")
def not_well_formed(file: Subject) -> Iterator[Hit]:
    """Faults without a rule of their own."""
    for hit in _faults(file, "BR001"):
        if file.rejection is not None and file.rejection.refused:
            text = "It is not read here. On a phone it would cost memory, and the owner if that runs out."
            yield Hit(hit.message, place=hit.place, consequence=text, code=hit.code)
        else:
            yield hit


@rule("BR002", ERROR, "something before `<?xml`, be it a blank", f"{_UNUSABLE} with -983.")
def declaration_not_first(file: Subject) -> Iterator[Hit]:
    """The declaration is optional, but if it is there it comes first."""
    return _faults(file, "BR002")


@rule("BR003", ERROR, "a comment inside a tag", f"{_UNUSABLE} with -996.")
def comment_in_tag(file: Subject) -> Iterator[Hit]:
    """Comments may stand between tags only."""
    return _faults(file, "BR003")


@rule("BR004", ERROR, "an element that is never closed", f"{_UNUSABLE} with -997 or -993.")
def not_closed(file: Subject) -> Iterator[Hit]:
    """Every element ends, and inside the one around it."""
    return _faults(file, "BR004")


@rule("BR005", ERROR, "an empty file", f"{_UNUSABLE} with -997.")
def empty(file: Subject) -> Iterator[Hit]:
    """Blanks count as nothing."""
    return _faults(file, "BR005")


@rule("BR006", ERROR, "the declared encoding is not the file's", f"{_UNUSABLE} with -981.")
def encoding_differs(file: Subject) -> Iterator[Hit]:
    """Typical after saving an example with another encoding."""
    return _faults(file, "BR006")


@rule("BR007", ERROR, "an encoding other than UTF-8, UTF-16, ISO-8859-1 and US-ASCII", f"{_UNUSABLE} with -982.")
def encoding_unknown(file: Subject) -> Iterator[Hit]:
    """The phone's parser has no converter for it."""
    return _faults(file, "BR007")


@rule("BR008", INFO, "UTF-16, or a byte-order mark", "It works. UTF-8 without the mark is recommended.")
def wide_encoding(file: Subject) -> Iterator[Hit]:
    """Many examples in the documentation are UTF-16."""
    if file.source.codec.startswith("utf-16"):
        yield Hit("the file is UTF-16", place=Place(1, 1))
    elif file.source.bom:
        yield Hit("the file begins with a byte-order mark", place=Place(1, 1))


@rule("BR009", WARNING, "a DOCTYPE", "Nothing is validated and no DTD is read; undefined entities fail.")
def doctype(file: Subject) -> Iterator[Hit]:
    """Declaring entities in it is refused as BR001."""
    for found in file.document.doctypes:
        yield Hit(f"the DOCTYPE {shown(found.text)} is ignored", place=file.place_of(found))


@rule("BR010", ERROR, "a file name other than `backup_registration*.xml`", "The engine does not find it.")
def wrong_name(file: Subject) -> Iterator[Hit]:
    """Unless the build or the package gives it another name on the phone."""
    if not is_registration_name(file.path.name):
        yield Hit(
            f"the file is called {shown(file.path.name)}",
            consequence="The engine does not find it, unless it is installed as backup_registration.xml.",
        )


@rule(
    "BR011",
    WARNING,
    "an additional file without `backup_registration.xml` beside it",
    "The owner is unusable with -2 (KErrGeneral): it is listed with all settings 0.",
)
def no_primary(file: Subject) -> Iterator[Hit]:
    """The primary file may also be in the same directory of another drive, such as ROM."""
    if not file.is_primary and str(file.path.parent) not in file.phone.primaries:
        yield Hit("there is no backup_registration.xml beside this file")


@rule(
    "BR012",
    ERROR,
    "the directory in `\\private` does not name the owner's SID",
    "The directory is passed over, or its files count for another owner.",
)
def wrong_directory(file: Subject) -> Iterator[Hit]:
    """Eight hexadecimal digits, those of the executable's secure ID."""
    name = file.private_directory
    if name is None:
        return
    if not _EIGHT_HEX.fullmatch(name):
        yield Hit(f"the directory {shown(name)} is not 8 hexadecimal digits")
    elif file.expected_sid is not None and int(name, 16) != file.expected_sid:
        yield Hit(f"the directory is {shown(name)}, but the executable's SID is {file.expected_sid}")
