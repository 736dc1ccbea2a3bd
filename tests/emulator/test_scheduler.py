"""How the phone waits: for what is due on it, or for a host, and what it does meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from device_agent.emulator.clock import PhoneClock
from device_agent.emulator.ports import Port
from device_agent.emulator.profile import HandsetProfile
from device_agent.emulator.python_agent import PythonAgent
from device_agent.emulator.scheduler import Scheduler


class QuickPort(Port):
    """Notes how long it may wait for the host; what comes are `answers`, or nothing.

    Attributes:
        course: what happened, in order.
    """

    def __init__(self, *answers: bytes) -> None:
        super().__init__()
        self.course: list[float | str] = []
        self._answers = list(answers)

    def exchange(self, outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        self.course.append(timeout_s)
        return self._answers.pop(0) if self._answers else b""

    def work(self) -> None:
        self.course.append("work")


def agent_on(port: Port) -> PythonAgent:
    return PythonAgent(port, HandsetProfile(), boot_id=1, clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("answers", "course"),
    [
        # What the host is asked goes out first, without waiting; then the work; then it is waited for.
        ((), [0.0, "work", 0.5, 0.5]),
        # The host was quicker than the work.
        ((b"?",), [0.0, "work", 0.5]),
    ],
)
def test_work_is_done_while_a_host_is_waited_for(answers: tuple[bytes, ...], course: list[float | str]) -> None:
    port = QuickPort(*answers)
    agent = agent_on(port)
    agent.phone.scheduler.meanwhile = port.work
    agent.serve_host(0.5)
    agent.serve_host(0.5)  # it is done once
    assert port.course == course


def test_a_wait_that_needs_no_host_leaves_it() -> None:
    port = QuickPort()
    scheduler = agent_on(port).phone.scheduler
    scheduler.meanwhile = port.work
    due: list[str] = []
    scheduler.clock.call_later(3.0, lambda: due.append("due"))
    assert scheduler.wait(lambda: bool(due))
    assert port.course == []
    assert scheduler.meanwhile is not None


def test_the_earlier_of_two_times_is_waited_for() -> None:
    clock = PhoneClock(lambda: 0.0, skips=True)
    scheduler = Scheduler(clock)
    waited: list[float] = []
    scheduler.serve_host = waited.append
    clock.call_later(0.25, lambda: None)
    scheduler.wait(lambda: bool(waited), until_s=0.5, for_host=True)
    scheduler.wait(lambda: len(waited) == 2, until_s=0.125, for_host=True)
    assert waited == [0.25, 0.125]
    assert not scheduler.wait(lambda: False, until_s=0.2)
    assert clock.now() == 0.2
