"""The callbacks that a test expects of its data owner, held against those that came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from harness.errors import UnexpectedState
from harness.journal import Journal
from wire.symbian import AbCallback, SecureId

KIND: Final = "expected"
"""Of the journal's entry, which the report of the run shows side by side."""


def check_calls(
    sid: SecureId, expected: Iterable[AbCallback], came: Sequence[AbCallback], journal: Journal
) -> None:
    """Compare two sequences; UnexpectedState shows both when they differ.

    The same several times in a row counts as once: how often data is asked for is the engine's choice.
    """
    wanted, found = _names(expected), _names(came)
    if wanted == found:
        return
    journal.add(KIND, "%s was called otherwise than expected", sid, sid=str(sid), expected=wanted, came=found)
    from harness.report.difference import pairs_of

    width = max(map(len, ["expected", *wanted]))
    lines = [f"  {'expected':<{width}}  came"]
    lines += [f"  {pair.before:<{width}}  {pair.now}" for pair in pairs_of(wanted, found)]
    raise UnexpectedState(
        "\n".join([f"{sid} was called otherwise than expected:", *lines]),
        hint="the report of the run shows it beside everything else; `slot.owner.calls` has the arguments",
    )


def _names(callbacks: Iterable[AbCallback]) -> list[str]:
    return [callback.name for callback, _ in groupby(callbacks)]
