"""What the phone's log and the host's own record of a run say, on one axis of time.

The host's record is a journal of the harness, `journal.jsonl`, one JSON object on each line:

    {"t": 0.412, "kind": "clock", "text": "the phone's clock", "phone": "2010-07-14T09:58:40"}
    {"t": 3.512, "kind": "request", "text": "SetBURMode EBURBackupPartial|EBackupBase on C"}

`t` counts the seconds of the host's clock from any moment. `kind` is `request` for a call to the engine,
named as in CSBEClient; `clock` for a reading of the phone's clock, in the phone's local time; anything else
is shown as it is. A `sid` and, for `callback`, the name of the `callback` may be given.

The phone's clock is another one than the host's, shows seconds only, and may be set while a run goes on. So
the two are aligned piece by piece: at each reading of the phone's clock and at each request that both noted.
What both noted also tells the order within a second: a request comes from the host, so its side comes first,
and a callback comes from the phone. The property is not used: the host hears of it when it hears of it.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from harness.errors import ArtifactError
from harness.log.common import longest_common
from harness.log.steps import MODE_WANTED, StepKind
from wire.symbian import SecureId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.log.steps import Step

JOURNAL: Final = "journal.jsonl"

_YEARS: Final = range(1980, 2100)
_LONGEST_RUN_S: Final = 1e9
_LONGEST_LINE: Final = 64 * 1024

_SAME_CLOCK_S: Final = 2.0
"""Smaller differences come from the resolution of a stamp and from the way, larger ones from a clock set."""


class HostEvent(NamedTuple):
    """Something that the host has noted.

    Attributes:
        at_s: when, in seconds of the host's clock.
        kind: `request`, `clock` or another word.
        text: what it was.
        sid: the data owner concerned.
        phone: for `clock`, what the phone's clock showed.
        same: for what the phone's log has too, the key by which it is found there.
    """

    at_s: float
    kind: str
    text: str
    sid: SecureId | None = None
    phone: datetime | None = None
    same: str = ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the phone's local time follows from the host's clock.

    Attributes:
        pieces: from which second of the host on, and what the phone's clock would have shown at the host's
            second 0; at least one, in the order of the seconds.
        how: how it is known; shown to the user.
    """

    pieces: tuple[tuple[float, datetime], ...]
    how: str

    def phone_time(self, at_s: float) -> datetime:
        """What the phone's clock showed."""
        place = bisect_right(self.pieces, at_s, key=lambda piece: piece[0])
        return self.pieces[max(place - 1, 0)][1] + timedelta(seconds=at_s)


class Entry(NamedTuple):
    """One line of a timeline.

    Attributes:
        when: local time of the phone.
        side: `host` or `phone`, by whose record it is.
        kind: what it is about.
        sid: the data owner concerned.
        text: what happened.
    """

    when: datetime | None
    side: str
    kind: str
    sid: SecureId | None
    text: str


def read_journal(folder: Path) -> list[HostEvent]:
    """The host's record of a run, in the order of its times.

    A last line that was not finished, because the host was stopped while writing it, is left out.

    Args:
        folder: the folder of a test, or of a run that has one test only.

    Raises:
        ArtifactError: there is no journal, or more than one, or a line of it is none of a journal.
    """
    path = _journal_in(folder)
    try:
        with path.open("rb") as file:
            events = list(_events(path, iter(lambda: file.readline(_LONGEST_LINE), b"")))
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error
    return sorted(events, key=lambda event: event.at_s)


def _journal_in(folder: Path) -> Path:
    if (folder / JOURNAL).is_file():
        return folder / JOURNAL
    found = sorted(folder.glob(f"*/{JOURNAL}"))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(str(path.parent) for path in found[:5]) + (", ..." if len(found) > 5 else "")
        raise ArtifactError(f"{folder} has {len(found)} journals", hint=f"name one of its folders: {names}")
    raise ArtifactError(f"there is no {JOURNAL} in {folder}", hint="--run wants the folder of a test")


def _events(path: Path, lines: Iterable[bytes]) -> Iterator[HostEvent]:
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
            return  # the last one, and not finished
        try:
            if line.strip():
                yield _event(json.loads(line))
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
            raise ArtifactError(
                f"{path}, line {number} is no event ({type(error).__name__}: {error})",
                hint='expected was something like {"t": 3.512, "kind": "request", "text": "SetBURMode"}',
            ) from error


def _event(fields: dict[str, Any]) -> HostEvent:
    at_s = float(fields["t"])
    if not math.isfinite(at_s) or abs(at_s) > _LONGEST_RUN_S:
        raise ValueError(f"t cannot be {at_s}")
    kind = str(fields["kind"])
    phone = datetime.fromisoformat(fields["phone"]) if kind == "clock" else None
    if phone is not None and phone.tzinfo is not None:
        raise ValueError(f"phone {fields['phone']} has a zone, which a phone's log does not know")
    if phone is not None and phone.year not in _YEARS:
        raise ValueError(f"phone {fields['phone']} cannot be right")
    sid = SecureId.parse(fields["sid"]) if fields.get("sid") is not None else None
    text = str(fields.get("text", ""))
    return HostEvent(at_s, kind, text, sid, phone, _key_of_event(kind, text, sid, fields))


