"""The Symbian layer where no header is needed: its files fit each other, the wire and the emulated handset."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from device_agent.emulator.agent import AGENT_SID
from device_agent.emulator.operations.engine import THREAD_NAME
from device_agent.emulator.owners.registrations import SLOTS, TUTORIAL, registration_of
from device_agent.symbian.build_files import Program, listed_programs
from harness.registration.lint import lint_together
from harness.registration.subject import Subject
from wire.protocol.messages import METHODS, emulator
from wire.protocol.messages.callbacks import RELAY_DEADLINE_MS
from wire.protocol.messages.method import Asker, Method
from wire.protocol.messages.phone import LEASE
from wire.symbian import SecureId

DEVICE_AGENT: Final = Path(__file__).parents[2] / "device_agent"
SYMBIAN: Final = DEVICE_AGENT / "symbian"
PRIVATE: Final = DEVICE_AGENT / "data" / "private"
PACKAGES: Final = sorted([*(DEVICE_AGENT / "sis").glob("*.pkg"), *SYMBIAN.rglob("*.pkg")])
CONTROLLER_SID: Final = 0xE0F1B00F
USER_GRANTS: Final = {
    *("LocalServices", "Location", "NetworkServices", "ReadUserData", "UserEnvironment", "WriteUserData")
}
"""What the user of a phone may grant to a self-signed package (Nokia's table of capabilities)."""
ENGINE_WATCHDOG_US: Final = 200_000_000


@cache
def programs() -> list[Program]:
    return listed_programs(DEVICE_AGENT / "group")


def program(target: str) -> Program:
    (found,) = (one for one in programs() if one.target == target)
    return found


def sources(*folders: str) -> list[Path]:
    """Every C++ file in these folders of the Symbian layer, or in all of it."""
    places = [SYMBIAN / folder for folder in folders] or [SYMBIAN]
    return sorted(path for place in places for path in place.rglob("*") if path.suffix in {".cpp", ".h"})


def text_of(*folders: str) -> str:
    return "\n".join(path.read_text(encoding="ascii") for path in sources(*folders))


# ------------------------------------------------------------------------------------------ build files


def test_the_programs_are_those_of_the_emulated_handset() -> None:
    wanted = {"bkagent.exe": AGENT_SID, "bkctl.exe": CONTROLLER_SID, "referencetestdataowner.exe": TUTORIAL}
    wanted |= {f"bkowner{number}.exe": sid for number, sid in enumerate(SLOTS, 1)}
    assert {one.target: one.uid3 for one in programs()} == wanted
    assert THREAD_NAME.startswith(f"bkctl.exe[{CONTROLLER_SID:08x}]")
    assert all(one.uid3 >> 28 == 0xE and one.target_type == "EXE" for one in programs())


def test_the_header_of_uids_says_the_same() -> None:
    found = dict(re.findall(r"(K\w+) = (\w+);", (SYMBIAN / "common" / "uids.h").read_text(encoding="ascii")))
    assert {name: int(value, 0) for name, value in found.items()} == {
        "KAgentSid": AGENT_SID,
        "KFirstSlotSid": SLOTS[0],
        "KControllerSid": CONTROLLER_SID,
        "KSlotCount": len(SLOTS),
    }


def test_each_program_has_the_capabilities_that_its_calls_need_and_no_other() -> None:
    assert program("bkagent.exe").capabilities == {"LocalServices"}
    assert program("bkctl.exe").capabilities == {"ReadDeviceData", "WriteDeviceData"}
    others = [one for one in programs() if one.target not in {"bkagent.exe", "bkctl.exe"}]
    assert [one.capabilities for one in others] == [frozenset()] * 5


def test_only_the_controller_knows_the_engines_host_library() -> None:
    assert [one.target for one in programs() if "sbeclient.lib" in one.libraries] == ["bkctl.exe"]


def test_listed_sources_are_there_and_those_that_are_there_are_listed() -> None:
    listed = {source for one in programs() for source in one.sources}
    there = {path.resolve() for path in sources() if path.suffix == ".cpp"}
    there |= {path.resolve() for path in (DEVICE_AGENT / "core").glob("*.cpp")}
    assert listed == there


@pytest.mark.parametrize("one", programs(), ids=lambda one: one.target)
def test_a_program_can_be_built_on_any_machine(one: Program) -> None:
    """Objects share a folder, and file systems differ in what they think of case."""
    twice = [name for name, count in Counter(path.name for path in one.sources).items() if count > 1]
    assert not twice
    for source in one.sources:
        assert source.name == source.name.lower()
        for header in re.findall(r'^#include "(.+)"', source.read_text(encoding="ascii"), re.MULTILINE):
            assert header == header.lower()
            folders = [source.parent, *one.include_folders]
            assert any((folder / header).is_file() for folder in folders), f"{source.name}: {header}"


def test_sources_are_short_and_plain() -> None:
    for path in sources():
        lines = path.read_text(encoding="ascii").splitlines()
        assert max(map(len, lines)) <= 115, path
        assert len(lines) <= 500, path


# ------------------------------------------------------------------------------------------- registrations


@pytest.mark.parametrize("sid", [TUTORIAL, *SLOTS], ids=str)
def test_a_registration_is_what_the_emulated_handset_has(sid: SecureId) -> None:
    file = PRIVATE / f"{int(sid):08x}" / "backup_registration.xml"
    assert file.read_bytes() == registration_of(sid)
    (owner,) = (one for one in programs() if one.uid3 == sid)
    assert f'process_name="{owner.target}"' in file.read_text(encoding="ascii")


def test_there_is_no_other_registration() -> None:
    assert sorted(path.name for path in PRIVATE.iterdir()) == sorted(
        f"{int(sid):08x}" for sid in [TUTORIAL, *SLOTS]
    )


def test_the_linter_passes_the_registrations() -> None:
    files = sorted(PRIVATE.glob("*/backup_registration.xml"))
    reports = lint_together([Subject(path, path.read_bytes()) for path in files], whole_phone=True)
    findings = [finding for report in reports for finding in report.findings]
    # The tutorial's own file has an attribute that the tutorial calls deprecated.
    assert {finding.rule.id for finding in findings} <= {"BR224"}


# ------------------------------------------------------------------------------------------------ packages


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_holds_what_it_names(package: Path) -> None:
    lines = re.findall(r'^"(.+)"-"(.+)"(, FR, RI)?$', package.read_text(encoding="ascii"), re.MULTILINE)
    installed = {}
    for source, target, _ in lines:
        name = source.rpartition("/")[2]
        installed[target] = name
        if source.startswith("/epoc32/release/gcce/urel/"):
            assert target == f"!:\\sys\\bin\\{name}"
            assert program(name).target == name
        else:
            assert (package.parent / source).is_file(), source
    sids = [program(name).uid3 for name in installed.values() if name.endswith(".exe")]
    for target in installed:
        private = re.fullmatch(r"!:\\private\\([0-9a-f]{8})\\backup_registration\.xml", target)
        # The installer refuses a private file of a program that the package does not hold.
        assert target.startswith("!:\\sys\\bin\\") or (private and int(private[1], 16) in sids), target
    assert {f"{sid:08x}" for sid in sids if sid in {*SLOTS, TUTORIAL}} == {
        found[1] for target in installed if (found := re.search(r"private\\(\w+)", target))
    }
    assert [target for _, target, run in lines if run] in ([], ["!:\\sys\\bin\\bkagent.exe"])


def test_the_self_signable_packages_ask_for_nothing_that_a_user_cannot_grant() -> None:
    asked = {
        path.stem: {
            capability
            for name in set(re.findall(r"(\w+\.exe)\"-", path.read_text(encoding="ascii")))
            for capability in program(name).capabilities
        }
        for path in PACKAGES
    }
    assert asked["bkagent"] <= USER_GRANTS
    assert asked["referencetestdataowner"] <= USER_GRANTS
    assert asked["bkagent_full"] - USER_GRANTS == {"ReadDeviceData", "WriteDeviceData"}


# ------------------------------------------------------------------------------------------------ the wire


def _on_a_real_phone() -> list[Method[Any, Any]]:
    emulated = {value.number for value in vars(emulator).values() if isinstance(value, Method)}
    return [method for number, method in sorted(METHODS.items()) if number not in emulated]


def _cpp_name(method: Method[Any, Any]) -> str:
    header = (DEVICE_AGENT / "core" / "wire_gen.h").read_text(encoding="ascii")
    numbers = header[header.index("struct Method {") : header.index("struct HeaderAt {")]
    names: dict[int, str] = {
        int(value.rstrip("u"), 0): name for name, value in re.findall(r"(\w+) = (\w+)", numbers)
    }
    return names[method.number]


def test_every_request_of_the_host_is_served() -> None:
    text = text_of("agent")
    for method in _on_a_real_phone():
        if method.asker is Asker.HOST and method.number != LEASE.number:  # the lease is the core's business
            assert f"case wire::Method::{_cpp_name(method)}:" in text, method


def test_every_callback_is_relayed() -> None:
    text = text_of("owner")
    for method in _on_a_real_phone():
        if method.asker is Asker.PHONE:
            assert f"wire::Method::{_cpp_name(method)}" in text, method
            assert re.search(rf"CRelayedCallbacks::{method.name}\(", text), method


def test_the_engine_jobs_are_those_of_the_wire() -> None:
    text = (SYMBIAN / "ctl" / "enginejobs.cpp").read_text(encoding="ascii")
    served = set(re.findall(r"case wire::Method::(\w+):", text))
    assert served == {_cpp_name(method) for method in _on_a_real_phone() if method.engine}


def test_an_owner_gives_up_after_the_host_and_before_the_engine() -> None:
    text = (SYMBIAN / "owner" / "relayedcallbacks.cpp").read_text(encoding="ascii")
    match = re.search(r"KDeadlineUs = (\d+) \* 1000 \* 1000;", text)
    assert match
    assert RELAY_DEADLINE_MS * 1000 < int(match[1]) * 1_000_000 < ENGINE_WATCHDOG_US
