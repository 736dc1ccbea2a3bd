"""What can be wrong with a registration file as a whole, with the number that the phone reports for it."""

from __future__ import annotations

from typing import Final

from wire.errors import FormatError
from wire.symbian_errors import KErrServerTerminated, describe_error

KErrNoMemory: Final = -4

# XML errors are Expat's numbers moved below Symbian's own (Registration format 2.3, xmlparsererrors.h).
XML_ERROR_BASE: Final = -1000
XML_ERROR_LAST: Final = -974

_XML_ERRORS: Final[dict[int, str]] = {
    -999: "out of memory",
    -998: "syntax error: this is not XML",
    -997: "no root element, or an element is not closed at the end of the file",
    -996: "invalid token",
    -995: "the file ends inside a tag, a comment or a declaration",
    -994: "the file ends inside a character",
    -993: "an end tag does not match its start tag",
    -992: "an attribute is written twice",
    -991: "something follows the root element",
    -990: "a parameter entity is not allowed here",
    -989: "an entity is not defined",
    -988: "an entity contains itself",
    -987: "an entity is not closed where it began",
    -986: "a character reference names no character",
    -985: "a reference to an unparsed entity",
    -984: "an external entity in an attribute",
    -983: "the XML declaration is not the very first thing in the file",
    -982: "the declared encoding is not known to the phone",
    -981: "the declared encoding is not the one the file is in",
    -980: "a CDATA section is not closed",
    -979: "an external entity failed",
    -978: "the document is not standalone",
    -977: "unexpected state of the parser",
    -976: "an entity is declared in a parameter entity",
    -975: "the parser lacks a feature",
    -974: "a setting changed while parsing",
}


def describe_xml_error(code: int) -> str:
    """What an XML error means, without its number."""
    return _XML_ERRORS.get(code, "another XML error")


def describe_registration_error(code: int) -> str:
    """A code for a reader, as in `-996 (XML: invalid token)`; other codes as describe_error shows them."""
    return f"{code} (XML: {_XML_ERRORS[code]})" if code in _XML_ERRORS else describe_error(code)


class RegistrationError(FormatError):
    """The engine cannot use a file, and so not its owner either (Registration format 2.3).

    Attributes:
        code: what the engine reports: -1000..-974 for XML, -5 for a wrong version, -4 for a refusal.
        problem: what is wrong, without the position.
        line: from 1.
        column: from 1, in characters.
        offset: in bytes.
        refused: it is this program that declines to read the file, because of its size or because it
            declares entities. A phone would try, and run out of memory at worst; hence the code -4.
    """

    def __init__(
        self,
        code: int,
        problem: str,
        *,
        line: int = 1,
        column: int = 1,
        offset: int = 0,
        refused: bool = False,
    ) -> None:
        self.code = code
        self.problem = problem
        self.line = line
        self.column = column
        self.refused = refused
        said = problem if refused else f"{problem}; the phone reports {code}"
        super().__init__(f"backup_registration.xml:{line}:{column}", said, offset=offset)


class RegistrationPanic(RegistrationError):
    """The engine's process ends on this file with a panic (Registration format 4.4, 5.1; UNVERIFIED).

    `code` is -15, which is what a client of the engine sees then.

    Attributes:
        reason: the number of the panic of category USER: 130 for a missing attribute, 11 for a path too long.
    """

    def __init__(self, reason: int, problem: str, *, line: int, column: int, offset: int) -> None:
        self.reason = reason
        super().__init__(
            KErrServerTerminated,
            f"{problem}; the engine panics (USER {reason})",
            line=line,
            column=column,
            offset=offset,
        )
