"""sbeconfig.xml and the shared heap (BE 4.2, 4.3, 10.3)."""

from __future__ import annotations

import pytest

from device_agent.emulator.engine.config import (
    CONFIG_PATH,
    EngineConfig,
    allocate_heap,
    parse_config,
    read_config,
)
from device_agent.emulator.engine.transfer import usable_bytes
from device_agent.emulator.phone import Phone
from device_agent.emulator.profile import Faults, HandsetProfile, ProfileFile
from tests.emulator.data.bench import code_of
from tests.emulator.engine.bench import BACKUP, BASE, NO_PROXIES, ONE, TWO, D, EngineBench, Script, active, proxy
from wire.formats.serialised import SidTransfer, write_generic
from wire.symbian import CENTRAL_REPOSITORY_SID, Drive, SecureId
from wire.symbian_errors import KErrCorrupt, KErrNoMemory, KErrNotFound, KErrNotReady, KErrOverflow

Z = Drive.parse("Z")


def parsed(body: str) -> EngineConfig:
    return parse_config(f"<sbe_config>{body}</sbe_config>".encode())


@pytest.mark.rule("4.2/defaults")
def test_the_defaults() -> None:
    assert parsed("") == EngineConfig(2097152, 2, 5, SecureId(0x10202BE9), frozenset({Z}), 0)
    assert EngineConfig().central_repository_sid == CENTRAL_REPOSITORY_SID


def test_the_suites_sample() -> None:
    sample = """<heap size="131072" max_retries="5" reduction_factor="2"/>
        <central_repository uid="0x10202BE9"/><exclude_drives list="y"/><app_close_delay delay="6000000"/>"""
    assert parsed(sample) == EngineConfig(
        131072, 2, 5, CENTRAL_REPOSITORY_SID, frozenset({Drive.parse("Y")}), 6_000_000
    )


@pytest.mark.rule("4.2/heap")
@pytest.mark.parametrize(
    ("body", "is_good"),
    [
        ('<heap size="131072"/>', True),
        ('<heap size="131071"/>', False),
        ('<heap size="0x200000"/>', False),
        ('<heap reduction_factor="0"/>', True),
        ('<heap reduction_factor="-1"/>', False),
        ('<heap max_retries="0"/>', True),
        ('<heap max_retries="-1"/>', False),
        ('<app_close_delay delay="0"/>', True),
        ('<app_close_delay delay="-1"/>', False),
        ('<app_close_delay delay="soon"/>', False),
    ],
)
def test_what_is_corrupt(body: str, is_good: bool) -> None:
    if is_good:
        parsed(body)
    else:
        config = f"<sbe_config>{body}</sbe_config>".encode()
        with_it = phone_with({f"C:{CONFIG_PATH}": config}).running_engine()
        assert with_it.config == EngineConfig()


def test_another_root_is_corrupt() -> None:
    assert code_of(lambda: parse_config(b"<other/>")) == KErrCorrupt


@pytest.mark.rule("4.2/attributes")
def test_an_attribute_counts_on_any_known_element() -> None:
    assert parsed('<exclude_drives size="200000" delay="7"/>') == EngineConfig(
        heap_size=200000, app_close_delay_us=7
    )
    assert parsed('<unknown size="200000"/>') == EngineConfig()
    assert parsed('<heap max_retries="3" reduction_factor="4"/>') == EngineConfig(
        reduction_factor=4, max_retries=3
    )


@pytest.mark.rule("4.2/central-repository")
@pytest.mark.parametrize("uid", ["20001235", "0x20001235", "99920001235"])
def test_the_central_repository_is_the_last_8_digits(uid: str) -> None:
    assert parsed(f'<central_repository uid="{uid}"/>').central_repository_sid == TWO
    bench = EngineBench({ONE: "<cenrep_backup/>"}, config=f'<central_repository uid="{uid}"/>')
    bench.client.list_data_owners()
    assert bench.engine.owners[ONE].registration.proxies == (TWO,)


@pytest.mark.rule("4.2/exclude-drives", "Q5")
@pytest.mark.parametrize(
    ("config", "drives"),
    [
        ("", "CD"),
        ('<exclude_drives list="d"/>', "CZ"),
        ('<exclude_drives list="D,Z"/>', "C"),
        ('<exclude_drives list=""/>', "CDZ"),
    ],
)
def test_a_list_of_excluded_drives_replaces_the_default(config: str, drives: str) -> None:
    bench = EngineBench({ONE: active()}, drives="CDZ", config=config)
    (info,) = bench.client.list_data_owners()
    assert "".join(drive.letter for drive in sorted(info.drives)) == drives


@pytest.mark.rule("4.2/exclude-drives", "Q5")
def test_the_rom_is_a_drive_like_any_other_when_it_is_not_excluded() -> None:
    bench = EngineBench({ONE: active()}, drives="CZ", config='<exclude_drives list=""/>')
    bench.enter(BACKUP)
    bench.connect(Script(b"x"))
    assert bench.get(drive=Z) == (NO_PROXIES + b"x", True)


def phone_with(files: dict[str, bytes], *, free: int = 1 << 24) -> Phone:
    given = tuple(ProfileFile(path, content) for path, content in files.items())
    profile = HandsetProfile(writable_drives=(Drive.parse("C"), D), files=given, faults=Faults(free_memory=free))
    return Phone(profile, source=lambda: 0.0)


