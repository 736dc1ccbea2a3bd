"""`symhil bench` on an emulated handset."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.emulated import EmulatedHandset
from harness.handset import Handset


def test_calls_and_a_file_that_is_gone_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    with EmulatedHandset(tcp=True) as emulated:
        assert main(["bench", f"--port={emulated.where}", "--calls=5", "--kib=64", "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        with Handset.open(emulated.open()) as handset:
            assert not handset.files.exists("C:\\symhil_bench.bin")
    assert set(said["transfers"]) == {"writing", "reading"}
    assert [one["size"] for one in said["transfers"].values()] == [65536, 65536]
    assert 0 < said["median_s"] <= said["p95_s"]
    assert (said["resent"], said["damaged"]) == (0, 0)


def test_a_phone_that_does_not_allow_it_is_not_written_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with EmulatedHandset(tcp=True) as emulated:
        _, host, port = emulated.where.split(":")
        lab = tmp_path / "lab.yaml"
        lab.write_text(f"handsets: [{{name: n8, links: [tcp: {{host: {host}, port: {port}}}]}}]")
        assert main(["bench", f"--config={lab}", "--calls=2"]) == 0
        assert "no file was written" in capsys.readouterr().out
        path = "C:\\private\\10005399\\settings.ini"
        assert main(["bench", f"--config={lab}", "--calls=2", f"--file={path}"]) == 0
        assert "reading" in capsys.readouterr().out
        assert main(["bench", f"--config={lab}", "--calls=2", "--file=C:\\none.txt"]) == 1
        assert "C:\\none.txt" in capsys.readouterr().err
