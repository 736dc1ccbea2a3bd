"""The tutorial's sample in its two forms: every fault is named, and `fix` makes a file that works.

The files are written for this test, with exactly the faults that the published page and its text copy have
(Registration format 10).
"""

from __future__ import annotations

from pathlib import PurePath

import pytest

from harness.registration.fix import fix
from harness.registration.lint import FileReport, lint
from harness.registration.schema import schema_problems
from harness.registration.subject import Subject
from tests.harness.registration.emulated import ask_engine
from wire.formats.registration import ActiveBackup, Registration, RegistrationError, parse_registration
from wire.symbian import CommonSettings, SecureId

SID = SecureId(0x0AB7E57C)

PUBLISHED = """\
<!-- Save this as backup_registration.xml in the private directory of the owner -->
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<backup_registration version="1.0">
  <active_backup process_name = "dataowner.exe"
      requires_delay_to_prepare_data = "no" <!-- not used any more -->
      supports_incremental = "no"
      active_type = "activeonly">
  </active_backup>
  <restore requires_reboot = "no"/> <!-- nothing else is supported -->
</backup_registration>
"""

TEXT_COPY = """\
<!-- Save this as backup_registration.xml in the private directory of the owner -->
  <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<backup_registration version="1.0">
  <active_backup process_name = "dataowner.exe"
      requires_delay_to_prepare_data = "no" <!-- not used any more -->
      supports_incremental = "no"
      active_type = "activeonly">
  <restore requires_reboot = "no"/> <!-- nothing else is supported -->
"""

MEANT = Registration(SID, active=ActiveBackup("dataowner.exe", supports_incremental=False))


def faults(report: FileReport) -> list[tuple[str, int, int, str]]:
    return [(f.rule.id, f.line, f.hit.code, f.message) for f in report.findings if f.hit.code]


def subject(text: str) -> Subject:
    return Subject(PurePath("backup_registration.xml"), text.encode(), expected_sid=SID)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(PUBLISHED, [("BR002", 2, -983), ("BR003", 5, -996)], id="published page"),
        pytest.param(
            TEXT_COPY,
            [("BR002", 2, -983), ("BR004", 3, -997), ("BR004", 4, -997), ("BR003", 5, -996)],
            id="text copy",
        ),
    ],
)
class TestSample:
    def test_it_is_rejected_as_the_engine_does(self, text: str, expected: list[tuple[str, int, int]]) -> None:
        report = lint(subject(text))
        with pytest.raises(RegistrationError) as caught:
            parse_registration(text.encode(), SID)
        assert (report.is_accepted, report.code, caught.value.code) == (False, -983, -983)

    def test_every_fault_is_named_with_its_number(self, text: str, expected: list[tuple[str, int, int]]) -> None:
        assert [found[:3] for found in faults(lint(subject(text)))] == expected

    def test_fix_makes_the_file_that_was_meant(self, text: str, expected: list[tuple[str, int, int]]) -> None:
        result = fix(subject(text))
        assert parse_registration(result.data, SID) == MEANT
        assert result.after.is_accepted
        assert schema_problems(result.data) == []
        assert {f.rule.id for f in result.mended} == {rule for rule, _, _ in expected}

    def test_the_emulated_engine_refuses_it_and_takes_what_fix_made(
        self, text: str, expected: list[tuple[str, int, int]]
    ) -> None:
        before = ask_engine(text.encode(), SID)
        assert (before.code, before.has_no_settings) == (-983, True)
        after = ask_engine(fix(subject(text)).data, SID)
        assert (after.code, after.registration) == (0, MEANT)
        assert after.info is not None
        assert after.info.common == CommonSettings.ACTIVE

    def test_no_comment_is_lost(self, text: str, expected: list[tuple[str, int, int]]) -> None:
        mended = fix(subject(text)).data.decode()
        for comment in ("Save this as", "not used any more", "nothing else is supported"):
            assert mended.count(comment) == 1


def test_the_faults_are_named_in_words() -> None:
    messages = [message for _, _, _, message in faults(lint(subject(TEXT_COPY)))]
    assert messages == [
        'the XML declaration must be the very first bytes (found "<!-- Save this as backup_re..." before it)',
        "element <backup_registration> is not closed",
        "element <active_backup> is not closed",
        "a comment inside the tag <active_backup>",
    ]


def test_mending_the_first_two_is_enough_for_the_published_page_only() -> None:
    page, copy = (fix(subject(text)) for text in (PUBLISHED, TEXT_COPY))
    assert b"</active_backup>" in page.data
    assert b'active_type = "activeonly"/>' in copy.data
    assert copy.data.endswith(b"\n</backup_registration>\n")


def test_unsupported_words_of_the_tutorial_are_pointed_out() -> None:
    """The tutorial lets supports_incremental be `false`; by the same rule `true` switches it off."""
    report = lint(subject(PUBLISHED.replace('supports_incremental = "no"', 'supports_incremental = "true"')))
    assert "BR201" in {f.rule.id for f in report.findings}
