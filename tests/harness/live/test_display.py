"""Where it is shown: on a real pseudo-terminal, in a log, and nowhere with -q."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pexpect
import pyte
import pytest

from harness.live.display import LINE_EVERY_S, REDRAW_S, Display, Lines, Screen
from harness.live.screen import Row
from harness.live.workers import NOTE_EVERY_S, Note, WorkersScreen, read_notes
from tests.captures import Line, backup
from wire.protocol.frame import Frame, Header, read_frame

COLUMNS, ROWS = 130, 10


def frames_of(line: Line) -> Iterator[tuple[bool, Header, memoryview]]:
    for outgoing, raw in line.frames:
        frame = read_frame(raw)
        assert isinstance(frame, Frame)
        yield outgoing, frame.header, frame.payload


class Terminal:
    """A pseudo-terminal and what it shows."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.set_blocking(self.ours, False)
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def write(self, text: str) -> None:
        os.write(self.theirs, text.encode())

    def lines(self) -> list[str]:
        """What stands on it, without empty lines at the end."""
        try:
            while data := os.read(self.ours, 65536):
                self._stream.feed(data)
        except BlockingIOError:
            pass
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().split("\n")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    os.close(made.ours)
    os.close(made.theirs)


def pass_by(display: Display, line: Line, start_s: float, step_s: float) -> float:
    display.begin("n8", "test_x.py::test_y")
    now = start_s
    for outgoing, header, payload in frames_of(line):
        display.take("n8", outgoing, header, payload, now)
        now += step_s
    return now


@pytest.mark.parametrize("before", [0, 3, ROWS - 1, ROWS + 5])
def test_the_table_stands_below_and_goes_without_a_trace(terminal: Terminal, before: int) -> None:
    """Wherever the line stands, also at the bottom, where making room moves everything up."""
    written = "".join(f"line {number}\r\n" for number in range(before)) + "tests/test_x.py ..."
    terminal.write(written)
    display = Screen(os.dup(terminal.theirs), lambda: len("tests/test_x.py ..."))
    pass_by(display, backup(6), 5.0, REDRAW_S)
    lines = terminal.lines()
    assert lines[-3:-1] == ["tests/test_x.py ...", lines[-2]]
    assert lines[-2].split()[:4] == ["phone", "state", "owner", "callback"]
    assert lines[-1].split()[:4] == ["n8", "EBURBackupPartial|EBackupBase", "0xE0F1A001", "GetBackupDataSectionL"]
    display.hide()
    terminal.write(".")
    after = terminal.lines()
    assert after[-1] == "tests/test_x.py ...."
    expected = [*(f"line {number}" for number in range(before)), "tests/test_x.py ...."]
    assert after == expected[-len(after) :]
    display.close()


def test_it_is_not_drawn_for_every_frame(terminal: Terminal) -> None:
    display = Screen(os.dup(terminal.theirs), lambda: 0)
    pass_by(display, backup(100), 5.0, REDRAW_S / 100)
    display.close()
    written = os.read(terminal.ours, 1 << 20)
    assert 0 < written.count(b"phone") <= len(backup(100).frames) / 100 + 1


def test_a_second_phone_gets_a_line_too(terminal: Terminal) -> None:
    display = Screen(os.dup(terminal.theirs), lambda: 0)
    pass_by(display, backup(3), 5.0, REDRAW_S)
    display.begin("e71", "test_x.py::test_z")
    for outgoing, header, payload in frames_of(backup(2)):
        display.take("e71", outgoing, header, payload, 100.0)
    assert [line.split()[:1] for line in terminal.lines()] == [[], ["phone"], ["n8"], ["e71"]]
    display.close()
    assert terminal.lines() == [""]


def test_a_terminal_that_goes_away_does_not_end_the_run(terminal: Terminal) -> None:
    ours, theirs = pty.openpty()
    display = Screen(theirs, lambda: 0)
    os.close(ours)
    pass_by(display, backup(3), 5.0, REDRAW_S)
    display.close()


def test_a_terminal_that_is_stopped_does_not_stop_the_link(terminal: Terminal) -> None:
    termios.tcflow(terminal.theirs, termios.TCOOFF)
    display = Screen(os.dup(terminal.theirs), lambda: 0)
    now = pass_by(display, backup(3), 5.0, REDRAW_S)
    assert terminal.lines() == [""]
    termios.tcflow(terminal.theirs, termios.TCOON)
    pass_by(display, backup(3), now, REDRAW_S)
    assert terminal.lines()[-1].startswith("n8 ")
    display.close()


