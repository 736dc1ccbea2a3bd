"""Unwrapping what is supplied (BE 10.2)."""

from __future__ import annotations

import struct

import pytest

from device_agent.emulator.clock import PhoneClock
from device_agent.emulator.engine.transfer import OutgoingSection, SectionDecoder
from device_agent.emulator.owners.misbehaving import Misbehaviour
from device_agent.emulator.scheduler import Scheduler
from tests.emulator.data.bench import C, code_of
from tests.emulator.engine.bench import (
    BASE,
    NO_PROXIES,
    NORMAL,
    ONE,
    RESTORE,
    SNAPSHOT,
    TWO,
    D,
    EngineBench,
    Script,
    active,
)
from wire.formats.container import MAX_BLOCK, SectionPacker, pack_section
from wire.symbian import AbCallback
from wire.symbian_errors import KErrCorrupt, KErrGeneral, KErrOverflow

TWO_BLOCKS = bytes(range(256)) * 257  # 65536 bytes and 256 more
SECTION = pack_section(TWO_BLOCKS)
BETWEEN = 12 + 8 + struct.unpack_from("<I", SECTION, 12)[0]
"""Where the first block of SECTION ends."""


def decoder(key: object = 1) -> SectionDecoder:
    decoder = SectionDecoder()
    decoder.begin(key)
    return decoder


def test_what_is_gathered_is_packed_while_a_host_is_waited_for_or_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed: list[bytes] = []
    pack = SectionPacker.add

    def noting(packer: SectionPacker, data: bytes) -> None:
        packed.append(data)
        pack(packer, data)

    monkeypatch.setattr(SectionPacker, "add", noting)
    scheduler = Scheduler(PhoneClock(lambda: 0.0, skips=True))
    section = OutgoingSection(scheduler)
    section.add(TWO_BLOCKS[:300])
    section.add(TWO_BLOCKS[300:4000])
    assert packed == []
    work, scheduler.meanwhile = scheduler.meanwhile, None
    assert work is not None
    work()
    assert packed == [TWO_BLOCKS[:300], TWO_BLOCKS[300:4000]]
    section.add(TWO_BLOCKS[4000:])
    assert section.size == len(TWO_BLOCKS)
    assert section.packed() == SECTION
    assert scheduler.meanwhile is None  # nothing is left to do


class TestDecoder:
    @pytest.mark.rule("10.2/cut-inside")
    @pytest.mark.parametrize("cut", [1, 4, 11, 12, 13, 19, 20, 21, BETWEEN - 1, BETWEEN + 1, BETWEEN + 8, -1])
    def test_cuts_inside(self, cut: int) -> None:
        taking = decoder()
        first = list(taking.feed(SECTION[:cut]))
        second = list(taking.feed(SECTION[cut:]))
        assert b"".join(block for block, _ in first + second) == TWO_BLOCKS
        assert [at_end for _, at_end in second][-1] is True
        assert not any(at_end for _, at_end in first)

    @pytest.mark.rule("10.2/last")
    def test_the_end_is_exactly_with_a_block(self) -> None:
        assert [at_end for _, at_end in decoder().feed(SECTION)] == [False, True]
        assert [at_end for _, at_end in decoder().feed(SECTION + b"\0")] == [False, False]

    @pytest.mark.rule("10.2/sections")
    def test_several_sections(self) -> None:
        blocks = list(decoder().feed(pack_section(b"one") + pack_section(b"two")))
        assert blocks == [(b"one", False), (b"two", True)]

    @pytest.mark.rule("10.2/sizes")
    @pytest.mark.parametrize(
        ("compressed", "uncompressed"),
        [(0xFFFFFFFF, 1), (1, 0xFFFFFFFF), (MAX_BLOCK + 1, 1), (1, MAX_BLOCK + 1), (0x80000000, 1)],
    )
    def test_sizes_that_cannot_be(self, compressed: int, uncompressed: int) -> None:
        section = struct.pack("<IIIII", 0, 0, 100, compressed, uncompressed)
        assert code_of(lambda: list(decoder().feed(section))) == KErrCorrupt

    @pytest.mark.rule("10.2/sizes")
    def test_the_largest_size_is_waited_for(self) -> None:
        section = struct.pack("<IIIII", 0, 0, 100, MAX_BLOCK, MAX_BLOCK)
        assert list(decoder().feed(section)) == []

    @pytest.mark.rule("10.2/zlib")
    def test_bad_data(self) -> None:
        section = bytearray(pack_section(b"x" * 100))
        section[20] ^= 0xFF
        assert code_of(lambda: list(decoder().feed(bytes(section)))) == -11502

    @pytest.mark.rule("10.2/zlib", "Q22")
    def test_bad_data_stays_where_it_is(self) -> None:
        section = bytearray(pack_section(b"x" * 100))
        section[20] ^= 0xFF
        taking = decoder()
        code_of(lambda: list(taking.feed(bytes(section))))
        taking.begin(1)
        assert code_of(lambda: list(taking.feed(pack_section(b"good")))) == -11502
        taking.begin(2)
        assert list(taking.feed(pack_section(b"good"))) == [(b"good", True)]

    @pytest.mark.rule("10.2/reset")
    def test_another_key_begins_anew(self) -> None:
        taking = decoder()
        assert list(taking.feed(SECTION[:30])) == []
        taking.begin(1)
        assert list(taking.feed(SECTION[30:40])) == []
        taking.begin(2)
        assert list(taking.feed(pack_section(b"new"))) == [(b"new", True)]

    @pytest.mark.rule("10.2/reset", "Q21")
    def test_a_cut_between_two_blocks(self) -> None:
        taking = decoder()
        assert [len(block) for block, _ in taking.feed(SECTION[:BETWEEN])] == [65536]
        assert code_of(lambda: list(taking.feed(SECTION[BETWEEN:]))) == KErrCorrupt

    @pytest.mark.rule("10.1/encrypted")
    def test_an_encrypted_section(self) -> None:
        assert code_of(lambda: list(decoder().feed(struct.pack("<III", 1, 0, 12)))) == KErrCorrupt

    def test_a_key_is_passed_over(self) -> None:
        section = pack_section(b"x")
        with_key = struct.pack("<III", 0, 5, len(section) + 5) + b"12345" + section[12:]
        assert list(decoder().feed(with_key + section)) == [(b"x", False), (b"x", True)]
        assert code_of(lambda: list(decoder().feed(struct.pack("<III", 0, 5, 17) + b"1234"))) == KErrOverflow

    def test_a_section_that_says_it_is_shorter(self) -> None:
        section = struct.pack("<III", 0, 0, 12) + pack_section(b"x")[12:]
        assert list(decoder().feed(section + section)) == [(b"x", False), (b"x", True)]


