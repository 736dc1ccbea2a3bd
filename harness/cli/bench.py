"""`symhil bench`: how fast a handset and its line are, for the person at the desk."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from harness.cli.options import handset_options, open_for

if TYPE_CHECKING:
    from harness.handset import Handset

CALLS: Final = 200
SCRATCH: Final = "C:\\symhil_bench.bin"
KIB: Final = 256


class Rate(NamedTuple):
    """Bytes in seconds."""

    size: int
    took_s: float

    def __str__(self) -> str:
        return f"{self.size / self.took_s / 1000:8.1f} kB/s ({self.size} bytes in {self.took_s:.2f} s)"


@click.command()
@click.option("--calls", default=CALLS, show_default=True, type=click.IntRange(2), help="How many small calls.")
@click.option("--file", "path", metavar="PATH", help="Read this file of the phone, and write none.")
@click.option("--kib", default=KIB, show_default=True, type=click.IntRange(1), help="Size of the file written.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@handset_options
def bench(
    calls: int, path: str | None, kib: int, as_json: bool, config: Path | None, device: str, port: str | None
) -> int:
    r"""Measure small calls, and reading and writing a file, on a handset.

    A file of its own, C:\symhil_bench.bin, is written and deleted again where the handset's entry says
    allow_restore: true; else name one with --file, or only calls are measured.
    """
    from harness.errors import ExitCode

    with open_for(config, device, port) as handset:
        clock = handset.connection.clock
        times_s = sorted(_took_s(clock, handset.properties.mode) for _ in range(calls))
        rates = {} if path is None and not handset.allow_restore else _rates(handset, path, kib * 1024)
        line, counters = handset.connection.transport, handset.connection.counters
        about = {
            "handset": handset.info.model,
            "agent": handset.info.agent,
            "line": line.name,
            "window": f"{line.profile.window} frames of up to {line.profile.max_payload} bytes",
            "resent": counters.resent,
            "damaged": counters.damaged,
        }
    median_s, late_s = statistics.median(times_s), times_s[int(0.95 * len(times_s))]
    if as_json:
        transfers = {name: rate._asdict() for name, rate in rates.items()}
        figures = {"calls": calls, "median_s": median_s, "p95_s": late_s, "transfers": transfers}
        click.echo(json.dumps({**about, **figures}, indent=2))
        return ExitCode.OK
    click.echo(f"{about['handset']}, {about['agent']}, on {about['line']} ({about['window']})")
    click.echo(f"  a small call  {median_s * 1000:8.2f} ms, 95 of 100 within {late_s * 1000:.2f} ms")
    for name, rate in rates.items():
        click.echo(f"  {name:<12}  {rate}")
    if not rates:
        click.echo("  no file was written, since the entry does not say allow_restore: true; name one with --file")
    click.echo(f"  frames sent again {about['resent']}, damaged {about['damaged']}")
    return ExitCode.OK


def _took_s(clock: Callable[[], float], work: Callable[[], object]) -> float:
    began = clock()
    work()
    return max(clock() - began, 1e-9)


def _rates(handset: Handset, path: str | None, size: int) -> dict[str, Rate]:
    from harness.errors import AgentError

    clock, files = handset.connection.clock, handset.files
    if path is not None:
        length = files.stat(path).size
        return {"reading": Rate(length, _took_s(clock, lambda: sum(map(len, files.read_blocks(path)))))}
    data = os.urandom(size)
    try:
        writing = Rate(size, _took_s(clock, lambda: files.write(SCRATCH, data)))
        came: list[bytes] = []
        reading = Rate(size, _took_s(clock, lambda: came.extend(files.read_blocks(SCRATCH))))
    finally:
        if files.exists(SCRATCH):
            files.delete(SCRATCH)
    if b"".join(came) != data:
        raise AgentError(f"{SCRATCH} came back other than it was written")
    return {"writing": writing, "reading": reading}
