"""Wireshark reads what we captured, with the dissector that was exported: the real tshark says so."""

from __future__ import annotations

import itertools
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from harness.capture import CaptureWriter, Packet, read_capture
from harness.trace_reading import SeenPacket, merge_captures, packets_of, read_conversation
from tests.harness.seeing.tshark import needs_tshark, tshark
from wire.export.wireshark import filter_name
from wire.layout import codec_of
from wire.protocol.conversation import Conversation
from wire.protocol.frame import HEADER_STRUCT, Flags, Header, Kind
from wire.protocol.messages.method import StreamEnd

pytestmark = needs_tshark

TROUBLES = (
    "_ws.malformed",
    *(f"symhil.{what}" for what in ("noise", "bad_checksum", "bad_length", "bad_body", "bad_stream")),
)
COLUMNS = (
    "frame.number",
    "symhil.kind",
    "symhil.header.sequence",
    "symhil.request_in",
    "symhil.method_name",
    "symhil.time",
    "symhil.stream_length",
    "symhil.stream_data",
    "symhil.again",
    "_ws.col.Info",
    *TROUBLES,
)


@pytest.fixture(scope="module")
def whole_run(lab_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("merged") / "run.pcapng"
    merge_captures(lab_run, path)
    return path


@pytest.fixture(scope="module")
def seen(whole_run: Path) -> list[SeenPacket]:
    return list(read_conversation(packets_of(whole_run), Conversation(keep=True)))


def columns(capture: Path, *names: str) -> list[dict[str, str]]:
    """The wanted columns of every packet, those that are not empty."""
    options = [word for name in names for word in ("-e", name)]
    printed = tshark(capture, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f", *options)
    rows = [line.split("\t") for line in printed.splitlines()]
    return [{name: value for name, value in zip(names, row, strict=True) if value} for row in rows]


@pytest.fixture(scope="module")
def decoded(whole_run: Path) -> list[dict[str, str]]:
    """What tshark makes of a whole run; asked once, since it takes its time."""
    return columns(whole_run, *COLUMNS)


def troubled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if set(row) & set(TROUBLES)]


def write(path: Path, packets: list[Packet]) -> Path:
    capture = CaptureWriter(path, "n8")
    for packet in packets:
        capture.add(packet.time_ns, packet.data, outgoing=packet.outgoing, comment=packet.comment)
    capture.close()
    return path


def test_a_whole_run_is_decoded_without_a_malformed_frame(
    decoded: list[dict[str, str]], seen: list[SeenPacket]
) -> None:
    assert troubled(decoded) == []
    assert len(decoded) == len(seen) > 1000
    for row, one in zip(decoded, seen, strict=True):
        assert row["frame.number"] == str(one.number)
        header = one.frame.header if one.frame is not None else None
        if header is None:
            assert "symhil.kind" not in row
        else:
            assert (row["symhil.kind"], row["symhil.header.sequence"]) == (str(header.kind), str(header.sequence))


def test_exactly_the_corrupted_frames_are_marked(whole_run: Path, tmp_path: Path) -> None:
    packets = list(read_capture(whole_run))
    chosen = [number for number in range(40, len(packets), 97) if len(packets[number].data) > 20]
    for count, number in enumerate(chosen):
        data = bytearray(packets[number].data)
        data[(count * 7) % len(data)] ^= 1 << count % 8
        packets[number] = packets[number]._replace(data=bytes(data))
    path = write(tmp_path / "bad.pcapng", packets)
    marked = troubled(columns(path, "frame.number", "symhil.bad_checksum"))
    assert [int(row["frame.number"]) - 1 for row in marked] == chosen
    assert len(chosen) > 10


def test_wrong_lengths_and_noise_are_told_apart_from_wrong_checksums(tmp_path: Path) -> None:
    def with_fcs(data: bytes) -> bytes:
        return data + zlib.crc32(data).to_bytes(4, "little")

    lying = with_fcs(HEADER_STRUCT.pack(0x12, 0, 1, 0, 0, 0, 5, 0) + b"abc")
    body = with_fcs(HEADER_STRUCT.pack(0x18, Flags.LAST, 1, 0, 0, 1, 7, 0x0301) + b"\x10\x27\x00\x00\x09\x00C")
    path = write(
        tmp_path / "x.pcapng", [Packet(1, False, b"boot: 1\r\n"), Packet(2, False, lying), Packet(3, True, body)]
    )
    messages = [row["_ws.expert.message"] for row in columns(path, "_ws.expert.message")]
    assert messages == ["no frame", "bad length", "Path: too short for path"]


def flattened(name: str, body: Any, found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The values of a body under the names of their filters, those of lists included."""
    for field, value in body._asdict().items():
        key = filter_name(type(body), field)
        kind = codec_of(type(body)).fields[field].kind
        if not kind.startswith("list of "):
            if not (kind in {"rest", "blob"} and value == b""):
                found.setdefault(key, []).append(value)
        elif value and isinstance(value[0], tuple):
            found.setdefault(key, []).append(len(value))
            for element in value:
                flattened(name, element, found)
        elif kind.endswith("}"):
            found.setdefault(key, []).append(0)
        else:
            found.setdefault(key, []).extend(value)
    return {key: values for key, values in found.items() if values}


def as_shown(shown: str, value: object) -> object:
    """What tshark shows, as the type that `wire` reads."""
    if isinstance(value, bool):
        return {"1": True, "0": False, "True": True, "False": False}[shown]
    if isinstance(value, int):
        return int(shown, 0)
    if isinstance(value, bytes):
        return bytes.fromhex(shown.replace(":", ""))
    return shown


def sample(seen: list[SeenPacket], wanted: int) -> list[tuple[SeenPacket, Any]]:
    """Frames with bodies, as different ones as there are."""
    by_name: dict[str, tuple[SeenPacket, Any]] = {}
    for one in seen:
        frame = one.frame
        if frame is None or frame.header is None or not frame.completes:
            continue
        body: Any = None
        exchange = frame.exchange
        if frame.event is not None:
            body = frame.event.body
        elif exchange is not None and frame.header.kind == Kind.REQUEST:
            body = exchange.request
        elif exchange is not None and frame.header.kind == Kind.ANSWER:
            body = exchange.error or exchange.answer
        elif frame.header.kind == Kind.CLOSE:
            body = codec_of(StreamEnd).parse(frame.payload)
        if body:
            by_name[f"{type(body).__name__}"] = (one, body)
    assert len(by_name) >= wanted
    return list(by_name.values())


def test_the_fields_of_sampled_frames_equal_what_wire_reads(whole_run: Path, seen: list[SeenPacket]) -> None:
    chosen = sample(seen, 20)
    numbers = " || ".join(f"frame.number == {one.number}" for one, _ in chosen)
    document = etree.fromstring(tshark(whole_run, "-2", "-Y", numbers, "-T", "pdml").encode())
    packets = document.findall("packet")
    assert len(packets) == len(chosen)
    for packet, (one, body) in zip(packets, sorted(chosen, key=lambda pair: pair[0].number), strict=True):
        assert one.frame is not None
        header = one.frame.header
        assert header is not None
        shown: dict[str, list[str]] = {}
        for field in packet.iter("field"):
            shown.setdefault(field.get("name", ""), []).append(field.get("show", ""))
        expected = flattened("", header, {})
        expected = flattened("", body, expected)
        for key, values in expected.items():
            assert [as_shown(s, v) for s, v in zip(shown[key], values, strict=True)] == values, (one.number, key)
        of_bodies = {key for key in shown if re.fullmatch(r"symhil\.(?!flags|header)\w+\.\w+", key)}
        assert of_bodies == {key for key in expected if not key.startswith("symhil.header.")}


def test_answers_find_their_requests_and_both_their_times(
    decoded: list[dict[str, str]], seen: list[SeenPacket]
) -> None:
    answers = 0
    for row, one in zip(decoded, seen, strict=True):
        exchange = one.frame.exchange if one.frame is not None else None
        if exchange is None or exchange.answer_number != one.number:
            assert "symhil.time" not in row
            continue
        answers += 1
        assert (row["symhil.request_in"], row["symhil.method_name"]) == (str(exchange.number), exchange.name)
        assert exchange.answered_s is not None
        assert float(row["symhil.time"]) == pytest.approx(exchange.answered_s - exchange.asked_s, abs=2e-6)
    assert answers > 300


def test_streams_are_put_together_again(decoded: list[dict[str, str]], seen: list[SeenPacket]) -> None:
    several = 0
    for row, one in zip(decoded, seen, strict=True):
        if row.get("symhil.kind") != str(int(Kind.CLOSE)):
            assert "symhil.stream_length" not in row
            continue
        assert one.frame is not None
        assert one.frame.exchange is not None
        [stream] = one.frame.exchange.streams
        assert stream.data is not None
        assert stream.end == StreamEnd(len(stream.data), zlib.crc32(stream.data), 0)
        assert int(row["symhil.stream_length"]) == stream.size
        # tshark cuts the text of long bytes, which is no matter here.
        assert bytes(stream.data).hex().startswith(row.get("symhil.stream_data", "").rstrip("…."))
        several += stream.frames > 1
    assert several


def test_frames_that_overtook_others_or_came_twice_change_nothing(whole_run: Path, tmp_path: Path) -> None:
    packets = list(read_capture(whole_run))
    received = [n for n, p in enumerate(packets) if p.outgoing is False and header_of(p).kind == Kind.DATA]
    first, second = next((a, b) for a, b in itertools.pairwise(received) if b == a + 1)
    packets[first], packets[second] = packets[second], packets[first]
    packets.insert(second + 3, packets[first])
    path = write(tmp_path / "moved.pcapng", packets)
    rows = columns(path, *COLUMNS)
    assert troubled(rows) == []
    seen = list(read_conversation(read_capture(path), Conversation()))
    # On a busy machine the run itself has frames that were sent again.
    again = [str(s.number) for s in seen if s.frame and s.frame.again]
    assert str(second + 4) in again
    assert [row["frame.number"] for row in rows if "symhil.again" in row] == again
    assert not any(s.frame.problem for s in seen if s.frame)


def header_of(packet: Packet) -> Header:
    return Header._make(HEADER_STRUCT.unpack_from(packet.data))


def test_what_happened_to_the_link_is_in_the_list_of_packets(decoded: list[dict[str, str]]) -> None:
    told = [row["_ws.col.Info"] for row in decoded if "symhil.kind" not in row]
    assert len(told) == 2
    assert told[0].startswith("the link is open: session 0x")
    assert told[1].startswith("the link is gone: ")


def test_a_broken_dissector_would_be_noticed(whole_run: Path) -> None:
    with pytest.raises(AssertionError, match="Lua"):
        tshark(whole_run, script="this is no Lua")
