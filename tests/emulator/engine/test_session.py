"""The owner's connection: messages, commands, the library on the owner's side (BE 12)."""

from __future__ import annotations

import pytest

from device_agent.emulator.abclient import ActiveBackupClient, ActiveBackupDataClient, SectionBuffer
from device_agent.emulator.owners.misbehaving import Misbehaviour
from tests.emulator.data.bench import C, code_of
from tests.emulator.engine.bench import (
    BACKUP,
    BASE,
    INCREMENT,
    NORMAL,
    ONE,
    PARTIAL,
    PARTIAL_RESTORE,
    RESTORE,
    SNAPSHOT,
    THREE,
    TWO,
    D,
    EngineBench,
    RawOwner,
    Script,
    active,
    proxy,
    record,
)
from wire.symbian import AbCallback, Drive, TBackupIncType
from wire.symbian_errors import (
    KErrAccessDenied,
    KErrCorrupt,
    KErrGeneral,
    KErrNone,
    KErrNotFound,
    KErrNotReady,
    KErrNotSupported,
    KErrTimedOut,
    Leave,
)


def bench_in(part: int = BACKUP, owners: dict[int, str] | None = None) -> EngineBench:
    bench = EngineBench({ONE: active()} if owners is None else owners)  # type: ignore[arg-type]
    bench.enter(part)  # type: ignore[arg-type]
    return bench


class Answering(RawOwner):
    """An owner without the library that answers each command at once, in a way of its own.

    Attributes:
        codes: what its messages were answered with, by their numbers.
    """

    wrong_by = 0
    confirmed_size = 0

    def __init__(self, bench: EngineBench) -> None:
        super().__init__(bench, ONE)
        self.codes: dict[int, int] = {}
        self.data = b""

    def note(self, command: int, arg1: int, arg2: int) -> None:
        super().note(command, arg1, arg2)
        session = self.session
        wanted = command + self.wrong_by
        if command in {1, 7, 9}:
            self.codes[7] = code_of(lambda: self.fetch(wanted))
            self.pass_on(self.codes[7])
            session.prime(self.note)
        elif command in {3, 5}:
            self.codes[8] = code_of(lambda: session.send_data_length(self.confirmed_size, wanted, finished=True))
            self.pass_on(self.codes[8])
            session.prime_with_data(self.note, b"sent")
        elif command == 2:
            session.prime_with_integer(self.note, 4711)
        else:
            session.prime(self.note)

    def pass_on(self, code: int) -> None:
        if code:
            self.session.propagate_leave(code)

    def fetch(self, command: int) -> None:
        self.data += self.session.get_data(command)


