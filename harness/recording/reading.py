"""A recording: the tests that were run while it was made, and what was said in each."""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.capture import Packet, read_capture, read_comment
from harness.errors import ConfigError
from harness.recording import ALLOW_RESTORE, COLLECT_LOGS
from harness.recording.steps import Doing, Step, steps_of
from harness.trace import BEFORE
from harness.trace_reading import captures_in
from wire.protocol.handshake import Hello
from wire.protocol.messages import METHODS, describe_messages, fingerprint

VERSION: Final = 1
"""Of the files that `symhil trace save` writes."""


@dataclass(slots=True)
class Part:
    """One capture, or the share of a test in a file that holds many.

    Attributes:
        path: the file; numbers of packets count from its beginning.
        test: its node id; empty for what belongs to none, such as the beginning of a session.
    """

    path: Path
    handset: str
    test: str
    conditions: frozenset[str]
    packets: list[tuple[int, Packet]] = field(default_factory=list)
    steps_read: list[Step] | None = None

    @property
    def time_ns(self) -> int:
        """When it begins; what it repeats of the session's beginning is older."""
        own = (packet.time_ns for _, packet in self.packets if not packet.comment.startswith(BEFORE))
        return next(own, self.packets[0][1].time_ns)

    @property
    def steps(self) -> list[Step]:
        """What was said in it."""
        if self.steps_read is None:
            self.steps_read = steps_of(self.packets)
        return self.steps_read


class Recording:
    """What was said between a harness and one handset.

    Attributes:
        path: the file or folder.
        handset: its name in the lab where it was recorded.
        tests: by node id the parts of each, one for every attempt.
        is_redacted: what was personal was replaced by digests.
    """

    def __init__(self, path: Path, handset: str, parts: Iterable[Part], about: dict[str, Any]) -> None:
        self.path = path
        self.handset = handset
        self.is_redacted = bool(about.get("redacted"))
        self.tests: dict[str, list[Part]] = {}
        self._between: list[Part] = []
        for part in sorted(parts, key=lambda part: part.time_ns):
            if part.test:
                self.tests.setdefault(part.test, []).append(part)
            else:
                self._between.append(part)
        self.opening, self.phone = self._find_opening()
        self._check_definitions(about)

    def _find_opening(self) -> tuple[Part, Hello]:
        """How a session was begun, and what the phone said of itself."""
        for part in self._between:
            for step in part.steps:
                if step.hello is not None:
                    return part, step.hello
        raise ConfigError(
            f"{self.path} does not hold the beginning of a session with {self.handset}, which a replay needs",
            hint="give the folder of the whole run, or what `symhil trace save` makes of it",
        )

    @property
    def conditions(self) -> frozenset[str]:
        """Under which it was recorded."""
        return self.opening.conditions

    @property
    def allow_restore(self) -> bool:
        """The phone could be written to."""
        return ALLOW_RESTORE in self.conditions

    @property
    def collect_logs(self) -> bool:
        """Its logs were collected after each test."""
        return COLLECT_LOGS in self.conditions

    def has_function(self, name: str) -> bool:
        """A test function was run on this handset by --hil-all, whatever its entry had to be for that."""
        return any(test.startswith(f"{name}[") and test.endswith(f"{self.handset}]") for test in self.tests)

    def why_not(self, test: str) -> str:
        """Why a test cannot be run on it; empty when it can."""
        if test in self.tests:
            return ""
        near = difflib.get_close_matches(test, self.tests, n=1)
        meant = f", but {near[0]}" if near else f", but {len(self.tests)} others"
        return f"the recording {self.path} has no test {test}{meant}"

    def _check_definitions(self, about: dict[str, Any]) -> None:
        """A message that has been defined anew since cannot be compared; others can."""
        if self.phone.fingerprint == fingerprint():
            return
        then: list[str] | None = about.get("definitions")
        if then is None:
            raise ConfigError(
                f"{self.path} was recorded with other definitions of the messages ({self.phone.fingerprint:08x}, "
                f"this harness has {fingerprint():08x}) and does not say which",
                hint="record anew; what `symhil trace save` writes says which, and outlives changes of others",
            )
        used = self._methods_used()
        changed = [line for line in set(then) ^ set(describe_messages()) if _matters(line, used)]
        if changed:
            names = sorted({_name_of(line) for line in changed})
            raise ConfigError(
                f"{self.path} was recorded with other definitions of {', '.join(names)}, which it uses",
                hint="record anew, or replay it with the harness that it was recorded with",
            )

    def _methods_used(self) -> set[int]:
        parts = [*self._between, *(part for parts in self.tests.values() for part in parts)]
        steps = (step for part in parts for step in part.steps if step.doing is Doing.ASKS)
        return {step.exchange.method_number for step in steps if step.exchange is not None}


def _matters(line: str, used: set[int]) -> bool:
    return not line.startswith("0x") or int(line.split(maxsplit=1)[0], 16) in used


def _name_of(line: str) -> str:
    """Of a method or a layout, as `describe_messages` has it."""
    if not line.startswith("0x"):
        return re.split(r"[ {]", line, maxsplit=1)[0]
    number = int(line.split(maxsplit=1)[0], 16)
    return METHODS[number].name if number in METHODS else f"method {number:#06x}"


@functools.cache
def read_recordings(path: Path) -> tuple[Recording, ...]:
    """The recordings in a file or in the folder of a run, one for each handset.

    Raises:
        ArtifactError: it cannot be read.
        ConfigError: nothing can be replayed from it.
    """
    if not path.exists():
        raise ConfigError(
            f"there is no recording {path}", hint="name a run's folder, or what `symhil trace save` made"
        )
    parts = read_parts(path)
    about = read_about(path) if path.is_file() else {}
    handsets = sorted({part.handset for part in parts})
    if not handsets:
        raise ConfigError(f"{path} holds nothing that was said")
    return tuple(
        Recording(path, name, [part for part in parts if part.handset == name], about) for name in handsets
    )


def read_parts(path: Path) -> list[Part]:
    """The captures in a file or a folder, one for each test and each session."""
    return [part for capture in captures_in(path) for part in _parts_of(capture)]


def _parts_of(path: Path) -> list[Part]:
    parts: dict[int, Part] = {}
    for number, packet in enumerate(read_capture(path), 1):
        part = parts.get(packet.part)
        if part is None:
            words = frozenset(packet.conditions.split())
            part = parts[packet.part] = Part(path, packet.interface, packet.test, words)
        part.packets.append((number, packet))
    return list(parts.values())


def read_about(path: Path) -> dict[str, Any]:
    """What a saved recording says of itself; nothing for a capture as a run leaves it."""
    comment = read_comment(path)
    if not comment:
        return {}
    try:
        about = json.loads(comment)
        version = about["recording"]
    except (ValueError, KeyError, TypeError):
        return {}
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise ConfigError(
            f"{path} is a recording of version {version}, this harness reads version {VERSION}",
            hint="use the harness that it was made with, or a newer one",
        )
    return dict(about)
