"""Each lint rule finds what it is about, where it is, and nothing where all is well."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from harness.registration.lint import FileReport, all_rules, lint, lint_together
from harness.registration.rules import Severity
from harness.registration.subject import Subject
from tests.harness.registration.cases import CASES, SID, Case
from wire.formats.registration import RegistrationError, parse_registration
from wire.symbian import SecureId

OWNER = SecureId.parse(SID)

# Registration format 9: every rule of the tables, with its severity.
SPECIFIED = {
    **dict.fromkeys([f"BR{n:03}" for n in (1, 2, 3, 4, 5, 6, 7, 10, 12)], Severity.ERROR),
    **dict.fromkeys(["BR009", "BR011"], Severity.WARNING),
    **dict.fromkeys([f"BR{n}" for n in (102, 105, 107, 108, 109)], Severity.ERROR),
    **dict.fromkeys([f"BR{n}" for n in (101, 103, 104, 106, 110, 111, 112, 113, 114, 116)], Severity.WARNING),
    **dict.fromkeys([f"BR{n}" for n in (203, 204, 209, 211, 212, 213, 214, 216, 217, 218)], Severity.ERROR),
    **dict.fromkeys([f"BR{n}" for n in (201, 202, 205, 206, 207, 208, 210, 215)], Severity.WARNING),
    **dict.fromkeys([f"BR{n}" for n in (219, 220, 221, 223, 225, 226, 227)], Severity.WARNING),
    **dict.fromkeys([f"BR{n}" for n in (301, 303, 304, 305, 306, 308, 309, 310, 314)], Severity.ERROR),
    **dict.fromkeys([f"BR{n}" for n in (307, 311, 312, 313, 316, 318)], Severity.WARNING),
    **dict.fromkeys(["BR008", "BR115", "BR222", "BR224", "BR302", "BR315", "BR317"], Severity.INFO),
}


def check(data: bytes, name: str) -> FileReport:
    return lint_together([Subject(PurePath(name), data, expected_sid=OWNER)])[0]


def places(report: FileReport, rule_id: str) -> list[tuple[int, int]]:
    return [(f.line, f.column) for f in report.findings if f.rule.id == rule_id]


def test_the_table_is_that_of_the_specification() -> None:
    assert {rule.id: rule.severity for rule in all_rules()} == SPECIFIED


def test_every_rule_has_a_case() -> None:
    # BR216 needs several files and has tests of its own.
    assert {case.rule for case in CASES} | {"BR216"} == set(SPECIFIED)


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}-{i}" for i, c in enumerate(CASES)])
def test_a_rule_names_the_place(case: Case) -> None:
    assert places(check(case.data(), case.name), case.rule) == [case.place()]


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}-{i}" for i, c in enumerate(CASES)])
def test_a_rule_is_silent_where_all_is_well(case: Case) -> None:
    assert places(check(case.good_data(), case.good_name), case.rule) == []


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}-{i}" for i, c in enumerate(CASES)])
def test_the_verdict_is_the_parsers(case: Case) -> None:
    """What the linter says of a file is what the emulated engine does with the same bytes."""
    primary = not case.name.endswith(("_2.xml", "_more.xml"))
    for data, name, is_primary in (
        (case.data(), case.name, primary),
        (case.good_data(), case.good_name, not case.good_name.lower().endswith("_2.xml")),
    ):
        report = check(data, name)
        if report.is_accepted:
            assert report.code == 0
            assert report.subject.registration == parse_registration(data, OWNER, primary=is_primary)
        else:
            with pytest.raises(RegistrationError) as caught:
                parse_registration(data, OWNER, primary=is_primary)
            assert report.code == caught.value.code


def test_a_fault_of_the_xml_is_an_error_and_the_only_reason_to_be_tentative() -> None:
    for case in CASES:
        report = check(case.data(), case.name)
        if not report.is_accepted:
            assert report.worst is Severity.ERROR
        tentative = [f for f in report.findings if f.is_tentative]
        assert not tentative or any(f.rule.id < "BR008" for f in report.findings)


def test_a_correct_file_has_no_findings() -> None:
    data = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<backup_registration version="1.0">
  <passive_backup base_backup_only="no">
    <include_directory name="\\"/>
    <exclude name="\\cache"/>
  </passive_backup>
  <system_backup/>
  <public_backup>
    <include_directory name="c:\\data\\myapp\\"/>
  </public_backup>
  <active_backup process_name="mydataowner.exe" active_type="activeonly" supports_incremental="yes"/>
  <proxy_data_manager SID="0x10202BE9"/>
  <dbms_backup policy="E0123456"/>
  <restore requires_reboot="no"/>
</backup_registration>
"""
    assert check(data, f"private/{SID}/backup_registration.xml").findings == []


class TestConsequences:
    def consequence(self, body: str, rule_id: str) -> str:
        data = f"<backup_registration>{body}</backup_registration>".encode()
        return next(f.consequence for f in check(data, "backup_registration.xml").findings if f.rule.id == rule_id)

    def test_blanks_are_worse_than_capitals(self) -> None:
        data = b'<passive_backup base_backup_only=" yes" supports_selective="Yes"/>'
        found = [f for f in check(data, "backup_registration.xml").findings if f.rule.id == "BR202"]
        assert [f.severity for f in found] == [Severity.WARNING, Severity.INFO]

    def test_true_switches_increments_off(self) -> None:
        assert "switches increments off" in self.consequence(
            '<active_backup supports_incremental="true"/>', "BR201"
        )
        assert "switches" not in self.consequence('<active_backup supports_incremental="maybe"/>', "BR201")

    def test_what_is_read_is_said(self) -> None:
        assert "0x00000012" in self.consequence('<proxy_data_manager SID="0x12zz"/>', "BR214")
        assert "00000012" in self.consequence('<dbms_backup policy="12zz"/>', "BR218")

    def test_the_way_in_which_a_path_is_too_long_matters(self) -> None:
        long, longer = (f'<passive_backup><exclude name="{"x" * n}"/></passive_backup>' for n in (239, 257))
        assert "USER 11" in self.consequence(long, "BR314")
        assert "dropped" in self.consequence(longer, "BR314")

    def test_the_order_that_decides_is_told(self) -> None:
        for body, now in (
            ("<active_backup/><cenrep_backup/>", "yes"),
            ("<cenrep_backup/><active_backup/>", "no"),
        ):
            report = check(f"<a>{body}</a>".encode(), "backup_registration.xml")
            assert any(f.rule.id == "BR205" and f.message.endswith(f"as {now}") for f in report.findings)


