"""A pseudo-terminal that behaves like the modem of a phone, with its bad habits."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import tty
from collections.abc import Iterator

ANSWERS = {
    "AT+CGMI": "Nokia",
    "AT+CGMM": "Nokia N8-00",
    "AT+CGMR": "V ICPR82_10w40.12\r\n21-10-10\r\nRM-596\r\n(c) Nokia",
    "AT+CGSN": "356938035643809",
}


class PtyModem:
    """Answers AT commands.

    Attributes:
        asked: the commands that came.
    """

    def __init__(
        self,
        *,
        answers: dict[str, str] | None = None,
        echo: bool = True,
        unasked: bytes = b"",
        piece: int = 4096,
        silent: bool = False,
    ) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self.asked: list[str] = []
        self._answers = ANSWERS if answers is None else answers
        self._echo = echo
        self._unasked = unasked
        self._piece = piece
        self._silent = silent
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="modem")
        self._thread.start()

    def _run(self) -> None:
        typed = b""
        while True:
            ready, _, _ = select.select([self._master, self._stop_read], [], [])
            if self._stop_read in ready:
                return
            typed += os.read(self._master, 4096)
            while b"\r" in typed and not self._silent:
                command, _, typed = typed.partition(b"\r")
                self._answer(command.decode("ascii", "replace").strip())

    def _answer(self, command: str) -> None:
        self.asked.append(command)
        out = f"{command}\r".encode() if self._echo else b""
        out += self._unasked
        if command == "ATE0":
            out += b"\r\nOK\r\n"
            self._echo = False
        elif command in self._answers:
            out += f"\r\n{self._answers[command]}\r\n\r\nOK\r\n".encode()
        else:
            out += b"\r\nERROR\r\n"
        for start in range(0, len(out), self._piece):
            os.write(self._master, out[start : start + self._piece])

    def close(self) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join()
        for descriptor in (self._master, self._slave, self._stop_read, self._stop_write):
            os.close(descriptor)


@contextlib.contextmanager
def pty_modem(**options: object) -> Iterator[PtyModem]:
    modem = PtyModem(**options)  # type: ignore[arg-type]
    try:
        yield modem
    finally:
        modem.close()
