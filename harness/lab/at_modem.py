"""Asking a phone's modem who it is: the AT commands of 3GPP TS 27.007, with pexpect on an open port.

Read-only. Where a phone has two serial functions the first is its modem, so this works without any agent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import serial

from harness.transport.serial import cannot_open

if TYPE_CHECKING:
    from pexpect.fdpexpect import fdspawn

ANSWER_TIMEOUT_S: Final = 1.0
_QUESTIONS: Final = {"manufacturer": "AT+CGMI", "model": "AT+CGMM", "revision": "AT+CGMR", "imei": "AT+CGSN"}
_END: Final = re.compile(rb"\r?\n?(OK|ERROR|\+CM[ES] ERROR: [^\r\n]*)\r?\n")
# Unsolicited result codes may come between a command and its answer.
_UNASKED: Final = re.compile(r"^(RING|NO CARRIER|\+C(REG|GREG|RING|MTI|USD|IEV|GEV|LIP)\b.*)$")


class Modem(NamedTuple):
    """What a modem says of its phone; empty where it says nothing. The IMEI goes into no report, only its hash."""

    manufacturer: str
    model: str
    revision: str
    imei: str


def ask_modem(port: str, *, timeout_s: float = ANSWER_TIMEOUT_S) -> Modem | None:
    """Who is on a port, or None when no modem answers there. LabUnavailable when it cannot be opened."""
    try:
        device = serial.Serial(port, 115200, timeout=0, exclusive=True)
    except (OSError, ValueError) as error:
        raise cannot_open(port, error) from error
    with device:
        return _ask(device.fileno(), timeout_s)


def _ask(descriptor: int, timeout_s: float) -> Modem | None:
    import pexpect
    from pexpect.fdpexpect import fdspawn

    line: fdspawn[bytes] = fdspawn(descriptor, timeout=timeout_s, use_poll=True)
    line.delaybeforesend = None
    try:
        # Twice: the first may be the end of what somebody else had begun to type, or wake a sleeping port.
        if _command(line, "ATE0") is None and _command(line, "ATE0") is None:
            return None
        answers = {name: _command(line, command) or [] for name, command in _QUESTIONS.items()}
    except (pexpect.TIMEOUT, pexpect.EOF, OSError):
        return None
    texts = {name: read_value(lines) for name, lines in answers.items()}
    digits = re.search(r"\d{14,16}", texts.pop("imei"))
    return Modem(**texts, imei=digits[0][:15] if digits else "")


def _command(line: fdspawn[bytes], command: str) -> list[str] | None:
    """The lines of the answer; None when it is an error."""
    line.send(f"{command}\r")
    line.expect([_END])
    match = line.match
    assert isinstance(match, re.Match)
    return read_answer(line.before or b"", command) if match[1] == b"OK" else None


def read_answer(data: bytes, command: str) -> list[str]:
    """The lines of an answer without the echo of the command and without what nobody asked for."""
    lines = (line.strip() for line in data.decode("ascii", "replace").splitlines())
    return [line for line in lines if line and line != command and not _UNASKED.match(line)]


def read_value(lines: list[str]) -> str:
    """The value in an answer's first line, which some modems write as `+CGSN: "value"`."""
    text = lines[0] if lines else ""
    text = re.sub(r"^\+[A-Z]+:\s*", "", text).strip().strip('"')
    return "".join(c for c in text if c.isprintable())[:100]
