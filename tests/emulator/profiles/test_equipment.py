"""What a profile says is so on the phone: faults, files, versions."""

from __future__ import annotations

import pytest

from device_agent.emulator.engine.config import CONFIG_PATH
from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.engine.versions import VERSIONS
from device_agent.emulator.installer import Package
from device_agent.emulator.phone import Phone
from device_agent.emulator.profile import Faults, HandsetProfile, ProfileFile, ProfilePackage
from tests.emulator.data.bench import OWNER, Bench, code_of, profile_with
from wire.symbian import BACKUP_RESTORE_KEY, LOG_FOLDER, SYSTEM_CATEGORY, SecureId, TBURPartType
from wire.symbian_errors import KErrAccessDenied, KErrInUse, KErrNoMemory, KErrNotFound, KErrPermissionDenied

BACKUP = TBURPartType.EBURBackupFull


def with_fault(**faults: object) -> HandsetProfile:
    return HandsetProfile(faults=Faults(**faults))  # type: ignore[arg-type]  # the fields of Faults


class TestFaults:
    def test_the_engine_does_not_start(self) -> None:
        phone = Phone(with_fault(engine_does_not_start=True))
        assert code_of(phone.running_engine) == KErrNotFound

    def test_an_installation_is_in_progress(self) -> None:
        bench = Bench(with_fault(installation_in_progress=True))
        assert code_of(lambda: bench.enter(BACKUP)) == KErrInUse

    def test_nobody_but_the_engine_defines_the_property(self) -> None:
        phone = Phone(with_fault(property_undefined=True))
        assert code_of(lambda: phone.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)) == KErrNotFound
        bench = Bench(with_fault(property_undefined=True))
        bench.enter(BACKUP)
        assert bench.phone.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY) == 0x102

    def test_somebody_else_may_write_the_property(self) -> None:
        bench = Bench(with_fault(property_writer=SecureId(0x20001234)))
        assert code_of(lambda: bench.enter(BACKUP)) == KErrPermissionDenied

    @pytest.mark.parametrize(("free", "heap"), [(1 << 24, 2097152), (500_000, 419430)])
    def test_less_memory_makes_a_smaller_heap(self, free: int, heap: int) -> None:
        assert Bench(with_fault(free_memory=free)).engine.heap_size == heap

    def test_no_memory_at_all(self) -> None:
        assert code_of(Phone(with_fault(free_memory=1000)).running_engine) == KErrNoMemory


def test_files_with_attributes_and_those_that_somebody_holds() -> None:
    files = (ProfileFile("C:\\a.txt", b"a", read_only=True), ProfileFile("C:\\b.txt", b"b", locked=True))
    phone = Phone(HandsetProfile(files=files))
    assert code_of(lambda: phone.files.write("C:\\a.txt", b"x")) == KErrAccessDenied
    assert code_of(lambda: phone.files.read("C:\\b.txt")) == KErrInUse


@pytest.mark.parametrize("installed", [False, True])
def test_packages_at_hand_and_installed(installed: bool) -> None:
    package = Package(1, "name", "vendor", files=(("C:\\sys\\bin\\x.dll", b"x"),))
    phone = Phone(HandsetProfile(packages=(ProfilePackage(package, installed),)))
    assert phone.files.exists("C:\\sys\\bin\\x.dll") == installed
    assert (phone.installer.installed(1) is not None) == installed


def test_what_differs_between_versions() -> None:
    """BE 20, and Error codes 4 for the category of panics."""
    table = {
        name: (
            version.engine.lists_fixed_packages,
            version.engine.replaces_read_only,
            version.engine.has_callback_delay,
            version.engine.panic_category,
            version.engine.writes_log,
        )
        for name, version in VERSIONS.items()
    }
    oldest = (False, False, False, "SB:", True)
    assert table == {
        "symbian-os-9.2": oldest,
        "s60-5.0": oldest,
        "symbian3-2010.02": oldest,
        "symbian3-2010.04": (True, False, False, "SB:", True),
        "symbian3-2010.05": (True, True, False, "SB:", True),
        "symbian3-2010.06": (True, True, True, "SBE:", True),
        "symbian3-2010.09": (True, True, True, "SBE:", False),
    }


WITH_DELAY = '<active_backup process_name="x.exe" callback_delay_time="5000000"/>'


@pytest.mark.parametrize(
    ("version", "debug", "watchdog_s"),
    [
        ("symbian3-2010.05", False, 200.0),
        ("symbian3-2010.06", False, 5.0),
        ("symbian3-2010.06", True, None),
    ],
)
def test_the_watchdog(version: str, debug: bool, watchdog_s: float | None) -> None:
    profile = profile_with(WITH_DELAY, {}, version=VERSIONS[version].engine, debug_engine=debug)
    bench = Bench(profile)
    bench.client.list_data_owners()
    assert bench.engine.watchdog_s(OWNER) == watchdog_s


@pytest.mark.parametrize(("version", "writes"), [("symbian3-2010.06", True), ("symbian3-2010.09", False)])
def test_the_log(version: str, writes: bool) -> None:
    profile = profile_with("", {}, version=VERSIONS[version].engine)
    phone = Phone(profile)
    phone.files.make_folder(LOG_FOLDER)
    phone.running_engine().log("a line")
    assert phone.files.exists(f"{LOG_FOLDER}securebackup.txt") == writes


TOO_SMALL = b'<sbe_config><heap size="131071"/></sbe_config>'


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (None, ["Error trying to parse sbeconfig.xml : -1", "Using Default Settings !"]),
        (b"<sbe_config/>", ["sbeconfig.xml parsed sucessfully"]),
        (b"<x/>", ["Error trying to parse sbeconfig.xml : -20", "Using Default Settings !"]),
        (TOO_SMALL, ["Error trying to parse sbeconfig.xml : -20", "Using Default Settings !"]),
        (b"<", ["Error trying to parse sbeconfig.xml : -20", "Using Default Settings !"]),
    ],
)
def test_what_the_log_says_of_the_configuration(config: bytes | None, said: list[str]) -> None:
    files = (ProfileFile(f"C:{CONFIG_PATH}", config),) if config is not None else ()
    phone = Phone(HandsetProfile(files=files))
    phone.files.make_folder(LOG_FOLDER)
    phone.running_engine()
    lines = phone.files.read(f"{LOG_FOLDER}securebackup.txt").decode().splitlines()
    assert [line.split("\t")[-1] for line in lines] == said


def test_a_registration_file_that_the_engine_does_not_survive() -> None:
    bench = Bench(profile_with("<passive_backup><include_file/></passive_backup>", {}))
    with pytest.raises(EnginePanic, match="USER 130") as raised:
        bench.client.list_data_owners()
    assert (raised.value.category, raised.value.reason) == ("USER", 130)
