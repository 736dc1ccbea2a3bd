"""The command line `symhil`.

Each command lives in a module of its own and is imported when it is asked for, so that `symhil --help` does
not pay for what it does not run.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final

import click

from harness import __version__

# Command -> (module, attribute, the line that `symhil --help` shows).
_COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "run": ("harness.cli.run", "run", "Run test suites on a handset and leave their artifacts."),
    "emulate": ("harness.cli.emulate", "emulate", "Start an emulated handset and say where it listens."),
    "bridge": ("harness.cli.bridge", "bridge", "Let other machines use a handset, one client at a time."),
    "devices": ("harness.cli.devices", "devices", "List handsets and ports; bring a handset back to normal."),
    "lab": ("harness.cli.lab", "lab", "Export handsets to a labgrid coordinator; try a whole lab without phones."),
    "config": ("harness.cli.config", "config", "Check the lab's configuration."),
    "doctor": ("harness.cli.doctor", "doctor", "Look for what is wrong with ports, phones and packages."),
    "backup": ("harness.cli.backup", "backup", "Back data owners up into a folder."),
    "restore": ("harness.cli.backup", "restore", "Restore data owners from a folder."),
    "bench": ("harness.cli.bench", "bench", "Measure how fast a handset and its line are."),
    "logs": ("harness.cli.logs", "logs", "Collect and read securebackup.txt."),
    "report": ("harness.cli.report", "report", "Make the page that shows a run."),
    "trace": ("harness.cli.trace", "trace", "Look at what went over the wire."),
    "wireshark": ("harness.cli.wireshark", "wireshark", "Let Wireshark read the captures of runs."),
    "registration": (
        "harness.cli.registration",
        "registration",
        "Check, explain, mend and write backup_registration.xml.",
    ),
}


class _LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(_COMMANDS)}."
            raise click.UsageError(f"there is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symhil")
def cli() -> None:
    """Test, back up and restore data owners on Symbian handsets, real or emulated.

    Exit codes: 0 done, 1 failed, 2 interrupted, 3 a fault of this program, 4 wrong usage or configuration,
    5 no tests, 10 no handset available, 11 handset lost.
    """


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; a user's mistake never shows a traceback."""
    from harness.errors import ExitCode, HilError

    try:
        result: Any = cli.main(args=argv, standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("symhil: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except KeyboardInterrupt:
        click.echo("symhil: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except HilError as error:
        click.echo(f"symhil: {error.category.value}: {error}", err=True)
        for note in getattr(error, "__notes__", []):
            click.echo(f"  {note}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away, as `symhil ... | head` does: not a failure of the command.
        sys.stderr.close()
        return ExitCode.OK
    return result if isinstance(result, int) else ExitCode.OK
