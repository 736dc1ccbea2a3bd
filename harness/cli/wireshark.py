"""`symhil wireshark`: the dissector that makes Wireshark read our captures."""

from __future__ import annotations

import os
import subprocess
from importlib import resources
from pathlib import Path
from typing import Final

import click

SCRIPT: Final = "symhil.lua"
_FOLDER_LINE: Final = "Personal Lua Plugins:"
_ASK_TIMEOUT_S: Final = 20


def dissector() -> str:
    """The Lua script, which `python -m wire.export wireshark` has written."""
    return resources.files("harness").joinpath("data", SCRIPT).read_text(encoding="utf-8")


def plugin_folder() -> Path:
    """Where Wireshark looks for the user's own scripts: as it says itself, else its usual place."""
    for program in ("tshark", "wireshark"):
        try:
            said = subprocess.run(
                [program, "-G", "folders"], capture_output=True, text=True, check=False, timeout=_ASK_TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        for line in said.stdout.splitlines():
            if line.startswith(_FOLDER_LINE):
                return Path(line.removeprefix(_FOLDER_LINE).strip())
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", str(Path.home()))) / "Wireshark" / "plugins"
    return Path.home() / ".local" / "lib" / "wireshark" / "plugins"


@click.group()
def wireshark() -> None:
    """Let Wireshark and tshark read the captures of runs."""


@wireshark.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Another folder for plugins.")
def install(folder: Path | None) -> int:
    """Put the dissector where Wireshark finds it when it is started next."""
    from harness.archive import write_atomically
    from harness.errors import ArtifactError

    target = (folder or plugin_folder()) / SCRIPT
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, dissector().encode())
    except OSError as error:
        raise ArtifactError(
            f"{target} cannot be written: {error.strerror or error}", hint="name another place with --folder"
        ) from error
    click.echo(f"installed {target}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        click.echo("Wireshark 4.4 and newer load no scripts of root: start it as another user.", err=True)
    return 0
