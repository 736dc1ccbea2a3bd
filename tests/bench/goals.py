"""What the build promises about speed: a row each, a ratio within one run wherever something can be compared."""

from __future__ import annotations

from typing import Final, NamedTuple


class Goal(NamedTuple):
    """One row of the table.

    Attributes:
        what: what is measured, and over what.
        at_least, at_most: the bound; at most one of them is there, none where the row is only shown.
        unit: behind the figure; empty for a ratio.
    """

    what: str
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""

    def is_met(self, figure: float) -> bool:
        """The figure keeps the bound."""
        if self.at_least is not None:
            return figure >= self.at_least
        return self.at_most is None or figure <= self.at_most

    @property
    def bound(self) -> str:
        """The bound as a person writes it."""
        if self.at_least is not None:
            return f">= {self.at_least:g}{self.unit}"
        return f"<= {self.at_most:g}{self.unit}" if self.at_most is not None else "none"


GOALS: Final[dict[str, Goal]] = {
    "bulk random": Goal("random data through the whole link / a raw copy in 4096-byte writes", at_least=0.75),
    "bulk escapes": Goal("data full of flag, escape and zero bytes, likewise", at_least=0.50),
    "bulk text": Goal("text, likewise", at_least=0.70),
    "bulk zmodem": Goal("random data through the whole link / lrzsz ZMODEM", at_least=1.15),
    "bulk zmodem cpu": Goal("both ends' processor time per MiB / lrzsz's", at_most=0.9),
    "backup raw": Goal("a whole backup, relayed callbacks to archive on disk / a raw copy", at_least=0.12),
    "backup smpclient": Goal("a whole backup / smpclient's upload", at_least=15),
    "backup memory": Goal("resident memory of the host in that backup", at_most=80, unit=" MB"),
    "rpc": Goal("a small call and its answer, median / a raw 64-byte echo", at_most=2.2),
    "relay": Goal(
        "a callback while the host's request is open: the phone asks, the host answers, the engine goes on / echo",
        at_most=3.5,
    ),
    "call with callback": Goal("a whole call with one callback in its course: two exchanges and more / an echo"),
    "rpc in bulk uart": Goal("a call during a transfer / an idle one: UART 115200", at_most=12),
    "rpc in bulk usb": Goal("likewise: USB full speed", at_most=5),
    "rpc in bulk rfcomm": Goal("likewise: RFCOMM", at_most=2.5),
    "decode header": Goal("40-byte frames decoded / construct reading their headers", at_least=8),
    "decode frame": Goal("40-byte frames decoded / construct reading all of them", at_least=15),
    "line uart": Goal("payload / what the line can carry: UART 115200", at_least=0.92),
    "line usb": Goal("likewise: USB full speed, 3 ms of work in the phone for each block", at_least=0.97),
    "line rfcomm": Goal("likewise: RFCOMM, 200 kB/s with a round trip of 40 ms", at_least=0.97),
    "errors uart": Goal("payload with a bit error rate of 1e-5 / without errors: UART", at_least=0.88),
    "errors rfcomm": Goal("likewise with 1e-6: RFCOMM", at_least=0.92),
    "core encode": Goal("the agent's core, ARMv5 instructions for each byte of payload that it sends", at_most=15),
    "core decode": Goal("likewise: that it receives", at_most=16),
    "log records": Goal("a log's records / a bare loop over its lines with one regular expression", at_most=9),
    "log typed": Goal("the same records with all that they say / that loop", at_most=25),
    "log runs": Goal("what happened in each run of the log / that loop", at_most=70),
    "start process": Goal("an emulated handset started, first call answered", at_most=200, unit=" ms"),
    "start in process": Goal("the same within this process", at_most=5, unit=" ms"),
    "public plan": Goal("the 55 cases of the public plan on the emulator", at_most=10, unit=" s"),
    "handsets": Goal(
        "work on 32 handsets in turn, all of them held / on one, at the same processor time", at_least=0.9
    ),
    "handsets memory": Goal("host memory for each further handset", at_most=12, unit=" MB"),
    "help": Goal("symhil --help / python -c 'import click'", at_most=2),
    "import": Goal("what import harness takes", at_most=60, unit=" ms"),
    "idle plugin": Goal("what the plugin adds to a pytest run that does not use it", at_most=5, unit=" ms"),
}