class TestOwners:
    """BR216 and BR011: what only several files together can tell."""

    OWNER = Subject(PurePath(f"private/{SID}/backup_registration.xml"), b'<proxy_data_manager SID="12345678"/>')

    def together(self, proxy: str | None, *, whole_phone: bool = False) -> list[tuple[int, int]]:
        subjects = [self.OWNER]
        if proxy is not None:
            subjects.append(Subject(PurePath("private/12345678/backup_registration.xml"), proxy.encode()))
        return places(lint_together(subjects, whole_phone=whole_phone)[0], "BR216")

    def test_a_proxy_has_to_be_registered_as_one(self) -> None:
        assert self.together('<active_backup active_type="proxyonly"/>') == []
        assert self.together('<active_backup active_type="activeandproxy"/>') == []
        assert self.together("<active_backup/>") == [(1, 21)]
        assert self.together("<system_backup/>") == [(1, 21)]

    def test_one_that_is_not_among_the_files_is_missing_only_from_a_whole_phone(self) -> None:
        assert self.together(None) == []
        assert self.together(None, whole_phone=True) == [(1, 21)]
        # An owner that the engine cannot use is as good as none.
        assert self.together("<", whole_phone=True) == [(1, 21)]

    def test_files_of_one_owner_count_together(self) -> None:
        more = Subject(PurePath("private/12345678/backup_registration_2.xml"), b"<cenrep_backup/>")
        main = Subject(
            PurePath("private/12345678/backup_registration.xml"), b'<active_backup active_type="proxyonly"/>'
        )
        reports = lint_together([more, self.OWNER, main])
        assert places(reports[1], "BR216") == []
        assert places(reports[0], "BR011") == []


class TestOwnSid:
    def sid(self, name: str, data: bytes) -> SecureId | None:
        return Subject(PurePath(name), data).sid

    def test_it_comes_from_the_directory_or_from_the_only_private_directory_named(self) -> None:
        path = b'<passive_backup><include_file name="c:\\private\\12345678\\x"/>%s</passive_backup>'
        assert self.sid(f"private/{SID}/backup_registration.xml", path % b"") == OWNER
        assert self.sid("backup_registration.xml", path % b"") == SecureId(0x12345678)
        assert self.sid("backup_registration.xml", path % b'<exclude name="\\private\\00000001\\x"/>') is None
        assert self.sid("backup_registration.xml", b"<a/>") is None

    def test_without_it_nothing_is_said_about_it(self) -> None:
        report = lint(Subject(PurePath("backup_registration.xml"), b'<proxy_data_manager SID="0"/>'))
        assert places(report, "BR215") == []


class TestBounds:
    def test_many_findings_of_one_rule_are_cut_and_counted(self) -> None:
        report = check(b"<a>" + b"<x/>" * 1000 + b"</a>", "backup_registration.xml")
        assert len(places(report, "BR104")) == 20
        assert report.left_out == 981

    def test_a_damaged_file_still_gives_hints(self) -> None:
        report = check(
            b'<backup_registration>\n<passive_backup>\n<exlude name="x"/>\n<a b c="1"/>',
            "backup_registration.xml",
        )
        found = [f for f in report.findings if f.rule.id == "BR104"]
        assert [(f.line, f.is_tentative) for f in found[:1]] == [(3, True)]

    def test_a_damaged_tag_is_not_said_to_have_no_attribute(self) -> None:
        for tag in ("passive_backup><include_file na", "proxy_data_manager SI"):
            report = check(f"<backup_registration><{tag}".encode(), "backup_registration.xml")
            assert report.subject.is_guessed
            assert {"BR209", "BR212"}.isdisjoint(f.rule.id for f in report.findings)

    def test_half_a_character_is_not_mistaken_for_a_whole_one(self) -> None:
        data = "\ufeff<a b='".encode("utf-16-le") + b"\x00\xdc" + "'/>".encode("utf-16-le")
        report = check(data, "backup_registration.xml")
        assert (report.code, [f.rule.id for f in report.findings if f.hit.code]) == (-996, ["BR001"])

    def test_entities_of_a_damaged_file_are_not_expanded(self) -> None:
        data = b"<!DOCTYPE a [<!ATTLIST a b CDATA><!ENTITY x 'y'>]><a b='&x;'/>"
        assert check(data, "backup_registration.xml").subject.document.elements == []

    def test_too_large_a_file_is_refused(self) -> None:
        report = check(b"<a>" + b" " * 70_000, "backup_registration.xml")
        assert [f.rule.id for f in report.findings] == ["BR001"]
        assert "not read here" in report.findings[0].consequence

    def test_text_from_the_file_cannot_steer_a_terminal(self) -> None:
        report = check("<a>\u009b31m<b\u202ec/></a>".encode(), "backup_registration.xml")
        for finding in report.findings:
            assert finding.message.isprintable()
