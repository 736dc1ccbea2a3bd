"""The generated C++ reads and writes every body as the definition does, and refuses what it refuses."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.agent import body_driver
from tests.agent.built import ROOT
from wire.errors import LayoutError
from wire.export import c_header
from wire.layout import codec_of
from wire.symbian import Drive, SecureId

TEXTS = ("", "C:\\logs", "\u00e4\u20ac\U0001f600", "\x00", "\ud7ff\ue000\uffff")
PER_BODY = 60


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return body_driver.build(tmp_path_factory.mktemp("bodies"))


def some_value(body: type[Any], generator: random.Random) -> Any:
    values: list[Any] = []
    listed = c_header.elements(body)
    for name, field in codec_of(body).fields.items():
        if name in listed:
            values.append(tuple(some_value(listed[name], generator) for _ in range(generator.randrange(4))))
        else:
            values.append(_FIELDS[field.kind](generator))
    return body(*values)


_FIELDS: dict[str, Any] = {
    "u8": lambda g: g.getrandbits(8),
    "u16": lambda g: g.getrandbits(16),
    "u32": lambda g: g.getrandbits(32),
    "u64": lambda g: g.getrandbits(64),
    "i32": lambda g: g.choice([-(1 << 31), -33, 0, (1 << 31) - 1]),
    "i64": lambda g: g.choice([-(1 << 63), -1, 0, 1279101521000000]),
    "flag": lambda g: g.random() < 0.5,
    "sid": lambda g: SecureId(g.getrandbits(32)),
    "drive": lambda g: Drive(g.randrange(26)),
    "text": lambda g: g.choice(TEXTS),
    "blob": lambda g: g.randbytes(g.randrange(40)),
    "drives": lambda g: g.randbytes(26),
    "rest": lambda g: g.randbytes(g.choice([0, 1, 4096])),
    "list of sid": lambda g: tuple(SecureId(g.getrandbits(32)) for _ in range(g.randrange(5))),
}


def damaged(data: bytes, generator: random.Random) -> bytes:
    """The same bytes cut, lengthened, or with one changed."""
    how = generator.randrange(4)
    if how == 0 or not data:
        return data + generator.randbytes(generator.randrange(1, 4))
    if how == 1:
        return data[: generator.randrange(len(data))]
    changed = bytearray(data)
    changed[generator.randrange(len(data))] = generator.choice([0, 1, 2, 26, 0x80, 0xED, 0xFF])
    return bytes(changed)


def parsed(body: type[Any], data: bytes) -> Any:
    try:
        return codec_of(body).parse(data)
    except LayoutError:
        return None


def test_both_read_and_write_the_same(program: Path) -> None:
    generator = random.Random(1998)
    cases = []
    for body in c_header.bodies():
        for _ in range(PER_BODY):
            data = codec_of(body).build(some_value(body, generator))
            cases += [(body, data), (body, damaged(data, generator))]
    answers = body_driver.ask(program, cases)
    for (body, data), answer in zip(cases, answers, strict=True):
        wanted = body_driver.expected(body, data, parsed(body, data))
        assert answer.split() == wanted.split(), f"{body.__name__} {data.hex()}"


def test_golden_bodies(program: Path) -> None:
    """As in the files that every implementation is held against."""
    golden = json.loads((ROOT / "tests" / "wire" / "golden" / "messages.json").read_text(encoding="utf-8"))
    bodies = {body.__name__: body for body in c_header.bodies()}
    cases = [(bodies[vector["body"]], bytes.fromhex(vector["hex"])) for vector in golden["bodies"]]
    for (body, data), answer in zip(cases, body_driver.ask(program, cases), strict=True):
        wanted = body_driver.expected(body, data, parsed(body, data))
        assert wanted != "no"
        assert answer.split() == wanted.split(), body.__name__


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (b"plain", True),
        (b"\xc3\xa4", True),
        (b"\xf4\x8f\xbf\xbf", True),
        (b"\xc0\x80", False),  # an overlong form
        (b"\xe0\x9f\xbf", False),
        (b"\xf0\x8f\xbf\xbf", False),
        (b"\xed\xa0\x80", False),  # a surrogate
        (b"\xf4\x90\x80\x80", False),  # beyond the last character
        (b"\xe2\x82", False),
        (b"\x80", False),
        (b"\xff", False),
    ],
)
def test_text_is_utf8(program: Path, text: bytes, fits: bool) -> None:
    from wire.protocol.messages.files import Path as FilePath

    data = len(text).to_bytes(2, "little") + text
    assert (parsed(FilePath, data) is not None) == fits
    (answer,) = body_driver.ask(program, [(FilePath, data)])
    assert (answer != "no") == fits
