"""The XML side of a registration file: bytes -> elements in document order, or the phone's error number.

The phone reads the file with Expat (Registration format 2.1), and so does this module: the standard library
carries Expat, its error numbers less 1000 are the phone's, and what it accepts is what the phone accepts.
lxml, which writes, validates and mends these files elsewhere, would agree on structure but not on encodings.

What is untrusted here is bounded here. A file has at most MAX_SIZE bytes. Nothing outside the file is ever
opened. A DOCTYPE is allowed, as on the phone, but declaring an entity in it ends the reading: on the phone it
would be expanded. Attribute defaults of a DOCTYPE count, but all attributes together may not have more
characters than MAX_SIZE.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple, NoReturn
from xml.parsers import expat

from wire.formats.registration.errors import (
    XML_ERROR_BASE,
    XML_ERROR_LAST,
    KErrNoMemory,
    RegistrationError,
    describe_xml_error,
)

MAX_SIZE: Final = 64 * 1024
"""Bytes. The largest of 163 known files has less than 5 KiB."""

# Expat's own converters, all that the phone has (Registration format 2.2); Python would lend its codecs.
DEVICE_ENCODINGS: Final = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "us-ascii"})

_UNKNOWN_ENCODING: Final = -982
_SYNTAX: Final = -998

# The phone's Expat 1.95.5 has no error for an undeclared prefix and the like; these came with later releases.
_NAMESPACE_ERRORS: Final = frozenset({27, 28, 38, 39, 40})

# Expat joins namespace and local name with this. It cannot occur in XML, so no file can confuse the two.
_SEPARATOR: Final = "\x01"


class Attribute(NamedTuple):
    """One attribute; `name` is the local name as written."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Element:
    """A start tag.

    Attributes:
        name: local name as written.
        attributes: in document order, namespace declarations left out, defaults of a DOCTYPE at the end.
        index: its place among all elements.
        parent: `index` of the element around it, -1 for the root.
        line: of the `<`, from 1.
        column: of the `<`, from 1.
        offset: of the `<`, in bytes.
    """

    name: str
    attributes: tuple[Attribute, ...]
    index: int
    parent: int
    line: int
    column: int
    offset: int


class Tag(NamedTuple):
    """The start or the end of an element; `offset` is that of the `<`, the same for both of `<a/>`."""

    is_start: bool
    element: Element
    offset: int = 0


class Place(NamedTuple):
    """Something else that a reader may want to be told of, and where it is."""

    text: str
    line: int
    column: int


@dataclass(slots=True)
class Document:
    """What was read before the end, or before the fault.

    Attributes:
        tags: starts and ends in document order.
        elements: every element, by its index.
        unclosed: index of each element that was still open at the end, outermost first.
        fault: None for a well-formed file.
        declared_encoding: as written in the XML declaration, or "".
        doctypes: a DOCTYPE; at most one.
        texts: text between tags that is not blank, shortened.
    """

    tags: list[Tag] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    unclosed: list[int] = field(default_factory=list)
    fault: RegistrationError | None = None
    declared_encoding: str = ""
    doctypes: list[Place] = field(default_factory=list)
    texts: list[Place] = field(default_factory=list)


def scan(data: bytes) -> Document:
    """Read a file. Never raises for its content; what is wrong is in `fault`."""
    if len(data) > MAX_SIZE:
        problem = f"a registration file has at most {MAX_SIZE} bytes here, this one has more"
        return Document(fault=RegistrationError(KErrNoMemory, problem, offset=MAX_SIZE, refused=True))
    scanner = _Scanner(namespaces=True)
    if scanner.run(data) in _NAMESPACE_ERRORS:
        scanner = _Scanner(namespaces=False)
        scanner.run(data)
    return scanner.document


class _Scanner:
    """One run of Expat over one file."""

    def __init__(self, *, namespaces: bool) -> None:
        self.document = Document()
        self._attribute_room = MAX_SIZE
        self._text_noted = False
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR if namespaces else None)
        self._parser.ordered_attributes = True
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def run(self, data: bytes) -> int:
        """Fill `document` and return Expat's error number, 0 for none."""
        try:
            self._parser.Parse(data, True)
        except RegistrationError as fault:
            self.document.fault = fault
        except expat.ExpatError as error:
            code = XML_ERROR_BASE + error.code
            # What later releases of Expat tell apart is a syntax error to the phone's. UNVERIFIED.
            if code > XML_ERROR_LAST:
                code = _SYNTAX
            self.document.fault = RegistrationError(
                code,
                describe_xml_error(code),
                line=error.lineno,
                column=error.offset + 1,
                offset=max(self._parser.ErrorByteIndex, 0),
            )
            return error.code
        return 0

    def _fail(self, code: int, problem: str, *, refused: bool = False) -> NoReturn:
        raise RegistrationError(
            code,
            problem,
            line=self._parser.CurrentLineNumber,
            column=self._parser.CurrentColumnNumber + 1,
            offset=self._parser.CurrentByteIndex,
            refused=refused,
        )

    def _place(self, text: str) -> Place:
        return Place(text, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.document.declared_encoding = encoding or ""
        if encoding is not None and encoding.lower() not in DEVICE_ENCODINGS:
            self._fail(_UNKNOWN_ENCODING, f"the encoding {encoding[:40]!r} is declared")

    def _doctype(self, name: str, _system: str | None, _public: str | None, _internal: int) -> None:
        self.document.doctypes.append(self._place(name))

    def _entity(self, name: str, *_details: object) -> None:
        self._fail(
            KErrNoMemory,
            f"the file declares the entity {name[:40]!r}, which is never expanded here",
            refused=True,
        )

    def _start(self, name: str, attributes: list[str]) -> None:
        document = self.document
        self._text_noted = False
        self._attribute_room -= sum(map(len, attributes))
        if self._attribute_room < 0:
            self._fail(KErrNoMemory, f"the attributes have more than {MAX_SIZE} characters together", refused=True)
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        element = Element(
            name=_local(name),
            attributes=tuple(Attribute(_local(key), value) for key, value in pairs if not _is_declaration(key)),
            index=len(document.elements),
            parent=document.unclosed[-1] if document.unclosed else -1,
            line=self._parser.CurrentLineNumber,
            column=self._parser.CurrentColumnNumber + 1,
            offset=self._parser.CurrentByteIndex,
        )
        document.elements.append(element)
        document.unclosed.append(element.index)
        document.tags.append(Tag(is_start=True, element=element, offset=element.offset))

    def _end(self, _name: str) -> None:
        self._text_noted = False
        element = self.document.elements[self.document.unclosed.pop()]
        self.document.tags.append(Tag(is_start=False, element=element, offset=self._parser.CurrentByteIndex))

    def _text(self, text: str) -> None:
        """Comes in pieces, of which the first that is not blank is enough."""
        if not self._text_noted and not text.isspace():
            self._text_noted = True
            place = self._place(text.strip()[:40])
            indent = len(text) - len(text.lstrip())
            self.document.texts.append(place._replace(column=place.column + indent))


def _local(name: str) -> str:
    """The part behind a namespace or, where prefixes were not resolved, behind the prefix."""
    return name.rpartition(_SEPARATOR)[2].rpartition(":")[2]


def _is_declaration(name: str) -> bool:
    """Only seen where prefixes were not resolved; otherwise Expat keeps namespace declarations to itself."""
    return name == "xmlns" or name.startswith("xmlns:")
