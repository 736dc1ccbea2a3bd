"""What the linter says of a file is what the emulated engine does with the same bytes, also in its log."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from harness.registration.lint import FileReport, lint
from harness.registration.subject import Subject
from tests.harness.registration.cases import CASES, SID, Case
from tests.harness.registration.emulated import PRIMARY, ask_engine, assert_engine_agrees
from wire.formats.log_level import LogLevel, judge
from wire.formats.registration import is_registration_name
from wire.symbian import SecureId

OWNER = SecureId.parse(SID)

# Rules about what the engine says in its log, by what it says there (Log format 8.3).
LOGGED = {
    **{f"BR00{n}": "*** PARSING FAILED ***" for n in range(1, 8)},
    "BR102": "Unknown version at SID(",
    **dict.fromkeys(["BR104", "BR105", "BR109"], "Unknown element while parsing"),
    "BR204": "Error converting process name",
    "BR211": "Path attribute error",
    "BR219": "Still using deprecated 'database' attribute",
    "BR222": "iRestoreInformation.iRequiresReboot: 1",
    "BR223": "iPublicInformation.iDeleteBeforeRestore: 1",
    "BR227": "iPassiveInformation.iDeleteBeforeRestore: ETrue",
    "BR301": "Path is not recognised by the data owner",
    "BR304": "Not an Absolute Path",
}


def named(name: str) -> str:
    """The name under which a case's file is installed: its own, where the engine would find it."""
    return name if is_registration_name(name) else PRIMARY


def linted(data: bytes, name: str) -> FileReport:
    return lint(Subject(PurePath(named(PurePath(name).name)), data, expected_sid=OWNER))


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}-{i}" for i, c in enumerate(CASES)])
def test_of_every_case(case: Case) -> None:
    for data, name in ((case.data(), case.name), (case.good_data(), case.good_name)):
        report = linted(data, name)
        assert_engine_agrees(report, OWNER, name=report.subject.path.name)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.rule in LOGGED], ids=lambda case: f"{case.rule}-{CASES.index(case)}"
)
def test_the_log_says_so_too(case: Case) -> None:
    bad = ask_engine(case.data(), OWNER, name=named(case.name)).log
    good = ask_engine(case.good_data(), OWNER, name=named(case.good_name)).log
    assert any(LOGGED[case.rule] in text for text in bad)
    assert not any(LOGGED[case.rule] in text for text in good)


def test_the_resolved_paths_and_flags_are_in_the_log() -> None:
    data = rb"""<backup_registration version="1.0">
      <passive_backup base_backup_only="yes" delete_before_restore="no" supports_selective="yes" other="x">
        <include_directory name="x"/><exclude name="\y"/></passive_backup>
      <public_backup><include_file name="c:\z"/></public_backup><system_backup/>
      <active_backup process_name="a.exe" requires_delay_to_prepare_data="no" supports_incremental="yes"
        supports_selective="no" active_type="proxyonly"/>
      <proxy_data_manager SID="10202be9"/><dbms_backup policy="e0123456"/><restore requires_reboot="no"/>
    </backup_registration>"""
    log = ask_engine(data, OWNER).log
    begin = next(i for i, text in enumerate(log) if "ParseFileL() - START" in text)
    end = next(i for i, text in enumerate(log) if "file parsed okay" in text)
    assert log[begin + 1 : end] == [
        "CDataOwner::HandlePassiveBackup(0x0ab7e57c) - iPassiveInformation.iBaseBackupOnly: 1",
        "CDataOwner::HandlePassiveBackup(0x0ab7e57c) - iPassiveInformation.iDeleteBeforeRestore: EFalse",
        "CDataOwner::HandlePassiveBackup(0x0ab7e57c) - iPassiveInformation.iSupportsSelective: 1",
        "CDataOwner::HandlePathL(0x0ab7e57c) - path in the registration file is: x [type: 0]",
        r"CDataOwner::HandlePathL(0x0ab7e57c) - Added selection: \private\0ab7e57c\x\ [type: 0]",
        r"CDataOwner::HandlePathL(0x0ab7e57c) - path in the registration file is: \y [type: 1]",
        r"CDataOwner::HandlePathL(0x0ab7e57c) - Added selection: \private\0ab7e57c\y [type: 1]",
        r"CDataOwner::HandlePathL(0x0ab7e57c) - Added selection: c:\z [type: 0]",
        "CDataOwner::HandleSystemBackup(0x0ab7e57c) - iSystemInformation.iSupported: 1",
        "CDataOwner::HandleActiveBackup(0x0ab7e57c) - iActiveInformation.iRequiresDelayToPrepareData: 0",
        "CDataOwner::HandleActiveBackup(0x0ab7e57c) - iActiveInformation.iSupportsIncremental: 1",
        "CDataOwner::HandleActiveBackup(0x0ab7e57c) - iActiveInformation.iSupportsSelective: 0",
        "CDataOwner::HandleActiveBackup(0x0ab7e57c) - iActiveInformation.iActiveType: EProxyImpOnly",
        "Data owner(0x0ab7e57c): Adding Proxy(0x10202be9) to the list",
        "CDataOwner::HandleDBMSBackup(0x0ab7e57c) - adding database with policy uid: 0xe0123456",
        "CDataOwner::HandleRestore(0x0ab7e57c) - iRestoreInformation.iRequiresReboot: 0",
    ]


