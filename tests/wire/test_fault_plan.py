"""Plans of what is to go wrong: read, shown, refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.fault_plan import Event, EventKind, FaultPlan, Occurrences, parse_plan
from wire.line_model import SPEEDS, Faults

rates = st.sampled_from([0.0, 1e-6, 2.5e-4, 0.5, 1.0])
events = st.builds(
    lambda kind, at, value: Event(
        kind,
        at,
        float(0x0AB7E57C)
        if kind is EventKind.KILL
        else value
        if kind in {EventKind.STALL, EventKind.DEAF, EventKind.UNPLUG}
        else 0.0,
    ),
    st.sampled_from(EventKind),
    st.integers(0, 10**9),
    st.sampled_from([0.5, 1.0, 12.25]),
)
plans = st.builds(
    FaultPlan,
    st.sampled_from(["", *SPEEDS]),
    st.builds(Faults, rates, rates, rates, rates, rates, rates, rates, rates),
    st.lists(events, max_size=4).map(lambda found: tuple(sorted(found, key=lambda e: e.at_bytes))),
    st.integers(0, 2**32),
)


@given(plans)
def test_a_plan_is_what_its_text_says(plan: FaultPlan) -> None:
    assert parse_plan(str(plan)) == plan


def test_a_plan_as_a_person_writes_it() -> None:
    plan = parse_plan("uart, flip=1e-5, stall@20000=1.5, kill@30000=0x0AB7E57C, seed=7")
    assert plan.speed == SPEEDS["uart"]
    assert plan.faults == Faults(flip=1e-5)
    assert plan.events[1] == Event(EventKind.KILL, 30000, 0x0AB7E57C)
    assert plan.seed == 7
    assert parse_plan("") == FaultPlan()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flib=1", "did you mean 'flip'?"),
        ("flip=2", "a probability from 0 to 1"),
        ("flip=-1", "a probability from 0 to 1"),
        ("flip=much", "'much' is no number"),
        ("seed=1.5", "'1.5' is no whole number"),
        ("stal@5=1", "did you mean 'stall'?"),
        ("stall@5", "say for how many seconds, as in stall@5=1.5"),
        ("kill@5", "say whose process"),
        ("reboot@soon", "'soon' is no whole number"),
        ("uart=3", "is no fault"),
        ("stall@-5=1", "neither bytes nor seconds are negative"),
    ],
)
def test_a_mistake_is_named(text: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_plan(text)
    assert says in str(caught.value)


def test_events_come_when_their_bytes_have_passed() -> None:
    occurrences = Occurrences(parse_plan("stall@100=2,deaf@200=3,unplug@300=1"))
    assert occurrences.next_event(99, 10.0) is None
    first = occurrences.next_event(250, 10.0)
    assert first is not None
    assert first.kind is EventKind.STALL
    assert occurrences.blocked_until == 12.0
    assert occurrences.next_event(250, 20.0) is not None
    assert occurrences.deaf_until == 23.0
    assert occurrences.next_event(299, 20.0) is None
    last = occurrences.next_event(300, 20.0)
    assert last == Event(EventKind.UNPLUG, 300, 1.0)
    assert occurrences.next_event(10**9, 20.0) is None
