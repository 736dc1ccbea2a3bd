"""Where and when it is shown what phones are at.

On a terminal a table stands below the line that pytest is writing, while a test runs:

    tests/lab/test_relayed_owner.py ...........
    phone  state                             owner       callback                bytes             rate
    n8     EBURBackupPartial|EBackupBase     0xE0F1A001  GetBackupDataSectionL   1.2 MB of 4.0 MB  310.0 kB/s

It is drawn when frames pass, by whoever moves them, and taken away before pytest writes on. Elsewhere a line for
each phone is written now and then, when something has been said since the last.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from harness.live.phone_view import PhoneView
from wire.protocol.frame import Header

if TYPE_CHECKING:
    from harness.live.screen import Row

REDRAW_S: Final = 0.1
LINE_EVERY_S: Final = 10.0

_SAVE, _RESTORE = "\x1b7", "\x1b8"
_ERASE_LINE, _ERASE_BELOW = "\x1b[2K", "\x1b[J"


class Display:
    """Shows the phones of a run."""

    def __init__(self) -> None:
        self._views: dict[str, PhoneView] = {}
        self._next_s = 0.0
        # Frames pass in several threads.
        self._lock = threading.RLock()

    def view(self, handset: str) -> PhoneView:
        """The view of a phone."""
        return self._views.setdefault(handset, PhoneView(handset))

    def begin(self, handset: str, test: str) -> None:
        """A test begins on a phone."""
        with self._lock:
            self.view(handset).begin(test)

    def take(self, handset: str, outgoing: bool, header: Header, payload: bytes | memoryview, now: float) -> None:
        """A frame has passed."""
        with self._lock:
            self.view(handset).take(outgoing, header, payload, now)
            if now >= self._next_s:
                self._next_s = now + self._interval_s(now)
                self._show()

    def close(self) -> None:
        """Nothing more is shown."""

    def hide(self) -> None:
        """Pytest is about to write."""

    def _interval_s(self, now: float) -> float:
        raise NotImplementedError

    def _show(self) -> None:
        raise NotImplementedError


class Written(Display):
    """What is written among pytest's own lines.

    Args:
        fd: the terminal or file; a descriptor of ours, since pytest takes standard output away while a test runs.
        column: how far the present line of pytest is.
    """

    def __init__(self, fd: int, column: Callable[[], int]) -> None:
        super().__init__()
        self._fd = fd
        self._column = column

    def close(self) -> None:
        """See `Display.close`."""
        with self._lock:
            self.hide()
            os.close(self._fd)

    def _write(self, text: str) -> None:
        try:
            os.write(self._fd, text.encode())
        except OSError:
            pass  # a terminal that is gone, or a full disk behind a log: the run goes on


class Screen(Written):
    """A table below pytest's line."""

    def __init__(self, fd: int, column: Callable[[], int]) -> None:
        super().__init__(fd, column)
        self._shown = 0

    def _interval_s(self, now: float) -> float:
        return REDRAW_S

    def _show(self) -> None:
        from harness.live.screen import lines_of

        if not select.select([], [self._fd], [], 0)[1]:
            return  # somebody has stopped it with Ctrl-S, which must not stop the link
        try:
            size = os.get_terminal_size(self._fd)
        except OSError:
            return  # the terminal is gone; the run goes on
        lines = lines_of(self._rows(), size.columns)[: max(0, size.lines - 2)]
        count = max(len(lines), self._shown)
        column = self._column() % max(1, size.columns)
        # The lines below are made first: if that moves everything up, the place that is saved is the right one.
        room = "\n" * count + f"\x1b[{count}A\x1b[{column + 1}G" if count > self._shown else ""
        below = "".join(f"\r\n{_ERASE_LINE}{line}" for line in lines)
        self._write(f"{room}{_SAVE}{below}{_ERASE_BELOW}{_RESTORE}")
        self._shown = count

    def _rows(self) -> list[Row]:
        from harness.live.screen import row_of

        return [row_of(view) for view in self._views.values()]

    def hide(self) -> None:
        """See `Display.hide`."""
        with self._lock:
            if self._shown:
                self._shown = 0
                self._write(f"{_SAVE}\r\n{_ERASE_BELOW}{_RESTORE}")


class Lines(Written):
    """A line for each phone now and then."""

    def __init__(self, fd: int, column: Callable[[], int]) -> None:
        super().__init__(fd, column)
        self._told: dict[str, int] = {}

    def _interval_s(self, now: float) -> float:
        return LINE_EVERY_S

    def take(self, handset: str, outgoing: bool, header: Header, payload: bytes | memoryview, now: float) -> None:
        """See `Display.take`; the first line comes after a while, so that short runs have none."""
        if not self._next_s:
            self._next_s = now + LINE_EVERY_S
        super().take(handset, outgoing, header, payload, now)

    def _show(self) -> None:
        from harness.live.screen import line_of, row_of

        lines = [
            line_of(row_of(view)) for view in self._views.values() if view.frames != self._told.get(view.handset)
        ]
        self._told = {view.handset: view.frames for view in self._views.values()}
        begin = "\n" if self._column() else ""
        self._write(begin + "".join(f"{line}\n" for line in lines))
