"""How thorough the property tests are: some hundred examples in `make test`, 10,000 in `make test-long`."""

from __future__ import annotations

import os
from typing import Final

import pytest
from hypothesis import settings

LONG: Final = os.environ.get("SYMHIL_LONG") == "1"
MANY: Final = 10_000

unhurried = pytest.mark.timeout(7200 if LONG else 300)
"""For tests that take minutes with many examples, and much longer on a busy machine."""


def thoroughly(examples: int) -> settings:
    """So many examples, or MANY; without a limit for one of them, since machines are busy at times."""
    return settings(max_examples=MANY if LONG else examples, deadline=None)
