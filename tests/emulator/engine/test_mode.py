"""Changing mode (BE 5)."""

from __future__ import annotations

import pytest

from device_agent.emulator.engine.package_data import PackageState
from device_agent.emulator.phone import Phone
from device_agent.emulator.processes import Process
from device_agent.emulator.profile import Faults
from device_agent.emulator.properties import Caller
from tests.emulator.data.bench import C, code_of
from tests.emulator.engine.bench import (
    BACKUP,
    NORMAL,
    NOT_FOUND,
    ONE,
    PARTIAL,
    PARTIAL_RESTORE,
    PASSIVE,
    READY,
    RESTORE,
    THREE,
    TWO,
    UNSET,
    D,
    EngineBench,
    Script,
    active,
    proxy,
)
from wire.symbian import (
    BACKUP_RESTORE_KEY,
    SOFTWARE_INSTALL_KEY,
    SYSTEM_CATEGORY,
    BurMode,
    Drive,
    SecureId,
    TBackupIncType,
    TBURPartType,
)
from wire.symbian_errors import KErrCorrupt, KErrGeneral, KErrInUse, KErrNotFound, Leave

FOUR = (BACKUP, PARTIAL, RESTORE, PARTIAL_RESTORE)
INC = TBackupIncType.EBackupIncrement


def notices(bench: EngineBench) -> list[int]:
    """The property's values as they are published, from now on."""
    seen: list[int] = []

    def completed(status: int) -> None:
        bench.phone.properties.subscribe(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, completed)
        seen.append(bench.property_value)

    bench.phone.properties.subscribe(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, completed)
    return seen


class TestGuard:
    @pytest.mark.rule("5.1/no-op")
    @pytest.mark.parametrize(("first", "second"), [(None, UNSET), (NORMAL, UNSET), (NORMAL, NORMAL)])
    def test_normal_when_normal_is_nothing(self, first: int | None, second: int) -> None:
        bench = EngineBench({ONE: active()})
        if first is not None:
            bench.change(first)
        client = bench.connect(Script())
        bench.client.list_data_owners()
        bench.phone.scheduler.run_ready()
        seen = notices(bench)
        value = bench.property_value
        bench.change(second, INC, drives="CD")
        bench.phone.scheduler.run_ready()
        assert seen == []
        assert bench.property_value == value
        assert client.session.valid
        assert bench.engine.owners

    @pytest.mark.rule("5.1/unset-to-normal")
    def test_normal_after_unset_publishes_1(self) -> None:
        bench = EngineBench({ONE: active()})
        client = bench.connect(Script())
        bench.change(NORMAL)
        assert bench.property_value == 1
        assert not client.session.valid

    @pytest.mark.rule("5.1/enter", "5.2/8")
    @pytest.mark.parametrize("part", FOUR)
    @pytest.mark.parametrize("before", [UNSET, NORMAL])
    def test_from_normal_to_each(self, before: int, part: TBURPartType) -> None:
        bench = EngineBench({})
        bench.change(before)
        bench.change(part, INC)
        assert bench.property_value == part | 0x200

    @pytest.mark.rule("5.1/refuse", "Q7", "16.7/mode-twice")
    @pytest.mark.parametrize("before", FOUR)
    @pytest.mark.parametrize("after", [*FOUR, 0x20])
    def test_from_a_mode_to_any_is_refused(self, before: int, after: int) -> None:
        bench = EngineBench({})
        bench.change(before)
        assert code_of(lambda: bench.change(after)) == KErrCorrupt
        assert bench.property_value == before

    @pytest.mark.rule("5.1/undefined", "Q8")
    @pytest.mark.parametrize("part", [0x20, 0x03, 0x06, 0x80])
    def test_undefined_parts_are_accepted(self, part: int) -> None:
        bench = EngineBench({ONE: active()}, config='<app_close_delay delay="1000000"/>')
        bench.client.set_sid_list_for_partial([TWO])  # unknown, but nobody looks
        bench.client.list_data_owners()
        bench.change(part)
        assert bench.property_value == part
        assert bench.phone.processes.running(ONE) is None
        assert bench.phone.clock.now() == 0.0
        assert code_of(lambda: bench.change(BACKUP)) == KErrCorrupt
        script = Script()
        bench.connect(script)
        bench.change(NORMAL)
        assert script.calls == []
        assert bench.property_value == 1

    @pytest.mark.rule("5.1/leave", "5.3/8")
    @pytest.mark.parametrize("part", FOUR)
    @pytest.mark.parametrize("after", [UNSET, NORMAL])
    def test_from_each_to_normal(self, part: int, after: int) -> None:
        bench = EngineBench({})
        bench.change(part)
        bench.change(after)
        assert bench.property_value == after
        assert bench.engine.mode.is_normal