def align(steps: Sequence[Step], events: Sequence[HostEvent]) -> Alignment | None:
    """How to bring host and phone together; None if nothing is in both records."""
    readings = [(event.at_s, event.phone) for event in events if event.phone is not None]
    # A stamp has lost its fraction of a second, which is half a second on average.
    requests = [
        (events[place].at_s, step.when + timedelta(seconds=0.5))
        for step, place in _noted_by_both(steps, events)
        if step.kind is StepKind.REQUEST and step.when is not None
    ]
    pieces: list[tuple[float, list[datetime]]] = []
    for at_s, phone in sorted([*readings, *requests]):
        zero = phone - timedelta(seconds=at_s)
        if pieces and abs((zero - pieces[-1][1][0]).total_seconds()) <= _SAME_CLOCK_S:
            pieces[-1][1].append(zero)
        else:
            pieces.append((at_s, [zero]))
    if not pieces:
        return None
    how = f"{len(readings)} readings of the phone's clock and {len(requests)} requests that both noted"
    return Alignment(tuple((begin_s, _middle(zeros)) for begin_s, zeros in pieces), how)


def _middle(times: Sequence[datetime]) -> datetime:
    first = times[0]
    return first + timedelta(seconds=median((time - first).total_seconds() for time in times))


def merge(steps: Sequence[Step], events: Sequence[HostEvent], alignment: Alignment) -> Iterator[Entry]:
    """Both records on the phone's axis of time.

    Within one side its own order is kept. What both noted stands side by side; apart from that an event of
    the host comes after all that the phone wrote in the same second.
    """
    events = [event for event in events if event.kind != "clock"]
    of_host = [
        Entry(alignment.phone_time(event.at_s), "host", event.kind, event.sid, event.text) for event in events
    ]
    place_of = {step.number: place for step, place in _noted_by_both(steps, events)}
    done = 0
    for step in steps:
        place = place_of.get(step.number, -1)
        before, after = (place, -1) if step.kind is StepKind.REQUEST else (-1, place)
        while done < len(of_host) and (done <= before or _before(of_host[done], step)):
            yield of_host[done]
            done += 1
        yield of_phone(step)
        while done <= after:
            yield of_host[done]
            done += 1
    yield from of_host[done:]


def of_phone(step: Step) -> Entry:
    """A step of the log as an entry."""
    return Entry(step.when, "phone", step.kind.value, step.sid, step.text)


def _before(entry: Entry, step: Step) -> bool:
    return step.when is not None and entry.when is not None and entry.when < step.when


def _noted_by_both(steps: Sequence[Step], events: Sequence[HostEvent]) -> list[tuple[Step, int]]:
    """What both sides noted, with the place among `events`.

    It is found by its order. Where that leaves a choice the later ones are taken for the same, since a
    journal and a log are rather missing their beginnings than their ends.
    """
    of_phone = [(_key_of_step(steps, place), place) for place in reversed(range(len(steps)))]
    of_host = [(events[place].same, place) for place in reversed(range(len(events)))]
    # What one side never notes would only be in the way.
    both = {key for key, _ in of_phone if key} & {key for key, _ in of_host}
    of_phone = [(key, place) for key, place in of_phone if key in both]
    of_host = [(key, place) for key, place in of_host if key in both]
    common = longest_common([key for key, _ in of_phone], [key for key, _ in of_host]) or []
    return [(steps[of_phone[one][1]], of_host[other][1]) for one, other in reversed(common)]


def _key_of_step(steps: Sequence[Step], place: int) -> str:
    step = steps[place]
    if step.kind is StepKind.REQUEST:
        # The mode that SetBURMode asks for stands in the step after it.
        after = steps[place + 1] if place + 1 < len(steps) else None
        mode = after.text.removeprefix(MODE_WANTED) if after and after.kind is StepKind.MODE else ""
        return f"{step.text}{mode}".lower()
    if step.kind is StepKind.CALLBACK:
        return f"{step.sid} {step.text}"
    return ""


def _key_of_event(kind: str, text: str, sid: SecureId | None, fields: dict[str, Any]) -> str:
    if kind == "request":
        return _engine_name(text)
    if kind == "callback":
        return f"{sid} {fields.get('callback')}"
    return ""


def _engine_name(request: str) -> str:
    """The engine's name of a request of the journal, in lower case; of SetBURMode with the mode."""
    if request == "engine connect":
        return "getgshhandle"
    name, _, rest = request.lower().partition(" ")
    if name == "setburmode":
        return name + rest.rpartition(" on ")[0]
    return _ENGINE_NAMES.get(name, name)


# CSBEClient's methods whose first line in the log has another name (Log format 8.1).
_ENGINE_NAMES: Final = {
    "listofdataowners": "prepdataownerinfo",
    "setsidlistforpartialbur": "setsidlistpartial",
    "sidstatus": "prepsidstatus",
    "expecteddatasize": "getexpecteddatasize",
    "publicfilelist": "preppublicfiles",
}
