"""Ready states (BE 8)."""

from __future__ import annotations

import pytest

from device_agent.emulator.abclient import ActiveBackupClient
from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.engine.session import status_of
from device_agent.emulator.owners.misbehaving import Misbehaviour
from tests.emulator.data.bench import code_of
from tests.emulator.engine.bench import (
    BACKUP,
    FAILED,
    NO_IMPL,
    NORMAL,
    NOT_CONNECTED,
    NOT_FOUND,
    NOT_READY,
    ONE,
    PASSIVE,
    READY,
    SNAPSHOT,
    THREE,
    TWO,
    EngineBench,
    ProxyScript,
    Script,
    active,
    proxy,
)
from wire.symbian import AbCallback, SecureId, TDataOwnerStatus
from wire.symbian_errors import KErrNotFound, KErrNotReady, KErrTimedOut


@pytest.mark.rule("8.2/table")
@pytest.mark.parametrize(
    ("valid", "primed", "confirmed", "status"),
    [
        (False, True, True, NOT_CONNECTED),
        (False, False, False, NOT_CONNECTED),
        (True, True, True, READY),
        (True, True, False, NOT_READY),
        (True, False, True, NO_IMPL),
        (True, False, False, NOT_READY),
    ],
)
def test_what_a_session_stands_for(valid: bool, primed: bool, confirmed: bool, status: TDataOwnerStatus) -> None:
    bench = EngineBench({ONE: active()})
    client = bench.connect(Script() if primed else None, confirm=0 if confirmed else None)
    client.session.valid = valid
    assert status_of(client.session) == status
    assert bench.engine.ready_states.of_session(ONE) == status
    assert status_of(None) == NOT_CONNECTED
    assert bench.engine.ready_states.of_session(TWO) == NOT_CONNECTED


class TestProxies:
    def bench(self, kind: str = "proxyonly", *, with_active: bool = True) -> EngineBench:
        bench = EngineBench(
            {
                ONE: (active() if with_active else "") + proxy(TWO, THREE),
                TWO: active(TWO, kind),
                THREE: active(THREE, kind),
            }
        )
        bench.enter(BACKUP)
        return bench

    @pytest.mark.rule("8.3/1")
    def test_one_that_is_not_registered(self) -> None:
        bench = EngineBench({ONE: active() + proxy(TWO)})
        bench.enter(BACKUP)
        bench.connect(Script())
        assert bench.status() == NOT_FOUND

    @pytest.mark.rule("8.3/1", "7.4/failed")
    def test_one_that_is_active_for_itself_only_is_failed(self) -> None:
        bench = self.bench("activeonly")
        for sid in (ONE, TWO, THREE):
            bench.connect(Script(), sid)
        assert bench.status() == FAILED
        assert bench.status(TWO) == READY

    @pytest.mark.rule("8.3/1", "8.3/4")
    def test_all_of_them_decide(self) -> None:
        bench = self.bench()
        assert bench.status() == NOT_CONNECTED
        bench.connect(Script())
        assert bench.status() == NOT_CONNECTED  # of the first proxy
        bench.connect(ProxyScript(), TWO, confirm=None)
        assert bench.status() == NOT_READY
        bench.engine.sessions.find(TWO).confirm_ready(0)  # type: ignore[union-attr]
        assert bench.status(TWO) == NO_IMPL
        assert bench.status() == NOT_CONNECTED  # of the second
        bench.connect(ProxyScript(), THREE)
        assert bench.status() == READY

    @pytest.mark.rule("8.3/1")
    def test_one_that_is_active_as_well_is_ready_as_such(self) -> None:
        bench = self.bench("activeandproxy")
        for sid in (ONE, TWO, THREE):
            bench.connect(ProxyScript(), sid)
        assert bench.status(TWO) == READY
        assert bench.status() == READY

    @pytest.mark.rule("8.3/2")
    def test_an_owner_with_proxies_alone_is_what_they_are(self) -> None:
        bench = self.bench(with_active=False)
        assert bench.status() == NOT_CONNECTED
        assert bench.engine.owners[ONE].stored_status == NOT_CONNECTED
        for sid in (TWO, THREE):
            bench.connect(ProxyScript(), sid)
        assert bench.status() == READY
        assert bench.engine.owners[ONE].stored_status == READY

    def test_one_without_an_active_part_is_asked_for_its_own_state(self) -> None:
        bench = EngineBench({ONE: active() + proxy(TWO), TWO: PASSIVE})
        bench.enter(BACKUP)
        bench.connect(Script())
        assert bench.status() == READY