@pytest.mark.rule("4.2/where")
@pytest.mark.parametrize(("drives", "delay"), [("C", 1), ("D", 2), ("CD", 1), ("", 0)])
def test_it_is_looked_for_on_every_drive(drives: str, delay: int) -> None:
    contents = {"C": 1, "D": 2}
    files = {
        f"{d}:{CONFIG_PATH}": f'<sbe_config><app_close_delay delay="{contents[d]}"/></sbe_config>'.encode()
        for d in drives
    }
    assert phone_with(files).running_engine().config.app_close_delay_us == delay


def test_a_bad_file_hides_a_good_one_behind_it() -> None:
    files = {
        f"C:{CONFIG_PATH}": b"<sbe_config",
        f"D:{CONFIG_PATH}": b'<sbe_config><app_close_delay delay="2"/></sbe_config>',
    }
    assert phone_with(files).running_engine().config == EngineConfig()


def test_a_file_that_somebody_holds_means_the_defaults() -> None:
    phone = phone_with({f"C:{CONFIG_PATH}": b'<sbe_config><app_close_delay delay="2"/></sbe_config>'})
    phone.files.file(f"C:{CONFIG_PATH}").exclusive = True
    lines: list[str] = []
    assert read_config(phone.files, lines.append) == EngineConfig()
    assert lines == ["Error trying to parse sbeconfig.xml : -14", "Using Default Settings !"]


@pytest.mark.parametrize(
    "content", [b"<sbe_config", b'<sbe_config><heap size="many"/></sbe_config>'], ids=["xml", "number"]
)
def test_what_cannot_be_read_is_corrupt(content: bytes) -> None:
    lines: list[str] = []
    assert read_config(phone_with({f"C:{CONFIG_PATH}": content}).files, lines.append) == EngineConfig()
    assert lines == ["Error trying to parse sbeconfig.xml : -20", "Using Default Settings !"]


@pytest.mark.rule("4.2/allocation", "Q6")
@pytest.mark.parametrize(
    ("factor", "retries", "available", "size"),
    [
        (2, 5, 2097152, 2097152),
        (2, 5, 2097151, 419430),
        (2, 5, 419430, 419430),
        (2, 5, 419429, 0),
        (3, 5, 419429, 83886),
        (1, 5, 2097151, 0),
        (2, 2, 1048576, 1048576),
        (0, 5, 2097152, 2097152),
        (2, 0, 2097151, 0),
        (2, 1, 2097151, 0),
    ],
)
def test_the_factor_is_the_number_of_attempts_and_the_retries_divide(
    factor: int, retries: int, available: int, size: int
) -> None:
    config = EngineConfig(reduction_factor=factor, max_retries=retries)
    assert allocate_heap(config, available) == size


@pytest.mark.rule("4.2/allocation")
def test_without_memory_the_engine_does_not_start() -> None:
    assert code_of(phone_with({}, free=1000).running_engine) == KErrNoMemory


@pytest.mark.rule("4.3/capacity")
def test_what_fits_the_heap() -> None:
    assert EngineBench({}).client.capacity == 2097152 - 1052
    assert EngineBench({}, config='<heap size="131072"/>').client.capacity == 131072 - 1052


@pytest.mark.rule("10.3/formula")
@pytest.mark.parametrize(("heap", "usable"), [(2097152, 2074488), (419430, 413641), (131072, 128658)])
def test_what_one_request_can_yield(heap: int, usable: int) -> None:
    assert usable_bytes(heap) == usable


@pytest.mark.rule("10.3/package")
def test_a_package_needs_no_section_header() -> None:
    assert usable_bytes(2097152, package=True) == 2074488 + 12


@pytest.mark.rule("10.3/too-small")
def test_a_heap_that_holds_the_reserve_only() -> None:
    assert usable_bytes(1052 + 687) == 0
    assert code_of(lambda: usable_bytes(1052 + 686)) == KErrOverflow
    assert usable_bytes(1052 + 675, package=True) == 0
    assert code_of(lambda: usable_bytes(1052 + 674, package=True)) == KErrOverflow


class TestTransferInfo:
    @pytest.mark.rule("4.3/info")
    def test_the_last_transfer_in_either_direction(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(BACKUP)
        assert code_of(bench.client.transfer_data_info) == KErrNotReady
        bench.connect(Script(b"x"))
        bench.get()
        info = bench.client.transfer_data_info()
        assert info.transfer_type == write_generic(SidTransfer(Drive.parse("C"), ONE, BASE))
        assert info.finished
        assert info.data
        assert code_of(bench.get) == KErrCorrupt  # asked twice
        assert bench.client.transfer_data_info() == info
        bench.put_raw(b"", finished=False)
        assert bench.client.transfer_data_info() == (b"", info.transfer_type, False)

    @pytest.mark.rule("4.3/reset")
    def test_a_change_of_mode_forgets_it_even_when_it_fails(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(BACKUP)
        bench.connect(Script(b"x"))
        bench.get()
        assert code_of(lambda: bench.change(BACKUP)) == KErrCorrupt
        assert code_of(bench.client.transfer_data_info) == KErrNotReady


def test_an_unknown_proxy_is_not_found() -> None:
    bench = EngineBench({ONE: proxy(TWO)})
    bench.enter(BACKUP)
    assert code_of(bench.get) == KErrNotFound
