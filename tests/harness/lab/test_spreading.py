"""Suites over several handsets: who runs what, what a phone that goes away costs, and what ran nowhere."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigError
from harness.lab.choice import Where
from harness.lab.config import load_config
from harness.lab.hold import take
from tests.harness.lab.emulated_lab import EmulatedLab, emulated_lab

SPREAD = """
import pytest

@pytest.mark.parametrize("n", range(6))
def test_anywhere(handset, n):
    assert handset.properties.mode().is_normal

@pytest.mark.handset(tags=["first"])
def test_first(handset):
    assert handset.name == "a"

@pytest.mark.handset(tags=["fast"], needs=["restore", "real", "controller"])
class TestFast:
    def test_fast(self, handset):
        assert handset.name != "a"

    @pytest.mark.handset(tags=["last"])
    def test_last(self, handset):
        assert handset.name == "d"

@pytest.mark.handset(tags=["golden"])
def test_golden(handset):
    raise AssertionError("there is none")

def test_without_a_phone():
    pass
"""

KILLS = """
import json, os, pytest, signal
from pathlib import Path

HERE = Path(__file__).parent

@pytest.mark.parametrize("n", range(8))
def test_anywhere(handset, n):
    marker = HERE / "killed"
    if handset.name == "d" and not marker.exists():
        marker.touch()
        os.kill(json.loads((HERE / "pids.json").read_text())["d"], signal.SIGKILL)
    handset.properties.mode()

@pytest.mark.handset(tags=["last"])
@pytest.mark.parametrize("n", range(3))
def test_only_there(handset, n):
    test_anywhere(handset, n)
"""

TIMED = """
import pytest

@pytest.mark.parametrize("n", range(12))
def test_slow_phone(handset, n):
    handset.files.write("C:\\\\big.txt", b"x" * 3000)
    assert len(handset.files.read("C:\\\\big.txt")) == 3000
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[EmulatedLab]:
    with emulated_lab() as running:
        yield running


def run(pytester: pytest.Pytester, *arguments: str) -> tuple[pytest.RunResult, dict[str, Any]]:
    result = pytester.runpytest_subprocess(
        "--hil-backend=lab", "--hil-config=lab.yaml", "--hil-artifacts=out", "--junitxml=junit.xml", *arguments
    )
    path = pytester.path / "out" / "results.json"
    return result, json.loads(path.read_text()) if path.is_file() else {}


