"""lab_config.yaml: the handsets of a lab and how to reach them, as a checked model."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harness.errors import ConfigError
from wire.config import ConfigProblem, check, read_tree
from wire.fault_plan import FaultPlan, parse_plan

DEFAULT_PATH: Final = Path("lab_config.yaml")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class SerialLink(_Model):
    """A serial port: USB CDC-ACM, UART, RFCOMM device or pseudo-terminal."""

    kind: Literal["serial"]
    port: str = Field(min_length=1)
    baud: int = Field(default=115200, ge=300, le=4_000_000)


class TcpLink(_Model):
    """A handset behind a TCP port."""

    kind: Literal["tcp"]
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)


class UrlLink(_Model):
    """A pyserial URL, as in `socket://host:port`."""

    kind: Literal["url"]
    url: str = Field(pattern=r"^[a-z0-9]+://.+")


class UsbLink(_Model):
    """A phone on USB, without a serial driver.

    Attributes:
        vendor: four hexadecimal digits, as `lsusb` shows them.
        product: the same; it changes with the phone's mode.
        serial: its serial number; in PC Suite mode a phone has none.
        port_path: where it is plugged in, as in `1-1.2`.
    """

    kind: Literal["usb"]
    vendor: str = Field(default="0421", pattern=r"^(0x)?[0-9a-fA-F]{4}$")
    product: str = Field(default="", pattern=r"^((0x)?[0-9a-fA-F]{4})?$")
    serial: str = ""
    port_path: str = Field(default="", pattern=r"^(\d+-\d+(\.\d+)*)?$")


class EmulatorLink(_Model):
    """An emulated handset that is started when it is needed.

    Attributes:
        profile: the name of one that comes with the emulator, or a YAML file; its path is relative to the file
            that this stands in.
        faults: what is to go wrong, as docs/faults.md says; nothing when it is left out.
    """

    kind: Literal["emulator"]
    profile: str = "public-suite"
    agent: Literal["python", "core"] = "python"
    faults: str = ""

    @field_validator("faults")
    @classmethod
    def _faults_can_be_read(cls, text: str) -> str:
        parse_plan(text)
        return text

    @property
    def fault_plan(self) -> FaultPlan | None:
        """What is to go wrong."""
        return parse_plan(self.faults) if self.faults else None


Link = Annotated[SerialLink | UsbLink | TcpLink | UrlLink | EmulatorLink, Field(discriminator="kind")]


class HandsetEntry(_Model):
    """One handset.

    Attributes:
        links: ways to reach it, the preferred one first.
        allow_restore: tests may write to it: restore, and delete or replace files.
    """

    name: str = Field(min_length=1, pattern=r"^[\w.-]+$")
    model: str = ""
    firmware: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = Field(min_length=1)
    allow_restore: bool = False


class LabConfig(_Model):
    """The whole file."""

    handsets: tuple[HandsetEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> LabConfig:
        names = [handset.name for handset in self.handsets]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two handsets are called {', '.join(sorted(twice))}")
        return self

    def find(self, name: str) -> HandsetEntry:
        """A handset by its name; ConfigError lists those there are."""
        for handset in self.handsets:
            if handset.name == name:
                return handset
        names = [handset.name for handset in self.handsets]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
        raise ConfigError(f"there is no handset {name!r} in the configuration", hint=hint)


def load_config(path: Path) -> LabConfig:
    """Read and check a configuration; ConfigError lists everything that is wrong with it, each with its place."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="name the configuration with --config, or write one: see docs/lab.md",
        ) from error
    try:
        tree = read_tree(data, str(path))
        return check(LabConfig, tree, _with_kinds(tree.value, path.parent))
    except ConfigProblem as problem:
        raise ConfigError(str(problem)) from None


def _with_kinds(value: Any, folder: Path) -> Any:
    """Links are written `{serial: {port: ...}}`; the model wants the kind beside the fields."""
    if not isinstance(value, dict) or not isinstance(value.get("handsets"), list):
        return value
    handsets = []
    for entry in value["handsets"]:
        changed = entry
        if isinstance(entry, dict) and isinstance(entry.get("links"), list):
            changed = {**entry, "links": [_link(link, folder) for link in entry["links"]]}
        handsets.append(changed)
    return {**value, "handsets": handsets}


def _link(link: Any, folder: Path) -> Any:
    if isinstance(link, dict) and len(link) == 1:
        ((kind, fields),) = link.items()
        if fields is None or isinstance(fields, dict):
            fields = dict(fields or {})
            profile = fields.get("profile")
            if isinstance(profile, str) and ("/" in profile or profile.endswith((".yaml", ".yml"))):
                fields["profile"] = str(folder / profile)
            return {"kind": kind, **fields}
        if kind == "url":
            return {"kind": kind, "url": fields}
    return link
