"""`symhil lab export`: a machine that comes to a running lab with phones of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.emulated import EmulatedHandset
from harness.errors import LabUnavailable
from harness.identity import hashed_imei
from harness.lab.config import HandsetEntry, LabgridLink
from harness.lab.open import open_handset
from tests.labgrid.demo_lab import DemoLab

pytestmark = pytest.mark.timeout(300)


@contextlib.contextmanager
def export(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A machine with one phone on a serial port, once it says that it exports it."""
    with EmulatedHandset() as phone:
        (folder / "lab_config.yaml").write_text(
            f"handsets: [{{name: desk-phone, tags: [desk], links: [serial: {phone.where}]}}]", encoding="utf-8"
        )
        command = [
            sys.executable,
            "-P",
            "-m",
            "harness",
            "lab",
            "export",
            "--name=desk",
            "--host=127.0.0.9",
            *options,
        ]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait() == 0


def client(*arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("labgrid-client")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def without_its_place(lab: DemoLab) -> Iterator[None]:
    """What this machine brings is taken away again."""
    yield
    client("-p", "desk-phone", "delete")


@pytest.mark.usefixtures("without_its_place")
def test_a_phone_with_who_it_is_and_what_belongs_to_it(lab: DemoLab, tmp_path: Path) -> None:
    (tmp_path / "power.yaml").write_text("desk-phone: {NetworkPowerPort: {model: gude, host: x, index: 3}}")
    with export(tmp_path, f"--coordinator={lab.coordinator}", "--also=power.yaml") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("desk exports desk-phone to 127.0.0.1:")
        resources = client("-v", "resources", "desk/desk-phone/*")
        identity = hashed_imei("004401012345678")
        for part in (
            f"'identity': '{identity}'",
            "'model': 'Emulated S60 handset'",
            "NetworkPowerPort",
            "'tags': 'desk'",
        ):
            assert part in resources
        assert "004401012345678" not in resources
        link = LabgridLink(kind="labgrid", tags={"desk": "yes", "model": "emulated_s60_handset"})
        with open_handset(HandsetEntry(name="x", links=(link,), identity=identity, allow_restore=True)) as handset:
            assert not handset.allow_restore  # the desk's own configuration does not allow it
        with (
            pytest.raises(LabUnavailable, match="has the identity 0123456789ab, but on labgrid:desk-phone"),
            open_handset(HandsetEntry(name="x", links=(link,), identity="0123456789ab")),
        ):
            pass
    assert (tmp_path / "desk-phone.pcapng").stat().st_size > 0
    lab.wait_until_all_is_released(13)


@pytest.mark.usefixtures("without_its_place")
def test_an_exporter_and_a_bridge_that_die_are_started_again(lab: DemoLab, tmp_path: Path) -> None:
    with export(tmp_path, f"--coordinator={lab.coordinator}") as process:
        assert process.stdout is not None
        process.stdout.readline()
        link = LabgridLink(kind="labgrid", place="desk-phone")
        with open_handset(HandsetEntry(name="x", links=(link,))) as handset:
            os.kill(child_of(process.pid, "harness.labgrid.exporter"), signal.SIGKILL)
            assert "the exporter has ended with -9 and is started again" in process.stdout.readline()
            assert "desk exports desk-phone" in process.stdout.readline()
            assert handset.properties.mode().is_normal  # over the bridge, which has noticed nothing
            os.kill(child_of(process.pid, "bridge"), signal.SIGKILL)
            assert "the bridge of desk-phone has ended and is started again" in process.stdout.readline()
            assert handset.reconnect().properties.mode().is_normal
    lab.wait_until_all_is_released(13)


def test_who_names_his_phone_as_another_does(lab: DemoLab, tmp_path: Path) -> None:
    with export(tmp_path, f"--coordinator={lab.coordinator}", "--name=desk") as process:
        assert process.stdout is not None
        process.stdout.readline()
        client("-p", "desk-phone", "add-match", "rack1/rack1-1/*")
        other = tmp_path / "other"
        other.mkdir()
        with export(other, f"--coordinator={lab.coordinator}", "--name=shelf") as second:
            assert second.stdout is not None
            assert "the place desk-phone is for desk/desk-phone/*, rack1/rack1-1/*" in second.stdout.readline()
    client("-p", "desk-phone", "delete")


def child_of(parent: int, word: str) -> int:
    """The child of a process with this word in its command."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if above == parent and word in (folder / "cmdline").read_bytes().decode().split("\0"):
                return int(folder.name)
    raise AssertionError(f"process {parent} has no child {word}")
