"""A pydantic model laid over a tree: what does not fit, each thing with its place and the nearest right word."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from wire.config.tree import ConfigProblem, Tree

ModelT = TypeVar("ModelT", bound=BaseModel)

# What pydantic says in Python's terms, in those of who writes YAML.
_SAID: Final = {
    "missing": "this key is missing",
    "model_type": "keys with values are expected here",
    "dict_type": "keys with values are expected here",
    "model_attributes_type": "keys with values are expected here",
    "tuple_type": "a list is expected here",
    "list_type": "a list is expected here",
    "string_type": "a text is expected here",
    "bool_parsing": "yes or no is expected here",
    "bool_type": "yes or no is expected here",
    "int_parsing": "a whole number is expected here",
    "int_type": "a whole number is expected here",
    "too_short": "there has to be at least one",
    "string_too_short": "this must not be empty",
}


def check(model: type[ModelT], tree: Tree, value: Any = None) -> ModelT:
    """The model that a tree describes; ConfigProblem lists everything that is wrong with it.

    Args:
        model: what is expected.
        tree: the text, for places.
        value: what is checked, where it is not the tree's own value but made of it.
    """
    try:
        return model.model_validate(tree.value if value is None else value)
    except ValidationError as error:
        found: list[dict[str, Any]] = [dict(problem) for problem in error.errors(include_url=False)]
        # A list whose items are all wrong is called too short as well: that is said only where nothing else is.
        first_hand = [problem for problem in found if problem["type"] != "too_short" or not problem["input"]]
        in_order = sorted(first_hand or found, key=lambda problem: tree.place_of(problem["loc"]))
        problems = [tree.describe(problem["loc"], _message(model, problem)) for problem in in_order]
        raise ConfigProblem("\n".join(problems)) from None


def _message(model: type[BaseModel], problem: Mapping[str, Any]) -> str:
    kind, given = str(problem["type"]), problem.get("input")
    context = problem.get("ctx", {})
    if kind == "extra_forbidden":
        location = tuple(problem["loc"])
        words = sorted(_keys_at(model, location[:-1]))
        return f"unknown key{nearest_of(location[-1], words) or _one_of(words)}"
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", str(context.get("expected")))
        return f"{given!r} is not known here{nearest_of(given, words)}{_one_of(words)}"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        words = re.findall(r"'([^']*)'", str(context.get("expected_tags")))
        if not words:
            return "of which kind this is, is missing"
        tag = context.get("tag")
        said = f"{tag!r} is none of them{nearest_of(tag, words)}" if tag else "this is none of them"
        return f"one of {', '.join(words)} is expected here, {said}"
    if kind == "string_pattern_mismatch":
        return f"{given!r} does not have the form {context.get('pattern')}"
    said = str(problem["msg"]).removeprefix("Value error, ").replace("Input should", "this should")
    said = _SAID.get(kind, said)
    is_plain = isinstance(given, str) and given and kind in _SAID
    return f"{said}, not {given!r}" if is_plain else said


def nearest_of(word: object, words: Iterable[str]) -> str:
    """` (did you mean 'x'?)`, or nothing where no word is near."""
    near = difflib.get_close_matches(str(word), list(words), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _one_of(words: list[str]) -> str:
    return f"; known are {', '.join(words)}" if words else ""


# ------------------------------------------------------------------------------- which keys a place may have


def _keys_at(model: type[BaseModel], location: Iterable[object]) -> set[str]:
    """The keys of the models that can stand at a path of the model."""
    here: list[Any] = [model]
    for part in location:
        here = [inner for annotation in here for inner in _inside(annotation, part)]
    return {
        field.alias or name for annotation in here for one in _models(annotation) for name, field in _fields(one)
    }


def _inside(annotation: Any, part: object) -> Iterator[Any]:
    """What lies one step further; the tag of a union leads nowhere else."""
    for one in _members(annotation):
        origin = get_origin(one)
        if isinstance(one, type) and issubclass(one, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in _fields(one)}
            yield fields.get(str(part), one)
        elif origin in {tuple, list}:
            yield get_args(one)[0]
        elif origin is dict:
            yield get_args(one)[1]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for one in _members(annotation):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    yield from model.model_fields.items()


def _members(annotation: Any) -> Iterator[Any]:
    """A union's members, without what Annotated adds to them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation
