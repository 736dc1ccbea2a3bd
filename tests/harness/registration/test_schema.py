"""The schema of the strict form accepts what `new` writes, and nothing that the linter finds fault with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from harness.registration.new import Paths, Wishes, new_file
from harness.registration.recover import safe_parser
from harness.registration.schema import schema_problems
from tests.harness.registration.cases import CASES, Case
from wire.symbian import SecureId, TActiveBackupType

if TYPE_CHECKING:
    from pathlib import Path

# Legal in the strict form: questions of meaning, of names, of encoding and of other files.
NOT_OF_FORM = {
    *(
        "BR008",
        "BR010",
        "BR011",
        "BR012",
        "BR109",
        "BR110",
        "BR111",
        "BR112",
        "BR207",
        "BR215",
        "BR222",
        "BR223",
    ),
    *(
        "BR224",
        "BR225",
        "BR226",
        "BR227",
        "BR303",
        "BR305",
        "BR306",
        "BR312",
        "BR313",
        "BR314",
        "BR315",
        "BR316",
    ),
    "BR318",
}


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(),
        Wishes(
            process_name="x.exe",
            active_type=TActiveBackupType.EActiveAndProxyImpl,
            callback_delay_time_us=5_000_000,
        ),
        Wishes(process_name="x.exe", supports_selective=True, supports_incremental=False, passive=Paths(["\\"])),
        Wishes(
            passive=Paths(["a"], [r"\b\c"], [r"a\*.tmp", "a\\d\\"]),
            base_backup_only=True,
            requires_reboot=True,
        ),
        Wishes(public=Paths([r"c:\x", "e:\\"], [r"C:\y"], [r"c:\x\z"]), has_system_files=True),
        Wishes(proxies=[SecureId(1), SecureId(2)], policies=["0xE0123456", "1"]),
    ],
)
def test_what_new_writes_conforms(wishes: Wishes) -> None:
    data, _ = new_file(wishes)
    assert schema_problems(data) == []


def test_a_doctype_does_not_conform_and_nothing_is_expanded(tmp_path: Path) -> None:
    other = tmp_path / "x.xml"
    other.write_text('<restore requires_reboot="no"/>')
    doctype = f'<!DOCTYPE backup_registration [<!ENTITY x SYSTEM "{other.as_uri()}">]>'
    data = f'{doctype}<backup_registration version="1.0">&x;</backup_registration>'.encode()
    assert schema_problems(data) == [(1, "a DOCTYPE is not part of the strict form")]
    assert b"restore" not in etree.tostring(etree.fromstring(data, safe_parser()))
    assert b"restore" in etree.tostring(etree.fromstring(data, etree.XMLParser(resolve_entities=True)))


@pytest.mark.parametrize("case", [c for c in CASES if c.rule not in NOT_OF_FORM], ids=lambda c: c.rule)
def test_a_fault_of_form_does_not_conform(case: Case) -> None:
    problems = schema_problems(case.data())
    assert problems
    assert all(line >= 1 and message for line, message in problems)
