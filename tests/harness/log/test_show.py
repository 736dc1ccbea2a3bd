"""Records chosen and shown."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from harness.log.reading import TimedRecord
from harness.log.show import Choice, as_json, as_line, meaning, visible
from wire.formats.log_level import LogLevel
from wire.formats.log_reader import read_records
from wire.formats.log_record import LogRecord
from wire.symbian import AbCallback, SecureId

if TYPE_CHECKING:
    from tests.harness.log.conftest import Logs

LEAVE = "CABSession::HandleIPCPropagateLeaveL() - [0xe0f1b001] Received IPC Leave(-20)"
CALL = "[0xe0f1b001]: CNotes::AllSnapshotsSuppliedL()"
WARNING = "CDataOwner::HandlePathL(0xe0f1b002) - Path attribute error"


def chosen(choice: Choice, timed: list[TimedRecord]) -> list[int]:
    return [record.record.number for record in timed if choice.wants(record)]


def test_nothing_given_chooses_all(made: type[Logs]) -> None:
    assert chosen(Choice(), made.timed(LEAVE, CALL, WARNING, " ")) == [1, 2, 3, 4]


def test_an_owner_a_callback_and_a_level_choose(made: type[Logs]) -> None:
    timed = made.timed(LEAVE, CALL, WARNING, " ")
    assert chosen(Choice(sids=frozenset({SecureId(0xE0F1B001)})), timed) == [1, 2]
    assert chosen(Choice(sids=frozenset({SecureId(0xE0F1B001), SecureId(0xE0F1B002)})), timed) == [1, 2, 3]
    assert chosen(Choice(callbacks=frozenset({AbCallback.AllSnapshotsSuppliedL})), timed) == [2]
    assert chosen(Choice(level=LogLevel.WARNING), timed) == [1, 3]
    assert chosen(Choice(level=LogLevel.ERROR), timed) == [1]
    assert chosen(Choice(level=LogLevel.ERROR, sids=frozenset({SecureId(0xE0F1B002)})), timed) == []


def test_a_time_chooses_both_ends_included(made: type[Logs]) -> None:
    start = made.start
    timed = [
        TimedRecord(LogRecord(number, 0, b"", b""), start.replace(second=10 + number) if number != 3 else None)
        for number in range(1, 6)
    ]
    assert chosen(Choice(since=start.replace(second=12)), timed) == [2, 3, 4, 5]
    assert chosen(Choice(until=start.replace(second=12)), timed) == [1, 2, 3]
    assert chosen(Choice(since=start.replace(second=13)), timed) == [4, 5]


def test_what_has_no_time_before_all_times_is_before_them(made: type[Logs]) -> None:
    nothing = [TimedRecord(LogRecord(1, 0, b"", b"x"), None)]
    assert chosen(Choice(until=made.start), nothing) == [1]
    assert chosen(Choice(since=made.start), nothing) == []


def test_a_line_has_number_time_mark_text_and_meaning(made: type[Logs]) -> None:
    lines = [as_line(timed) for timed in made.timed(CALL, LEAVE, WARNING)]
    assert lines == [
        f"      1 2011-03-14 15:09:26   {CALL}",
        f"      2 2011-03-14 15:09:26 ! {LEAVE}{meaning(-20)}",
        f"      3 2011-03-14 15:09:26 ? {WARNING}",
    ]


def test_a_stamp_that_is_no_time_is_shown_as_it_is() -> None:
    (record,) = read_records([b"99/99/2010\t25:00:00\ttext\r\n"])
    assert as_line(TimedRecord(record, None)) == "      1 99/99/2010 25:00:00   text"


def test_bytes_without_a_stamp_are_shown_in_short() -> None:
    (short, *_) = read_records([b"\x1b[2Jraw\r\n"])
    assert as_line(TimedRecord(short, None)).endswith("(7 bytes without a stamp) \\x1b[2Jraw")
    (long, *_) = read_records([b"\x00" * 4000])
    assert as_line(TimedRecord(long, None)).endswith("(4000 bytes without a stamp) " + "\\x00" * 60 + "...")


def test_only_known_numbers_have_a_meaning() -> None:
    assert meaning(-20) == "   <- -20 (KErrCorrupt: data, or the order of calls, is inconsistent)"
    assert meaning(None) == meaning(-5000) == ""
    assert meaning(-983) == meaning(-1000).replace("-1000", "-983") != ""
    assert meaning(-974) != ""
    assert meaning(-973) == ""


@given(st.text())
def test_nothing_shown_can_control_a_terminal(text: str) -> None:
    assert visible(text).isprintable()


def test_letters_stay_and_controls_become_escapes() -> None:
    assert visible("p\u00e4iv\u00e4 \u0434\u0430") == "p\u00e4iv\u00e4 \u0434\u0430"
    assert visible("a\tb\x1b[31m\x9b\u202e\u2028") == "a\\tb\\x1b[31m\\x9b\\u202e\\u2028"


def test_json_has_everything_in_ascii_on_one_line(made: type[Logs]) -> None:
    (timed,) = made.timed(LEAVE + " \u00e4")
    line = as_json(timed)
    assert line.isascii()
    assert json.loads(line) == {
        "number": 1,
        "offset": 0,
        "when": "2011-03-14T15:09:26",
        "date": "14/03/2011",
        "time": "15:09:26",
        "kind": "engine",
        "level": "error",
        "sid": "0xE0F1B001",
        "class": "CABSession",
        "function": "HandleIPCPropagateLeaveL",
        "callback": None,
        "error_code": -20,
        "leave_code": -20,
        "text": LEAVE + " \u00e4",
        "body": "[0xe0f1b001] Received IPC Leave(-20) \u00e4",
        "encoding": "utf-8",
        "possibly_cut": False,
        "ended": True,
    }


@given(st.binary(max_size=200))
def test_any_bytes_can_be_shown(data: bytes) -> None:
    when = datetime.fromisoformat("2011-03-14 15:09:26")
    for record in read_records([data]):
        for timed in (TimedRecord(record, None), TimedRecord(record, when)):
            assert as_line(timed).isprintable()
            assert as_json(timed).isprintable()
            assert json.loads(as_json(timed))["text"] == record.text
