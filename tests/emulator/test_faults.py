"""Faults in the phone and on its line: what `symhil emulate --faults` does, what the harness says."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from device_agent.emulator.__main__ import main
from device_agent.emulator.engine.panic import EnginePanic
from harness.emulated import EmulatedHandset
from harness.errors import EngineError, HandsetLost, HandsetRestarted, HilError, LinkSilent, Misuse
from harness.handset import Handset
from tests.agent.built import core_library
from tests.agent.line import KINDS, Line
from tests.agent.owners import attach, enter_backup
from tests.lab.owners import NotebookOwner
from wire.formats.container import unpack_sections
from wire.layout import codec_of
from wire.protocol.messages.phone import LEASE, Lease
from wire.symbian import Drive, SecureId, TTransferDataType
from wire.symbian_errors import KErrServerTerminated

C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData
CONTENT = random.Random(3).randbytes(60_000)
FIRST_SLOT = SecureId(0xE0F1B001)


@contextlib.contextmanager
def faulty(plan: str, agent: str = "python", *, tcp: bool = False) -> Iterator[Handset]:
    if agent == "core":
        core_library()
    options = ("--faults", plan)
    with (
        EmulatedHandset(agent=agent, tcp=tcp, options=options) as emulated,
        Handset.open(emulated.open(), plug_in=emulated.open) as handset,
    ):
        yield handset


def back_up(handset: Handset) -> bytes:
    slot = handset.attach(NotebookOwner(CONTENT))
    with handset.backup(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        return run.request(slot.sid, C, BASE)


def restored(handset: Handset, container: bytes) -> NotebookOwner:
    owner = NotebookOwner(b"")
    slot = handset.attach(owner)
    with handset.restore(partial=[slot.sid]) as run:
        run.all_system_files_restored()
        run.wait_ready(slot.sid)
        run.supply(slot.sid, C, BASE, [container])
    return owner


def test_bytes_that_are_lost_and_damaged_are_repaired() -> None:
    with faulty("flip=5e-6,lose=1e-5,repeat=2e-5,cut=1e-3,swap=1e-3,noise=1e-3,seed=5") as handset:
        assert b"".join(unpack_sections(back_up(handset))).endswith(CONTENT)
        assert handset.connection.counters.resent or handset.connection.counters.damaged


@pytest.mark.parametrize(("agent", "event"), [("core", "restart@40000"), ("python", "reboot@40000=0.2")])
def test_what_starts_anew_in_a_backup_is_told_from_silence_and_is_there_again(agent: str, event: str) -> None:
    with faulty(f"{event},seed=1", agent) as handset:
        handset.files.write("C:\\kept.txt", b"written before")
        with pytest.raises(HandsetRestarted) as caught:
            back_up(handset)
        assert any("could not be brought back to normal" in note for note in caught.value.__notes__)
        again = handset.reconnect()
        again.recover()
        assert again.properties.mode().is_normal
        assert again.files.read("C:\\kept.txt") == b"written before"
        container = back_up(again)
        assert b"".join(unpack_sections(container)).endswith(CONTENT)
        assert again.connection.phone.boot_id != handset.connection.phone.boot_id


def test_an_engine_that_panics_in_a_call_is_an_error_of_that_call() -> None:
    with faulty("engine@40000,seed=1") as handset:
        with pytest.raises(EngineError) as caught:
            back_up(handset)
        assert caught.value.code == KErrServerTerminated
        handset.recover()
        assert handset.properties.mode().is_normal


def test_an_owner_that_dies_is_an_error_of_the_call_it_dies_in() -> None:
    with faulty(f"kill@40000={FIRST_SLOT},seed=1") as handset:
        with pytest.raises(EngineError):
            back_up(handset)
        assert handset.properties.mode().is_normal


@pytest.mark.parametrize(("event", "tcp"), [("unplug@40000=4.5", True)])
def test_a_line_that_is_gone_for_longer_than_the_link_waits_is_reported(event: str, tcp: bool) -> None:
    with faulty(f"{event},seed=1", tcp=tcp) as handset:
        with pytest.raises(LinkSilent):
            back_up(handset)
        again = handset.reconnect()
        again.recover()
        assert again.properties.mode().is_normal


def test_a_short_stall_is_only_waited_for() -> None:
    with faulty("stall@40000=1.2,seed=1") as handset:
        container = back_up(handset)
        assert restored(handset, container).restored[-1] == CONTENT


def test_nobody_has_said_how_to_open_the_line_again() -> None:
    with (
        EmulatedHandset() as emulated,
        Handset.open(emulated.open()) as handset,
        pytest.raises(Misuse, match="nobody has said how to open"),
    ):
        handset.reconnect()


def test_a_phone_that_does_not_come_back_is_given_up() -> None:
    with (
        EmulatedHandset(tcp=True) as emulated,
        Handset.open(emulated.open(), plug_in=emulated.open) as handset,
    ):
        emulated.close()
        with pytest.raises(HandsetLost):
            handset.properties.mode()
        with pytest.raises(HilError, match="nothing answers"):
            handset.reconnect(timeout_s=0.0)


def test_the_plan_with_its_seed_is_said(tmp_path: Path) -> None:
    log = tmp_path / "emulator.log"
    with EmulatedHandset(log=log, options=("--faults", "uart,flip=1e-7")):
        assert log.read_text().startswith("faults: uart,flip=1e-07,seed=")


def test_a_wrong_plan_is_one_sentence() -> None:
    result = CliRunner().invoke(main, ["--faults", "flap=1"])
    assert result.exit_code == 2
    assert "did you mean 'flip'?" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_host_loses_its_mode_also_when_the_engine_has_panicked_in_it(kind: str) -> None:
    line = Line(kind)
    line.connect()
    line.call(LEASE, codec_of(Lease).build(Lease(5000)))
    enter_backup(line, [attach(line)])
    phone = line.agent.phone
    phone.engine_panicked(EnginePanic("SBE:", 1))
    assert not phone.backup_mode.is_normal
    line.is_mute = True
    line.settle(4.0)
    assert not phone.backup_mode.is_normal
    line.settle(4.0)
    assert phone.backup_mode.is_normal