def by_name(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {verdict["test"].split("::", 1)[1]: verdict for verdict in results["verdicts"]}


@pytest.mark.parametrize("workers", [("-n", "auto"), ()], ids=["xdist", "alone"])
def test_each_test_runs_on_a_phone_that_fits_it(
    lab: EmulatedLab, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(SPREAD)
    lab.write(pytester.path / "lab.yaml")
    # One process goes on with the phone that it has, so how many it needs depends on the order.
    result, results = run(pytester, "-p", "no:randomly", *workers)
    result.assert_outcomes(passed=10, skipped=1)
    assert result.ret == 0
    if workers:
        result.stdout.fnmatch_lines(["*4 workers*"])
    verdicts = by_name(results)
    handsets = Counter(verdict["properties"].get("handset") for verdict in verdicts.values())
    assert len(handsets) == (5 if workers else 4)  # with those of the one that ran nowhere
    assert verdicts["test_golden"]["outcome"] == "not run"
    said = result.stdout.str()
    assert re.search(
        r"ran nowhere: .*test_golden: no handset fits: tags golden is wanted, and there are a, b, c, d", said
    )
    assert re.search(r"test_first +passed( +-)+$", said, re.MULTILINE)
    assert re.search(r"TestFast::test_last( +-)+ +passed$", said, re.MULTILINE)
    junit = ET.parse(pytester.path / "junit.xml").getroot()
    names = {p.get("value") for p in junit.iter("property") if p.get("name") == "symhil.handset"}
    assert names == set(handsets) - {None}


def test_a_phone_that_drops_out_costs_its_test_and_the_others_do_the_rest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(KILLS)
    with emulated_lab("a", "d") as running:
        running.write(pytester.path / "lab.yaml", names=("a", "d"))
        result, results = run(pytester, "-n", "2", "-p", "no:randomly", "--hil-reconnect=0")
    assert result.ret == 11
    verdicts = by_name(results)
    assert len(verdicts) == 11
    outcomes = Counter(verdict["outcome"] for verdict in verdicts.values())
    (lost,) = (verdict for verdict in verdicts.values() if verdict["outcome"] == "failed")
    assert lost["category"] == "handset-lost"
    assert lost["properties"]["handset"] == "d"
    not_run = {name for name, verdict in verdicts.items() if verdict["outcome"] == "not run"}
    assert not_run <= {f"test_only_there[{n}]" for n in range(3)}
    assert outcomes == {"failed": 1, "passed": 10 - len(not_run), "not run": len(not_run)}
    assert len(not_run) >= 2
    # Whoever can be run on the other phone was.
    others = [v for name, v in verdicts.items() if name.startswith("test_anywhere") and v is not lost]
    assert {verdict["outcome"] for verdict in others} == {"passed"}
    said = result.stdout.str()
    assert "d dropped out: nothing answers on" in said
    assert re.search(r"ran nowhere: .*test_only_there\[\d\]: not run: d: nothing answers on", said)
    assert "Traceback" not in said


def test_a_test_in_whose_midst_the_worker_dies_has_not_passed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os

        def test_1_dies(handset):
            os._exit(1)

        def test_2_goes_on(handset):
            assert handset.properties.mode().is_normal
        """
    )
    with emulated_lab("a") as running:
        running.write(pytester.path / "lab.yaml", names=("a",))
        result, results = run(pytester, "-n", "1", "-p", "no:randomly")
    assert result.ret == 1
    verdicts = by_name(results)
    assert {name: (verdict["outcome"], verdict["category"]) for name, verdict in verdicts.items()} == {
        "test_1_dies": ("error", "harness"),
        "test_2_goes_on": ("passed", ""),
    }
    assert "crashed while running" in verdicts["test_1_dies"]["message"]


def test_alone_too_the_others_do_the_rest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(KILLS)
    with emulated_lab("a", "d") as running:
        running.write(pytester.path / "lab.yaml", names=("d", "a"))
        result, results = run(pytester, "-p", "no:randomly", "--hil-reconnect=0")
    assert result.ret == 11
    outcomes = {name: verdict["outcome"] for name, verdict in by_name(results).items()}
    assert outcomes.pop("test_anywhere[0]") == "failed"
    assert {outcomes.pop(f"test_only_there[{n}]") for n in range(3)} == {"not run"}
    assert set(outcomes.values()) == {"passed"}


def test_each_test_on_each_phone_that_fits_it(lab: EmulatedLab, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.handset(tags=["fast"])
        @pytest.mark.parametrize("size", [1, 2])
        def test_both(handset, size):
            assert handset.name != "c"

        def test_all(handset):
            pass
        """
    )
    lab.write(pytester.path / "lab.yaml")
    result, results = run(pytester, "--hil-all", "--hil-where=platform=s60v[123]", "-n", "3")
    result.assert_outcomes(passed=5, failed=2)
    rows = {name.split("::")[1]: row for name, row in results["matrix"].items()}
    assert rows == {
        "test_both[1]": {"b": "passed", "c": "failed"},
        "test_both[2]": {"b": "passed", "c": "failed"},
        "test_all": {"a": "passed", "b": "passed", "c": "passed"},
    }
    said = result.stdout.str()
    assert re.search(r"^test_both\[1\] +- +passed +failed$", said, re.MULTILINE)


def test_phones_that_somebody_holds_are_left_to_him(lab: EmulatedLab, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_phone(handset):\n    assert handset.name == 'b'\n")
    config = load_config(lab.write(pytester.path / "lab.yaml", names=("a", "b")))
    with take(config.find("a"), "somebody's work"):
        result, _ = run(pytester, "-n", "auto")
        result.stdout.fnmatch_lines(["*1 worker *"])
        result.assert_outcomes(passed=1)
        with take(config.find("b"), "somebody else's"):
            result, _ = run(pytester, "-n", "auto")
            assert result.ret == 10
            said = result.stdout.str() + result.stderr.str()
            assert re.search(r"a: .*held by .*somebody's work, pid", said)
            assert "Traceback" not in said


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ("needs=['restor']", "no handset can have 'restor' (did you mean 'restore'?); known are restore"),
        ("tags='fast'", "tags is a list of words, not the text 'fast'"),
        ("tgas=['fast']", "unexpected keyword argument 'tgas'"),
    ],
)
def test_a_marker_that_is_used_wrongly(pytester: pytest.Pytester, marker: str, says: str) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.handset({marker})\ndef test_x(handset):\n    pass\n")
    result = pytester.runpytest_inprocess("-p", "no:randomly")
    assert result.ret == 4
    assert says in result.stderr.str()


