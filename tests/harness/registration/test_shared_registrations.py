"""Every real file of the collection beside the repository: linter, index and the emulated engine agree.

The collection belongs to others and is not part of this project; without it these tests are skipped, and
cases.py has a case of our own for every rule.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import ExitCode
from harness.registration.fix import fix
from harness.registration.lint import lint, lint_together
from harness.registration.subject import Subject
from tests.harness.registration.emulated import assert_engine_agrees
from wire.formats.registration import parse_registration
from wire.formats.registration.writer import write_registration
from wire.symbian import SecureId

COLLECTION = Path(__file__).parents[4] / "shared" / "registrations"
FILES = sorted(COLLECTION.glob("*.xml"))

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/registrations is not there")

# What the specification says of these files (Registration format 12).
KNOWN = {
    "rfterm__": ("BR001", -996),
    "app.conversations__servicewidget": ("BR005", -997),
    "mw.btservices__bluetoothengine_bteng_group": ("BR217", 0),
    "mw.btservices__bluetoothengine_bthid_common_btkeyboard": ("BR114", 0),
    "mw.homescreensrv__homescreenpluginsrv_hspsmanager": ("BR208", 0),
    "os.commsfw__datacommsserver_esockserver_group": ("BR311", 0),
    "mw.appsupport__tzservices_tzserver_group": ("BR305", 0),
    "mw.remoteconn__backupandrestore_backuptest_ABTester_data_passive": ("BR308", 0),
}


def index() -> dict[str, dict[str, str]]:
    with (COLLECTION / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_linter_index_and_emulated_engine_agree(path: Path) -> None:
    data = path.read_bytes()
    subject = Subject(path, data)
    # All of them are installed under the name of a primary file.
    assert subject.is_primary
    report = lint(subject)
    assert report.is_accepted is (index()[path.name]["well_formed"] == "y")
    owner = subject.sid or SecureId(0)
    assert_engine_agrees(report, owner)
    if report.is_accepted:
        assert parse_registration(write_registration(subject.registration), owner) == subject.registration


@pytest.mark.parametrize("form", [[], ["--json"], ["--sarif"]], ids=["text", "json", "sarif"])
def test_the_command_takes_them_all_at_once(form: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registration", "lint", *form, *map(str, FILES)]) == ExitCode.FAILED
    captured = capsys.readouterr()
    assert captured.err == ""
    assert all(path.name in captured.out for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_index_knows_the_elements_that_the_parser_sees(path: Path) -> None:
    row = index()[path.name]
    if row["well_formed"] == "y":
        named = row["elements"].partition(":")[0]
        assert Subject(path, path.read_bytes()).document.elements[0].name == named


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_fixing_does_no_harm(path: Path) -> None:
    result = fix(Subject(path, path.read_bytes()))
    assert result.after.is_accepted or path.stat().st_size == 0
    assert len([f for f in result.after.findings if f.severity.value == "error"]) <= len(
        [f for f in result.before.findings if f.severity.value == "error"]
    )


@pytest.mark.parametrize("start", KNOWN)
def test_known_mistakes_are_found(start: str) -> None:
    rule_id, code = KNOWN[start]
    paths = [path for path in FILES if path.name.startswith(start)]
    assert paths
    for path in paths:
        report = lint(Subject(path, path.read_bytes()))
        assert rule_id in {finding.rule.id for finding in report.findings}
        assert report.code == code


def test_all_files_together() -> None:
    reports = lint_together([Subject(path, path.read_bytes()) for path in FILES])
    assert sum(not report.is_accepted for report in reports) == sum(
        r["well_formed"] == "n" for r in index().values()
    )
