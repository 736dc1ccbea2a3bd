"""Leaves, the watchdog, death (BE 15). Every misbehaviour is one line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from device_agent.emulator.owners.misbehaving import USUAL_WATCHDOG_S, WAYS, Misbehaviour
from device_agent.emulator.profile import HandsetProfile
from device_agent.emulator.profiles import find_profile
from device_agent.emulator.scheduler import StuckError
from tests.emulator.data.bench import Bench, C, code_of
from tests.emulator.engine.bench import (
    BACKUP,
    BASE,
    INCREMENT,
    NO_IMPL,
    NO_PROXIES,
    NORMAL,
    NOT_CONNECTED,
    NOT_READY,
    ONE,
    PARTIAL,
    READY,
    RESTORE,
    SNAPSHOT,
    TWO,
    EngineBench,
    ProxyScript,
    Script,
    active,
    proxy,
    record,
)
from wire.formats.container import unpack_sections
from wire.formats.serialised import SidTransfer, write_generic
from wire.symbian import AbCallback, BurMode, Drive, SecureId
from wire.symbian_errors import (
    KErrAccessDenied,
    KErrDiskFull,
    KErrNone,
    KErrNotFound,
    KErrNotReady,
    KErrTimedOut,
)

# A mode and what a host does in it to reach each callback whose error it is told.
HEARD: dict[AbCallback, tuple[int, Callable[[EngineBench], object]]] = {
    AbCallback.ReceiveSnapshotDataL: (BACKUP, lambda bench: bench.put(b"s", SNAPSHOT)),
    AbCallback.GetSnapshotDataL: (BACKUP, lambda bench: bench.get(SNAPSHOT)),
    AbCallback.InitialiseGetBackupDataL: (BACKUP, lambda bench: bench.get()),
    AbCallback.GetBackupDataSectionL: (BACKUP, lambda bench: bench.get()),
    AbCallback.InitialiseRestoreBaseDataL: (RESTORE, lambda bench: bench.put(NO_PROXIES + b"x")),
    AbCallback.RestoreBaseDataSectionL: (RESTORE, lambda bench: bench.put(NO_PROXIES + b"x")),
    AbCallback.InitialiseRestoreIncrementDataL: (RESTORE, lambda bench: bench.put(NO_PROXIES + b"x", INCREMENT)),
    AbCallback.RestoreIncrementDataSectionL: (RESTORE, lambda bench: bench.put(NO_PROXIES + b"x", INCREMENT)),
    AbCallback.InitialiseGetProxyBackupDataL: (BACKUP, lambda bench: bench.get(sid=TWO)),
    AbCallback.InitialiseRestoreProxyBaseDataL: (
        RESTORE,
        lambda bench: bench.put(b"\1\0\0\0" + record(ONE, b"x"), sid=TWO),
    ),
}
each_heard = pytest.mark.parametrize("callback", list(HEARD))

AFTER = (AbCallback.GetSnapshotDataL, AbCallback.GetBackupDataSectionL)
"""Callbacks whose answer comes with the next prime (BE 12.4 step 5)."""


def bench_for(callback: AbCallback, how: str, *, confirm: int | None = 0, **others: object) -> EngineBench:
    """ONE misbehaves in a callback; TWO has it for a proxy."""
    bench = EngineBench({ONE: active(kind="activeandproxy"), TWO: proxy(ONE)}, **others)  # type: ignore[arg-type]
    part = HEARD[callback][0] if callback in HEARD else PARTIAL
    bench.client.set_sid_list_for_partial([ONE])
    bench.enter(part)  # type: ignore[arg-type]
    bench.connect(ProxyScript(b"x", b"s"), confirm=confirm, misbehaviour=Misbehaviour(how, callback, KErrDiskFull))
    return bench


def attempt(bench: EngineBench, callback: AbCallback) -> int:
    return code_of(lambda: HEARD[callback][1](bench))


def attempt_again(bench: EngineBench, callback: AbCallback) -> int:
    """Once more; in a restore with fresh transfer state (Q11), so that no half a stream is in the way."""
    bench.client.all_system_files_restored()
    return attempt(bench, callback)


class TestLeaves:
    @pytest.mark.rule("15.1/error", "12.4/4")
    @each_heard
    def test_the_host_is_told_and_the_session_stays_usable(self, callback: AbCallback) -> None:
        bench = bench_for(callback, "leaves")
        assert attempt(bench, callback) == KErrDiskFull
        session = bench.engine.sessions.find(ONE)
        assert session is not None
        assert session.primed
        assert bench.engine.owners[ONE].operation is None
        assert bench.status() == READY

    @pytest.mark.rule("15.1/ignored", "16.7/cb0-cb10", "12.6/errors")
    def test_nobody_hears_of_those_in_0_and_10(self) -> None:
        bench = bench_for(AbCallback.AllSnapshotsSuppliedL, "leaves")
        bench.client.all_snapshots_supplied()
        bench = bench_for(AbCallback.RestoreComplete, "leaves")
        bench.change(NORMAL)
        bench.enter(RESTORE)
        bench.change(NORMAL)
        assert bench.property_value == 1

    @pytest.mark.rule("15.1/positive")
    @each_heard
    def test_a_positive_code_is_no_error(self, callback: AbCallback) -> None:
        bench = bench_for(callback, "never-confirms")  # a client to replace
        session = bench.engine.sessions.find(ONE)
        assert session is not None
        session.close()
        bench.connect(ProxyScript(b"x", b"s"), misbehaviour=Misbehaviour("leaves", callback, code=7))
        if callback in AFTER:
            # What is taken for data is undefined; here it is what the last callback gave.
            session = bench.engine.sessions.find(ONE)
            assert session is not None
            session._data, session._finished = b"old", True
        assert attempt(bench, callback) == KErrNone

    @pytest.mark.rule("16.7/cb4", "16.7/cb5", "16.7/cb6-cb7")
    def test_scenarios_of_leaves(self) -> None:
        for callback in (
            AbCallback.InitialiseGetBackupDataL,
            AbCallback.GetBackupDataSectionL,
            AbCallback.InitialiseRestoreBaseDataL,
            AbCallback.RestoreBaseDataSectionL,
        ):
            bench = bench_for(callback, "leaves")
            assert attempt(bench, callback) == KErrDiskFull

    @pytest.mark.rule("16.7/cb5")
    def test_nothing_of_the_transfer_is_returned(self) -> None:
        from wire.symbian_errors import Leave

        class Second(Script):
            def get_backup_data_section(self, buffer: object) -> None:
                super().get_backup_data_section(buffer)  # type: ignore[arg-type]
                if self.commands().count(5) == 2:
                    raise Leave(KErrDiskFull)

        bench = EngineBench({ONE: active()})
        bench.enter(BACKUP)
        script = Second(b"x" * 9000)
        bench.connect(script)
        assert code_of(bench.get) == KErrDiskFull
        assert script.commands() == [4, 5, 5]
        assert code_of(bench.client.transfer_data_info) == KErrNotReady

    @pytest.mark.rule("16.7/cb6-cb7")
    def test_the_remaining_pieces_are_dropped(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(RESTORE)
        script = Script()
        bench.connect(
            script, misbehaviour=Misbehaviour("leaves", AbCallback.RestoreBaseDataSectionL, KErrDiskFull)
        )
        assert code_of(lambda: bench.put(NO_PROXIES + b"x" * 9000)) == KErrDiskFull
        assert script.calls == [(6, C)]


class TestWatchdog:
    @pytest.mark.rule("15.2/time", "Q33")
    @pytest.mark.parametrize(
        ("others", "debug", "seconds"),
        [
            ("", False, 200.0),
            ('callback_delay_time="5000000"', False, 5.0),
            ('callback_delay_time="1"', False, 1e-6),
        ],
    )
    def test_how_long_it_waits(self, others: str, debug: bool, seconds: float) -> None:
        bench = EngineBench({ONE: active(others=others)}, debug_engine=debug)
        bench.enter(BACKUP)
        bench.connect(Script(b"x"), misbehaviour=Misbehaviour("hangs", AbCallback.InitialiseGetBackupDataL))
        assert code_of(bench.get) == KErrTimedOut
        assert bench.phone.clock.now() == pytest.approx(seconds)

    @pytest.mark.rule("15.2/time")
    def test_an_unknown_owner_has_the_usual_time(self) -> None:
        bench = EngineBench({ONE: PASSIVE_ONLY, TWO: active(TWO, others='callback_delay_time="5000000"')})
        bench.client.list_data_owners()
        assert bench.engine.watchdog_s(SecureId(0x20009999)) == USUAL_WATCHDOG_S
        assert bench.engine.watchdog_s(ONE) == USUAL_WATCHDOG_S
        assert bench.engine.watchdog_s(TWO) == 5.0

    @pytest.mark.rule("15.2/time")
    def test_a_debug_engine_waits_for_ever(self) -> None:
        bench = bench_for(AbCallback.GetBackupDataSectionL, "hangs", debug_engine=True)
        with pytest.raises(StuckError):
            bench.get()
        bench = bench_for(AbCallback.GetBackupDataSectionL, "hangs", debug_engine=True)
        bench.phone.clock.call_later(1e6, bench.process().end)
        assert code_of(bench.get) == KErrNotReady
        assert bench.phone.clock.now() == 1e6

    @pytest.mark.rule("15.2/data", "15.2/for-life", "16.7/watchdog")
    @each_heard
    def test_in_callbacks_that_move_data(self, callback: AbCallback) -> None:
        bench = bench_for(callback, "hangs")
        assert attempt(bench, callback) == KErrTimedOut
        assert bench.phone.clock.now() == 200.0
        again = KErrAccessDenied if callback != AbCallback.GetSnapshotDataL else KErrNotReady
        assert attempt_again(bench, callback) == again  # a snapshot looks at the status first
        assert bench.phone.clock.now() == 200.0

    @pytest.mark.rule("15.2/silent")
    def test_in_0_and_10_nobody_hears_of_it(self) -> None:
        bench = bench_for(AbCallback.AllSnapshotsSuppliedL, "hangs")
        bench.client.all_snapshots_supplied()
        assert bench.phone.clock.now() == 200.0
        bench = EngineBench({ONE: active()}, drives="CDZ")
        bench.enter(RESTORE)
        bench.connect(Script(), misbehaviour=Misbehaviour("hangs", AbCallback.RestoreComplete))
        bench.change(NORMAL)
        assert bench.phone.clock.now() == 200.0  # for the first drive only
        assert bench.property_value == 1

    @pytest.mark.rule("15.2/size")
    def test_in_2(self) -> None:
        bench = bench_for(AbCallback.GetExpectedDataSize, "hangs")
        assert code_of(bench.size) == KErrAccessDenied
        assert code_of(bench.size) == KErrAccessDenied
        assert bench.phone.clock.now() == 200.0

    @pytest.mark.rule("15.2/messages", "12.1/2", "12.1/6", "12.1/7", "12.1/8")
    def test_messages_of_a_session_that_timed_out(self) -> None:
        bench = bench_for(AbCallback.InitialiseGetBackupDataL, "hangs")
        bench.get(SNAPSHOT)
        attempt(bench, AbCallback.InitialiseGetBackupDataL)
        session = bench.engine.sessions.find(ONE)
        assert session is not None
        assert code_of(lambda: session.confirm_ready(0)) == KErrTimedOut
        assert code_of(lambda: session.propagate_leave(-2)) == KErrTimedOut
        assert code_of(lambda: session.get_data(4)) == KErrTimedOut
        assert code_of(lambda: session.send_data_length(0, 4, finished=True)) == KErrTimedOut
        assert session.bur_mode_info()[0] == BurMode(BACKUP, 0x100)
        assert session.does_partial_affect_me()

    @pytest.mark.rule("15.2/prime", "Q26")
    @pytest.mark.parametrize("callback", [AbCallback.GetExpectedDataSize, AbCallback.GetBackupDataSectionL])
    def test_an_answer_after_the_watchdog(self, callback: AbCallback) -> None:
        bench = bench_for(callback, "answers-late")
        assert code_of(bench.size if callback == AbCallback.GetExpectedDataSize else bench.get) != KErrNone
        bench.status()
        bench.pass_time(1.1)  # the owner comes back, is refused, and primes once more
        assert bench.engine.owners[ONE].stored_status == NOT_CONNECTED
        session = bench.engine.sessions.find(ONE)
        assert session is not None
        assert not session.primed
        assert bench.status() == NO_IMPL

    @pytest.mark.rule("15.2/status", "Q17")
    @pytest.mark.parametrize(("confirm", "status"), [(0, NO_IMPL), (None, NOT_READY)])
    def test_the_status_after_it(self, confirm: int | None, status: int) -> None:
        bench = bench_for(AbCallback.GetBackupDataSectionL, "hangs", confirm=confirm)
        bench.status()
        attempt(bench, AbCallback.GetBackupDataSectionL)
        assert bench.status() == status

    @pytest.mark.rule("15.2/recovery")
    def test_a_new_session_helps_once_the_old_one_is_gone(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(BACKUP)
        old = bench.connect(Script(b"x"), misbehaviour=Misbehaviour("hangs", AbCallback.InitialiseGetBackupDataL))
        assert code_of(bench.get) == KErrTimedOut
        bench.connect(Script(b"new"))
        assert code_of(bench.get) == KErrAccessDenied
        old.close()
        assert bench.get() == (b"new", True)


class TestDeath:
    @pytest.mark.rule("15.3/interrupted", "15.3/afterwards", "15.3/status")
    @each_heard
    def test_in_a_callback(self, callback: AbCallback) -> None:
        bench = bench_for(callback, "dies")
        # Where the answer comes with the next prime, and where another callback follows, that one is not ready.
        last = {
            AbCallback.ReceiveSnapshotDataL,
            AbCallback.RestoreBaseDataSectionL,
            AbCallback.RestoreIncrementDataSectionL,
        }
        assert attempt(bench, callback) == (KErrNone if callback in last else KErrNotReady)
        assert bench.phone.processes.running(ONE) is None
        assert bench.status() == READY
        if callback not in last:
            assert attempt_again(bench, callback) == KErrNotFound

    @pytest.mark.rule("15.3/interrupted")
    def test_while_its_size_is_asked(self) -> None:
        bench = bench_for(AbCallback.GetExpectedDataSize, "dies")
        assert code_of(bench.size) == KErrNotReady
        assert code_of(bench.size) == KErrNotFound

    @pytest.mark.rule("15.3/others", "15.3/afterwards")
    def test_in_callbacks_without_an_answer(self) -> None:
        bench = bench_for(AbCallback.RestoreBaseDataSectionL, "dies")
        assert code_of(lambda: bench.put(NO_PROXIES + b"x" * 5000)) == KErrNotReady
        bench = bench_for(AbCallback.AllSnapshotsSuppliedL, "dies")
        bench.client.all_snapshots_supplied()
        assert code_of(bench.get) == KErrNotFound

    @pytest.mark.rule("15.4/overflow")
    @pytest.mark.parametrize("callback", AFTER)
    def test_more_than_offered_panics_the_owner(self, callback: AbCallback) -> None:
        bench = bench_for(callback, "gives-too-much")
        assert attempt(bench, callback) == KErrNotReady
        assert bench.phone.processes.running(ONE) is None
        assert any("panicked: USER 11" in note for note in bench.phone.memory)

    def test_a_panic_outside_callbacks(self) -> None:
        from device_agent.emulator.processes import OwnerPanic

        bench = EngineBench({ONE: active()})

        def main() -> None:
            raise OwnerPanic("E32USER-CBase", 47)

        bench.process().post(main)
        bench.phone.scheduler.run_ready()
        assert bench.phone.processes.running(ONE) is None
        assert any("panicked: E32USER-CBase 47" in note for note in bench.phone.memory)


PASSIVE_ONLY = "<passive_backup/>"
TUTORIAL = SecureId(0xE0F1A001)


class TestFromAProfile:
    """Each way in one line of a profile, and what a host sees of it."""

    def profile(self, how: str, callback: str = "", code: int = -26) -> HandsetProfile:
        where = f", in: {callback}" if callback else ""
        line = f"misbehaviour: {{how: {how}{where}, code: {code}}}"
        return find_profile(f"owners: [{{on_board: tutorial, {line}}}]")

    @pytest.mark.rule("16.7/missing", "16.7/wrong-sid", "15.4/never-confirms")
    @pytest.mark.parametrize(
        ("how", "callback", "status", "code"),
        [
            ("leaves", "GetBackupDataSectionL", READY, -26),
            ("hangs", "GetBackupDataSectionL", READY, KErrTimedOut),
            ("dies", "GetBackupDataSectionL", READY, KErrNotReady),
            ("gives-too-much", "GetBackupDataSectionL", READY, KErrNotReady),
            ("answers-late", "GetBackupDataSectionL", READY, KErrTimedOut),
            ("never-confirms", "", NOT_READY, KErrNone),
            ("confirms-with-error", "", READY, KErrNone),
            ("connects-late", "", NOT_CONNECTED, KErrNotFound),
            ("wrong-sid", "", NOT_CONNECTED, KErrNotFound),
            ("missing-executable", "", NOT_CONNECTED, KErrNotFound),
        ],
    )
    def test_what_a_host_sees(self, how: str, callback: str, status: int, code: int) -> None:
        bench = Bench(self.profile(how, callback))
        bench.enter(BACKUP)
        bench.phone.scheduler.run_ready()
        assert bench.client.sid_status([TUTORIAL]) == [status]
        transfer = SidTransfer(C, TUTORIAL, BASE)
        assert code_of(lambda: bench.request(transfer)) == code

    def test_one_that_connects_late_comes_in_the_end(self) -> None:
        bench = Bench(self.profile("connects-late"))
        bench.enter(BACKUP)
        bench.phone.clock.skip(4.9)
        bench.phone.scheduler.run_ready()
        assert bench.client.sid_status([TUTORIAL]) == [NOT_CONNECTED]
        bench.phone.clock.skip(0.2)
        bench.phone.scheduler.run_ready()
        assert bench.client.sid_status([TUTORIAL]) == [READY]

    @pytest.mark.rule("Q33")
    def test_one_that_gives_nothing_goes_on_until_it_is_killed(self) -> None:
        bench = Bench(self.profile("gives-nothing", "GetBackupDataSectionL"))
        bench.enter(BACKUP)
        bench.phone.scheduler.run_ready()
        process = bench.phone.processes.running(TUTORIAL)
        assert process is not None
        bench.phone.clock.call_later(1.0, process.end)
        transfer = write_generic(SidTransfer(C, TUTORIAL, BASE))
        assert code_of(lambda: bench.client.request_data(transfer)) == KErrNotReady
        assert bench.phone.clock.now() >= 1.0

    def test_every_way_is_tried(self) -> None:
        tried = {"gives-nothing"}
        for mark in TestFromAProfile.test_what_a_host_sees.pytestmark:  # type: ignore[attr-defined]
            if mark.name == "parametrize":
                tried |= {row[0] for row in mark.args[1]}
        assert tried == set(WAYS)

    def test_other_owners_are_as_always(self) -> None:
        bench = Bench(
            find_profile(
                "owners: [{on_board: tutorial, misbehaviour: {how: never-confirms}}, {on_board: abtestclient}]"
            )
        )
        bench.enter(BACKUP)
        bench.phone.scheduler.run_ready()
        sid = SecureId(0x0AB7E57C)
        info = bench.client.request_data(write_generic(SidTransfer(Drive.parse("C"), sid, BASE)))
        assert b"".join(unpack_sections(info.data)) == b"\0\0\0\0" + b"B" * 8000
