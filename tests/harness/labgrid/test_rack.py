"""What a machine exports of its handsets. It needs no labgrid; the exporting itself is tried in tests/labgrid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.emulated import EmulatedHandset
from harness.errors import ConfigError
from harness.identity import hashed_imei
from harness.lab.config import HandsetEntry, SerialLink, load_config
from harness.lab.discovery import NOKIA_VENDOR_ID, AttachedPort
from harness.labgrid.rack import Exported, found_handsets, read_also, with_answers

IMEI = "004401012345678"  # the emulated handset's
MODEL = "Emulated S60 handset"


def entry(**fields: Any) -> HandsetEntry:
    return HandsetEntry(name="n8", links=(SerialLink(kind="serial", port="/dev/ttyACM1"),), **fields)


def test_tags_are_what_labgrid_takes() -> None:
    exported = Exported(entry(model="Nokia N8-00", platform="symbian3", tags=("usb", "On-Shelf.2")), None)
    assert exported.tags == {
        "kind": "symbian", "model": "nokia_n8_00", "platform": "symbian3", "usb": "yes", "on_shelf_2": "yes",
    }  # fmt: skip


def test_a_resource_tells_who_the_phone_is_and_what_is_allowed() -> None:
    exported = Exported(entry(model="N8", identity="0123456789ab", tags=("a", "b")), None)
    assert exported.resource("10.0.0.5:7001") == {
        "port": "/dev/ttyACM1",
        "bridge": "10.0.0.5:7001",
        "tags": "a b",
        "allow_restore": False,
        "model": "N8",
        "identity": "0123456789ab",
    }


def test_phones_that_the_configuration_does_not_know_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatedHandset() as phone:
        port = AttachedPort(phone.where, "phone", NOKIA_VENDOR_ID, 0x2FE, "")
        monkeypatch.setattr("harness.lab.discovery.attached_ports", lambda: [port])
        (found,) = found_handsets([])
        identity = hashed_imei(IMEI)
        assert found.entry.name == f"phone-{identity}"
        assert (found.entry.model, found.entry.identity, found.config) == (MODEL, identity, None)
        assert not found.entry.allow_restore  # nobody has said so
        assert IMEI not in str(found.resource("x:1"))
        assert list(found_handsets([entry(identity=identity)])) == []


def test_what_the_configuration_does_not_say_its_phone_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.lab.discovery.attached_ports", list)
    with EmulatedHandset() as phone:
        path = tmp_path / "lab.yaml"
        path.write_text(
            f"handsets: [{{name: a, firmware: '1.0', links: [serial: {phone.where}]}}, "
            "{name: b, links: [serial: /dev/ttyThatIsNotThere]}]",
            encoding="utf-8",
        )
        config = load_config(path)
        first, second = with_answers(list(config.handsets), config)
    assert (first.model, first.firmware, first.identity) == (MODEL, "1.0", hashed_imei(IMEI))
    assert second == config.handsets[1]


@pytest.mark.parametrize("text", ["- a", "n8: gude", "n8: {"])
def test_power_ports_in_another_form(tmp_path: Path, text: str) -> None:
    path = tmp_path / "power.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"power\.yaml"):
        read_also(path)


def test_without_labgrid_the_commands_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for command in ("export", "demo"):
        assert main(["lab", command]) == 10
        assert "pip install 'symhil[labgrid]', in an environment of its own" in capsys.readouterr().err