def test_a_condition_that_is_none() -> None:
    with pytest.raises(ConfigError, match=r"'plattform=s60v3' is no condition \(did you mean 'platform'\?\)"):
        Where.parse("plattform=s60v3")


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("", "abcd"),
        ("platform=s60v3", "c"),
        ("tag=fast", "bcd"),
        ("tag!=fast", "a"),
        ("tag=fast,tag!=last", "bc"),
        ("link=tcp,name=[ad]", "ad"),
        ("model=N*", ""),
    ],
)
def test_conditions(lab: EmulatedLab, tmp_path: Path, where: str, names: str) -> None:
    config = load_config(lab.write(tmp_path / "lab.yaml"))
    assert "".join(entry.name for entry in config.handsets if Where.parse(where).fits(entry)) == names


def test_four_phones_take_less_than_two_fifths_of_the_time_of_one(
    lab: EmulatedLab, pytester: pytest.Pytester
) -> None:
    """The phone is the bottleneck: its line is as slow as a UART. Measured from the first test to the last."""
    pytester.makepyfile(TIMED)
    lab.write(pytester.path / "lab.yaml", faults="uart")
    one, alone = run(pytester, "-n", "1", "--hil-device=a")
    four, results = run(pytester, "-n", "4")
    one.assert_outcomes(passed=12)
    four.assert_outcomes(passed=12)
    assert len({verdict["properties"]["handset"] for verdict in results["verdicts"]}) == 4
    assert results["span_s"] < 0.4 * alone["span_s"], f"{results['span_s']:.1f} s of {alone['span_s']:.1f} s"


def test_faults_that_a_test_asked_for_cost_no_other_test_its_phone(
    lab: EmulatedLab, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.fault("unplug@0=60")
        def test_1_never_begins(handset):
            pass

        @pytest.mark.fault("unplug@2000=60")
        def test_2_is_cut_off(handset):
            handset.files.write(r"C:\\big.txt", bytes(100_000))

        def test_3_has_the_same_phone(handset):
            assert handset.properties.mode().is_normal
        """
    )
    lab.write(pytester.path / "lab.yaml", names=("a",))
    result, results = run(pytester, "-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=1, errors=1)
    assert by_name(results)["test_3_has_the_same_phone"]["properties"]["handset"] == "a"


def test_the_whole_lab_is_untouched_by_a_wrong_configuration(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x(handset):\n    pass\n")
    Path(pytester.path / "lab.yaml").write_text("handsets: [{nmae: a}]")
    result, _ = run(pytester, "-n", "2")
    assert result.ret == 4
    said = result.stdout.str() + result.stderr.str()
    assert "lab.yaml:1:12: handsets.0.name: this key is missing" in said
    assert "Traceback" not in said
