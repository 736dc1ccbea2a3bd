"""What a data owner is expected to be called, beside what it was."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from harness.errors import UnexpectedState
from harness.expected_calls import check_calls
from harness.journal import Journal
from harness.report.difference import differences_to_expected
from harness.report.page import render
from tests.captures import SID, backup, write_run
from wire.symbian import AbCallback

INIT = AbCallback.InitialiseGetBackupDataL
DATA = AbCallback.GetBackupDataSectionL
SIZE = AbCallback.GetExpectedDataSize


def test_a_difference_is_shown_side_by_side() -> None:
    with pytest.raises(UnexpectedState) as failure:
        check_calls(SID, [SIZE, INIT, DATA], [INIT, DATA, DATA, SIZE], Journal())
    assert str(failure.value).splitlines()[:5] == [
        "0xE0F1A001 was called otherwise than expected:",
        "  expected                  came",
        "  GetExpectedDataSize       ",
        "  InitialiseGetBackupDataL  InitialiseGetBackupDataL",
        "  GetBackupDataSectionL     GetBackupDataSectionL",
    ]
    assert str(failure.value).splitlines()[5].strip() == "GetExpectedDataSize"


@given(
    st.lists(st.sampled_from(list(AbCallback)), max_size=8),
    st.lists(st.sampled_from(list(AbCallback)), max_size=8),
)
def test_only_repetitions_in_a_row_make_no_difference(expected: list[AbCallback], came: list[AbCallback]) -> None:
    journal = Journal()
    alike = [key for key, _ in itertools.groupby(expected)] == [key for key, _ in itertools.groupby(came)]
    if alike:
        check_calls(SID, expected, came, journal)
    else:
        with pytest.raises(UnexpectedState):
            check_calls(SID, expected, came, journal)
    assert journal.count == (not alike)


def test_the_page_of_the_run_shows_it(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", {"test_x.py::test_y": ("failed", backup(3))})
    folder = run / "test_x.py_test_y"
    journal = Journal()
    journal.write_to(folder / "journal.jsonl")
    journal.add("note", 'of nothing that is "expected"')
    with pytest.raises(UnexpectedState):
        check_calls(SID, [INIT, DATA], [INIT, SIZE], journal)
    journal.write_to(None)
    with (folder / "journal.jsonl").open("a") as file:
        file.write('{"t": 1, "kind": "expected", "sid"')  # killed
    (difference,) = differences_to_expected(folder)
    assert [(pair.mark, pair.before, pair.now) for pair in difference.pairs] == [
        ("same", INIT.name, INIT.name),
        ("changed", DATA.name, SIZE.name),
    ]
    page = html.fromstring(render(run))
    assert "What 0xE0F1A001 was called otherwise than expected" in page.text_content()
    cells = [[cell.text for cell in row.iter("td")] for row in page.xpath("//table[@class='difference']/tbody/tr")]
    assert cells == [[INIT.name, INIT.name], [DATA.name, SIZE.name]]


def test_with_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from harness.data_owner import DataOwner
        from wire.symbian import AbCallback, Drive, TTransferDataType

        def test_expects(data_owner, backup_run):
            slot = data_owner(DataOwner())
            with backup_run(partial=[slot.sid]) as run:
                run.wait_ready(slot.sid)
                list(run.sections(slot.sid, Drive.parse("C"), TTransferDataType.EActiveBaseData))
            first = [call.callback for call in slot.owner.calls]
            slot.expect_calls(*first, first[-1])
            slot.expect_calls(*first[:-1])
        """
    )
    result = pytester.runpytest_subprocess("--hil-artifacts=out")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*UnexpectedState: 0xE0F1B001 was called otherwise than expected:", "*expected*came"]
    )
    (journal,) = (pytester.path / "out").glob("*/journal.jsonl")
    kinds = [json.loads(line)["kind"] for line in journal.read_text().splitlines()]
    assert kinds.count("expected") == 1
