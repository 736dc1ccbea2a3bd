"""`symhil lab demo` as a process, and what its coordinator says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class DemoLab:
    """The running lab.

    Attributes:
        folder: with `lab_config.yaml` for clients and `pids.json`.
        coordinator: where it listens; it keeps its port when it is started again.
        said: what the lab has said so far, line by line.
    """

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self._process = process
        self.wait_for("the lab is ready")
        (line,) = (line for line in self.said if line.startswith("export LG_COORDINATOR="))
        self.coordinator = line.partition("=")[2]

    @property
    def config(self) -> Path:
        return self.folder / "lab_config.yaml"

    def pid(self, name: str) -> int:
        """The process of `coordinator` or of a machine, as `rack1`."""
        return int(json.loads((self.folder / "pids.json").read_text())[name])

    def kill(self, name: str) -> None:
        os.kill(self.pid(name), signal.SIGKILL)

    def wait_for(self, *parts: str) -> None:
        """Until the lab has said a line with each of these since the last time that it was waited for."""
        assert self._process.stdout is not None
        missing = set(parts)
        while missing:
            line = self._process.stdout.readline()
            assert line, f"the lab has ended without saying {missing}; it said {self.said}"
            self.said.append(line.strip())
            missing -= {part for part in missing if part in line}

    def wait_for_restart(self, name: str) -> None:
        """Until what was killed is back, and all machines with it."""
        if name == "coordinator":
            # Exporters end with it, and each of them comes back by itself.
            self.wait_for("coordinator has ended", *(f"rack{n} exports" for n in (1, 2, 3)))
        else:
            self.wait_for(f"{name} has ended", f"{name} exports")

    def places(self) -> dict[str, Any]:
        """The coordinator's places by name."""
        return self._ask(lambda places: True)[0]

    def wait_until_all_is_released(self, count: int = 12) -> None:
        """Until no place is acquired or reserved; pytest-timeout ends what takes too long."""
        places, reservations = self._ask(
            lambda places: not any(p.acquired or p.reservation for p in places.values())
        )
        assert len(places) == count
        assert not reservations

    def _ask(self, done: Callable[[dict[str, Any]], bool]) -> tuple[dict[str, Any], list[str]]:
        from harness.labgrid.session import open_session

        async def ask() -> tuple[dict[str, Any], list[str]]:
            session = await open_session(self.coordinator, "watcher")
            changed = asyncio.Event()
            session.on_change = changed.set
            try:
                while not done(session.places):
                    changed.clear()
                    await changed.wait()
                return session.places, await self._reservations(session)
            finally:
                await session.end()

        return asyncio.run(ask())

    async def _reservations(self, session: Any) -> list[str]:
        from labgrid.remote.generated import labgrid_coordinator_pb2 as pb2

        answer = await session.stub.GetReservations(pb2.GetReservationsRequest())
        return [f"{one.owner} {dict(one.filters)}" for one in answer.reservations]


@contextlib.contextmanager
def demo_lab(folder: Path, *, machines: int, handsets: int) -> Iterator[DemoLab]:
    command = [sys.executable, "-P", "-m", "harness", "lab", "demo", f"--machines={machines}"]
    command += [f"--handsets={handsets}", f"--folder={folder}"]
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            yield DemoLab(process, folder)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            process.stdout.read()
            assert process.wait() == 0
