"""What happened in a session, in order: requests, callbacks, property changes, owner events.

Kept in memory for the tail that is shown with a failed test, and written line by line as JSON for whoever
looks later. Times are seconds of the host's monotonic clock since the journal began.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from harness.errors import ArtifactError, printable

TAIL: Final = 2000


class Entry(NamedTuple):
    """One thing that happened.

    Attributes:
        message, arguments: as those of Python's logging; put together only when somebody looks, since of the
            thousands of callbacks of a backup hardly any is ever read.
    """

    time_s: float
    kind: str
    message: str
    arguments: tuple[object, ...]
    fields: dict[str, Any]

    @property
    def text(self) -> str:
        """What happened, for a reader."""
        return self.message % self.arguments if self.arguments else self.message

    def __str__(self) -> str:
        return printable(f"{self.time_s:9.3f}  {self.kind:<9} {self.text}")


class Journal:
    """The record of one handset's session.

    Attributes:
        entries: the last ones; `count` goes on when old ones fall out.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()
        self._file: TextIO | None = None
        self._problem = ""
        self.entries: deque[Entry] = deque(maxlen=TAIL)
        self.count = 0

    def add(self, kind: str, message: str, *arguments: object, **fields: Any) -> None:
        """Note something: `kind` is request, answer, callback, property, owner or note.

        `arguments` belong into `message` as with Python's logging, and must not change afterwards.
        """
        entry = Entry(self._clock() - self._start, kind, message, arguments, fields)
        self.entries.append(entry)
        self.count += 1
        if self._file is not None:
            record = {"t": round(entry.time_s, 6), "kind": kind, "text": entry.text, **fields}
            try:
                self._file.write(json.dumps(record, default=str) + "\n")
                self._file.flush()
            except OSError as error:
                # What a run is for goes on; that its record is not whole is said when it is closed.
                self._problem = self._problem or (error.strerror or str(error))

    def write_to(self, path: Path | None) -> None:
        """From now on append to this file too; None closes the present one. ArtifactError if that is not whole."""
        file, self._file = self._file, None
        problem, self._problem = self._problem, ""
        if file is not None:
            try:
                file.close()
            except OSError as error:
                problem = problem or (error.strerror or str(error))
            if problem:
                raise ArtifactError(
                    f"the journal {file.name} is not whole: {problem}", hint="make room on the disk"
                )
        if path is not None:
            self._file = path.open("a", encoding="utf-8")

    def tail(self, count: int, *kinds: str) -> list[str]:
        """The last entries as lines, of some kinds or of all."""
        chosen = [entry for entry in self.entries if not kinds or entry.kind in kinds]
        return [str(entry) for entry in chosen[-count:]]