class TestMessages:
    @pytest.mark.rule("12.1/1", "12.7/stale", "Q12")
    def test_does_partial_affect_me(self) -> None:
        bench = EngineBench({ONE: active()})
        client = bench.connect(Script())
        assert code_of(client.does_partial_affect_me) == KErrNotFound
        bench.change(PARTIAL)
        assert code_of(client.does_partial_affect_me) == KErrNotFound
        bench.change(NORMAL)
        bench.client.set_sid_list_for_partial([TWO, ONE])
        for part in (BACKUP, NORMAL, PARTIAL_RESTORE, NORMAL):
            bench.change(part)
            assert client.does_partial_affect_me()
        bench.client.set_sid_list_for_partial([TWO])
        assert not client.does_partial_affect_me()
        bench.client.set_sid_list_for_partial([])
        bench.change(BACKUP)
        assert not client.does_partial_affect_me()

    @pytest.mark.rule("12.1/3", "12.4/2")
    def test_a_prime_is_kept_until_a_callback(self) -> None:
        bench = bench_in()
        owner = bench.connect_without_library()
        before = owner.session.primed
        owner.prime()
        assert (before, owner.session.primed) == (False, True)
        assert owner.commands == []
        assert code_of(bench.get) == KErrTimedOut  # it gets the command and never answers
        assert owner.commands == [(4, C, 0)]
        assert [owner.session.primed] == [False]

    @pytest.mark.rule("12.1/4", "12.1/5", "12.1/8")
    def test_results_come_with_the_next_prime(self) -> None:
        bench = bench_in()
        owner = Answering(bench)
        owner.prime()
        assert bench.size() == 4711
        assert bench.get() == (b"\0\0\0\0sent", True)
        assert owner.codes == {8: KErrNone}
        owner.confirmed_size = 99  # nobody looks at it
        owner.session.confirm_ready(0)
        assert bench.get(SNAPSHOT) == (b"sent", True)

    @pytest.mark.rule("12.1/7", "12.1/10")
    def test_supplied_data_is_fetched(self) -> None:
        bench = bench_in(RESTORE)
        owner = Answering(bench)
        owner.prime()
        bench.put(b"snap", SNAPSHOT)
        assert owner.session.snapshot_drive() == C
        bench.put(b"\0\0\0\0data")
        assert owner.data == b"snapdata"

    @pytest.mark.rule("12.1/7", "12.1/8", "15.4/wrong-command")
    def test_a_wrong_command_is_refused(self) -> None:
        bench = bench_in()
        owner = Answering(bench)
        owner.wrong_by = 1
        owner.prime()
        assert code_of(bench.get) == KErrCorrupt
        assert owner.codes == {8: KErrCorrupt}
        bench.change(NORMAL)
        bench.enter(RESTORE)
        assert code_of(lambda: bench.put(b"\0\0\0\0data")) == KErrCorrupt
        assert owner.codes == {7: KErrCorrupt, 8: KErrCorrupt}
        assert code_of(lambda: owner.session.get_data(7)) == KErrCorrupt  # no callback runs at all
        assert code_of(lambda: owner.session.send_data_length(1, 5, finished=True)) == KErrCorrupt

    @pytest.mark.rule("15.4/wrong-command", "12.3/leave")
    def test_the_library_passes_on_that_a_message_was_refused(self) -> None:
        bench = bench_in()
        client = bench.connect(Script(b"x"))

        def refuse(size: int, command: int, *, finished: bool) -> None:
            raise Leave(KErrCorrupt)

        client.session.send_data_length = refuse  # type: ignore[method-assign]
        assert code_of(bench.get) == KErrCorrupt
        assert client.session.primed

    @pytest.mark.rule("12.1/6", "12.4/2")
    def test_a_leave_counts_for_the_running_callback_only(self) -> None:
        bench = bench_in()
        client = bench.connect(Script(b"x"))
        client.session.propagate_leave(KErrGeneral)
        assert bench.get() == (b"\0\0\0\0x", True)

    @pytest.mark.rule("12.1/9")
    def test_closing_down_twice(self) -> None:
        bench = bench_in()
        session = bench.connect(Script()).session
        session.closing_down()
        assert not session.primed
        assert code_of(session.closing_down) == KErrNotFound
        assert code_of(bench.get) == KErrNotReady

    def test_results_of_messages(self) -> None:
        bench = bench_in()
        session = bench.connect(Script()).session
        bench.put(b"x", SNAPSHOT)
        assert [session.result_of(function) for function in range(11)] == [0] * 10 + [C]

    def test_a_prime_of_a_closed_session_is_not_kept(self) -> None:
        bench = bench_in()
        owner = bench.connect_without_library()
        owner.session.close()
        owner.session.close()
        owner.prime()
        assert not owner.session.primed


