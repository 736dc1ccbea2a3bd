"""Options that several commands have, and what they open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from harness.handset import Handset
    from harness.lab.config import HandsetEntry, Link

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def handset_options(function: FunctionT) -> FunctionT:
    """--config, --device and --port: which handset a command is for."""
    for option in (
        click.option(
            "--port", metavar="PORT", help="A serial port, tcp:HOST:PORT or pyserial URL, without a lab."
        ),
        click.option(
            "--device", default="", metavar="NAME", help="A handset of the configuration; else its first."
        ),
        click.option(
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            help="The lab's configuration; lab_config.yaml here if it is there.",
        ),
    ):
        function = option(function)
    return function


def entry_for(config: Path | None, device: str, port: str | None) -> HandsetEntry:
    """The handset that these options mean; without any the first of lab_config.yaml, or an emulated one."""
    from harness.errors import ConfigError
    from harness.lab.config import DEFAULT_PATH, SerialLink, TcpLink, UrlLink, load_config
    from harness.lab.open import DEFAULT_ENTRY, choose

    if port:
        if port.startswith("tcp:"):
            host, _, number = port.removeprefix("tcp:").rpartition(":")
            if not number.isdigit() or not 0 < int(number) < 65536:
                raise ConfigError(f"{port!r} is no TCP port", hint="write tcp:HOST:PORT, as in tcp:127.0.0.1:7001")
            tcp = TcpLink(kind="tcp", host=host or "127.0.0.1", port=int(number))
            return _by_port(config, port.replace(":", "-"), tcp)
        link = UrlLink(kind="url", url=port) if "://" in port else SerialLink(kind="serial", port=port)
        return _by_port(config, port.rstrip("/").rsplit("/", 1)[-1].replace(":", "-"), link)
    if config is None and not DEFAULT_PATH.is_file():
        if device:
            raise ConfigError(
                f"there is no {DEFAULT_PATH} here to look {device!r} up in",
                hint="name the configuration with --config",
            )
        return DEFAULT_ENTRY
    return choose(load_config(config or DEFAULT_PATH), device=device)


def _by_port(config: Path | None, name: str, link: Link) -> HandsetEntry:
    """What is on a port. Where the lab has a handset on it, what may be done to that one stands there."""
    from harness.lab.config import DEFAULT_PATH, HandsetEntry, load_config
    from harness.lab.rules import reach_the_same

    path = config or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)
    for entry in load_config(path).handsets if path else ():
        if any(reach_the_same(link, its) for its in entry.links):
            return entry.model_copy(update={"links": (link,)})
    return HandsetEntry(name=name, links=(link,), allow_restore=True)


@contextlib.contextmanager
def open_for(config: Path | None, device: str, port: str | None) -> Iterator[Handset]:
    """A session with the handset that these options mean."""
    from harness.lab.open import open_handset

    command = click.get_current_context(silent=True)
    purpose = command.command_path if command else "symhil"
    with open_handset(entry_for(config, device, port), purpose=purpose) as handset:
        yield handset
