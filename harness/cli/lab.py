"""`symhil lab`: handsets of many machines, through labgrid."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harness.labgrid.rack import Exported


@click.group()
def lab() -> None:
    """Handsets of many machines, through labgrid (pip install 'symhil[labgrid]')."""


@lab.command()
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The lab's configuration.")
@click.option(
    "--coordinator",
    metavar="HOST:PORT",
    envvar="LG_COORDINATOR",
    default="127.0.0.1:20408",
    show_default=True,
    help="labgrid's coordinator.",
)
@click.option("--name", default="", help="The exporter's name; the host's name without it.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address of this machine on which bridges listen, and which others are told.",
)
@click.option("--found", is_flag=True, help="Export phones too that the configuration does not know.")
@click.option(
    "--also",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Resources of labgrid's own to export with them, as power ports; groups are named as the handsets are.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where captures and logs go.",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
def export(
    config: Path | None,
    coordinator: str,
    name: str,
    host: str,
    found: bool,
    also: Path | None,
    folder: Path,
    names: tuple[str, ...],
) -> int:
    """Export the handsets NAME, or all real ones of the configuration, until Ctrl-C.

    Each gets a bridge, which lets one client at a time in, and a place of its name with tags to reserve it by.
    """
    from harness.errors import ExitCode
    from harness.labgrid.rack import Rack, read_also

    _need_labgrid()
    folder.mkdir(parents=True, exist_ok=True)
    rack = Rack(
        _handsets(config, names, found=found),
        coordinator=coordinator,
        name=name or socket.gethostname(),
        host=host,
        folder=folder.resolve(),
        also=read_also(also),
        say=_say,
    )
    with _ended_by_signals():
        rack.run()
    return ExitCode.OK


@lab.command()
@click.option("--machines", default=3, show_default=True, type=click.IntRange(1, 200))
@click.option("--handsets", default=12, show_default=True, type=click.IntRange(1, 1000), help="On all of them.")
@click.option("--profile", default="public-suite", show_default=True, help="The kind of emulated handset.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where configurations, captures and logs go; a temporary folder without it.",
)
def demo(machines: int, handsets: int, profile: str, folder: Path | None) -> int:
    """Run a whole lab on loopback addresses until Ctrl-C: a coordinator, machines, emulated handsets."""
    from harness.errors import ExitCode
    from harness.labgrid.demo import Demo

    _need_labgrid()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="symhil-demo-")))
        Demo(folder.resolve(), machines=machines, handsets=handsets, profile=profile, say=_say).run()
    return ExitCode.OK


def _say(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()


def _need_labgrid() -> None:
    import importlib.util

    from harness.errors import LabUnavailable

    if importlib.util.find_spec("labgrid") is None:
        raise LabUnavailable(
            "this needs labgrid, which is not installed here",
            hint="pip install 'symhil[labgrid]', in an environment of its own; docs/scale.md says why",
        )


def _handsets(config: Path | None, names: tuple[str, ...], *, found: bool) -> list[Exported]:
    from harness.errors import ConfigError, LabUnavailable
    from harness.lab.config import DEFAULT_PATH, load_config
    from harness.labgrid.rack import Exported, found_handsets, with_answers

    path = config or (DEFAULT_PATH if DEFAULT_PATH.is_file() or names else None)
    known = load_config(path) if path is not None else None
    entries = list(known.handsets) if known is not None else []
    if names and known is not None:
        entries = [known.find(one) for one in names]
    else:
        entries = [entry for entry in entries if not entry.is_emulated and entry.labgrid is None]
    for entry in entries:
        if entry.labgrid is not None:
            raise ConfigError(f"{entry.name} is a phone of another machine: it is exported there")
    if known is not None:
        entries = with_answers(entries, known)
    exported = [Exported(entry, path) for entry in entries]
    if found:
        exported += found_handsets(list(known.handsets) if known is not None else [])
    if not exported:
        raise LabUnavailable(
            "there is no handset to export",
            hint="name some of the configuration (emulated ones too), or plug phones in and give --found",
        )
    return exported


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl-C end what is inside, in order."""

    def end(*_: object) -> None:
        raise _Ended

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except _Ended:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Ended(BaseException):
    """We were told to end."""
