"""`symhil emulate`: an emulated handset for other programs to talk to."""

from __future__ import annotations

import subprocess
import sys

import click


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def emulate(arguments: tuple[str, ...]) -> int:
    """Start an emulated handset as a process of its own; its own options follow (`--help` shows them)."""
    from harness.emulated import MODULE

    # Another program, not another module: the harness knows the phone's side only over the wire.
    with subprocess.Popen([sys.executable, "-P", "-m", MODULE, *arguments]) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            return process.wait()
