"""docs/emulator.md: its tables are those of the model, its examples work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from device_agent.emulator.owners.registrations import CLIENT_2, registration_of
from device_agent.emulator.phone import Phone
from device_agent.emulator.profile import ProfileError
from device_agent.emulator.profile_table import rewrite
from device_agent.emulator.profiles import find_profile
from harness.emulated import EmulatedHandset
from harness.handset import Handset
from harness.lab.config import EmulatorLink, load_config
from wire.symbian import SecureId

DOCUMENT = Path(__file__).parents[3] / "docs" / "emulator.md"


def blocks(language: str) -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def example(name: str) -> str:
    (found,) = [block for block in blocks("yaml") if block.startswith(f"# {name}\n")]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example profiles as files, and the registration file that one of them names."""
    for block in blocks("yaml"):
        first = block.splitlines()[0]
        if first.startswith("# profile: "):
            (tmp_path / first.removeprefix("# profile: ")).write_text(block, encoding="utf-8")
    xml = registration_of(CLIENT_2).decode("utf-16").replace("abtestclient2.exe", "mine.exe")
    (tmp_path / "mine.xml").write_bytes(xml.replace("UTF-16", "UTF-8").encode())
    return tmp_path


def test_the_tables_are_those_of_the_model() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert rewrite(text) == text, "run: python -m device_agent.emulator.profile_table docs/emulator.md"


def test_every_example_profile_is_a_phone(folder: Path) -> None:
    names = sorted(path.name for path in folder.glob("*.yaml"))
    assert names == ["faulty.yaml", "my-phone.yaml", "sick.yaml", "small.yaml"]
    for name in names:
        phone = Phone(find_profile(str(folder / name)))
        assert phone.profile.name == name.removesuffix(".yaml")


def test_the_lab_finds_the_profile_beside_its_configuration(folder: Path) -> None:
    (folder / "lab_config.yaml").write_text(example("lab_config.yaml"), encoding="utf-8")
    handset = load_config(folder / "lab_config.yaml").find("my-phone")
    (link,) = handset.links
    assert isinstance(link, EmulatorLink)
    assert link.profile == str(folder / "profiles" / "my-phone.yaml")
    assert handset.allow_restore


def test_the_phone_of_the_example_has_what_it_says(folder: Path) -> None:
    with (
        EmulatedHandset(profile=str(folder / "my-phone.yaml")) as emulated,
        Handset.open(emulated.open()) as handset,
    ):
        assert handset.info.model == "My phone"
        assert handset.info.firmware == "symbian3-2010.05"
        owners = {info.sid: info for info in handset.engine.list_data_owners()}
        assert {0x20001234, 0x20001235} <= set(owners)
        assert handset.files.stat("E:\\private\\20001234\\map.dat").size == 3_000_000
        assert handset.files.read("C:\\private\\20001234\\head.bin") == b"Juli"
        # The owner under another SID runs its program and becomes ready.
        sid = SecureId(0x20001235)
        with handset.backup(partial=[sid]) as run:
            run.wait_ready(sid)


def test_the_message_that_is_shown(folder: Path) -> None:
    path = folder / "my-phone.yaml"
    path.write_text("\nengine: {version: symbian3-2010.5}\n", encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        find_profile(str(path))
    said = str(caught.value).replace(f"{folder}/", "").splitlines()
    (shown,) = [block.splitlines() for block in blocks("text")]
    assert said[0].startswith(shown[0].removesuffix(" ..."))
    assert said[1:] == shown[1:]
