"""Once each and in order over any channel; and three broken links are found out."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.wire.protocol.adversary import AdversarialChannel
from wire.protocol import host_link, phone_link
from wire.protocol.handshake import Agreement, Hello, agree
from wire.protocol.window import SendWindow, Unacknowledged

_CHECKS = list(HealthCheck)


def test_once_each_and_in_order_over_any_channel() -> None:
    run_state_machine_as_test(
        AdversarialChannel,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=_CHECKS,
        ),
    )


def assert_found_out() -> None:
    """The same machine, without looking for the smallest example: it is enough that there is one."""
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            AdversarialChannel,
            settings=settings(
                max_examples=400,
                stateful_step_count=40,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=_CHECKS,
            ),
        )


def test_a_window_that_is_off_by_one_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SendWindow, "room", property(lambda self: self.size + 1 - len(self._frames)))
    assert_found_out()


def test_an_acknowledgement_that_is_ignored_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def ignored(self: SendWindow, acknowledge: int, now: float) -> list[Unacknowledged]:
        return []

    monkeypatch.setattr(SendWindow, "acknowledge", ignored)
    assert_found_out()


def test_an_epoch_that_is_not_checked_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def always_the_same(host: Hello, phone: Hello) -> Agreement:
        return agree(host, phone)._replace(session=1)

    monkeypatch.setattr(host_link, "agree", always_the_same)
    monkeypatch.setattr(phone_link, "agree", always_the_same)
    assert_found_out()
