"""A switch of an emulated handset's power, as a rack of phones has one: what a dead phone is brought back with.

It speaks as the relays do that labgrid's power driver `rest` is for: PUT of 1 or 0 to /0 switches, GET tells.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Final

from harness.emulated import EmulatedHandset
from harness.errors import ConfigError, LabUnavailable
from harness.lab.config import EmulatorLink, HandsetEntry
from harness.lab.open import PlugIn, line_for

if TYPE_CHECKING:
    from harness.transport.base import Transport

REQUEST_TIMEOUT_S: Final = 2.0


@contextlib.contextmanager
def open_switched(
    entry: HandsetEntry, switch: tuple[str, int] | None
) -> Iterator[tuple[PlugIn, list[PowerSwitch]]]:
    """What plugs a handset in, and the switch of its power, if there is to be one."""
    link = entry.links[0]
    if switch is None:
        with contextlib.ExitStack() as stack:
            ways = [stack.enter_context(line_for(one)) for one in entry.links]
            yield lambda: _first_that_works(ways), []
        return
    if not isinstance(link, EmulatorLink):
        raise ConfigError(
            f"{entry.name} is no emulated handset: its power cannot be switched from here",
            hint="a real phone's power is switched by a resource of labgrid; see docs/scale.md",
        )
    with contextlib.ExitStack() as stack:
        phone = SwitchedHandset(link)
        stack.callback(phone.off)
        phone.on()
        server = PowerSwitch(switch, phone)
        stack.callback(server.server_close)
        yield phone.plug_in, [server]


def _first_that_works(ways: list[PlugIn]) -> Transport:
    failures = []
    for plug_in in ways:
        try:
            return plug_in()
        except LabUnavailable as error:
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    raise LabUnavailable("; ".join(str(failure.args[0]) for failure in failures)) from failures[0]


class SwitchedHandset:
    """An emulated handset that can be switched off and on. Off, it is as gone as a phone without a battery."""

    def __init__(self, link: EmulatorLink) -> None:
        self._link = link
        self._running: EmulatedHandset | None = None

    @property
    def is_on(self) -> bool:
        """It has power; whether it runs is another matter."""
        return self._running is not None

    def on(self) -> None:
        """Start it."""
        if self._running is None:
            self._running = EmulatedHandset(profile=self._link.profile, agent=self._link.agent)

    def off(self) -> None:
        """End it, whatever it does."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def plug_in(self) -> Transport:
        """A line to it; LabUnavailable when there is nobody at the other end."""
        if self._running is None or not self._running.is_running:
            why = "has crashed" if self.is_on else "is switched off"
            raise LabUnavailable(f"the emulated handset {why}", hint="switch its power off and on")
        return self._running.open()


class PowerSwitch(HTTPServer):
    """The switch. One request at a time, in the bridge's own loop."""

    timeout = REQUEST_TIMEOUT_S

    def __init__(self, address: tuple[str, int], phone: SwitchedHandset) -> None:
        try:
            super().__init__(address, _Relay)
        except OSError as error:
            raise LabUnavailable(
                f"cannot listen on {address[0]}:{address[1]}: {error.strerror or error}",
                hint="name another with --power-switch",
            ) from error
        self.phone = phone
        self.where = f"{address[0]}:{self.server_port}"

    def ready(self) -> None:
        """See `harness.bridge.Neighbour`."""
        self.handle_request()


class _Relay(BaseHTTPRequestHandler):
    server: PowerSwitch
    timeout = REQUEST_TIMEOUT_S

    def do_GET(self) -> None:
        """Whether there is power."""
        self._answer(200, b"1" if self.server.phone.is_on else b"0")

    def do_PUT(self) -> None:
        """Switch."""
        length = self.headers.get("Content-Length", "")
        value = self.rfile.read(min(int(length), 16)).strip() if length.isdigit() else b""
        switches: dict[bytes, Callable[[], None]] = {b"0": self.server.phone.off, b"1": self.server.phone.on}
        if value not in switches:
            self._answer(400, b"0 or 1 is expected\n")
            return
        switches[value]()
        self._answer(200, value)

    def _answer(self, code: int, text: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """The bridge says what matters."""
