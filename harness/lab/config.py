"""lab_config.yaml: the handsets of a lab and how to reach them, as a checked model."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.errors import ConfigError
from harness.lab.yaml_tree import Place, Tree, read_tree

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


class EmulatorLink(_Model):
    """An emulated handset that is started when it is needed."""

    kind: Literal["emulator"]
    profile: str = "public-suite"


Link = Annotated[SerialLink | TcpLink | UrlLink | EmulatorLink, Field(discriminator="kind")]


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
    tree = read_tree(path)
    try:
        return LabConfig.model_validate(_with_kinds(tree.value))
    except ValidationError as error:
        problems = [_describe(path, tree, dict(problem)) for problem in error.errors()]
        raise ConfigError("\n".join(sorted(problems))) from None


def _with_kinds(value: Any) -> Any:
    """Links are written `{serial: {port: ...}}`; the model wants the kind beside the fields."""
    if not isinstance(value, dict) or not isinstance(value.get("handsets"), list):
        return value
    handsets = []
    for entry in value["handsets"]:
        changed = entry
        if isinstance(entry, dict) and isinstance(entry.get("links"), list):
            changed = {**entry, "links": [_link(link) for link in entry["links"]]}
        handsets.append(changed)
    return {**value, "handsets": handsets}


def _link(link: Any) -> Any:
    if isinstance(link, dict) and len(link) == 1:
        ((kind, fields),) = link.items()
        if fields is None or isinstance(fields, dict):
            return {"kind": kind, **(fields or {})}
        if kind == "url":
            return {"kind": kind, "url": fields}
    return link


def _describe(path: Path, tree: Tree, problem: dict[str, Any]) -> str:
    location = tuple(problem["loc"])
    place, line = _place_of(tree, location)
    where = ".".join(str(part) for part in location if part not in _LINK_KINDS) or "the file"
    message = str(problem["msg"])
    if problem["type"] == "extra_forbidden":
        message = f"unknown key{_nearest(location)}"
    elif problem["type"] == "missing":
        message = "this key is missing"
    elif problem["type"] in _EXPECTED:
        message = f"{_EXPECTED[str(problem['type'])]} was expected here"
    elif problem["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        message = f"a link is one of {', '.join(sorted(_LINK_KINDS))}"
    shown = f"\n    {line}\n    {' ' * (place.column - 1)}^" if line else ""
    return f"{path}:{place.line}:{place.column}: {where}: {message}{shown}"


_EXPECTED: Final = {
    "tuple_type": "a list",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_parsing": "yes or no",
}
_LINK_KINDS: Final = frozenset({"serial", "tcp", "url", "emulator"})


def _place_of(tree: Tree, location: tuple[Any, ...]) -> tuple[Place, str]:
    """The nearest place that the file has for a path of the model."""
    for length in range(len(location), -1, -1):
        for candidate in (location[:length], tuple(p for p in location[:length] if p != "kind")):
            place = tree.places.get((*candidate, "key")) or tree.places.get(candidate)
            if place is not None:
                line = tree.lines[place.line - 1] if place.line <= len(tree.lines) else ""
                return place, line
    return Place(1, 1), ""


def _nearest(location: tuple[Any, ...]) -> str:
    models: list[type[_Model]] = [SerialLink, TcpLink, UrlLink, EmulatorLink, HandsetEntry, LabConfig]
    words = {name for model in models for name in model.model_fields if name != "kind"}
    near = difflib.get_close_matches(str(location[-1]), words, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
