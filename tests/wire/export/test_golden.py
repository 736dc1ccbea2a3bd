"""The golden vectors are in step with the definitions, and the implementation in Python does what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wire.export import __main__ as command
from wire.export import c_header, golden
from wire.layout import codec_of
from wire.protocol.frame import FrameDecoder, Header, Kind, encode_frame
from wire.protocol.handshake import FULL_PAYLOAD, Hello, agree, incompatibility
from wire.protocol.messages import METHODS, fingerprint

GOLDEN = Path(__file__).parents[1] / "golden"


def vectors(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["frames", "hello", "messages"])
def test_they_are_in_step(name: str) -> None:
    assert command.main([f"golden-{name}", str(GOLDEN / f"{name}.json"), "--check"]) == 0


@pytest.mark.parametrize("vector", vectors("frames")["frames"], ids=lambda vector: vector["name"])
def test_frames(vector: dict[str, Any]) -> None:
    header, payload, line = (
        Header(**vector["header"]),
        bytes.fromhex(vector["payload"]),
        bytes.fromhex(vector["line"]),
    )
    assert encode_frame(header, payload, escape_xonxoff=vector["escapes_xonxoff"]) == line
    (frame,) = FrameDecoder(FULL_PAYLOAD).feed(line)
    assert (frame.header, bytes(frame.payload)) == (header, payload)


@pytest.mark.parametrize("vector", vectors("frames")["streams"], ids=lambda vector: vector["name"])
@pytest.mark.parametrize("piece", [1, 3, 100_000])
def test_streams(vector: dict[str, Any], piece: int) -> None:
    line, decoder = bytes.fromhex(vector["line"]), FrameDecoder(FULL_PAYLOAD)
    found = []
    for start in range(0, len(line), piece):
        found += [(f.header, bytes(f.payload)) for f in decoder.feed(line[start : start + piece])]
    assert found == [(Header(**f["header"]), bytes.fromhex(f["payload"])) for f in vector["frames"]]


@pytest.mark.parametrize("vector", vectors("hello"), ids=lambda vector: vector["name"])
def test_hello(vector: dict[str, Any]) -> None:
    host, phone = Hello(**vector["host"]), Hello(**vector["phone"])
    assert codec_of(Hello).parse(bytes.fromhex(vector["host_hex"])) == host
    assert codec_of(Hello).parse(bytes.fromhex(vector["phone_hex"])) == phone
    refused = incompatibility(phone, host, i_am="the agent", it_is="the harness") is not None
    assert vector["agreement"] == (None if refused else agree(host, phone)._asdict())


def test_messages() -> None:
    bodies = {body.__name__: body for body in c_header.bodies()}
    found = vectors("messages")
    assert found["fingerprint"] == fingerprint()
    assert {vector["body"] for vector in found["bodies"]} == set(bodies)
    for vector in found["bodies"]:
        codec = codec_of(bodies[vector["body"]])
        data = bytes.fromhex(vector["hex"])
        assert golden.shown(codec.parse(data)) == vector["fields"], vector["body"]
        assert codec.build(codec.parse(data)) == data


def test_they_hold_what_is_easily_done_wrong() -> None:
    """Without these a vector file would say little."""
    frames = vectors("frames")
    assert {vector["header"]["version_kind"] & 0x0F for vector in frames["frames"]} >= set(Kind)
    # The CRC itself is stuffed: an escape within the last bytes before the closing flag.
    assert any("7d5e" in vector["line"][-14:-2] for vector in frames["frames"])
    assert any("7d31" in vector["line"][-14:-2] for vector in frames["frames"])
    assert any(len(vector["payload"]) == 2 * FULL_PAYLOAD for vector in frames["frames"])
    # Each stream of bytes holds a frame that has to be found.
    assert all(vector["frames"] for vector in frames["streams"])
    agreements = [vector["agreement"] for vector in vectors("hello")]
    assert None in agreements
    assert any(agreement and agreement["session"] == 1 for agreement in agreements)
    assert len(vectors("messages")["methods"]) == len(METHODS)
