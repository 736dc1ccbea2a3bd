"""The core does what the golden vectors say: the same files that the implementation in Python is held against.

Bodies are in tests/agent/test_bodies.py, where the program that reads and writes them is.
"""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.agent.built import ROOT, drivers
from wire.layout import codec_of
from wire.protocol.frame import FrameDecoder, Header
from wire.protocol.handshake import FULL_PAYLOAD, Features, Hello

GOLDEN = ROOT / "tests" / "wire" / "golden"
PIECES = (1, 2, 3, 7, 64, 100_000)


@pytest.fixture(scope="module")
def program() -> Path:
    return drivers() / "pieces"


def vectors(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def ask(program: Path, lines: list[str]) -> list[str]:
    done = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [line.strip() for line in done.stdout.splitlines()]


def in_hex(data: bytes) -> str:
    return data.hex() or "-"


def frame_in_hex(header: Header, payload: bytes) -> str:
    return f"{codec_of(Header).build(header).hex()}:{in_hex(payload)}"


def test_frames_are_written_and_read(program: Path) -> None:
    frames = vectors("frames")["frames"]
    headers = [Header(**vector["header"]) for vector in frames]
    lines = []
    for vector, header in zip(frames, headers, strict=True):
        head, escape = codec_of(Header).build(header).hex(), int(vector["escapes_xonxoff"])
        lines.append(f"encode {escape} {head} {vector['payload'] or '-'}")
    for vector, written in zip(frames, ask(program, lines), strict=True):
        assert written == vector["line"], vector["name"]
    for piece in PIECES:
        found = ask(program, [f"decode {piece} {vector['line']}" for vector in frames])
        for vector, header, frame in zip(frames, headers, found, strict=True):
            assert frame == frame_in_hex(header, bytes.fromhex(vector["payload"])), f"{vector['name']} by {piece}"


def test_frames_are_found_among_other_bytes(program: Path) -> None:
    streams = vectors("frames")["streams"]
    for piece in PIECES:
        found = ask(program, [f"decode {piece} {vector['line']}" for vector in streams])
        for vector, frames in zip(streams, found, strict=True):
            wanted = [frame_in_hex(Header(**f["header"]), bytes.fromhex(f["payload"])) for f in vector["frames"]]
            assert frames.split() == wanted, f"{vector['name']} by {piece}"


def test_both_find_the_same_frames_in_bytes_of_any_kind(program: Path) -> None:
    """Parts of the vectors and bytes that mean something, in any order and in pieces of any size."""
    generator = random.Random(7)
    golden = vectors("frames")
    parts = [bytes.fromhex(vector["line"]) for vector in (*golden["frames"], *golden["streams"])]
    lines, wanted = [], []
    for _ in range(400):
        line = bytearray()
        for _ in range(generator.randrange(1, 8)):
            part = generator.choice(parts)
            how = generator.random()
            if how < 0.3:
                part = part[generator.randrange(len(part)) :]
            elif how < 0.5:
                part = bytes(
                    generator.choice(b"~}~}\x11\x13\x5e\x5d\x31A") for _ in range(generator.randrange(40))
                )
            line += part[: generator.choice([5, 50, 10_000])]
        line += b"~" + parts[0]
        lines.append(f"decode {generator.choice([1, 2, 5, 100, 9000])} {line.hex()}")
        found = FrameDecoder(FULL_PAYLOAD).feed(bytes(line))
        wanted.append([frame_in_hex(frame.header, bytes(frame.payload)) for frame in found])
    assert sum(len(frames) for frames in wanted) > 800
    for line_told, answer, frames in zip(lines, ask(program, lines), wanted, strict=True):
        assert answer.split() == frames, line_told


def test_hello(program: Path) -> None:
    handshakes = vectors("hello")
    lines = []
    for vector in handshakes:
        phone = Hello(**vector["phone"])
        escape = int(bool(phone.features & Features.ESCAPE_XONXOFF))
        texts = f"{in_hex(phone.build.encode())} {in_hex(phone.product.encode())}"
        numbers = (phone.window, phone.max_payload, phone.depth, escape, phone.boot_id, phone.tick_ms)
        lines.append(f"hello {' '.join(map(str, numbers))} {texts} {vector['host_hex']}")
    for vector, answer in zip(handshakes, ask(program, lines), strict=True):
        agreement = vector["agreement"]
        said = " ".join(str(int(number)) for number in agreement.values()) if agreement else "refused"
        assert answer == f"{vector['phone_hex']} {said}", vector["name"]
