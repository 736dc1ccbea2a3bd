"""The log server: writes lines to a file in a folder of C:\\Logs, if somebody has made that folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from device_agent.emulator.filesystem import File, FileSystem, Folder
from wire.formats.log_line import LogLocale, line_behind
from wire.symbian_errors import Leave

_SECOND = dt.timedelta(seconds=1)


class LogFile:
    """One log in one folder (Log format 2, 3).

    The logger never makes the folder and does not remember that it was missing: once it is there, the next line
    is written. A callback has a dozen lines, so folder and file are only looked for when something on the phone
    has come or gone since, and the stamp is only made anew when the second is another.
    """

    def __init__(
        self, files: FileSystem, home_time: Callable[[], dt.datetime], locale: LogLocale, folder: str, name: str
    ) -> None:
        self._files = files
        self._home_time = home_time
        self._locale = locale
        self._folder = f"C:\\logs\\{folder}"
        self._name = name
        self._looked_at = -1
        self._file: File | None = None
        self._stamp = ""
        self._stamp_from = self._stamp_until = home_time()

    def write(self, text: str) -> None:
        """Append a line; without the folder it is thrown away silently."""
        files = self._files
        if self._looked_at != files.generation:
            self._file = self._look()
            self._looked_at = files.generation
        file = self._file
        if file is None:
            return
        now = self._home_time()
        if not self._stamp_from <= now < self._stamp_until:
            self._stamp_from = now.replace(microsecond=0)
            self._stamp_until = self._stamp_from + _SECOND
            self._stamp = self._locale.stamp(self._stamp_from)
        file.content += line_behind(self._stamp, text)
        file.modified = now

    def _look(self) -> File | None:
        """The file, made if only the folder is there; None when nothing can be written."""
        folder = self._files.find(self._folder)
        if not isinstance(folder, Folder):
            return None
        file = folder.entries.get(self._name.lower())
        if isinstance(file, File):
            return file
        try:
            return self._files.write(f"{self._folder}\\{self._name}", b"")
        except Leave:
            return None


class FileLogger:
    """The file logger: its logs, by folder and name."""

    def __init__(
        self, files: FileSystem, home_time: Callable[[], dt.datetime], locale: LogLocale | None = None
    ) -> None:
        self._files = files
        self._home_time = home_time
        self._locale = locale or LogLocale()

    def log(self, folder: str, name: str) -> LogFile:
        """The log that is `C:\\Logs\\<folder>\\<name>`."""
        return LogFile(self._files, self._home_time, self._locale, folder, name)
