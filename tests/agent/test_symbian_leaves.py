"""Leave rules of the Symbian layer: a function that may leave says so in its name, and no leave crosses the core.

A function that calls one whose name ends in L, LC or LD, or `User::Leave`, or allocates with ELeave, has to end in
L itself, or to trap. That is what Symbian's leavescan looks for too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from wire.symbian import AbCallback

SYMBIAN: Final = Path(__file__).parents[2] / "device_agent" / "symbian"
_LEAVES: Final = re.compile(r"\b(?:\w+?(?:L|LC|LD)(?:<\w+>)?\(|User::Leave\w*\(|new \(ELeave\))")
_TRAP: Final = re.compile(r"\bTRAP(?:D|_IGNORE)?\(")


class Function(NamedTuple):
    """A function that is defined somewhere."""

    file: str
    name: str
    body: str


def functions(text: str, file: str) -> Iterator[Function]:
    """Every function of a text in the style of this code: braces on lines of their own, four blanks in."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        brace = re.fullmatch(r"( {4,8})\{", lines[at])
        signature = _signature(lines, at, len(brace[1]) - 4) if brace else ""
        if brace and signature:
            end = lines.index(f"{brace[1]}}}", at)
            names = re.findall(r"([~\w]+)\(", signature)
            yield Function(file, names[0], "\n".join(line.partition("//")[0] for line in lines[at:end]))
            at = end
        at += 1


def _signature(lines: list[str], brace: int, indent: int) -> str:
    """What stands before a brace, up to the line that begins as far left as a definition does."""
    for first in range(brace - 1, max(-1, brace - 6), -1):
        line = lines[first]
        if not line.strip() or line.rstrip().endswith((";", "}")):
            return ""
        if len(line) - len(line.lstrip()) == indent and not line.lstrip().startswith((":", "//")):
            text = " ".join(lines[first:brace])
            kind = re.match(r"\s*(class|struct|enum|namespace|if|else|for|while|switch|do|case|default)\b", text)
            return "" if kind or "(" not in text else text
    return ""


def without_traps(body: str) -> str:
    """The body without what stands inside a TRAP."""
    while found := _TRAP.search(body):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(body[end], 0)
            end += 1
        body = body[: found.start()] + body[end:]
    return body


def all_functions() -> list[Function]:
    files = sorted(path for path in SYMBIAN.rglob("*") if path.suffix in {".cpp", ".h"})
    return [one for path in files for one in functions(path.read_text(encoding="ascii"), path.name)]


def leaves(function: Function) -> list[str]:
    return _LEAVES.findall(without_traps(function.body))


def test_who_may_leave_says_so() -> None:
    found = all_functions()
    assert len(found) > 300
    wrong = [(one.file, one.name, leaves(one)) for one in found if leaves(one)]
    assert [one for one in wrong if not re.search(r"L[CD]?$", one[1])] == []


def test_who_says_so_may_leave() -> None:
    """An L too many makes every caller trap in vain. Some names are given by the framework and the engine."""
    given = {"RunL", "ServiceL", "ConstructL", *(callback.name for callback in AbCallback)}
    wrong = [one for one in all_functions() if re.search(r"[a-z]L[CD]?$", one.name) and not leaves(one)]
    assert [(one.file, one.name) for one in wrong if one.name not in given] == []


def test_every_active_object_handles_its_errors() -> None:
    headers = "\n".join(path.read_text(encoding="ascii") for path in sorted(SYMBIAN.rglob("*.h")))
    kinds = r"(?:CActive|CTimer|CServer2)\b"
    found = re.findall(rf"^class (\w+) : public {kinds}(.*?)^    \}};", headers, re.MULTILINE | re.DOTALL)
    assert len(found) >= 10
    assert [name for name, body in found if "RunError(" not in body] == []


def test_the_scan_finds_what_it_is_for() -> None:
    text = """
void CThing::Quiet()
    {
    TRAPD(error, OtherL(1, (2)));
    if (error)
        {
        Handle();
        }
    }

TInt CThing::Loud(
    TInt aFirst)
    {
    iPart = CPart::NewL();  // OtherL()
    }

CThing::CThing()
    : iOne(1)
    {
    iTwo = new (ELeave) TInt;
    }
"""
    found = list(functions(text, "thing.cpp"))
    assert [one.name for one in found] == ["Quiet", "Loud", "CThing"]
    assert [bool(leaves(one)) for one in found] == [False, True, True]
