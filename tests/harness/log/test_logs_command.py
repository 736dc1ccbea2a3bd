"""`symhil logs`: options, output, exit codes, and files of every bad kind."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

from harness.cli import logs_show, main
from harness.errors import ExitCode
from harness.log.timeline import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.harness.log.conftest import Logs

LEAVE = "CABSession::HandleIPCPropagateLeaveL() - [0xe0f1b001] Received IPC Leave(-20)"
Run: TypeAlias = "Callable[..., tuple[int, list[str], str]]"


@pytest.fixture
def symhil(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command and gives exit code, lines of output, and errors."""

    def run(*arguments: object) -> tuple[int, list[str], str]:
        code = main(["logs", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err

    return run


def test_show_prints_every_record(symhil: Run, log_file: Callable[..., Path]) -> None:
    code, lines, errors = symhil("show", log_file("Using Default Settings !", LEAVE))
    assert (code, len(lines), errors) == (ExitCode.OK, 2, "")
    assert lines[0] == "      1 2011-03-14 15:09:26   Using Default Settings !"


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--sid", "0xE0F1B001"], [2, 3]),
        (["--sid", "e0f1b001", "--sid", "e0f1b002"], [2, 3, 4]),
        (["--callback", "AllSnapshotsSuppliedL"], [3]),
        (["--callback", "AllSnapshotsSupplied"], [3]),
        (["--level", "error"], [2]),
        (["--level", "warning"], [2, 4]),
        (["--since", "2011-03-14T15:09:27"], [3, 4]),
        (["--until", "2011-03-14T15:09:26"], [1, 2]),
        (["--until", "2011-03-14"], [1, 2, 3, 4]),
        (["--since", "2011-03-15"], []),
    ],
)
def test_show_chooses(
    symhil: Run, tmp_path: Path, made: type[Logs], options: list[str], numbers: list[int]
) -> None:
    path = tmp_path / "log"
    path.write_bytes(
        made.data(
            "Using Default Settings !",
            LEAVE,
            "[0xe0f1b001]: C::AllSnapshotsSuppliedL()",
            "CDataOwner::HandlePathL(0xe0f1b002) - Path attribute error",
            step_s=0.5,
        )
    )
    code, lines, errors = symhil("show", path, *options)
    assert (code, errors) == (ExitCode.OK, "")
    assert [int(line.split()[0]) for line in lines] == numbers


def test_show_prints_json(symhil: Run, log_file: Callable[..., Path]) -> None:
    _, lines, _ = symhil("show", "--json", log_file("one", LEAVE))
    assert [json.loads(line)["leave_code"] for line in lines] == [None, -20]


@pytest.mark.parametrize(
    "options",
    [
        ["--sid", "me"],
        ["--callback", "NoSuchCallback"],
        ["--since", "yesterday"],
        ["--since", "2011-03-14T15:09:26Z"],
        ["--level", "bad"],
        ["--clock", "13"],
        ["--date-order", "roman"],
    ],
)
def test_wrong_options_are_named(symhil: Run, log_file: Callable[..., Path], options: list[str]) -> None:
    code, lines, errors = symhil("show", log_file("one"), *options)
    assert (code, lines) == (ExitCode.USAGE, [])
    assert options[0] in errors


def test_the_phone_s_settings_can_be_given(symhil: Run, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"03/04/2011\t12:30:00\ttext\r\n")
    assert "2011-04-03 12:30:00" in symhil("show", path)[1][0]
    assert "2011-03-04 12:30:00" in symhil("show", path, "--date-order", "american")[1][0]
    code, lines, errors = symhil("show", path, "--clock", "12")
    assert "2011-04-03 00:30:00" in lines[0]
    assert "12 hours" in errors
    assert code == ExitCode.OK
    assert "2011-03-04 00:30" in symhil("show", path, "--clock", "12", "--date-order", "american")[1][0]


