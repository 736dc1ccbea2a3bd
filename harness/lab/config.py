"""lab_config.yaml: the handsets of a lab and how to reach them, as a checked model."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harness.errors import ConfigError
from harness.lab.environment import substitute
from harness.lab.rules import Written, problems_across, problems_with_ports
from wire.config import ConfigProblem, Tree, check, read_tree
from wire.fault_plan import PHONE_EVENTS, FaultPlan, parse_plan

DEFAULT_PATH: Final = Path("lab_config.yaml")
MAX_INCLUDES: Final = 50
"""How many files one configuration may be made of."""

SHORT_FORMS: Final = {
    "serial": "port",
    "url": "url",
    "bluetooth": "device",
    "emulator": "profile",
    "labgrid": "place",
}
"""Links that may be written with their one important value alone, as in `serial: /dev/ttyACM1`."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class UsbLink(_Model):
    """A phone on USB without a kernel driver. What is not given may be anything.

    Attributes:
        vendor, product: four hexadecimal digits, as `lsusb` shows them.
        serial: the device's serial number; it stays the same whatever socket the phone is put into.
        port_path: the socket, as in `1-2.4`; it stays the same whatever phone is put into it.
    """

    kind: Literal["usb"]
    vendor: str = Field(default="0421", pattern=r"^(0x)?[0-9A-Fa-f]{4}$")
    product: str = Field(default="", pattern=r"^((0x)?[0-9A-Fa-f]{4})?$")
    serial: str = ""
    port_path: str = Field(default="", pattern=r"^(\d+-\d+(\.\d+)*)?$")

    @model_validator(mode="after")
    def _names_one_phone(self) -> UsbLink:
        if not (self.product or self.serial or self.port_path):
            raise ValueError("which phone it is must be said: with product, serial or port_path")
        return self


class _SpoiledLink(_Model):
    """A link that may be made slow and bad.

    Attributes:
        faults: what is to go wrong, as docs/faults.md says; nothing when it is left out.
    """

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


class SerialLink(_Model):
    """A serial port: USB CDC-ACM, UART or pseudo-terminal, by its device or by its path in /dev/serial/by-id."""

    kind: Literal["serial"]
    port: str = Field(min_length=1)
    baud: int = Field(default=115200, ge=300, le=4_000_000)


class TcpLink(_SpoiledLink):
    """A handset behind a TCP port; `faults` are those of the line, as docs/faults.md says."""

    kind: Literal["tcp"]
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(ge=1, le=65535)

    @field_validator("faults")
    @classmethod
    def _faults_are_on_the_line(cls, text: str) -> str:
        inside = [event.kind.value for event in parse_plan(text).events if event.kind in PHONE_EVENTS]
        if inside:
            raise ValueError(f"{', '.join(inside)} happens in the phone, not on the line: an emulator link has it")
        return text


class UrlLink(_Model):
    """What pyserial opens by a URL, as in `rfc2217://host:port`."""

    kind: Literal["url"]
    url: str = Field(pattern=r"^[a-z0-9]+://.+")


class BluetoothLink(_Model):
    """A phone that is bound to an RFCOMM device."""

    kind: Literal["bluetooth"]
    device: str = Field(pattern=r"^/.+")


class EmulatorLink(_SpoiledLink):
    """An emulated handset that is started when it is needed.

    Attributes:
        profile: the name of one that comes with the emulator, or a YAML file; its path is relative to the file
            that this stands in.
        faults: what is to go wrong, as docs/faults.md says; nothing when it is left out.
    """

    kind: Literal["emulator"]
    profile: str = Field(default="public-suite", min_length=1)
    agent: Literal["python", "core"] = "python"


class LabgridLink(_Model):
    """A handset of another machine, through labgrid: a place, or any place with these tags.

    Attributes:
        place: its name.
        tags: what a place must have; the coordinator chooses one that is free.
        coordinator: HOST:PORT; else what LG_COORDINATOR says, else the one on this machine.
    """

    kind: Literal["labgrid"]
    place: str = Field(default="", pattern=r"^[\w.-]*$")
    tags: dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]+$")], Annotated[str, Field(pattern=r"^[\w.-]+$")]
    ] = Field(default_factory=dict, json_schema_extra={"additionalProperties": False})
    coordinator: str = Field(default="", pattern=r"^([^\s/:]+(:\d+)?)?$")

    @model_validator(mode="after")
    def _names_a_place_or_tags(self) -> LabgridLink:
        if bool(self.place) == bool(self.tags):
            raise ValueError("either a place or tags must be given")
        return self


Link = Annotated[
    UsbLink | SerialLink | TcpLink | UrlLink | BluetoothLink | EmulatorLink | LabgridLink,
    Field(discriminator="kind"),
]


