"""What grows with the number of phones: `python -m tests.labgrid.growth`, in labgrid's environment.

A real coordinator and one real exporter of so many ports, behind none of which is a phone: what is measured is
what labgrid does for one run that takes one phone and gives it back. And how much memory each process has.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import click

from harness.lab.config import LabgridLink
from harness.lab.hold import FOLDER_VARIABLE
from harness.labgrid.lease import Lease
from harness.labgrid.session import Session, open_session
from tests.labgrid.demo_lab import demo_lab
from tests.labgrid.overhead import PAGE

_BLOCK: Final = re.compile(r"(<!-- growth -->\n).*?(<!-- end -->)", re.DOTALL)
TURNS: Final = 20


class Cost(NamedTuple):
    """For a lab of so many places, in seconds.

    Attributes:
        connect_s: a client learns of all places and resources.
        hold_s: acquire a place by name and release it.
        reserve_s: reserve one by tags, acquire it, release it, cancel.
    """

    places: int
    connect_s: float
    hold_s: float
    reserve_s: float


@contextlib.contextmanager
def coordinator(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-P", "-m", "labgrid.remote.coordinator", "--listen", "127.0.0.1:0"]
    with (
        (folder / "coordinator.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("listening on ")
        # What it goes on to say would fill the pipe.
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        try:
            yield address
        finally:
            process.kill()
            drain.wait()


@contextlib.contextmanager
def exporter(folder: Path, address: str, count: int) -> Iterator[None]:
    resources = "".join(
        f"phone{n}: {{NetworkSerialPort: {{host: 127.0.0.1, port: {10000 + n}, protocol: raw}}}}\n"
        for n in range(count)
    )
    (folder / "exporter.yaml").write_text(resources, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "labgrid.remote.exporter", "-c", address, "-n", "rack", "exporter.yaml"]
    with (folder / "exporter.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def make_places(address: str, count: int) -> None:
    session = await open_session(address, "maker")
    changed = asyncio.Event()
    session.on_change = changed.set
    while len(session.resources.get("rack", {})) < count:
        changed.clear()
        await changed.wait()
    for n in range(count):
        await session.ask("AddPlace", name=f"phone{n}")
        await session.ask("AddPlaceMatch", placename=f"phone{n}", pattern=f"rack/phone{n}/*")
        await session.ask("SetPlaceTags", placename=f"phone{n}", tags={"kind": "symbian", "number": str(n)})
    await session.end()


async def one_turn(address: str, number: int, count: int) -> Cost:
    from labgrid.remote.generated import labgrid_coordinator_pb2 as pb2

    begin = time.perf_counter()
    session: Session = await open_session(address, f"client{number}")
    connected = time.perf_counter()
    place = f"phone{number * 7 % count}"
    await session.ask("AcquirePlace", placename=place)
    await session.ask("ReleasePlace", placename=place)
    held = time.perf_counter()
    filters = {"main": pb2.Reservation.Filter(filter={"kind": "symbian"})}
    token = (await session.ask("CreateReservation", filters=filters, prio=0.0)).reservation.token
    place = (await session.ask("PollReservation", token=token)).reservation.allocations["main"]
    await session.ask("AcquirePlace", placename=place)
    await session.ask("ReleasePlace", placename=place)
    await session.ask("CancelReservation", token=token)
    reserved = time.perf_counter()
    await session.end()
    return Cost(count, connected - begin, held - connected, reserved - held)


def cost_of(count: int) -> Cost:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with coordinator(folder) as address, exporter(folder, address, count):
            asyncio.run(make_places(address, count))
            turns = [asyncio.run(one_turn(address, number, count)) for number in range(TURNS)]
    return Cost(count, *(statistics.median(turn[field] for turn in turns) for field in (1, 2, 3)))


def memory_of(pid: int) -> float:
    """Megabytes that are this process's alone, of which others have no part."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(value) for value in re.findall(r"Private_\w+: +(\d+)", rollup)) / 1000


def memories() -> list[tuple[str, float]]:
    """Of each kind of process of a machine with one phone, and of a run that has it."""
    with tempfile.TemporaryDirectory() as temporary:
        os.environ[FOLDER_VARIABLE] = str(Path(temporary) / "locks")
        with demo_lab(Path(temporary), machines=1, handsets=1) as lab:
            lease = Lease(LabgridLink(kind="labgrid", place="rack1-1", coordinator=lab.coordinator), wait_s=30)
            found = {
                "harness.labgrid.keeper": lease._process.pid,
                "labgrid.remote.coordinator": lab.pid("coordinator"),
            }
            for folder in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    words = (folder / "cmdline").read_bytes().decode().split("\0")
                    if any(temporary in word for word in words):
                        kind = "symhil bridge" if "bridge" in words else words[3] if len(words) > 3 else ""
                        found.setdefault(kind, int(folder.name))
            named = {
                "labgrid.remote.coordinator": "the coordinator",
                "harness.labgrid.exporter": "an exporter",
                "symhil bridge": "a bridge, per phone",
                "harness.labgrid.keeper": "a keeper, per phone in use",
            }
            memory = [(text, memory_of(found[kind])) for kind, text in named.items()]
            lease.release()
    return memory


@click.command()
@click.option("--write", is_flag=True, help="Put the figures into docs/scale.md.")
@click.argument("counts", nargs=-1, type=int)
def main(write: bool, counts: tuple[int, ...]) -> None:
    """Measure labs of COUNTS phones; 10, 100 and 1000 if none are given."""
    costs = [cost_of(count) for count in counts or (10, 100, 1000)]
    lines = [
        "| Phones | a client connects | acquire and release | reserve, acquire, release | so many a second |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {c.places} | {c.connect_s * 1e3:.0f} ms | {c.hold_s * 1e3:.1f} ms | {c.reserve_s * 1e3:.1f} ms "
        f"| {1 / c.reserve_s:.0f} |"
        for c in costs
    ]
    lines += ["", "| Process | Memory of its own |", "|---|---|"]
    lines += [f"| {name} | {megabytes:.0f} MB |" for name, megabytes in memories()]
    text = "\n".join(lines) + "\n"
    click.echo(text)
    if write:
        page, number = _BLOCK.subn(lambda match: f"{match[1]}{text}{match[2]}", PAGE.read_text(encoding="utf-8"))
        if number != 1:
            sys.exit(f"{PAGE} has no place for the figures")
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
