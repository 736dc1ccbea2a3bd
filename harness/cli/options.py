"""Options that several commands have, and what they open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from harness.handset import Handset
    from harness.lab.config import HandsetEntry

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
    from harness.lab.config import DEFAULT_PATH, HandsetEntry, SerialLink, TcpLink, UrlLink, load_config
    from harness.lab.open import DEFAULT_ENTRY, choose

    if port:
        if port.startswith("tcp:"):
            host, _, number = port.removeprefix("tcp:").rpartition(":")
            if not number.isdigit() or not 0 < int(number) < 65536:
                raise ConfigError(f"{port!r} is no TCP port", hint="write tcp:HOST:PORT, as in tcp:127.0.0.1:7001")
            return HandsetEntry(
                name=port.replace(":", "-"),
                links=(TcpLink(kind="tcp", host=host or "127.0.0.1", port=int(number)),),
                allow_restore=True,
            )
        link = UrlLink(kind="url", url=port) if "://" in port else SerialLink(kind="serial", port=port)
        name = port.rstrip("/").rsplit("/", 1)[-1].replace(":", "-")
        return HandsetEntry(name=name, links=(link,), allow_restore=True)
    if config is None and not DEFAULT_PATH.is_file():
        if device:
            raise ConfigError(
                f"there is no {DEFAULT_PATH} here to look {device!r} up in",
                hint="name the configuration with --config",
            )
        return DEFAULT_ENTRY
    return choose(load_config(config or DEFAULT_PATH), device=device)


@contextlib.contextmanager
def open_for(config: Path | None, device: str, port: str | None) -> Iterator[Handset]:
    """A session with the handset that these options mean."""
    from harness.lab.open import open_handset

    with open_handset(entry_for(config, device, port)) as handset:
        yield handset
