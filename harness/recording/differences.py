"""Where a harness first asks something else than it did when a phone was recorded, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from harness.errors import RecordingDiffers
from harness.recording.steps import Doing, Step
from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.describe import shorten
from wire.protocol.messages.method import ErrorBody, Method

_LONGEST: Final = 300


class Place:
    """Where in a recording, for whoever has to look there."""

    def __init__(self, path: Path, test: str, start_s: float) -> None:
        self._path = path
        self._test = test or "the beginning of a session"
        self._start_s = start_s

    def differs(self, expected: Step | str, came: str, last: Step | None) -> RecordingDiffers:
        """The error that says so."""
        if isinstance(expected, Step):
            expected = f"{words_of(expected)}  ({self._where(expected)})"
        lines = [
            f"{self._test}: something else is said than in the recording {self._path}",
            f"  expected: {expected}",
            f"  came:     {came}",
        ]
        if last is not None:
            lines.append(f"  last the same: {words_of(last)}  ({self._where(last)})")
        return RecordingDiffers("\n".join(lines))

    def _where(self, step: Step) -> str:
        return f"frame {step.number}, at {step.time_s - self._start_s:.3f} s"


def words_of(step: Step) -> str:
    """What was said in a step."""
    exchange = step.exchange
    name = exchange.name if exchange is not None else ""
    match step.doing:
        case Doing.BEGINS:
            return "a session begins"
        case Doing.LOSES:
            return f"the phone is gone: {step.words}"
        case Doing.TELLS:
            return f"event of topic {step.topic}"
        case Doing.CANCELS:
            return f"{name} is given up"
        case Doing.UPLOADS:
            return f"the end of what follows {name}"
        case Doing.ASKS:
            method = exchange.method if exchange is not None else None
            return asked(method, step.body) if method is not None else name
        case Doing.ANSWERS if exchange is not None and exchange.error is not None:
            return refused(name, exchange.error)
        case Doing.ANSWERS:
            method = exchange.method if exchange is not None else None
            return answered(method, step.body) if method is not None else name


def asked(method: Method[Any, Any], body: bytes) -> str:
    """A request in words."""
    return f"{method.name} {_body(method.request, body)}".rstrip()


def answered(method: Method[Any, Any], body: bytes) -> str:
    """An answer in words."""
    return f"answer to {method.name}: {_body(method.answer, body) or 'done'}"


def refused(name: str, error: ErrorBody) -> str:
    """A refusal in words."""
    return f"answer to {name}: error {shorten(error)}"


def _body(cls: type[Any], body: bytes) -> str:
    try:
        return shorten(codec_of(cls).parse(body))[:_LONGEST]
    except LayoutError:
        return f"{len(body)} bytes that do not fit their definition"


def first_difference(one: bytes, other: bytes) -> str:
    """Where two byte strings part."""
    place = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return f"{len(other)} bytes instead of {len(one)}, the same up to byte {place}"
