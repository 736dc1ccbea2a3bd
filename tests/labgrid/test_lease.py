"""A place that is ours: had, waited for, refused, and given back however its owner ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigError, LabUnavailable, WriteRefused
from harness.lab.config import HandsetEntry, LabgridLink
from harness.lab.open import open_handset
from harness.labgrid.lease import Lease
from tests.labgrid.demo_lab import DemoLab

pytestmark = pytest.mark.timeout(300)


def link(**fields: Any) -> LabgridLink:
    return LabgridLink(kind="labgrid", **fields)


@pytest.fixture
def lease(lab: DemoLab) -> Iterator[Lease]:
    leased = Lease(link(place="rack1-1"), wait_s=30.0)
    yield leased
    leased.release()
    lab.wait_until_all_is_released()


def test_a_place_by_its_name(lab: DemoLab, lease: Lease) -> None:
    leased = lease.where()
    assert leased.place == "rack1-1"
    assert leased.host == "127.0.0.1"
    assert leased.power
    assert lab.places()["rack1-1"].acquired == lease.owner
    with pytest.raises(LabUnavailable, match=rf"place rack1-1 is acquired by {lease.owner}\n  -> wait for it"):
        Lease(link(place="rack1-1"))


def test_who_waits_gets_it_when_it_is_given_back(lease: Lease) -> None:
    script = """
from harness.labgrid.lease import Lease
from harness.lab.config import LabgridLink
print(Lease(LabgridLink(kind="labgrid", place="rack1-1"), wait_s=60).where().place, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as other:
        lease.release()
        assert other.stdout is not None
        assert other.stdout.readline() == "rack1-1\n"


def test_as_many_by_tags_as_there_are_and_no_more(lab: DemoLab) -> None:
    leases = [Lease(link(tags={"rack3": "yes"}), wait_s=30.0) for _ in range(4)]
    try:
        assert len({one.where().place for one in leases}) == 4
        assert {one.where().host for one in leases} == {"127.0.0.3"}
        with pytest.raises(
            LabUnavailable, match=r"no place with the tags rack3=yes is free: rack3-\d+ \(.*symhil-"
        ):
            Lease(link(tags={"rack3": "yes"}))
    finally:
        for one in leases:
            one.release()
    lab.wait_until_all_is_released()


@pytest.mark.parametrize(
    ("fields", "kind", "says"),
    [
        (
            {"place": "n8"},
            ConfigError,
            r"the coordinator has no place n8; there are: rack1-1, .*labgrid-client places",
        ),
        (
            {"tags": {"platform": "s60v9"}},
            LabUnavailable,
            "the coordinator has no place with the tags platform=s60v9",
        ),
        (
            {"place": "n8", "coordinator": "127.0.0.1:1"},
            LabUnavailable,
            r"no labgrid coordinator answers on 127.0.0.1:1\n  -> is there a coordinator on 127.0.0.1:1\?",
        ),
    ],
    ids=["no such place", "no such tags", "no coordinator"],
)
def test_what_cannot_be_had(lab: DemoLab, fields: dict[str, Any], kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=f"(?s){says}"):
        Lease(link(**fields))
    lab.wait_until_all_is_released()


def test_an_owner_that_is_killed(lab: DemoLab) -> None:
    script = """
import os, signal
from harness.labgrid.lease import Lease
from harness.lab.config import LabgridLink
held = Lease(LabgridLink(kind="labgrid", place="rack1-4"), wait_s=30)
print(held.owner, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == -signal.SIGKILL
    assert "symhil-" in result.stdout
    lab.wait_until_all_is_released()


def test_a_keeper_that_is_killed(lab: DemoLab) -> None:
    lease = Lease(link(place="rack1-4"), wait_s=30.0)
    os.kill(lease._process.pid, signal.SIGKILL)
    lease._process.wait()
    assert lab.places()["rack1-4"].acquired == lease.owner  # which the coordinator does not notice
    lease.release()
    lab.wait_until_all_is_released()


def test_nothing_is_taken_away_from_who_has_a_place_after_the_coordinator_was_started_anew(lease: Lease) -> None:
    """Its locks are lost then, and another one may have been quicker: what is given back is only what is ours."""
    wish = {**lease._wish, "user": "somebody-else", "give_back": "rack1-1"}
    command = [sys.executable, "-m", "harness.labgrid.keeper", json.dumps(wish)]
    subprocess.run(command, input=b"", check=True)
    with pytest.raises(LabUnavailable, match=f"place rack1-1 is acquired by {lease.owner}"):
        Lease(link(place="rack1-1"))


def test_what_the_phone_s_own_machine_forbids_stays_forbidden(
    lab: DemoLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = HandsetEntry(name="any", links=(link(place="rack2-5"),), allow_restore=True)
    with open_handset(entry) as handset:
        handset.files.write("C:\\x.txt", b"x")
        assert handset.connection.transport.name.startswith("labgrid:rack2-5 (127.0.0.2:")
    take = Lease.where
    monkeypatch.setattr(Lease, "where", lambda self: take(self)._replace(allow_restore=False))
    with open_handset(entry) as handset, pytest.raises(WriteRefused):
        handset.files.write("C:\\x.txt", b"x")
    lab.wait_until_all_is_released()


DEAD = """
import os, signal
from pathlib import Path

HERE = Path(__file__).parent

def kill_phone(handset):
    # The emulated phone's process: the child of its bridge, which a pull of the battery would end as well.
    port = handset.connection.transport.name.rpartition(":")[2].rstrip(")")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"device_agent.emulator" in words and is_bridge(parent, port):
                os.kill(int(folder.name), signal.SIGKILL)
                return
        except OSError:
            continue
    raise AssertionError("there is no such process")

def is_bridge(pid, port):
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\\0")
    device = (HERE / "place").read_text()
    return b"bridge" in words and f"--device={device}".encode() in words

def test_1_dies(handset):
    (HERE / "place").write_text(handset.connection.transport.name.split(":")[1].split(" ")[0])
    kill_phone(handset)
    handset.properties.mode()

def test_2_has_it_again(handset):
    assert handset.properties.mode() is not None
"""


@pytest.mark.parametrize("allowed", [True, False], ids=["power cycle allowed", "not allowed"])
def test_a_dead_phone_is_brought_back_with_its_power(lab: DemoLab, tmp_path: Path, allowed: bool) -> None:
    (tmp_path / "test_dead.py").write_text(DEAD, encoding="utf-8")
    (tmp_path / "lab.yaml").write_text(
        "handsets: [{name: one, allow_restore: yes, links: [labgrid: rack3-6], "
        f"allow_power_cycle: {str(allowed).lower()}}}]",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "test_dead.py", "-p", "no:randomly", "--hil-backend=lab"]
    command += ["--hil-config=lab.yaml", "--hil-reconnect=0", "--hil-artifacts=out"]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 11, result.stdout + result.stderr
    verdicts = json.loads((tmp_path / "out" / "results.json").read_text())["verdicts"]
    outcomes = [verdict["outcome"] for verdict in verdicts]
    journals = "".join(path.read_text() for path in (tmp_path / "out").glob("*test_2*/journal.jsonl"))
    if allowed:
        assert outcomes == ["failed", "passed"], result.stdout
        assert "its power was switched off and on, since it did not answer" in journals
    else:
        assert outcomes == ["failed", "not run"], result.stdout
        assert "the emulated handset has crashed" in result.stdout
        lease = Lease(link(place="rack3-6"), wait_s=30.0)
        lease.power_cycle()  # so that others have the phone again
        lease.release()
    lab.wait_until_all_is_released()
