"""Handset profiles: what is read from them, and what is said of one that cannot be used."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from device_agent.emulator.engine.config import EngineVersion
from device_agent.emulator.owners.on_board import ON_BOARD
from device_agent.emulator.owners.reference_client import ReferenceClient
from device_agent.emulator.owners.registrations import registration_of
from device_agent.emulator.phone import Phone
from device_agent.emulator.profile import HandsetProfile, ProfileError
from device_agent.emulator.profiles import BUILT_IN, find_profile
from wire.symbian import Drive, SecureId


def load(folder: Path, text: str) -> HandsetProfile:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return find_profile(str(path))


def refused(folder: Path, text: str) -> str:
    """The first line of what is said, without the folder."""
    with pytest.raises(ProfileError) as caught:
        load(folder, text)
    return str(caught.value).splitlines()[0].removeprefix(f"{folder}/")


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_profile_that_comes_with_the_emulator_is_a_phone(name: str) -> None:
    phone = Phone(find_profile(name), source=lambda: 0.0)
    assert phone.profile.name == name
    assert phone.files.exists(r"Z:\private\0ab7e57c\backup_registration.xml")


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("public-suite", "{version: symbian3-2010.06, build: release, log: yes}"),
        ("retail", "{version: symbian3-2010.06, build: release}"),
        ("debug-engine", "{version: symbian3-2010.06, build: debug}"),
        ("s60-5.0", "{version: s60-5.0, build: release, log: yes}"),
        ("symbian3-2010.09", "{version: symbian3-2010.09, build: release}"),
    ],
)
def test_a_users_profile_can_have_the_engine_of_each(tmp_path: Path, name: str, engine: str) -> None:
    profile = load(tmp_path, f"based_on: public-suite\nengine: {engine}\n")
    assert profile == dataclasses.replace(BUILT_IN[name], name="mine")


def test_an_empty_profile_is_the_default_of_everything(tmp_path: Path) -> None:
    without_log = EngineVersion(writes_log=False)  # as release builds are
    assert load(tmp_path, "") == HandsetProfile(name="mine", version=without_log)


class TestOwners:
    def test_one_on_board_brings_everything_with_it(self, tmp_path: Path) -> None:
        profile = load(tmp_path, "owners: [{on_board: central-repository}]")
        (executable,) = profile.executables
        assert (executable.name, executable.starts_at_boot) == ("centralrepositorysrv.exe", True)
        path, data = profile.registrations[0]
        assert path == r"Z:\private\10202be9\backup_registration.xml"
        assert data == registration_of(SecureId(0x10202BE9))

    def test_one_on_board_can_be_changed(self, tmp_path: Path) -> None:
        text = """
owners:
  - on_board: abtestclient
    sid: 0x20001234
    executable: other.exe
    starts_at_boot: yes
    registered_on: C
    registration: {xml: <x/>}
"""
        profile = load(tmp_path, text)
        (executable,) = profile.executables
        assert executable.name == "other.exe"
        assert executable.sid == 0x20001234
        assert executable.program is ReferenceClient
        assert executable.starts_at_boot
        assert profile.registrations == ((r"C:\private\20001234\backup_registration.xml", b"<x/>"),)

    def test_one_of_your_own(self, tmp_path: Path) -> None:
        (tmp_path / "mine.xml").write_bytes(b"\xff\xfe<\0")
        text = """
owners:
  - {sid: 20001234, registration: {file: mine.xml}, program: tutorial, executable: mine.exe}
  - {sid: 20001235, registration: {on_board: passive}}
  - {sid: 20001236, program: none}
