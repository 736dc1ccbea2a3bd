"""Active snapshots, base data and increments; proxies (BE 11.3, 11.4, 14)."""

from __future__ import annotations

import struct

import pytest

from device_agent.emulator.owners.misbehaving import Misbehaviour
from tests.emulator.data.bench import C, code_of
from tests.emulator.engine.bench import (
    BACKUP,
    BASE,
    INCREMENT,
    NO_PROXIES,
    NORMAL,
    ONE,
    PASSIVE,
    RESTORE,
    SNAPSHOT,
    THREE,
    TWO,
    EngineBench,
    ProxyScript,
    Script,
    active,
    proxy,
    record,
)
from wire.symbian import AbCallback
from wire.symbian_errors import KErrAccessDenied, KErrCorrupt, KErrGeneral, KErrNotFound, KErrNotReady

SMALL_HEAP = '<heap size="131072"/>'
ROOM = 128658
"""What one request can yield with it (BE 10.3)."""


def bench_in(part: int = BACKUP, body: str = "", script: Script | None = None) -> EngineBench:
    """One owner, connected and confirmed when it has a script."""
    bench = EngineBench({ONE: body or active()}, config=SMALL_HEAP)
    bench.enter(part)  # type: ignore[arg-type]
    if script is not None:
        bench.connect(script)
    return bench


class TestSnapshotRequest:
    @pytest.mark.rule("11.3/request")
    @pytest.mark.parametrize("body", [PASSIVE, active(increments="no"), proxy(TWO)])
    def test_who_has_none(self, body: str) -> None:
        assert code_of(lambda: bench_in(body=body).get(SNAPSHOT)) == KErrCorrupt

    @pytest.mark.rule("11.3/request", "16.7/not-ready")
    def test_it_wants_exactly_ready(self) -> None:
        bench = bench_in()
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrNotReady
        client = bench.connect(Script(snapshot=b"s"), confirm=None)
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrNotReady
        client.confirm_ready(-4)
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrNotReady  # 4 is stored until somebody looks
        bench.status()
        assert bench.get(SNAPSHOT) == (b"s", True)

    @pytest.mark.rule("11.3/request")
    def test_ready_without_implementation_is_not_enough(self) -> None:
        bench = bench_in(body=active(kind="proxyonly") + PASSIVE)
        bench.connect(Script(snapshot=b"s"))
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrNotReady

    @pytest.mark.rule("11.3/request", "11.3/request-effect")
    def test_once(self) -> None:
        bench = bench_in(script=Script(snapshot=b"s"))
        bench.get(SNAPSHOT)
        bench.process().end()
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrCorrupt  # before anybody looks for a session

    @pytest.mark.rule("11.3/request")
    def test_then_a_session(self) -> None:
        bench = bench_in(script=Script(snapshot=b"s"))
        bench.process().end()
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrNotFound
        client = bench.connect(Script(snapshot=b"s"))
        client.session.closing_down()
        bench.engine.owners[ONE].stored_status = bench.engine.owners[ONE].stored_status.__class__(2)
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrNotReady
        client.session.misbehaving = True
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrAccessDenied

    @pytest.mark.rule("11.3/request-effect")
    def test_it_goes_on_in_the_next_transfer(self) -> None:
        script = Script(snapshot=b"s" * (ROOM + 10))
        bench = bench_in(script=script)
        assert bench.get(SNAPSHOT) == (b"s" * ROOM, False)
        assert bench.get(SNAPSHOT) == (b"s" * 10, True)
        assert code_of(lambda: bench.get(SNAPSHOT)) == KErrCorrupt
        assert {call[0] for call in script.calls} == {3}


