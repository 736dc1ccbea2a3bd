"""How data is cut into callbacks (BE 13); callbacks are written as their numbers and arguments."""

from __future__ import annotations

import pytest

from device_agent.emulator.owners.misbehaving import Misbehaviour
from tests.emulator.data.bench import C, code_of
from tests.emulator.engine.bench import (
    BACKUP,
    INCREMENT,
    NO_PROXIES,
    ONE,
    RESTORE,
    SNAPSHOT,
    EngineBench,
    Script,
    active,
)
from wire.symbian import AbCallback
from wire.symbian_errors import KErrNotReady

ROOM = 128658
"""What one request can yield with the smallest heap (BE 10.3)."""


def backup(script: Script, *, config: str = '<heap size="131072"/>') -> EngineBench:
    bench = EngineBench({ONE: active()}, config=config)
    bench.enter(BACKUP)
    bench.connect(script)
    return bench


def restore(script: Script) -> EngineBench:
    bench = EngineBench({ONE: active()})
    bench.enter(RESTORE)
    bench.connect(script)
    return bench


class TestExamples:
    """The table of BE 13.3."""

    @pytest.mark.rule("13.3/backup-8000")
    def test_8000_bytes_out(self) -> None:
        script = Script(b"B" * 8000)
        assert backup(script).get() == (NO_PROXIES + b"B" * 8000, True)
        assert script.calls == [(4, C), (5, 4096), (5, 4096)]

    @pytest.mark.rule("13.3/restore-8000")
    def test_8000_bytes_back(self) -> None:
        script = Script()
        restore(script).put(NO_PROXIES + b"B" * 8000)
        assert script.calls == [(6, C), (7, 4096, False), (7, 3904, True)]
        assert script.restored == b"B" * 8000

    @pytest.mark.rule("13.3/backup-4096")
    def test_4096_bytes_finished_at_once(self) -> None:
        script = Script(b"x" * 4096)
        assert backup(script).get() == (NO_PROXIES + b"x" * 4096, True)
        assert script.calls == [(4, C), (5, 4096)]

    @pytest.mark.rule("13.3/backup-4096-late", "13.1/late-end")
    def test_4096_bytes_noticed_late(self) -> None:
        script = Script(b"x" * 4096, late=True)
        assert backup(script).get() == (NO_PROXIES + b"x" * 4096, True)
        assert script.calls == [(4, C), (5, 4096), (5, 4096)]

    @pytest.mark.rule("13.3/backup-0", "13.1/zero")
    def test_nothing_out(self) -> None:
        script = Script()
        bench = backup(script)
        assert bench.get() == (NO_PROXIES, True)
        assert script.calls == [(4, C), (5, 4096)]
        assert bench.get(SNAPSHOT) == (b"", True)
        assert bench.client.transfer_data_info().data == b""  # not even a section

    @pytest.mark.rule("13.3/restore-0", "13.2/none")
    @pytest.mark.parametrize("data_type", [5, 6])
    def test_nothing_back(self, data_type: int) -> None:
        script = Script()
        restore(script).put(NO_PROXIES, data_type)
        assert script.calls == []

    @pytest.mark.rule("13.3/snapshot-backup")
    def test_a_snapshot_out(self) -> None:
        script = Script(snapshot=b"s" * 5000)
        assert backup(script).get(SNAPSHOT) == (b"s" * 5000, True)
        assert script.calls == [(3, 4096, 4096), (3, 4096, 4096)]

    @pytest.mark.rule("13.3/snapshot-supply")
    def test_a_snapshot_back(self) -> None:
        script = Script()
        restore(script).put(b"s" * 5000, SNAPSHOT)
        assert script.calls == [(1, C, 4096, False), (1, C, 904, True)]

    @pytest.mark.rule("13.3/backup-full", "13.1/edge-finished", "13.1/offer")
    def test_a_full_transfer(self) -> None:
        script = Script(b"f" * 2074484)
        data, finished = backup(script, config="").get()
        assert (len(data), finished) == (2074488, True)
        assert script.calls == [(4, C)] + [(5, 4096)] * 506 + [(5, 1908)]

    @pytest.mark.rule("13.3/backup-full-late", "13.1/edge-unfinished")
    def test_a_full_transfer_noticed_late(self) -> None:
        script = Script(b"f" * (ROOM - 4), late=True)
        bench = backup(script)
        data, finished = bench.get()
        assert (len(data), finished) == (ROOM, False)
        assert script.calls == [(4, C)] + [(5, 4096)] * 31 + [(5, 1678)]
        assert bench.get() == (b"", True)
        assert bench.client.transfer_data_info().data == b""
        assert script.calls[33:] == [(5, 4096)]

    @pytest.mark.rule("13.3/restore-100000", "13.2/cuts")
    def test_100000_bytes_back(self) -> None:
        script = Script()
        restore(script).put(NO_PROXIES + b"r" * 100_000)
        assert script.calls == (
            [(6, C)] + [(7, 4096, False)] * 15 + [(7, 4092, False)] + [(7, 4096, False)] * 8 + [(7, 1700, True)]
        )


