"""Stamps -> time: the table of ambiguities in "Log format 4"."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.formats.log_line import DateOrder, LogLocale
from wire.formats.log_stamp import (
    StampEvidence,
    StampResolver,
    StampRules,
    possible_dates,
    possible_time,
)

EUROPEAN, AMERICAN, JAPANESE = DateOrder.EUROPEAN, DateOrder.AMERICAN, DateOrder.JAPANESE


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def rules_of(*stamps: tuple[str, str], not_after: datetime | None = None) -> StampRules:
    evidence = StampEvidence(not_after=not_after)
    for stamp in stamps:
        evidence.see(*stamp)
    return evidence.rules()


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("16/07/2010", {EUROPEAN}),
        ("07/16/2010", {AMERICAN}),
        ("2010-07-16", {JAPANESE}),
        ("03.04.2010", {EUROPEAN, AMERICAN}),
        ("20100716", {JAPANESE}),
        ("16072010", {EUROPEAN}),
        ("20102010", {EUROPEAN}),
        ("12122012", {EUROPEAN, AMERICAN}),
        ("16071810", set()),
        ("32/13/2010", set()),
        ("29/02/2010", set()),
        ("", set()),
        ("1/2/2010", set()),
    ],
)
def test_what_a_date_can_mean(text: str, orders: set[DateOrder]) -> None:
    assert set(possible_dates(text)) == orders


@pytest.mark.parametrize(
    ("text", "hour_24"),
    [
        ("6:01:07", False),
        ("60107", False),
        ("06:01:07", True),
        ("060107", True),
        ("00:01:07", True),
        ("13:01:07", True),
        ("10:01:07", None),
        ("12.01.07", None),
    ],
)
def test_which_clock_a_time_is_of(text: str, hour_24: bool | None) -> None:
    found = possible_time(text)
    assert found is not None
    assert found[1] is hour_24
    assert found[0].isoformat().endswith("01:07")


@pytest.mark.parametrize("text", ["", "24:00:00", "23:60:00", "1:2:3", "99", "six"])
def test_what_is_no_time(text: str) -> None:
    assert possible_time(text) is None
    assert StampResolver().resolve("16/07/2010", text) is None
    assert StampResolver().resolve(text, "06:01:07") is None


def test_a_field_above_12_proves_the_order_for_the_whole_log() -> None:
    rules = rules_of(("03/04/2010", "09:00:00"), ("03/16/2010", "09:00:00"))
    assert rules == StampRules(AMERICAN, hour_24=True)
    assert StampResolver(rules).resolve("03/04/2010", "09:00:00") == at("2010-03-04 09:00")


def test_dates_that_go_back_refute_an_order() -> None:
    assert rules_of(("01/09/2010", "10:00:00"), ("02/03/2010", "10:00:00")).date_order is AMERICAN
    assert rules_of(("09/01/2010", "10:00:00"), ("03/02/2010", "10:00:00")).date_order is EUROPEAN


def test_no_stamp_is_later_than_the_log_was_collected() -> None:
    stamp = ("03/04/2010", "10:00:00")
    assert rules_of(stamp).date_order is None
    assert rules_of(stamp, not_after=at("2010-03-10 00:00")).date_order is AMERICAN
    assert rules_of(stamp, not_after=at("2010-04-10 00:00")).date_order is None


def test_a_day_equal_to_its_month_proves_nothing() -> None:
    assert rules_of(("07/07/2010", "10:00:00")) == StampRules()


def test_what_contradicts_itself_proves_nothing() -> None:
    rules = rules_of(("16/07/2010", "6:00:00"), ("07/16/2010", "06:00:00"))
    assert rules == StampRules()


def test_the_phone_s_settings_can_be_given() -> None:
    rules = StampRules.of(LogLocale(AMERICAN, hour_24=False))
    assert rules == StampRules(AMERICAN, hour_24=False)
    assert StampResolver(rules).resolve("03/04/2010", "12:30:00") == at("2010-03-04 00:30")


def test_without_any_evidence_dates_are_european_and_clocks_have_24_hours() -> None:
    assert StampResolver().resolve("03/04/2010", "12:30:00") == at("2010-04-03 12:30")


def test_a_stamp_that_can_be_read_one_way_only_is_read_so_and_leads_the_next() -> None:
    resolver = StampResolver(StampRules(EUROPEAN, hour_24=True))
    assert resolver.resolve("07/16/2010", "18:03:21") == at("2010-07-16 18:03:21")
    assert resolver.resolve("08/02/2010", "18:03:21") == at("2010-08-02 18:03:21")
    assert resolver.resolve("2010-08-03", "18:03:21") == at("2010-08-03 18:03:21")
    assert resolver.resolve("02/09/2010", "18:03:21") == at("2010-09-02 18:03:21")


def test_a_clock_that_shows_itself_leads_the_next_stamps() -> None:
    resolver = StampResolver()
    times = ["11:00:00", "6:03:21", "10:00:00", "00:00:01", "10:00:02"]
    resolved = [resolver.resolve("16/07/2010", shown) for shown in times]
    assert [when.hour for when in resolved if when is not None] == [11, 18, 22, 0, 10]


def unwrap(*times: str, anchor: datetime | None = None) -> list[str]:
    resolver = StampResolver(StampRules(EUROPEAN, hour_24=False), anchor=anchor)
    resolved = [resolver.resolve("16/07/2010", shown) for shown in times]
    return [when.time().isoformat() for when in resolved if when is not None]


def test_twelve_comes_before_one_in_the_same_half_of_the_day() -> None:
    assert unwrap("12:59:59", "1:00:00") == ["00:59:59", "01:00:00"]


def test_a_jump_backwards_begins_the_second_half() -> None:
    assert unwrap("11:59:59", "12:00:00", "1:00:00") == ["11:59:59", "12:00:00", "13:00:00"]
    assert unwrap("8:03:20", "6:03:21", "6:03:22") == ["08:03:20", "18:03:21", "18:03:22"]


def test_a_clock_set_back_in_the_second_half_stays_there() -> None:
    assert unwrap("8:00:00", "6:00:00", "5:00:00") == ["08:00:00", "18:00:00", "17:00:00"]


def test_the_phone_s_clock_at_the_start_tells_the_half() -> None:
    assert unwrap("6:03:21", "6:03:22", anchor=at("2010-07-16 18:02:50")) == ["18:03:21", "18:03:22"]
    assert unwrap("6:03:21", anchor=at("2010-07-16 06:02:50")) == ["06:03:21"]
    assert unwrap("12:00:05", anchor=at("2010-07-16 11:59:50")) == ["12:00:05"]


def test_an_anchor_waits_for_the_stamps_about_its_time() -> None:
    anchor = at("2010-07-16 18:02:50")
    resolver = StampResolver(StampRules(EUROPEAN, hour_24=False), anchor=anchor)
    stamps = [
        ("15/07/2010", "6:03:00"),
        ("16/07/2010", "9:00:00"),
        ("16/07/2010", "6:03:21"),
        ("17/07/2010", "6:03:00"),
    ]
    resolved = [resolver.resolve(*stamp) for stamp in stamps]
    assert [when.hour for when in resolved if when is not None] == [6, 9, 18, 6]
    assert StampResolver(StampRules(EUROPEAN, hour_24=False), anchor=anchor).resolve(
        "16/07/2010", "4:59:00"
    ) == at("2010-07-16 04:59")


def test_a_new_day_begins_before_noon() -> None:
    resolver = StampResolver(StampRules(EUROPEAN, hour_24=False), anchor=at("2010-07-16 23:59:50"))
    assert resolver.resolve("16/07/2010", "11:59:59") == at("2010-07-16 23:59:59")
    assert resolver.resolve("17/07/2010", "12:00:01") == at("2010-07-17 00:00:01")


def test_a_date_that_goes_back_begins_before_noon_too() -> None:
    resolver = StampResolver(StampRules(EUROPEAN, hour_24=False))
    assert resolver.resolve("17/07/2010", "8:00:00") == at("2010-07-17 08:00")
    assert resolver.resolve("16/07/2010", "6:00:00") == at("2010-07-16 06:00")


@given(
    st.datetimes(at("2000-01-01 00:00"), at("2040-01-01 00:00")),
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=11)), max_size=20),
    st.sampled_from(DateOrder),
    st.booleans(),
    st.sampled_from(["/", "."]),
)
def test_known_settings_give_every_time_back(
    start: datetime, steps: list[timedelta], order: DateOrder, hour_24: bool, separator: str
) -> None:
    locale = LogLocale(order, separator, hour_24=hour_24)
    resolver = StampResolver(StampRules.of(locale), anchor=start)
    when = start.replace(microsecond=0)
    for step in [timedelta(0), *steps]:
        before, when = when, when.replace(microsecond=0) + step
        if not hour_24 and when.date() != before.date():
            # Nothing tells in which half the first line of a new day was written.
            return
        assert resolver.resolve(locale.date(when), locale.time(when)) == when.replace(microsecond=0)


@given(st.dates(date(1980, 1, 1), date(2099, 12, 31)), st.sampled_from(DateOrder))
def test_a_date_without_separators_is_among_its_readings(day: date, order: DateOrder) -> None:
    locale = LogLocale(order, date_separator="")
    shown = locale.date(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - the phone's local time
    assert possible_dates(shown)[order] == day
