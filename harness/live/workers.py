"""The table of a run whose phones are in the hands of workers of pytest-xdist, which have no terminal.

Each worker leaves a note, a small file that says what its phones are at, and replaces it while frames pass. The
process that has the terminal reads the notes and draws the table, by a timer, since in a long test no worker
tells it anything. The timer's signal interrupts the main thread wherever it is; so the table is drawn only
while that waits for word from a worker, and not in the midst of a line of pytest.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from types import FrameType
from typing import TYPE_CHECKING, Final

from harness.live.display import REDRAW_S, Display, Screen

if TYPE_CHECKING:
    from harness.live.screen import Row

NOTE_EVERY_S: Final = 0.5
_SUFFIX: Final = ".json"


class Note(Display):
    """By a worker: what its phones are at.

    Args:
        folder: where the other process looks.
        worker: its name.
        prefix: put before the names of phones, where each worker has one of the same name. What stands first is
            still there when a narrow terminal cuts the rest.
    """

    def __init__(self, folder: Path, worker: str, prefix: str = "") -> None:
        super().__init__()
        self._path = folder / f"{worker}{_SUFFIX}"
        self._prefix = prefix
        self._show()  # that there will be something

    def _interval_s(self, now: float) -> float:
        return NOTE_EVERY_S

    def _show(self) -> None:
        from harness.live.screen import row_of

        rows = [row_of(view) for view in self._views.values()]
        partial = self._path.with_suffix(".part")
        try:
            partial.write_text(json.dumps([(self._prefix + name, *rest) for name, *rest in rows]))
            partial.replace(self._path)
        except OSError:
            pass  # a full disk, or a worker on another machine: the run goes on


def read_notes(folder: Path) -> list[Row]:
    """What the phones of all workers are at. What is no note is left out."""
    from harness.live.screen import COLUMNS

    rows: list[Row] = []
    for path in sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: (len(path.name), path.name)):
        try:
            note = json.loads(path.read_bytes())
            told = [tuple(row) for row in note if isinstance(row, list)]
        except (OSError, ValueError, TypeError, RecursionError):
            continue
        rows += [row for row in told if len(row) == len(COLUMNS) and all(isinstance(text, str) for text in row)]
    return rows


class WorkersScreen(Screen):
    """By the process that has the terminal: a table below pytest's line, of the notes in a folder."""

    def __init__(self, fd: int, column: Callable[[], int], folder: Path) -> None:
        super().__init__(fd, column)
        self._folder = folder
        self._drawn: list[Row] = []
        self._watches = False

    def watch(self) -> None:
        """Draw from now on; never where somebody else uses the timer, or this is not the main thread."""
        if threading.current_thread() is not threading.main_thread() or _timer_is_used():
            return
        import harness.live.screen  # noqa: F401  (takes long, which a signal handler must not)

        self._watches = True
        signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, REDRAW_S)

    def forget(self, worker: str) -> None:
        """A worker has ended."""
        (self._folder / f"{worker}{_SUFFIX}").unlink(missing_ok=True)

    def close(self) -> None:
        """See `Display.close`."""
        if self._watches:
            # A signal that is still on its way would start the timer again, or end the process.
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        super().close()

    def _tick(self, _signal: int, frame: FrameType | None) -> None:
        if _waits(frame):
            self._redraw()
        # Only now, so that on a slow machine no signal comes in the midst of this.
        signal.setitimer(signal.ITIMER_REAL, REDRAW_S)

    def _redraw(self) -> None:
        rows = read_notes(self._folder)
        if not rows:
            self.hide()
        elif rows != self._drawn or not self._shown:
            self._drawn = rows
            self._show()

    def _rows(self) -> list[Row]:
        return self._drawn


def _timer_is_used() -> bool:
    return signal.getsignal(signal.SIGALRM) != signal.SIG_DFL or signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0)


def _waits(frame: FrameType | None) -> bool:
    """Whether the thread that was interrupted waits for something from a queue, as xdist does for its workers."""
    while frame is not None and frame.f_code is not Queue.get.__code__:
        frame = frame.f_back
    return frame is not None
