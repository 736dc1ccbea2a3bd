"""docs/fidelity.md: what is generated of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.emulator.fidelity.marks import MarkedTest, marked_tests
from tests.emulator.fidelity.rules import RULES, SECTIONS, Section

ROOT: Final = Path(__file__).parents[3]
DOCUMENT: Final = ROOT / "docs" / "fidelity.md"
_BLOCK: Final = re.compile(r"(<!-- generated: (rules|figures) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def rewrite(text: str) -> str:
    """The document with its generated parts made anew."""
    tests: dict[str, list[MarkedTest]] = {}
    for test in marked_tests():
        tests.setdefault(test.rule, []).append(test)
    parts = {"rules": _rules(tests), "figures": _figures(tests)}
    return _BLOCK.sub(lambda match: f"{match[1]}\n{parts[match[2]]}\n{match[4]}", text)


def _figures(tests: dict[str, list[MarkedTest]]) -> str:
    missing = sum(bool(rule.not_modelled) for rule in RULES.values())
    names = {(test.path, test.name) for marked in tests.values() for test in marked}
    return (
        f"{len(RULES)} rules in {len(SECTIONS)} sections, quirks included: {len(RULES) - missing} are modelled "
        f"and held by {len(names)} tests, {missing} are not modelled.\n"
    )


def _rules(tests: dict[str, list[MarkedTest]]) -> str:
    return "\n".join(_section(section, tests) for section in SECTIONS)


def _section(section: Section, tests: dict[str, list[MarkedTest]]) -> str:
    lines = [
        f"### {section.number} {section.title}",
        "",
        "| Rule | What is modelled | Test |",
        "| --- | --- | --- |",
    ]
    for rule in section.rules:
        if rule.not_modelled:
            held = f"not modelled: {rule.not_modelled}"
        else:
            held = "<br>".join(_link(test) for test in tests.get(rule.id, []))
        lines.append(f"| `{rule.id}` | {_cell(rule.title)} | {held} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _link(test: MarkedTest) -> str:
    return f"[{test.name.split('::')[-1]}](../{test.path})"
