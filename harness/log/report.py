"""Runs, timelines and comparisons as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.log.show import meaning, visible
from wire.formats.log_level import LogLevel
from wire.symbian import TDataOwnerStatus, TTransferDataType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from enum import IntEnum

    from harness.log.diff import Line
    from harness.log.facts import Calls, DataPart, Finding, OwnerFacts, RunFacts
    from harness.log.steps import Step
    from harness.log.timeline import Entry
    from wire.symbian import SecureId

_CONTEXT: Final = 2
"""Steps shown before and after a difference."""

_NO_TIME: Final = "-" * 19


def heading(number: int, run: RunFacts) -> str:
    """One line about a run."""
    if run.mode is None:
        return f"run {number}: no backup or restore, only what came without one"
    end = run.end.value if run.end else "has not ended"
    return f"run {number}: {run.mode}, {_time(run.begun)} to {_time(run.ended)}, {end}"


def summary(number: int, run: RunFacts) -> Iterator[str]:
    """The facts of a run."""
    yield heading(number, run)
    if run.engine_stopped:
        yield f"  engine stopped {_time(run.engine_stopped)}"
    done = sum(request.completed for request in run.requests)
    yield f"  host requests: {len(run.requests)}, completed: {done}"
    for owner in run.owners.values():
        yield from _owner(owner)
    for part in run.parts:
        yield _part(part)
    for finding in sorted(run.findings, key=lambda finding: finding.number):
        yield _finding(finding)
    yield from left_out(run)


def left_out(run: RunFacts) -> Iterator[str]:
    """A line if there was more than is kept of a run."""
    if run.left_out:
        yield f"  there was no room for {run.left_out} more steps, requests, files or findings of this run"


def entry_line(entry: Entry) -> str:
    """One line of a timeline."""
    return f"{_time(entry.when)} {entry.side:5} {_step(visible(entry.kind), entry.sid, entry.text)}"


def difference_lines(lines: Sequence[Line]) -> Iterator[str]:
    """The steps that differ, each with a few of those around it; nothing if none does."""
    near = {
        place
        for at, line in enumerate(lines)
        if line.mark != " "
        for place in range(at - _CONTEXT, at + _CONTEXT + 1)
    }
    last = -1
    for place, line in enumerate(lines):
        if place in near:
            if place != last + 1:
                yield "  ..."
            yield f"  {line.mark} {step_text(line.step)}"
            last = place


def step_text(step: Step) -> str:
    """One step without its time, with the number of its record."""
    return f"{step.number:7} {_step(step.kind.value, step.sid, step.text)}"


def _step(kind: str, sid: SecureId | None, text: str) -> str:
    return f"{kind:8} {'' if sid is None else str(sid):10} {visible(text)}"


def _time(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}" if when else _NO_TIME


def _owner(owner: OwnerFacts) -> Iterator[str]:
    parts = [word for word in ("active", "passive", "system") if getattr(owner, word)]
    if owner.incremental:
        parts.append("incremental")
    if owner.process:
        parts.append(f"{visible(owner.process)}{' started by the engine' if owner.process_started else ''}")
    yield f"  owner {owner.sid}: {', '.join(parts) or 'nothing is told about it'}"
    if owner.statuses:
        yield f"    status: {', then '.join(_name(TDataOwnerStatus, status) for status in owner.statuses)}"
    if owner.expected_size is not None:
        yield f"    expected size: {owner.expected_size} bytes"
    if owner.calls:
        yield f"    callbacks: {_calls(owner.calls)}"
    for file in owner.files_sent:
        yield f"    file: {visible(file.path)} ({file.size} bytes)"


def _calls(calls: Iterable[Calls]) -> str:
    return ", ".join(call.callback.name + (f" x {call.times}" if call.times > 1 else "") for call in calls)


def _part(part: DataPart) -> str:
    kind = "data" if part.kind is None else _name(TTransferDataType, part.kind)
    plain, packed = ("?" if size is None else size for size in (part.plain, part.packed))
    sizes = f"{packed} -> {plain}" if part.supplied else f"{plain} -> {packed}"
    direction = "to" if part.supplied else "from"
    return f"  {kind} {direction} {part.sid} drive {part.drive or '?'}: {sizes} bytes"


def _finding(finding: Finding) -> str:
    word = "error" if finding.level is LogLevel.ERROR else "warning"
    return f"  {word} at record {finding.number}: {visible(finding.text)}{meaning(finding.code)}"


def _name(names: type[IntEnum], value: int) -> str:
    return names(value).name if value in set(names) else str(value)
