"""Parts of the documentation that a command writes: they stand between two marks that name it."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, command: str, text: str) -> None:
    """Replace what stands between the marks of a command; SystemExit when the page has none."""
    page.write_text(replaced(page.read_text(encoding="utf-8"), command, text), encoding="utf-8")


def replaced(text: str, command: str, part: str) -> str:
    """The same on a text."""
    begin, end = f"<!-- begin: {command} -->", f"<!-- end: {command} -->"
    before, mark, rest = text.partition(begin)
    _, end_mark, after = rest.partition(end)
    if not mark or not end_mark:
        raise SystemExit(f"the page has no place for it: it needs the lines {begin} and {end}")
    return f"{before}{begin}\n\n{part}\n\n{end}{after}"
