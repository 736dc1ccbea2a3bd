"""Starting an emulated handset: its own process, reached over a pseudo-terminal like a phone on a cable.

The harness knows it as a program only; it imports nothing of it.
"""

from __future__ import annotations

import selectors
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from harness.errors import ConfigError, LabUnavailable
from harness.transport.base import Transport
from harness.transport.serial import open_serial
from harness.transport.tcp import open_tcp

MODULE: Final = "device_agent.emulator"
START_TIMEOUT_S: Final = 20.0
END_TIMEOUT_S: Final = 5.0
WRONG_PROFILE_EXIT_CODE: Final = 2
"""Of the emulated handset, when its profile cannot be used: part of its command line, as its options are."""
_PREFIX: Final = "listening on "


class EmulatedHandset:
    """A running emulated handset. A context manager; it also ends when this process does.

    Attributes:
        where: the serial port, or `tcp:host:port`.
        process: for tests that want to do it harm.
    """

    def __init__(
        self,
        *,
        profile: str = "",
        agent: str = "",
        tcp: bool = False,
        log: Path | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        # -P: a folder called device_agent or wire in the current directory is not taken for ours.
        command = [sys.executable, "-P", "-m", MODULE, "--with-parent"]
        command += ["--profile", profile] if profile else []
        command += ["--agent", agent] if agent else []
        command += ["--tcp", "127.0.0.1:0"] if tcp else []
        command += options
        self._log = log.open("a+b") if log is not None else None
        self._log_start = self._log.tell() if self._log is not None else 0
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log or subprocess.PIPE,
        )
        try:
            self.where = self._first_line()
        except BaseException:
            self.close()
            raise

    def _first_line(self) -> str:
        """Read where it listens; LabUnavailable with its own words when it does not start.

        ConfigError when it is its profile that cannot be used.
        """
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = selector.select(START_TIMEOUT_S)
        line = self.process.stdout.readline().decode(errors="replace").strip() if ready else ""
        if line.startswith(_PREFIX):
            return line.removeprefix(_PREFIX)
        said = line or (self._complaint() if ready else "") or "nothing"
        if self.process.returncode == WRONG_PROFILE_EXIT_CODE:
            raise ConfigError(said.removeprefix("Error: "), hint="docs/emulator.md lists the keys of a profile")
        raise LabUnavailable(
            f"the emulated handset did not start: it said {said}",
            hint=f"try `{sys.executable} -m {MODULE}` by hand",
        )

    def _complaint(self) -> str:
        """What it wrote to standard error before it ended, as it has when its output is closed."""
        try:
            self.process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return ""
        stream: IO[bytes] | None = self.process.stderr
        if self._log is not None:
            self._log.seek(self._log_start)
            stream = self._log
        assert stream is not None
        return stream.read().decode(errors="replace").strip()

    def open(self) -> Transport:
        """Plug in."""
        if self.where.startswith("tcp:"):
            _, host, port = self.where.split(":")
            return open_tcp(host, int(port))
        return open_serial(self.where)

    @property
    def is_running(self) -> bool:
        """The process has not ended."""
        return self.process.poll() is None

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.terminate()
            deadline = time.monotonic() + END_TIMEOUT_S
            try:
                self.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr, self._log):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
