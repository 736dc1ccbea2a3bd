"""What a mutation run has left alive, for docs/fidelity.md: `python -m tests.emulator.fidelity.mutants`.

It reads what mutmut keeps in mutants/, writes the table once every mutant was tried, and fails when more than a
tenth is alive, or when a function has survivors for which REASONS says nothing, or a reason and no survivors.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tests.emulator.fidelity.document import DOCUMENT, ROOT
from tests.emulator.fidelity.survivors import REASONS

PACKAGE: Final = "device_agent/emulator/engine"
MOST_ALIVE: Final = 0.10
_BLOCK: Final = re.compile(r"(<!-- measured: mutants -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_NAME: Final = re.compile(r"\.(\w+)\.x(?:ǁ([^ǁ]+)ǁ|_)(\w+)__mutmut_\d+$")
KILLED: Final = frozenset({1, 3})
TIMED_OUT: Final = frozenset({36, -24, 24, 152, 255})
"""Exit codes of mutmut's workers; a mutant that never ends was noticed."""


class Module(NamedTuple):
    """What became of the mutants of a module: how many were tried, killed, timed out, and who survived."""

    name: str
    made: int
    tried: int
    killed: int
    timed_out: int
    survivors: Counter[str]

    @property
    def alive(self) -> int:
        """Tried, and noticed by no test; mutants that no test reaches are among them."""
        return self.tried - self.killed - self.timed_out


def read_modules(folder: Path) -> list[Module]:
    """Every module of the engine, from mutmut's own records."""
    modules = []
    for path in sorted(folder.glob("*.py.meta")):
        codes: dict[str, int | None] = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        tried = {key: code for key, code in codes.items() if code is not None}
        alive = [key for key, code in tried.items() if code not in KILLED | TIMED_OUT]
        if codes:
            modules.append(
                Module(
                    path.name.removesuffix(".py.meta"),
                    len(codes),
                    len(tried),
                    sum(code in KILLED for code in tried.values()),
                    sum(code in TIMED_OUT for code in tried.values()),
                    Counter(map(function_of, alive)),
                )
            )
    return modules


def function_of(mutant: str) -> str:
    """`session.OwnerSession.prime` for a mutant's name; constructors are called by their class."""
    match = _NAME.search(mutant)
    assert match, mutant
    module, cls, function = match.groups()
    parts = [module, cls, function] if cls else [module, function]
    return ".".join(parts).replace(".__init__", "")


def table(modules: list[Module]) -> str:
    """The figures and the survivors."""
    whole = Module(
        "all",
        sum(m.made for m in modules),
        sum(m.tried for m in modules),
        sum(m.killed for m in modules),
        sum(m.timed_out for m in modules),
        sum((m.survivors for m in modules), Counter()),
    )
    lines = [
        "| Module | Mutants | Killed | Timed out | Alive | Of all |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for m in [*modules, whole]:
        share = f"{m.alive / m.tried:.1%}" if m.tried else ""
        lines.append(f"| {m.name} | {m.tried} | {m.killed} | {m.timed_out} | {m.alive} | {share} |")
    lines += ["", "| Survivors in | Number | Why |", "| --- | --- | --- |"]
    for function, count in sorted(whole.survivors.items()):
        lines.append(f"| `{function}` | {count} | {REASONS.get(function, '')} |")
    return "\n".join(lines) + "\n"


def judge(modules: list[Module], reasons: Mapping[str, str]) -> list[str]:
    """What is wrong with a run; nothing when it is good."""
    alive, tried = sum(m.alive for m in modules), sum(m.tried for m in modules)
    wrong = []
    if alive > MOST_ALIVE * tried:
        wrong.append(f"more than {MOST_ALIVE:.0%} are alive")
    survivors = {name for m in modules for name in m.survivors}
    wrong += [
        f"no reason for the survivors in {name}; look at them: mutmut results, mutmut show"
        for name in sorted(survivors - reasons.keys())
    ]
    if all(m.tried == m.made for m in modules):
        wrong += [f"a reason for {name}, in which none is alive" for name in sorted(reasons.keys() - survivors)]
    return wrong


def main() -> int:
    """Write the table if the run is whole; 1 when too many are alive or unexplained."""
    modules = read_modules(ROOT / "mutants" / PACKAGE)
    if not modules:
        print("there is no mutation run: make mutation")  # noqa: T201 - a command for people
        return 1
    alive, tried, made = (sum(getattr(m, name) for m in modules) for name in ("alive", "tried", "made"))
    print(f"{alive} of {tried} mutants are alive: {alive / max(1, tried):.1%}")  # noqa: T201
    if tried == made:
        text = DOCUMENT.read_text(encoding="utf-8")
        block = f"\n{table(modules)}\n"
        DOCUMENT.write_text(_BLOCK.sub(lambda match: match[1] + block + match[3], text), encoding="utf-8")
    else:
        print(f"{made - tried} more were not tried: {DOCUMENT.name} stays as it is")  # noqa: T201
    wrong = judge(modules, REASONS)
    for problem in wrong:
        print(problem)  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
