"""`symhil trace` and `symhil wireshark`, on what a run has left."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.capture import CaptureWriter, read_capture
from harness.cli import main
from harness.cli.wireshark import dissector
from harness.errors import ExitCode


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["trace", "show", *arguments]) == ExitCode.OK
    return capsys.readouterr().out.splitlines()


def test_a_run_is_shown_in_the_order_of_time(lab_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, str(lab_run))
    seconds = [float(line.split()[1]) for line in lines]
    assert seconds == sorted(seconds)
    assert seconds[0] == 0
    assert sum("the link is open" in line for line in lines) == 1  # not once more for each test
    assert "host -> phone  HELLO" in lines[0]
    assert "-- the link is gone" in lines[-1]


def test_what_belongs_to_a_call_is_found_by_its_name(lab_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, str(lab_run), "--method", "REQUEST DATA")
    kinds = {line.split()[5] for line in lines}
    assert kinds == {"REQUEST", "ANSWER", "DATA", "CLOSE"}
    assert all("request data" in line for line in lines)
    answers = [line for line in lines if " ANSWER " in line]
    assert all("ms after #" in line for line in answers)


def test_filters_restrict_together(lab_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everything = shown(capsys, str(lab_run))
    of_phone = shown(capsys, str(lab_run), "--from", "phone")
    callbacks = shown(capsys, str(lab_run), "--from", "phone", "--kind", "request", "--sid", "0xE0F1B001")
    errors = shown(capsys, str(lab_run), "--trouble")
    found = shown(capsys, str(lab_run), "--text", "getsnapshotdatal")
    assert set(callbacks) < set(of_phone) < set(everything)
    assert callbacks
    assert all("phone's #" in line and "sid=0xE0F1B001" in line for line in callbacks)
    assert errors
    assert all(re.search("error|--|sent again|came before", line) for line in errors)
    assert found
    assert all("GetSnapshotDataL" in line for line in found)


def test_lines_for_programs(lab_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [json.loads(line) for line in shown(capsys, str(lab_run), "--json")]
    assert records[0]["kind"] == "HELLO"
    assert records[0]["from"] == "host"
    answer = next(record for record in records if record.get("kind") == "ANSWER")
    request = records[answer["request"] - 1]
    assert (request["kind"], request["method"], request["channel"]) == (
        "REQUEST",
        answer["method"],
        answer["channel"],
    )
    assert len(records) == len(shown(capsys, str(lab_run)))


def test_the_capture_of_one_test_is_shown_alone(lab_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(lab_run.glob("*/wire.pcapng"))
    lines = shown(capsys, str(path.parent))
    assert lines == shown(capsys, str(path))
    assert "from the beginning of the session" in lines[0]


def test_one_file_for_wireshark(lab_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.pcapng"
    assert main(["trace", "merge", str(lab_run), str(path)]) == ExitCode.OK
    packets = list(read_capture(path))
    assert capsys.readouterr().out == f"{path}: {len(packets)} packets\n"
    assert main(["trace", "merge", str(lab_run), str(path)]) == ExitCode.USAGE
    assert "is there already" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.pcapng"]


def test_captures_of_two_handsets_are_not_mixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("n8", "e71"):
        (tmp_path / name).mkdir()
        capture = CaptureWriter(tmp_path / name / "wire.pcapng", name)
        capture.add(1, b"", outgoing=None, comment="x")
        capture.close()
    assert main(["trace", "merge", str(tmp_path), str(tmp_path / "run.pcapng")]) == ExitCode.USAGE
    assert "captures of several handsets" in capsys.readouterr().err
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["e71", "n8"]


@pytest.mark.parametrize(
    ("content", "told"), [(None, "there is no wire.pcapng in"), (b"GIF89a__", "which is no pcapng")]
)
def test_mistakes_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "wire.pcapng").write_bytes(content)
    assert main(["trace", "show", str(tmp_path)]) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error


def test_the_dissector_is_installed_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "plugins"
    for _ in range(2):
        assert main(["wireshark", "install", "--folder", str(folder)]) == ExitCode.OK
        assert capsys.readouterr().out == f"installed {folder / 'symhil.lua'}\n"
    assert (folder / "symhil.lua").read_text() == dissector()
    assert [entry.name for entry in folder.iterdir()] == ["symhil.lua"]


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plugins").write_text("a file")
    assert main(["wireshark", "install", "--folder", str(tmp_path / "plugins" / "x")]) == ExitCode.USAGE
    assert "cannot be written: Not a directory" in capsys.readouterr().err
