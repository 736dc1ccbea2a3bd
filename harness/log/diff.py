"""Two runs compared by what was done in them, whenever it was done.

What differs in any two runs is replaced first: addresses, sizes of compressed data, generation numbers of
threads (Log format 6). How often a host asks for the ready states depends on the time it takes, so askings in
a row count as one.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from harness.log.common import longest_common
from harness.log.steps import Step, StepKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_POLLS: Final = frozenset({"PrepSIDStatus", "GetSIDStatus"})

_PLACEHOLDERS: Final = (
    (
        re.compile(
            r"((?:Ptr\(\)|address|addr|ret|transferBlock|aOutputData|iActualStart|iBufferFileWriter"
            r"|iBufferFileReader|ipSnapshots|iValidationHandler|iFileHandle): )0x[0-9a-f]{1,8}"
        ),
        r"\1<address>",
    ),
    (
        re.compile(
            r"(Server-side data length: |Compression Header: Compressed |compressed size=|total size="
            r"|data size |about to decompress )\d+"
        ),
        r"\1<size>",
    ),
    (re.compile(r"encryption buffer done \d+ of \d+"), "encryption buffer done <size> of <size>"),
    (re.compile(r"(\[[0-9a-f]{8}\])\d{4}(?=::|$)"), r"\1<generation>"),
)


class Line(NamedTuple):
    """One line of a comparison.

    Attributes:
        mark: `-` for a step of the first log only, `+` for one of the second only, a blank for one of both.
        step: the step, of the first log where both have it.
    """

    mark: str
    step: Step


def normalised(text: str) -> str:
    """`text` with placeholders for what is different in every run."""
    for pattern, placeholder in _PLACEHOLDERS:
        text = pattern.sub(placeholder, text)
    return text


def comparable(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps that two runs have to have in common, normalised, with askings for ready states as one."""
    polling = False
    poll_open = False
    for step in steps:
        if step.kind is StepKind.REQUEST and (step.text in _POLLS or (poll_open and step.text == "done")):
            poll_open = step.text in _POLLS
            if not polling:
                yield step._replace(text="ready states")
            polling = True
            continue
        polling = poll_open = False
        yield step._replace(text=normalised(step.text))


def compare(first: Iterable[Step], second: Iterable[Step]) -> list[Line] | None:
    """All steps of both, lined up; None if there are too many differences to line them up."""
    one, other = list(comparable(first)), list(comparable(second))
    keys_one, keys_other = [_key(step) for step in one], [_key(step) for step in other]
    common = longest_common(keys_one, keys_other)
    if common is None:
        return None
    lines: list[Line] = []
    done_one = done_other = 0
    for at_one, at_other in [*common, (len(one), len(other))]:
        lines += [Line("-", step) for step in one[done_one:at_one]]
        lines += [Line("+", step) for step in other[done_other:at_other]]
        lines += [Line(" ", step) for step in one[at_one : at_one + 1]]
        done_one, done_other = at_one + 1, at_other + 1
    return lines


def first_difference(first: Iterable[Step], second: Iterable[Step]) -> tuple[Step | None, Step | None]:
    """The first steps that are not the same; None where a run has ended."""
    pairs = zip_longest(comparable(first), comparable(second))
    return next(
        ((one, other) for one, other in pairs if one is None or other is None or _key(one) != _key(other)),
        (None, None),
    )


def _key(step: Step) -> tuple[StepKind, int | None, str]:
    return step.kind, step.sid, step.text