class TestSupply:
    def bench(self) -> tuple[EngineBench, Script]:
        bench = EngineBench({ONE: active(), TWO: active(TWO)}, drives="CDZ")
        bench.enter(RESTORE)
        script = Script()
        bench.connect(script)
        return bench, script

    @pytest.mark.rule("10.2/last")
    @pytest.mark.parametrize(("finished", "last"), [(True, True), (False, False)])
    def test_last_is_finished_and_at_the_end(self, finished: bool, last: bool) -> None:
        bench, script = self.bench()
        bench.put_raw(pack_section(b"one") + pack_section(b"two"), SNAPSHOT, finished=finished)
        assert script.calls == [(1, C, 3, False), (1, C, 3, last)]

    @pytest.mark.rule("Q19", "10.2/cut-inside", "16.7/truncated")
    def test_a_truncated_supply_succeeds(self) -> None:
        bench, script = self.bench()
        section = pack_section(NO_PROXIES + b"x" * 1000)
        bench.put_raw(section[:-1])
        assert script.calls == []
        bench.put_raw(section[-1:])  # and even goes on
        assert script.calls == [(6, C), (7, 1000, True)]

    @pytest.mark.rule("Q20")
    @pytest.mark.parametrize("finished", [True, False])
    def test_an_empty_supply_is_ignored(self, finished: bool) -> None:
        bench, script = self.bench()
        bench.put_raw(b"", finished=finished)
        assert script.calls == []
        assert bench.engine.owners[ONE].operation is None
        bench.put(NO_PROXIES + b"x")

    @pytest.mark.rule("Q21")
    def test_a_cut_between_blocks_breaks_decoding(self) -> None:
        bench, _ = self.bench()
        bench.put_raw(SECTION[:BETWEEN], SNAPSHOT, finished=False)
        assert code_of(lambda: bench.put_raw(SECTION[BETWEEN:], SNAPSHOT)) == KErrCorrupt

    @pytest.mark.rule("Q22")
    def test_state_survives_a_change_of_mode(self) -> None:
        bench, script = self.bench()
        section = pack_section(b"snapshot")
        bench.put_raw(section[:10], SNAPSHOT, finished=False)
        bench.change(NORMAL)
        bench.enter(RESTORE)
        script.calls.clear()
        bench.put_raw(section[10:], SNAPSHOT)
        assert script.calls == [(1, C, 8, True)]

    @pytest.mark.rule("Q22")
    def test_state_survives_an_error(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.enter(RESTORE)
        leave = Misbehaviour("leaves", AbCallback.ReceiveSnapshotDataL)
        old = bench.connect(Script(), misbehaviour=leave)
        assert code_of(lambda: bench.put_raw(SECTION, SNAPSHOT)) == KErrGeneral
        old.close()
        script = Script()
        bench.connect(script)
        bench.put_raw(b"", SNAPSHOT)  # what the error left behind comes out now
        assert script.calls == [(1, C, 256, True)]

    @pytest.mark.rule("10.2/reset")
    @pytest.mark.parametrize("other", ["sid", "drive", "kind"])
    def test_another_sid_drive_or_kind_begins_anew(self, other: str) -> None:
        from wire.formats.serialised import PackageTransfer, write_generic

        bench, script = self.bench()
        section = pack_section(b"snapshot")
        bench.put_raw(section[:10], SNAPSHOT, finished=False)
        if other == "sid":
            bench.put_raw(section[:5], SNAPSHOT, TWO, finished=False)
        elif other == "drive":
            transfer = bench.transfer(SNAPSHOT, drive=D)
            bench.client.supply_data(transfer, section[:5], finished=False)
        else:
            bench.client.supply_data(write_generic(PackageTransfer(C, ONE, 0)), section[:5], finished=False)
        bench.put(b"whole", SNAPSHOT)
        assert script.calls == [(1, C, 5, True)]

    @pytest.mark.rule("10.2/reset")
    def test_another_data_type_does_not(self) -> None:
        bench, script = self.bench()
        section = pack_section(NO_PROXIES + b"data")
        bench.put_raw(section[:10], SNAPSHOT, finished=False)
        bench.put_raw(section[10:], BASE)
        assert script.restored == b"data"