class TestRequest:
    @pytest.mark.rule("13.1/short", "13.1/initialise")
    def test_fewer_bytes_than_offered(self) -> None:
        script = Script(b"0123456789", sections=(3, 0, 4, 3))
        assert backup(script).get() == (NO_PROXIES + b"0123456789", True)
        assert script.calls == [(4, C)] + [(5, 4096)] * 4

    @pytest.mark.rule("13.1/offer")
    def test_what_is_left_is_offered(self) -> None:
        """A short section in between makes the last offer longer."""
        script = Script(b"x" * (ROOM - 4), sections=(4000,))
        data, finished = backup(script).get()
        assert (len(data), finished) == (ROOM, True)
        assert script.calls == [(4, C)] + [(5, 4096)] * 31 + [(5, ROOM - 4 - 4000 - 30 * 4096)]

    @pytest.mark.rule("13.1/initialise")
    def test_no_initialise_for_snapshots(self) -> None:
        script = Script(snapshot=b"s")
        backup(script).get(SNAPSHOT)
        assert script.commands() == [3]

    @pytest.mark.rule("Q33")
    def test_nothing_for_a_while(self) -> None:
        """Each empty section costs a little of the phone's time, so that something else can happen."""
        script = Script(b"x" * 9, sections=(0,) * 200 + (1,) * 8)
        bench = backup(script)
        assert bench.get() == (NO_PROXIES + b"x" * 9, True)
        assert script.commands().count(5) == 209
        assert bench.phone.clock.now() == pytest.approx(0.2)

    @pytest.mark.rule("Q33")
    @pytest.mark.parametrize("data_type", [SNAPSHOT, 5])
    def test_nothing_for_ever(self, data_type: int) -> None:
        """No limit, and the watchdog begins anew each time: only the owner's end ends it."""
        callback = AbCallback.GetSnapshotDataL if data_type == SNAPSHOT else AbCallback.GetBackupDataSectionL
        bench = EngineBench({ONE: active(others='callback_delay_time="10000"')})
        bench.enter(BACKUP)
        bench.connect(Script(b"x"), misbehaviour=Misbehaviour("gives-nothing", callback))
        bench.phone.clock.call_later(0.5, bench.process().end)
        assert code_of(lambda: bench.get(data_type)) == KErrNotReady
        assert bench.phone.clock.now() == pytest.approx(0.5, abs=0.01)


class TestSupply:
    @pytest.mark.rule("13.2/pieces")
    @pytest.mark.parametrize(
        ("size", "pieces"), [(1, [1]), (4095, [4095]), (4096, [4096]), (4097, [4096, 1]), (8192, [4096, 4096])]
    )
    def test_pieces(self, size: int, pieces: list[int]) -> None:
        script = Script()
        restore(script).put(b"p" * size, SNAPSHOT)
        lasts = [False] * (len(pieces) - 1) + [True]
        assert script.calls == [(1, C, piece, last) for piece, last in zip(pieces, lasts, strict=True)]

    @pytest.mark.rule("13.2/pieces")
    def test_no_piece_is_last_in_a_block_that_is_not(self) -> None:
        script = Script()
        restore(script).put(b"p" * 5000, SNAPSHOT, finished=False)
        assert [call[3] for call in script.calls] == [False, False]

    @pytest.mark.rule("13.2/increments")
    def test_each_increment_is_announced(self) -> None:
        script = Script()
        bench = restore(script)
        for part in (b"1", b"22"):
            bench.put(NO_PROXIES + part, INCREMENT)
        assert script.calls == [(8, C), (9, 1, True), (8, C), (9, 2, True)]