class TestSnapshotSupply:
    @pytest.mark.rule("11.3/supply")
    @pytest.mark.parametrize("body", [PASSIVE, active(increments="no"), proxy(TWO)])
    def test_who_takes_none(self, body: str) -> None:
        assert code_of(lambda: bench_in(body=body).put(b"s", SNAPSHOT)) == KErrCorrupt

    @pytest.mark.rule("11.3/supply")
    def test_not_after_base_data_in_a_backup(self) -> None:
        bench = bench_in(script=Script(b"x"))
        bench.get()
        assert code_of(lambda: bench.put(b"s", SNAPSHOT)) == KErrCorrupt

    @pytest.mark.rule("11.3/supply")
    def test_not_after_base_data_in_a_restore(self) -> None:
        bench = bench_in(RESTORE, script=Script())
        bench.put(NO_PROXIES + b"x")
        assert code_of(lambda: bench.put(b"s", SNAPSHOT)) == KErrCorrupt

    @pytest.mark.rule("11.3/supply")
    @pytest.mark.parametrize(("part", "action"), [(BACKUP, "put"), (RESTORE, "get")])
    def test_base_data_in_the_other_direction_is_no_hindrance(self, part: int, action: str) -> None:
        bench = bench_in(part, script=Script(b"x"))
        if action == "put":
            bench.put(NO_PROXIES + b"x")
        else:
            bench.get()
        bench.put(b"s", SNAPSHOT)

    @pytest.mark.rule("11.3/supply")
    def test_then_a_session(self) -> None:
        bench = bench_in()
        assert code_of(lambda: bench.put(b"s", SNAPSHOT)) == KErrNotFound
        client = bench.connect(None)
        assert code_of(lambda: bench.put(b"s", SNAPSHOT)) == KErrNotReady
        client.session.misbehaving = True
        assert code_of(lambda: bench.put(b"s", SNAPSHOT)) == KErrAccessDenied

    @pytest.mark.rule("11.3/supply-effect")
    def test_it_is_received_when_it_is_whole(self) -> None:
        script = Script(b"x")
        bench = bench_in(script=script)
        bench.put(b"s" * 5000, SNAPSHOT, finished=False)
        assert script.calls == [(1, C, 4096, False), (1, C, 904, False)]
        bench.engine.owners[ONE].operation = None
        assert code_of(lambda: bench.get(INCREMENT)) == KErrCorrupt
        bench.put(b"s", SNAPSHOT)
        assert script.received == b"s" * 5001
        assert bench.get(INCREMENT)[1]

    @pytest.mark.rule("11.3/supply", "Q23")
    def test_an_owner_that_has_not_confirmed_takes_one(self) -> None:
        bench = bench_in()
        script = Script()
        bench.connect(script, confirm=None)
        bench.put(b"s", SNAPSHOT)
        assert script.received == b"s"


class TestRequest:
    @pytest.mark.rule("11.4/request-1")
    @pytest.mark.parametrize("data_type", [BASE, INCREMENT])
    def test_an_owner_with_nothing_active(self, data_type: int) -> None:
        assert code_of(lambda: bench_in(body=PASSIVE).get(data_type)) == KErrCorrupt

    @pytest.mark.rule("11.4/request-1", "13.1/zero")
    def test_the_count_begins_a_stream(self) -> None:
        assert bench_in(script=Script()).get() == (NO_PROXIES, True)

    @pytest.mark.rule("11.4/request-3")
    def test_base_after_a_snapshot_and_increment_without_one(self) -> None:
        bench = bench_in(script=Script(b"x"))
        assert code_of(lambda: bench.get(INCREMENT)) == KErrCorrupt
        bench = bench_in(script=Script(b"x"))
        bench.put(b"s", SNAPSHOT)
        assert code_of(bench.get) == KErrCorrupt
        assert bench.get(INCREMENT) == (b"x", True)  # and without its count (Q24)

    @pytest.mark.rule("11.4/request-3")
    def test_nothing_twice_and_not_the_other_after_the_one(self) -> None:
        bench = bench_in(script=Script(b"x"))
        bench.get()
        assert code_of(bench.get) == KErrCorrupt
        bench.engine.owners[ONE].drive_states[C].snapshot_received = True
        assert code_of(lambda: bench.get(INCREMENT)) == KErrCorrupt
        bench = bench_in(script=Script(b"x"))
        bench.put(b"s", SNAPSHOT)
        bench.get(INCREMENT)
        assert code_of(lambda: bench.get(INCREMENT)) == KErrCorrupt
        bench.engine.owners[ONE].drive_states[C].snapshot_received = False
        assert code_of(bench.get) == KErrCorrupt

    @pytest.mark.rule("11.4/request-4")
    def test_a_stream_goes_on(self) -> None:
        script = Script(b"x" * (ROOM - 3))
        bench = bench_in(script=script)
        data, finished = bench.get()
        assert (len(data), finished) == (ROOM, False)
        assert bench.get() == (b"x", True)
        assert script.commands().count(4) == 1

    @pytest.mark.rule("Q24", "15.1/state")
    def test_a_retried_stream_lacks_its_count(self) -> None:
        leave = Misbehaviour("leaves", AbCallback.InitialiseGetBackupDataL)
        bench = bench_in()
        client = bench.connect(Script(b"x"), misbehaviour=leave)
        assert code_of(bench.get) == KErrGeneral
        client.close()
        script = Script(b"x")
        bench.connect(script)
        assert bench.get() == (b"x", True)
        assert script.commands() == [4, 5]

    @pytest.mark.rule("15.1/state")
    def test_after_a_leave_in_a_later_transfer_there_is_no_initialise(self) -> None:
        bench = bench_in()
        client = bench.connect(Script(b"x" * 200_000))
        assert bench.get()[1] is False
        leaving = client.call
        client.call = failing  # type: ignore[method-assign]
        assert code_of(bench.get) == KErrGeneral
        client.call = leaving  # type: ignore[method-assign]
        data, finished = bench.get()
        assert finished
        assert len(data) == 200_000 - ROOM + 4

    @pytest.mark.rule("Q23")
    def test_readiness_is_not_looked_at(self) -> None:
        bench = bench_in()
        bench.connect(Script(b"x"), confirm=None)
        assert bench.get() == (NO_PROXIES + b"x", True)


