"""The agent's conversions of text, compiled for this machine, against Python's own."""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agent.built import ROOT, need

SOURCE: Final = ROOT / "device_agent" / "symbian" / "agent" / "utf16.cpp"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    need("g++")
    built: Path = tmp_path_factory.mktemp("utf16") / "utf16.so"
    flags = ["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    subprocess.run(["g++", *flags, "-o", str(built), str(SOURCE)], check=True)
    return ctypes.CDLL(str(built))


def utf16_of(library: ctypes.CDLL, text: bytes, room: int) -> bytes | None:
    to = (ctypes.c_uint16 * (room + 1))(*([0xEEEE] * (room + 1)))
    count = library.Utf16OfUtf8(text, len(text), to, room)
    assert to[room] == 0xEEEE
    return None if count < 0 else bytes(to)[: 2 * count]


def utf8_of(library: ctypes.CDLL, text: bytes, room: int) -> bytes | None:
    to = (ctypes.c_uint8 * (room + 1))(*([0xEE] * (room + 1)))
    count = library.Utf8OfUtf16(text, len(text) // 2, to, room)
    assert to[room] == 0xEE
    return None if count < 0 else bytes(to)[:count]


CHARACTERS: Final = st.one_of(st.integers(0, 0x7FF), st.integers(0, 0xD7FF), st.integers(0xE000, 0x10FFFF))


def texts(characters: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    return st.lists(characters.map(chr), max_size=20).map("".join)


@settings(max_examples=50)
@given(texts(CHARACTERS), st.integers(0, 40))
def test_texts_go_there_and_back_or_do_not_fit(library: ctypes.CDLL, text: str, room: int) -> None:
    short, wide = text.encode(), text.encode("utf-16-le")
    assert utf16_of(library, short, room) == (wide if len(wide) // 2 <= room else None)
    assert utf8_of(library, wide, room) == (short if len(short) <= room else None)


@settings(max_examples=50)
@given(texts(st.integers(0xD7FF, 0xE000)))
def test_half_a_pair_does_not_break_the_text(library: ctypes.CDLL, text: str) -> None:
    wide = text.encode("utf-16-le", "surrogatepass")
    whole = wide.decode("utf-16-le", "surrogatepass")  # pairs become characters, halves stay
    expected = re.sub("[\ud800-\udfff]", "\ufffd", whole)
    assert utf8_of(library, wide, 4 * len(text)) == expected.encode()


@settings(max_examples=50)
@given(st.binary(max_size=40), st.integers(0, 40))
def test_what_is_not_utf_8_does_no_harm(library: ctypes.CDLL, text: bytes, room: int) -> None:
    utf16_of(library, text, room)
