"""Every command in docs/logs.md is run, and prints what stands there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.cli import main
from harness.errors import ExitCode
from harness.log.timeline import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.log.conftest import Logs

PAGE = Path(__file__).parents[3] / "docs" / "logs.md"

# Commands with an exit code other than 0; all others have to succeed.
EXIT_CODES = {"diff": ExitCode.FAILED, "--follow": ExitCode.INTERRUPTED}


def blocks() -> list[list[str]]:
    text = PAGE.read_text(encoding="utf-8")
    return [block.strip("\n").split("\n") for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)]


def commands() -> list[list[str]]:
    """Each command with the lines that follow it."""
    found: list[list[str]] = []
    for block in blocks():
        for line in block:
            if line.startswith("$ "):
                found.append([line.removeprefix("$ ")])
            else:
                found[-1].append(line)
    return found


@pytest.fixture
def folder(
    tmp_path: Path, made: type[Logs], log_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The files that the page talks about: a good backup, and one in which GetSnapshotDataL leaves."""
    good = made.base_backup()
    call = next(place for place, line in enumerate(good) if "CNotesCallback::GetSnapshotDataL" in line)
    end = next(place for place, line in enumerate(good) if place > call and "Completed OK" in line)
    bad = [
        *good[: call + 1],
        "CABSession::HandleIPCPropagateLeaveL() - [0xe0f1b001] Received IPC Leave(-4)",
        "CDataOwner::RequestDataL() - drive: c:, aTransferType: 4, secureId: 0xe0f1b001 - ERROR: -4",
        *good[end + 1 :],
    ]
    log_file(*bad)
    log_file(*good, name="good.txt")
    log_file(*bad, name="bad.txt")
    (tmp_path / "run").mkdir()
    events = [
        {"t": 0.25, "kind": "clock", "text": "the phone's clock", "phone": "2011-03-14T15:09:25"},
        {"t": 2.61, "kind": "request", "text": "SetBURMode EBURBackupPartial|EBackupBase on C"},
        {
            "t": 8.74,
            "kind": "answer",
            "text": "RequestData 0xE0F1B001 C EActiveSnapshotData: -4 KErrNoMemory",
        },
    ]
    text = "".join(json.dumps(event) + "\n" for event in events)
    (tmp_path / "run" / JOURNAL).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def matches(shown: list[str], expected: list[str]) -> bool:
    """Whether the lines are the expected ones; `[...]` there stands for any number of lines."""
    pattern = "\n".join(".*" if line == "[...]" else re.escape(line.rstrip()) for line in expected)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in shown), re.DOTALL) is not None


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", commands(), ids=lambda command: command[0])
def test_a_command_prints_what_the_page_says(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.cli.logs_show._wait", interrupt)
    program, *arguments = shlex.split(command[0])
    assert program == "symhil"
    code = main(arguments)
    expected = next((code for word, code in EXIT_CODES.items() if word in arguments), ExitCode.OK)
    captured = capsys.readouterr()
    assert code == expected
    assert matches(captured.out.splitlines(), command[1:]), captured.out


def test_the_page_shows_every_command() -> None:
    shown = {shlex.split(command)[2] for command, *_ in commands()}
    assert shown == {"show", "summary", "timeline", "diff"}
