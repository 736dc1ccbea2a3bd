"""How the engine begins and ends, and who may connect (BE 2, 4.1)."""

from __future__ import annotations

import pytest

from device_agent.emulator.abclient import ActiveBackupClient
from device_agent.emulator.engine.engine import HOST_CAPABILITIES, IDLE_S
from device_agent.emulator.engine.host_api import HostSession
from device_agent.emulator.owners.watcher import WatchingProcess
from device_agent.emulator.phone import Phone
from device_agent.emulator.processes import Process
from device_agent.emulator.profile import Executable, Faults, HandsetProfile
from device_agent.emulator.properties import Caller
from tests.emulator.data.bench import code_of
from tests.emulator.engine.bench import (
    BACKUP,
    BASE,
    NORMAL,
    NOT_CONNECTED,
    NOT_READY,
    ONE,
    READY,
    RESTORE,
    TWO,
    EngineBench,
    Script,
    active,
)
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, BurMode, Drive, SecureId
from wire.symbian_errors import KErrNone, KErrNotFound, KErrNotReady, KErrNotSupported, KErrPermissionDenied

HOST = Caller(SecureId(0xE0F1B000), HOST_CAPABILITIES)


def phone_with(**others: object) -> Phone:
    return Phone(HandsetProfile(**others), source=lambda: 0.0)  # type: ignore[arg-type]  # the fields of a profile


class TestConnecting:
    @pytest.mark.rule("2/host-capabilities")
    @pytest.mark.parametrize(
        ("capabilities", "code"),
        [
            ({"ReadDeviceData", "WriteDeviceData"}, KErrNone),
            ({"ReadDeviceData", "WriteDeviceData", "AllFiles"}, KErrNone),
            ({"ReadDeviceData"}, KErrPermissionDenied),
            ({"WriteDeviceData", "TCB"}, KErrPermissionDenied),
            (set(), KErrPermissionDenied),
        ],
    )
    def test_what_a_host_needs(self, capabilities: set[str], code: int) -> None:
        engine = phone_with().running_engine()
        assert code_of(lambda: engine.host_connected(Caller(ONE, frozenset(capabilities)))) == code
        assert engine.host_sessions == (1 if code == KErrNone else 0)

    @pytest.mark.rule("2/owner-capabilities", "2/identity")
    def test_an_owner_is_its_process(self) -> None:
        bench = EngineBench({ONE: active()})
        process = bench.process(ONE)
        assert process.caller.capabilities == frozenset()
        session = bench.phone.connect_owner(process)
        assert session.sid == ONE
        assert bench.engine.sessions.find(ONE) is session

    @pytest.mark.rule("2/version")
    @pytest.mark.parametrize(
        ("version", "code"),
        [((1, 0), KErrNone), ((0, 9), KErrNone), ((1, 1), KErrNotSupported), ((2, 0), KErrNotSupported)],
    )
    def test_a_library_that_is_newer_is_refused(self, version: tuple[int, int], code: int) -> None:
        bench = EngineBench({ONE: active()})
        process = bench.process(ONE)
        assert code_of(lambda: bench.engine.host_connected(HOST, version)) == code
        assert code_of(lambda: bench.engine.owner_connected(process, version)) == code

    @pytest.mark.rule("2/start")
    def test_a_connection_starts_the_engine(self) -> None:
        phone = phone_with()
        assert phone.engine is None
        assert phone.running_engine() is phone.running_engine()
        phone.running_engine().end()
        first = phone.engine
        assert phone.running_engine() is not first
        broken = phone_with(faults=Faults(engine_does_not_start=True))
        assert code_of(broken.running_engine) == KErrNotFound

    @pytest.mark.rule("Q1", "2/owner-capabilities")
    def test_an_owner_that_connects_outside_a_mode_starts_it(self) -> None:
        phone = phone_with(executables=(Executable("x.exe", ONE, Process),))
        process = phone.processes.start("x.exe", ONE)
        client = ActiveBackupClient(process, Script())
        assert phone.engine is not None
        client.confirm_ready(0)