def test_in_a_log_there_is_a_line_now_and_then(tmp_path: Path) -> None:
    log = tmp_path / "log"
    display = Lines(os.open(log, os.O_WRONLY | os.O_CREAT), lambda: 3)
    now = pass_by(display, backup(3), 5.0, 0.1)
    assert log.read_text() == ""  # short runs have none
    pass_by(display, backup(3), now + LINE_EVERY_S, 0.1)
    (line,) = log.read_text().strip().splitlines()
    assert line == "n8: EBURBackupPartial|EBackupBase; property subscribe; test_x.py::test_y"
    assert log.read_text().startswith("\n")  # pytest's own line was not at its end
    display.close()


# ------------------------------------------------------------------------------------------- with pytest


SLOW = """
import time
from harness.data_owner import DataOwner
from wire.symbian import Drive, TTransferDataType

class Owner(DataOwner):
    def get_backup_data_section(self, size):
        time.sleep(0.05)
        return bytes(size), len(self.calls) > 12

def test_1(handset):
    pass

def test_2(data_owner, backup_run):
    slot = data_owner(Owner())
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        assert list(run.sections(slot.sid, Drive.parse("C"), TTransferDataType.EActiveBaseData))

def test_3(handset):
    pass
"""


def run_on_a_terminal(
    folder: Path, *options: str, test: str = SLOW, look: Callable[[list[str]], None] = lambda lines: None
) -> tuple[set[str], list[str]]:
    """Every line that ever stood on it, and what is there in the end. `look` sees it whenever it has changed."""
    (folder / "test_slow.py").write_text(test)
    screen = pyte.Screen(COLUMNS, 40)
    stream = pyte.ByteStream(screen)
    command = ["-m", "pytest", "-p", "no:randomly", "test_slow.py", *options]
    environment = {**os.environ, "TERM": "xterm"}
    size = (40, COLUMNS)
    child: Any = pexpect.spawn(sys.executable, command, cwd=folder, dimensions=size, env=environment, timeout=60)
    seen: set[str] = set()
    while True:
        try:
            stream.feed(child.read_nonblocking(4096))
        except pexpect.EOF:
            break
        lines = [line.rstrip() for line in screen.display]
        seen |= set(lines)
        look(lines)
    child.close()
    assert child.exitstatus == 0, "\n".join(screen.display)
    return seen, [line.rstrip() for line in screen.display]


def test_a_run_on_a_terminal_shows_what_its_phone_is_at(tmp_path: Path) -> None:
    seen, end = run_on_a_terminal(tmp_path, "-v")
    row = [line for line in seen if "GetBackupDataSectionL" in line and "kB/s" in line]
    assert row, seen
    assert row[0].split()[:3] == ["emulated", "EBURBackupPartial|EBackupBase", "0xE0F1B001"]
    assert row[0].endswith("test_slow.py::test_2")
    # What pytest writes is as it would be without, at any moment.
    assert not any(line.startswith("test_slow.py") and "owner" in line for line in seen)
    results = [line.split() for line in end if line.startswith("test_slow.py")]
    percents = (["[", "33%]"], ["[", "66%]"], ["[100%]"])
    assert results == [[f"test_slow.py::test_{n}", "PASSED", *percents[n - 1]] for n in (1, 2, 3)]
    assert not any("GetBackupDataSectionL" in line or line.startswith("phone  ") for line in end)


def test_with_q_there_is_nothing(tmp_path: Path) -> None:
    seen, _ = run_on_a_terminal(tmp_path, "-q", "-k", "test_2")
    assert not any("GetBackupDataSectionL" in line or line.startswith("phone ") for line in seen)


UNTIL_SEEN = """
import time
from pathlib import Path
import pytest
from harness.data_owner import DataOwner
from wire.symbian import Drive, TTransferDataType

class Owner(DataOwner):
    def get_backup_data_section(self, size):
        time.sleep(0.02)
        return bytes(size), Path("seen").exists() or len(self.calls) > 1000

@pytest.mark.parametrize("worker", [0, 1])
def test_until(worker, data_owner, backup_run):
    slot = data_owner(Owner())
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        assert list(run.sections(slot.sid, Drive.parse("C"), TTransferDataType.EActiveBaseData))
"""


def test_workers_have_no_terminal_and_yet_their_phones_are_shown(tmp_path: Path) -> None:
    """Both at once, in the midst of a test: it goes on until both have been seen."""

    def look(lines: list[str]) -> None:
        rows = [line.split() for line in lines if "GetBackupData" in line and " kB" in line]
        if [row[0] for row in rows] == ["gw0", "gw1"]:
            (tmp_path / "seen").touch()

    seen, end = run_on_a_terminal(tmp_path, "-v", "-n", "2", test=UNTIL_SEEN, look=look)
    assert (tmp_path / "seen").exists(), "\n".join(sorted(seen))
    results = [line for line in end if " PASSED " in line]
    assert sorted(line.split()[-1] for line in results) == [f"test_slow.py::test_until[{n}]" for n in (0, 1)]
    assert not any("GetBackupData" in line or line.startswith("phone  ") for line in end)


