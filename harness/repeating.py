"""Repeating a test that lost its handset, which happens on request only, and to no other test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from _pytest.runner import runtestprotocol

LOSS = ("symhil.category", "handset-lost")


def run_repeatedly(
    item: pytest.Item, nextitem: pytest.Item | None, repeats: int, has_phone: Callable[[], bool]
) -> bool:
    """Run a test, and again as long as it loses its handset, there is one for it, and `repeats` are left.

    The last attempt is reported, with what ended the earlier ones; their artifacts stay beside its own.
    """
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    losses: list[str] = []
    while True:
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        lost = [report for report in reports if report.failed and LOSS in report.user_properties]
        if not lost or len(losses) == repeats or not has_phone():
            break
        losses.append((lost[0].longreprtext.splitlines() or ["the handset was lost"])[-1])
        item.user_properties[:] = [
            ("symhil.attempt", len(losses) + 1),
            ("symhil.earlier_attempts", "; ".join(losses)),
        ]
        item._initrequest()  # type: ignore[attr-defined]  # noqa: SLF001 - pytest has no other way to new fixtures
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
