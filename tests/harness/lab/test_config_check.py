"""Every broken configuration is answered with its message, line and column; good ones of every form are read."""

from __future__ import annotations

import json
import tempfile
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.cli import main
from harness.errors import ConfigError
from harness.lab.config import BluetoothLink, LabConfig, SerialLink, UsbLink, load_config
from harness.lab.schema import SCHEMA_FILE, lab_schema, schema_text
from tests.harness.lab.broken import BROKEN, GOOD_LINK, Broken, handset, link

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {"SYMHIL_PORT": "/dev/ttyACM7", "HOME": "/home/somebody"}

NOT_FOR_A_SCHEMA = {
    "two of one name",
    "two of one identity",
    "two on one port",
    "two on one device, one of them over Bluetooth",
    "two on one TCP port",
    "two USB selectors that may mean one phone",
    "one port twice",
    "a USB link that means any phone",
    "faults that there are not",
    "a phone behind a line that is to be started anew",
    "no handsets",
    "neither a place nor tags",
    "a place and tags",
    "labgrid as a second way",
    "two on one place",
    "power of a phone that is not labgrid's",
    "an emulator as a second way",
    "somebody else's variable",
    "a variable without its end",
    "a variable that is not set",
    "a file that is not there",
    "a file that includes itself",
    "a key twice",
}


def load(folder: Path, text: str) -> LabConfig:
    path = folder / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, ENVIRONMENT)


def test_there_are_thirty_and_more() -> None:
    assert len(BROKEN) >= 30


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_configuration(broken: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lab.yaml").write_bytes(broken.text if isinstance(broken.text, bytes) else broken.text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(Path("lab.yaml"), ENVIRONMENT)
    first = str(caught.value).splitlines()[0]
    assert first == broken.says or (broken.says.endswith(": ") and first.startswith(broken.says))


def test_what_is_wrong_in_an_included_file_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "phones").mkdir()
    (tmp_path / "phones" / "more.yaml").write_text(handset("modell: x", GOOD_LINK), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"more\.yaml:3:5: handsets\.0\.modell: unknown key"):
        load(tmp_path, "include: [phones/more.yaml]\n")


def test_a_name_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(handset(GOOD_LINK), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"more\.yaml:2:5: .* the name a is there already, at .*lab\.yaml:3:5"):
        load(tmp_path, "include: [more.yaml]\n" + handset(GOOD_LINK))


def test_handsets_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(handset(GOOD_LINK, name="b"), encoding="utf-8")
    lab = load(tmp_path, "include: [more.yaml]\n" + handset(GOOD_LINK))
    assert [entry.name for entry in lab.handsets] == ["a", "b"]


def test_every_form_of_a_link(tmp_path: Path) -> None:
    lab = load(
        tmp_path,
        handset(
            "links:",
            "  - usb: {product: 0334, port_path: 1-2.4}",
            "  - serial: ${SYMHIL_PORT}",
            "  - serial: {port: '${SYMHIL_OTHER:-/dev/ttyACM8}', baud: 460800}",
            "  - bluetooth: /dev/rfcomm0",
            "  - url: rfc2217://bench:7001",
        ),
    )
    usb, serial, other, bluetooth, _ = lab.handsets[0].links
    assert isinstance(usb, UsbLink)
    assert (usb.vendor, usb.product, usb.port_path) == ("0421", "0334", "1-2.4")
    assert isinstance(serial, SerialLink)
    assert serial.port == "/dev/ttyACM7"
    assert isinstance(other, SerialLink)
    assert (other.port, other.baud) == ("/dev/ttyACM8", 460800)
    assert isinstance(bluetooth, BluetoothLink)
    assert bluetooth.device == "/dev/rfcomm0"


def test_two_phones_that_differ_in_what_both_selectors_give(tmp_path: Path) -> None:
    text = handset("links: [usb: {serial: '1'}]")
    text += handset("links: [usb: {serial: '2'}]", name="b").removeprefix("handsets:\n")
    assert len(load(tmp_path, text).handsets) == 2


