"""The text of a registration file, decoded as the phone's parser would, and where things are in it.

Byte offsets, which the parser gives, and lines and columns, which a reader wants, meet here.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
LINE_END: Final = re.compile(r"\r\n|\r|\n")
_TAG_NAME: Final = re.compile(r"<([^\s<>/]+)")
_TAG_END: Final = re.compile(r"\s*+(/?)>")
_ATTRIBUTE: Final = re.compile(r"""\s++([^\s=<>"'/]++)\s*+=\s*+("[^"<]*+"|'[^'<]*+')""")


class Place(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


class Span(NamedTuple):
    """An attribute in a text: `text[start:end]` is its name, `text[value_start:value_end]` its value."""

    name: str
    start: int
    end: int
    value_start: int
    value_end: int


class SourceText:
    """A file as text.

    Attributes:
        text: without byte-order mark. Bytes that do not decode are kept as lone surrogates.
        codec: Python's name of the encoding that the file is in, whatever it declares.
        bom: the byte-order mark, or nothing.
        data: the file.
    """

    def __init__(self, data: bytes) -> None:
        self.bom, self.codec = _encoding(data)
        self.data = data
        self.text = decode(data[len(self.bom) :], self.codec)
        self._line_starts = [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def index(self, offset: int) -> int:
        """The place in `text` of a byte offset."""
        return len(decode(self.data[len(self.bom) : max(offset, len(self.bom))], self.codec))

    def place(self, index: int) -> Place:
        """Line and column of a place in `text`."""
        line = bisect_right(self._line_starts, index)
        return Place(line, index - self._line_starts[line - 1] + 1)


def decode(data: bytes, codec: str) -> str:
    """Text that `encode` turns back into the same bytes, except for what is no UTF-16."""
    return data.decode(codec, "surrogateescape" if codec == "utf-8" else "replace")


def encode(text: str, codec: str, bom: bytes) -> bytes:
    """The file for a text. Raises UnicodeEncodeError for a character that the encoding lacks."""
    return bom + text.encode(codec, "surrogateescape" if codec == "utf-8" else "strict")


def tag_name(text: str, index: int) -> str:
    """The name in the start tag at `index`, with its prefix."""
    match = _TAG_NAME.match(text, index)
    return match.group(1) if match else ""


def attributes(text: str, index: int) -> Iterator[Span]:
    """The attributes of the start tag at `index`, as far as they are well-formed."""
    name = _TAG_NAME.match(text, index)
    place = name.end() if name else len(text)
    while match := _ATTRIBUTE.match(text, place):
        place = match.end()
        yield Span(match.group(1), match.start(1), match.end(1), match.start(2) + 1, match.end(2) - 1)


def tag_end(text: str, index: int) -> re.Match[str] | None:
    """What closes the start tag at `index`; group 1 is the slash of an empty element. None if damaged."""
    name = _TAG_NAME.match(text, index)
    place = name.end() if name else len(text)
    for span in attributes(text, index):
        place = span.value_end + 1
    return _TAG_END.match(text, place)


def _encoding(data: bytes) -> tuple[bytes, str]:
    """Byte-order mark and codec, found the way in which Expat finds them."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return bom, codec
    if data[:2] == b"<\0":
        return b"", "utf-16-le"
    if data[:2] == b"\0<":
        return b"", "utf-16-be"
    declared = _DECLARED.match(data)
    latin = declared is not None and declared.group(1).lower() == b"iso-8859-1"
    return b"", "latin-1" if latin else "utf-8"
