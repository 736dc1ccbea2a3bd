"""The command line, as a person meets it: what it prints, what it returns, what it leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from harness.archive import BackupSet
from harness.emulated import EmulatedHandset
from harness.handset import Handset
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, BurMode, Drive, SecureId, TTransferDataType

C = Drive.parse("C")
PASSIVE_OWNER = SecureId(0x10005399)
TUTORIAL = "0xE0F1A001"

ONE_OWNER_THERE_AND_BACK = """
from tests.lab.owners import NotebookOwner
from wire.symbian import Drive, TTransferDataType

C, BASE = Drive.parse("C"), TTransferDataType.EActiveBaseData

def test_there_and_back(data_owner, backup_run, restore_run):
    slot = data_owner(NotebookOwner(b"x" * 5000))
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        run.expected_size(slot.sid, C, BASE)
        saved = list(run.sections(slot.sid, C, BASE))
        run.all_snapshots_supplied()
    with restore_run(partial=[slot.sid]) as run:
        run.all_system_files_restored()
        run.wait_ready(slot.sid)
        run.supply(slot.sid, C, BASE, saved)
"""


def symhil(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "harness", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


@pytest.fixture
def emulated() -> Iterator[EmulatedHandset]:
    with EmulatedHandset() as it:
        yield it


def failure(result: subprocess.CompletedProcess[str]) -> str:
    """What a failed command said: one message, no traceback."""
    assert result.returncode != 0
    assert "Traceback" not in result.stderr + result.stdout
    assert result.stderr.startswith("symhil: ")
    return result.stderr


def backup_in_midst_of_a_large_stream(emulated: EmulatedHandset, target: Path) -> subprocess.Popen[str]:
    """`symhil backup` in a process of its own, which has a part of a large stream on disk."""
    with Handset.open(emulated.open()) as handset:
        blocks = [os.urandom(1 << 20)] * 24  # repeats, but further apart than zlib can see
        handset.files.write("C:\\private\\10005399\\large.bin", blocks)
    command = [sys.executable, "-P", "-m", "harness", "backup", str(target), "--port", emulated.where]
    child = subprocess.Popen(
        [*command, "--owner", str(PASSIVE_OWNER)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    part = target / str(PASSIVE_OWNER) / "C" / "passive-base-0001.part"
    while not (part.exists() and part.stat().st_size):
        assert child.poll() is None, child.communicate()
    return child


class TestBackupAndRestore:
    def test_there_and_back(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        where = ("--port", emulated.where, "--owner", TUTORIAL, "--owner", "10005399")
        made = symhil("backup", str(tmp_path / "set"), *where)
        assert made.returncode == 0, made.stderr
        assert "4 streams backed up, 0 failed" in made.stdout
        assert "0x10005399 C EPassiveBaseData:" in made.stderr  # progress, beside the result
        with Handset.open(emulated.open()) as handset:
            notes = handset.files.read("C:\\private\\10005399\\settings.ini")
            handset.files.write("C:\\private\\10005399\\settings.ini", b"lost")
        restored = symhil("restore", str(tmp_path / "set"), "--port", emulated.where)
        assert restored.returncode == 0, restored.stderr
        assert "4 streams restored, 0 failed" in restored.stdout
        with Handset.open(emulated.open()) as handset:
            assert handset.files.read("C:\\private\\10005399\\settings.ini") == notes
            assert handset.properties.mode().is_normal

    def test_increments_go_into_the_same_set(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        where = ("--port", emulated.where, "--owner", TUTORIAL)
        assert symhil("backup", str(tmp_path / "set"), *where).returncode == 0
        more = symhil("backup", str(tmp_path / "set"), "--incremental", *where)
        assert more.returncode == 0, more.stderr
        backup_set = BackupSet.open(tmp_path / "set")
        key = backup_set.newest(SecureId.parse(TUTORIAL), C, TTransferDataType.EActiveIncrementalData)
        assert backup_set.contents(key) == b"\0\0\0\0" + b"I" * 8000

    def test_json_for_other_programs(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        result = symhil("backup", str(tmp_path / "set"), "--port", emulated.where, "--owner", TUTORIAL, "--json")
        assert result.returncode == 0
        assert result.stderr == ""
        rows = json.loads(result.stdout)
        assert {row["data_type"] for row in rows} == {"EActiveBaseData", "EActiveSnapshotData"}
        assert all(row["sid"] == TUTORIAL and row["error"] == "" for row in rows)

    def test_an_owner_that_fails_makes_the_command_fail_but_not_the_others(
        self, emulated: EmulatedHandset, tmp_path: Path
    ) -> None:
        owners = ("--owner", "0AB7E58B", "--owner", TUTORIAL)
        result = symhil("backup", str(tmp_path / "set"), "--port", emulated.where, "-q", *owners)
        assert result.returncode == 1
        assert "0x0AB7E58B  C  EActiveBaseData          failed: EDataOwnerNotConnected" in result.stdout
        assert f"{TUTORIAL}  C  EActiveBaseData          51 bytes" in result.stdout

    def test_progress_on_a_terminal(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        command = ["-P", "-m", "harness", "backup", str(tmp_path / "set"), "--port", emulated.where]
        child = pexpect.spawn(sys.executable, [*command, "--owner", TUTORIAL], timeout=30, encoding="utf-8")
        child.expect("EActiveBaseData.*━")
        child.expect("2 streams backed up, 0 failed")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0


class TestWhatGoesWrong:
    def test_no_phone(self, tmp_path: Path) -> None:
        result = symhil("backup", str(tmp_path / "set"), "--port", "/dev/ttyNOTHERE")
        assert "there is no port /dev/ttyNOTHERE" in failure(result)
        assert result.returncode == 10
        assert not (tmp_path / "set").exists()

    def test_the_wrong_port(self, tmp_path: Path) -> None:
        """Something answers, but it is no agent: a modem's echo."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

            def modem() -> None:
                client, _ = server.accept()
                with client:
                    while data := client.recv(4096):
                        client.sendall(b"\r\nERROR\r\n~" + data[:5] + b"~")

            thread = threading.Thread(target=modem)
            thread.start()
            result = symhil("backup", str(tmp_path / "set"), "--port", f"tcp:127.0.0.1:{port}")
            thread.join()
        assert "no agent answered" in failure(result)
        assert "what came instead" in result.stderr
        assert result.returncode == 10

    def test_a_busy_port(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        with Handset.open(emulated.open()):
            result = symhil("backup", str(tmp_path / "set"), "--port", emulated.where)
        assert f"{emulated.where} is in use by" in failure(result)
        assert f"(pid {os.getpid()})" in result.stderr
        assert result.returncode == 10

    def test_an_unknown_owner(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        result = symhil("backup", str(tmp_path / "set"), "--port", emulated.where, "--owner", "12345678")
        assert "no data owner 0x12345678; there are 0x0AB7E57C" in failure(result)
        assert result.returncode == 1
        assert not (tmp_path / "set").exists()

    @pytest.mark.parametrize("sid", ["hello", "123456789", "0x"])
    def test_a_sid_that_is_none(self, sid: str, tmp_path: Path) -> None:
        result = symhil("backup", str(tmp_path / "set"), "--owner", sid)
        assert result.returncode == 4
        assert "1 to 8 hexadecimal digits" in result.stderr
        assert "Traceback" not in result.stderr

    def test_an_unknown_drive(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        result = symhil("backup", str(tmp_path / "set"), "--port", emulated.where, "--drives", "CQ")
        assert "the phone has no drive Q; it has C, Z" in failure(result)

    def test_a_phone_that_is_in_a_backup_already(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        with Handset.open(emulated.open()) as handset:
            # As after a reset of the engine alone: the property keeps its last value (BE 15.4).
            mode = BurMode(2, 0x100)
            handset.emulator.set_property(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, mode.property_value)
        result = symhil("backup", str(tmp_path / "set"), "--port", emulated.where)
        assert "is in mode EBURBackupFull|EBackupBase already, normal was expected" in failure(result)
        assert "symhil devices recover" in result.stderr
        recovered = symhil("devices", "recover", "--port", emulated.where)
        assert recovered.returncode == 0
        assert "was in mode EBURBackupFull|EBackupBase and is in EBURNormal" in recovered.stdout
        assert (
            symhil("backup", str(tmp_path / "s2"), "--port", emulated.where, "--owner", TUTORIAL).returncode == 0
        )

    def test_a_folder_with_something_in_it(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        (tmp_path / "letter").write_text("dear")
        result = symhil("backup", str(tmp_path), "--port", emulated.where)
        assert "is not empty" in failure(result)

    def test_a_backup_set_that_is_none(self, emulated: EmulatedHandset, tmp_path: Path) -> None:
        result = symhil("restore", str(tmp_path), "--port", emulated.where)
        assert "is no backup set" in failure(result)

    def test_a_handset_that_may_not_be_written_to(self, tmp_path: Path) -> None:
        (tmp_path / "lab_config.yaml").write_text("handsets:\n  - name: mine\n    links: [{emulator: {}}]\n")
        result = symhil("restore", str(tmp_path), cwd=tmp_path)
        assert "nothing is restored to mine: its entry does not say allow_restore: true" in failure(result)
        assert result.returncode == 4

    def test_an_artifacts_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "tests" / "lab").mkdir(parents=True)
        (tmp_path / "artifacts").write_text("a file")
        result = symhil("run", cwd=tmp_path)
        assert "no artifacts can be written to artifacts" in failure(result)
        assert result.returncode == 4

    def test_nothing_to_run(self, tmp_path: Path) -> None:
        result = symhil("run", cwd=tmp_path)
        assert "there is no folder tests/lab here" in failure(result)

    def test_a_command_that_is_none(self) -> None:
        result = symhil("bakcup")
        assert result.returncode == 4
        assert "Did you mean 'backup'?" in result.stderr

    def test_a_tcp_port_that_is_none(self) -> None:
        result = symhil("backup", "x", "--port", "tcp:127.0.0.1:seventy")
        assert "is no TCP port" in failure(result)


class TestInterrupted:
    def test_ctrl_c_in_a_backup_brings_the_phone_back_and_leaves_a_sound_set(
        self, emulated: EmulatedHandset, tmp_path: Path
    ) -> None:
        target = tmp_path / "set"
        with backup_in_midst_of_a_large_stream(emulated, target) as child:
            child.send_signal(signal.SIGINT)
            _, stderr = child.communicate()
        assert child.returncode == 2
        assert "symhil: interrupted" in stderr
        assert "Traceback" not in stderr
        backup_set = BackupSet.open(target)
        backup_set.verify()
        assert not backup_set.streams
        with Handset.open(emulated.open()) as handset:
            assert handset.properties.mode().is_normal

    def test_a_phone_that_dies_is_reported_and_the_next_backup_works(
        self, emulated: EmulatedHandset, tmp_path: Path
    ) -> None:
        target = tmp_path / "set"
        with backup_in_midst_of_a_large_stream(emulated, target) as child:
            emulated.process.kill()
            killed_at = time.monotonic()
            _, stderr = child.communicate()
        assert time.monotonic() - killed_at < 5
        assert child.returncode == 11
        assert stderr.startswith(f"symhil: handset-lost: the line {emulated.where} is gone")
        assert "Traceback" not in stderr
        kept = BackupSet.open(target)
        kept.verify()
        assert not kept.streams
        with EmulatedHandset() as another:
            again = symhil("backup", str(tmp_path / "again"), "--port", another.where, "--owner", TUTORIAL)
        assert again.returncode == 0, again.stderr


class TestRun:
    def test_a_run_leaves_its_artifacts_and_never_overwrites_another(self, tmp_path: Path) -> None:
        (tmp_path / "test_it.py").write_text("def test_it(handset):\n    handset.engine.list_data_owners()\n")
        for _ in range(2):
            result = symhil("run", "test_it.py", "--artifacts", "out", cwd=tmp_path)
            assert result.returncode == 0, result.stdout
            assert "test_it" in result.stdout
        runs = [path for path in (tmp_path / "out").iterdir() if not path.is_symlink()]
        assert len(runs) == 2
        latest = (tmp_path / "out" / "latest").resolve()
        assert latest in [run.resolve() for run in runs]
        names = {path.name for path in latest.iterdir()}
        assert {"junit.xml", "results.json", "run.json", "securebackup.txt"} <= names
        about = json.loads((latest / "run.json").read_text())
        assert about["exit_code"] == 0

    def test_the_collected_log_holds_the_callbacks_of_the_run_in_their_order(self, tmp_path: Path) -> None:
        (tmp_path / "test_it.py").write_text(ONE_OWNER_THERE_AND_BACK)
        result = symhil("run", "test_it.py", "--artifacts", "out", cwd=tmp_path)
        assert result.returncode == 0, result.stdout
        log = (tmp_path / "out" / "latest" / "securebackup.txt").read_text("ascii")
        # The folder's own name of each callback, as the engine logs it before it calls the owner.
        calls = re.findall(r"\[0xe0f1b001\] Calling (?!ABClient)(\w+)", log)
        assert calls == [
            "GetExpectedDataSize",
            "InitGetBackupData",
            "GetBackupDataSection",
            "GetBackupDataSection",
            "AllSnapshotsSuppliedL",
            "InitRestoreBaseData",
            "RestoreBaseDataSection",
            "RestoreBaseDataSection",
            "RestoreComplete",
        ]

    def test_the_exit_code_is_pytests_own(self, tmp_path: Path) -> None:
        (tmp_path / "test_it.py").write_text("def test_it(handset):\n    assert False\n")
        assert symhil("run", "test_it.py", cwd=tmp_path).returncode == 1
        (tmp_path / "test_it.py").write_text("")
        assert symhil("run", "test_it.py", cwd=tmp_path).returncode == 5

    def test_a_phone_of_the_lab_that_is_away(self, tmp_path: Path) -> None:
        (tmp_path / "test_it.py").write_text("def test_it(handset):\n    pass\n")
        (tmp_path / "lab_config.yaml").write_text(
            "handsets:\n  - name: away\n    links: [{serial: {port: /dev/ttyNOTHERE}}]\n"
        )
        result = symhil("run", "test_it.py", "--backend", "lab", cwd=tmp_path)
        assert result.returncode == 10
        assert "there is no port /dev/ttyNOTHERE" in result.stdout + result.stderr


class TestEmulate:
    def test_it_says_where_it_listens_and_ends_when_told(self) -> None:
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "harness", "emulate", "--tcp", "0"], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            line = child.stdout.readline().strip()
            assert line.startswith("listening on tcp:127.0.0.1:")
            port = line.removeprefix("listening on ")
            result = symhil("devices", "recover", "--port", port)
            assert result.returncode == 0, result.stderr
            assert "nothing to do" in result.stdout
            child.send_signal(signal.SIGINT)
            child.wait()
        assert child.returncode in {0, -signal.SIGINT}

    def test_its_own_help(self) -> None:
        result = symhil("emulate", "--help")
        assert "--tcp" in result.stdout

    def test_an_unknown_profile(self) -> None:
        result = symhil("emulate", "--profile", "nokia-9000")
        assert result.returncode != 0
        assert "there is no handset profile 'nokia-9000'" in result.stderr

    def test_a_tcp_port_that_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            result = symhil("emulate", "--tcp", str(server.getsockname()[1]))
        assert result.returncode != 0
        assert "cannot listen on" in result.stderr


class TestDevices:
    def test_the_list(self, tmp_path: Path) -> None:
        (tmp_path / "lab_config.yaml").write_text(
            "handsets:\n  - name: n8\n    model: Nokia N8-00\n    links: [{serial: {port: /dev/ttyACM1}}]\n"
        )
        result = symhil("devices", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert "n8" in result.stdout
        assert "no restore" in result.stdout
        listed = json.loads(symhil("devices", "list", "--json", cwd=tmp_path).stdout)
        assert listed["handsets"][0]["name"] == "n8"
        assert set(listed) == {"handsets", "ports", "phones", "answers"}
        assert [answer["entry"] for answer in listed["answers"]] == ["n8"]


def test_every_command_has_a_help_text() -> None:
    overview = symhil("--help")
    assert overview.returncode == 0
    for command in ("run", "devices", "backup", "restore"):
        assert command in overview.stdout
        result = symhil(command, "--help")
        assert result.returncode == 0
        assert "Usage:" in result.stdout
