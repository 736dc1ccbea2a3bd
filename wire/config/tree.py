"""YAML whose scalars stay text and whose every value knows its line and column.

The model decides what a text means: an IMEI keeps its zeros, `NO` is not false, and a Bluetooth address is not a
number in base 60, as a usual YAML loader would have it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Final, NamedTuple

import yaml

MAX_NODES: Final = 20_000
MAX_BYTES: Final = 1 << 20
_PLAIN_TAGS: Final = frozenset({"str", "int", "float", "bool", "null", "timestamp", "value", "seq", "map"})


class ConfigProblem(Exception):
    """A configuration that cannot be used. Each line names one thing that is wrong, with its place."""


class Place(NamedTuple):
    """Line and column, counted from 1."""

    line: int
    column: int


Path_ = tuple[Hashable, ...]


class Tree(NamedTuple):
    """Plain dicts, lists, texts and None, and the place of each by its path of keys and indices.

    Attributes:
        name: what the configuration is called in messages, normally its path.
        places: those of values; the place of a key is found under its path with "key" added.
    """

    name: str
    value: Any
    places: dict[Path_, Place]
    lines: list[str]

    def describe(self, location: Iterable[Hashable], message: str) -> str:
        """`name:line:column: where: message`, and the line with a mark below it.

        Args:
            location: a path of keys and indices. Steps that the text does not have are left out, as those that a
                model makes of its own; the last one stands for what is missing.
            message: what is wrong there.
        """
        _, steps = self._path_in_text(tuple(location))
        place = self.place_of(location)
        where = ".".join(map(str, steps)) or "the file"
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        shown = f"\n    {line}\n    {' ' * (place.column - 1)}^" if line.strip() else ""
        return f"{self.name}:{place.line}:{place.column}: {where}: {message}{shown}"

    def place_of(self, location: Iterable[Hashable]) -> Place:
        """The nearest place that the text has for a path of keys and indices: that of a key, where it has one."""
        path, _ = self._path_in_text(tuple(location))
        return self.places.get((*path, "key")) or self.places.get(path, Place(1, 1))

    def _path_in_text(self, location: Path_) -> tuple[Path_, Path_]:
        """The path as far as the text has it, and the same with the last step in any case."""
        path: Path_ = ()
        for step in location:
            if (*path, step) in self.places:
                path = (*path, step)
        is_missing = bool(location) and path[-1:] != location[-1:] and location[-1] != "[key]"
        return path, (*path, location[-1]) if is_missing else path


def read_tree(data: bytes, name: str) -> Tree:
    """Read a text; ConfigProblem names the place of what is wrong with it as YAML."""
    if len(data) > MAX_BYTES:
        raise ConfigProblem(f"{name} has {len(data)} bytes, a configuration has at most {MAX_BYTES}")
    try:
        text = data.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise ConfigProblem(f"{name}: it is no UTF-8 text: {error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ConfigProblem(f"{where}: it is no YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ConfigProblem(f"{name}: it is no YAML: {error}") from error
    except RecursionError:
        raise ConfigProblem(f"{name}: it is nested too deeply for a configuration") from None
    builder = _Builder(name)
    value = builder.build(node, ()) if node is not None else None
    return Tree(name, value, builder.places, text.splitlines())


class _Builder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._open: set[int] = set()
        self._count = 0
        self.places: dict[Path_, Place] = {}

    def _problem(self, node: yaml.Node, problem: str) -> ConfigProblem:
        mark = node.start_mark
        return ConfigProblem(f"{self._name}:{mark.line + 1}:{mark.column + 1}: {problem}")

    def build(self, node: yaml.Node, path: Path_) -> Any:
        self._count += 1
        self.places[path] = Place(node.start_mark.line + 1, node.start_mark.column + 1)
        if self._count > MAX_NODES or id(node) in self._open:
            raise self._problem(node, "aliases make this too large or endless")
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
            raise self._problem(node, f"the tag {node.tag} is not allowed")
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
            if not isinstance(key, str):
                raise self._problem(key_node, "a key is a word")
            if key in result:
                raise self._problem(key_node, f"the key {key!r} is there twice")
            result[key] = self.build(value_node, (*path, key))
            place = key_node.start_mark
            self.places[(*path, key, "key")] = Place(place.line + 1, place.column + 1)
        return result
