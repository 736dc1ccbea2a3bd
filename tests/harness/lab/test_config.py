"""lab_config.yaml: what is wrong is said with its place, and all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigError, LabUnavailable
from harness.lab.config import EmulatorLink, SerialLink, UsbLink, load_config
from harness.lab.open import choose

ROOT = Path(__file__).parents[3]

GOOD = """\
handsets:
  - name: n8
    model: Nokia N8-00
    tags: [usb, symbian3]
    links:
      - serial: {port: /dev/ttyACM1}
      - tcp: {host: 127.0.0.1, port: 7001}
      - url: socket://127.0.0.1:7001
  - name: emulated
    links: [{emulator: {}}]
    allow_restore: yes
"""


def load(tmp_path: Path, text: str) -> object:
    return load_config(write(tmp_path, text))


def test_the_shipped_file_is_valid_and_runs_on_the_emulator() -> None:
    config = load_config(ROOT / "lab_config.yaml")
    assert isinstance(choose(config, emulated=True).links[0], EmulatorLink)


def test_a_good_file(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(GOOD)
    config = load_config(path)
    first, second = config.handsets
    assert isinstance(first.links[0], SerialLink)
    assert first.links[0].baud == 115200
    assert not first.allow_restore
    assert second.allow_restore
    assert choose(config, emulated=False).name == "n8"
    assert choose(config, device="emulated").name == "emulated"


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "handsets:\n  - nmae: n8\n    modle: x\n    links: [{emulator: {}}]\n")
    text = str(caught.value)
    assert "2:5" in text
    assert "3:5: handsets.0.modle: unknown key (did you mean 'model'?)" in text


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "nothing.yaml")


def test_an_unknown_handset_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(GOOD)
    with pytest.raises(ConfigError, match="did you mean 'emulated'"):
        choose(load_config(path), device="emulate")


def test_a_lab_without_a_real_phone(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text("handsets:\n  - name: e\n    links: [{emulator: {}}]\n")
    with pytest.raises(LabUnavailable, match="no real handset"):
        choose(load_config(path), emulated=False)


def test_scalars_stay_what_they_look_like(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text("handsets:\n  - name: x\n    firmware: 3.10\n    model: NO\n    links: [{emulator: {}}]\n")
    handset = load_config(path).handsets[0]
    assert (handset.firmware, handset.model) == ("3.10", "NO")


def test_links_are_named_by_their_kind(tmp_path: Path) -> None:
    path = write(tmp_path, "handsets: [{name: a, links: [{tcp: {port: 1}}, {url: socket://x:1}]}]")
    handset = load_config(path).find("a")
    assert [link.kind for link in handset.links] == ["tcp", "url"]


def test_the_path_of_a_profile_is_relative_to_the_file_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path, "handsets: [{name: a, links: [{emulator: {profile: small.yaml}}]}]")
    link = load_config(path).find("a").links[0]
    assert isinstance(link, EmulatorLink)
    assert link.profile == str(tmp_path / "small.yaml")


def test_a_phone_on_usb(tmp_path: Path) -> None:
    links = "{usb: {product: 0418, port_path: 1-1.2}}, {usb: {product: 0334}}"
    path = write(tmp_path, f"handsets: [{{name: a, links: [{links}]}}]")
    first, second = load_config(path).find("a").links
    assert isinstance(first, UsbLink)
    assert (first.vendor, first.product, first.port_path) == ("0421", "0418", "1-1.2")
    assert isinstance(second, UsbLink)
    assert (second.vendor, second.serial, second.port_path) == ("0421", "", "")


@pytest.mark.parametrize("fields", ["vendor: 421", "product: nokia", "port_path: /dev/bus/usb/001/002"])
def test_no_address_on_usb(tmp_path: Path, fields: str) -> None:
    with pytest.raises(ConfigError, match="1:37: "):
        load(tmp_path, f"handsets: [{{name: a, links: [{{usb: {{{fields}}}}}]}}]")


def test_what_is_wrong_in_a_link_is_shown_where_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path, "handsets:\n  - name: a\n    links:\n      - serial: {prt: x}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{path}:4:9: handsets.0.links.0.serial.port: this key is missing"
    assert lines[3] == f"{path}:4:18: handsets.0.links.0.serial.prt: unknown key (did you mean 'port'?)"


def write(folder: Path, text: str) -> Path:
    path = folder / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    return path