class TestEntering:
    @pytest.mark.rule("5.2/1", "16.7/installation")
    def test_an_installation_in_progress(self) -> None:
        bench = EngineBench({ONE: active()}, faults=Faults(installation_in_progress=True))
        closed = closing(bench)
        bench.client.list_data_owners()
        assert code_of(lambda: bench.change(BACKUP)) == KErrInUse
        assert closed == []
        assert bench.property_value == 0

    @pytest.mark.rule("5.2/1")
    def test_an_installer_that_has_finished(self) -> None:
        bench = EngineBench({})
        installer = Caller(SecureId(0x101F875A), frozenset({"WriteDeviceData"}))
        bench.phone.properties.define(SYSTEM_CATEGORY, SOFTWARE_INSTALL_KEY, installer)
        bench.change(BACKUP)
        assert bench.property_value == BACKUP

    @pytest.mark.rule("5.2/1")
    def test_another_error_of_the_installers_key_is_passed_on(self) -> None:
        bench = EngineBench({})

        def get(category: int, key: int, *, as_integer: bool = True) -> int:
            raise Leave(KErrGeneral)

        bench.phone.properties.get = get  # type: ignore[method-assign]
        assert code_of(lambda: bench.change(BACKUP)) == KErrGeneral

    @pytest.mark.rule("5.2/2", "5.2/3", "16.7/unknown-backup")
    def test_an_unknown_sid_on_the_list(self) -> None:
        bench = EngineBench({ONE: active(), THREE: active(THREE)})
        closed = closing(bench)
        bench.client.list_data_owners()
        bench.client.set_sid_list_for_partial([ONE, TWO, THREE])
        assert code_of(lambda: bench.change(PARTIAL)) == KErrNotFound
        assert closed == [True]
        assert bench.engine.mode.is_normal
        assert bench.property_value == 0
        assert bench.phone.processes.running(ONE) is None
        # Walked from the end: what stood behind the unknown one is marked and stays so.
        assert {sid: owner.affected for sid, owner in bench.engine.owners.items()} == {ONE: False, THREE: True}

    @pytest.mark.rule("5.2/3")
    @pytest.mark.parametrize(("part", "marked"), [(PARTIAL, True), (BACKUP, False)])
    def test_a_partial_backup_alone_marks(self, part: int, marked: bool) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)})
        bench.client.list_data_owners()
        bench.client.set_sid_list_for_partial([ONE])
        bench.change(part)
        assert bench.engine.owners[ONE].affected == marked
        assert not bench.engine.owners[TWO].affected

    @pytest.mark.rule("5.2/3")
    def test_a_partial_backup_without_a_list_marks_nobody(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.client.list_data_owners()
        bench.change(PARTIAL)
        assert not bench.engine.owners[ONE].affected

    @pytest.mark.rule("5.2/4", "Q9")
    @pytest.mark.parametrize("part", [PARTIAL, BACKUP])
    def test_every_known_active_owner_is_started_in_order(self, part: int) -> None:
        bench = EngineBench({TWO: active(TWO), ONE: active(), THREE: PASSIVE})
        started = starting(bench)
        bench.client.list_data_owners()
        bench.client.set_sid_list_for_partial([TWO])
        bench.change(part)
        assert started == [(ONE, 0), (TWO, 0)]

    @pytest.mark.rule("5.2/4")
    def test_a_start_that_fails_does_no_harm(self) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)}, without_executable=(ONE,))
        bench.client.list_data_owners()
        bench.change(BACKUP)
        assert bench.phone.processes.running(TWO) is not None

    @pytest.mark.rule("5.2/before-property")
    def test_processes_start_before_the_property_changes(self) -> None:
        bench = EngineBench({ONE: active()})
        started = starting(bench)
        bench.client.list_data_owners()
        bench.change(BACKUP, 0x100)
        assert started == [(ONE, 0)]
        assert bench.property_value == 0x102

    @pytest.mark.rule("5.2/6", "4.2/app-close-delay")
    @pytest.mark.parametrize("part", [*FOUR, 0x20])
    def test_the_delay_after_the_property(self, part: int) -> None:
        bench = EngineBench({}, config='<app_close_delay delay="2500000"/>')
        at: list[tuple[float, int]] = []
        bench.phone.properties.subscribe(
            SYSTEM_CATEGORY,
            BACKUP_RESTORE_KEY,
            lambda status: at.append((bench.phone.clock.now(), len(bench.engine.mode_drives))),
        )
        bench.change(part)
        assert bench.phone.clock.now() == (2.5 if part in FOUR else 0.0)
        bench.change(NORMAL)
        assert bench.phone.clock.now() == (2.5 if part in FOUR else 0.0)

    @pytest.mark.rule("5.2/7", "12.7/new-values", "12.1/0")
    def test_what_an_owner_is_told_of_the_mode(self) -> None:
        bench = EngineBench({ONE: active()}, drives="CDZ")
        client = bench.connect(Script())
        assert client.bur_mode_info() == (BurMode(0), frozenset())
        bench.change(RESTORE, INC, drives="CD")
        assert client.bur_mode_info() == (BurMode(8, 0x200), frozenset({C, D}))

    @pytest.mark.rule("5.2/no-list", "Q10")
    def test_without_a_list_a_backup_has_no_owners(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.change(BACKUP)
        assert bench.status() == NOT_FOUND
        assert code_of(bench.get) == KErrNotFound
        assert bench.phone.processes.running(ONE) is None

    @pytest.mark.rule("5.2/restore-starts-nobody")
    @pytest.mark.parametrize("part", [RESTORE, PARTIAL_RESTORE])
    def test_a_restore_starts_and_marks_nobody(self, part: int) -> None:
        bench = EngineBench({ONE: active()})
        bench.client.set_sid_list_for_partial([TWO, ONE])
        bench.client.list_data_owners()
        bench.change(part)
        assert bench.phone.processes.running(ONE) is None
        assert not bench.engine.owners[ONE].affected


class TestLeaving:
    @pytest.mark.rule("5.3/1", "5.3/before-property")
    @pytest.mark.parametrize("part", [RESTORE, PARTIAL_RESTORE])
    def test_restore_complete_for_every_owner_and_drive(self, part: TBURPartType) -> None:
        order: list[tuple[SecureId, int, int]] = []
        passive = SecureId(ONE - 1)
        bench = EngineBench({TWO: active(TWO), ONE: active(), passive: PASSIVE}, drives="DCZ")
        bench.enter(part)
        for sid in (TWO, ONE):

            class Noting(Script):
                def restore_complete(self, drive: Drive, sid: SecureId = sid) -> None:
                    order.append((sid, drive, bench.property_value))

            bench.connect(Noting(), sid)
        bench.change(NORMAL)
        assert order == [(sid, drive, 0x100 | part) for sid in (ONE, TWO) for drive in (C, D)]

    @pytest.mark.rule("5.3/1", "15.1/ignored", "16.7/cb0-cb10")
    def test_its_errors_are_swallowed(self) -> None:
        class Leaving(Script):
            def restore_complete(self, drive: Drive) -> None:
                super().restore_complete(drive)
                raise Leave(KErrGeneral)

        bench = EngineBench({ONE: active(), TWO: active(TWO), THREE: active(THREE)}, drives="CDZ")
        bench.enter(RESTORE)
        first, last = Leaving(), Script()
        bench.connect(first, ONE)  # TWO is not there at all
        bench.connect(last, THREE)
        bench.change(NORMAL)
        assert first.calls == [(10, C), (10, D)]  # a leave is not heard, so the loop goes on
        assert last.calls == [(10, C), (10, D)]
        assert bench.property_value == 1

    @pytest.mark.rule("5.3/1")
    def test_after_a_backup_there_is_none(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(BACKUP)
        script = Script()
        bench.connect(script)
        bench.change(NORMAL)
        assert script.calls == []

    @pytest.mark.rule("5.3/2")
    def test_nobody_reboots(self) -> None:
        bench = EngineBench({ONE: active() + '<restore requires_reboot="yes"/>'})
        bench.enter(RESTORE)
        bench.connect(Script())
        assert bench.engine.owners[ONE].registration.requires_reboot
        bench.change(NORMAL)
        assert bench.phone.engine is bench.engine
        assert bench.phone.processes.running(ONE) is not None

    @pytest.mark.rule("5.3/3", "11.2/flags")
    def test_owners_and_packages_are_forgotten(self) -> None:
        folder = "C:\\private\\10202d56\\import\\packages\\00000042\\"
        bench = EngineBench({ONE: active()}, files={f"{folder}backup_registration.xml": b"<x/>"})
        bench.enter(BACKUP)
        assert bench.engine.import_packages
        assert bench.engine.owners
        bench.engine.packages[1] = PackageState()
        bench.change(NORMAL)
        assert bench.engine.owners == {}
        assert bench.engine.packages == {}
        assert bench.engine.import_packages == []

    @pytest.mark.rule("5.3/5", "5.3/6")
    @pytest.mark.parametrize(("part", "value"), [(NORMAL, 0x201), (UNSET, 0x200)])
    def test_the_property_takes_what_is_given(self, part: int, value: int) -> None:
        bench = EngineBench({}, drives="CDZ")
        bench.change(BACKUP)
        bench.change(part, INC, drives="D")
        assert bench.property_value == value
        assert bench.engine.mode == (part, 0x200)
        assert bench.engine.mode_drives == {D}

    @pytest.mark.rule("5.3/7", "12.5/invalid")
    def test_all_sessions_become_invalid(self) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)})
        clients = [bench.connect(Script(), sid) for sid in (ONE, TWO)]
        bench.change(BACKUP)
        assert [client.session.valid for client in clients] == [True, True]
        bench.change(NORMAL)
        assert [client.session.valid for client in clients] == [False, False]