class HandsetEntry(_Model):
    """One handset.

    Attributes:
        platform: as in `s60v3`; for choosing, as `model`, `firmware`, `engine` and `tags` are.
        engine: the emulator's profile whose engine is this phone's.
        identity: the hash of its IMEI that `symhil devices list` shows; any other phone is refused.
        links: ways to reach it, the preferred one first.
        allow_restore: tests may write to it: restore, and make, delete or replace files.
        allow_power_cycle: a run may switch its power off and on when it does not answer any more.
    """

    name: str = Field(min_length=1, max_length=60, pattern=r"^[\w.-]+$")
    model: str = ""
    platform: str = ""
    firmware: str = ""
    engine: str = ""
    identity: str = Field(default="", pattern=r"^([0-9a-f]{12})?$")
    tags: tuple[Annotated[str, Field(pattern=r"^[\w.-]+$")], ...] = ()
    links: tuple[Link, ...] = Field(min_length=1)
    allow_restore: bool = False
    allow_power_cycle: bool = False

    @model_validator(mode="after")
    def _labgrid_stands_alone(self) -> HandsetEntry:
        if self.labgrid is not None and len(self.links) > 1:
            raise ValueError("a phone of labgrid is held through its coordinator, so it can have no other link")
        if self.allow_power_cycle and self.labgrid is None:
            raise ValueError("power is switched through labgrid, so allow_power_cycle needs a labgrid link")
        return self

    @model_validator(mode="after")
    def _emulator_stands_alone(self) -> HandsetEntry:
        if self.is_emulated and len(self.links) > 1:
            raise ValueError("an emulator is no second way to a phone: runs would be green without one")
        return self

    @property
    def is_emulated(self) -> bool:
        """It is started when it is needed, and belongs to who started it."""
        return any(isinstance(link, EmulatorLink) for link in self.links)

    @property
    def labgrid(self) -> LabgridLink | None:
        """The link through labgrid, if it is that of a phone of another machine."""
        return next((link for link in self.links if isinstance(link, LabgridLink)), None)


class LabFile(_Model):
    """One file. Handsets of the files that it includes come after its own."""

    include: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    handsets: tuple[HandsetEntry, ...] = ()


class LabConfig(NamedTuple):
    """A lab: the handsets of a file and of those that it includes.

    Attributes:
        path: the file.
        written: where each handset stands, in the same order.
    """

    path: Path
    handsets: tuple[HandsetEntry, ...]
    written: tuple[Written, ...]

    def find(self, name: str) -> HandsetEntry:
        """A handset by its name; ConfigError lists those there are."""
        for handset in self.handsets:
            if handset.name == name:
                return handset
        names = [handset.name for handset in self.handsets]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
        raise ConfigError(f"there is no handset {name!r} in the configuration", hint=hint)

    def missing_ports(self, name: str = "") -> list[str]:
        """Ports that are not on this machine, of handsets that cannot be reached in another way, with places."""
        return [
            problem
            for written in self.written
            if not name or written.entry.name == name
            for problem in problems_with_ports(written)
        ]


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> LabConfig:
    """Read and check a configuration; ConfigError lists everything that is wrong with it, each with its place."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="name the configuration with --config, or write one: see docs/lab.md",
        ) from error
    try:
        return _Reader(path, environment).read(data)
    except ConfigProblem as problem:
        raise ConfigError(str(problem)) from None


class _Reader:
    """Reads a file and those that it includes, each once."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._path = path
        self._environment = environment
        self._seen = {path.resolve()}

    def read(self, data: bytes) -> LabConfig:
        written = self._read(self._path, data)
        if not written:
            tree = read_tree(data, str(self._path))
            raise ConfigProblem(tree.describe(("handsets",), "there has to be at least one handset"))
        problems = problems_across(written)
        if problems:
            raise ConfigProblem("\n".join(problems))
        return LabConfig(self._path, tuple(one.entry for one in written), tuple(written))

    def _read(self, path: Path, data: bytes) -> list[Written]:
        tree = read_tree(data, str(path))
        value = substitute(tree, self._environment)
        file = check(LabFile, tree, _with_kinds(value, path.parent))
        found = [Written(entry, tree, index) for index, entry in enumerate(file.handsets)]
        for index, name in enumerate(file.include):
            found += self._include(tree, index, path.parent / name)
        return found

    def _include(self, tree: Tree, index: int, path: Path) -> list[Written]:
        def wrong(message: str) -> ConfigProblem:
            return ConfigProblem(tree.describe(("include", index), message))

        if path.resolve() in self._seen:
            raise wrong(f"{path} is there already: a file is included once, and not by itself")
        self._seen.add(path.resolve())
        if len(self._seen) > MAX_INCLUDES:
            raise wrong(f"a configuration is made of at most {MAX_INCLUDES} files")
        try:
            data = path.read_bytes()
        except OSError as error:
            raise wrong(f"{path} cannot be read: {error.strerror or error}") from error
        return self._read(path, data)


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
    if not isinstance(link, dict) or not link:
        return link
    if len(link) > 1:
        return {"kind": " and ".join(link)}  # which is no kind, and the message says so
    ((kind, fields),) = link.items()
    if isinstance(fields, str):
        fields = {SHORT_FORMS.get(kind, fields): fields}
    if fields is not None and not isinstance(fields, dict):
        return {"kind": kind, "a list": fields}
    fields = dict(fields or {})
    profile = fields.get("profile")
    if kind == "emulator" and isinstance(profile, str) and ("/" in profile or profile.endswith((".yaml", ".yml"))):
        fields["profile"] = str(folder / profile)
    return {**fields, "kind": kind}
