"""A text under repair that remembers where each character came from, so that places are those of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.registration.source import LINE_END, Place, SourceText, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(NamedTuple):
    """Put `text` in the place of `[start:end]`."""

    start: int
    end: int
    text: str


class Draft:
    """The text of a file, with edits.

    Attributes:
        source: the file as it is.
        text: the text as it is now.
        codec: the encoding in which it will be written.
        bom: the byte-order mark with which it will be written.
    """

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.codec = source.codec
        self.bom = source.bom
        self._origins = list(range(len(self.text) + 1))
        self._is_changed = False

    def apply(self, edits: Iterable[Edit]) -> None:
        """Make edits, all of which count in the text before them and none of which overlap."""
        self._is_changed = True
        for start, end, text in sorted(edits, reverse=True):
            self.text = self.text[:start] + text + self.text[end:]
            self._origins[start:end] = [self._origins[start]] * len(text)

    def recode(self, text: str) -> None:
        """Take another reading of the file's bytes, from now on as UTF-8. Only before the first edit."""
        self._is_changed = True
        self.text, self.codec, self.bom = text, "utf-8", b""
        self._origins = list(range(len(text) + 1))

    @property
    def is_lossless(self) -> bool:
        """False for a file with bytes that its encoding cannot have and that text cannot keep."""
        source = self.source
        return encode(source.text, source.codec, source.bom) == source.data

    def data(self) -> bytes:
        """The file as it would be written. Raises UnicodeEncodeError where its encoding cannot say it."""
        # What was not touched stays as it is, even where it is damaged.
        return encode(self.text, self.codec, self.bom) if self._is_changed else self.source.data

    def index(self, offset: int) -> int:
        """The place in `text` of an offset in `data()`."""
        return len(decode(self.data()[len(self.bom) : max(offset, len(self.bom))], self.codec))

    def index_of_line(self, line: int) -> int:
        """Where a line of `text` begins."""
        starts = [0, *(match.end() for match in LINE_END.finditer(self.text))]
        return starts[min(line, len(starts)) - 1]

    def line_start(self, index: int) -> int:
        """Where the line of a place in `text` begins."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    @property
    def newline(self) -> str:
        """What ends a line in this file."""
        match = LINE_END.search(self.text)
        return match.group() if match else "\n"

    def place(self, index: int) -> Place:
        """Where a place in `text` is, or came from, in the file."""
        return self.source.place(self._origins[min(index, len(self.text))])
