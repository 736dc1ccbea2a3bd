"""What answers on the phone's first serial function: a modem, as far as a program looks for one."""

from __future__ import annotations


class Modem:
    """Echoes, and answers each line."""

    def __init__(self, model: str) -> None:
        self._model = model.encode("ascii", "replace")
        self._line = bytearray()

    def answer(self, data: bytes) -> bytes:
        """What it says to these bytes."""
        said = bytearray(data)
        self._line += data
        while b"\r" in self._line:
            line, _, rest = bytes(self._line).partition(b"\r")
            self._line = bytearray(rest)
            command = line.strip().upper()
            if command == b"AT+CGMM":
                said += b"\r\n" + self._model + b"\r\n"
            if command:
                said += b"\r\nOK\r\n" if command.startswith(b"AT") else b"\r\nERROR\r\n"
        return bytes(said)
