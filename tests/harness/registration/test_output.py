"""Findings as text, JSON and SARIF."""

from __future__ import annotations

import json
from pathlib import PurePath

from harness.registration import output
from harness.registration.lint import FileReport, all_rules, lint_together
from harness.registration.sarif import as_sarif
from harness.registration.subject import Subject

DATA = b"""<backup_registration>
  <System_Backup/>
  <exclude name="x"/>
  <restore requires_reboot="yes"/>
</backup_registration>"""


def reports(name: str = "src/my owner/backup_registration.xml", data: bytes = DATA) -> list[FileReport]:
    return lint_together([Subject(PurePath(name), data)])


def test_text_has_place_severity_rule_and_consequence() -> None:
    lines = list(output.as_text(reports()))
    assert lines[0] == (
        "src/my owner/backup_registration.xml:2:3: "
        "warning BR106: <System_Backup> is usually written <system_backup>"
    )
    assert lines[1] == "    on the phone: It works, except as BR105 and BR107 say."
    assert lines[-1] == "1 file: 1 error, 1 warning, 1 info; `symhil registration fix` can mend 1"


def test_text_says_when_the_engine_cannot_use_a_file() -> None:
    lines = list(output.as_text(reports(data=b"<a")))
    assert "src/my owner/backup_registration.xml: the engine cannot use this file: -995" in lines[-2]


def test_text_says_when_it_is_this_program_that_refuses_a_file() -> None:
    lines = list(output.as_text(reports(data=b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>")))
    (fault,) = [line for line in lines if "BR001" in line]
    assert "not well-formed" not in fault
    assert "is not read here, nor by the emulated handset: -4" in lines[-2]


def test_text_marks_what_is_tentative_and_counts_what_is_left_out() -> None:
    lines = list(output.as_text(reports(data=b"<a>" + b"<x/>" * 30)))
    assert any(line.endswith("unknown element <x> (tentative)") for line in lines)
    assert any(line.endswith(": 11 more of the same rules") for line in lines)


def test_json_is_complete() -> None:
    content = json.loads(json.dumps(output.as_json(reports())))
    assert content["schema"] == "symhil.registration.lint/1"
    (file,) = content["files"]
    assert (file["path"], file["accepted"], file["code"]) == ("src/my owner/backup_registration.xml", True, 0)
    assert file["findings"][1] == {
        "rule": "BR108",
        "severity": "error",
        "line": 3,
        "column": 12,
        "message": "<exclude> is in neither passive_backup nor public_backup",
        "consequence": "It is dropped without a line in the log.",
        "tentative": False,
        "mendable": False,
    }


def test_sarif_has_what_code_hosts_need() -> None:
    """SARIF 2.1.0: what is required of a run, a rule and a result, and what code hosts ask for besides."""
    log = json.loads(json.dumps(as_sarif(reports())))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in all_rules()]
    assert all(rule["shortDescription"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    assert {rule["defaultConfiguration"]["level"] for rule in rules} == {"error", "warning", "note"}
    assert [result["level"] for result in run["results"]] == ["warning", "error", "note"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "src/my%20owner/backup_registration.xml"
        assert place["region"]["startLine"] >= 1
        assert place["region"]["startColumn"] >= 1


def test_sarif_of_an_absolute_path_is_a_file_uri() -> None:
    (run,) = as_sarif(reports("/x/backup_registration.xml"))["runs"]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "file:///x/backup_registration.xml"
