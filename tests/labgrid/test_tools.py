"""A labgrid user: his environment file with our driver, labgrid's own tools, his tests and ours."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from harness.errors import LabUnavailable
from harness.handset import Handset
from harness.transport.tcp import open_tcp
from tests.labgrid.demo_lab import DemoLab

pytestmark = pytest.mark.timeout(300)

PLACE = "rack2-2"
ENVIRONMENT = f"""
targets:
  main:
    resources:
      RemotePlace: {{name: {PLACE}}}
    drivers:
      NetworkPowerDriver: {{delay: 0.1}}
      SymbianAgentDriver: {{allow_restore: true}}
      SymbianStrategy: {{}}
imports:
  - harness.labgrid.strategy
"""

HIS_TESTS = """
import pytest
from harness.errors import LabUnavailable
from labgrid.strategy import StrategyError

def test_states(target, strategy):
    agent = target.get_driver("SymbianAgentDriver", activate=False)
    for state, part in [
        ("agent", "EBUR"), ("backup", "EBURBackupFull"), ("normal", "EBURNormal"),
        ("restore", "EBURRestoreFull"), ("normal", "EBURNormal"),
    ]:
        strategy.transition(state)
        assert part in str(agent.handset.properties.mode()), state
    strategy.transition("backup")
    run = strategy.run
    assert run.owners
    strategy.transition("agent")
    assert run.returned_to_normal
    strategy.transition("off")
    assert strategy.run is None
    assert not strategy.power.get()
    with pytest.raises(LabUnavailable, match="switched off"):
        target.activate(agent)
    strategy.transition("normal")
    assert strategy.power.get()
    assert agent.handset.is_emulated and agent.handset.name == "rack2-2"
    agent.handset.files.write("C:\\\\his.txt", b"his")

def test_a_state_that_there_is_not(strategy):
    with pytest.raises(StrategyError) as caught:
        strategy.transition("shell")
    assert "off, agent, normal, backup, restore" in str(caught.value.__cause__)
"""

OUR_TESTS = """
from harness.data_owner import DataOwner
from wire.symbian import Drive, TTransferDataType

class Notebook(DataOwner):
    def get_backup_data_section(self, size):
        return b"through labgrid"[:size], True

def test_our_fixtures_take_the_phone_over(strategy, request):
    strategy.transition("normal")
    first = strategy.agent.handset
    handset = request.getfixturevalue("handset")
    assert first.connection.is_lost and not handset.connection.is_lost

def test_with_our_fixtures(data_owner, backup_run, handset):
    assert handset.name == "rack2-2"
    slot = data_owner(Notebook())
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        (section,) = run.sections(slot.sid, Drive.parse("C"), TTransferDataType.EActiveBaseData)
"""


def program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def client(*arguments: str) -> str:
    """labgrid's own tool; what it prints."""
    result = subprocess.run([program("labgrid-client"), *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def acquired(lab: DemoLab, tmp_path: Path) -> Iterator[Path]:
    """The user's folder, while he has a place."""
    (tmp_path / "env.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    environment = str(tmp_path / "env.yaml")
    assert f"acquired place {PLACE}" in client("-c", environment, "acquire")
    yield tmp_path
    assert f"released place {PLACE}" in client("-c", environment, "release")
    lab.wait_until_all_is_released()


def run_pytest(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "test_it.py",
        "-p",
        "no:randomly",
        "--lg-env=env.yaml",
        *options,
    ]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_places_are_listed_with_their_tags(lab: DemoLab) -> None:
    assert len(client("places").split()) == 12
    shown = client("-p", PLACE, "show")
    assert re.search(r"tags:.*kind=symbian.*rack2=yes", shown)
    resources = client("-v", "resources")
    assert "'protocol': 'raw'" in resources
    assert "'kind': 'symbian'" in resources


def test_his_own_tests_bring_the_phone_from_state_to_state(acquired: Path) -> None:
    result = run_pytest(acquired, HIS_TESTS)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 passed" in result.stdout


def test_our_fixtures_work_on_his_target(acquired: Path) -> None:
    result = run_pytest(acquired, OUR_TESTS, "--hil-backend=labgrid")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 passed" in result.stdout
    assert "1 tests on a handset, 0 not passed" in result.stdout


def test_without_a_target_our_fixtures_say_what_is_missing(lab: DemoLab, tmp_path: Path) -> None:
    (tmp_path / "env.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    result = run_pytest(tmp_path, OUR_TESTS, "--hil-backend=labgrid")
    assert result.returncode == 10
    assert f"labgrid: place {PLACE} is not acquired" in result.stdout


@pytest.mark.skipif(
    not (shutil.which("microcom") or shutil.which("telnet")), reason="needs microcom: `make tools`"
)
def test_a_console_has_the_phone_for_itself(lab: DemoLab, acquired: Path) -> None:
    """labgrid's console is a terminal on the bridge: while it is open nobody else gets in, and is told why."""
    place = next(line for line in client("-c", str(acquired / "env.yaml"), "env").splitlines() if "port:" in line)
    port = int(place.partition(":")[2])
    console = pexpect.spawn(program("labgrid-client"), ["-c", str(acquired / "env.yaml"), "console"], timeout=60)
    try:
        console.expect("connecting to NetworkSerialPort")
        console.expect("connected to 127.0.0.2|Connected to 127.0.0.2")
        with pytest.raises(LabUnavailable, match=f"{PLACE} is in use by 127.0.0.1"):
            Handset.open(open_tcp("127.0.0.2", port))
    finally:
        console.terminate(force=True)
        console.close()


def test_a_console_is_told_who_has_the_phone(acquired: Path) -> None:
    """The other way round: what a person reads in a terminal while a run has the phone."""
    place = next(line for line in client("-c", str(acquired / "env.yaml"), "env").splitlines() if "port:" in line)
    port = int(place.partition(":")[2])
    with Handset.open(open_tcp("127.0.0.2", port)):
        console = pexpect.spawn(
            program("labgrid-client"), ["-c", str(acquired / "env.yaml"), "console"], timeout=60
        )
        console.expect(f"symhil bridge: {PLACE} is in use by .*symhil")
        console.expect(pexpect.EOF)
        console.close()
