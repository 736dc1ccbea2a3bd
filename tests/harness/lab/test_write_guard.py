"""No frame that writes goes to a phone whose entry does not say allow_restore: true, whatever the tests try."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.options import entry_for
from harness.errors import WriteRefused
from harness.handset import Handset
from harness.write_guard import HARMLESS, writes
from tests.harness.lab.wire_tap import AskedOf, tapped_handset
from tests.phone_in_thread import phone_in_thread
from wire.formats.serialised import PackageTransfer, SidTransfer, write_generic
from wire.protocol.messages import METHODS
from wire.protocol.messages import engine as m
from wire.protocol.messages.method import Asker
from wire.symbian import SecureId, TTransferDataType

ROOT = Path(__file__).parents[3]

WRITING = {
    "property set",
    "all system files restored",
    "folder make",
    "file write",
    "file delete",
    "file set attributes",
    "emulator install package",
    "emulator remove package",
}
DEPENDS = {"set BUR mode", "supply data"}
RESTORE_PARTS = {0x08, 0x10}
SNAPSHOT_TYPES = {1, 4}


def wrote(asked: AskedOf) -> bool:
    """The same judgement as the guard's, made of the wire's numbers alone."""
    if asked.name == "set BUR mode":
        part = asked.request[2]
        return part in RESTORE_PARTS
    if asked.name == "supply data":
        kind = asked.request[3]
        assert isinstance(kind, bytes)
        data_type = kind[12:16]
        return kind[:4] != b"\2\0\0\0" or int.from_bytes(data_type, "little") not in SNAPSHOT_TYPES
    return asked.name in WRITING


def test_every_operation_of_the_host_has_been_judged() -> None:
    by_host = {method.name for method in METHODS.values() if method.asker is Asker.HOST}
    harmless = {method.name for method in METHODS.values() if method in HARMLESS}
    assert not harmless & (WRITING | DEPENDS)
    assert harmless | WRITING | DEPENDS == by_host


@pytest.mark.parametrize("data_type", TTransferDataType)
def test_supplied_data_is_harmless_only_as_a_snapshot(data_type: TTransferDataType) -> None:
    transfer = write_generic(SidTransfer(2, SecureId(0xE0F1A001), data_type))
    request = m.DataSupply(False, True, 1, transfer)
    assert writes(m.SUPPLY_DATA, request) == ("Snapshot" not in data_type.name)
    assert wrote(AskedOf("supply data", request)) == writes(m.SUPPLY_DATA, request)


@pytest.mark.parametrize("transfer", [b"", b"\xff" * 16, write_generic(PackageTransfer(2, 1, 1))])
def test_supplied_data_that_nobody_can_read_is_not_harmless(transfer: bytes) -> None:
    assert writes(m.SUPPLY_DATA, m.DataSupply(False, True, 1, transfer))


def test_the_message_says_whose_entry_and_what_to_do() -> None:
    with phone_in_thread() as phone, Handset.open(phone.transport(), name="n8", allow_restore=False) as handset:
        with pytest.raises(WriteRefused, match=r"nothing is written to n8 .file delete.: its entry does not say"):
            handset.files.delete("C:\\a.txt")
        with pytest.raises(WriteRefused), handset.restore(partial=[]):
            pass
        assert handset.properties.mode().is_normal


def test_a_port_of_the_lab_keeps_what_its_entry_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lab_config.yaml").write_text(
        "handsets: [{name: n8, links: [serial: /dev/ttyACM1, bluetooth: /dev/rfcomm0]}]"
    )
    entry = entry_for(None, "", "/dev/../dev/rfcomm0")
    assert (entry.name, entry.allow_restore, len(entry.links)) == ("n8", False, 1)
    assert entry_for(None, "", "/dev/ttyACM9").allow_restore


def run_lab_suite(folder: Path, port: int, *arguments: str, allow: bool) -> str:
    config = folder / "lab.yaml"
    entry = f"- name: n8\n    links: [{{tcp: {{port: {port}}}}}]\n    allow_restore: {'yes' if allow else 'no'}"
    config.write_text(f"handsets:\n  {entry}\n")
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-rs", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command += ["--hil-backend=lab", f"--hil-config={config}", f"--basetemp={folder / 'tmp'}", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_over_the_whole_suite_no_frame_writes_to_a_phone_that_does_not_allow_it(tmp_path: Path) -> None:
    with tapped_handset() as tap:
        said = run_lab_suite(tmp_path, tap.port, "--hil-collect-logs", "tests/lab", allow=False)
    asked = tap.requests()
    assert len(asked) > 1000
    assert [one for one in asked if wrote(one)] == []
    assert {one.name for one in asked} >= {"request data", "set BUR mode", "file read"}
    assert re.search(
        r"SKIPPED .*nothing is written to n8 .set BUR mode.: its entry does not say allow_restore", said
    )


def test_the_witness_sees_what_is_written_where_it_is_allowed(tmp_path: Path) -> None:
    with tapped_handset() as tap:
        run_lab_suite(tmp_path, tap.port, "tests/lab/test_relayed_owner.py", "-k", "incremental", allow=True)
    written = {one.name for one in tap.requests() if wrote(one)}
    assert written == {"set BUR mode", "supply data", "all system files restored"}