class TestCommands:
    @pytest.mark.rule("12.2/arguments", "6/expected")
    def test_each_command_with_its_arguments(self) -> None:
        bench = EngineBench({ONE: active(kind="activeandproxy"), TWO: proxy(ONE)}, drives="CDZ")
        owner = Answering(bench)
        owner.prime()
        bench.client.set_sid_list_for_partial([ONE])
        bench.enter(PARTIAL)
        owner.session.confirm_ready(0)
        bench.put(b"s" * 5000, SNAPSHOT)
        bench.client.all_snapshots_supplied()
        bench.size(drive=D)
        bench.get(SNAPSHOT, drive=D)
        bench.get(drive=D)
        bench.get(sid=TWO, drive=D)
        bench.change(NORMAL)
        bench.enter(RESTORE)
        bench.put(b"\0\0\0\0" + b"b" * 5000, drive=D)
        bench.put(b"\0\0\0\0i", INCREMENT, drive=D)
        bench.put(b"\1\0\0\0" + record(ONE, b"p"), sid=TWO, drive=D)
        bench.change(NORMAL)
        assert owner.commands == [
            (1, 4096, 0),
            (1, 904, 1),
            (0, 0, 0),
            (2, D, 0),
            (3, 4096, D),
            (4, D, 0),
            (5, 4096, 0),
            (11, TWO, D),
            (5, 4096, 0),
            (6, D, 0),
            (7, 4096, 0),
            (7, 904, 1),
            (8, D, 0),
            (9, 1, 1),
            (12, TWO, D),
            (7, 1, 1),
            (10, C, 0),
            (10, D, 0),
        ]

    @pytest.mark.rule("12.2/never")
    def test_no_command_ends_a_multi_stage_operation_or_asks_for_a_checksum(self) -> None:
        """All that the engine can send is in its log's names; a library that gets them refuses."""
        from device_agent.emulator.engine.session import LOG_NAMES

        assert set(LOG_NAMES) == set(range(13))
        bench = bench_in()
        script = Script()
        client = bench.connect(script)
        for command in (13, 14, 15):
            assert code_of(lambda c=command: client.call(c, 0, 0)) == KErrNotSupported  # type: ignore[misc]
        assert script.calls == []


class TestLibrary:
    @pytest.mark.rule("12.3/new")
    def test_it_primes_at_once_when_it_has_callbacks(self) -> None:
        bench = bench_in()
        assert bench.connect(Script(), confirm=None).session.primed
        assert not bench.connect(None, confirm=None).session.primed

    @pytest.mark.rule("12.3/prime-again")
    def test_it_primes_again_after_each_callback(self) -> None:
        bench = bench_in()
        client = bench.connect(Script(b"x"))
        for action in (bench.size, bench.get, lambda: bench.get(SNAPSHOT)):
            action()
            assert client.session.primed

    @pytest.mark.rule("12.3/buffer", "Q27")
    def test_an_untouched_buffer_is_finished(self) -> None:
        class Careless(Script):
            def get_backup_data_section(self, buffer: SectionBuffer) -> None:
                assert (buffer.data, buffer.max_length, buffer.free()) == (b"", 4096, 4096)
                buffer.append(b"abc")
                assert buffer.free() == 4093
                buffer.append(b"def")

            def get_snapshot_data(self, drive_argument: int, buffer: SectionBuffer) -> None:
                assert buffer.data == b""

        bench = bench_in()
        bench.connect(Careless())
        assert bench.get() == (b"\0\0\0\0abcdef", True)
        assert bench.get(SNAPSHOT) == (b"", True)

    @pytest.mark.rule("12.3/snapshot-drive", "Q28")
    def test_a_snapshot_is_asked_for_with_a_size_for_a_drive(self) -> None:
        bench = bench_in()
        script = Script(snapshot=b"s" * 4100)
        bench.connect(script)
        bench.get(SNAPSHOT)
        assert script.calls == [(3, 4096, 4096), (3, 4096, 4096)]

    @pytest.mark.rule("12.1/10")
    def test_a_supplied_snapshot_comes_with_its_drive(self) -> None:
        bench = EngineBench({ONE: active()}, drives="CDZ")
        bench.enter(RESTORE)
        script = Script()
        bench.connect(script)
        bench.put(b"snapshot", SNAPSHOT, drive=D)
        assert script.calls == [(1, D, 8, True)]

    @pytest.mark.rule("12.3/mixin", "14/errors")
    def test_the_mixins_own_answers(self) -> None:
        mixin = ActiveBackupDataClient()
        assert code_of(lambda: mixin.initialise_get_proxy_backup_data(ONE, C)) == KErrNotSupported
        assert code_of(lambda: mixin.initialise_restore_proxy_base_data(ONE, C)) == KErrNotSupported
        bench = bench_in(BACKUP, {ONE: proxy(TWO), TWO: active(TWO)})
        bench.connect(Script(), TWO)
        assert code_of(bench.get) == KErrNotSupported

    @pytest.mark.rule("12.3/destructor")
    def test_a_client_without_callbacks_closes_without_a_word(self) -> None:
        bench = bench_in()
        client = bench.connect(None)
        client.close()
        assert bench.engine.sessions.find(ONE) is None
        assert code_of(bench.get) == KErrNotFound

    def test_good_bye_to_an_engine_that_has_given_it_up(self) -> None:
        bench = bench_in()
        client = bench.connect(Script())
        client.session.closing_down()
        client.close()
        assert bench.engine.sessions.find(ONE) is None


