"""The C header is in step with the definitions, and says what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wire.export import __main__ as command
from wire.export import c_header
from wire.layout import codec_of
from wire.protocol.frame import HEADER_SIZE
from wire.protocol.handshake import FULL_PAYLOAD
from wire.protocol.messages import METHODS, fingerprint

COMMITTED = Path(__file__).parents[3] / "device_agent" / "core" / "wire_gen.h"


def test_the_committed_header_is_in_step() -> None:
    assert command.main(["c-header", str(COMMITTED), "--check"]) == 0


def test_a_header_that_is_out_of_step_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wire_gen.h"
    assert command.main(["c-header", str(path), "--check"]) == 1
    assert command.main(["c-header", str(path)]) == 0
    assert command.main(["c-header", str(path), "--check"]) == 0
    path.write_text(path.read_text().replace("FULL_PAYLOAD", "FULL_LOAD", 1))
    assert command.main(["c-header", str(path), "--check"]) == 1
    assert f"{path} is out of step: python -m wire.export c-header {path}" in capsys.readouterr().err


def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["no-such-export", "x"]) == 2
    assert "usage: python -m wire.export" in capsys.readouterr().err


def enumerated(name: str) -> dict[str, int]:
    match = re.search(
        rf"^struct {name} {{\n  enum Value {{\n(.*?)\n  }};", c_header.text(), re.MULTILINE | re.DOTALL
    )
    assert match is not None, name
    rows = re.findall(r"(\w+) = (-?\w+?)u?,?$", match[1], re.MULTILINE)
    return {key: int(value, 0) for key, value in rows}


def test_every_method_has_its_number() -> None:
    numbers = enumerated("Method")
    assert sorted(numbers.values()) == sorted(METHODS)
    assert numbers["REQUEST_DATA"] == 0x0208


def test_limits_and_fingerprint() -> None:
    limits = enumerated("Limit")
    assert limits["FINGERPRINT"] == fingerprint()
    assert limits["FULL_PAYLOAD"] == FULL_PAYLOAD


def test_offsets_are_those_of_the_layout() -> None:
    assert enumerated("HeaderAt") == {
        "version_kind": 0,
        "flags": 1,
        "session": 2,
        "sequence": 4,
        "acknowledge": 6,
        "channel": 8,
        "length": 10,
        "argument": 12,
        "SIZE": HEADER_SIZE,
    }
    assert enumerated("ModeChangeAt")["part"] == 27
    assert enumerated("SnapshotSectionAt") == {
        "sid": 0,
        "ordinal": 4,
        "drive": 8,
        "last": 9,
        "data": 10,
        "SIZE": 10,
    }


def test_every_body_has_a_struct_after_those_it_holds() -> None:
    text = c_header.text()
    for body in c_header.bodies():
        place = text.index(f"struct {body.__name__} {{")
        for element in c_header.elements(body).values():
            assert text.index(f"struct {element.__name__} {{") < place
        for field in codec_of(body).fields:
            assert f"out.{field}" in text
