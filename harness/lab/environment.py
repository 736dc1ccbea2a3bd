"""Environment variables in a configuration: `${SYMHIL_NAME}`, or `${SYMHIL_NAME:-what else}`.

Only variables with our own prefix are put in: a configuration that somebody shares cannot pick up a password
that happens to be in the environment.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any, Final

from wire.config import ConfigProblem, Tree
from wire.config.check import nearest_of

PREFIX: Final = "SYMHIL_"
_USE: Final = re.compile(r"\$\{([^}]*)\}?")
_FORM: Final = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def substitute(tree: Tree, environment: Mapping[str, str]) -> Any:
    """The tree's value with variables put in; ConfigProblem names the place of each that cannot be."""
    problems: list[str] = []

    def text_of(text: str, path: tuple[Hashable, ...]) -> str:
        def value_of(use: re.Match[str]) -> str:
            form = _FORM.fullmatch(use[0])
            if form is None:
                problem = f"{use[0]!r} has neither the form ${{{PREFIX}NAME}} nor ${{{PREFIX}NAME:-what else}}"
            elif not form[1].startswith(PREFIX):
                problem = f"only variables whose names begin with {PREFIX} are put in, not {form[1]}"
            elif form[1] in environment:
                return environment[form[1]]
            elif form[2] is not None:
                return form[2]
            else:
                near = nearest_of(form[1], [name for name in environment if name.startswith(PREFIX)])
                problem = f"the environment variable {form[1]} is not set{near}"
            problems.append(tree.describe(path, problem))
            return use[0]

        return _USE.sub(value_of, text)

    def walk(value: Any, path: tuple[Hashable, ...]) -> Any:
        if isinstance(value, dict):
            return {key: walk(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner, (*path, index)) for index, inner in enumerate(value)]
        return text_of(value, path) if isinstance(value, str) else value

    result = walk(tree.value, ())
    if problems:
        raise ConfigProblem("\n".join(problems))
    return result