def test_show_follows(
    symhil: Run, log_file: Callable[..., Path], made: type[Logs], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log_file("one")
    changes = [
        lambda: path.write_bytes(made.data("one", "two", LEAVE)),
        lambda: path.write_bytes(made.data(LEAVE)),
    ]

    def wait() -> bool:
        if not changes:
            raise KeyboardInterrupt
        changes.pop(0)()
        return True

    monkeypatch.setattr(logs_show, "_wait", wait)
    code, lines, errors = symhil("show", "--follow", "--level", "error", path)
    assert code == ExitCode.INTERRUPTED
    assert [line.split()[0] for line in lines] == ["3", "1"]
    assert "is another file now" in errors


def test_following_waits_between_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    assert logs_show._wait()
    assert slept == [logs_show.FOLLOW_S]


def test_summary_tells_the_facts(symhil: Run, log_file: Callable[..., Path], made: type[Logs]) -> None:
    path = log_file(*made.base_backup(), *made.incremental_backup(), LEAVE)
    code, lines, errors = symhil("summary", path)
    assert (code, errors) == (ExitCode.OK, "")
    assert lines[0].startswith("run 1: EBURBackupPartial|EBackupBase, 2011-03-14 15:09:27 to ")
    assert "  host requests: 10, completed: 10" in lines
    assert "  owner 0xE0F1B001: active, incremental, notesowner.exe started by the engine" in lines
    assert "    status: EDataOwnerNotReady, then EDataOwnerReady" in lines
    assert "    expected size: 8000 bytes" in lines
    assert "    file: C:\\private\\e0f1b002\\notes.db (614 bytes)" in lines
    assert "  EActiveBaseData from 0xE0F1B001 drive C: 8004 -> 58 bytes" in lines
    assert "  EActiveSnapshotData to 0xE0F1B001 drive C: 55 -> 27 bytes" in lines
    assert any("GetBackupDataSectionL x 2, GetSnapshotDataL" in line for line in lines)
    assert lines[-1].startswith("  error at record ")
    assert lines[-1].endswith("<- -20 (KErrCorrupt: data, or the order of calls, is inconsistent)")


def test_nothing_from_a_log_or_a_host_s_record_controls_the_terminal(
    symhil: Run, tmp_path: Path, made: type[Logs]
) -> None:
    error = "x\x07 transferBlock - ERROR: -4"
    texts = [
        text.replace("notesowner", "notes\x1bowner").replace("notes.db", "no\x9btes.db")
        for text in [*made.base_backup(), error]
    ]
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"16/07/2010\t18:03:21\t" + text.encode() + b"\r\n" for text in texts))
    folder = host_record(
        tmp_path / "run",
        {"t": 1.0, "kind": "request", "text": "ListOfDataOwners"},
        {"t": 1.0, "kind": "\x1bkind", "text": "\x1btext"},
    )
    shown = []
    for arguments in (["show"], ["show", "--json"], ["summary"], ["timeline"], ["timeline", "--run", folder]):
        code, lines, _ = symhil(*arguments, path)
        assert code == ExitCode.OK
        shown += lines
    other = tmp_path / "other"
    other.write_bytes(made.data("Process \x9b.exe started."))
    shown += symhil("diff", path, other)[1]
    assert all(line.isprintable() for line in shown)
    assert "notes\\x1bowner" in "".join(shown)


def test_one_run_can_be_chosen(symhil: Run, log_file: Callable[..., Path], made: type[Logs]) -> None:
    path = log_file(*made.base_backup(), *made.incremental_backup())
    for command in ("summary", "timeline"):
        assert symhil(command, path, "--nth", 1)[1][0].startswith("run 1: EBURBackupPartial|EBackupBase")
        assert symhil(command, path, "--nth", -2)[1][0].startswith("run 1: ")
        assert symhil(command, path, "--nth", -1)[1][0].startswith("run 2: ")
        for nth in (0, 3, -3, 1_000_000):
            code, lines, errors = symhil(command, path, "--nth", nth)
            assert (code, lines) == (ExitCode.USAGE, [])
            assert f"has no run {nth}" in errors


@pytest.mark.parametrize("nth", [-(10**30), 10**30, "last"])
def test_a_run_that_no_log_can_have_is_wrong_usage(
    symhil: Run, log_file: Callable[..., Path], nth: object
) -> None:
    code, lines, errors = symhil("summary", log_file("one"), "--nth", nth)
    assert (code, lines) == (ExitCode.USAGE, [])
    assert "--nth" in errors


def test_timeline_shows_steps(symhil: Run, log_file: Callable[..., Path], made: type[Logs]) -> None:
    code, lines, errors = symhil("timeline", log_file(*made.base_backup()))
    assert (code, errors) == (ExitCode.OK, "")
    shown = {line[20:] for line in lines}
    assert "phone property            set to EBURBackupPartial|EBackupBase (0x104)" in shown
    assert "phone callback 0xE0F1B001 GetSnapshotDataL" in shown
    assert "phone request             SetBURMode" in shown


def host_record(folder: Path, *events: dict[str, str | float]) -> Path:
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(event) + "\n" for event in events)
    (folder / JOURNAL).write_text(text, encoding="utf-8")
    return folder


def test_timeline_aligns_the_host_s_record(
    symhil: Run, log_file: Callable[..., Path], tmp_path: Path, made: type[Logs]
) -> None:
    path = log_file(*made.incremental_backup(), *made.base_backup())
    folder = host_record(
        tmp_path / "run",
        {"t": 7.0, "kind": "request", "text": "SetBURMode EBURNormal|ENoBackup on no drive"},
        {"t": 8.0, "kind": "note", "text": "\x1b[2Jclear"},
    )
    code, lines, errors = symhil("timeline", path, "--run", folder)
    assert (code, errors) == (ExitCode.OK, "")
    assert [line[:7] for line in lines[:2]] == ["run 1: ", "run 2: "]
    assert lines[2] == "clocks aligned by 0 readings of the phone's clock and 1 requests that both noted"
    host = next(place for place, line in enumerate(lines) if " host " in line)
    assert host > len(lines) / 2  # the last of the two requests for this mode
    assert lines[host].endswith(" host  request             SetBURMode EBURNormal|ENoBackup on no drive")
    assert lines[host + 1].endswith(" phone request             SetBURMode")
    assert lines[host + 2].endswith(" phone mode                engine is to go to EBURNormal|ENoBackup")
    assert any(line.endswith("\\x1b[2Jclear") for line in lines)
    lines = symhil("timeline", path, "--run", folder, "--nth", 2)[1]
    assert lines[0].startswith("run 2: ")
    assert lines[1].startswith("clocks aligned by ")


def test_the_phone_s_clock_tells_the_half_of_the_day(symhil: Run, tmp_path: Path, made: type[Logs]) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"16/07/2010\t6:03:21\t" + line.encode() + b"\r\n" for line in made.active_base()))
    folder = host_record(
        tmp_path / "run",
        {"t": 3.0, "kind": "clock", "phone": "2010-07-16T18:03:00"},
    )
    code, lines, _ = symhil("timeline", path, "--run", folder)
    assert code == ExitCode.OK
    assert all(line.startswith("2010-07-16 18:03:21") for line in lines[2:])


def test_clocks_that_cannot_be_aligned_are_an_error(
    symhil: Run, log_file: Callable[..., Path], tmp_path: Path, made: type[Logs]
) -> None:
    folder = host_record(tmp_path / "run", {"t": 1.0, "kind": "note", "text": "x"})
    code, lines, errors = symhil("timeline", log_file(*made.base_backup()), "--run", folder)
    assert (code, lines) == (ExitCode.USAGE, [])
    assert "nothing in common" in errors


def test_diff_of_the_same_is_silent(symhil: Run, log_file: Callable[..., Path], made: type[Logs]) -> None:
    a = log_file(*made.base_backup(), name="a")
    b = log_file(" ", *[line.replace("0x00c0", "0x00d0") for line in made.base_backup()], name="b")
    code, lines, errors = symhil("diff", a, b)
    assert (code, lines) == (ExitCode.OK, [])
    assert "tell of the same" in errors


def test_diff_shows_what_differs(symhil: Run, log_file: Callable[..., Path], made: type[Logs]) -> None:
    without = [line for line in made.base_backup() if "Calling GetSnapshotData" not in line]
    a, b = log_file(*made.base_backup(), name="a"), log_file(*without, name="b")
    code, lines, errors = symhil("diff", a, b)
    assert (code, errors) == (ExitCode.FAILED, "")
    assert lines[0].startswith("- A run 1: ")
    assert lines[1].startswith("+ B run 1: ")
    (gone,) = [line for line in lines if line.startswith("  - ")]
    assert gone.endswith("callback 0xE0F1B001 GetSnapshotDataL")


def test_diff_of_what_is_no_log_does_not_say_that_it_is_the_same(symhil: Run, tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"\x00\x01\x02")
    other.write_bytes(b"")
    code, lines, errors = symhil("diff", one, other)
    assert (code, lines) == (ExitCode.USAGE, [])
    assert "tells of anything that the engine did" in errors
    assert "is it another file?" in errors
    assert "is empty" in errors


