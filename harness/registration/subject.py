"""A registration file under the linter: what is known of it, and what the engine's reader made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from harness.registration.draft import Draft
from harness.registration.mend_xml import Fault, mend_xml
from harness.registration.recover import recover
from harness.registration.source import Place, SourceText, attributes
from wire.formats.registration import RegistrationReader, RemarkKind, is_primary, is_registration_name
from wire.formats.registration.files import read_directory_sid
from wire.formats.registration.xml import scan
from wire.symbian import SecureId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import PurePath

    from wire.formats.registration import Registration, RegistrationError, Remark, xml
    from wire.formats.registration.xml import Attribute, Document, Element

_OTHER_PRIVATE: Final = re.compile(r"\\private\\([0-9a-f]{8})(?=\\|$)", re.IGNORECASE)
_NOBODY: Final = SecureId(0)


@dataclass
class Phone:
    """What is known of the other files that are on the phone with this one.

    Attributes:
        owners: owners whose files are being checked together.
        is_complete: no other owner is there.
        primaries: directories that have a primary file among the files being checked, or on disk.
    """

    owners: Mapping[SecureId, Registration] = field(default_factory=dict)
    is_complete: bool = False
    primaries: frozenset[str] = frozenset()


def private_directory_of(path: PurePath) -> str | None:
    r"""The name of the directory in `\private` that a file lies in, or None if it lies elsewhere."""
    parents = path.parent.parts
    return parents[-1] if len(parents) > 1 and parents[-2].lower() == "private" else None


class Subject:
    """One file.

    Args:
        path: as it is shown, and as it tells name and directory.
        data: the whole file.
        expected_sid: of the executable, if the user said so.

    Attributes:
        draft: the text with faults of the XML mended as far as that is safe.
        document: what is in the draft.
        faults: of the XML, those mended included.
        rejection: why the engine cannot use the file as it is, or None.
        is_tentative: the file as it is has faults, so that what stands behind them is a guess.
        is_xml: the draft is well-formed.
        is_guessed: it is not, and elements come from a parser that overlooks faults.
        sid: the owner; None if nothing tells it.
        reader: has read the document, and went on behind what is fatal.
    """

    def __init__(self, path: PurePath, data: bytes, *, expected_sid: SecureId | None = None) -> None:
        self.path = path
        self.phone = Phone()
        self.expected_sid = expected_sid
        self.source = SourceText(data)
        self.draft = Draft(self.source)
        self.faults: list[Fault]
        self.document: Document
        self.faults, self.document = mend_xml(self.draft)
        self.is_tentative = bool(self.faults)
        self.is_xml = self.document.fault is None
        # Nothing is guessed of what is refused, nor of entities, some of which lxml would expand.
        refused = self.document.fault is not None and self.document.fault.refused
        is_hopeless = refused or "<!DOCTYPE" in self.draft.text
        recovered = None if self.is_xml or is_hopeless else recover(self.draft.data())
        self.is_guessed = recovered is not None
        self.document = recovered or self.document
        self.sid = self._find_sid()
        self.reader = self._read(self.document)
        as_it_is = self._read(scan(data)) if self.is_tentative else self.reader
        self.rejection: RegistrationError | None = next(iter(as_it_is.faults), None)

    @property
    def is_primary(self) -> bool:
        """A file whose name the engine would not look at is checked as the primary one that it may become."""
        return is_primary(str(self.path)) or not is_registration_name(self.path.name)

    @property
    def private_directory(self) -> str | None:
        r"""The name of the directory in `\private` that the file lies in, or None if it lies elsewhere."""
        return private_directory_of(self.path)

    @cached_property
    def registration(self) -> Registration:
        """What was understood, whatever was fatal."""
        return self.reader.partial_result()

    def remarks(self, *kinds: RemarkKind) -> Iterator[Remark]:
        """What the reader remarked, of these kinds, in order."""
        return (remark for remark in self.reader.remarks if remark.kind in kinds)

    def elements(self, *names: str) -> Iterator[Element]:
        """Elements of these names, in any case, in order."""
        return (element for element in self.document.elements if element.name.lower() in names)

    def parent(self, element: Element) -> Element | None:
        """The element around it."""
        return self.document.elements[element.parent] if element.parent >= 0 else None

    def place(self, element: Element, attribute: Attribute | None = None) -> Place:
        """Where an element, or one of its attributes, is in the file as it is."""
        if self.is_guessed:
            return self.draft.place(self.draft.index_of_line(element.line))
        start = self.draft.index(element.offset)
        if attribute is not None:
            for span in attributes(self.draft.text, start):
                if span.name.rpartition(":")[2] == attribute.name:
                    return self.draft.place(span.start)
        return self.draft.place(start)

    def place_of(self, found: xml.Place) -> Place:
        """Where something that the scan noted is in the file as it is."""
        return self.draft.place(self.draft.index_of_line(found.line) + found.column - 1)

    def _read(self, document: Document) -> RegistrationReader:
        reader = RegistrationReader(self.sid or _NOBODY)
        reader.read_document(document, primary=self.is_primary, keep_going=True)
        return reader

    def _find_sid(self) -> SecureId | None:
        if self.expected_sid is not None:
            return self.expected_sid
        if self.private_directory is not None:
            return read_directory_sid(self.private_directory)
        # A file that names one private directory most likely means its own.
        named = {
            match.group(1).lower()
            for element in self.elements("include_file", "include_directory", "exclude")
            for attribute in element.attributes[:1]
            if (match := _OTHER_PRIVATE.search(attribute.value))
        }
        return SecureId.parse(named.pop()) if len(named) == 1 else None