def failing(command: int, arg1: int, arg2: int) -> int:
    from wire.symbian_errors import Leave

    raise Leave(KErrGeneral)


class TestSupply:
    @pytest.mark.rule("11.4/supply-1", "17/restore")
    @pytest.mark.parametrize("data_type", [BASE, INCREMENT])
    def test_delete_before_restore_comes_first_and_once(self, data_type: int) -> None:
        body = active() + '<passive_backup delete_before_restore="yes"/>'
        path = f"C:{ONE.private_directory}old.txt"
        bench = EngineBench({ONE: body}, files={path: b"old"})
        bench.enter(RESTORE)
        bench.connect(Script())
        bench.put(b"snapshot", SNAPSHOT)
        assert bench.phone.files.exists(path)
        bench.put(NO_PROXIES + b"x", data_type)
        assert not bench.phone.files.exists(path)
        bench.phone.files.install(path, b"new")
        bench.put(NO_PROXIES + b"x", INCREMENT)
        assert bench.phone.files.exists(path)

    @pytest.mark.rule("11.4/supply-2")
    def test_the_count_has_to_be_that_of_the_registration(self) -> None:
        bench = bench_in(RESTORE, script=Script())
        assert code_of(lambda: bench.put(b"\1\0\0\0")) == KErrCorrupt
        bench = bench_in(RESTORE, body=active() + proxy(TWO), script=Script())
        assert code_of(lambda: bench.put(NO_PROXIES)) == KErrCorrupt

    @pytest.mark.rule("11.4/supply-2")
    def test_an_owner_with_nothing_active(self) -> None:
        assert code_of(lambda: bench_in(RESTORE, body=PASSIVE).put(NO_PROXIES)) == KErrCorrupt

    @pytest.mark.rule("11.4/supply-2")
    def test_a_count_that_is_cut_short(self) -> None:
        assert code_of(lambda: bench_in(RESTORE, script=Script()).put(b"\0\0\0")) == KErrCorrupt

    @pytest.mark.rule("11.4/supply-4")
    def test_base_data_once(self) -> None:
        bench = bench_in(RESTORE, script=Script())
        bench.put(NO_PROXIES + b"x")
        assert code_of(lambda: bench.put(NO_PROXIES + b"x")) == KErrCorrupt

    @pytest.mark.rule("11.4/supply-5")
    def test_a_stream_goes_on(self) -> None:
        script = Script()
        bench = bench_in(RESTORE, script=script)
        bench.put(NO_PROXIES + b"a", finished=False)
        bench.put(b"b", finished=False)
        bench.put(b"c")
        assert script.calls == [(6, C), (7, 1, False), (7, 1, False), (7, 1, True)]
        bench.put(NO_PROXIES + b"i", INCREMENT)
        assert script.restored == b"abci"

    @pytest.mark.rule("11.4/no-order", "13.2/increments")
    def test_increments_need_nothing_before_them(self) -> None:
        script = Script()
        bench = bench_in(RESTORE, script=script)
        bench.put(NO_PROXIES + b"1", INCREMENT)
        bench.put(NO_PROXIES + b"2", INCREMENT)
        assert script.calls == [(8, C), (9, 1, True), (8, C), (9, 1, True)]
        bench.put(NO_PROXIES + b"base")
        assert bench.engine.owners[ONE].drive_states[C].increment_received

    @pytest.mark.rule("Q25", "13.2/none")
    def test_base_data_of_no_length_breaks_the_next_increment(self) -> None:
        script = Script()
        bench = bench_in(RESTORE, script=script)
        bench.put(NO_PROXIES)
        assert script.calls == []
        bench.put(NO_PROXIES + b"inc", INCREMENT)
        assert script.restored == NO_PROXIES + b"inc"  # the count came as if it were data

    @pytest.mark.rule("11.4/supply-2", "12.5/oldest")
    def test_without_a_session(self) -> None:
        assert code_of(lambda: bench_in(RESTORE).put(NO_PROXIES + b"x")) == KErrNotFound


