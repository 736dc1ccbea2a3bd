"""Which tests bear which rules, read from the tests' text: no test has to run for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

TESTS: Final = Path(__file__).parents[2]


class MarkedTest(NamedTuple):
    """A test and a rule that it bears."""

    rule: str
    path: str
    name: str


def marked_tests(folder: Path = TESTS) -> list[MarkedTest]:
    """Every rule of every test, by file and in the order in which they stand there."""
    found = []
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.rule" in text:
            relative = path.relative_to(folder.parent).as_posix()
            found += [MarkedTest(rule, relative, name) for rule, name in _in_module(ast.parse(text))]
    return found


def _in_module(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                yield from _of_test(inner, f"{node.name}::")
        else:
            yield from _of_test(node, "")


def _of_test(node: ast.stmt, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
        for decorator in node.decorator_list:
            for rule in _rules_in(decorator):
                yield rule, prefix + node.name


def _rules_in(decorator: ast.expr) -> Iterator[str]:
    """The ids of `@pytest.mark.rule("5.2/1", "Q9")`, also where it marks one parameter set among others."""
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            for argument in node.args:
                rule = ast.literal_eval(argument)
                assert isinstance(rule, str), f"a rule is a text, unlike {rule!r}"
                yield rule
