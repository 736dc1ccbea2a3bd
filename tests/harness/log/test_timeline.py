"""The phone's log and the host's own record on one axis of time."""

from __future__ import annotations

import errno
import json
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ArtifactError
from harness.log.steps import Step, StepKind
from harness.log.timeline import JOURNAL, Alignment, HostEvent, _event, align, merge, read_journal
from wire.symbian import BurMode, SecureId

if TYPE_CHECKING:
    from pathlib import Path

ZERO = datetime.fromisoformat("2011-03-14 14:50:00")
"""What the phone's clock showed at the host's second 0."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2011-03-14 {text}")


def second(text: str) -> float:
    """The host's second at which the phone's clock showed `text`."""
    return (at(text) - ZERO).total_seconds()


def request(text: str, name: str = "RequestData") -> HostEvent:
    """A request in the middle of the second that the phone's clock shows as `text`."""
    return _event({"t": second(text) + 0.5, "kind": "request", "text": name})


def note(text: str, what: str) -> HostEvent:
    return HostEvent(second(text), "note", what)


def reading(text: str, *, ahead_s: float = 0) -> HostEvent:
    return HostEvent(second(text), "clock", "", None, at(text) + timedelta(seconds=ahead_s))


def opened(number: int, text: str, name: str = "RequestData") -> Step:
    return Step(StepKind.REQUEST, None, name, number, at(text))


def write(folder: Path, *lines: str | dict[str, Any], end: str = "\n") -> Path:
    folder.mkdir(exist_ok=True)
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / JOURNAL).write_text(text + end, encoding="utf-8")
    return folder


def test_the_journal_is_read_in_the_order_of_its_times(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"t": 4.5, "kind": "request", "text": "SIDStatus", "code": 0},
        "",
        {"t": 1, "kind": "clock", "phone": "2011-03-14T15:09:29"},
        {"t": 5.25, "kind": "note", "text": "x", "sid": "0xE0F1B001"},
    )
    assert read_journal(tmp_path) == [
        HostEvent(1, "clock", "", None, at("15:09:29")),
        HostEvent(4.5, "request", "SIDStatus", same="prepsidstatus"),
        HostEvent(5.25, "note", "x", SecureId(0xE0F1B001)),
    ]


def test_a_last_line_that_was_not_finished_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"t": 1, "kind": "x"}, '{"t": 2, "ki', end="")
    assert len(read_journal(tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1]",
        "7",
        "{}",
        "[" * 10_000,
        '{"t": "soon", "kind": "x"}',
        '{"t": 1}',
        '{"t": NaN, "kind": "x"}',
        '{"t": -Infinity, "kind": "x"}',
        '{"t": 1e10, "kind": "x"}',
        '{"t": 1' + "0" * 400 + ', "kind": "x"}',
        '{"t": 1, "kind": "clock"}',
        '{"t": 1, "kind": "clock", "phone": 7}',
        '{"t": 1, "kind": "clock", "phone": "yesterday"}',
        '{"t": 1, "kind": "clock", "phone": "9999-12-31T00:00:00"}',
        '{"t": 1, "kind": "clock", "phone": "2011-03-14T15:09:29+00:00"}',
        '{"t": 1, "kind": "x", "sid": "me"}',
        '{"t": 1, "kind": "x", "text": "' + "x" * 100_000 + '"}',
    ],
)
def test_a_broken_journal_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"t": 1, "kind": "x"}, line)
    with pytest.raises(ArtifactError, match="line 2 is no event"):
        read_journal(tmp_path)


def test_bytes_that_are_no_text_are_named_too(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"\xff\xfe\x00\n")
    with pytest.raises(ArtifactError, match="line 1 is no event"):
        read_journal(tmp_path)