class TestCircles:
    """Owners that are each other's proxies: nothing ends the engine's asking but its stack (UNVERIFIED)."""

    def bench(self) -> EngineBench:
        owners = {
            sid: active(sid, "activeandproxy") + proxy(other)
            for sid, other in ((ONE, TWO), (TWO, THREE), (THREE, TWO))
        }
        bench = EngineBench(owners)
        bench.enter(BACKUP)
        return bench

    @pytest.mark.parametrize("sid", [ONE, TWO, THREE])
    def test_the_engine_does_not_survive_the_question(self, sid: SecureId) -> None:
        with pytest.raises(EnginePanic, match="KERN-EXEC 3"):
            self.bench().status(sid)

    def test_nor_a_message_that_makes_it_ask_itself(self) -> None:
        bench = self.bench()
        process = bench.process()
        process.post(lambda: ActiveBackupClient(process, Script()).close())
        bench.phone.scheduler.run_ready()
        assert bench.engine.ended
        assert bench.phone.memory[-1].endswith("sbengine.exe panicked: KERN-EXEC 3")
        assert process.alive

    def test_a_host_hears_of_it_when_it_waits_for_the_engine(self) -> None:
        bench = self.bench()
        process = bench.process()
        process.post(lambda: ActiveBackupClient(process, Script()).close())
        bench.phone.engine_is_called = True
        with pytest.raises(EnginePanic):
            bench.phone.scheduler.run_ready()

    def test_two_owners_may_have_the_same_proxy(self) -> None:
        two, three = (active(sid, "activeandproxy") for sid in (TWO, THREE))
        owners = {ONE: active() + proxy(TWO, THREE), TWO: two + proxy(THREE), THREE: three}
        bench = EngineBench(owners)
        bench.enter(BACKUP)
        for sid in owners:
            bench.connect(ProxyScript(), sid)
        assert bench.status() == READY


class TestEvents:
    def bench(self, kind: str = "activeonly") -> EngineBench:
        bench = EngineBench({ONE: active(kind=kind)})
        bench.enter(BACKUP)
        return bench

    def stored(self, bench: EngineBench) -> TDataOwnerStatus:
        return bench.engine.owners[ONE].stored_status

    @pytest.mark.rule("8.3/confirm")
    @pytest.mark.parametrize(
        ("kind", "with_callbacks", "error", "stored"),
        [
            ("activeonly", True, 0, READY),
            ("activeandproxy", True, 0, READY),
            ("proxyonly", True, 0, NO_IMPL),
            ("activeonly", False, 0, NO_IMPL),
            ("activeonly", True, -4, FAILED),
            ("activeonly", True, 1, FAILED),
            ("proxyonly", False, -4, FAILED),
        ],
    )
    def test_confirming(self, kind: str, with_callbacks: bool, error: int, stored: TDataOwnerStatus) -> None:
        bench = self.bench(kind)
        bench.connect(Script() if with_callbacks else None, confirm=error)
        assert self.stored(bench) == stored

    @pytest.mark.rule("8.3/3", "Q15")
    def test_a_failed_confirmation_ends_as_ready(self) -> None:
        bench = self.bench()
        bench.connect(Script(), confirm=-4)
        assert self.stored(bench) == FAILED
        assert bench.status() == READY
        assert self.stored(bench) == READY

    @pytest.mark.rule("8.3/prime")
    def test_a_prime_while_not_connected(self) -> None:
        bench = self.bench()
        assert bench.status() == NOT_CONNECTED
        bench.connect(Script(), confirm=None)
        assert self.stored(bench) == NOT_READY
        # On an invalid session the computed state is 5 even now, so that 3 is stored, for the next look to undo.
        session = bench.engine.sessions.find(ONE)
        assert session is not None
        session.valid = False
        assert bench.status() == NOT_CONNECTED
        bench.engine.ready_states.primed(session)
        assert self.stored(bench) == NOT_READY
        assert bench.status() == NOT_CONNECTED

    @pytest.mark.rule("8.3/prime")
    def test_a_prime_when_ready_changes_nothing(self) -> None:
        bench = self.bench()
        bench.connect(Script(b"x" * 5000))
        bench.get()
        assert self.stored(bench) == READY

    @pytest.mark.rule("8.3/closing", "12.1/9", "12.3/destructor")
    def test_closing_down(self) -> None:
        bench = self.bench()
        client = bench.connect(Script())
        client.close()
        assert self.stored(bench) == NOT_CONNECTED
        assert bench.status() == NOT_CONNECTED
        client.close()

    @pytest.mark.rule("8.3/closing")
    def test_closing_down_before_it_is_ready(self) -> None:
        bench = self.bench()
        client = bench.connect(Script(), confirm=None)
        client.session.closing_down()
        assert self.stored(bench) == NOT_READY

    @pytest.mark.rule("8.3/watchdog", "Q17", "15.2/status")
    @pytest.mark.parametrize(("confirm", "status"), [(0, NO_IMPL), (None, NOT_READY)])
    def test_the_watchdog(self, confirm: int | None, status: TDataOwnerStatus) -> None:
        bench = self.bench()
        hang = Misbehaviour("hangs", AbCallback.InitialiseGetBackupDataL)
        client = bench.connect(Script(), confirm=confirm, misbehaviour=hang)
        assert code_of(bench.get) == KErrTimedOut
        assert self.stored(bench) == FAILED
        assert bench.status() == status
        client.session.prime(lambda *_: None)
        assert self.stored(bench) == NOT_CONNECTED

    @pytest.mark.rule("Q18", "15.3/status")
    def test_ready_survives_death(self) -> None:
        bench = self.bench()
        bench.connect(Script(b"x"))
        bench.process().end()
        assert bench.status() == READY
        assert code_of(bench.get) == KErrNotFound

    @pytest.mark.rule("12.5/unknown")
    def test_an_unknown_sid_may_do_everything(self) -> None:
        bench = EngineBench({ONE: active()})
        client = bench.connect(Script())  # nothing was listed
        client.confirm_ready(-4)
        client.close()
        bench.enter(BACKUP)
        assert bench.status() == NOT_CONNECTED
        assert bench.status(TWO) == NOT_FOUND

    @pytest.mark.rule("12.5/invalid", "Q30")
    def test_a_session_from_an_earlier_mode(self) -> None:
        bench = self.bench()
        script = Script(b"data")
        client = bench.connect(script)
        bench.change(NORMAL)
        bench.enter(BACKUP)
        assert bench.status() == NOT_CONNECTED
        assert bench.get() == (b"\0\0\0\0data", True)
        client.confirm_ready(0)
        assert bench.status() == READY


