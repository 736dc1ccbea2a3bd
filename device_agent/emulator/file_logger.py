"""The log server: writes lines to a file in a folder of C:\\Logs, if somebody has made that folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from device_agent.emulator.filesystem import File, FileSystem, Folder
from wire.formats.log_line import LogLocale, format_line
from wire.symbian_errors import Leave


class FileLogger:
    """The file logger (Log format 2, 3).

    It never makes the folder and does not remember that it was missing: once it is there, the next line is
    written.
    """

    def __init__(
        self, files: FileSystem, home_time: Callable[[], dt.datetime], locale: LogLocale | None = None
    ) -> None:
        self._files = files
        self._home_time = home_time
        self._locale = locale or LogLocale()

    def write(self, folder: str, name: str, text: str) -> None:
        """Append a line to `C:\\Logs\\<folder>\\<name>`; without that folder it is thrown away silently."""
        path = f"C:\\logs\\{folder}"
        there = self._files.find(path)
        if not isinstance(there, Folder):
            return
        file = there.entries.get(name.lower())
        if not isinstance(file, File):
            try:
                file = self._files.write(f"{path}\\{name}", b"")
            except Leave:
                return
        now = self._home_time()
        file.content += format_line(now.replace(microsecond=0), text, self._locale)
        file.modified = now
