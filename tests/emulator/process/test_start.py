"""What an emulated handset does not wait for when it starts. `make bench` measures how long it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.emulated import EmulatedHandset
from harness.handset import Handset

FOR_OTHERS = {
    "yaml": "profiles of a user",
    "pydantic": "profiles of a user",
    "lxml": "sbeconfig.xml, which is there where a test puts it",
    "cffi": "the agent's core",
    "device_agent.emulator.core_agent": "the agent's core",
    "device_agent.emulator.usb.device": "USB",
}


def test_the_usual_handset_imports_nothing_that_only_others_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")  # each import becomes a line of its standard error
    log = tmp_path / "emulator.log"
    with EmulatedHandset(log=log) as emulated, Handset.open(emulated.open()) as handset:
        assert handset.info.profile == "public-suite"
        assert handset.engine.list_data_owners()
    imported = {line.rpartition("|")[2].strip() for line in log.read_text(encoding="utf-8").splitlines()}
    assert "device_agent.emulator.engine.engine" in imported
    assert not imported & set(FOR_OTHERS)