def with_proxies(
    part: int, own: str = "", *, kind: str = "activeandproxy", others: str = ""
) -> tuple[EngineBench, Script, ProxyScript, ProxyScript]:
    """ONE, whose data is kept by TWO and THREE as well, all of them connected."""
    body = (own or active()) + proxy(TWO, THREE)
    bench = EngineBench({ONE: body, TWO: active(TWO, kind), THREE: active(THREE, kind)}, config=SMALL_HEAP)
    bench.enter(part)  # type: ignore[arg-type]
    scripts = (Script(b"own"), ProxyScript(b"two"), ProxyScript(b"three"))
    for sid, script in zip((ONE, TWO, THREE), scripts, strict=True):
        bench.connect(script, sid)
    return bench, *scripts


class TestProxyBackup:
    @pytest.mark.rule("14/stream", "14/backup")
    def test_a_stream(self) -> None:
        bench, own, two, three = with_proxies(BACKUP)
        assert bench.get() == (
            struct.pack("<I", 2) + record(TWO, b"two") + record(THREE, b"three") + b"own",
            True,
        )
        assert own.calls == [(4, C), (5, 4096)]
        assert two.calls == [(11, ONE, C), (5, 4096)]
        assert three.calls == [(11, ONE, C), (5, 4096)]

    @pytest.mark.rule("14/continued", "13.1/offer")
    def test_one_that_fills_the_room_goes_on(self) -> None:
        bench, own, two, three = with_proxies(BACKUP)
        room = ROOM - 4 - 12
        two.content = b"t" * (room + 5)
        first, finished = bench.get()
        assert not finished
        assert first[:16] == struct.pack("<I", 2) + record(TWO, b"t" * room, finished=False)[:12]
        assert len(first) == ROOM
        assert bench.get() == (record(TWO, b"t" * 5) + record(THREE, b"three") + b"own", True)
        assert two.commands().count(11) == 1
        assert own.commands() == [4, 5]
        assert three.commands() == [11, 5]

    @pytest.mark.rule("14/continued", "Q34")
    @pytest.mark.parametrize("spare", [1, 12])
    def test_too_little_room_for_a_header(self, spare: int) -> None:
        """TWO leaves 1 to 12 bytes: THREE cannot be begun, and the owner's own data goes into them first."""
        bench, own, two, _ = with_proxies(BACKUP)
        own.content = b"o" * 20
        two.content = b"t" * (ROOM - 4 - 12 - spare)
        first, finished = bench.get()
        assert not finished
        assert first.endswith(b"t" + b"o" * spare)
        assert len(first) == ROOM
        assert bench.get() == (record(THREE, b"three") + b"o" * (20 - spare), True)

    @pytest.mark.rule("14/continued")
    def test_one_byte_of_room_is_enough(self) -> None:
        bench, _, two, three = with_proxies(BACKUP)
        two.content = b"t" * (ROOM - 4 - 12 - 13)
        first, finished = bench.get()
        assert not finished
        assert first.endswith(record(THREE, b"t", finished=False))
        assert three.calls == [(11, ONE, C), (5, 1)]
        assert bench.get() == (record(THREE, b"hree") + b"own", True)

    @pytest.mark.rule("14/continued")
    def test_no_room_at_all(self) -> None:
        bench, own, two, three = with_proxies(BACKUP)
        two.content = b"t" * (ROOM - 4 - 12)
        assert bench.get()[1] is False
        assert own.calls == three.calls == []
        assert bench.get() == (record(THREE, b"three") + b"own", True)

    @pytest.mark.rule("14/continued", "14/only-proxies")
    @pytest.mark.parametrize("spare", [-5, 0, 12])
    def test_an_owner_with_proxies_only_is_not_finished_before_they_are(self, spare: int) -> None:
        bench, own, two, _ = with_proxies(BACKUP, PASSIVE)
        two.content = b"t" * (ROOM - 4 - 12 - spare)
        assert bench.get()[1] is False
        assert bench.get()[1] is True
        assert own.calls == []

    @pytest.mark.rule("11.4/request-1", "11.4/request-3")
    def test_proxies_are_asked_again_before_a_second_request_is_refused(self) -> None:
        bench, own, two, three = with_proxies(BACKUP)
        bench.get()
        assert code_of(bench.get) == KErrCorrupt
        assert own.commands() == [4, 5]
        assert two.commands() == three.commands() == [11, 5, 11, 5]

    @pytest.mark.rule("14/increment", "Q35")
    def test_increments_are_asked_for_in_the_same_way(self) -> None:
        bench, own, two, _ = with_proxies(BACKUP, active() + proxy())
        bench.engine.owners[ONE].drive_states[C].snapshot_received = True
        data, finished = bench.get(INCREMENT)
        assert finished
        assert data.endswith(b"own")
        assert two.calls == [(11, ONE, C), (5, 4096)]
        assert own.calls == [(4, C), (5, 4096)]

    @pytest.mark.rule("14/errors")
    def test_its_errors_pass_through(self) -> None:
        bench = EngineBench({ONE: proxy(TWO), TWO: active(TWO, "proxyonly")})
        bench.enter(BACKUP)
        assert code_of(bench.get) == KErrNotFound
        client = bench.connect(None, TWO)
        assert code_of(bench.get) == KErrNotReady
        client.close()
        leave = Misbehaviour("leaves", AbCallback.InitialiseGetProxyBackupDataL, -4)
        bench.connect(ProxyScript(b"x"), TWO, misbehaviour=leave)
        assert code_of(bench.get) == -4

    @pytest.mark.rule("14/snapshots")
    def test_no_snapshots_for_proxies(self) -> None:
        bench, _, two, _ = with_proxies(BACKUP)
        bench.get(SNAPSHOT)
        bench.put(b"s", SNAPSHOT, TWO)
        assert two.commands() == [1]
        alone = EngineBench({ONE: proxy(TWO)})
        alone.enter(BACKUP)
        assert code_of(lambda: alone.get(SNAPSHOT)) == KErrCorrupt

    @pytest.mark.rule("14/expected", "6/expected")
    def test_proxies_are_not_asked_for_sizes(self) -> None:
        bench, _, two, _ = with_proxies(BACKUP)
        assert bench.size() == 3
        assert two.calls == []
        alone = EngineBench({ONE: proxy(TWO)})
        alone.enter(BACKUP)
        assert alone.size() == 0

    @pytest.mark.rule("14/only-proxies")
    def test_an_owner_with_proxies_only_is_empty_the_second_time(self) -> None:
        bench = EngineBench({ONE: proxy(TWO), TWO: active(TWO, "proxyonly")})
        bench.enter(BACKUP)
        script = ProxyScript(b"x")
        bench.connect(script, TWO)
        assert bench.get() == (struct.pack("<I", 1) + record(TWO, b"x"), True)
        assert bench.get() == (b"", True)
        assert script.commands() == [11, 5]


