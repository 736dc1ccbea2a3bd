"""What the name of a file and of its directory say (Registration format 1)."""

from __future__ import annotations

import pytest

from wire.formats.registration import is_primary, is_registration_name, read_directory_sid
from wire.symbian import SecureId


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("backup_registration.xml", True),
        ("Backup_Registration_More.XML", True),
        ("backup_registration.xml.txt", False),
        ("my_backup_registration.xml", False),
    ],
)
def test_names_that_the_engine_looks_at(name: str, found: bool) -> None:
    assert is_registration_name(name) is found


def test_the_primary_file() -> None:
    assert is_primary("C:\\private\\0ab7e57c\\BACKUP_registration.xml")
    assert not is_primary("C:\\private\\0ab7e57c\\backup_registration_more.xml")


@pytest.mark.parametrize(
    ("name", "sid"),
    [
        ("0AB7E57C", 0x0AB7E57C),
        ("12", 0x12),
        ("0x1234", 0),
        ("1234-old", 0x1234),
        ("import", None),
        ("", None),
    ],
)
def test_the_directory_names_the_owner(name: str, sid: int | None) -> None:
    assert read_directory_sid(name) == (None if sid is None else SecureId(sid))


def test_a_directory_of_more_than_32_bits_is_passed_over() -> None:
    assert read_directory_sid("12345678abc") is None
    assert read_directory_sid("000012345678") == SecureId(0x12345678)
