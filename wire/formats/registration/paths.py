r"""Paths in a registration file: how the engine completes them, and what they then select.

Completed passive paths begin with `\private\<sid>\` and hold for every drive; public ones begin with a drive.
Matching works on text alone, without case and without looking at a file system. Nothing here knows `/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wire.symbian import Drive, SecureId

if TYPE_CHECKING:
    from collections.abc import Iterable

# Registration format 5.3, each read with any drive in front.
_SYSTEM: Final = (r"?:\sys\*", r"?:\system\*", r"?:\resource\*")
_NEVER: Final = (*_SYSTEM, r"?:*\..\*", r"?:\private\????????\nobackup\*")
_PRIVATE: Final = r"?:\private\*"

NO_FILE_NAME: Final = frozenset('/<>"|')
"""Characters that the file server refuses, apart from wildcards."""


class Selection(NamedTuple):
    r"""One path of a registration file as the engine keeps it.

    Attributes:
        path: passive: `\private\<sid>\...` without a drive. Public: as written, `c:\...` or `!:\...`.
        include: False for `exclude`.
    """

    path: str
    include: bool = True

    @property
    def is_directory(self) -> bool:
        """It ends in a backslash; the engine gives one to every `include_directory`."""
        return self.path.endswith("\\")

    @property
    def drive(self) -> Drive | None:
        """The drive it names; None for a passive path and for `!:`, `?:`, `*:`."""
        letter = self.path[:1].upper()
        return Drive.parse(letter) if self.path[1:2] == ":" and "A" <= letter <= "Z" else None

    @property
    def is_any_drive(self) -> bool:
        """A public path on `!:`, the drive being listed (Registration format 5.2)."""
        return self.path.startswith("!:")

    @property
    def never_matches(self) -> bool:
        """A public path on something that is no drive, such as `?:` or `*:` (Registration format 5.2)."""
        return not self.path.startswith("\\") and self.drive is None and not self.is_any_drive

    def on_drive(self, drive: Drive) -> str | None:
        """The path on one drive, or None where it does not reach that drive."""
        if self.path.startswith("\\"):
            return f"{drive.letter}:{self.path}"
        if self.is_any_drive:
            return f"{drive.letter}{self.path[1:]}"
        return self.path if self.drive == drive else None


def expand_passive(value: str, sid: SecureId) -> str | None:
    """A passive path without its drive, or None where the engine rejects it (Registration format 5.1)."""
    own = sid.private_directory
    # One character folds to one: str.lower() can lengthen a text and would move the place found in it.
    found = _fold(value).find(own)
    if found >= 0:
        return value[found:]
    if ":" in value:
        return None
    return own + value.removeprefix("\\")


def expand_public(value: str) -> str | None:
    """A public path, or None where the engine rejects it for having no `:` (Registration format 5.2)."""
    return value if ":" in value else None


def is_excluded_passive(path: str, sid: SecureId) -> bool:
    r"""Whether passive backup leaves a file out whatever the registration says (Registration format 5.3).

    Args:
        path: with its drive, as in `C:\private\0ab7e57c\x`.
        sid: the owner; of `\private` it may touch its own directory only.
    """
    folded = _fold(path)
    if _is_impossible(path) or any(matches(pattern, folded) for pattern in _NEVER):
        return True
    return matches(_PRIVATE, folded) and not matches(f"?:{sid.private_directory}*", folded)


def is_excluded_public(path: str) -> bool:
    r"""The same for public files, to which all of `\private` is closed."""
    folded = _fold(path)
    return _is_impossible(path) or any(matches(p, folded) for p in (*_NEVER, _PRIVATE))


def is_system_path(path: str) -> bool:
    r"""Whether a public path is in one of the directories that are closed to public backup."""
    return any(matches(p, path) for p in (*_SYSTEM, _PRIVATE))


def is_excluded_at_backup(selections: Iterable[Selection], path: str) -> bool:
    r"""Whether an `exclude` keeps a passive file or directory out of a backup (Registration format 5.4).

    Args:
        selections: of the owner's passive part.
        path: with its drive; a directory without trailing backslash, which is why the pattern `...\cache\`
            does not keep out a directory that has something in it.
    """
    return any(not s.include and matches(f"?:{s.path}", path) for s in selections)


def is_allowed_at_restore(selections: Iterable[Selection], path: str) -> bool:
    """Whether a passive file of a backup may be written back (Registration format 5.4).

    It may if its path contains the text of an include and of no exclude. Wildcards have no meaning here.
    """
    folded = _fold(path)
    allowed = False
    for selection in selections:
        if _fold(selection.path) in folded:
            if not selection.include:
                return False
            allowed = True
    return allowed


def is_excluded_public_file(selections: Iterable[Selection], path: str) -> bool:
    """Whether an `exclude` names exactly this public file (Registration format 5.4)."""
    folded = _fold(path)
    return any(not s.include and _fold(s.path) == folded for s in selections)


def matches(pattern: str, text: str) -> bool:
    """Symbian's MatchF: `*` is any text, `?` any character, the rest is compared without case.

    Takes at most len(pattern) * len(text) steps, whatever the pattern.
    """
    pattern, text = _fold(pattern), _fold(text)
    p = t = 0
    star, retry = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, retry, p = p, t, p + 1
        elif p < len(pattern) and pattern[p] in {"?", text[t]}:
            p, t = p + 1, t + 1
        elif star >= 0:
            retry += 1
            p, t = star + 1, retry
        else:
            return False
    return not pattern[p:].strip("*")


def _fold(text: str) -> str:
    """Lower case, one character for one."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def _is_impossible(path: str) -> bool:
    """The file server has no such name: a wildcard or a character that no file name can have."""
    return any(c in NO_FILE_NAME or c in "*?" for c in path)
