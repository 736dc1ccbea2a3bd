r"""Rules about paths (Registration format 9.4).

They look at what the reader made of a path: completed, dropped or rejected. `_passive` and `_public` give the
accepted ones of either part.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from harness.registration.rules import ERROR, INFO, WARNING, Hit, rule
from harness.registration.shown import shown
from wire.formats.registration import RemarkKind, Selection
from wire.formats.registration.paths import NO_FILE_NAME, is_system_path
from wire.formats.registration.values import MAX_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.registration.subject import Subject
    from wire.formats.registration import Remark

_PRIVATE: Final = re.compile(r"\\private\\[0-9a-f]{8}(\\|$)", re.IGNORECASE)
_PARENT: Final = re.compile(r"(^|\\)\.\.(\\|$)")
_NO_BACKUP: Final = re.compile(r"\\private\\[0-9a-f]{8}\\nobackup(\\|$)", re.IGNORECASE)


def _accepted(file: Subject, *, public: bool) -> Iterator[Remark]:
    """Paths that became part of the selection."""
    for remark in file.remarks(RemarkKind.SELECTION_ADDED):
        if remark.text.startswith("\\") is not public:
            yield remark


def _passive(file: Subject) -> Iterator[Remark]:
    return _accepted(file, public=False)


def _public(file: Subject) -> Iterator[Remark]:
    return _accepted(file, public=True)


def _written(remark: Remark) -> str:
    """The path as it is in the file."""
    return remark.attribute.value if remark.attribute else ""


@rule(
    "BR301",
    ERROR,
    "a passive path with a drive that is not in the owner's private directory",
    "It is rejected with a line in the log: passive backup is for the private directory only.",
)
def passive_elsewhere(file: Subject) -> Iterator[Hit]:
    """Public files belong into public_backup."""
    for remark in file.remarks(RemarkKind.PATH_NOT_RECOGNISED):
        if not _PRIVATE.search(remark.text):
            yield Hit.of(remark, f"{shown(_written(remark))} is not in the private directory")


@rule(
    "BR302",
    INFO,
    "a drive in front of the own private directory",
    "The drive is ignored: the path holds for the private directory on every drive.",
)
def passive_drive(file: Subject) -> Iterator[Hit]:
    """Everything in front of the private directory is cut off."""
    for remark in _passive(file):
        if ":" in _written(remark).removesuffix(remark.text):
            yield Hit.of(remark, f"the drive in {shown(_written(remark))} is ignored")


@rule(
    "BR303",
    ERROR,
    "a passive path into another owner's private directory",
    "With a drive it is rejected; without, it means a directory inside the own one that does not exist.",
)
def passive_of_others(file: Subject) -> Iterator[Hit]:
    """The other owner has to be a proxy, or to register itself."""
    for remark in file.remarks(RemarkKind.PATH_NOT_RECOGNISED):
        if _PRIVATE.search(remark.text):
            yield Hit.of(
                remark, f"{shown(_written(remark))} belongs to another owner", consequence="It is rejected."
            )
    for remark in _passive(file):
        # From the backslash behind the own private directory on.
        if _PRIVATE.match(remark.text, len(r"\private\00000000")):
            text = f"It means {shown(remark.text)}, which does not exist."
            yield Hit.of(remark, f"{shown(_written(remark))} belongs to another owner", consequence=text)


@rule(
    "BR304",
    ERROR,
    "a public path without drive",
    "It is rejected with a line in the log, although the published DTD allows it.",
)
def public_without_drive(file: Subject) -> Iterator[Hit]:
    r"""Such as `\data\x`."""
    for remark in file.remarks(RemarkKind.PATH_NOT_ABSOLUTE):
        yield Hit.of(remark, f"{shown(_written(remark))} has no drive")


@rule(
    "BR305",
    ERROR,
    r"a public path in `\private`, `\sys`, `\system` or `\resource`",
    "It is never backed up: these directories are closed to public backup.",
)
def public_system(file: Subject) -> Iterator[Hit]:
    r"""Also `c:\system\data`, where older programs keep their files."""
    for remark in _public(file):
        if remark.flag and is_system_path(remark.text):
            yield Hit.of(remark, f"{shown(_written(remark))} is never backed up")


@rule("BR306", ERROR, "a `..` in a path", "It is never backed up: such paths are filtered out.")
def parent_segment(file: Subject) -> Iterator[Hit]:
    """In includes; an exclude of that kind matches nothing."""
    for remark in file.remarks(RemarkKind.SELECTION_ADDED):
        if _PARENT.search(_written(remark)):
            yield Hit.of(remark, f"{shown(_written(remark))} leads out of its directory")


@rule(
    "BR307",
    WARNING,
    "`!:` in a public path",
    "Only the large listing of newer engines puts the current drive there; the simple listing ignores it.",
)
def any_drive(file: Subject) -> Iterator[Hit]:
    """It also makes the owner report all drives."""
    for remark in _public(file):
        if Selection(remark.text).is_any_drive:
            yield Hit.of(remark, f"{shown(_written(remark))} names every drive")


@rule(
    "BR308",
    ERROR,
    "`?:`, `*:` or another drive that is none, in a public path",
    "It is accepted and never matches, but makes the owner report all drives.",
)
def no_drive(file: Subject) -> Iterator[Hit]:
    """A drive is one letter."""
    for remark in _public(file):
        if Selection(remark.text).never_matches:
            yield Hit.of(remark, f"{shown(_written(remark))} is on no drive")


@rule(
    "BR309",
    ERROR,
    "a wildcard in an include, or in a public exclude",
    "It selects nothing: wildcards only work in excludes of passive_backup.",
)
def wildcard(file: Subject) -> Iterator[Hit]:
    """`*` or `?` behind the drive."""
    for remark in file.remarks(RemarkKind.SELECTION_ADDED):
        is_public = not remark.text.startswith("\\")
        if (remark.flag or is_public) and any(c in remark.text[2:] for c in "*?"):
            yield Hit.of(remark, f"{shown(_written(remark))} has a wildcard")


@rule(
    "BR310",
    ERROR,
    "a forward slash, or another character that no file name has",
    r"It selects nothing: the file server has no such name, and `/` separates nothing.",
)
def illegal_character(file: Subject) -> Iterator[Hit]:
    r"""`/ < > " |`."""
    for remark in file.remarks(RemarkKind.SELECTION_ADDED):
        found = next((c for c in _written(remark) if c in NO_FILE_NAME), None)
        if found:
            yield Hit.of(remark, f"{shown(_written(remark))} has a {found}")


@rule(
    "BR311",
    WARNING,
    "a passive exclude with a trailing backslash",
    "It does not keep the directory out of a backup, unless it is empty: directories are compared without "
    "backslash, and files with what follows it. At a restore it works.",
)
def exclude_with_backslash(file: Subject) -> Iterator[Hit]:
    """Without the backslash it does what is meant."""
    for remark in _passive(file):
        if not remark.flag and remark.text.endswith("\\"):
            yield Hit.of(remark, f"{shown(_written(remark))} does not exclude what is in the directory")


@rule("BR312", WARNING, "an exclude that cannot match anything included", "None.")
def idle_exclude(file: Subject) -> Iterator[Hit]:
    """Compares texts up to the first wildcard, so it misses some."""
    for remarks, has_wildcards in ((list(_passive(file)), True), (list(_public(file)), False)):
        includes = sorted({r.text.lower() for r in remarks if r.flag})
        known = set(includes)
        for remark in remarks:
            if not remark.flag and not _can_match(remark.text.lower(), includes, known, wild=has_wildcards):
                yield Hit.of(remark, f"nothing that is included can match {shown(_written(remark))}")


def _can_match(exclude: str, includes: list[str], known: set[str], *, wild: bool) -> bool:
    literal = re.split(r"[*?]", exclude, maxsplit=1)[0] if wild else exclude
    if any(prefix in known for prefix in _directories(literal)):
        return True
    # The other way round: something included below the place where the wildcards begin, or below a directory.
    below = literal if literal != exclude else literal.rstrip("\\") + "\\"
    place = bisect_left(includes, below)
    return exclude in known or (wild and place < len(includes) and includes[place].startswith(below))


def _directories(path: str) -> Iterator[str]:
    """The path itself, if it is a directory, and each directory that it is in."""
    return (path[: match.end()] for match in re.finditer(r"\\", path))


@rule(
    "BR313",
    WARNING,
    "a public include of a whole drive",
    r"Everything on it becomes part of the backup, apart from `\private`, `\sys`, `\system` and `\resource`.",
)
def whole_drive(file: Subject) -> Iterator[Hit]:
    r"""`c:\`."""
    for remark in _public(file):
        if remark.flag and remark.text[1:] == ":\\":
            yield Hit.of(remark, f"{shown(_written(remark))} is a whole drive")


@rule(
    "BR314",
    ERROR,
    f"a path of more than {MAX_PATH} characters, the private directory included",
    "Written too long, it is dropped; completed too long, the engine ends with panic USER 11 (UNVERIFIED).",
)
def long_path(file: Subject) -> Iterator[Hit]:
    """A relative path has at most 238 characters, 239 with its leading backslash."""
    for remark in file.remarks(RemarkKind.PATH_TOO_LONG):
        text = "It is dropped with a line in the log." if remark.flag else "It is dropped."
        yield Hit.of(remark, f"the path has more than {MAX_PATH} characters", consequence=text)
    for remark in file.remarks(RemarkKind.PANIC_PATH_TOO_LONG):
        text = "The engine's process ends with panic USER 11, and with it the backup (UNVERIFIED)."
        yield Hit.of(remark, f"the completed path has {remark.number} characters", consequence=text)


@rule("BR315", INFO, "a directory called NoBackup", "The engine leaves it out by itself.")
def no_backup(file: Subject) -> Iterator[Hit]:
    """Directly in the private directory."""
    for remark in _passive(file):
        if _NO_BACKUP.match(remark.text):
            text = "" if remark.flag else "The engine leaves it out by itself; the exclude is not needed."
            yield Hit.of(remark, f"{shown(_written(remark))} is never backed up", consequence=text)


@rule(
    "BR316",
    WARNING,
    "an exclude below a public `include_directory`",
    "The large listing of newer engines lists the file all the same: it checks only files that are named.",
)
def public_exclude(file: Subject) -> Iterator[Hit]:
    """The simple listing does apply it."""
    remarks = list(_public(file))
    directories = {r.text.lower() for r in remarks if r.flag and r.text.endswith("\\")}
    for remark in remarks:
        if not remark.flag and any(d in directories for d in _directories(remark.text.lower())):
            yield Hit.of(remark, f"the exclude {shown(_written(remark))} is not reliable")


@rule(
    "BR317",
    INFO,
    "`include_directory` without trailing backslash",
    "It works: the engine adds one.",
)
def directory_form(file: Subject) -> Iterator[Hit]:
    """The canonical form has it."""
    for remark in file.remarks(RemarkKind.SELECTION_ADDED):
        if remark.element.name.lower() == "include_directory" and not _written(remark).endswith("\\"):
            yield Hit.of(remark, f"{shown(_written(remark))} is usually written with a backslash at its end")


@rule(
    "BR318",
    WARNING,
    "an include that another include covers",
    "The files are listed twice and transferred twice.",
)
def covered(file: Subject) -> Iterator[Hit]:
    """The same path, or one below an included directory."""
    for remarks in (_passive(file), _public(file)):
        yield from _covered(remark for remark in remarks if remark.flag)


def _covered(includes: Iterable[Remark]) -> Iterator[Hit]:
    everything = list(includes)
    known = {remark.text.lower() for remark in everything}
    seen: set[str] = set()
    for remark in everything:
        path = remark.text.lower()
        outer = next((d for d in _directories(path) if d in known and d != path), None)
        if path in seen:
            yield Hit.of(remark, f"{shown(_written(remark))} is included before")
        elif outer is not None:
            yield Hit.of(remark, f"{shown(_written(remark))} is inside {shown(outer)}, which is included too")
        seen.add(path)
