"""The pytest plugin: idle unless used, clear about whose move it is, never green without a phone."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ONE_TEST = """
def test_phone(handset):
    assert handset.properties.mode().is_normal
"""

NO_PHONE = """
handsets:
  - name: away
    links: [{tcp: {host: 127.0.0.1, port: 1}}]
"""


def test_it_is_idle_unless_one_of_its_fixtures_is_used(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_of_ours_was_imported_but_the_plugin():
            ours = {name for name in sys.modules if name.split(".")[0] in {"wire", "harness", "device_agent"}}
            plugin = {f"harness.pytest_plugin{part}" for part in ("", ".options", ".fixtures")}
            assert ours == {"harness", *plugin}
            assert "construct" not in sys.modules and "pydantic" not in sys.modules
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*handsets*")


def test_a_handset_that_a_test_asks_for_while_it_runs_is_given_back(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import os

        def children():
            return open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split()

        def pytest_unconfigure():
            print("left over:", children())
        """
    )
    pytester.makepyfile(
        """
        from conftest import children

        def test_phone(request):
            assert request.getfixturevalue("handset").properties.mode().is_normal
            assert len(children()) == 1
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines("left over: []")


def test_workers_of_any_kind_have_their_verdicts_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE_TEST)
    result = pytester.runpytest_subprocess("-d", "--tx=1*popen")  # what -n is short for
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*handsets*", "test_phone * passed *"])


def test_options_are_in_a_group_of_their_own(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(
        ["handsets in the loop (symhil):", "*--hil-backend={emulator,lab,labgrid,replay}*"]
    )


def test_a_test_gets_an_emulated_handset(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE_TEST)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*handsets*", "test_phone * passed *"])


def test_each_test_meets_a_new_emulated_handset(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(3))
        def test_no_traces_of_the_others(handset, n):
            assert not handset.files.exists("C:\\\\trace.txt")
            handset.files.write("C:\\\\trace.txt", b"I was here")
            handset.engine.list_data_owners()
            from wire.symbian import BurMode
            handset.engine.set_mode(BurMode(2, 0x100))
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)


def test_a_missing_phone_is_neither_skipped_nor_green(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE_TEST + ONE_TEST.replace("test_phone", "test_phone_again"))
    pytester.makefile(".yaml", lab=NO_PHONE)
    result = pytester.runpytest_subprocess("--hil-backend=lab", "--hil-config=lab.yaml")
    assert result.ret == 10
    output = result.stdout.str() + result.stderr.str()
    assert "lab: nothing answers on 127.0.0.1:1" in output
    assert "start the handset or bridge there first" in output
    assert "Traceback" not in output


def test_a_wrong_configuration_is_one_screen_with_line_and_column(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE_TEST)
    pytester.makefile(".yaml", lab="handsets:\n  - nmae: x\n    links: [{emulator: {}}]\n")
    result = pytester.runpytest_subprocess("--hil-config=lab.yaml")
    assert result.ret == 4
    assert "lab.yaml:2:5: handsets.0.nmae: unknown key (did you mean 'name'?)" in result.stdout.str()


def test_a_phone_that_is_lost_shows_in_the_exit_code_and_the_next_test_gets_it_again(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import os, signal

        def test_1_kills_the_phone(handset):
            children = open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read()
            for pid in children.split():
                os.kill(int(pid), signal.SIGKILL)
            handset.properties.mode()

        def test_2_goes_on(handset):
            assert handset.properties.mode().is_normal
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=1)
    assert result.ret == 11
    result.stdout.fnmatch_lines(
        ["test_1_kills_the_phone * failed * handset-lost", "1 x handset-lost: the phone or its cable*"]
    )


RETRIED = """
import os, signal
from pathlib import Path

def test_loses_it_once(handset, hil_folder):
    (hil_folder / "left.txt").touch()
    if not Path("lost").exists():
        Path("lost").touch()
        children = open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read()
        for pid in children.split():
            os.kill(int(pid), signal.SIGKILL)
    handset.properties.mode()

def test_fails_for_another_reason(handset):
    with Path("attempts").open("a") as file:
        file.write("x")
    assert False
"""


def test_a_lost_phone_is_tried_again_on_request_and_every_attempt_is_kept(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(RETRIED)
    result = pytester.runpytest_subprocess("--hil-retry-lost=2", "--hil-artifacts=out", "--junitxml=junit.xml")
    result.assert_outcomes(passed=1, failed=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["test_loses_it_once * passed on attempt 2 *"])
    assert (pytester.path / "attempts").read_text() == "x"
    left = sorted(path.parent.name for path in (pytester.path / "out").glob("*/left.txt"))
    assert [name.partition("once")[2] for name in left] == ["", ".attempt-1"]
    assert "symhil.earlier_attempts" in (pytester.path / "junit.xml").read_text()
    verdicts = json.loads((pytester.path / "out" / "results.json").read_text())["verdicts"]
    assert "passed on attempt 2" in {verdict["outcome"] for verdict in verdicts}


FAILING = """
import pytest

def test_fails(handset, backup_run, securebackup_log):
    with backup_run(partial=[]) as run:
        pass
    assert False, "on purpose"
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_led_to_a_failure_is_in_the_terminal_and_in_the_junit_file(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(FAILING)
    result = pytester.runpytest_subprocess("--junitxml=junit.xml", "-o", "junit_logging=all", *workers)
    result.assert_outcomes(failed=1)
    expected = ["property history", "last frames", "securebackup.txt", "EBURBackupPartial|EBackupBase"]
    for text in expected:
        assert text in result.stdout.str()
    junit = ET.parse(pytester.path / "junit.xml").getroot()
    case = junit.find(".//testcase")
    assert case is not None
    logged = "".join(case.itertext())
    for text in expected:
        assert text in logged
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert properties["symhil.category"] == "product"
    assert properties["symhil.handset"] == "emulated"
    assert "004401012345678" not in (pytester.path / "junit.xml").read_text()  # an IMEI is somebody's


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_results_are_left_as_json(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.case("MTP-1")
        def test_good(handset):
            pass

        def test_bad(handset):
            handset.engine.status([])
        """
    )
    result = pytester.runpytest_subprocess("--hil-artifacts=out", *workers)
    result.assert_outcomes(passed=1, failed=1)
    assert result.ret == 1
    verdicts = json.loads((pytester.path / "out" / "results.json").read_text())["verdicts"]
    by_name = {verdict["test"].split("::")[1]: verdict for verdict in verdicts}
    assert by_name["test_good"]["outcome"] == "passed"
    assert by_name["test_good"]["case"] == "MTP-1"
    assert by_name["test_bad"]["outcome"] == "failed"
    assert by_name["test_bad"]["category"] == "product"


def test_other_tests_of_the_run_may_fail_as_they_like(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        ONE_TEST
        + """
import pytest

@pytest.fixture
def broken():
    yield
    raise OSError("at its end")

def test_nothing_of_ours(broken):
    pass
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["1 tests on a handset, 0 not passed"])


def test_artifacts_of_a_test_are_in_a_folder_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("what", ["a b/c", "[x]"])
        def test_phone(handset, hil_folder, what):
            handset.engine.list_data_owners()
        """
    )
    result = pytester.runpytest_subprocess("--hil-artifacts=out", "--hil-collect-logs")
    result.assert_outcomes(passed=2)
    folders = sorted(path for path in (pytester.path / "out").iterdir() if path.is_dir())
    assert len(folders) == 2
    for folder in folders:
        assert not set(folder.name) & set("[]/ ")
        names = {path.name for path in folder.iterdir()}
        assert {"wire.pcapng", "journal.jsonl", "securebackup.txt"} <= names
    whole = (pytester.path / "out" / "securebackup.txt").read_text()
    assert whole.count("ESBEMsgPrepDataOwnerInfo") == 2


def test_a_mistake_in_the_test_itself_is_not_blamed_on_the_product(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_typo(handset):
            handset.engin.status([])
        """
    )
    result = pytester.runpytest_subprocess()
    result.stdout.fnmatch_lines(["test_typo * failed * harness"])


def test_an_owner_left_attached_and_a_mode_left_entered_do_not_reach_the_next_test(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        from harness.data_owner import DataOwner

        def test_1_leaves_everything_behind(handset):
            handset.attach(DataOwner(), handset.info.owner_slots[0])
            handset.backup(partial=[]).__enter__()

        def test_2(handset):
            assert handset.properties.mode().is_normal
            handset.attach(DataOwner(), handset.info.owner_slots[0])
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=2)


def test_the_folder_for_artifacts_cannot_be_made(pytester: pytest.Pytester) -> None:
    Path(pytester.path / "out").write_text("a file")
    pytester.makepyfile(ONE_TEST)
    result = pytester.runpytest_subprocess("--hil-artifacts=out")
    assert result.ret == 4
    assert "no artifacts can be written to out" in result.stdout.str()


def test_a_fault_happens_in_one_test_and_a_failed_one_shows_how_to_see_it_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from harness.errors import HandsetRestarted
        from wire.symbian import SecureId

        @pytest.mark.fault("restart@40000")
        def test_1_the_agent_is_started_anew(handset):
            with pytest.raises(HandsetRestarted):
                for n in range(100):
                    handset.files.write(f"C:\\\\{n}.txt", bytes(1000))
            assert handset.reconnect().properties.mode().is_normal

        @pytest.mark.fault("flip=1e-6")
        def test_2_fails(handset):
            assert False, "on purpose"

        def test_3_has_no_faults(handset):
            for n in range(100):
                handset.files.write(f"C:\\\\{n}.txt", bytes(1000))

        @pytest.mark.fault("flap=1")
        def test_4_is_written_wrong(handset):
            pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.re_match_lines([r"flip=1e-06,seed=\d+"])
    result.stdout.fnmatch_lines(["*the marker fault('flap=1') cannot be used*did you mean 'flip'?"])