class TestCallback:
    @pytest.mark.rule("12.4/1")
    def test_a_session_that_timed_out_comes_before_one_that_is_not_primed(self) -> None:
        bench = bench_in()
        client = bench.connect(None)
        assert code_of(bench.get) == KErrNotReady
        client.session.misbehaving = True
        assert code_of(bench.get) == KErrAccessDenied

    @pytest.mark.rule("12.4/3")
    def test_the_wait_ends_when_the_session_goes(self) -> None:
        bench = bench_in()
        owner = bench.connect_without_library()
        owner.prime()
        owner.session.process.post(lambda: None)
        bench.phone.clock.call_later(3.0, owner.session.close)
        bench.phone.clock.call_later(150.0, lambda: None)
        assert code_of(bench.get) == KErrNotReady  # 4 counts as success, 5 finds nobody
        assert bench.phone.clock.now() == 3.0

    @pytest.mark.rule("12.4/3")
    def test_the_wait_ends_with_a_late_prime(self) -> None:
        bench = bench_in()
        owner = bench.connect_without_library()
        owner.prime()
        bench.phone.clock.call_later(199.0, lambda: owner.session.prime_with_integer(owner.note, 5))
        assert bench.size() == 5
        assert bench.phone.clock.now() == 199.0

    @pytest.mark.rule("12.4/4")
    @pytest.mark.parametrize(
        "callback", [AbCallback.AllSnapshotsSuppliedL, AbCallback.GetExpectedDataSize, AbCallback.RestoreComplete]
    )
    def test_leaves_that_are_not_looked_at(self, callback: AbCallback) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter_partial(ONE)
        bench.connect(Script(), misbehaviour=Misbehaviour("leaves", callback))
        bench.client.all_snapshots_supplied()
        assert bench.size() == 0
        bench.change(NORMAL)
        bench.enter(RESTORE)
        bench.change(NORMAL)

    @pytest.mark.rule("12.4/5")
    def test_a_result_needs_a_fresh_prime(self) -> None:
        """The owner closes down instead of priming again: its answer is nowhere."""
        for action in (EngineBench.size, EngineBench.get):
            bench = bench_in()
            client = bench.connect(Script(b"x"))

            def close(*_: object, client: ActiveBackupClient = client) -> None:
                client.session.destroy()

            client.session.prime_with_integer = close  # type: ignore[method-assign, assignment]
            client.session.prime_with_data = close  # type: ignore[method-assign, assignment]
            assert code_of(lambda a=action, b=bench: a(b)) == KErrNotReady  # type: ignore[misc]


