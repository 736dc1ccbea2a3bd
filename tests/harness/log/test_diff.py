"""Two runs compared: what counts as the same, and that the comparison is right, small and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.log import common
from harness.log.diff import comparable, compare, first_difference, normalised
from harness.log.report import difference_lines
from harness.log.runs import read_runs
from harness.log.steps import Step, StepKind

if TYPE_CHECKING:
    from tests.harness.log.conftest import Logs


def steps_of(made: type[Logs], *texts: str) -> list[Step]:
    (run,) = read_runs(made.timed(*texts))
    return run.steps


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aBuffer.Ptr(): 0x00c05888, aBuffer.Length(): 0", "aBuffer.Ptr(): <address>, aBuffer.Length(): 0"),
        ("transferBlock: 0x00c0588c (4096)", "transferBlock: <address> (4096)"),
        (
            "aOutputData: 0x00c05888 (27), iActualStart: 0x00c0",
            "aOutputData: <address> (27), iActualStart: <address>",
        ),
        ("length: 58, address: 0x00c0041c", "length: 58, address: <address>"),
        ("snapshot[00] - drive: C, addr: 0x00c0041c", "snapshot[00] - drive: C, addr: <address>"),
        ("END - ret: 0x00c0041c", "END - ret: <address>"),
        ("iBufferFileWriter: 0x1, iFileHandle: 0x2", "iBufferFileWriter: <address>, iFileHandle: <address>"),
        ("Server-side data length: 58, address", "Server-side data length: <size>, address"),
        ("Compression Header: Compressed 38", "Compression Header: Compressed <size>"),
        ("Compression Header: UnCompressed 38", "Compression Header: UnCompressed 38"),
        ("(compressed size=35, uncompressed=27)", "(compressed size=<size>, uncompressed=27)"),
        ("about to decompress 193 bytes of data", "about to decompress <size> bytes of data"),
        ("encryption buffer done 55 of 55", "encryption buffer done <size> of <size>"),
        ("burhost.exe[e0f1a00f]0012::Main", "burhost.exe[e0f1a00f]<generation>::Main"),
        ("with SID 0xe0f1a001", "with SID 0xe0f1a001"),
    ],
)
def test_what_differs_in_any_two_runs_is_replaced(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_a_run_is_the_same_at_any_time_and_address(made: type[Logs]) -> None:
    lines = made.base_backup()
    again = [
        line.replace("0x00c0041c", "0x00d0041c").replace("]0001::", "]0002::").replace("length: 58", "length: 57")
        for line in lines
    ]
    assert again != lines
    compared = compare(steps_of(made, *lines), steps_of(made, " ", " ", *again))
    assert compared is not None
    assert list(difference_lines(compared)) == []


def test_an_error_is_the_same_at_any_address(made: type[Logs]) -> None:
    one, other = "x transferBlock: 0x00c0041c - ERROR: -20", "x transferBlock: 0x00d0041c - ERROR: -20"
    compared = compare(steps_of(made, one), steps_of(made, other))
    assert compared is not None
    assert [line.mark for line in compared] == [" "]


def test_how_often_a_host_asks_for_ready_states_does_not_count(made: type[Logs]) -> None:
    poll = [*made.request("ESBEMsgPrepSIDStatus"), *made.request("ESBEMsgGetSIDStatus")]
    rest = made.request("ESBEMsgGetExpectedDataSize")
    few, many = steps_of(made, *poll, *rest), steps_of(made, *poll, *poll, *poll, *rest)
    texts = [step.text for step in comparable(many)]
    assert texts == ["ready states", "GetExpectedDataSize", "done"]
    assert [step.text for step in comparable(few)] == texts


def test_a_missing_callback_is_seen_with_what_is_around_it(made: type[Logs]) -> None:
    whole = made.base_backup()
    place = next(count for count, line in enumerate(whole) if "Calling GetSnapshotData" in line)
    compared = compare(steps_of(made, *whole), steps_of(made, *whole[:place], *whole[place + 1 :]))
    assert compared is not None
    (gone,) = [line for line in compared if line.mark != " "]
    assert (gone.mark, gone.step.kind, gone.step.text) == ("-", StepKind.CALLBACK, "GetSnapshotDataL")
    shown = list(difference_lines(compared))
    assert shown[0] == shown[-1] == "  ..." or shown[0] == "  ..."
    assert sum(line.startswith("  - ") for line in shown) == 1
    assert len(shown) == 6


def test_another_owner_is_another_step(made: type[Logs]) -> None:
    compared = compare(
        steps_of(made, "[0xe0f1b001]: C::RestoreComplete()"),
        steps_of(made, "[0xe0f1b002]: C::RestoreComplete()"),
    )
    assert compared is not None
    assert [line.mark for line in compared] == ["-", "+"]


def letters(text: str) -> list[Step]:
    return [Step(StepKind.DATA, None, letter, number, None) for number, letter in enumerate(text)]


def longest_common(one: str, other: str) -> int:
    """The textbook's table."""
    row = [0] * (len(other) + 1)
    for letter in one:
        before = row.copy()
        for place, another in enumerate(other, 1):
            row[place] = before[place - 1] + 1 if letter == another else max(before[place], row[place - 1])
    return row[-1]


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_a_comparison_has_both_logs_in_it_and_is_as_small_as_can_be(one: str, other: str) -> None:
    lines = compare(letters(one), letters(other))
    assert lines is not None
    assert "".join(line.step.text for line in lines if line.mark in "- ") == one
    assert "".join(line.step.text for line in lines if line.mark in "+ ") == other
    assert sum(line.mark == " " for line in lines) == longest_common(one, other)
    first = first_difference(letters(one), letters(other))
    assert (first == (None, None)) == (one == other)


def test_too_many_differences_are_not_lined_up(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = letters("abcde"), letters("abxyz")
    assert compare(one, other) is not None
    monkeypatch.setattr(common, "MOST_DIFFERENCES", 5)
    assert compare(one, other) is None
    monkeypatch.undo()
    monkeypatch.setattr(common, "_EFFORT", 5 * 11)
    assert compare(one, other) is None
    assert first_difference(one, other) == (one[2], other[2])
    assert first_difference(one, one[:3]) == (one[3], None)
