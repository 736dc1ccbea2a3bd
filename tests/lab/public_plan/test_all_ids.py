"""Every case of the plan has one test, and no test claims a case that the plan does not have."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.public_plan.plan import CASES, SECTIONS

# How many cases each script has, as the plan counts them (Test plan 6.6).
SCRIPTS = {
    "test_backuprestore": 11,
    "test_backuprestoreasync": 8,
    "test_backupinvalid": 6,
    "test_activebackuprestore": 16,
    "test_increament": 8,
    "test_backuppackage": 4,
    "test_restorepackage": 2,
}


def declared_ids() -> Iterator[str]:
    """What the `case` markers of this folder's tests say."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.lab.public_plan.{path.stem}")
        for name, value in vars(module).items():
            if name.startswith("test_"):
                yield from _ids_of(getattr(value, "pytestmark", []))


def _ids_of(marks: list[pytest.Mark]) -> Iterator[str]:
    for mark in marks:
        if mark.name == "parametrize":
            for parameters in mark.args[1]:
                yield from (inner.args[0] for inner in getattr(parameters, "marks", ()) if inner.name == "case")
        elif mark.name == "case":
            yield mark.args[0]


def test_the_plan_has_55_cases() -> None:
    assert Counter(case.script for case in CASES.values()) == SCRIPTS
    assert len(CASES) == 55


def test_every_case_has_one_test() -> None:
    assert Counter(declared_ids()) == Counter(CASES.keys())


def test_every_section_is_used_but_two_that_no_script_uses() -> None:
    used = {case.section for case in CASES.values()}
    assert set(SECTIONS) - used == {"PUBLIC_FILE_0010", "PUBLIC_FILE_0020"}
    assert used <= set(SECTIONS)


@pytest.mark.parametrize(
    ("drive_list", "drives"),
    [("C", "C"), ("o", "O"), ("A,c,$,#,@,!,1,^,&,*", "AC"), ("C,E", "CE"), ("$E", "AE")],
)
def test_the_drives_of_a_drive_list(drive_list: str, drives: str) -> None:
    """A character that is no letter marks the drive before it, or A, once more (Test plan 3)."""
    section = SECTIONS["BACKUP_RESTORE_0010"]._replace(drive_list=drive_list)
    assert "".join(drive.letter for drive in section.drives) == drives
