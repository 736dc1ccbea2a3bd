"""What the stamps of a log prove, without reading more of it than is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.log.reading import stamp_rules
from wire.formats.log_line import DateOrder
from wire.formats.log_stamp import StampRules

if TYPE_CHECKING:
    from tests.harness.log.conftest import Logs


def test_a_log_is_read_until_its_stamps_are_clear_and_no_further(made: type[Logs]) -> None:
    records = iter([timed.record for timed in made.timed("one", "two", "three")])
    assert stamp_rules(records) == StampRules(DateOrder.EUROPEAN, hour_24=True)
    assert next(records).text == "two"


def test_a_log_without_stamps_proves_nothing() -> None:
    assert stamp_rules([]) == StampRules()
