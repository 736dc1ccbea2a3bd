"""YAML whose scalars stay text and whose every value knows its line and column.

The model decides what a text means: an IMEI keeps its zeros, `NO` is not false, and a Bluetooth address is not a
number in base 60, as a usual YAML loader would have it.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from harness.errors import ConfigError

MAX_NODES: Final = 20_000
MAX_BYTES: Final = 1 << 20
_PLAIN_TAGS: Final = frozenset({"str", "int", "float", "bool", "null", "timestamp", "value", "seq", "map"})


class Place(NamedTuple):
    """Line and column, counted from 1."""

    line: int
    column: int


Path_ = tuple[Hashable, ...]


class Tree(NamedTuple):
    """Plain dicts, lists, texts and None, and the place of each by its path of keys and indices."""

    value: Any
    places: dict[Path_, Place]
    lines: list[str]


def read_tree(path: Path) -> Tree:
    """Read a file; ConfigError names the place of what is wrong with it as YAML."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="name the configuration with --config, or write one: see docs/lab.md",
        ) from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} has {len(data)} bytes, a configuration has at most {MAX_BYTES}")
    try:
        text = data.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is no UTF-8 text: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: it is no YAML: {error}") from error
    builder = _Builder(path)
    value = builder.build(node, ()) if node is not None else None
    return Tree(value, builder.places, text.splitlines())


class _Builder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: set[int] = set()
        self._count = 0
        self.places: dict[Path_, Place] = {}

    def build(self, node: yaml.Node, path: Path_) -> Any:
        self._count += 1
        place = Place(node.start_mark.line + 1, node.start_mark.column + 1)
        self.places[path] = place
        if self._count > MAX_NODES or id(node) in self._open:
            raise ConfigError(f"{self._path}:{place.line}:{place.column}: aliases make this too large or endless")
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
            raise ConfigError(f"{self._path}:{place.line}:{place.column}: the tag {node.tag} is not allowed")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
            return None if node.tag == "tag:yaml.org,2002:null" else node.value
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            place = key_node.start_mark
            if not isinstance(key, str):
                raise ConfigError(f"{self._path}:{place.line + 1}:{place.column + 1}: a key is a word")
            if key in result:
                raise ConfigError(
                    f"{self._path}:{place.line + 1}:{place.column + 1}: the key {key!r} is there twice"
                )
            result[key] = self.build(value_node, (*path, key))
            self.places[(*path, key, "key")] = Place(place.line + 1, place.column + 1)
        return result