class TestSessions:
    @pytest.mark.rule("12.5/oldest", "Q29")
    def test_the_oldest_is_found(self) -> None:
        bench = bench_in()
        first, second = Script(b"first"), Script(b"second")
        bench.connect(first)
        bench.connect(second)
        assert bench.get() == (b"\0\0\0\0first", True)
        assert second.calls == []

    @pytest.mark.rule("12.5/close", "Q29")
    def test_closing_the_newer_first_takes_out_the_older(self) -> None:
        bench = bench_in()
        old = bench.connect(Script(b"old"))
        new = bench.connect(Script(b"new"))
        new.close()
        # The older session lives, but what is found is the closed one.
        assert not old.session.destroyed
        assert bench.engine.sessions.find(ONE) is new.session
        assert code_of(bench.get) == KErrNotReady
        old.close()
        assert bench.engine.sessions.find(ONE) is None

    @pytest.mark.rule("12.5/close")
    def test_closing_the_older_first_leaves_the_newer(self) -> None:
        bench = bench_in()
        old = bench.connect(Script(b"old"))
        bench.connect(Script(b"new"))
        old.close()
        assert bench.get() == (b"\0\0\0\0new", True)

    def test_sessions_of_others_are_left_alone(self) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)})
        one, two = bench.connect(Script(), ONE), bench.connect(Script(), TWO)
        one.close()
        assert bench.engine.sessions.find(TWO) is two.session
        one.session.destroyed = False
        one.session.destroy()
        assert bench.engine.sessions.find(TWO) is two.session


class TestAllSnapshotsSupplied:
    @pytest.mark.rule("12.6/who")
    def test_marked_active_owners_in_descending_order(self) -> None:
        order: list[int] = []
        four = type(ONE)(0x20001237)
        owners = {ONE: active(), TWO: active(TWO, "proxyonly"), THREE: active(THREE), four: active(four)}
        bench = EngineBench(owners)
        bench.enter_partial(THREE, TWO, ONE, increment=TBackupIncType.EBackupIncrement)
        for sid in owners:

            class Noting(Script):
                def all_snapshots_supplied(self, sid: int = sid) -> None:
                    order.append(sid)

            bench.connect(Noting(), sid)
        bench.client.all_snapshots_supplied()
        assert order == [THREE, ONE]

    @pytest.mark.rule("12.6/errors", "6/all-snapshots")
    def test_errors_are_not_heard(self) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)})
        bench.enter_partial(ONE, TWO)
        bench.connect(None, TWO)  # not primed: -18
        script = Script()
        bench.connect(script)
        bench.client.all_snapshots_supplied()
        assert script.calls == [(0,)]

    @pytest.mark.rule("Q31")
    def test_in_a_full_backup_nobody_is_told(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.client.set_sid_list_for_partial([ONE])
        bench.enter(BACKUP)
        script = Script()
        bench.connect(script)
        bench.client.all_snapshots_supplied()
        assert script.calls == []

    @pytest.mark.rule("Q32")
    @pytest.mark.parametrize("missing", [0, 1, 2])
    def test_each_owner_without_a_session_costs_two_seconds(self, missing: int) -> None:
        sids = (ONE, TWO, THREE)
        bench = EngineBench({sid: active(sid) for sid in sids})
        bench.enter_partial(*sids)
        for sid in sids[missing:]:
            bench.connect(Script(), sid)
        bench.client.all_snapshots_supplied()
        assert bench.phone.clock.now() == 2.0 * missing


def test_a_drive_argument_is_a_drive() -> None:
    seen: list[object] = []

    class Noting(Script):
        def initialise_get_backup_data(self, drive: Drive) -> None:
            seen.append(drive)
            super().initialise_get_backup_data(drive)

    bench = bench_in()
    bench.connect(Noting(b"x"))
    bench.get(BASE)
    assert seen == [C]
    assert isinstance(seen[0], Drive)
