"""`symhil run`: suites on a handset, their artifacts in a folder of their own."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--backend",
    type=click.Choice(["emulator", "lab", "replay"]),
    default="emulator",
    show_default=True,
    help="An emulated handset, a phone of the lab, or what a phone said before.",
)
@click.option(
    "--recording", type=click.Path(path_type=Path), help="What to replay: a run's folder or a recording."
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
@click.option(
    "--resume", default="", metavar="RUN", help="Go on with a run that was broken off: its folder or its name."
)
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def run(
    backend: str,
    config: Path | None,
    device: str,
    recording: Path | None,
    artifacts: Path,
    resume: str,
    pytest_args: tuple[str, ...],
) -> int:
    """Run test suites on a handset: tests/lab, or what PYTEST_ARGS name.

    Everything that pytest understands may follow, as in `symhil run tests/lab -k restore -x`. The exit code is
    pytest's own, or 10 when no handset is available and 11 when it was lost.

    With --resume the tests of RUN that were done stay done, where it is the same phone with the same firmware and
    the same harness; the others run, and so do those whose phone was lost.
    """
    from harness.artifacts import new_run_folder
    from harness.errors import ConfigError
    from harness.run_journal import NAME, append, now

    if resume:
        return _resume(resume, artifacts, pytest_args)
    named = [argument for argument in pytest_args if not argument.startswith("-")]
    if not named and not Path("tests/lab").is_dir():
        raise ConfigError(
            "there is no folder tests/lab here, and no test was named",
            hint="name the tests to run, as in `symhil run my_tests/`",
        )
    # `latest` may be what is replayed, and is about to be this run.
    recording = recording.resolve() if recording else None
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
    command += [f"--hil-recording={recording}"] if recording else []
    begin = {"arguments": command[4:], "folder": str(Path.cwd()), "at": now()}
    append(folder / NAME, "begin", begin)
    return _run_in(
        folder, command, Path.cwd(), {"backend": backend, "device": device, "arguments": list(pytest_args)}
    )


def _resume(name: str, artifacts: Path, pytest_args: tuple[str, ...]) -> int:
    """Start a run's command again, in its folder; results of the first go are kept under their names."""
    from harness.errors import ConfigError
    from harness.run_journal import NAME, append, now, read_begins

    folder = (Path(name) if (Path(name) / NAME).is_file() else artifacts / name).resolve()
    begins = read_begins(folder / NAME)
    if not begins:
        raise ConfigError(
            f"{name} is no run that could be resumed: {folder / NAME} does not say how it was started",
            hint=f"name a folder of {artifacts}, or `latest`",
        )
    if pytest_args:
        raise ConfigError(
            "a run that is resumed has its arguments already", hint="leave out what follows --resume RUN"
        )
    first, number = begins[0], len(begins) + 1
    append(folder / NAME, "begin", {"arguments": first.arguments, "folder": first.folder, "at": now()})
    junit = f"--junitxml={folder / f'junit-{number}.xml'}"
    command = [sys.executable, "-P", "-m", "pytest", *first.arguments, f"--hil-artifacts={folder}", junit]
    return _run_in(folder, [*command, "--hil-resume"], Path(first.folder), {"resumed": number - 1})


def _run_in(folder: Path, command: list[str], cwd: Path, about: dict[str, Any]) -> int:
    from harness import __version__
    from harness.archive import write_atomically

    started = dt.datetime.now(dt.UTC)
    code = _run(command, cwd)
    about = {
        "harness": __version__,
        **about,
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


def _run(command: list[str], cwd: Path) -> int:
    """Run pytest; a Ctrl-C reaches it too, and it is given the time to bring the phone back to normal."""
    with subprocess.Popen(command, cwd=cwd) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
