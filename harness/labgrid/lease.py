"""A place of labgrid that is ours: a process of its own holds it, so that it is given back however ours ends."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import socket
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from harness.errors import ConfigError, LabUnavailable, Misuse
from harness.identity import user_name
from harness.transport.tcp import open_tcp

if TYPE_CHECKING:
    from harness.lab.config import LabgridLink
    from harness.transport.base import FdTransport

KEEPER: Final = "harness.labgrid.keeper"
START_TIMEOUT_S: Final = 30.0
END_TIMEOUT_S: Final = 10.0
POWER_TIMEOUT_S: Final = 60.0
COORDINATOR: Final = "127.0.0.1:20408"
"""labgrid's own default."""


class Leased(NamedTuple):
    """What the coordinator says of the place.

    Attributes:
        allow_restore: what the machine that the phone hangs on says of writing to it.
        power: its power can be switched.
    """

    place: str
    host: str
    port: int
    protocol: str
    allow_restore: bool
    power: bool


class Lease:
    """A place that is ours until `release`, or until this process ends.

    Attributes:
        coordinator: where it is.
    """

    def __init__(self, link: LabgridLink, *, wait_s: float = 0.0) -> None:
        self.coordinator = link.coordinator or os.environ.get("LG_COORDINATOR") or COORDINATOR
        self._user = f"{os.environ.get('LG_USERNAME') or user_name()}.symhil-{os.getpid()}-{secrets.token_hex(2)}"
        self._wish = {
            "coordinator": self.coordinator,
            "user": self._user,
            "place": link.place,
            "tags": link.tags,
            "wait_s": wait_s,
        }
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `release`
        self._process = self._start_keeper()
        self._unread = b""
        self._leased: Leased | None = None
        self._problem = ""
        try:
            self._wait_for_place(wait_s + START_TIMEOUT_S)
        except BaseException:
            self.release()
            raise

    def _start_keeper(self, **wish: str) -> subprocess.Popen[bytes]:
        # -P: a folder called labgrid or harness in the current directory is not taken for the real one.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", KEEPER, json.dumps({**self._wish, **wish})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            start_new_session=True,
        )

    @property
    def owner(self) -> str:
        """What labgrid's tools show as the one who has the place."""
        return f"{os.environ.get('LG_HOSTNAME') or socket.gethostname()}/{self._user}"

    def where(self) -> Leased:
        """Where the phone is now: an exporter that was started anew may have another port for it."""
        while self._read_line(0.0):
            pass
        if self._leased is None:
            raise Misuse("the place of labgrid was given back already")
        return self._leased

    def open(self) -> FdTransport:
        """A line to the phone."""
        leased = self.where()
        if leased.protocol != "raw":
            raise ConfigError(
                f"place {leased.place} offers its port with the protocol {leased.protocol or 'rfc2217'}, "
                "where raw is wanted: with ser2net two clients would share a phone and neither would know",
                hint="export it with `symhil lab export`, or as a NetworkSerialPort with protocol: raw",
            )
        try:
            transport = open_tcp(leased.host, leased.port)
        except LabUnavailable as error:
            also = f"; {self._problem}" if self._problem else ""
            raise LabUnavailable(
                f"place {leased.place} is ours, but its phone is not there: {error.args[0]}{also}",
                hint=f"see to the exporter on {leased.host}: `symhil lab export` runs there",
            ) from error
        transport.name = f"labgrid:{leased.place} ({leased.host}:{leased.port})"
        return transport

    def power_cycle(self) -> None:
        """Switch the phone's power off and on, with whichever of labgrid's drivers fits."""
        leased = self.where()
        environment = {**os.environ, "LG_USERNAME": self._user, "LG_COORDINATOR": self.coordinator}
        command = [sys.executable, "-P", "-m", "labgrid.remote.client", "-p", leased.place, "power", "cycle"]
        try:
            result = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, timeout=POWER_TIMEOUT_S
            )
            said, failed = result.stdout + result.stderr, result.returncode != 0
        except subprocess.TimeoutExpired:
            said, failed = f"it took more than {POWER_TIMEOUT_S:g} s", True
        if failed:
            lines = said.strip().splitlines() or ["nothing was said"]
            raise LabUnavailable(
                f"the power of place {leased.place} could not be switched: {lines[-1]}",
                hint=f"try `labgrid-client -p {leased.place} power cycle` by hand",
            )

    def release(self) -> None:
        """Give it back; twice is allowed."""
        if self._complaints.closed:
            return
        code = _end(self._process)
        if code is not None and code < 0 and self._leased is not None:
            _end(self._start_keeper(give_back=self._leased.place))  # somebody has killed the keeper
        self._leased = None
        self._complaints.close()

    # ------------------------------------------------------------------------------ what the keeper says

    def _wait_for_place(self, timeout_s: float) -> None:
        while self._leased is None:
            if not self._read_line(timeout_s):
                raise LabUnavailable(f"the keeper of a place said nothing for {timeout_s:g} s")

    def _read_line(self, timeout_s: float) -> bool:
        """Take one thing that the keeper says; whether there was one."""
        assert self._process.stdout is not None
        while b"\n" not in self._unread:
            with selectors.DefaultSelector() as selector:
                selector.register(self._process.stdout, selectors.EVENT_READ)
                if not selector.select(timeout_s):
                    return False
            data = os.read(self._process.stdout.fileno(), 65536)
            if not data:
                if self._leased is None:
                    self._keeper_failed()
                self._problem = "the process that keeps the place has ended"
                return False
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        self._take(json.loads(line))
        return True

    def _take(self, said: dict[str, Any]) -> None:
        match said.pop("state"):
            case "acquired":
                allowed = said["extra"].get("allow_restore")
                host, port, protocol = said["host"], said["port"], said["protocol"]
                self._leased = Leased(said["place"], host, port, protocol, allowed is not False, said["power"])
                self._problem = ""
            case "failed":
                kinds = {"config": ConfigError, "held": LabUnavailable, "unavailable": LabUnavailable}
                hints = {
                    "config": "`labgrid-client places` lists them",
                    "held": "wait for it with --hil-wait, or ask who has it",
                    "unavailable": f"is there a coordinator on {self.coordinator}? LG_COORDINATOR names another",
                }
                raise kinds[said["kind"]](f"labgrid: {said['why']}", hint=hints[said["kind"]])
            case _:
                self._problem = said["why"]

    def _keeper_failed(self) -> NoReturn:
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
        if "No module named" in lines[-1]:
            raise LabUnavailable(
                f"phones of labgrid need labgrid, which is not installed here ({lines[-1]})",
                hint="pip install 'symhil[labgrid]', in an environment of its own; docs/scale.md says why",
            )
        raise LabUnavailable(f"the process that keeps a place of labgrid has failed: {lines[-1]}")


def _end(keeper: subprocess.Popen[bytes]) -> int | None:
    """Let a keeper give back what it has; its exit code, or None when it goes on trying, and outlives us."""
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    keeper.stdin.close()
    try:
        code: int | None = keeper.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        code, keeper.returncode = None, 0
    keeper.stdout.close()
    return code
