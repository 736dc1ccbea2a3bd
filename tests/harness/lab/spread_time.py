"""How much less time a suite takes on four phones: `python -m tests.harness.lab.spread_time`.

The phones are emulated and their lines as slow as Bluetooth, so that they are the bottleneck and not this machine.
Both times are from the first test's beginning to the last one's end, in one go of this command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from tests.harness.lab.emulated_lab import NAMES, EmulatedLab, emulated_lab

ROOT: Final = Path(__file__).parents[3]
LIMIT: Final = 0.4


def span_s(lab: EmulatedLab, folder: Path, names: tuple[str, ...], tests: str, line: str) -> float:
    """Run the suite on these phones; SystemExit when it does not pass."""
    folder.mkdir()
    config = lab.write(folder / "lab.yaml", names=names, faults=line)
    command = [sys.executable, "-m", "pytest", "-q", tests, "--hil-backend=lab", f"--hil-config={config}"]
    command += [f"--hil-artifacts={folder / 'out'}", f"--basetemp={folder / 'tmp'}", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTEST_ADDOPTS": "--timeout=600"}
    result = subprocess.run([*command, "-n", str(len(names))], cwd=ROOT, env=environment, check=False)
    if result.returncode:
        sys.exit(result.returncode)
    return float(json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))["span_s"])


@click.command()
@click.option("--line", default="rfcomm", show_default=True)
@click.argument("tests", default="tests/lab")
def main(line: str, tests: str) -> None:
    """Run TESTS on one phone and on four; the exit code is 1 when four take 0.4 of the time or more."""
    with emulated_lab() as lab, tempfile.TemporaryDirectory() as temporary:
        one = span_s(lab, Path(temporary) / "one", NAMES[:1], tests, line)
        four = span_s(lab, Path(temporary) / "four", NAMES, tests, line)
    click.echo(
        f"one phone {one:.1f} s, four phones {four:.1f} s: {four / one:.2f} of it, less than {LIMIT} wanted"
    )
    sys.exit(four >= LIMIT * one)


if __name__ == "__main__":
    main()
