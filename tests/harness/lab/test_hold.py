"""One process at a time has a phone; the kernel knows when it ends; messages say who has it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ExitCode, Misuse
from harness.lab.config import EmulatorLink, HandsetEntry, SerialLink, TcpLink
from harness.lab.hold import (
    FOLDER_VARIABLE,
    SHARED_FOLDERS,
    Held,
    Holder,
    _read_holder,
    holder_of,
    lock_folder,
    take,
)
from harness.lab.keeper import keep_in_background, let_go
from harness.lab.open import open_handset

ROOT = Path(__file__).parents[3]
PHONE = HandsetEntry(
    name="n8", links=(SerialLink(kind="serial", port="/dev/ttyPhone"), TcpLink(kind="tcp", port=7))
)
EMULATED = HandsetEntry(name="e", links=(EmulatorLink(kind="emulator"),))
LAB = "handsets:\n  - name: n8\n    links: [serial: /dev/ttyPhone, tcp: {port: 7}]\n"


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def symhil(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "harness", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_held_phone_is_refused_with_its_holder_until_it_is_given_back() -> None:
    clock = Clock()
    with take(PHONE, "a test"):
        with pytest.raises(Held, match=rf"n8 is held by .* .a test, pid {os.getpid()}, since 20") as caught:
            take(PHONE, "another", wait_s=30, clock=clock, sleep=clock.sleep)
        assert "was not given back within 30 s" in str(caught.value)
        assert caught.value.exit_code == ExitCode.LAB_UNAVAILABLE
        assert 130 <= clock.now < 131
    assert holder_of(PHONE) is None
    take(PHONE, "another").release()


def test_waiting_ends_as_soon_as_the_phone_is_free() -> None:
    clock = Clock()
    hold = take(PHONE, "first")

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now > 105:
            hold.release()

    take(PHONE, "second", wait_s=30, clock=clock, sleep=sleep).release()
    assert clock.now < 106


def test_a_phone_is_held_over_whichever_of_its_links_others_reach_it() -> None:
    other_name = HandsetEntry(name="finnish", links=(SerialLink(kind="serial", port="/dev/./ttyPhone"),))
    with take(PHONE, "a test"), pytest.raises(Held):
        take(other_name, "another")
    neighbour = HandsetEntry(name="c7", links=(TcpLink(kind="tcp", port=8),))
    with take(PHONE, "a test"), take(neighbour, "another"):
        pass


def test_what_could_not_be_had_whole_is_not_held_in_part() -> None:
    second_only = HandsetEntry(name="x", links=(TcpLink(kind="tcp", port=7),))
    first_only = HandsetEntry(name="y", links=(SerialLink(kind="serial", port="/dev/ttyPhone"),))
    with take(second_only, "a test"):
        with pytest.raises(Held):
            take(PHONE, "another")
        take(first_only, "a third").release()


def test_an_emulated_handset_belongs_to_its_lab_s_file_or_to_who_starts_it(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    with take(EMULATED, "a test", lab=one), take(EMULATED, "another", lab=other), take(EMULATED, "private"):
        assert holder_of(EMULATED, one)
        with pytest.raises(Held):
            take(EMULATED, "again", lab=one)


def test_opening_a_phone_holds_it() -> None:
    with take(PHONE, "a test"), pytest.raises(Held), open_handset(PHONE):
        pass


def test_a_holder_that_is_killed_leaves_nothing_behind(lock_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    command = [sys.executable, "-P", "-m", "harness", "devices", "lock", "n8", f"--config={tmp_path / 'lab.yaml'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"n8 is held for 8 h")
        holder = holder_of(PHONE)
        assert holder is not None
        assert holder.pid == process.pid
        process.send_signal(signal.SIGKILL)
    assert holder_of(PHONE) is None
    assert any(path.read_bytes() for path in lock_folder.iterdir())  # the words stay, and nobody believes them
    take(PHONE, "a test").release()


@given(st.binary(max_size=200))
def test_whatever_is_written_in_a_lock_is_a_holder_or_nothing(data: bytes) -> None:
    path = lock_folder() / "written.lock"
    path.write_bytes(data)
    assert isinstance(_read_holder(path), Holder | None)


def test_what_another_user_wrote_cannot_steer_a_terminal() -> None:
    path = lock_folder() / "written.lock"
    path.write_text(json.dumps({"pid": 1, "user": "a\x1b[2Jb", "purpose": "", "since": "", "started": 1}))
    holder = _read_holder(path)
    assert holder is not None
    assert "\x1b" not in str(holder)


def test_locks_are_where_every_user_of_the_machine_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE)
    folder = lock_folder()
    assert str(folder.parent) in SHARED_FOLDERS
    assert folder.stat().st_mode & 0o7777 == 0o1777
    with take(HandsetEntry(name="t", links=(SerialLink(kind="serial", port=f"/dev/no-{os.getpid()}"),)), "a test"):
        (lock,) = folder.glob(f"*no-{os.getpid()}*")
        assert lock.stat().st_mode & 0o777 == 0o666
    lock.unlink()


# ----------------------------------------------------------------------------------------- holding by hand


def test_lock_list_unlock(tmp_path: Path) -> None:
    config = tmp_path / "lab.yaml"
    config.write_text(LAB)
    assert symhil("devices", "unlock", "n8", f"--config={config}").stdout == "nobody holds n8\n"
    locked = symhil("devices", "lock", "n8", f"--config={config}", "--background")
    assert (locked.returncode, locked.stdout[:17]) == (0, "n8 is held for 8 ")
    listed = symhil("devices", "list", f"--config={config}").stdout
    assert re.search(r"n8 .*held by .* .symhil devices lock, pid \d+, since 20", listed)
    again = symhil("devices", "lock", "n8", f"--config={config}", "--background")
    assert again.returncode == ExitCode.LAB_UNAVAILABLE
    assert "n8 is held by" in again.stderr
    assert "Traceback" not in again.stderr
    unlocked = symhil("devices", "unlock", "n8", f"--config={config}")
    assert re.search(r"n8 was held by .* and is free now", unlocked.stdout)
    assert holder_of(PHONE) is None


def test_a_hold_by_hand_is_over_when_its_time_is(tmp_path: Path) -> None:
    config = tmp_path / "lab.yaml"
    config.write_text(LAB)
    result = symhil("devices", "lock", "n8", f"--config={config}", "--hours=0.00001")
    assert result.returncode == 0
    assert holder_of(PHONE) is None


def test_a_run_is_not_ended_by_unlocking(tmp_path: Path) -> None:
    with take(PHONE, "pytest"), pytest.raises(Misuse, match="no hold by hand"):
        let_go(PHONE, tmp_path)


def test_the_keeper_outlives_who_started_it_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    config = tmp_path / "lab.yaml"
    config.write_text(LAB)
    keep_in_background(PHONE, config, wait_s=0, hours=1)
    with pytest.raises(Held):
        take(PHONE, "a test")
    assert let_go(PHONE, config) is not None
    assert let_go(PHONE, config) is None


def test_many_processes_and_some_of_them_killed() -> None:
    """The fast form; `python -m tests.harness.lab.hold_stress` is the whole."""
    command = [sys.executable, "-m", "tests.harness.lab.hold_stress", "--processes", "6", "--holds", "200"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"killed=[1-9]\d*, overlaps=0, stuck=0", result.stdout)