@pytest.mark.parametrize(
    ("body", "text", "level"),
    [
        ('<proxy_data_manager SID="zz"/>', "Not a Hex Number specified in reg_file of 0x0ab7e57c)", LogLevel.INFO),
        ('<proxy_data_manager SID="0x"/>', "Not a Hex Number specified in reg_file of 0x0ab7e57c)", LogLevel.INFO),
        (
            '<proxy_data_manager SID="0x123456789"/>',
            "The Hex number has incorrect number of digits",
            LogLevel.INFO,
        ),
        ('<proxy_data_manager SID="123456789"/>', "The Hex number has incorrect number of digits", LogLevel.INFO),
        ('<dbms_backup policy="x" other=""/>', "Error converting policy number", LogLevel.INFO),
        ('<dbms_backup policy="1" other=""/>', "Incorrect use of attributes", LogLevel.INFO),
        (
            f'<passive_backup><exclude name="{"x" * 257}"/></passive_backup>',
            "Could not convert filename",
            LogLevel.WARNING,
        ),
        ('<passive_backup><exclude name="a:"/></passive_backup>', "Path is not recognised", LogLevel.WARNING),
    ],
)
def test_what_is_dropped_leaves_a_line(body: str, text: str, level: LogLevel) -> None:
    log = ask_engine(f"<backup_registration>{body}</backup_registration>".encode(), OWNER).log
    (line,) = [line for line in log if text in line]
    assert judge(line).level is level


def test_what_comes_before_a_fault_is_in_the_log() -> None:
    log = ask_engine(b"<a><system_backup/><", OWNER).log
    texts = ("Unknown element while parsing", "iSystemInformation.iSupported: 1", "*** PARSING FAILED ***")
    places = [next(i for i, line in enumerate(log) if text in line) for text in texts]
    assert places == sorted(places)


class TestNamesAndDirectories:
    """BR010 to BR012: what the engine does not find, or finds for somebody else."""

    GOOD = b"<backup_registration><system_backup/></backup_registration>"

    def test_a_file_of_another_name_is_not_found(self) -> None:
        found = ask_engine(self.GOOD, OWNER, name="backup_registration.xml.txt")
        assert (found.registration, found.info) == (None, None)

    def test_a_directory_that_is_no_sid_is_passed_over_or_means_another(self) -> None:
        assert ask_engine(self.GOOD, OWNER, folder="notasid0").info is None
        assert ask_engine(self.GOOD, OWNER, folder="0x0AB7E57C").info is None
        assert ask_engine(self.GOOD, SecureId(0), folder="0x0AB7E57C").info is not None