def test_with_q_workers_leave_no_notes(tmp_path: Path) -> None:
    test = "def test_x(handset, request):\n    assert 'symhil_notes' not in request.config.workerinput\n"
    seen, _ = run_on_a_terminal(tmp_path, "-q", "-n", "1", test=test)
    assert not any(line.startswith("phone ") for line in seen)


def test_notes_are_read_whatever_lies_in_the_folder(tmp_path: Path) -> None:
    note = Note(tmp_path, "gw2", "gw2 ")
    assert read_notes(tmp_path) == []
    pass_by(note, backup(6), 5.0, NOTE_EVERY_S)
    (tmp_path / "gw10.json").write_text(json.dumps([["e71", *[""] * 7], ["short"], [7] * 8, "text", None]))
    foreign = (b"", b'[["n8", "EBUR', b"\xff", b"7", b"null", b"{}", b"[" * 100_000)
    for number, content in enumerate(foreign):
        (tmp_path / f"x{number}.json").write_bytes(content)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "gw3.part").write_text("[")
    rows = read_notes(tmp_path)
    assert [row[0] for row in rows] == ["gw2 n8", "e71"]
    assert rows[0][1:4] == ("EBURBackupPartial|EBackupBase", "0xE0F1A001", "GetBackupDataSectionL")


def test_a_note_is_not_left_for_every_frame_and_need_not_be_possible(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    note = Note(folder, "gw0")
    now = pass_by(note, backup(3), 5.0, 0.0)
    assert read_notes(folder)[0][3] == "property subscribe"  # what the first frame asked
    shutil.rmtree(folder)
    pass_by(note, backup(3), now + NOTE_EVERY_S, NOTE_EVERY_S)


def wait_for_word(terminal: Terminal, until: Callable[[list[str]], bool]) -> None:
    """As xdist waits, until the terminal shows something. The timer's signal comes meanwhile."""
    while not until(terminal.lines()):
        with contextlib.suppress(Empty):
            Queue[None]().get(timeout=0.02)


# pytest-timeout has the timer elsewhere.
@pytest.mark.timeout(method="thread")
def test_the_table_is_drawn_while_word_is_waited_for_and_only_then(terminal: Terminal, tmp_path: Path) -> None:
    pass_by(Note(tmp_path, "gw0"), backup(6), 5.0, NOTE_EVERY_S)
    screen = WorkersScreen(os.dup(terminal.theirs), lambda: 0, tmp_path)
    screen.watch()
    signal.raise_signal(signal.SIGALRM)
    assert terminal.lines() == [""]
    wait_for_word(terminal, lambda lines: lines[-1].startswith("n8 "))
    screen.hide()
    assert terminal.lines() == [""]
    wait_for_word(terminal, lambda lines: lines[-1].startswith("n8 "))
    screen.forget("gw0")
    wait_for_word(terminal, lambda lines: lines == [""])
    screen.close()
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.timeout(method="thread")
def test_on_a_slow_machine_the_table_is_not_drawn_in_the_midst_of_itself(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def read_slowly(folder: Path) -> list[Row]:
        steps.append("begins")
        with contextlib.suppress(Empty):
            Queue[None]().get(timeout=2 * REDRAW_S)
        steps.append("ends")
        return []

    monkeypatch.setattr("harness.live.workers.read_notes", read_slowly)
    screen = WorkersScreen(os.dup(terminal.theirs), lambda: 0, tmp_path)
    screen.watch()
    wait_for_word(terminal, lambda lines: steps.count("ends") == 2)
    screen.close()
    assert steps == ["begins", "ends"] * 2


@pytest.mark.timeout(method="signal", timeout=600)
def test_a_timer_that_somebody_else_uses_is_left_alone(terminal: Terminal, tmp_path: Path) -> None:
    """Here it is pytest-timeout."""
    theirs, left_s = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]
    assert callable(theirs)
    screen = WorkersScreen(os.dup(terminal.theirs), lambda: 0, tmp_path)
    screen.watch()
    screen.close()
    assert signal.getsignal(signal.SIGALRM) is theirs
    assert 1 < signal.getitimer(signal.ITIMER_REAL)[0] <= left_s


def test_the_command_line_does_without_rich() -> None:
    code = "import sys, harness.cli, harness.pytest_plugin.live; sys.exit('rich' in sys.modules)"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0
