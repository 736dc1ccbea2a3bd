"""Faults of the XML by the number that the parser gives them: what each is, and what mends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.registration.draft import Edit
from harness.registration.shown import quoted, shown
from harness.registration.source import attributes, tag_end, tag_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.registration.draft import Draft
    from wire.formats.registration import RegistrationError
    from wire.formats.registration.xml import Document, Element

_COMMENT: Final = re.compile(r"\s*<!--(.*?)-->", re.DOTALL)
_UNFINISHED_TAG: Final = re.compile(
    r"""<[^\s<>/!?]++(?:\s++[^\s=<>"'/]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+\s*+"""
)
_CURLY_QUOTED: Final = re.compile('[\u201c\u201d\u201e]([^\u201c\u201d\u201e"<>]*)[\u201c\u201d\u201e]')
_BARE_VALUE: Final = re.compile(r"[A-Za-z0-9_.:\\-]+")
_GLUED_NAME: Final = re.compile(r"<(include_file|include_directory|exclude)_name\s*")
_DECLARATION: Final = re.compile(r"""(<\?xml\s[^>]*?encoding\s*=\s*["'])([^"'>]*)""")
# Codecs that turn bytes into text and nothing else; Python has stranger ones.
_CODECS: Final = re.compile(
    r"(windows-?|cp)\d+|iso[-_]?8859-\d+|latin-?\d+|utf-?8|koi8-[ru]|big5|shift_?jis|gb\d+k?"
)

_ROOT: Final = "backup_registration"
_PATHS: Final = frozenset({"include_file", "include_directory", "exclude"})
# What may stand in an element, and which elements are empty in every correct file.
_CONTENT: Final = {
    "passive_backup": _PATHS,
    "public_backup": _PATHS,
    "include_directory": frozenset({"exclude"}),
}


_EMPTY: Final = frozenset(
    {
        *("include_file", "exclude", "system_backup", "active_backup", "proxy_data_manager"),
        *("cenrep_backup", "dbms_backup", "restore"),
    }
)


@dataclass(frozen=True, slots=True)
class Repair:
    """A fault by its name.

    Attributes:
        rule: the rule that it breaks.
        message: what is wrong.
        at: the place in the draft to show.
        edits: what mends it; nothing if that would be guessing.
        reading: the file's text, if it is the encoding that has to change. Comes before the edits.
    """

    rule: str
    message: str
    at: int
    edits: tuple[Edit, ...] = ()
    reading: str | None = None


def find_repair(draft: Draft, document: Document, error: RegistrationError) -> Repair:
    """Name a fault, and mend it if there is one evident way."""
    index = draft.index(error.offset)
    for repair in _REPAIRS.get(error.code, ()):
        if found := repair(draft, document, index):
            return found
    return Repair("BR001", error.problem if error.refused else f"not well-formed: {error.problem}", index)


def _empty(draft: Draft, _document: Document, _index: int) -> Repair | None:
    return None if draft.text.strip() else Repair("BR005", "the file is empty", 0)


def _declaration_not_first(draft: Draft, document: Document, index: int) -> Repair | None:
    end = draft.text.find("?>", index) + 2
    if end < 2:
        return None
    if document.elements:
        return Repair("BR002", "another XML declaration, inside an element", index, (Edit(index, end, ""),))
    before = draft.text[:index].strip()
    found = f"found {quoted(before, limit=30)}" if before else "found blanks"
    # Comments are kept and go behind the declaration.
    moved = (Edit(end, end, draft.newline + before),) if before else ()
    message = f"the XML declaration must be the very first bytes ({found} before it)"
    return Repair("BR002", message, index, (Edit(0, index, ""), *moved))


def _comment_in_tag(draft: Draft, _document: Document, index: int) -> Repair | None:
    comment = _COMMENT.match(draft.text, index)
    start = draft.text.rfind("<", 0, index)
    if comment is None or start < 0 or not _UNFINISHED_TAG.fullmatch(draft.text, start, index):
        return None
    # It goes in front of the tag, at the same depth.
    line_start = draft.line_start(start)
    indent = draft.text[line_start:start]
    before = f"{comment.group().strip()}{draft.newline}{indent}" if not indent.strip() else comment.group().strip()
    cut = len(draft.text[:index].rstrip())
    return Repair(
        "BR003",
        f"a comment inside the tag <{shown(tag_name(draft.text, start))}>",
        index,
        (Edit(start, start, before), Edit(cut, comment.end(), "")),
    )


def _bare_ampersand(draft: Draft, _document: Document, index: int) -> Repair | None:
    start = draft.text.rfind("&", 0, index + 1)
    if start < 0 or not re.fullmatch(r"&\w*", draft.text[start:index] or "&"):
        return None
    return Repair("BR001", "a bare & has to be written &amp;", start, (Edit(start, start + 1, "&amp;"),))


def _curly_quotes(draft: Draft, _document: Document, index: int) -> Repair | None:
    value = _CURLY_QUOTED.match(draft.text, index)
    if value is None:
        return None
    edit = Edit(index, value.end(), f'"{value.group(1)}"')
    return Repair("BR001", "typographic quotation marks around a value", index, (edit,))


def _missing_quotes(draft: Draft, _document: Document, index: int) -> Repair | None:
    value = _BARE_VALUE.match(draft.text, index)
    if value is None or not re.search(r"=\s*\Z", draft.text[:index][-80:]):
        return None
    edit = Edit(index, value.end(), f'"{value.group()}"')
    return Repair("BR001", f"the value {shown(value.group())} has no quotation marks", index, (edit,))


def _missing_blank(draft: Draft, _document: Document, index: int) -> Repair | None:
    start = draft.text.rfind("<", 0, index)
    if start < 0 or draft.text[index - 1 : index] not in {'"', "'"} or not draft.text[index : index + 1].isalpha():
        return None
    if not _UNFINISHED_TAG.fullmatch(draft.text, start, index):
        return None
    return Repair("BR001", "no blank between two attributes", index, (Edit(index, index, " "),))


def _glued_name(draft: Draft, _document: Document, index: int) -> Repair | None:
    start = draft.text.rfind("<", 0, index)
    name = _GLUED_NAME.match(draft.text, max(start, 0))
    if name is None or name.end() != index:
        return None
    message = f"<{name.group(1)}_name = ...> is an element without name; <{name.group(1)} name=...> was meant"
    return Repair("BR001", message, start, (Edit(start, index, f"<{name.group(1)} name"),))


def _hyphens_in_comment(draft: Draft, _document: Document, index: int) -> Repair | None:
    start, end = draft.text.rfind("<!--", 0, index), draft.text.find("-->", index - 2)
    if start < 0 or end < index - 2 or "-->" in draft.text[start + 4 : index - 2]:
        return None
    inside = draft.text[start + 4 : end]
    calm = re.sub(r"-(?=-)", "- ", inside)
    calm += " " * calm.endswith("-")
    if calm == inside:
        return None
    return Repair("BR001", "two hyphens inside a comment", index, (Edit(start + 4, end, calm),))


def _trailing_control(draft: Draft, _document: Document, index: int) -> Repair | None:
    rest = draft.text[index:]
    if rest[:1] not in {"\0", "\x1a"} or rest.strip("\0\x1a \t\r\n"):
        return None
    what = "NUL" if rest[0] == "\0" else "Ctrl-Z"
    return Repair("BR001", f"the file ends in a {what} character", index, (Edit(index, len(draft.text), ""),))


def _undeclared_bytes(draft: Draft, _document: Document, index: int) -> Repair | None:
    if not "\udc80" <= draft.text[index : index + 1] <= "\udcff":
        return None
    return Repair("BR001", "a byte that is not UTF-8, and no other encoding is declared", index)


def _attribute_twice(draft: Draft, _document: Document, index: int) -> Repair | None:
    start = draft.text.rfind("<", 0, index)
    spans = list(attributes(draft.text, start)) if start >= 0 else []
    second = next((span for span in spans if span.start == index), None)
    first = next((span for span in spans if second and span.name == second.name), None)
    if first is None or second is None or first == second:
        return None
    message = f"the attribute {shown(second.name)} is written twice"
    if draft.text[first.value_start : first.value_end] != draft.text[second.value_start : second.value_end]:
        return Repair("BR001", f"{message}, with different values", index)
    cut = len(draft.text[:index].rstrip())
    return Repair("BR001", message, index, (Edit(cut, second.value_end + 1, ""),))


def _wrong_end_tag(draft: Draft, document: Document, index: int) -> Repair | None:
    end_tag = re.compile(r"[^\s>]+").match(draft.text, index)
    if end_tag is None or not document.unclosed:
        return None
    name = end_tag.group().lower()
    innermost = document.elements[document.unclosed[-1]]
    opened = tag_name(draft.text, draft.index(innermost.offset))
    if name == opened.lower():
        message = f"</{shown(end_tag.group())}> does not close <{shown(opened)}>: the letter case differs"
        return Repair("BR001", message, index, (Edit(index, end_tag.end(), opened),))
    outer = {
        tag_name(draft.text, draft.index(document.elements[i].offset)).lower() for i in document.unclosed[:-1]
    }
    if name in outer:
        return _close(draft, document, innermost, draft.text.rfind("<", 0, index))
    return Repair("BR001", f"</{shown(end_tag.group())}> closes nothing that is open", index)


def _unclosed(draft: Draft, document: Document, _index: int) -> Repair | None:
    if not document.unclosed:
        return None
    return _close(draft, document, document.elements[document.unclosed[-1]], len(draft.text))


def _close(draft: Draft, document: Document, element: Element, end: int) -> Repair:
    """Close an element at `end` at the latest: before the first thing that cannot be inside it."""
    start = draft.index(element.offset)
    opened = tag_name(draft.text, start)
    message = f"element <{shown(opened)}> is not closed"
    name = element.name.lower()
    finish = tag_end(draft.text, start)
    if name != _ROOT and name not in _CONTENT:
        if finish is None or name not in _EMPTY:
            return Repair("BR004", message, start)
        return Repair("BR004", message, start, (Edit(finish.end() - 1, finish.end() - 1, "/"),))
    for child in _children(document, element):
        if name != _ROOT and child.name.lower() not in _CONTENT[name]:
            end = draft.index(child.offset)
            break
    indent = draft.text[draft.line_start(start) : start]
    behind = draft.text[end:]
    # The end tag gets a line of its own, as deep as the start tag, where the start tag has one too.
    text = f"</{opened}>" if indent.strip() else f"{indent}</{opened}>{draft.newline}"
    place = end if indent.strip() else draft.line_start(end)
    if draft.text[place:end].strip():
        place, text = end, f"{draft.newline}{text}" if not behind else f"</{opened}>"
    return Repair("BR004", message, start, (Edit(place, place, text),))


def _children(document: Document, element: Element) -> Iterator[Element]:
    return (child for child in document.elements[element.index + 1 :] if child.parent == element.index)


def _encoding_differs(draft: Draft, document: Document, _index: int) -> Repair | None:
    declared = _DECLARATION.match(draft.text)
    if declared is None:
        return None
    actual = "UTF-16" if draft.codec.startswith("utf-16") else "UTF-8"
    message = f"declared {shown(document.declared_encoding)}, but the file is {actual}"
    edit = Edit(declared.start(2), declared.end(2), actual)
    return Repair("BR006", message, declared.start(2), (edit,))


def _encoding_unknown(draft: Draft, document: Document, _index: int) -> Repair | None:
    declared = _DECLARATION.match(draft.text)
    if declared is None:
        return None
    name, start = document.declared_encoding, declared.start(2)
    message = f"the phone's parser has no encoding {shown(name)}"
    if draft.bom or draft.codec.startswith("utf-16"):
        actual = "UTF-16" if draft.codec.startswith("utf-16") else "UTF-8"
        return Repair("BR007", message, declared.start(2), (Edit(declared.start(2), declared.end(2), actual),))
    try:
        reading = draft.data().decode(name) if _CODECS.fullmatch(name.lower()) else None
    except (LookupError, UnicodeDecodeError):
        reading = None
    if reading is None:
        return Repair("BR007", message, start)
    # Declarations are ASCII in all of these, so the place is the same in both readings.
    return Repair("BR007", message, start, (Edit(start, declared.end(2), "UTF-8"),), reading)


_REPAIRS: Final[dict[int, tuple[Callable[[Draft, Document, int], Repair | None], ...]]] = {
    -997: (_empty, _unclosed),
    -996: (
        _comment_in_tag,
        _glued_name,
        _missing_quotes,
        _missing_blank,
        _curly_quotes,
        _hyphens_in_comment,
        _bare_ampersand,
        _trailing_control,
        _undeclared_bytes,
    ),
    -993: (_wrong_end_tag,),
    -992: (_attribute_twice,),
    -983: (_declaration_not_first,),
    -982: (_encoding_unknown,),
    -981: (_encoding_differs,),
}
