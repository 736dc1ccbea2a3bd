"""Profiles as a user meets them: at the command line, and behind a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.emulated import EmulatedHandset
from harness.errors import AgentRefused, ConfigError, EngineError
from harness.handset import Handset
from wire.symbian import LOG_FOLDER
from wire.symbian_errors import KErrPermissionDenied, KErrServerTerminated


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("with_log", [False, True], ids=["alone", "with a log"])
def test_a_wrong_profile_is_a_wrong_configuration(tmp_path: Path, with_log: bool) -> None:
    profile = write(tmp_path, "engine: {version: symbian3-2010.6}")
    log = tmp_path / "emulator.log"
    log.write_text("from an earlier run\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        EmulatedHandset(profile=profile, log=log if with_log else None)
    said = str(caught.value)
    assert said.startswith(f"{profile}:1:10: engine.version: 'symbian3-2010.6' is not known here (did you mean")
    assert "Traceback" not in said


FAULTY = """
model: A sick phone
capabilities: [AllFiles, ReadDeviceData]
"""
PANICKING = """
engine: {version: symbian3-2010.05}
faults: {engine_panics_in: list data owners}
"""
UNREADABLE = """
owners: [{sid: 1, registration: {xml: '<a><passive_backup><include_file/></passive_backup></a>'}}]
"""


def test_what_a_running_phone_becomes(tmp_path: Path) -> None:
    log = tmp_path / "emulator.log"
    with EmulatedHandset(profile="public-suite", log=log) as emulated, Handset.open(emulated.open()) as handset:
        with pytest.raises(AgentRefused, match="there is no handset profile 'nothing'"):
            handset.emulator.reset("nothing")
        assert handset.info.profile == "public-suite"

        handset.emulator.reset(write(tmp_path, FAULTY))
        assert handset.info.model == "A sick phone"
        with pytest.raises(EngineError) as caught:
            handset.engine.connect()
        assert caught.value.code == KErrPermissionDenied

        for profile, panic in ((PANICKING, "SB: -6"), (UNREADABLE, "USER 130")):
            handset.emulator.reset(write(tmp_path, profile))
            handset.files.make_folder(LOG_FOLDER)
            with pytest.raises(EngineError) as caught:
                handset.engine.list_data_owners()
            assert caught.value.code == KErrServerTerminated
            # The next call starts a new engine, as on a phone.
            assert handset.engine.connect() > 0
            assert f"sbengine.exe panicked: {panic}" in log.read_text(encoding="utf-8")
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_packages_are_installed_and_removed_on_demand() -> None:
    with EmulatedHandset(profile="public-suite") as emulated, Handset.open(emulated.open()) as handset:
        listed = {info.sid for info in handset.engine.list_data_owners()}
        handset.emulator.install_package(0x8111300B)
        more = {info.sid for info in handset.engine.list_data_owners()}
        assert more - listed == {0x81000014}
        handset.emulator.remove_package(0x8111300B)
        assert {info.sid for info in handset.engine.list_data_owners()} == listed
