"""Faults between harness and phone: whatever the line does, what arrives is right or the call says why not."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from harness.connection import Connection
from harness.errors import HandsetLost, LinkClosed, Misuse
from harness.handset import Handset
from harness.transport.spoiled import SpoiledTransport
from tests.lab.owners import NotebookOwner
from tests.phone_in_thread import PhoneInThread, phone_in_thread
from wire.fault_plan import parse_plan
from wire.formats.container import unpack_sections
from wire.symbian import Drive, TTransferDataType

C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData


@pytest.fixture
def the_phone() -> Iterator[PhoneInThread]:
    with phone_in_thread() as it:
        yield it


def spoiled(phone: PhoneInThread, plan: str) -> SpoiledTransport:
    return SpoiledTransport(phone.transport(), parse_plan(plan))


@pytest.mark.parametrize(
    "plan",
    [
        "flip=1e-5,seed=1",
        "lose=2e-5,seed=2",
        "repeat=1e-4,seed=3",
        "cut=5e-3,seed=4",
        "swap=5e-3,seed=5",
        "noise=3e-3,seed=6",
        "delay=1e-2,seed=7",
        "flip=2e-6,lose=2e-6,repeat=1e-5,cut=1e-3,swap=1e-3,noise=2e-3,delay=2e-3,seed=8",
        "stall@30000=0.5,seed=9",
        "deaf@30000=0.4,seed=10",
        "rfcomm,flip=1e-6,seed=11",
    ],
)
def test_content_survives_the_line(the_phone: PhoneInThread, plan: str) -> None:
    content = random.Random(plan).randbytes(40_000)
    transport = spoiled(the_phone, plan)
    with Handset.open(transport) as handset:
        owner = NotebookOwner(content)
        with handset.attach(owner) as slot:
            with handset.backup(partial=[slot.sid]) as run:
                run.wait_ready(slot.sid)
                sections = run.request(slot.sid, C, BASE)
            with handset.restore(partial=[slot.sid]) as restore:
                restore.all_system_files_restored()
                restore.wait_ready(slot.sid)
                restore.supply(slot.sid, C, BASE, [sections])
        assert b"".join(unpack_sections(sections)) == b"\0\0\0\0" + content
        assert owner.restored == [content]
        # Each callback was made once, however often its frames were sent.
        assert [call.detail.get("size") for call in owner.calls].count(4096) >= 9
        assert handset.properties.mode().is_normal


def test_a_pulled_cable_is_a_lost_handset_and_the_plan_is_in_the_message(the_phone: PhoneInThread) -> None:
    transport = spoiled(the_phone, "unplug@2000=1,seed=3")
    handset = Handset.open(transport)

    def use_it() -> None:
        for _ in range(100):
            handset.properties.mode()

    with pytest.raises(LinkClosed, match=r"unplug@2000=1\.0,seed=3"):
        use_it()
    handset.close()


def test_a_line_that_stays_dead_is_given_up(the_phone: PhoneInThread) -> None:
    transport = spoiled(the_phone, "stall@2000=3600")
    handset = Handset.open(transport)
    connection: Connection = handset.connection
    begin = connection.clock()
    # Ten times as fast as the wall's clock, so that four seconds of silence do not take four.
    connection.clock = lambda real=connection.clock: begin + 10 * (real() - begin)  # type: ignore[misc]

    def use_it() -> None:
        for _ in range(1000):
            handset.properties.mode()

    with pytest.raises(HandsetLost):
        use_it()
    handset.close()


def test_what_happens_in_the_phone_is_not_for_the_line(the_phone: PhoneInThread) -> None:
    with pytest.raises(Misuse, match="give it to the emulated handset"):
        spoiled(the_phone, "reboot@5")
