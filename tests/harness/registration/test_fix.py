"""What is mended, what is left to a person, and that mending never harms."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.registration.draft import Draft
from harness.registration.fix import fix, is_mendable
from harness.registration.lint import lint
from harness.registration.mend_xml import MAX_FAULTS, mend_xml
from harness.registration.rules import Severity
from harness.registration.source import SourceText
from harness.registration.subject import Subject
from tests.harness.registration.cases import CASES, SID, Case, passive, public
from tests.thorough import thoroughly, unhurried
from tests.wire.formats.registration.strategies import files
from wire.formats.registration import RegistrationError, parse_registration
from wire.symbian import SecureId

OWNER = SecureId.parse(SID)
NAME = PurePath("backup_registration.xml")

pytestmark = unhurried


def fixed(data: bytes) -> bytes:
    return fix(Subject(NAME, data, expected_sid=OWNER)).data


def fixed_text(text: str) -> str:
    return fixed(text.encode()).decode()


XML = [
    pytest.param('<a b="x & y"/>', '<a b="x &amp; y"/>', id="ampersand"),
    pytest.param('<a b="R&D\\x"/>', '<a b="R&amp;D\\x"/>', id="ampersand in a word"),
    pytest.param("<a b=\u201cx\u201d/>", '<a b="x"/>', id="typographic quotes"),
    pytest.param("<a b = yes c='1'/>", "<a b = \"yes\" c='1'/>", id="no quotes"),
    pytest.param('<a b="1"c="2"/>', '<a b="1" c="2"/>', id="no blank"),
    pytest.param("<a><!-- x -- y --></a>", "<a><!-- x - - y --></a>", id="hyphens"),
    pytest.param("<a><!-- x ---></a>", "<a><!-- x - --></a>", id="hyphens at the end"),
    pytest.param("<a/>\r\n\0\0", "<a/>\r\n", id="NUL"),
    pytest.param("<a/>\x1a", "<a/>", id="Ctrl-Z"),
    pytest.param('<a b="1" b="1"/>', '<a b="1"/>', id="attribute twice"),
    pytest.param("<a><b></B></a>", "<a><b></b></a>", id="case of an end tag"),
    pytest.param("\r\n<?xml version='1.0'?>\r\n<a/>", "<?xml version='1.0'?>\r\n<a/>", id="blank line in front"),
    pytest.param(
        "<a>\n  <b c='1' <!-- d --> e='2'/>\n</a>",
        "<a>\n  <!-- d -->\n  <b c='1' e='2'/>\n</a>",
        id="comment",
    ),
    pytest.param("<a><b <!-- c --> d='1'/></a>", "<a><!-- c --><b d='1'/></a>", id="comment, one line"),
    pytest.param(
        "<passive_backup>\n  <include_file_name = 'x'/>\n</passive_backup>\n",
        "<passive_backup>\n  <include_file name= 'x'/>\n</passive_backup>\n",
        id="name glued to the element",
    ),
    pytest.param("<a>\n  <restore>\n</a>", "<a>\n  <restore/>\n</a>", id="empty element left open"),
    pytest.param(
        "<backup_registration>\n  <passive_backup>\n    <include_directory name='x\\'>\n"
        "      <exclude name='y'/>\n    <include_file name='z'/>\n  <system_backup/>\n",
        "<backup_registration>\n  <passive_backup>\n    <include_directory name='x\\'>\n"
        "      <exclude name='y'/>\n    </include_directory>\n    <include_file name='z'/>\n"
        "  </passive_backup>\n  <system_backup/>\n"
        "</backup_registration>\n",
        id="containers left open",
    ),
    pytest.param(
        "<backup_registration><passive_backup><exclude name='y'/></backup_registration>",
        "<backup_registration><passive_backup><exclude name='y'/></passive_backup></backup_registration>",
        id="container left open, one line",
    ),
]

NOT_XML = [
    pytest.param("", id="empty"),
    pytest.param("<a b='x", id="cut"),
    pytest.param("<a>&nbsp;</a>", id="undefined entity"),
    pytest.param("<a b='1' b='2'/>", id="attribute twice, different"),
    pytest.param("<a/><b/>", id="two roots"),
    pytest.param("<a b='x<y'/>", id="bracket in a value"),
    pytest.param("<a></b>", id="end tag of another element"),
    pytest.param("<a><b>", id="unknown element left open"),
    pytest.param("text", id="text"),
    pytest.param("<a b='x<!-- y -->z'/>", id="comment in a value"),
    pytest.param("<restore requires_reboot='TRUE'><x y></restore>", id="a flag in a file that is not XML"),
    pytest.param("<!DOCTYPE a [<!ENTITY x 'y'>]><a b='&x;'/>", id="entity"),
]

MEANING = [
    pytest.param('<backup_registration version="1"/>', '<backup_registration version="1.0"/>', id="BR102"),
    pytest.param(
        passive("<Include_File name='x'></Include_File>"),
        passive("<include_file name='x'></include_file>"),
        id="BR105",
    ),
    pytest.param("<System_Backup> </System_Backup>", "<system_backup> </system_backup>", id="BR106"),
    pytest.param("<restore Requires_Reboot='no'/>", "<restore requires_reboot='no'/>", id="BR106, attribute"),
    pytest.param("<restore requires_reboot='TRUE'/>", "<restore requires_reboot='yes'/>", id="BR201"),
    pytest.param("<restore requires_reboot='0'/>", "<restore requires_reboot='no'/>", id="BR201, no"),
    pytest.param(
        "<restore requires_reboot='perhaps'/>", "<restore requires_reboot='perhaps'/>", id="BR201, unclear"
    ),
    pytest.param("<restore requires_reboot=' Yes'/>", "<restore requires_reboot='yes'/>", id="BR202"),
    pytest.param(
        "<a><cenrep_backup/><active_backup process_name='x' /></a>",
        '<a><proxy_data_manager SID="0x10202BE9"/>'
        "<active_backup process_name='x' supports_incremental=\"no\" /></a>",
        id="BR205 as it is understood now, and BR220",
    ),
    pytest.param("<dbms_backup policy='0x12'/>", "<dbms_backup policy='12'/>", id="BR217"),
    pytest.param(
        "<a><cenrep_backup></cenrep_backup></a>",
        '<a><proxy_data_manager SID="0x10202BE9"></proxy_data_manager></a>',
        id="BR220 with an end tag",
    ),
    pytest.param(
        "<a><Cenrep_Backup></Cenrep_Backup></a>",
        '<a><proxy_data_manager SID="0x10202BE9"></proxy_data_manager></a>',
        id="BR106 and BR220",
    ),
    pytest.param(
        passive(rf"<include_file name='c:\private\{SID}\x'/>"),
        passive(rf"<include_file name='\private\{SID}\x'/>"),
        id="BR302",
    ),
    pytest.param(
        public("<include_directory name='c:/x/y'/>"),
        public(r"<include_directory name='c:\x\y\'/>"),
        id="BR310 and BR317",
    ),
    pytest.param(passive(r"<exclude name='\x\'/>"), passive(r"<exclude name='\x'/>"), id="BR311"),
    pytest.param(
        passive(r"<exclude name='\'/>"), passive(r"<exclude name='\'/>"), id="BR311, the whole directory"
    ),
    pytest.param(
        "<a><Public_Backup></Public_Backup><include_file name='c:\\x'/></a>",
        "<a><Public_Backup></Public_Backup><include_file name='c:\\x'/></a>",
        id="BR107: closing it would drop a path",
    ),
    pytest.param("<x:Include_File name='y' xmlns:x='z'/>", "<x:Include_File name='y' xmlns:x='z'/>", id="prefix"),
]


@pytest.mark.parametrize(("text", "expected"), [*XML, *MEANING])
def test_what_is_evident_is_mended(text: str, expected: str) -> None:
    assert fixed_text(text) == expected


@pytest.mark.parametrize("text", NOT_XML)
def test_what_would_be_guessing_is_left(text: str) -> None:
    result = fix(Subject(NAME, text.encode()))
    assert result.data == text.encode()
    assert result.mended == []
    assert result.after.worst is Severity.ERROR


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', b'<?xml version="1.0" encoding="UTF-8"?><a/>'),
        (
            '<?xml version="1.0" encoding="windows-1252"?><a b="\u20ac"/>'.encode("cp1252"),
            '<?xml version="1.0" encoding="UTF-8"?><a b="\u20ac"/>'.encode(),
        ),
        (
            '\ufeff<?xml version="1.0" encoding="UTF-8"?><a/>'.encode("utf-16-be"),
            '\ufeff<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16-be"),
        ),
        (
            '\ufeff<?xml version="1.0" encoding="ucs2"?><a/>'.encode("utf-16-le"),
            '\ufeff<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16-le"),
        ),
        (
            '<?xml version="1.0" encoding="ISO-8859-1"?><a b="\u00e9" b="\u00e9"/>'.encode("latin-1"),
            '<?xml version="1.0" encoding="ISO-8859-1"?><a b="\u00e9"/>'.encode("latin-1"),
        ),
    ],
)
def test_encodings_are_made_to_agree_and_kept_otherwise(data: bytes, expected: bytes) -> None:
    assert fixed(data) == expected


@pytest.mark.parametrize("name", ["unicode_escape", "idna", "rot13", "zlib", "no-such", "utf-7"])
def test_strange_encodings_are_not_even_tried(name: str) -> None:
    data = f'<?xml version="1.0" encoding="{name}"?><a/>'.encode()
    assert fixed(data) == data


def test_the_number_of_faults_is_bounded() -> None:
    faults, document = mend_xml(Draft(SourceText(b"<a>" + b"& " * 100 + b"</a>")))
    assert [fault.is_mended for fault in faults] == [True] * MAX_FAULTS + [False]
    assert document.fault is not None


def test_bytes_that_do_not_decode_stay() -> None:
    half = "\ufeff<a b='1' c='".encode("utf-16-le") + b"\x00\xdc" + "' B='yes'/>".encode("utf-16-le")
    assert fixed(half) == half
    damaged = '\ufeff<a b="1" b="1"/>'.encode("utf-16-le") + b"\x00"
    assert fixed(damaged) == damaged
    comment = b"<a <!-- \xe9 -->/>"
    assert fixed(comment) == b"<!-- \xe9 -->\n<a/>"


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}-{i}" for i, c in enumerate(CASES)])
def test_fixing_a_case_does_what_was_promised(case: Case) -> None:
    subject = Subject(PurePath(case.name), case.data(), expected_sid=OWNER)
    before = lint(Subject(PurePath(case.name), case.data(), expected_sid=OWNER))
    result = fix(subject)
    if not any(is_mendable(f) for f in before.findings):
        assert result.data == case.data()
    if before.is_accepted:
        assert result.after.is_accepted
    again = fix(Subject(PurePath(case.name), result.data, expected_sid=OWNER))
    assert again.data == result.data


@thoroughly(150)
@given(files())
def test_linting_and_fixing_anything_neither_fails_nor_harms(data: bytes) -> None:
    subject = Subject(NAME, data, expected_sid=OWNER)
    before = lint(subject)
    for finding in before.findings:
        assert finding.line >= 1
        assert finding.column >= 1
    result = fix(subject)
    if before.is_accepted:
        parse_registration(result.data, OWNER)
    else:
        assert before.worst is Severity.ERROR
    if result.after.is_accepted:
        parse_registration(result.data, OWNER)
    else:
        with pytest.raises(RegistrationError):
            parse_registration(result.data, OWNER)


@thoroughly(100)
@given(st.binary(max_size=300))
def test_linting_random_bytes_does_not_fail(data: bytes) -> None:
    report = fix(Subject(NAME, data)).before
    assert report.is_accepted or report.worst is Severity.ERROR
