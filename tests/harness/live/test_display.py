"""Where it is shown: on a real pseudo-terminal, in a log, and nowhere with -q."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest

from harness.live.display import LINE_EVERY_S, REDRAW_S, Display, Lines, Screen
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


def run_on_a_terminal(folder: Path, *options: str) -> tuple[set[str], list[str]]:
    """Every line that ever stood on it, and what is there in the end."""
    (folder / "test_slow.py").write_text(SLOW)
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
        seen |= {line.rstrip() for line in screen.display}
    child.close()
    assert child.exitstatus == 0
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


def test_the_command_line_does_without_rich() -> None:
    code = "import sys, harness.cli, harness.pytest_plugin.live; sys.exit('rich' in sys.modules)"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0
