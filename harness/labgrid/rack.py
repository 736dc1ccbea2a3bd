"""A machine's handsets, exported: a bridge for each phone, labgrid's exporter, and a place for each phone.

What ends is started again: a bridge on the port that it had, and the exporter, which ends whenever the coordinator
does not answer. The bridges know nothing of the coordinator, so that a run goes on while it is started anew.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from harness.errors import ConfigError, LabUnavailable
from harness.lab.config import HandsetEntry, LabConfig, SerialLink
from harness.lab.rules import port_of

START_TIMEOUT_S: Final = 30.0
LOOK_EVERY_S: Final = 0.5
AGAIN_S: Final = 1.0
"""How long what has ended stays so: a bridge that cannot begin does not keep the machine busy."""
END_TIMEOUT_S: Final = 10.0
NOT_YET: Final = 1
"""What `places` ends with when it may do better later."""


class Exported(NamedTuple):
    """A handset to export.

    Attributes:
        config: the configuration that it stands in; None for one that was found on its port.
    """

    entry: HandsetEntry
    config: Path | None

    @property
    def tags(self) -> dict[str, str]:
        """What its place can be reserved by. A word of ours becomes `word=yes`."""
        entry = self.entry
        told = {"model": entry.model, "platform": entry.platform, "firmware": entry.firmware}
        words = {word.lower().replace("-", "_").replace(".", "_"): "yes" for word in entry.tags}
        return {"kind": "symbian", **words, **{key: _as_tag(value) for key, value in told.items() if value}}

    def resource(self, bridge: str) -> dict[str, Any]:
        """The parameters of the resource SymbianHandset."""
        entry = self.entry
        port = next(filter(None, map(port_of, entry.links)), entry.links[0].kind)
        told = {name: getattr(entry, name) for name in ("model", "platform", "firmware", "identity")}
        known = {name: value for name, value in told.items() if value}
        return {
            "port": port,
            "bridge": bridge,
            "tags": " ".join(entry.tags),
            "allow_restore": entry.allow_restore,
            **known,
        }


def _as_tag(value: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in value.lower())


class Rack:
    """What is exported on this machine under one exporter's name. `run` serves until an exception ends it."""

    def __init__(
        self,
        handsets: list[Exported],
        *,
        coordinator: str,
        name: str,
        host: str,
        folder: Path,
        also: dict[str, Any],
        say: Callable[[str], None],
    ) -> None:
        self._coordinator = coordinator
        self._name = name
        self._host = host
        self._folder = folder
        self._also = also
        self._say = say
        self._handsets = {handset.entry.name: handset for handset in handsets}
        self._bridges: dict[str, _Bridge] = {}
        self._exporter: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._has_places = False
        self._problem = ""

    def run(self) -> None:
        """Start everything, and see that it goes on."""
        try:
            for name, handset in self._handsets.items():
                self._bridges[name] = _Bridge(handset, self._host, self._folder)
            for bridge in self._bridges.values():
                bridge.wait()
            self._write_exports()
            self._start_exporter()
            while True:
                time.sleep(LOOK_EVERY_S)
                self._look()
        finally:
            self._end()

    def _look(self) -> None:
        for name, bridge in self._bridges.items():
            if bridge.has_ended and time.monotonic() > bridge.started + AGAIN_S:
                self._say(f"the bridge of {name} has ended and is started again")
                with contextlib.suppress(LabUnavailable):
                    bridge.start()
                    bridge.wait()
        exporter = self._exporter
        if exporter is not None and exporter.poll() is not None and time.monotonic() > self._started + AGAIN_S:
            self._say(f"the exporter has ended with {exporter.returncode} and is started again")
            self._start_exporter()
        elif not self._has_places:
            self._make_places()

    @property
    def _exports(self) -> Path:
        return self._folder / f"{self._name}.yaml"

    def _write_exports(self) -> None:
        """Write labgrid's own file. What the user has beside ours goes to the handset of that name."""
        groups: dict[str, dict[str, Any]] = {}
        for name, bridge in self._bridges.items():
            groups[name] = {"SymbianHandset": self._handsets[name].resource(bridge.where), **bridge.power}
        for name, resources in self._also.items():
            groups.setdefault(name, {}).update(resources)
        self._exports.write_text(yaml.safe_dump(groups), encoding="utf-8")

    def _start_exporter(self) -> None:
        self._started = time.monotonic()
        command = [sys.executable, "-P", "-m", "harness.labgrid.exporter", "--coordinator", self._coordinator]
        command += ["--name", self._name, "--hostname", self._host, str(self._exports)]
        with (self._folder / f"{self._name}.log").open("ab") as log:
            self._exporter = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._has_places = False
        self._make_places()

    def _make_places(self) -> None:
        """A place for each handset; again later, if the coordinator does not answer or has no exporter yet."""
        places = {name: handset.tags for name, handset in self._handsets.items()}
        wish = json.dumps({"coordinator": self._coordinator, "exporter": self._name, "places": places})
        result = subprocess.run(
            [sys.executable, "-P", "-m", "harness.labgrid.places", wish],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        problem = result.stderr.strip().replace("symhil lab: ", "")
        self._has_places = result.returncode != NOT_YET
        if problem and problem != self._problem:
            self._say(problem)
        self._problem = problem
        if result.returncode == 0:
            self._say(f"{self._name} exports {', '.join(self._handsets)} to {self._coordinator}")

    def _end(self) -> None:
        for process in (self._exporter, *(bridge.process for bridge in self._bridges.values())):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (self._exporter, *(bridge.process for bridge in self._bridges.values())):
            if process is not None:
                end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was told to end; it is not asked twice."""
    try:
        process.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


class _Bridge:
    """The bridge of one handset.

    Attributes:
        where: HOST:PORT, once it was waited for; it keeps its port when it is started again.
        power: the resource of an emulated handset's power switch.
    """

    process: subprocess.Popen[bytes]

    def __init__(self, handset: Exported, host: str, folder: Path) -> None:
        self._handset = handset
        self._host = host
        self._folder = folder
        self.where = f"{host}:0"
        self.power: dict[str, Any] = {}
        self._switch = f"{host}:0" if handset.entry.is_emulated else ""
        self.start()

    @property
    def has_ended(self) -> bool:
        """It has to be started again."""
        return self.process.poll() is not None

    def start(self) -> None:
        """Begin; it ends when this process does."""
        self.started = time.monotonic()
        entry, config = self._handset.entry, self._handset.config
        if config is not None:
            which = [f"--config={config.resolve()}", f"--device={entry.name}"]
        else:
            which = [f"--port={port_of(entry.links[0])}"]
        capture = self._folder / f"{entry.name}.pcapng"
        command = [sys.executable, "-P", "-m", "harness", "bridge", *which, "--with-parent"]
        command += ["--listen", self.where, "--capture", str(capture)]
        command += ["--power-switch", self._switch] if self._switch else []
        # Unbuffered: a line that is read ahead would not be waited for.
        self.process = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def wait(self) -> None:
        """Until it listens; LabUnavailable when it does not."""
        self.where = self._line("listening on tcp:")
        if self._switch:
            self._switch = self._line("power switch on ")
            self.power = {
                "NetworkPowerPort": {"model": "rest", "host": f"http://{self._switch}/{{index}}", "index": 0}
            }

    def _line(self, prefix: str) -> str:
        stream = self.process.stdout
        assert stream is not None
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            ready = selector.select(START_TIMEOUT_S)
        line = stream.readline().decode().strip() if ready else ""
        if not line.startswith(prefix):
            raise LabUnavailable(
                f"the bridge of {self._handset.entry.name} did not begin: it said {line or 'nothing'}",
                hint=f"try `symhil bridge --device {self._handset.entry.name}` by hand",
            )
        return line.removeprefix(prefix)


def with_answers(entries: list[HandsetEntry], config: LabConfig) -> list[HandsetEntry]:
    """The same, with what their agents and modems say of them where the configuration does not."""
    from harness.lab.discovery import attached_ports
    from harness.lab.probe import probe_ports

    answers = {found.entry: found for found in probe_ports(attached_ports(), config) if found.entry}

    def told(entry: HandsetEntry) -> HandsetEntry:
        found = answers.get(entry.name)
        names = ("model", "firmware", "identity") if found is not None else ()
        return entry.model_copy(update={name: getattr(entry, name) or getattr(found, name) for name in names})

    return [told(entry) for entry in entries]


def found_handsets(known: list[HandsetEntry]) -> Iterator[Exported]:
    """Phones on this machine's ports whose agent answers, and which the configuration does not know."""
    from harness.lab.discovery import attached_ports
    from harness.lab.probe import probe_ports

    identities = {entry.identity for entry in known if entry.identity}
    ports = {port_of(link) for entry in known for link in entry.links}
    for found in probe_ports(attached_ports(), None):
        if found.kind == "agent" and found.identity not in identities and found.port not in ports:
            yield Exported(
                HandsetEntry(
                    name=f"phone-{found.identity}",
                    model=found.model,
                    firmware=found.firmware,
                    identity=found.identity,
                    links=(SerialLink(kind="serial", port=found.port),),
                ),
                None,
            )


def read_also(path: Path | None) -> dict[str, Any]:
    """Resources of labgrid's own that go with ours; ConfigError says what is wrong with the file."""
    if path is None:
        return {}
    try:
        groups = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}", hint="it has the form of labgrid's exporter file"
        ) from error
    if not isinstance(groups, dict) or not all(isinstance(group, dict) for group in groups.values()):
        raise ConfigError(f"{path}: groups of resources were expected, as in `n8: {{NetworkPowerPort: {{...}}}}`")
    return groups
