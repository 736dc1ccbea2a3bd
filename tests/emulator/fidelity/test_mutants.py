"""How a mutation run is judged."""

from __future__ import annotations

import json
from pathlib import Path

from tests.emulator.fidelity.mutants import Module, function_of, judge, read_modules, table

KILLED, TIMED_OUT, ALIVE, UNREACHED = 1, -24, 0, 33
PREFIX = "device_agent.emulator.engine.mode."


def modules(tmp_path: Path, *codes: int | None) -> list[Module]:
    """One module, whose mutants are all in one function."""
    keys = {f"{PREFIX}x_publish__mutmut_{number}": code for number, code in enumerate(codes, start=1)}
    for name, content in (("mode", keys), ("__init__", {})):
        text = json.dumps({"exit_code_by_key": content})
        Path(tmp_path, f"{name}.py.meta").write_text(text, encoding="utf-8")
    return read_modules(tmp_path)


def test_what_became_of_each(tmp_path: Path) -> None:
    (module,) = modules(tmp_path, KILLED, KILLED, KILLED, TIMED_OUT, ALIVE, UNREACHED, None)
    assert module == ("mode", 7, 6, 3, 1, {"mode.publish": 2})
    assert module.alive == 2


def test_the_function_of_a_mutant() -> None:
    assert function_of(PREFIX + "x__check__mutmut_12") == "mode._check"
    assert function_of(PREFIX + "x\u01c1Mode\u01c1set__mutmut_1") == "mode.Mode.set"
    assert function_of(PREFIX + "x\u01c1Mode\u01c1__init____mutmut_1") == "mode.Mode"


def test_a_tenth_may_be_alive(tmp_path: Path) -> None:
    reasons = {"mode.publish": "because"}
    assert judge(modules(tmp_path, ALIVE, *[KILLED] * 9), reasons) == []
    assert judge(modules(tmp_path, ALIVE, *[KILLED] * 8), reasons) == ["more than 10% are alive"]


def test_each_survivor_has_a_reason_and_each_reason_a_survivor(tmp_path: Path) -> None:
    killed = [KILLED] * 9
    (problem,) = judge(modules(tmp_path, ALIVE, *killed), {})
    assert problem.startswith("no reason for the survivors in mode.publish;")
    (problem,) = judge(modules(tmp_path, KILLED, *killed), {"mode.publish": "because"})
    assert problem == "a reason for mode.publish, in which none is alive"
    # As long as some were not tried, they may be the ones.
    assert judge(modules(tmp_path, None, *killed), {"mode.publish": "because"}) == []


def test_the_table(tmp_path: Path) -> None:
    lines = table(modules(tmp_path, ALIVE, TIMED_OUT, *[KILLED] * 8)).splitlines()
    assert "| mode | 10 | 8 | 1 | 1 | 10.0% |" in lines
    assert "| all | 10 | 8 | 1 | 1 | 10.0% |" in lines
    assert lines[-1] == "| `mode.publish` | 1 |  |"