def test_the_journal_of_the_only_test_of_a_run_is_found(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no journal\.jsonl in"):
        read_journal(tmp_path)
    write(tmp_path / "one", {"t": 1, "kind": "x"})
    assert len(read_journal(tmp_path)) == 1
    write(tmp_path / "two", {"t": 1, "kind": "x"})
    with pytest.raises(ArtifactError, match=r"(?s)has 2 journals.*name one of its folders: .*one, .*two$"):
        read_journal(tmp_path)
    write(tmp_path, {"t": 1, "kind": "x"}, {"t": 2, "kind": "x"})
    assert len(read_journal(tmp_path)) == 2


def test_a_journal_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    write(tmp_path, {"t": 1, "kind": "x"})
    monkeypatch.setattr(type(tmp_path), "open", refuse)
    with pytest.raises(ArtifactError, match="cannot be read: Permission denied"):
        read_journal(tmp_path)


def test_readings_of_the_phone_s_clock_align() -> None:
    found = align([], [reading("15:00:00", ahead_s=1), reading("15:00:10"), reading("15:00:20")])
    assert found is not None
    assert found.phone_time(second("15:00:30")) == at("15:00:30")
    assert found.how == "3 readings of the phone's clock and 0 requests that both noted"


def test_requests_that_both_noted_align() -> None:
    steps = [opened(1, "15:00:00"), opened(2, "15:00:04"), opened(3, "15:00:09", "SupplyData")]
    events = [
        request("15:00:00"),
        request("15:00:04"),
        request("15:00:09", "SupplyData 0xE0F1B001 C EActiveBaseData"),
    ]
    found = align(steps, events)
    assert found is not None
    assert found.phone_time(second("15:00:30")) == at("15:00:30")
    assert found.how == "0 readings of the phone's clock and 3 requests that both noted"


def test_a_clock_that_is_set_is_followed() -> None:
    # Ten minutes pass on the phone between two requests, and none on the host.
    steps = [opened(1, "15:00:00"), opened(2, "15:00:04"), opened(3, "15:10:05")]
    events = [request("15:00:00"), request("15:00:04"), request("15:00:05")]
    found = align(steps, events)
    assert found is not None
    assert len(found.pieces) == 2
    host = ["14:59:00", "15:00:00", "15:00:05", "15:00:05.5", "15:00:06"]
    phone = ["14:59:00", "15:00:00", "15:00:05", "15:10:05.5", "15:10:06"]
    assert [found.phone_time(second(text)) for text in host] == [at(text) for text in phone]


def test_what_a_log_holds_more_is_older() -> None:
    found = align([opened(1, "08:00:00"), opened(2, "15:00:00")], [request("15:00:00")])
    assert found is not None
    assert found.phone_time(second("15:00:00")) == at("15:00:00")


def test_nothing_in_common_does_not_align() -> None:
    assert align([opened(1, "15:00:00")], [request("15:00:00", "SupplyData")]) is None
    assert align([], []) is None


@pytest.mark.parametrize(
    ("of_host", "of_engine"),
    [
        ("ListOfDataOwners", "PrepDataOwnerInfo"),
        ("SetSIDListForPartialBUR", "SetSIDListPartial"),
        ("SIDStatus", "PrepSIDStatus"),
        ("ExpectedDataSize", "GetExpectedDataSize"),
        ("RequestData 0xE0F1B001 C EActiveBaseData", "RequestData"),
        ("SupplyData 0xE0F1B001 C EActiveBaseData 58 bytes, finished", "SupplyData"),
        ("AllSnapshotsSupplied", "AllSnapshotsSupplied"),
        ("AllSystemFilesRestored", "AllSystemFilesRestored"),
        ("PublicFileList", "PrepPublicFiles"),
        ("engine connect", "GetGSHHandle"),
    ],
)
def test_both_sides_names_of_a_request_are_known(of_host: str, of_engine: str) -> None:
    assert align([opened(1, "15:00:00", of_engine)], [request("15:00:00", of_host)]) is not None
    assert align([opened(1, "15:00:00", "other")], [request("15:00:00", of_host)]) is None


def test_a_mode_is_part_of_its_request_s_name() -> None:
    base, normal = BurMode(4, 0x100), BurMode(1)
    steps = [
        opened(1, "15:00:00", "SetBURMode"),
        Step(StepKind.MODE, None, f"engine is to go to {base}", 2, at("15:00:00")),
        opened(3, "15:00:40", "SetBURMode"),
        Step(StepKind.MODE, None, f"engine is to go to {normal}", 4, at("15:00:40")),
    ]
    for mode, when in ((base, "15:00:00"), (normal, "15:00:40")):
        found = align(steps, [request(when, f"SetBURMode {mode} on C")])
        assert found is not None
        assert found.phone_time(second(when)) == at(when)
    assert align(steps, [request("15:00:00", f"SetBURMode {BurMode(8)} on C")]) is None
    assert align(steps[:1], [request("15:00:00", f"SetBURMode {base} on C")]) is None


def test_requests_that_one_side_has_not_noted_do_not_shift_the_others() -> None:
    names = ["PrepDataOwnerInfo", "RequestData", "SupplyData", "RequestData"]
    steps = [opened(count, f"15:00:0{count}", name) for count, name in enumerate(names)]
    events = [request("15:00:00", "ListOfDataOwners"), request("15:00:01"), request("15:00:02", "SupplyData")]
    found = align(steps, events)
    assert found is not None
    assert found.how.endswith("and 3 requests that both noted")
    assert found.phone_time(second("15:00:30")) == at("15:00:30")


def shown(steps: list[Step], events: list[HostEvent]) -> list[str]:
    """A merged timeline in short, the phone's entries in capitals."""
    merged = merge(steps, events, Alignment(((0.0, ZERO),), ""))
    return [entry.text.upper() if entry.side == "phone" else entry.text.lower() for entry in merged]


def test_a_long_run_with_much_that_one_side_never_notes_is_aligned() -> None:
    steps = [
        opened(count, "15:00:00", name)
        for count in range(1500)
        for name in ("PrepSIDStatus", "done", "GetSIDStatus", "done")
    ]
    found = align(steps, [request("15:00:00", "SIDStatus")] * 1500)
    assert found is not None
    assert found.how.endswith("and 1500 requests that both noted")


def test_a_request_comes_before_the_phone_s_line_about_it() -> None:
    steps = [
        Step(StepKind.DATA, None, "before", 1, at("15:00:04")),
        opened(2, "15:00:04"),
        Step(StepKind.ERROR, None, "after", 3, at("15:00:04")),
        Step(StepKind.DATA, None, "later", 4, at("15:00:06")),
    ]
    # By its clock alone the request would come last of this second.
    events = [reading("15:00:00"), request("15:00:04"), note("15:00:05", "noted"), note("15:00:07", "last")]
    assert shown(steps, events) == ["BEFORE", "requestdata", "REQUESTDATA", "AFTER", "noted", "LATER", "last"]


def test_a_callback_comes_from_the_phone() -> None:
    owner = SecureId(0xE0F1B001)
    steps = [
        Step(StepKind.PROPERTY, None, "set", 1, at("15:00:04")),
        Step(StepKind.CALLBACK, owner, "RestoreComplete", 2, at("15:00:04")),
        Step(StepKind.ERROR, None, "after", 3, at("15:00:04")),
    ]
    callback = {"kind": "callback", "text": "c", "sid": str(owner), "callback": "RestoreComplete"}
    events = [note("15:00:04.2", "noted"), _event({"t": second("15:00:04") + 0.3, **callback})]
    assert shown(steps, events) == ["SET", "RESTORECOMPLETE", "noted", "c", "AFTER"]
    for other in (
        {"sid": "0xE0F1B002"},
        {"callback": "GetExpectedDataSize"},
        {"callback": None},
        {"kind": "note"},
    ):
        events[1] = _event({"t": second("15:00:04") + 0.3, **callback, **other})
        assert shown(steps, events) == ["SET", "RESTORECOMPLETE", "AFTER", "noted", "c"]


def test_callbacks_do_not_align_clocks() -> None:
    # The host may hear of them much later.
    step = Step(StepKind.CALLBACK, None, "RestoreComplete", 1, at("15:00:04"))
    assert align([step], [_event({"t": 1, "kind": "callback", "callback": "RestoreComplete"})]) is None


NAMES = st.sampled_from(["RequestData", "SupplyData", "done"])
TIMES = st.integers(0, 30).map(lambda seconds: at("15:00:00") + timedelta(seconds=seconds))


@given(
    st.lists(st.tuples(st.none() | TIMES, NAMES), max_size=12),
    st.lists(st.tuples(st.floats(0, 1000), NAMES, st.sampled_from(["request", "note"])), max_size=12),
)
def test_nothing_is_lost_and_each_side_keeps_its_order(
    phone: list[tuple[datetime | None, str]], host: list[tuple[float, str, str]]
) -> None:
    steps = [Step(StepKind.REQUEST, None, name, number, when) for number, (when, name) in enumerate(phone)]
    events = [_event({"t": at_s, "kind": kind, "text": name}) for at_s, name, kind in sorted(host)]
    alignment = align(steps, [*events, reading("15:00:00")])
    assert alignment is not None
    merged = list(merge(steps, events, alignment))
    assert [(entry.when, entry.text) for entry in merged if entry.side == "phone"] == phone
    assert [entry.text for entry in merged if entry.side == "host"] == [event.text for event in events]
