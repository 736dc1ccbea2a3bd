"""The guard on speed that no clock is needed for: what a frame, a megabyte, a call and a callback cost in counts.

Each limit is a little above what is there now. Whoever reaches one has made each frame or each call dearer; if
that is right, raise it and say why.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType

import pytest

from harness.backup import BackupRun
from harness.data_owner import DataOwner
from tests.bench.counting import Cost, cost_of
from tests.phone_in_thread import PhoneInThread, phone_in_thread
from tests.wire.protocol.pair import PHONE_SIZED, Pair
from wire.layout import codec_of
from wire.protocol.messages.files import FILE_READ, FileRead
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, Drive, SecureId, TTransferDataType

SIZE = 1 << 20
FRAMES = SIZE // 4096


class Transfer:
    """A megabyte from the phone's end to the host's, in one thread and in simulated time."""

    def __init__(self) -> None:
        self._pair = Pair(PHONE_SIZED)
        self._pair.settle()
        request = codec_of(FILE_READ.request).build(FileRead("C:\\x", 0, SIZE))
        self._call = self._pair.host_calls.ask(FILE_READ, request, deadline_ms=1000)
        self._pair.settle()
        asked = self._pair.phone_calls.incoming.popleft()
        self._pair.phone_calls.answer(asked, b"", [random.Random(1).randbytes(SIZE)])
        self._left = SIZE
        self._frames: list[bytes] = []

    def send(self) -> None:
        self._frames += self._pair.phone.outgoing(0.0)

    def receive(self) -> None:
        for frame in self._frames:
            self._pair.host.receive(frame, 0.0)
        self._frames.clear()
        self._pair.host_calls.process()
        stream = self._call.download
        assert stream is not None
        self._left -= sum(map(len, stream.take()))
        self._pair.host_calls.grant(stream)

    def run(self) -> tuple[Cost, Cost]:
        """Gives what sending and receiving took."""
        sending, receiving = [], []
        while self._left:
            sending.append(cost_of(self.send))
            receiving.append(cost_of(self.receive))
            for frame in self._pair.host.outgoing(0.0):
                self._pair.phone.receive(frame, 0.0)
            self._pair.phone_calls.process()
        return _sum(sending), _sum(receiving)

    @property
    def frames(self) -> int:
        """How many went in both directions."""
        return self._pair.phone.counters.frames_sent + self._pair.host.counters.frames_sent


def _sum(costs: list[Cost]) -> Cost:
    return Cost(*map(sum, zip(*costs, strict=True)))


def test_a_frame_is_copied_three_times_on_its_way_out_and_three_times_in() -> None:
    sending, receiving = Transfer().run()
    assert sending.copies <= 3.1 * FRAMES  # put together, stuffed, put between flags
    assert receiving.copies <= 3.1 * FRAMES  # taken apart at flags, at escapes, put together


def test_a_frame_costs_few_calls() -> None:
    sending, receiving = Transfer().run()
    assert sending.calls <= 37 * FRAMES
    assert receiving.calls <= 69 * FRAMES


def test_a_megabyte_takes_few_frames() -> None:
    transfer = Transfer()
    transfer.run()
    assert transfer.frames <= 1.2 * FRAMES  # each full, and one acknowledgement for half a window


def test_a_call_is_a_write_a_wait_and_a_read() -> None:
    with phone_in_thread() as phone, phone.handset() as handset:
        ask = partial(handset.properties.get, SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)
        ask()
        cost = min(cost_of(ask) for _ in range(5))
    assert cost.system_calls == 3
    assert cost.calls <= 111


def test_a_megabyte_takes_few_system_calls() -> None:
    with phone_in_thread() as phone, phone.handset() as handset:
        handset.files.write("C:\\x", bytes(SIZE))
        cost = min(cost_of(lambda: handset.files.read("C:\\x")) for _ in range(3))
    # A frame in eight is acknowledged at once; a read takes what is there.
    assert cost.system_calls <= FRAMES


class Answering(DataOwner):
    """Answers at once: a size, and 64 KiB of zeros."""

    given = 0

    def get_expected_data_size(self, drive: Drive) -> int:
        return 1

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        self.given += size
        return bytes(size), self.given >= 1 << 16


def calls_of_the_phone(phone: PhoneInThread, work: Callable[[], object]) -> int:
    """How many functions, in Python and in C, the phone's thread calls meanwhile; the first and last may miss."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    post = phone.agent.phone.scheduler.post
    post(lambda: sys.setprofile(count))
    work()
    post(lambda: sys.setprofile(None))
    return calls


@pytest.fixture
def phone_in_backup() -> Iterator[tuple[PhoneInThread, BackupRun, SecureId]]:
    with (
        phone_in_thread() as phone,
        phone.handset() as handset,
        handset.attach(Answering()) as slot,
        handset.backup(partial=[slot.sid]) as run,
    ):
        run.wait_ready(slot.sid)
        yield phone, run, slot.sid


C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData


def test_a_relayed_callback_costs_the_phone_few_calls(
    phone_in_backup: tuple[PhoneInThread, BackupRun, SecureId],
) -> None:
    phone, run, sid = phone_in_backup
    calls = calls_of_the_phone(phone, lambda: [run.expected_size(sid, C, BASE) for _ in range(50)])
    assert calls <= 318 * 50


def test_a_block_of_a_backup_costs_the_phone_few_calls(
    phone_in_backup: tuple[PhoneInThread, BackupRun, SecureId],
) -> None:
    phone, run, sid = phone_in_backup
    calls = calls_of_the_phone(phone, lambda: list(run.sections(sid, C, BASE)))
    assert calls <= 241 * 16
