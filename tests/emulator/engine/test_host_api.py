"""The host API: which mode each call needs, and the checks before each transfer (BE 6, 11.1)."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests.emulator.data.bench import C, code_of
from tests.emulator.engine.bench import (
    BACKUP,
    INCREMENT,
    NO_PROXIES,
    NORMAL,
    ONE,
    PARTIAL,
    PARTIAL_RESTORE,
    PASSIVE,
    RESTORE,
    SNAPSHOT,
    THREE,
    TWO,
    D,
    EngineBench,
    Script,
    active,
    proxy,
)
from wire.formats.serialised import (
    JavaTransfer,
    PackageTransfer,
    SecureIdentity,
    SidTransfer,
    write_generic,
)
from wire.symbian_errors import (
    KErrAccessDenied,
    KErrArgument,
    KErrCorrupt,
    KErrNone,
    KErrNotFound,
    KErrNotReady,
    KErrNotSupported,
)

N, B, R = NORMAL, BACKUP, RESTORE
DENIED = KErrAccessDenied
Call = Callable[[EngineBench], object]

PUBLIC = '<public_backup><include_file name="c:\\x.txt"/></public_backup>'

# Each call, and what it is answered in normal, in a backup and in a restore.
CALLS: dict[str, tuple[Call, int, int, int]] = {
    "list": (lambda b: b.client.list_data_owners(), 0, DENIED, DENIED),
    "sid list": (lambda b: b.client.set_sid_list_for_partial([ONE]), 0, DENIED, DENIED),
    "status": (lambda b: b.client.sid_status([ONE]), DENIED, 0, 0),
    "size": (lambda b: b.size(), DENIED, 0, DENIED),
    "request": (lambda b: b.get(), DENIED, 0, 0),
    "supply": (lambda b: b.put(b"s", SNAPSHOT), DENIED, 0, 0),
    "snapshots": (lambda b: b.client.all_snapshots_supplied(), DENIED, 0, DENIED),
    "system files": (lambda b: b.client.all_system_files_restored(), 0, 0, 0),
    "public": (lambda b: b.client.public_file_list(ONE, C), DENIED, 0, DENIED),
    "raw public": (lambda b: b.client.raw_public_file_list(ONE, C), DENIED, 0, DENIED),
    "large public": (lambda b: b.client.large_public_file_list(ONE, C, 0, 999), DENIED, 0, DENIED),
    "public XML": (lambda b: b.client.public_file_list_xml(), DENIED, KErrNotSupported, DENIED),
}


def bench_in(part: int, owners: dict[int, str] | None = None, script: Script | None = None) -> EngineBench:
    bench = EngineBench(owners or {ONE: active() + PUBLIC})  # type: ignore[arg-type]
    if part != NORMAL:
        bench.enter(part)  # type: ignore[arg-type]
        bench.connect(script or Script(b"x"))
    return bench


@pytest.mark.rule(
    "6/list", "6/sid-list", "6/status", "6/expected", "6/request", "6/supply", "6/all-snapshots",
    "6/all-system-files", "6/public", "6/public-xml", "11.1/1", "Q13", "16.7/normal",
)  # fmt: skip
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("part", [N, B, PARTIAL, R, PARTIAL_RESTORE])
def test_the_mode_that_each_call_needs(name: str, part: int) -> None:
    call, normal, backup, restore = CALLS[name]
    expected = {N: normal, B: backup, PARTIAL: backup, R: restore, PARTIAL_RESTORE: restore}
    bench = bench_in(part)
    assert code_of(lambda: call(bench)) == expected[part]  # type: ignore[index]


class TestLists:
    @pytest.mark.rule("6/sid-list", "Q12")
    def test_the_partial_list_is_replaced_and_survives(self) -> None:
        bench = bench_in(NORMAL)
        assert bench.engine.partial_list is None
        bench.client.set_sid_list_for_partial([ONE, TWO])
        bench.client.set_sid_list_for_partial([TWO])
        bench.change(BACKUP)
        bench.change(NORMAL)
        assert bench.engine.partial_list == (TWO,)

    @pytest.mark.rule("6/public")
    def test_public_lists_want_a_drive_of_the_mode_and_an_owner(self) -> None:
        bench = bench_in(BACKUP)
        for call in (
            bench.client.public_file_list,
            bench.client.raw_public_file_list,
            lambda sid, drive: bench.client.large_public_file_list(sid, drive, 0, 999),
        ):
            assert code_of(lambda c=call: c(ONE, D)) == KErrArgument  # type: ignore[misc]
            assert code_of(lambda c=call: c(THREE, C)) == KErrNotFound  # type: ignore[misc]
            assert code_of(lambda c=call: c(THREE, D)) == KErrArgument  # type: ignore[misc]


class TestExpectedSize:
    @pytest.mark.rule("6/expected")
    def test_who_is_asked(self) -> None:
        script = Script(b"x" * 77)
        bench = bench_in(BACKUP, script=script)
        assert [bench.size(data_type) for data_type in (4, 5, 6)] == [0, 77, 77]
        assert script.calls == [(2, C), (2, C)]

    @pytest.mark.rule("6/expected")
    @pytest.mark.parametrize("body", [PASSIVE, proxy(TWO), active(kind="proxyonly") + PASSIVE])
    @pytest.mark.parametrize("data_type", [4, 5, 6])
    def test_who_counts_nothing(self, body: str, data_type: int) -> None:
        bench = EngineBench({ONE: body})
        bench.enter(BACKUP)
        assert bench.size(data_type) == 0

    @pytest.mark.rule("6/expected")
    def test_its_errors(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(BACKUP)
        assert code_of(lambda: bench.size(sid=TWO)) == KErrNotFound
        assert code_of(bench.size) == KErrNotFound
        bench.connect(None)
        assert code_of(bench.size) == KErrNotReady
        for data_type in (0, 7, 8, 9):
            assert code_of(lambda t=data_type: bench.size(t)) == KErrNotSupported  # type: ignore[misc]

    def test_a_passive_owner_on_another_drive(self) -> None:
        bench = EngineBench({ONE: PASSIVE})
        bench.enter(BACKUP)
        assert code_of(lambda: bench.size(2, drive=D)) == KErrNotFound


class TestChecks:
    """BE 11.1, in the order of its steps."""

    @pytest.mark.rule("11.1/1")
    def test_the_direction_is_not_checked(self) -> None:
        bench = bench_in(RESTORE)
        assert bench.get() == (NO_PROXIES + b"x", True)
        bench = bench_in(BACKUP)
        bench.put(NO_PROXIES + b"x")

    @pytest.mark.rule("11.1/2")
    @pytest.mark.parametrize(
        ("transfer", "code"),
        [
            (b"", KErrCorrupt),
            (b"\2\0\0", KErrCorrupt),
            (struct.pack("<I", 7), KErrCorrupt),
            (struct.pack("<I", 2), KErrCorrupt),
            (struct.pack("<II", 2, 2), KErrArgument),
            (struct.pack("<IIII", 2, 2, ONE, 5) + b"\0", KErrArgument),
            (struct.pack("<I", 6), KErrArgument),
            (write_generic(SecureIdentity(ONE)), KErrNotSupported),
        ],
    )
    def test_transfer_types(self, transfer: bytes, code: int) -> None:
        bench = bench_in(BACKUP)
        assert code_of(lambda: bench.client.request_data(transfer)) == code
        assert code_of(lambda: bench.client.supply_data(transfer, b"", finished=True)) == code
        assert code_of(lambda: bench.client.expected_data_size(transfer)) == code

    @pytest.mark.rule("11.1/2", "11.1/6")
    @pytest.mark.parametrize("data_type", [0, 7, 8, 9, 0xFFFFFFFF])
    def test_data_types_that_are_none(self, data_type: int) -> None:
        bench = bench_in(BACKUP)
        assert code_of(lambda: bench.get(data_type)) == KErrNotSupported
        assert code_of(lambda: bench.put(b"x", data_type)) == KErrNotSupported

    @pytest.mark.rule("11.1/3")
    def test_a_supply_is_unwrapped_before_anything_is_looked_up(self) -> None:
        bench = bench_in(BACKUP)
        encrypted = struct.pack("<III", 1, 0, 100)
        assert code_of(lambda: bench.put_raw(encrypted, 0)) == KErrCorrupt
        assert code_of(lambda: bench.put_raw(encrypted, sid=TWO)) == KErrCorrupt
        bench.put_raw(b"", sid=THREE)  # nothing to unwrap: nobody is looked for

    @pytest.mark.rule("11.1/4")
    def test_unknown_and_unparsed_owners(self) -> None:
        bench = bench_in(BACKUP, {ONE: active() + "<", TWO: active(TWO)}, None)
        assert code_of(lambda: bench.get(sid=THREE)) == KErrNotFound
        assert code_of(lambda: bench.put(b"x", SNAPSHOT, THREE)) == KErrNotFound
        assert code_of(lambda: bench.put(b"x", SNAPSHOT)) == KErrNotReady
        assert code_of(bench.get) == KErrNotFound  # it has no drives

    @pytest.mark.rule("11.1/4")
    def test_java_suites_are_not_there(self) -> None:
        bench = bench_in(BACKUP)
        java = write_generic(JavaTransfer(C, 0, "x" * 32))
        assert code_of(lambda: bench.client.request_data(java)) == KErrNotFound

    def test_a_drive_that_is_none(self) -> None:
        bench = bench_in(BACKUP)
        transfer = struct.pack("<IIII", 2, 26, ONE, 5)
        assert code_of(lambda: bench.client.request_data(transfer)) == KErrNotFound
        transfer = struct.pack("<IIII", 2, 25, ONE, 5)
        assert code_of(lambda: bench.client.request_data(transfer)) == KErrNotFound

    @pytest.mark.rule("11.1/5", "16.7/same-owner")
    def test_one_operation_at_a_time(self) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)}, drives="CDZ", config='<heap size="131072"/>')
        bench.enter(BACKUP)
        bench.connect(Script(b"x" * 200_000, snapshot=b"s"))
        bench.connect(Script(b"two"), TWO)
        assert bench.get()[1] is False
        for other in (
            lambda: bench.get(SNAPSHOT),
            lambda: bench.get(INCREMENT),
            lambda: bench.get(drive=D),
            lambda: bench.put(b"s", SNAPSHOT),
            lambda: bench.put(NO_PROXIES),  # the same type in the other direction
        ):
            assert code_of(other) == KErrNotReady
        assert bench.get(sid=TWO)[1]  # another owner's is its own
        assert bench.get()[1]
        assert bench.get(SNAPSHOT) == (b"s", True)
        assert bench.get(drive=D)[1] is False

    @pytest.mark.rule("11.1/5")
    def test_an_error_ends_an_operation(self) -> None:
        bench = EngineBench({ONE: active()}, config='<heap size="131072"/>')
        bench.enter(BACKUP)
        client = bench.connect(Script(b"x" * 200_000, snapshot=b"s"))
        assert bench.get()[1] is False
        session = client.session
        prime, session._prime = session._prime, None
        assert code_of(bench.get) == KErrNotReady
        session._prime = prime
        assert bench.get(SNAPSHOT) == (b"s", True)

    @pytest.mark.rule("11.1/5")
    def test_an_error_ends_a_supply(self) -> None:
        bench = bench_in(RESTORE)
        bench.put(b"s", SNAPSHOT, finished=False)
        assert code_of(lambda: bench.put(NO_PROXIES + b"x")) == KErrNotReady
        assert code_of(lambda: bench.put(b"s", SNAPSHOT, drive=D)) == KErrNotReady
        session = bench.engine.sessions.find(ONE)
        assert session is not None
        prime, session._prime = session._prime, None
        assert code_of(lambda: bench.put(b"s", SNAPSHOT)) == KErrNotReady
        session._prime = prime
        bench.put(NO_PROXIES + b"x")

    @pytest.mark.rule("16.7/interleaved")
    def test_two_owners_in_turn(self) -> None:
        bench = EngineBench({ONE: active(), TWO: active(TWO)}, config='<heap size="131072"/>')
        bench.enter(BACKUP)
        got = {}
        for sid in (ONE, TWO):
            bench.connect(Script(bytes([sid & 0xFF]) * 200_000), sid)
            got[sid] = b""
        for _ in range(2):
            for sid in (ONE, TWO):
                data, finished = bench.get(sid=sid)
                got[sid] += data
        assert finished
        assert got == {sid: NO_PROXIES + bytes([sid & 0xFF]) * 200_000 for sid in (ONE, TWO)}

    @pytest.mark.rule("11.2/flags")
    def test_state_is_fresh_with_each_listing(self) -> None:
        bench = bench_in(BACKUP)
        bench.get()
        bench.change(NORMAL)
        bench.enter(BACKUP)
        assert bench.get()[1]


def test_packages_and_owners_are_told_apart() -> None:
    bench = bench_in(BACKUP)
    transfer = write_generic(PackageTransfer(C, ONE, 0))
    assert code_of(lambda: bench.client.request_data(transfer)) == KErrNotFound
    assert code_of(lambda: bench.client.request_data(write_generic(SidTransfer(C, ONE, 5)))) == KErrNone


def test_each_message_opens_and_closes_in_the_log() -> None:
    bench = bench_in(NORMAL)
    lines = bench.log
    bench.client.set_sid_list_for_partial([ONE])
    assert lines == [
        "CSBESession::ServiceL() - ESBEMsgSetSIDListPartial for thread: test.exe[e0f1b000]0001::Main",
        "CSBESession::ServiceL() - Completed OK for thread: test.exe[e0f1b000]0001::Main",
    ]
    lines.clear()
    assert code_of(lambda: bench.client.sid_status([])) == DENIED
    assert lines == [
        "CSBESession::ServiceL() - ESBEMsgPrepSIDStatus for thread: test.exe[e0f1b000]0001::Main",
        "CDataOwnerManager::RequestDataL() - *Error: called in the wrong mode",
    ]