@pytest.mark.rule("15.4/never-connects")
def test_an_owner_that_never_connects() -> None:
    bench = EngineBench({ONE: active()})
    bench.enter(BACKUP)
    assert bench.status() == NOT_CONNECTED
    assert code_of(bench.get) == KErrNotFound
    assert code_of(bench.size) == KErrNotFound
    assert code_of(lambda: bench.put(b"x", SNAPSHOT)) == KErrNotFound


@pytest.mark.rule("15.4/never-confirms", "Q23")
def test_an_owner_that_never_confirms() -> None:
    bench = EngineBench({ONE: active()})
    bench.enter(BACKUP)
    bench.connect(Script(b"x"), misbehaviour=Misbehaviour("never-confirms"))
    assert bench.status() == NOT_READY
    assert code_of(lambda: bench.get(SNAPSHOT)) == KErrNotReady
    assert bench.get() == (b"\0\0\0\0x", True)


@pytest.mark.rule("15.4/no-callbacks", "12.3/new")
def test_an_owner_without_callbacks() -> None:
    bench = EngineBench({ONE: active()})
    bench.enter(BACKUP)
    bench.connect(None)
    assert bench.status() == NO_IMPL
    for action in (bench.get, bench.size, lambda: bench.get(SNAPSHOT)):
        assert code_of(action) == KErrNotReady


@pytest.mark.rule("8.3/confirm")
def test_confirming_with_an_error_on_call() -> None:
    bench = EngineBench({ONE: active()})
    bench.enter(BACKUP)
    bench.connect(Script(), misbehaviour=Misbehaviour("confirms-with-error", code=-4))
    assert bench.engine.owners[ONE].stored_status == FAILED


@pytest.mark.rule("6/status", "6/status-error")
def test_statuses_come_in_the_order_asked() -> None:
    four = SecureId(0x20001237)
    bench = EngineBench({ONE: active(), TWO: PASSIVE, four: "<public_backup/>"})
    bench.enter(BACKUP)
    statuses = [READY, NOT_FOUND, NOT_CONNECTED, TDataOwnerStatus.EUnset, READY]
    assert bench.client.sid_status([TWO, THREE, ONE, four, TWO]) == statuses
    assert bench.client.sid_status([]) == []