@given(st.lists(st.sampled_from([*"\n -:[]{}&*!$'\"#", "handsets", "name: a", "links", "emulator", "  "])))
def test_whatever_is_written_is_a_configuration_or_an_error_with_its_place(parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lab.yaml"
        path.write_text("".join(parts), encoding="utf-8")
        try:
            assert load_config(path, ENVIRONMENT).handsets
        except ConfigError as error:
            said = str(error)
        else:
            return
    assert said.startswith(str(path))


# ---------------------------------------------------------------------------------------------- the command


def run(*arguments: str | Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_the_shipped_file_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run("config", "check", ROOT / "lab_config.yaml", capsys=capsys)
    assert code == 0
    assert "1 handset, nothing wrong" in said


def test_the_commented_entries_of_the_shipped_file_are_right_too(tmp_path: Path) -> None:
    text = (ROOT / "lab_config.yaml").read_text(encoding="utf-8")
    uncommented = text.replace("\n#  - ", "\n  - ").replace("\n#    ", "\n    ")
    lab = load(tmp_path, uncommented)
    assert len(lab.handsets) == text.count("- name:")
    assert {link.kind for entry in lab.handsets for link in entry.links} == {
        "usb", "serial", "tcp", "url", "bluetooth", "emulator", "labgrid",
    }  # fmt: skip


def test_the_command_says_what_is_wrong_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(handset("modell: x", GOOD_LINK), encoding="utf-8")
    code, said = run("config", "check", path, capsys=capsys)
    assert code == 4
    assert f"{path}:3:5: handsets.0.modell: unknown key (did you mean 'model'?)" in said
    assert "    modell: x\n        ^" in said
    assert "Traceback" not in said


def test_a_port_that_is_not_there_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(link("serial: {port: /dev/no-such-port}"), encoding="utf-8")
    code, said = run("config", "check", path, capsys=capsys)
    assert code == 4
    where = f"{path}:4:18: handsets.0.links.0.serial.port"
    assert f"{where}: there is no port /dev/no-such-port on this machine" in said
    assert run("config", "check", path, "--elsewhere", capsys=capsys)[0] == 0


def test_a_missing_port_is_no_mistake_where_another_link_may_work(tmp_path: Path) -> None:
    lab = load(tmp_path, handset("links: [serial: /dev/no-such-port, tcp: {port: 7001}]"))
    assert lab.missing_ports() == []


# ------------------------------------------------------------------------------------------------ the schema


def test_the_schema_in_the_package_is_the_model_s() -> None:
    shipped = resources.files("harness").joinpath("data", SCHEMA_FILE).read_text(encoding="utf-8")
    assert shipped == schema_text(), f"make it anew: symhil config schema > harness/data/{SCHEMA_FILE}"


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run("config", "schema", capsys=capsys)
    assert code == 0
    assert json.loads(said) == lab_schema()


def in_the_schema_s_eyes(text: str) -> bool:
    """As an editor sees it: with YAML's own numbers and truth values."""
    validator = jsonschema.Draft202012Validator(lab_schema())
    return bool(validator.is_valid(yaml.safe_load(text)))


def test_the_schema_knows_the_shipped_file_for_right() -> None:
    jsonschema.Draft202012Validator.check_schema(lab_schema())
    text = (ROOT / "lab_config.yaml").read_text(encoding="utf-8")
    assert in_the_schema_s_eyes(text)
    assert in_the_schema_s_eyes(text.replace("\n#  - ", "\n  - ").replace("\n#    ", "\n    "))
    assert in_the_schema_s_eyes(handset("firmware: 3.10", "links: [{tcp: {port: '${SYMHIL_PORT}'}}]"))


@pytest.mark.parametrize("name", sorted(set(BROKEN) - NOT_FOR_A_SCHEMA))
def test_the_schema_refuses_what_the_model_refuses(name: str) -> None:
    text = BROKEN[name].text
    if isinstance(text, bytes):
        return  # no text, or none that an editor would open
    try:
        assert not in_the_schema_s_eyes(text)
    except (yaml.YAMLError, RecursionError):
        pass  # no YAML in the first place
