"""Text from a file of unknown origin, made fit for a terminal."""

from __future__ import annotations


def shown(text: str, *, limit: int = 60) -> str:
    """At most `limit` characters; what does not print, or could steer a terminal, is escaped."""
    short = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)


def quoted(text: str, *, limit: int = 60) -> str:
    """The same between quotation marks, with single backslashes, as paths are written here."""
    return f'"{shown(text, limit=limit)}"'
