"""`symhil emulate`: an emulated handset for other programs to talk to."""

from __future__ import annotations

import os
import sys

import click


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def emulate(arguments: tuple[str, ...]) -> None:
    """Start an emulated handset as a process of its own; its own options follow (`--help` shows them)."""
    from harness.emulated import MODULE

    # Another program, not another module: the harness knows the phone's side only over the wire.
    # It takes our place, so that signals reach it and its exit code is ours.
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", MODULE, *arguments])  # noqa: S606 - no shell is wanted
