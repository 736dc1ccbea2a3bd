"""`symhil run`: suites on a handset, their artifacts in a folder of their own."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--backend",
    type=click.Choice(["emulator", "lab"]),
    default="emulator",
    show_default=True,
    help="An emulated handset, or a phone of the lab.",
)
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The lab's configuration.")
@click.option("--device", default="", metavar="NAME", help="The handset of the configuration to use.")
@click.option(
    "--artifacts",
    type=click.Path(path_type=Path),
    default=Path("artifacts"),
    show_default=True,
    help="Where the folder of this run is made.",
)
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def run(backend: str, config: Path | None, device: str, artifacts: Path, pytest_args: tuple[str, ...]) -> int:
    """Run test suites on a handset: tests/lab, or what PYTEST_ARGS name.

    Everything that pytest understands may follow, as in `symhil run tests/lab -k restore -x`. The exit code is
    pytest's own, or 10 when no handset is available and 11 when it was lost.
    """
    from harness import __version__
    from harness.archive import write_atomically
    from harness.artifacts import new_run_folder
    from harness.errors import ConfigError

    named = [argument for argument in pytest_args if not argument.startswith("-")]
    if not named and not Path("tests/lab").is_dir():
        raise ConfigError(
            "there is no folder tests/lab here, and no test was named",
            hint="name the tests to run, as in `symhil run my_tests/`",
        )
    folder = new_run_folder(artifacts)
    command = [sys.executable, "-P", "-m", "pytest", *(pytest_args or ("tests/lab",))]
    if not named and pytest_args:
        command.append("tests/lab")
    command += [
        f"--hil-backend={backend}",
        f"--hil-artifacts={folder}",
        "--hil-collect-logs",
        f"--junitxml={folder / 'junit.xml'}",
    ]
    command += [f"--hil-config={config}"] if config else []
    command += [f"--hil-device={device}"] if device else []
    started = dt.datetime.now(dt.UTC)
    code = _run(command)
    about = {
        "harness": __version__,
        "backend": backend,
        "device": device,
        "arguments": list(pytest_args),
        "started": started.isoformat(timespec="seconds"),
        "ended": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "exit_code": code,
    }
    write_atomically(folder / "run.json", json.dumps(about, indent=2).encode())
    click.echo(f"artifacts: {folder}")
    for name, what in _ARTIFACTS.items():
        found = list(folder.glob(name))
        if found:
            click.echo(
                f"  {what}: {found[0].relative_to(folder) if len(found) == 1 else f'{len(found)} x {name}'}"
            )
    return code


_ARTIFACTS = {
    "report.html": "the run as a page",
    "junit.xml": "results as JUnit XML",
    "results.json": "results as JSON",
    "securebackup.txt": "the engine's log",
    "ABTestClient.txt": "the reference clients' log",
    "*/backup-set": "backup sets",
    "*/wire.pcapng": "captures of the wire",
    "*/journal.jsonl": "journals",
}


def _run(command: list[str]) -> int:
    """Run pytest; a Ctrl-C reaches it too, and it is given the time to bring the phone back to normal."""
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
