"""Bytes -> records: the procedure of "Log format 5", and that no bytes whatever upset it."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.thorough import thoroughly, unhurried
from wire.formats.log_line import DateOrder, LogLocale, format_line, format_line_8bit
from wire.formats.log_message import LogMessage
from wire.formats.log_reader import LogReader, read_records
from wire.formats.log_record import LogRecord
from wire.formats.log_stamp import StampResolver

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = unhurried

WHEN = datetime.fromisoformat("2010-07-16 18:03:09")
STAMP = b"16/07/2010\t18:03:09\t"


def read(*pieces: bytes) -> list[LogRecord]:
    return list(read_records(pieces))


def test_a_line_becomes_a_record_with_its_place() -> None:
    first = format_line(WHEN, "Using Default Settings !")
    records = read(first + format_line(WHEN, "[0xe0f1a001]: ABTester RunL"))
    assert records == [
        LogRecord(1, 0, STAMP, b"Using Default Settings !"),
        LogRecord(2, len(first), STAMP, b"[0xe0f1a001]: ABTester RunL"),
    ]
    assert (records[0].date, records[0].time) == ("16/07/2010", "18:03:09")


def test_an_empty_file_and_empty_lines_give_nothing() -> None:
    assert read() == []
    assert read(b"") == []
    assert read(b"\r\n\n\r\n\r") == []


def test_a_text_of_nothing_or_of_a_blank_is_a_record() -> None:
    assert [record.text for record in read(STAMP + b"\r\n" + STAMP + b" \r\n")] == ["", " "]


def test_a_kept_tab_does_not_end_the_text() -> None:
    assert [record.text for record in read(format_line(WHEN, "a\tb\tc\td"))] == ["a\tb\tc\td"]


def test_a_line_that_lost_its_end_to_the_byte_limit_is_told_from_the_next() -> None:
    records = read(format_line(WHEN, "x" + "\u0434" * 127) + format_line(WHEN, "next"))
    assert [(record.text, record.ended, record.possibly_cut) for record in records] == [
        ("x" + "\u0434" * 64, False, True),
        ("next", True, False),
    ]


def test_half_a_line_end_before_the_next_stamp_is_no_text() -> None:
    records = read(format_line(WHEN, "x" * 127 + "\u0434") + format_line(WHEN, "next"))
    assert [record.text for record in records] == ["x" * 127 + "\u0434", "next"]


def test_bytes_before_the_first_stamp_are_kept_without_one() -> None:
    records = read(b"\x00" * 5 + format_line(WHEN, "after a hole"))
    assert records == [
        LogRecord(1, 0, b"", b"\x00" * 5, ended=False),
        LogRecord(2, 5, STAMP, b"after a hole"),
    ]


def test_a_line_without_a_stamp_is_kept() -> None:
    assert read(b"raw write\r\n") == [LogRecord(1, 0, b"", b"raw write")]


def test_a_last_line_without_line_end_comes_when_the_log_is_closed() -> None:
    reader = LogReader()
    assert reader.feed(STAMP + b"half a li") == []
    assert reader.close() == [LogRecord(1, 0, STAMP, b"half a li", ended=False)]
    assert reader.close() == []


def test_a_capture_of_the_debug_port_names_the_file_before_the_stamp() -> None:
    (record,) = read(b"FLG securebackup.txt " + format_line(WHEN, "Using Default Settings !"))
    assert (record.date, record.time) == ("16/07/2010", "18:03:09")
    assert record.text == "Using Default Settings !"
    (cut,) = read(b"FLG securebackup.txt " + format_line(WHEN, "x" * 200))
    (short,) = read(b"FLG securebackup.txt " + format_line(WHEN, "x" * 110))
    assert cut.possibly_cut
    assert not short.possibly_cut


def test_a_separator_outside_ascii_is_still_a_stamp() -> None:
    (record,) = read(b"16\xb707\xb72010\t18\xb703\xb709\ttext\r\n")
    assert (record.date, record.text) == ("16\u00b707\u00b72010", "text")


def test_a_log_with_bare_line_feeds_reads_the_same() -> None:
    line = format_line(WHEN, "Using Default Settings !")
    assert read(line.replace(b"\r\n", b"\n")) == read(line)


@pytest.mark.parametrize(("length", "cut"), [(127, False), (128, True), (200, True)])
def test_a_full_line_may_have_been_cut(length: int, cut: bool) -> None:
    (record,) = read(format_line(WHEN, "x" * length))
    assert record.possibly_cut is cut


def test_each_record_has_its_own_encoding() -> None:
    data = (
        format_line(WHEN, "p\u00e4iv\u00e4kirja")
        + format_line_8bit(WHEN, b"caf\xe9 with the 8-bit call")
        + format_line_8bit(WHEN, b"caf\xe9")
    )
    assert [(record.text, record.encoding) for record in read(data)] == [
        ("p\u00e4iv\u00e4kirja", "utf-8"),
        ("caf\u00e9 with the 8-bit call", "latin-1"),
        ("caf\u00e9", "latin-1"),
    ]


@pytest.mark.parametrize("character", ["\u00e4", "\u20ac", "\U0001f4be"])
def test_half_a_character_is_dropped_where_the_byte_limit_can_have_struck(character: str) -> None:
    for length in range(1, len(character.encode())):
        half = character.encode()[:length]
        text = b"x" * (150 - len(STAMP) - length)
        (struck,) = read(STAMP + text + half + b"\r\n")
        (last,) = read(STAMP + b"x" + half)
        (whole,) = read(STAMP + b"x" + half + b"\r\n")
        assert struck.text == text.decode()
        assert last.text == "x"
        assert (whole.text, whole.encoding) == ("x" + half.decode("latin-1"), "latin-1")


def test_a_hole_of_nul_bytes_is_kept_in_pieces_and_hides_no_line() -> None:
    # Every distance of the stamp from the place where a long line is broken.
    line = format_line(WHEN, "after the hole".ljust(128, "."))
    for length in range(4096 - 160, 4096 + 30):
        records = read(b"\x00" * length + line)
        assert records[-1].stamp + records[-1].raw == line[:-2], length
        assert b"".join(record.raw for record in records[:-1]) == b"\x00" * length


def test_a_long_line_is_broken_in_the_same_places_however_it_arrives() -> None:
    line = format_line(WHEN, "after the hole")
    for data in (
        STAMP + b"x" * 5000 + b"\r\n",
        b"\x00" * 4090 + line,
        b"\x00" * 4100 + line,
        b"y" * 4095 + b"\ry",
    ):
        whole = read(data)
        assert read(*(data[place : place + 1] for place in range(len(data)))) == whole
        assert b"".join(record.stamp + record.raw for record in whole) == data.removesuffix(b"\r\n")
        assert max(len(record.raw) for record in whole) <= 4096


def test_bytes_without_a_stamp_are_not_called_cut() -> None:
    assert [record.possibly_cut for record in read(b"x" * 200 + b"\n" + b"y")] == [False, False]


def test_a_file_without_any_line_end_is_read_in_bounded_pieces() -> None:
    reader = LogReader()
    largest = 0
    for _ in range(50):
        for record in reader.feed(b"\xff" * 10_000):
            largest = max(largest, len(record.raw))
        assert len(reader._pending) < 8192
    assert largest == 4096


TEXTS = st.text(st.characters(exclude_categories=["C"], exclude_characters="\t"), max_size=200)
LOCALES = st.builds(
    LogLocale,
    date_order=st.sampled_from(DateOrder),
    date_separator=st.sampled_from(["/", ".", "-", ""]),
    time_separator=st.sampled_from([":", ".", ""]),
    hour_24=st.booleans(),
)
LINES = st.tuples(st.datetimes(), TEXTS)


@thoroughly(100)
@given(st.lists(LINES), LOCALES)
def test_what_is_written_is_read(lines: Sequence[tuple[datetime, str]], locale: LogLocale) -> None:
    data = b"".join(format_line(when, text, locale) for when, text in lines)
    records = read(data)
    assert len(records) == len(lines)
    for record, (when, text) in zip(records, lines, strict=True):
        assert (record.date, record.time) == (locale.date(when), locale.time(when))
        if record.possibly_cut:
            assert record.text
            assert printable_16(text).startswith(record.text)
        else:
            assert record.text == printable_16(text)


def printable_16(text: str) -> str:
    """What is left of characters outside the basic plane."""
    return "".join(character if character <= "\uffff" else ".." for character in text)


@thoroughly(100)
@given(st.lists(st.tuples(st.datetimes(), st.binary(max_size=200))))
def test_what_the_8_bit_call_writes_is_read(lines: Sequence[tuple[datetime, bytes]]) -> None:
    written = [format_line_8bit(when, text) for when, text in lines]
    assume(all(line.count(b"\t") == 2 for line in written))
    records = read(b"".join(written))
    assert [record.stamp + record.raw for record in records] == [line[:-2] for line in written]


PIECES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [
                STAMP,
                b"16.07.2010\t6.03.09\t",
                b"FLG securebackup.txt ",
                b"\r\n",
                b"\r",
                b"\n",
                b"\t",
                b"\x00" * 3000,
                b"\xff" * 4090,
                "[0xe0f1a001]: \u0434\u0430".encode(),
            ]
        ),
    ),
    max_size=12,
)


@thoroughly(100)
@given(PIECES, st.data())
def test_how_the_bytes_arrive_makes_no_difference(pieces: Sequence[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(*parts) == read(whole)


@thoroughly(100)
@given(PIECES)
def test_no_byte_is_lost_and_none_is_in_two_records(pieces: Sequence[bytes]) -> None:
    data = b"".join(pieces)
    end = 0
    for number, record in enumerate(read(data), 1):
        assert record.number == number
        assert set(data[end : record.offset]) <= set(b"\r\n")
        end = record.offset + len(record.stamp) + len(record.raw)
        assert data[record.offset : end] == record.stamp + record.raw
    assert set(data[end:]) <= set(b"\r\n")


SAMPLE = b"".join(
    format_line(WHEN, text)
    for text in (
        "CSBESession::ServiceL() - ESBEMsgSetBURMode for thread: burhost.exe[e0f1a00f]0001::Main",
        "CABSession::HandleIPCPropagateLeaveL() - [0xe0f1a001] Received IPC Leave(-20)",
        "[0xe0f1a001]: CReferenceCallbackImplementation::GetSnapshotDataL()",
        "Process referencetestdataowner.exe started.",
        "\u0437\u0430\u043f\u0438\u0441\u043d\u0430\u044f" * 12,
    )
)
MUTATIONS = st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), max_size=20)


@thoroughly(100)
@given(st.one_of(st.binary(max_size=400), MUTATIONS.map(lambda changes: mutated(SAMPLE, changes))))
def test_no_input_raises_anything(data: bytes) -> None:
    understand(data)


def test_10_000_random_or_mutated_inputs_raise_nothing() -> None:
    # pytest-randomly sets the seed and shows it.
    for count in range(10_000):
        if count % 2:
            understand(random.randbytes(random.randrange(300)))
        else:
            places = [random.randrange(len(SAMPLE)) for _ in range(random.randrange(1, 40))]
            understand(mutated(SAMPLE, [(place, random.randrange(256)) for place in places]))


def understand(data: bytes) -> None:
    resolver = StampResolver()
    for record in read(data):
        assert isinstance(record.message, LogMessage)
        assert isinstance(record.text + record.body + record.encoding, str)
        assert isinstance(record.possibly_cut, bool)
        resolver.resolve(record.date, record.time)


def mutated(data: bytes, changes: Sequence[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, byte in changes:
        changed[place] = byte
    return bytes(changed)
