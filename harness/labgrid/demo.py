"""A whole lab on this machine: a coordinator, machines at loopback addresses of their own, emulated handsets.

What ends is started again, as the service manager of a real machine does it. Which process is whose stands in
`pids.json`, for whoever wants to do them harm.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import yaml

from harness.archive import write_atomically
from harness.errors import LabUnavailable
from harness.labgrid.rack import end

START_TIMEOUT_S: Final = 120.0
LOOK_EVERY_S: Final = 0.5
AGAIN_S: Final = 1.0


class Demo:
    """The lab. `run` serves until an exception ends it."""

    def __init__(
        self, folder: Path, *, machines: int, handsets: int, profile: str, say: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._say = say
        self._names = {
            f"rack{rack}": [
                f"rack{rack}-{number}" for number in range(1, handsets + 1) if number % machines == rack % machines
            ]
            for rack in range(1, machines + 1)
        }
        self._profile = profile
        self._coordinator = "127.0.0.1:0"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._ready: set[str] = set()
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Start everything, say how to use it, and see that it goes on."""
        try:
            for name in ("coordinator", *self._names):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            self._start_coordinator()
            for rack in self._names:
                self._start_rack(rack)
            deadline = time.monotonic() + START_TIMEOUT_S
            while self._ready != set(self._names):
                if time.monotonic() > deadline:
                    late = ", ".join(sorted(set(self._names) - self._ready))
                    raise LabUnavailable(f"{late} did not begin", hint=f"see the logs in {self._folder}")
                self._look()
            self._write_config()
            while True:
                self._look()
        finally:
            for process in self._processes.values():
                process.terminate()
            for process in self._processes.values():
                end(process)
            self._selector.close()

    def _write_config(self) -> None:
        """What a client needs: as many handsets as there are, any of them."""
        count = sum(map(len, self._names.values()))
        link = {"labgrid": {"coordinator": self._coordinator, "tags": {"kind": "symbian"}}}
        entries = [{"name": f"any-{n}", "links": [link], "allow_restore": True} for n in range(1, count + 1)]
        config = self._folder / "lab_config.yaml"
        text = yaml.dump({"handsets": entries}, Dumper=_PlainDumper, sort_keys=False)
        write_atomically(config, text.encode())
        self._say(f"export LG_COORDINATOR={self._coordinator}")
        self._say(f"pytest my_tests --hil-backend lab --hil-config {config} -n 6")
        self._say("the lab is ready; Ctrl-C ends it")

    # ------------------------------------------------------------------------------------- processes

    def _look(self) -> None:
        for key, _ in self._selector.select(LOOK_EVERY_S):
            name: str = key.data
            stream = self._processes[name].stdout
            line = stream.readline().decode(errors="replace").strip() if stream is not None else ""
            if not line:
                self._selector.unregister(key.fileobj)
            elif name != "coordinator":
                self._say(f"{name}: {line}")
                if " exports " in line:
                    self._ready.add(name)
        for name, process in list(self._processes.items()):
            if process.poll() is not None and time.monotonic() > self._started[name] + AGAIN_S:
                self._say(f"{name} has ended with {process.returncode} and is started again")
                end(process)
                if name == "coordinator":
                    self._start_coordinator()
                else:
                    self._start_rack(name)

    def _start_coordinator(self) -> None:
        command = [sys.executable, "-P", "-m", "labgrid.remote.coordinator", "--listen", self._coordinator]
        self._start("coordinator", command)
        stream = self._processes["coordinator"].stdout
        assert stream is not None
        line = stream.readline().decode().strip()
        if not line.startswith("listening on "):
            raise LabUnavailable(f"the coordinator did not begin: it said {line or 'nothing'}")
        self._coordinator = line.removeprefix("listening on ")
        self._say(f"the coordinator listens on {self._coordinator}")

    def _start_rack(self, name: str) -> None:
        folder = self._folder / name
        config = folder / "lab_config.yaml"
        entries = [
            {
                "name": one,
                "links": [{"emulator": {"profile": self._profile}}],
                "tags": [name],
                "allow_restore": True,
            }
            for one in self._names[name]
        ]
        config.write_text(yaml.dump({"handsets": entries}, Dumper=_PlainDumper, sort_keys=False), encoding="utf-8")
        command = [sys.executable, "-P", "-m", "harness", "lab", "export", *self._names[name], f"--name={name}"]
        command += [f"--config={config}", f"--coordinator={self._coordinator}", f"--folder={folder}"]
        self._start(name, [*command, f"--host=127.0.0.{name.removeprefix('rack')}"])

    def _start(self, name: str, command: list[str]) -> None:
        with (self._folder / name / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                bufsize=0,  # a line that is read ahead would not be waited for
                cwd=self._folder / name,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._processes[name] = process
        self._started[name] = time.monotonic()
        assert process.stdout is not None
        self._selector.register(process.stdout, selectors.EVENT_READ, name)
        pids = {one: running.pid for one, running in self._processes.items()}
        write_atomically(self._folder / "pids.json", json.dumps(pids).encode())


class _PlainDumper(yaml.SafeDumper):
    """Writes the same thing twice where it stands twice."""

    def ignore_aliases(self, data: object) -> bool:
        """See yaml.Dumper."""
        return True
