"""How the file logger makes a line. "Log format n" as in wire/formats/log_line.py."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.formats.log_line import (
    LINE_LIMIT,
    DateOrder,
    LogLocale,
    format_line,
    format_line_8bit,
    hex_dump_texts,
    printable,
)

WHEN = datetime.fromisoformat("2010-07-16 18:03:09")

LOCALES = st.builds(
    LogLocale,
    date_order=st.sampled_from(DateOrder),
    date_separator=st.sampled_from(["/", ".", "-", " ", ""]),
    time_separator=st.sampled_from([":", ".", ""]),
    hour_24=st.booleans(),
)


def test_a_plain_line_is_stamp_text_and_line_end() -> None:
    assert format_line(WHEN, "Using Default Settings !") == b"16/07/2010\t18:03:09\tUsing Default Settings !\r\n"


@pytest.mark.parametrize(
    ("locale", "stamp"),
    [
        (LogLocale(DateOrder.AMERICAN), "07/16/2010\t18:03:09\t"),
        (LogLocale(DateOrder.JAPANESE, "-"), "2010-07-16\t18:03:09\t"),
        (LogLocale(date_separator=".", time_separator="."), "16.07.2010\t18.03.09\t"),
        (LogLocale(date_separator="", time_separator=""), "16072010\t180309\t"),
        (LogLocale(hour_24=False), "16/07/2010\t6:03:09\t"),
    ],
)
def test_the_phone_s_settings_shape_the_stamp(locale: LogLocale, stamp: str) -> None:
    assert locale.stamp(WHEN) == stamp


@pytest.mark.parametrize(("hour", "shown"), [(0, "12"), (1, "1"), (11, "11"), (12, "12"), (13, "1"), (23, "11")])
def test_a_twelve_hour_clock_shows_neither_half_of_the_day_nor_a_leading_zero(hour: int, shown: str) -> None:
    assert LogLocale(hour_24=False).time(WHEN.replace(hour=hour)) == f"{shown}:03:09"


def test_a_time_with_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        format_line(WHEN.replace(tzinfo=UTC), "text")


@pytest.mark.parametrize("separator", ["//", "1", "a", "_", "\t", "\N{MIDDLE DOT}"])
def test_a_separator_that_could_not_be_read_back_is_refused(separator: str) -> None:
    with pytest.raises(ValueError, match="separator"):
        LogLocale(date_separator=separator)
    with pytest.raises(ValueError, match="separator"):
        LogLocale(time_separator=separator)


def test_control_characters_become_full_stops_and_a_tab_stays() -> None:
    line = format_line(WHEN, "[0xe0f1a001]: one\r\ntwo\tthree\x00\x07\x85\u200b")
    assert line == b"16/07/2010\t18:03:09\t[0xe0f1a001]: one..two\tthree....\r\n"


def test_what_symbian_counts_as_printable_differs_from_python() -> None:
    assert printable("a\u00a0b\u2028c\u2029d") == "a\u00a0b\u2028c\u2029d"


def test_characters_outside_the_basic_plane_are_two_units_and_become_two_full_stops() -> None:
    assert printable("a\U0001f4beb\ud83dc") == "a..b.c"


@pytest.mark.parametrize(("locale", "room"), [(LogLocale(), 128), (LogLocale(hour_24=False), 129)])
def test_text_is_cut_at_150_characters_without_a_mark(locale: LogLocale, room: int) -> None:
    line = format_line(WHEN, "x" * 200, locale)
    assert len(line) == LINE_LIMIT
    assert line.endswith(b"\r\n")
    assert line.count(b"x") == room
    assert format_line(WHEN, "x" * room, locale) == line


def test_150_bytes_cut_a_line_of_other_letters_together_with_its_line_end() -> None:
    line = format_line(WHEN, "\u0434" * 128)
    assert len(line) == LINE_LIMIT
    assert line == b"16/07/2010\t18:03:09\t" + "\u0434".encode() * 65


def test_the_byte_limit_drops_whole_characters_and_can_leave_half_a_line_end() -> None:
    line = format_line(WHEN, "x" + "\u0434" * 127)
    assert len(line) == LINE_LIMIT - 1
    assert line.endswith("\u0434".encode())
    just_no_room_for_lf = "x" * 127 + "\u0434"
    assert format_line(WHEN, just_no_room_for_lf)[-3:] == "\u0434".encode() + b"\r"


def test_the_8_bit_call_keeps_bytes_but_for_control_characters() -> None:
    assert format_line_8bit(WHEN, b"caf\xe9\x00\x9f\ttea") == b"16/07/2010\t18:03:09\tcaf\xe9..\ttea\r\n"
    assert len(format_line_8bit(WHEN, b"\xe9" * 200)) == LINE_LIMIT


@given(st.datetimes(), st.text(), LOCALES)
def test_no_line_is_longer_than_the_limit_and_none_holds_another(
    when: datetime, text: str, locale: LogLocale
) -> None:
    line = format_line(when, text, locale)
    assert len(line) <= LINE_LIMIT
    assert line.startswith(locale.stamp(when).encode("ascii"))
    body = line.removesuffix(b"\r\n").removesuffix(b"\r")
    assert b"\n" not in body
    assert b"\r" not in body


@given(st.datetimes(), st.binary(), LOCALES)
def test_the_8_bit_call_always_ends_its_line(when: datetime, text: bytes, locale: LogLocale) -> None:
    line = format_line_8bit(when, text, locale)
    assert len(line) <= LINE_LIMIT
    assert line.endswith(b"\r\n")
    assert line.count(b"\n") == 1


def test_a_hex_dump_has_header_margin_offset_pairs_and_characters() -> None:
    assert hex_dump_texts(bytes(range(0x41, 0x53)), header="Data:", margin="     ") == [
        "Data:0000 : 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP",
        "     0010 : 51 52 " + 14 * "   " + " QR",
    ]
    assert hex_dump_texts(b"\x00\x1f ~\x7f\xff")[0].endswith(" .. ~..")
    assert hex_dump_texts(b"") == []