"""
        profile = load(tmp_path, text)
        assert [executable.name for executable in profile.executables] == ["mine.exe"]
        assert dict(profile.registrations) == {
            r"Z:\private\20001234\backup_registration.xml": b"\xff\xfe<\0",
            r"Z:\private\20001235\backup_registration.xml": registration_of(ON_BOARD["passive"].sid),
        }

    @pytest.mark.parametrize(
        ("owner", "said"),
        [
            ("{program: tutorial}", "owners.0: an owner has on_board or sid"),
            ("{sid: 1, program: tutorial}", "owners.0: a program has an executable"),
            ("{on_board: abtestclinet}", "owners.0.on_board: 'abtestclinet' is not known here (did you mean "),
            ("{sid: 0x123456789}", "owners.0.sid: a secure ID is 1 to 8 hexadecimal digits"),
            ("{sid: [1]}", "owners.0.sid: a secure ID is 1 to 8 hexadecimal digits"),
            (
                "{sid: 1, registration: {file: no.xml}}",
                "owners.0.registration.file: no.xml cannot be read: No such",
            ),
            ("{sid: 1, registration: {}}", "owners.0.registration: a registration is one of"),
            (
                "{on_board: passive, registered_on: E}",
                "owners.0.registered_on: this handset has no drive E; it has C, Z",
            ),
            (
                "{on_board: abtestclient, misbehaviour: {in: GetBackupDataSection, how: hangs}}",
                "'GetBackupDataSection' is not known here (did you mean 'GetBackupDataSectionL'?)",
            ),
            (
                "{on_board: abtestclient, misbehaviour: {in: GetBackupDataSectionL, how: sulks}}",
                "owners.0.misbehaviour.how: 'sulks' is not known here",
            ),
            ("{on_board: abtestclient, misbehaviour: {how: hangs}}", "so `in` a callback: name it"),
            (
                "{on_board: abtestclient, misbehaviour: {in: RestoreComplete, how: never-confirms}}",
                "never-confirms is not `in` a callback",
            ),
            (
                "{on_board: abtestclient, misbehaviour: {in: RestoreComplete, how: gives-nothing}}",
                "gives-nothing is possible in GetSnapshotDataL and GetBackupDataSectionL only",
            ),
        ],
    )
    def test_one_that_cannot_be(self, tmp_path: Path, owner: str, said: str) -> None:
        line = refused(tmp_path, f"owners:\n  - {owner}\n")
        assert line.startswith("mine.yaml:2:")
        assert said in line


class TestFiles:
    def test_content(self, tmp_path: Path) -> None:
        text = r"""
files:
  'C:\a\text.txt': {text: "one\r\n", repeat: 3}
  'C:\a\hex.bin': {hex: 4A 75 6C, repeat: 2}
  'C:\a\character.bin': {size: 3, fill: x}
  'C:\a\number.bin': {size: 2, fill: 0xFE}
  'C:\a\zero.bin': {size: 2}
  'C:\a\nothing.bin': {text: "", read_only: yes, locked: yes}
