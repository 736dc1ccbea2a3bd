"""The short form of `make chaos`, and that it would notice what it is there to notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.archive import BackupSet
from harness.handset import Handset
from tests.agent.built import core_library
from tests.chaos.__main__ import table
from tests.chaos.one_run import CheckedOwner, Ending, Run
from tests.chaos.simulated import Hang, SimulatedTransport
from wire.fault_plan import FaultPlan, parse_plan
from wire.protocol.streams import IncomingStream

AGENTS = ("python", "core")
CLEAN = FaultPlan()


@pytest.fixture(params=AGENTS)
def agent(request: pytest.FixtureRequest) -> str:
    if request.param == "core":
        core_library()
    return str(request.param)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_and_nothing_hangs(seed: int, agent: str, tmp_path: Path) -> None:
    outcome = Run(seed, agent, tmp_path).play()
    assert outcome.is_good, outcome


@pytest.mark.parametrize(
    "seed",
    [
        298,  # the engine ends of itself in a restore, and the host changes the mode in the midst of its callbacks
        438,
    ],
)
def test_what_was_found_once_stays_mended(seed: int, tmp_path: Path) -> None:
    outcome = Run(seed, "python", tmp_path).play()
    assert outcome.is_good, outcome


@pytest.mark.parametrize(
    ("plan", "ending"),
    [
        ("seed=1", Ending.DONE),
        ("flip=1e-6,lose=1e-6,swap=1e-4,seed=2", Ending.DONE),
        ("stall@9000=3,seed=3", Ending.DONE),
        ("reboot@9000=1,seed=4", Ending.DONE_AGAIN),
        ("restart@9000,seed=5", Ending.DONE_AGAIN),
        ("unplug@9000=6,seed=6", Ending.DONE_AGAIN),
        ("deaf@9000=6,seed=7", Ending.DONE_AGAIN),
        ("engine@9000,seed=8", Ending.ERROR),
        ("flip=1e-2,seed=9", Ending.ERROR),
    ],
)
def test_how_a_plan_ends(plan: str, ending: Ending, agent: str, tmp_path: Path) -> None:
    outcome = Run(0, agent, tmp_path, parse_plan(plan)).play()
    assert (outcome.ending, outcome.is_good) == (ending, True), outcome


def test_the_same_seed_is_the_same_run(agent: str, tmp_path: Path) -> None:
    first, second = (Run(3, agent, tmp_path / name).play() for name in ("first", "second"))
    assert first == second


# ------------------------------------------------------------------- broken once, each is noticed


def test_a_wrong_byte_that_an_owner_gets_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = CheckedOwner.restore_base_data_section

    def wrong(self: CheckedOwner, data: bytes, finished: bool) -> None:
        right(self, bytes([data[0] ^ 1]) + data[1:], finished)

    monkeypatch.setattr(CheckedOwner, "restore_base_data_section", wrong)
    assert Run(0, "python", tmp_path, CLEAN).play().ending is Ending.WRONG


def test_a_wrong_byte_in_a_backup_set_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = BackupSet.contents
    monkeypatch.setattr(BackupSet, "contents", lambda self, key: right(self, key)[:-1] + b"?")
    assert Run(0, "python", tmp_path, CLEAN).play().ending is Ending.WRONG


def test_a_hang_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IncomingStream, "finished", False)
    monkeypatch.setattr("harness.connection.CALL_TIMEOUT_S", 1e6)
    monkeypatch.setattr("harness.connection.ENGINE_TIMEOUT_S", 1e6)
    assert Run(0, "python", tmp_path, CLEAN).play().ending is Ending.HANG


def test_a_fault_of_ours_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Handset) -> bool:
        raise KeyError("nothing of the kind")

    monkeypatch.setattr(Handset, "recover", broken)
    assert Run(0, "python", tmp_path, CLEAN).play().ending is Ending.FAULT


def test_a_phone_that_is_left_in_a_mode_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from device_agent.emulator.operations import HostOperations
    from harness.backup import Run as HarnessRun

    monkeypatch.setattr(HarnessRun, "_return_to_normal", lambda self: None)
    monkeypatch.setattr(HostOperations, "return_to_normal", lambda self: None)
    monkeypatch.setattr(HostOperations, "end", lambda self: None)
    outcome = Run(0, "python", tmp_path, CLEAN).play()
    assert not outcome.normal
    assert not outcome.is_good


def test_figures_are_a_table(tmp_path: Path) -> None:
    text = table([Run(0, "python", tmp_path, CLEAN).play()], 0, 1)
    assert "| done at the first attempt | 1 |" in text
    assert "| wrong bytes | 0 |" in text


def test_a_simulated_line_gives_up_at_its_deadline() -> None:
    from tests.chaos.simulated import SimulatedLine
    from wire.protocol.handshake import LOCAL

    line = SimulatedLine(deadline_s=10)
    line.phone.wakes_at = 1e9
    transport = SimulatedTransport(line, LOCAL)
    transport.exchange([], 11.0)
    with pytest.raises(Hang):
        transport.exchange([], 1.0)
