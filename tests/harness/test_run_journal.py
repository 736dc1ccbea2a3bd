"""The journal of a run, and going on with a run that was broken off."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import __version__
from harness.cli import main
from harness.run_journal import NAME, append, is_done, read_begins, read_done

VERDICT = {
    "test": "t.py::test_a",
    "outcome": "passed",
    "category": "",
    "handset": "n8",
    "identity": "0123456789ab",
    "firmware": "111",
    "harness": __version__,
    "at": "2026-11-28T09:00:00+00:00",
}


def test_the_last_word_counts_and_a_lost_phone_is_no_word(tmp_path: Path) -> None:
    path = tmp_path / NAME
    append(path, "verdict", VERDICT)
    append(path, "verdict", {**VERDICT, "test": "b", "outcome": "failed", "category": "handset-lost"})
    append(path, "verdict", {**VERDICT, "test": "c", "outcome": "failed", "category": "product"})
    append(path, "verdict", {**VERDICT, "test": "d"})
    append(path, "verdict", {**VERDICT, "test": "d", "outcome": "error", "category": "lab"})
    append(path, "verdict", {**VERDICT, "test": "e", "outcome": "not run"})
    assert {name: done.outcome for name, done in read_done(path).items()} == {
        "t.py::test_a": "passed",
        "c": "failed",
    }


def test_done_is_done_on_that_phone_with_that_firmware_by_this_harness(tmp_path: Path) -> None:
    path = tmp_path / NAME
    append(path, "verdict", VERDICT)
    append(path, "verdict", {**VERDICT, "test": "old", "harness": "0.0.1"})
    done = read_done(path)
    assert is_done(done["t.py::test_a"], identity="0123456789ab", firmware="111")
    assert not is_done(done["t.py::test_a"], identity="0123456789ab", firmware="112")
    assert not is_done(done["t.py::test_a"], identity="ba9876543210", firmware="111")
    assert not is_done(done["old"], identity="0123456789ab", firmware="111")


@given(st.integers(0, 5), st.binary(max_size=60))
def test_a_journal_that_was_cut_anywhere_keeps_every_whole_line(count: int, debris: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        for number in range(count):
            append(path, "verdict", {**VERDICT, "test": str(number)})
        with path.open("ab") as file:
            file.write(debris)
        append(path, "verdict", {**VERDICT, "test": "after"})
        assert set(read_done(path)) == {*map(str, range(count)), "after"}


# ----------------------------------------------------------------------------------------------- resuming

SUITE = """
import os, signal
from pathlib import Path

def test_1(handset):
    pass

def test_2(handset):
    assert False, "on purpose"

def test_3(handset, hil_folder):
    (hil_folder / "left.txt").write_text("by an attempt")
    if not Path(__file__).with_name("again").exists():
        os.kill(os.getpid(), signal.SIGKILL)

def test_4(handset):
    pass
"""


def run(*arguments: str) -> int:
    return main(["run", *arguments])


def verdicts_in(folder: Path) -> dict[str, dict[str, Any]]:
    found = json.loads((folder / "results.json").read_text())["verdicts"]
    return {verdict["test"].split("::")[1]: verdict for verdict in found}


def test_a_run_that_was_killed_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("test_suite.py").write_text(SUITE)
    assert run("test_suite.py", "-p", "no:randomly", "-p", "no:cacheprovider") == -9
    folder = (tmp_path / "artifacts" / "latest").resolve()
    assert list(read_done(folder / NAME)) == ["test_suite.py::test_1", "test_suite.py::test_2"]
    Path("again").touch()
    monkeypatch.chdir("/")  # it goes on where it was started
    assert run("--resume", str(folder)) == 1  # what failed before has failed
    verdicts = verdicts_in(folder)
    assert {name: verdict["outcome"] for name, verdict in verdicts.items()} == {
        "test_1": "passed", "test_2": "failed", "test_3": "passed", "test_4": "passed",
    }  # fmt: skip
    assert verdicts["test_1"]["properties"]["before"] == "passed"
    assert verdicts["test_2"]["category"] == "product"
    assert "2 passed, 2 skipped" in capfd.readouterr().out
    # What was done has no second attempt; what was not, has, and the first is kept.
    assert len(list(folder.glob("*test_1*"))) == 1
    attempts = sorted(path.name for path in folder.glob("*test_3*"))
    assert attempts == ["test_suite.py_test_3", "test_suite.py_test_3.attempt-1"]
    assert (folder / attempts[1] / "left.txt").is_file()
    assert (folder / "junit-2.xml").is_file()
    assert len(read_begins(folder / NAME)) == 2


def test_what_is_no_run_cannot_be_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--artifacts", str(tmp_path), "--resume", "latest") == 4
    assert "latest is no run that could be resumed" in capsys.readouterr().err
    append(tmp_path / NAME, "begin", {"arguments": [], "folder": "/", "at": ""})
    assert run("--resume", str(tmp_path), "more_tests") == 4
    assert "has its arguments already" in capsys.readouterr().err