def test_diff_names_runs_of_one_log_only(symhil: Run, log_file: Callable[..., Path], made: type[Logs]) -> None:
    one = log_file(*made.base_backup(), name="a")
    two = log_file(*made.base_backup(), *made.incremental_backup(), name="b")
    assert symhil("diff", one, two)[1][0].startswith("only in B: run 2: EBURBackupPartial|EBackupIncrement")
    code, lines, _ = symhil("diff", two, one)
    assert lines[0].startswith("only in A: run 2: ")
    assert code == ExitCode.FAILED


def test_diff_compares_two_runs_of_one_log(symhil: Run, log_file: Callable[..., Path], made: type[Logs]) -> None:
    path = log_file(*made.base_backup(), *made.incremental_backup(), *made.base_backup())
    assert symhil("diff", path, path, "--nth-a", 1, "--nth-b", -1)[0] == ExitCode.OK
    assert symhil("diff", path, path, "--nth-a", 1, "--nth-b", 2)[0] == ExitCode.FAILED
    code, _, errors = symhil("diff", path, path, "--nth-a", 1)
    assert code == ExitCode.USAGE
    assert "belong together" in errors


def test_diff_of_too_different_runs_shows_where_they_part(
    symhil: Run, log_file: Callable[..., Path], made: type[Logs], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.log.common.MOST_DIFFERENCES", 3)
    a = log_file(*made.base_backup(), name="a")
    b = log_file(*made.incremental_backup(), name="b")
    code, lines, _ = symhil("diff", a, b)
    assert code == ExitCode.FAILED
    assert "too different" in lines[2]
    assert lines[3].endswith("engine is to go to EBURBackupPartial|EBackupBase")
    assert lines[4].endswith("engine is to go to EBURBackupPartial|EBackupIncrement")


COMMANDS = [["show"], ["show", "--json"], ["summary"], ["timeline"]]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"\x00" * 10_000, "is it another file?"),
        (bytes(range(256)) * 40, "is it another file?"),
        ("14/03/2011\t15:09:26\ttext\r\n".encode("utf-16"), "it is UTF-16"),
        (b"\x7fELF\x1b[2J\x9b31m", "is it another file?"),
    ],
)
def test_a_file_that_is_no_log_is_said_to_be_none(
    symhil: Run, tmp_path: Path, command: list[str], data: bytes, note: str
) -> None:
    path = tmp_path / "securebackup.txt"
    path.write_bytes(data)
    code, lines, errors = symhil(*command, path)
    assert code == ExitCode.OK
    assert note in errors
    assert all(line.isprintable() for line in lines)
    assert symhil("diff", path, path)[0] == ExitCode.USAGE


@pytest.mark.parametrize(
    "command", [*COMMANDS, ["show", "--follow"], ["show", "--clock", "24", "--date-order", "american"]]
)
def test_a_file_that_cannot_be_read_is_an_error_with_advice(
    symhil: Run, tmp_path: Path, command: list[str]
) -> None:
    code, lines, errors = symhil(*command, tmp_path / "none.txt")
    assert (code, lines) == (ExitCode.USAGE, [])
    assert "there is no file" in errors
    assert "C:\\logs\\connect" in errors
    code, _, errors = symhil(*command, tmp_path)
    assert code == ExitCode.USAGE
    assert "is a folder" in errors
    os.mkfifo(tmp_path / "pipe")
    code, _, errors = symhil(*command, tmp_path / "pipe")
    assert code == ExitCode.USAGE
    assert "no regular file" in errors


def test_a_file_without_the_right_to_read_is_an_error(
    symhil: Run, log_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log_file("one")

    def refuse(*_arguments: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(type(path), "open", refuse)
    code, _, errors = symhil("show", path)
    assert code == ExitCode.USAGE
    assert "cannot be read: Permission denied" in errors


def test_a_file_that_fails_while_it_is_read_is_an_error(
    symhil: Run, log_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = log_file("one")
    monkeypatch.setattr(type(path), "open", lambda *_: Failing())
    code, _, errors = symhil("show", path)
    assert code == ExitCode.USAGE
    assert "cannot be read on: Input/output error" in errors


def test_a_terminal_that_cannot_show_a_letter_gets_an_escape(
    log_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["logs", "show", str(log_file("p\u00e4iv\u00e4"))]) == ExitCode.OK
    stream.flush()
    assert written.getvalue().endswith(b"p\\xe4iv\\xe4\n")


def test_the_help_of_the_program_names_the_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == ExitCode.OK
    assert "securebackup.txt" in capsys.readouterr().out
    assert main(["logs", "--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert all(command in shown for command in ("show", "summary", "timeline", "diff"))