"""
        profile = load(tmp_path, text)
        assert [file.content for file in profile.files] == [
            b"one\r\none\r\none\r\n",
            b"JulJul",
            b"xxx",
            b"\xfe\xfe",
            b"\0\0",
            b"",
        ]
        assert [file.read_only and file.locked for file in profile.files] == [False] * 5 + [True]

    @pytest.mark.parametrize(
        ("path", "content", "said"),
        [
            (r"C:\a.txt", "{}", "a file has one of text, hex and size, not none"),
            (r"C:\a.txt", "{text: a, hex: 41}", "a file has one of text, hex and size, not text and hex"),
            (r"C:\a.txt", "{text: a, fill: x}", "fill goes with size"),
            (r"C:\a.txt", "{size: 1, repeat: 2}", "repeat goes with text and hex"),
            (r"C:\a.txt", "{hex: 4}", "hex: pairs of hexadecimal digits are expected here"),
            (r"C:\a.txt", "{size: 1, fill: 256}", "fill: a byte is one character or a number from 0 to 0xFF"),
            (r"C:\a.txt", "{size: -1}", "size: this should be greater than or equal to 0"),
            ("a.txt", "{size: 1}", r"a file has a full path such as C:\data\notes.txt, unlike 'a.txt'"),
            (r"C:\a\ ".strip(), "{size: 1}", r"a file has a full path such as"),
            (r"C:\..\a.txt", "{size: 1}", r"a file has a full path such as"),
            (r"E:\a.txt", "{size: 1}", "this handset has no drive E; it has C, Z"),
        ],
    )
    def test_a_file_that_cannot_be(self, tmp_path: Path, path: str, content: str, said: str) -> None:
        line = refused(tmp_path, f"files:\n  '{path}': {content}\n")
        assert line.startswith("mine.yaml:2:")
        assert said in line


class TestEngine:
    @pytest.mark.parametrize(
        ("engine", "has_log", "is_debug"),
        [
            ("{version: symbian3-2010.06}", False, False),
            ("{version: symbian3-2010.06, build: debug}", True, True),
            ("{version: symbian3-2010.06, build: debug, log: no}", False, True),
            ("{version: symbian3-2010.06, log: yes}", True, False),
            ("{version: symbian3-2010.09, build: debug}", False, True),
        ],
    )
    def test_build_and_log(self, tmp_path: Path, engine: str, has_log: bool, is_debug: bool) -> None:
        profile = load(tmp_path, f"engine: {engine}")
        assert (profile.version.writes_log, profile.debug_engine) == (has_log, is_debug)

    def test_a_log_that_the_version_cannot_write(self, tmp_path: Path) -> None:
        line = refused(tmp_path, "engine:\n  version: symbian3-2010.09\n  log: yes\n")
        assert line.startswith("mine.yaml:3:3: engine.log: symbian3-2010.09 cannot write a log")

    def test_the_version_is_the_firmware_where_nothing_else_is_said(self, tmp_path: Path) -> None:
        assert load(tmp_path, "engine: {version: s60-5.0}").firmware == "s60-5.0"
        assert load(tmp_path, "{engine: {version: s60-5.0}, firmware: 111.030}").firmware == "111.030"


class TestDrives:
    def test_others_than_usual(self, tmp_path: Path) -> None:
        profile = load(tmp_path, "drives: {C: writable, E: writable, Y: read-only}")
        assert profile.writable_drives == (Drive.parse("C"), Drive.parse("E"))
        assert profile.read_only_drives == (Drive.parse("Y"),)

    @pytest.mark.parametrize("drives", ["{E: writable}", "{C: read-only}"])
    def test_c_has_to_be_there(self, tmp_path: Path, drives: str) -> None:
        assert "a handset has a writable drive C" in refused(tmp_path, f"drives: {drives}")

    def test_what_is_no_drive(self, tmp_path: Path) -> None:
        line = refused(tmp_path, "drives:\n  CD: writable\n")
        assert line == "mine.yaml:2:3: drives.CD: a drive is one letter from A to Z, not 'CD'"


class TestBasedOn:
    def test_a_key_replaces_the_whole_of_the_others(self, tmp_path: Path) -> None:
        base = find_profile("public-suite")
        profile = load(tmp_path, "based_on: public-suite\nowners: [{on_board: passive}]\nmodel: Mine\n")
        assert profile.model == "Mine"
        assert len(profile.registrations) == 1
        assert not profile.executables
        assert profile.files == base.files
        assert profile.version == base.version

    def test_files_are_relative_to_the_profile_that_names_them(self, tmp_path: Path) -> None:
        folder = tmp_path / "below"
        folder.mkdir()
        (folder / "owner.xml").write_bytes(b"<x/>")
        (folder / "base.yaml").write_text("owners: [{sid: 1, registration: {file: owner.xml}}]", encoding="utf-8")
        profile = load(tmp_path, "based_on: below/base.yaml\nmodel: Mine\n")
        assert profile.registrations[0][1] == b"<x/>"

    def test_an_inherited_file_needs_its_drive(self, tmp_path: Path) -> None:
        line = refused(tmp_path, "based_on: public-suite\ndrives: {C: writable}\n")
        assert line.startswith(r"mine.yaml:2:1: drives: Z:\private\0ab7e57c\backup_registration.xml is there, but")

    def test_a_fault_of_the_other_is_shown_where_it_stands(self, tmp_path: Path) -> None:
        (tmp_path / "base.yaml").write_text("modle: x", encoding="utf-8")
        assert refused(tmp_path, "based_on: ./base.yaml").startswith("base.yaml:1:1: modle: unknown key")

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("publicsuite", "there is no handset profile 'publicsuite' (did you mean 'public-suite'?)"),
            ("no.yaml", "cannot be read: No such file"),
            ("mine.yaml", "more than 8 profiles are based on one another"),
        ],
    )
    def test_what_it_cannot_be_based_on(self, tmp_path: Path, name: str, said: str) -> None:
        line = refused(tmp_path, f"based_on: {name}")
        assert line.startswith("mine.yaml:1:1: based_on: ")
        assert said in line


def test_the_name_of_no_profile() -> None:
    with pytest.raises(ProfileError, match=r"no handset profile 'public_suite' \(did you mean 'public-suite'\?\)"):
        find_profile("public_suite")