class TestAllSystemFilesRestored:
    @pytest.mark.rule("5.4/elsewhere", "6/all-system-files")
    @pytest.mark.parametrize("part", [NORMAL, BACKUP, PARTIAL, 0x20])
    def test_outside_a_restore_nothing_happens(self, part: int) -> None:
        bench = EngineBench({ONE: active()})
        bench.change(part)
        bench.client.all_system_files_restored()
        assert bench.engine.owners == {}

    @pytest.mark.rule("5.4/rebuild", "5.4/errors", "Q11")
    def test_owners_are_made_anew_each_time(self) -> None:
        bench = EngineBench({TWO: active(TWO), ONE: active(), THREE: "<broken"})
        started = starting(bench)
        bench.change(RESTORE)
        bench.client.all_system_files_restored()
        assert [sid for sid, _ in started] == [ONE, TWO]
        assert bench.engine.owners[THREE].error
        bench.connect(Script())
        bench.put(b"\0\0\0\0data")
        assert code_of(lambda: bench.put(b"\0\0\0\0data")) == KErrCorrupt
        bench.client.all_system_files_restored()
        bench.put(b"\0\0\0\0data")

    @pytest.mark.rule("5.4/marks", "16.7/unknown-restore")
    def test_an_unknown_sid_on_the_list_is_swallowed(self) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)})
        bench.client.set_sid_list_for_partial([ONE, THREE, TWO])
        bench.change(PARTIAL_RESTORE)
        bench.client.all_system_files_restored()
        assert bench.phone.processes.running(ONE) is not None
        assert [bench.engine.owners[sid].affected for sid in (ONE, TWO)] == [False, True]
        bench.connect(Script())
        assert bench.status() == READY

    @pytest.mark.rule("5.4/marks")
    def test_a_full_restore_marks_nobody(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.client.set_sid_list_for_partial([ONE])
        bench.change(RESTORE)
        bench.client.all_system_files_restored()
        assert not bench.engine.owners[ONE].affected

    @pytest.mark.rule("5.4/rebuild")
    def test_import_packages_are_read_again(self) -> None:
        folder = "C:\\private\\10202d56\\import\\packages\\00000042\\"
        bench = EngineBench({}, files={f"{folder}backup_registration.xml": b"<x/>"})
        bench.change(RESTORE)
        assert bench.engine.import_packages == []
        bench.client.all_system_files_restored()
        assert [package.uid for package in bench.engine.import_packages] == [0x42]


def test_an_owner_with_proxies_alone_hears_of_the_end_like_any_other() -> None:
    """BE 16.6: for the proxied owner the call fails with -1, which is swallowed."""
    bench = EngineBench({ONE: proxy(TWO), TWO: active(TWO, "proxyonly")})
    bench.enter(RESTORE)
    script = Script()
    bench.connect(script, TWO)
    bench.change(NORMAL)
    assert script.calls == [(10, C)]


def closing(bench: EngineBench) -> list[bool]:
    """Notes when applications are closed."""
    closed: list[bool] = []
    bench.engine.close_all_applications = lambda: closed.append(True)  # type: ignore[method-assign]
    return closed


def starting(bench: EngineBench) -> list[tuple[SecureId, int]]:
    """Notes which processes are started, and what the property is at that moment."""
    started: list[tuple[SecureId, int]] = []

    class Noting(Process):
        def __init__(self, phone: Phone, sid: SecureId, name: str) -> None:
            super().__init__(phone, sid, name)
            started.append((sid, bench.property_value))

    for sid in (ONE, TWO, THREE):
        if f"{sid:08x}.exe" in bench.phone.processes._executables:
            bench.phone.processes.install(f"{sid:08x}.exe", sid, Noting)
    return started
