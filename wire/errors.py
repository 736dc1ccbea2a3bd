"""What can be wrong with bytes. Nothing here says who is to blame; the two ends know that.

WireError
+-- LayoutError     bytes do not fit the definition of their layout
+-- FormatError     one of Symbian's own formats is damaged (container, serialised objects)
+-- ProtocolError   the other end broke a rule of the link or of the calls
"""

from __future__ import annotations


def hexdump(data: bytes | bytearray | memoryview, *, limit: int = 64) -> str:
    """The first `limit` bytes as rows of 16 hex pairs with their offset and printable characters."""
    rows = []
    view = bytes(data[:limit])
    for offset in range(0, len(view), 16):
        row = view[offset : offset + 16]
        text = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in row)
        rows.append(f"{offset:04x}  {row.hex(' '):<47}  {text}")
    if len(data) > limit:
        rows.append(f"      ... {len(data) - limit} more bytes")
    return "\n".join(rows)


class WireError(Exception):
    """Base of everything that this package raises about bytes."""


class LayoutError(WireError):
    """Bytes that do not fit the definition of their layout.

    Args:
        message: the name of the layout.
        problem: what was expected and what came, with the field's path.
        data: the bytes; a dump of them ends the message.
    """

    def __init__(self, message: str, problem: str, data: bytes | memoryview = b"") -> None:
        self.message = message
        self.data = bytes(data)
        dump = f"\n{hexdump(self.data)}" if self.data else ""
        super().__init__(f"{message}: {problem}{dump}")


class FormatError(WireError):
    """Data in one of Symbian's own formats is damaged.

    `offset` counts bytes from the start of what was given to the reader.
    """

    def __init__(self, what: str, problem: str, *, offset: int = 0) -> None:
        self.what = what
        self.offset = offset
        super().__init__(f"{what}: {problem} (at byte {offset})")


class ProtocolError(WireError):
    """The other end broke a rule: an unknown kind that must be understood, a call that was never made."""
