"""Figures are written between their marks only."""

from __future__ import annotations

import pytest

from tests.generated import replaced


def test_what_stands_around_the_marks_stays() -> None:
    page = "before\n<!-- begin: make x -->\nold\n<!-- end: make x -->\nafter\n"
    assert replaced(page, "make x", "new") == page.replace("\nold\n", "\n\nnew\n\n")


@pytest.mark.parametrize("page", ["before\nafter\n", "<!-- begin: make x -->\n", "<!-- end: make x -->"])
def test_a_page_without_marks_is_left_alone(page: str) -> None:
    with pytest.raises(SystemExit, match="no place for it"):
        replaced(page, "make x", "new")
