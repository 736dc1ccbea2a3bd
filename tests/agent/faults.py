"""What a line can do to bytes. Each fault is made from a random generator, so a failure can be repeated."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.agent.line import Spoil

_FRAME = re.compile(rb"~[^~]*~|[^~]+")


def frames_of(data: bytes) -> list[bytes]:
    return _FRAME.findall(data)


def losing(generator: random.Random, rate: float) -> Spoil:
    return lambda data: b"".join(frame for frame in frames_of(data) if generator.random() >= rate)


def repeating(generator: random.Random, rate: float) -> Spoil:
    return lambda data: b"".join(frame * (2 if generator.random() < rate else 1) for frame in frames_of(data))


def reordering(generator: random.Random, rate: float) -> Spoil:
    def spoil(data: bytes) -> bytes:
        frames = frames_of(data)
        if generator.random() < rate:
            generator.shuffle(frames)
        return b"".join(frames)

    return spoil


def flipping(generator: random.Random, rate: float) -> Spoil:
    """One bit in a frame here and there, flags and lengths included."""

    def spoil(data: bytes) -> bytes:
        out = bytearray(data)
        for _ in frames_of(data):
            if generator.random() < rate:
                out[generator.randrange(len(out))] ^= 1 << generator.randrange(8)
        return bytes(out)

    return spoil


def truncating(generator: random.Random, rate: float) -> Spoil:
    def cut(frame: bytes) -> bytes:
        return frame[: generator.randrange(len(frame))] if generator.random() < rate else frame

    return lambda data: b"".join(cut(frame) for frame in frames_of(data))


def chattering(generator: random.Random, rate: float) -> Spoil:
    """Boot messages and foreign protocols between the frames."""
    noise = [b"AT+CGMI\r\n", b"\x01\x90\x00\x04ping", b"~~~~", b"~}~", b"\x7d" * 9, bytes(range(256))]
    return lambda data: b"".join(
        frame + (generator.choice(noise) if generator.random() < rate else b"") for frame in frames_of(data)
    )


FAULTS: dict[str, Callable[[random.Random, float], Spoil]] = {
    "losing": losing,
    "repeating": repeating,
    "reordering": reordering,
    "flipping": flipping,
    "truncating": truncating,
    "chattering": chattering,
}
