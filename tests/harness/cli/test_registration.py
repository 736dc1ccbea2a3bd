"""`symhil registration`, run as a user runs it: exit codes, what goes where, and what is left on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import ExitCode

GOOD = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<backup_registration version="1.0">
  <system_backup/>
</backup_registration>
"""
WARNING = b"<backup_registration><System_Backup/></backup_registration>"
BROKEN = b" <?xml version='1.0'?><backup_registration><system_backup/></backup_registration>"
HOPELESS = b"<backup_registration"


@pytest.fixture
def owner(tmp_path: Path) -> Path:
    """A private directory to put files into."""
    directory = tmp_path / "private" / "0AB7E57C"
    directory.mkdir(parents=True)
    return directory


def put(directory: Path, data: bytes, name: str = "backup_registration.xml") -> str:
    path = directory / name
    path.write_bytes(data)
    return str(path)


def run(*arguments: str) -> int:
    return main(["registration", *arguments])


class TestLint:
    @pytest.mark.parametrize(
        ("data", "fail_on", "code"),
        [
            (GOOD, "info", ExitCode.OK),
            (WARNING, "error", ExitCode.OK),
            (WARNING, "warning", ExitCode.FAILED),
            (BROKEN, "error", ExitCode.FAILED),
            (BROKEN, "never", ExitCode.OK),
        ],
    )
    def test_exit_code_by_severity(self, owner: Path, data: bytes, fail_on: str, code: int) -> None:
        assert run("lint", put(owner, data), "--fail-on", fail_on) == code

    def test_findings_go_to_the_standard_output(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = put(owner, BROKEN)
        run("lint", path)
        captured = capsys.readouterr()
        assert f"{path}:1:2: error BR002" in captured.out
        assert captured.err == ""

    def test_json(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("lint", put(owner, BROKEN), "--json") == ExitCode.FAILED
        assert json.loads(capsys.readouterr().out)["files"][0]["code"] == -983

    def test_sarif(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("lint", put(owner, BROKEN), "--sarif") == ExitCode.FAILED
        assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"

    def test_a_name_that_is_no_text(
        self, owner: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = owner / os.fsdecode(b"\xff\x1b[2J.xml")
        path.write_bytes(GOOD)
        for form in ([], ["--json"], ["--sarif"]):
            assert run("lint", *form, str(path)) == ExitCode.FAILED
            assert "\x1b" not in capsys.readouterr().out
        monkeypatch.chdir(owner)
        assert run("lint", "--sarif", path.name) == ExitCode.FAILED
        assert '"uri": "%FF%1B%5B2J.xml"' in capsys.readouterr().out

    def test_both_is_too_much(self, owner: Path) -> None:
        assert run("lint", put(owner, GOOD), "--sarif", "--json") == ExitCode.USAGE

    def test_the_executables_sid(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("lint", put(owner, GOOD), "--sid", "0x12345678") == ExitCode.FAILED
        assert "BR012" in capsys.readouterr().out

    def test_an_additional_file_finds_its_primary_beside_it(self, owner: Path) -> None:
        more = put(owner, GOOD, "backup_registration_more.xml")
        assert run("lint", more, "--fail-on", "warning") == ExitCode.FAILED
        put(owner, GOOD)
        assert run("lint", more, "--fail-on", "warning") == ExitCode.OK

    def test_a_whole_phone(self, owner: Path) -> None:
        path = put(owner, b'<proxy_data_manager SID="12345678"/>')
        assert run("lint", path) == ExitCode.OK
        assert run("lint", path, "--whole-phone") == ExitCode.FAILED

    def test_200_megabytes(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = put(owner, b"<backup_registration>")
        with Path(path).open("r+b") as file:
            file.truncate(200 * 1024 * 1024)
        assert run("lint", path) == ExitCode.FAILED
        assert "at most 65536 bytes" in capsys.readouterr().out

    def test_nothing_outside_the_file_is_read(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        secret = owner / "secret.txt"
        secret.write_text("only-in-the-other-file")
        dtd = owner / "x.dtd"
        dtd.write_text(f"<!ENTITY x SYSTEM '{secret.as_uri()}'>")
        for data in (
            f"<!DOCTYPE a [<!ENTITY x SYSTEM '{secret.as_uri()}'>]><backup_registration><b c='&x;'/>&x;",
            f"<!DOCTYPE a SYSTEM '{dtd.as_uri()}'><backup_registration>&x;<b",
        ):
            path = put(owner, data.encode())
            for command in ("lint", "show", "fix"):
                run(command, path)
        captured = capsys.readouterr()
        assert "only-in-the-other-file" not in captured.out + captured.err

    def test_a_file_that_is_not_there(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("lint", str(owner / "none.xml")) == ExitCode.USAGE
        assert "cannot read" in capsys.readouterr().err


class TestShow:
    def test_what_the_engine_understands(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("show", put(owner, GOOD)) == ExitCode.OK
        out = capsys.readouterr().out
        assert "owner     0x0AB7E57C" in out
        assert "common    0x04 system files" in out

    def test_files_of_one_owner_add_up(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        more = put(owner, b"<cenrep_backup/>", "backup_registration_more.xml")
        assert run("show", put(owner, GOOD), more, "--json") == ExitCode.OK
        shown = json.loads(capsys.readouterr().out)
        assert shown["registration"]["settings"]["common"] == 0x05

    def test_one_owner_at_a_time(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        other = owner.parent / "12345678"
        other.mkdir()
        assert run("show", put(owner, GOOD), put(other, GOOD)) == ExitCode.USAGE
        assert "different owners: 0x0AB7E57C, 0x12345678" in capsys.readouterr().err
        assert run("show", put(owner, GOOD), put(other, GOOD), "--sid", "1") == ExitCode.OK

    def test_an_unusable_file(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("show", put(owner, HOPELESS)) == ExitCode.FAILED
        assert "UNUSABLE" in capsys.readouterr().out

    def test_an_additional_file_alone(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        more = put(owner, GOOD, "backup_registration_more.xml")
        assert run("show", more) == ExitCode.OK
        assert "without backup_registration.xml the engine reports -2" in capsys.readouterr().out
        assert run("show", more, put(owner, GOOD)) == ExitCode.OK
        assert "engine reports" not in capsys.readouterr().out


class TestFix:
    def test_without_being_told_nothing_is_written(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = put(owner, BROKEN)
        assert run("fix", path) == ExitCode.OK
        captured = capsys.readouterr()
        assert "+<?xml version='1.0'?><backup_registration>" in captured.out
        assert "mended BR002, line 1" in captured.err
        assert Path(path).read_bytes() == BROKEN

    def test_in_place(self, owner: Path) -> None:
        path = put(owner, BROKEN)
        assert run("fix", "--write", path) == ExitCode.OK
        assert Path(path).read_bytes() == BROKEN.strip()
        assert run("lint", path) == ExitCode.OK

    def test_to_another_file(self, owner: Path) -> None:
        path = put(owner, BROKEN)
        assert run("fix", path, "-o", str(owner / "out.xml")) == ExitCode.OK
        assert (owner / "out.xml").read_bytes() == BROKEN.strip()
        assert Path(path).read_bytes() == BROKEN

    def test_what_is_left_is_said(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = put(owner, HOPELESS)
        assert run("fix", "--write", path) == ExitCode.FAILED
        assert "left   BR001, line 1" in capsys.readouterr().err
        assert Path(path).read_bytes() == HOPELESS

    def test_write_and_output_is_too_much(self, owner: Path) -> None:
        assert run("fix", put(owner, BROKEN), "--write", "-o", "x") == ExitCode.USAGE

    def test_bytes_that_are_no_text_do_not_stop_the_diff(
        self, owner: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run("fix", put(owner, b"<a <!-- \xe9 -->/>"))
        assert "\\udce9" in capsys.readouterr().out

    def test_the_diff_cannot_steer_a_terminal(self, owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run("fix", put(owner, "<!-- \u009b2J \u202e\t. -->\r\n<a <!-- c --> />".encode()))
        shown = capsys.readouterr().out
        assert r"<!-- \x9b2J \u202e" + "\t. -->" in shown
        assert all(line.replace("\t", "").isprintable() for line in shown.splitlines())


class TestNew:
    def test_to_the_standard_output(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("new", "--process-name", "x.exe") == ExitCode.OK
        assert '<active_backup process_name="x.exe"' in capsys.readouterr().out

    def test_to_a_file_that_the_linter_likes(self, owner: Path) -> None:
        path = owner / "backup_registration.xml"
        assert run("new", "--private-directory", "\\", "--proxy", "10202BE9", "-o", str(path)) == ExitCode.OK
        assert run("lint", str(path), "--fail-on", "info") == ExitCode.OK

    def test_a_file_is_not_replaced_by_chance(self, owner: Path) -> None:
        path = put(owner, b"precious")
        assert run("new", "--system-files", "-o", path) == ExitCode.USAGE
        assert Path(path).read_bytes() == b"precious"
        assert run("new", "--system-files", "-o", path, "--force") == ExitCode.OK
        assert b"<system_backup/>" in Path(path).read_bytes()

    def test_the_owner_is_the_one_whose_directory_it_goes_to(self, owner: Path) -> None:
        path = owner / "backup_registration.xml"
        wish = ("--private-file", r"c:\private\0ab7e57c\x")
        assert run("new", *wish, "-o", str(path)) == ExitCode.OK
        assert b'name="\\x"' in path.read_bytes()
        assert run("new", *wish) == ExitCode.USAGE

    def test_what_is_worth_a_word_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("new", "--system-files", "--requires-reboot") == ExitCode.OK
        assert "info BR222" in capsys.readouterr().err

    def test_what_would_not_work_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("new", "--public-file", r"c:\..\x") == ExitCode.USAGE
        captured = capsys.readouterr()
        assert "BR306" in captured.err
        assert captured.out == ""

    def test_what_is_no_sid(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("new", "--proxy", "xyz") == ExitCode.USAGE
        assert "1 to 8 hexadecimal digits" in capsys.readouterr().err


def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rules") == ExitCode.OK
    out = capsys.readouterr().out
    assert "BR105 error   `include_file` not in lower case" in out


def test_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema") == ExitCode.OK
    out = capsys.readouterr().out
    assert run("schema", "-o", str(tmp_path / "x.rng")) == ExitCode.OK
    assert (tmp_path / "x.rng").read_text() == out