class TestProxyRestore:
    STREAM = struct.pack("<I", 2) + record(TWO, b"two") + record(THREE, b"three") + b"own"

    @pytest.mark.rule("14/restore", "Q35")
    def test_base_data(self) -> None:
        bench, own, two, three = with_proxies(RESTORE)
        bench.put(self.STREAM)
        assert two.calls == [(12, ONE, C), (7, 3, True)]
        assert three.calls == [(12, ONE, C), (7, 5, True)]
        assert own.calls == [(6, C), (7, 3, True)]

    @pytest.mark.rule("Q35")
    def test_increments(self) -> None:
        bench, own, two, _ = with_proxies(RESTORE)
        bench.put(self.STREAM, INCREMENT)
        assert two.calls == [(8, C), (9, 3, True)]
        assert own.calls == [(8, C), (9, 3, True)]

    @pytest.mark.rule("14/restore")
    @pytest.mark.parametrize("cut", [4, 5, 15, 16, 18, 19, 30, 31, 35, 36, 38])
    def test_wherever_the_stream_is_cut(self, cut: int) -> None:
        bench, own, two, three = with_proxies(RESTORE)
        bench.put(self.STREAM[:cut], finished=False)
        bench.put(self.STREAM[cut:])
        assert (two.restored, three.restored, own.restored) == (b"two", b"three", b"own")
        for script, command in ((two, 12), (three, 12), (own, 6)):
            assert script.commands().count(command) == 1
            assert script.calls[-1][2] is True
            assert all(call[2] is False for call in script.calls[1:-1])

    @pytest.mark.rule("14/restore", "14/continued")
    def test_a_proxys_data_in_two_records(self) -> None:
        bench, own, two, _ = with_proxies(RESTORE)
        parts = record(TWO, b"t", finished=False) + record(TWO, b"wo") + record(THREE, b"three")
        bench.put(struct.pack("<I", 2) + parts + b"own")
        assert two.calls == [(12, ONE, C), (7, 1, False), (7, 2, True)]
        assert own.restored == b"own"

    @pytest.mark.rule("14/empty-record")
    def test_a_record_of_no_length(self) -> None:
        bench, own, two, three = with_proxies(RESTORE)
        bench.put(struct.pack("<I", 2) + record(TWO, b"") + record(THREE, b"3") + b"own")
        assert two.calls == []
        assert three.calls == [(12, ONE, C), (7, 1, True)]
        assert own.restored == b"own"

    @pytest.mark.rule("14/restore")
    def test_sids_have_to_come_in_order(self) -> None:
        bench, _, two, _ = with_proxies(RESTORE)
        wrong = struct.pack("<I", 2) + record(THREE, b"three") + record(TWO, b"two")
        assert code_of(lambda: bench.put(wrong)) == KErrCorrupt
        assert two.calls == []

    def test_a_negative_length(self) -> None:
        bench, *_ = with_proxies(RESTORE)
        wrong = struct.pack("<IIiI", 2, 1, -1, TWO)
        assert code_of(lambda: bench.put(wrong + b"xxx")) == KErrCorrupt

    @pytest.mark.rule("14/errors")
    def test_its_errors_pass_through(self) -> None:
        stream = struct.pack("<I", 1) + record(TWO, b"x")
        bench = EngineBench({ONE: proxy(TWO), TWO: active(TWO, "proxyonly")})
        bench.enter(RESTORE)
        assert code_of(lambda: bench.put(stream)) == KErrNotFound
        bench.client.all_system_files_restored()
        bench.connect(None, TWO)
        assert code_of(lambda: bench.put(stream)) == KErrNotReady

    @pytest.mark.rule("16.6/sequence")
    def test_there_and_back(self) -> None:
        bench, own, two, three = with_proxies(BACKUP)
        stream, _ = bench.get()
        bench.change(NORMAL)
        bench.enter(RESTORE)
        bench.put(stream)
        assert (two.restored, three.restored, own.restored) == (b"two", b"three", b"own")
