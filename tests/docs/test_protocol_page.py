"""docs/protocol.md names what there is, with its numbers."""

from __future__ import annotations

import re
from pathlib import Path

from wire.layout import codec_of
from wire.protocol.frame import HEADER_SIZE, Flags, Header, Kind
from wire.protocol.handshake import FULL_PAYLOAD, LARGEST_PAYLOAD
from wire.protocol.link import CLEAN_UNTIL_LARGER
from wire.protocol.streams import STREAM_WINDOW
from wire.protocol.stuffing import _SHIFTS

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def test_the_header() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d+) \|", PAGE, re.MULTILINE)
    fields = [(name, field.subcon.sizeof()) for name, field in codec_of(Header).fields.items()]
    assert [(name, int(size)) for name, size in rows] == fields
    assert sum(int(size) for _, size in rows) == HEADER_SIZE
    (flags,) = re.findall(r"^\| `flags` \| 1 \| (.*) \|$", PAGE, re.MULTILINE)
    assert re.findall(r"`(\w+)`", flags) == [flag.name for flag in Flags]


def test_the_kinds() -> None:
    kinds: dict[str, int] = {}
    for names, numbers in re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \| ([\d, ]+) \|", PAGE, re.MULTILINE):
        kinds |= dict(zip(re.findall(r"\w+", names), map(int, numbers.split(", ")), strict=True))
    assert kinds == {kind.name: kind.value for kind in Kind}


def test_what_is_no_mark_of_a_shift() -> None:
    (text,) = re.findall(r"`7D` and anything but (.*?) has", PAGE, re.DOTALL)
    never = {int(number, 16) for number in re.findall(r"`([0-9A-F]{2})`", text)}
    assert never == {0x5E, 0x5D, 0x31, 0x33, 0x7D, 0x00}
    assert not never & {shift for shift, _ in _SHIFTS}


def test_the_sizes() -> None:
    assert f"{FULL_PAYLOAD} bytes" in PAGE
    assert f"each {CLEAN_UNTIL_LARGER} of them" in PAGE
    assert f"{LARGEST_PAYLOAD // 1024} KiB" in PAGE
    assert f"{STREAM_WINDOW // 1024} KiB" in PAGE