class TestIdle:
    @pytest.mark.rule("4.1/idle", "2/idle-and-owners")
    @pytest.mark.parametrize("debug", [False, True])
    def test_a_release_engine_ends_when_nobody_comes(self, debug: bool) -> None:
        phone = phone_with(debug_engine=debug, executables=(Executable("x.exe", ONE, Process),))
        ActiveBackupClient(phone.processes.start("x.exe", ONE), Script())
        engine = phone.running_engine()
        assert IDLE_S == 2.097152
        phone.clock.skip(2.0971)
        phone.scheduler.run_ready()
        assert not engine.ended
        phone.clock.skip(0.0001)
        phone.scheduler.run_ready()
        assert engine.ended == (not debug)

    @pytest.mark.rule("4.1/idle-restarts")
    @pytest.mark.parametrize("debug", [False, True])
    def test_hosts_keep_it(self, debug: bool) -> None:
        phone = phone_with(debug_engine=debug)
        engine = phone.running_engine()

        def pass_time(seconds: float) -> None:
            phone.clock.skip(seconds)
            phone.scheduler.run_ready()

        pass_time(2.0)
        engine.host_connected(HOST)
        engine.host_connected(HOST)
        pass_time(1000.0)
        engine.host_disconnected()
        pass_time(1000.0)
        engine.host_disconnected()
        pass_time(2.0)
        engine.host_connected(HOST)
        pass_time(1000.0)
        assert not engine.ended
        engine.host_disconnected()
        pass_time(2.2)
        assert engine.ended

    @pytest.mark.rule("4.1/self-reset", "Q4", "12.3/over")
    def test_a_host_that_dies_in_a_mode(self) -> None:
        bench = EngineBench({ONE: active()})
        script = Script()
        bench.enter(RESTORE)
        client = bench.connect(script)
        assert bench.property_value == 0x108
        bench.engine.host_disconnected()
        bench.pass_time(2.0)
        assert bench.property_value == 0x108
        bench.pass_time(0.1)
        assert script.calls == [(10, Drive.parse("C"))]
        assert bench.property_value == 0
        assert bench.engine.mode_drives == frozenset()
        assert bench.engine.ended
        assert client.session.destroyed
        assert bench.engine.sessions.find(ONE) is None

    @pytest.mark.rule("4.1/self-reset")
    def test_in_normal_it_ends_without_writing_the_property(self) -> None:
        bench = EngineBench({})
        bench.change(NORMAL)
        bench.engine.host_disconnected()
        bench.pass_time(3.0)
        assert bench.engine.ended
        assert bench.property_value == 1

    def test_it_ends_though_the_property_cannot_be_written(self) -> None:
        bench = EngineBench({}, faults=Faults(property_writer=ONE))
        bench.engine.mode = BurMode(BACKUP)
        bench.engine.host_disconnected()
        assert code_of(lambda: bench.pass_time(3.0)) == KErrPermissionDenied
        assert bench.engine.ended


class TestOneQueue:
    @pytest.mark.rule("4.1/nested-loop")
    def test_in_a_callback_other_owners_are_served(self) -> None:
        """While one owner thinks, another connects and confirms; then the first answers."""
        bench = EngineBench({ONE: active(), TWO: active(TWO)})
        seen: list[object] = []

        def connect_two() -> None:
            bench.connect(Script(), TWO)

        class Slow(Script):
            def initialise_get_backup_data(self, drive: Drive) -> None:
                super().initialise_get_backup_data(drive)
                bench.process(TWO).post(connect_two)
                bench.phone.scheduler.run_ready()
                session = bench.engine.sessions.find(TWO)
                seen.append(session is not None and session.confirmed)

        bench.enter(BACKUP)
        bench.connect(Slow(b"x"))
        bench.get()
        assert seen == [True]
        assert bench.status(TWO) == READY

    @pytest.mark.rule("4.1/sleeps", "4.2/app-close-delay", "5.2/6", "15.4/never-connects")
    def test_while_it_sleeps_nobody_is_served(self) -> None:
        """The delay passes before an owner that the engine has started comes to connect."""
        connected_at: list[float] = []

        class Owner(WatchingProcess):
            def main(self) -> None:
                self.connect(Script())
                connected_at.append(self.phone.clock.now())

        bench = EngineBench({ONE: active()}, config='<app_close_delay delay="6000000"/>')
        bench.phone.processes.install(f"{ONE:08x}.exe", ONE, Owner)
        bench.client.list_data_owners()
        bench.change(BACKUP)
        assert bench.phone.clock.now() == 6.0
        assert connected_at == []
        assert bench.status() == NOT_CONNECTED
        bench.phone.scheduler.run_ready()
        assert connected_at == [6.0]
        assert bench.status() == NOT_READY


class TestKilled:
    @pytest.mark.rule("15.4/engine-killed")
    def test_a_killed_engine_leaves_the_property_and_its_successor_begins_in_unset(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(BACKUP)
        client = bench.connect(Script(b"x"))
        bench.engine.end()
        assert client.session.destroyed
        assert bench.property_value == 0x102
        new = bench.phone.running_engine()
        assert new is not bench.engine
        assert new.mode == (0, 0)
        assert new.owners == {}
        assert new.partial_list is None
        new.host_connected(HOST)
        host = HostSession(new, "again")
        host.set_bur_mode(frozenset(), BurMode(NORMAL))
        assert bench.property_value == 1

    def test_one_that_ends_itself_leaves_its_mode_also_when_a_host_is_there(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(RESTORE)
        script = Script()
        bench.connect(script)
        bench.phone.end_engine()
        bench.phone.scheduler.run_ready()
        assert bench.engine.ended
        assert script.commands() == [10]
        assert bench.property_value == 0

    def test_an_end_tells_who_wants_to_know(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.connect(Script())
        ended: list[bool] = []
        bench.engine._on_end = lambda: ended.append(bench.engine.ended)
        bench.engine.end()
        assert ended == [True]

    def test_a_property_that_is_defined_by_the_engine_is_the_one(self) -> None:
        phone = phone_with(faults=Faults(property_undefined=True))
        phone.running_engine()
        assert phone.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY) == 0


def test_a_transfer_type_is_kept_per_client() -> None:
    bench = EngineBench({ONE: active()})
    bench.enter(BACKUP)
    bench.connect(Script(b"x"))
    bench.get(BASE)
    assert bench.client.transfer_data_info().finished
    assert code_of(HostSession(bench.engine, "another").transfer_data_info) == KErrNotReady
