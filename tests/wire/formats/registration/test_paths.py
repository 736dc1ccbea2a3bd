"""What a completed path selects (Registration format 5.3 and 5.4)."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wire.formats.registration.paths import (
    Selection,
    is_allowed_at_restore,
    is_excluded_at_backup,
    is_excluded_passive,
    is_excluded_public,
    is_excluded_public_file,
    matches,
)
from wire.symbian import Drive, SecureId

SID = SecureId(0x0AB7E57C)
OWN = SID.private_directory
C, E = Drive.parse("C"), Drive.parse("E")


@pytest.mark.parametrize(
    ("path", "passive", "public"),
    [
        (r"C:\private\0ab7e57c\a", False, True),
        (r"e:\PRIVATE\0AB7E57C\a", False, True),
        (r"C:\private\10202BE9\a", True, True),
        (r"C:\private\0ab7e57c\NoBackup\a", True, True),
        (r"C:\private\0ab7e57c\sub\NoBackup\a", False, True),
        (r"C:\private\0ab7e57c\..\10202be9\a", True, True),
        (r"C:\data\a", False, False),
        (r"C:\data\..\sys\a", True, True),
        (r"C:\data\..a\b", False, False),
        (r"C:\Sys\bin\a.exe", True, True),
        (r"C:\system\data\a", True, True),
        (r"C:\resource\a", True, True),
        (r"C:\resources\a", False, False),
        (r"C:\data\*.txt", True, True),
        (r"C:\data/a", True, True),
        (r"C:\private\0ab7e57c\a|b", True, True),
    ],
)
def test_what_is_never_included(path: str, passive: bool, public: bool) -> None:
    assert is_excluded_passive(path, SID) is passive
    assert is_excluded_public(path) is public


def exclude(text: str) -> list[Selection]:
    return [Selection(OWN + text, include=False)]


def test_an_exclude_at_backup_is_a_pattern_for_the_whole_path() -> None:
    directory, inside = f"C:{OWN}cache", f"C:{OWN}cache\\x"
    assert is_excluded_at_backup(exclude("cache"), directory)
    assert not is_excluded_at_backup(exclude("cache"), inside)
    assert is_excluded_at_backup(exclude("cache\\*"), inside)
    assert is_excluded_at_backup(exclude("*.T?P"), f"e:{OWN}sub\\a.tmp")


def test_a_trailing_backslash_excludes_nothing_at_backup() -> None:
    assert not is_excluded_at_backup(exclude("cache\\"), f"C:{OWN}cache")
    assert not is_excluded_at_backup(exclude("cache\\"), f"C:{OWN}cache\\x")


def test_an_include_excludes_nothing() -> None:
    assert not is_excluded_at_backup([Selection(OWN + "*")], f"C:{OWN}x")
    assert not is_excluded_public_file([Selection("c:\\x")], "c:\\x")


def test_at_restore_texts_are_searched_and_excludes_win() -> None:
    selections = [*exclude("tmp"), Selection(OWN)]
    assert is_allowed_at_restore(selections, f"C:{OWN.upper()}x")
    assert not is_allowed_at_restore(selections, f"C:{OWN}tmp2.dat")
    assert not is_allowed_at_restore(selections[::-1], f"C:{OWN}TMP2.dat")
    assert not is_allowed_at_restore(selections, "C:\\data\\x")
    assert is_allowed_at_restore([*exclude("*.tmp"), Selection(OWN)], f"C:{OWN}a.tmp")


def test_a_public_exclude_is_one_whole_path() -> None:
    selections = [Selection("C:\\data\\x", include=False), Selection("!:\\data\\y", include=False)]
    assert is_excluded_public_file(selections, "c:\\DATA\\X")
    assert not is_excluded_public_file(selections, "c:\\data\\xx")
    assert not is_excluded_public_file(selections, "c:\\data\\y")


@pytest.mark.parametrize(
    ("path", "drive", "on_c", "never"),
    [
        ("\\private\\x", None, "C:\\private\\x", False),
        ("c:\\x", C, "c:\\x", False),
        ("e:\\x", E, None, False),
        ("!:\\x", None, "C:\\x", False),
        ("?:\\x", None, None, True),
        ("*:\\x", None, None, True),
        ("data:x", None, None, True),
    ],
)
def test_drives_of_a_selection(path: str, drive: Drive | None, on_c: str | None, never: bool) -> None:
    selection = Selection(path)
    assert (selection.drive, selection.on_drive(C), selection.never_matches) == (drive, on_c, never)


# A small alphabet, so that patterns do match now and then.
TEXTS = st.text("aB\\", max_size=12)
PATTERNS = st.text("aB\\*?", max_size=12)


@given(PATTERNS, TEXTS)
@example("*aB", "aaB")
@example("a*?", "a")
def test_wildcards_agree_with_regular_expressions(pattern: str, text: str) -> None:
    regex = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    assert matches(pattern, text) is bool(re.fullmatch(regex, text, re.IGNORECASE | re.DOTALL))


def test_a_pattern_of_stars_ends_soon() -> None:
    assert not matches("*a" * 128 + "b", "a" * 256)
