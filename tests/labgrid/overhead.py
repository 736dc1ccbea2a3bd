"""What the way through labgrid costs: `python -m tests.labgrid.overhead`, in labgrid's environment.

The same kind of emulated handset on a pseudo-terminal, opened directly and through a place of labgrid and a
bridge that captures; turn by turn in one go, so that a busy machine is as busy for both.
"""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import click

from harness.emulated import EmulatedHandset
from harness.handset import Handset
from harness.lab.config import HandsetEntry, LabgridLink, SerialLink
from harness.lab.hold import FOLDER_VARIABLE
from harness.lab.open import open_handset
from tests.labgrid.demo_lab import demo_lab

PAGE: Final = Path(__file__).parents[2] / "docs" / "scale.md"
_BLOCK: Final = re.compile(r"(<!-- overhead -->\n).*?(<!-- end -->)", re.DOTALL)
FILE: Final = r"C:\data.bin"


class Times(NamedTuple):
    """What one way took, in seconds; each the median of all turns.

    Attributes:
        open_s: from wanting the phone to its first answer.
        close_s: giving it back.
        call_s: one small call.
        read_s, write_s: a file of the size that was asked for.
    """

    open_s: float
    close_s: float
    call_s: float
    read_s: float
    write_s: float


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def one_turn(entry: HandsetEntry, data: bytes, calls: int) -> Times:
    with contextlib.ExitStack() as stack:
        opened: list[Handset] = []
        open_s = seconds(lambda: opened.append(stack.enter_context(open_handset(entry))))
        (handset,) = opened
        call_s = statistics.median(seconds(handset.properties.mode) for _ in range(calls))
        write_s = seconds(lambda: handset.files.write(FILE, data))
        read_s = seconds(lambda: handset.files.read(FILE))
        assert handset.files.read(FILE) == data
        close_s = seconds(stack.close)
    return Times(open_s, close_s, call_s, read_s, write_s)


def medians(turns: list[Times]) -> Times:
    return Times(*(statistics.median(column) for column in zip(*turns, strict=True)))


@contextlib.contextmanager
def both_ways() -> Iterator[tuple[HandsetEntry, HandsetEntry]]:
    """An entry for each way."""
    with tempfile.TemporaryDirectory() as temporary, EmulatedHandset() as phone:
        os.environ[FOLDER_VARIABLE] = str(Path(temporary) / "locks")
        with demo_lab(Path(temporary), machines=1, handsets=1) as lab:
            link = LabgridLink(kind="labgrid", tags={"kind": "symbian"}, coordinator=lab.coordinator)
            yield (
                HandsetEntry(
                    name="direct", links=(SerialLink(kind="serial", port=phone.where),), allow_restore=True
                ),
                HandsetEntry(name="labgrid", links=(link,), allow_restore=True),
            )


def table(direct: Times, labgrid: Times, size: int, turns: int) -> str:
    """For docs/scale.md."""
    megabytes = size / 1e6
    rows = []
    for name, one, other, unit, scale in (
        ("from wanting a phone to its first answer", direct.open_s, labgrid.open_s, "ms", 1e3),
        ("giving it back", direct.close_s, labgrid.close_s, "ms", 1e3),
        ("one small call", direct.call_s, labgrid.call_s, "ms", 1e3),
        (f"reading {megabytes:.0f} MB", direct.read_s, labgrid.read_s, "s", 1),
        (f"writing {megabytes:.0f} MB", direct.write_s, labgrid.write_s, "s", 1),
    ):
        rows.append((name, f"{one * scale:.2f} {unit}", f"{other * scale:.2f} {unit}", f"{other / one:.2f}"))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    head = f"| Median of {turns} turns | Direct | Through labgrid | Ratio of times |\n|---|---|---|---|\n"
    return head + "\n".join(lines) + "\n"


@click.command()
@click.option("--turns", default=7, show_default=True)
@click.option("--size", default=4_000_000, show_default=True, help="Bytes that are read and written.")
@click.option("--calls", default=300, show_default=True)
@click.option("--write", is_flag=True, help="Put the figures into docs/scale.md.")
def main(turns: int, size: int, calls: int, write: bool) -> None:
    """Measure both ways, turn by turn."""
    data = os.urandom(size)
    taken: dict[str, list[Times]] = {"direct": [], "labgrid": []}
    with both_ways() as entries:
        for _ in range(turns):
            for entry in entries:
                taken[entry.name].append(one_turn(entry, data, calls))
    text = table(medians(taken["direct"]), medians(taken["labgrid"]), size, turns)
    click.echo(text)
    if write:
        page, count = _BLOCK.subn(lambda match: f"{match[1]}{text}{match[2]}", PAGE.read_text(encoding="utf-8"))
        if count != 1:
            sys.exit(f"{PAGE} has no place for the figures")
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
