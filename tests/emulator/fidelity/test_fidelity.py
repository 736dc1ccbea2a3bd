"""No rule of the specification is without a test or a reason, and docs/fidelity.md says so."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.emulator.fidelity.document import DOCUMENT, ROOT, rewrite
from tests.emulator.fidelity.marks import marked_tests
from tests.emulator.fidelity.rules import RULES, SECTIONS

SPECIFICATION = ROOT.parent / "shared" / "domain" / "backup-engine.md"


def test_every_rule_has_a_test_or_a_reason() -> None:
    marked = {test.rule for test in marked_tests()}
    modelled = {rule.id for rule in RULES.values() if not rule.not_modelled}
    assert sorted(modelled - marked) == [], "rules that no test bears"
    assert sorted(marked - set(RULES)) == [], "marks of rules that there are not"
    assert sorted(marked - modelled) == [], "rules that are said not to be modelled, and have a test"


def test_the_list_is_sound() -> None:
    ids = [rule.id for section in SECTIONS for rule in section.rules]
    assert [id_ for id_, count in Counter(ids).items() if count > 1] == []
    assert all(rule.title and rule.title.strip() == rule.title for rule in RULES.values())
    assert {f"Q{number}" for number in range(1, 36)} <= set(RULES)


def test_the_document_is_in_step() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert rewrite(text) == text, "run: make fidelity"


def test_a_marked_test_is_one_that_pytest_finds(pytester: pytest.Pytester) -> None:
    """A mark on a parameter set counts, and a mark on what is no test does not."""
    folder = pytester.mkdir("tests")
    Path(folder, "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.rule('a/1')\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.rule('a/2', 'Q1'))])\n"
        "def test_x(x): ...\n"
        "@pytest.mark.rule('no')\n"
        "def helper(): ...\n"
        "class TestY:\n"
        "    @pytest.mark.rule('b/1')\n"
        "    def test_y(self): ...\n",
        encoding="utf-8",
    )
    assert [tuple(test) for test in marked_tests(Path(folder))] == [
        ("a/1", "tests/test_it.py", "test_x"),
        ("a/2", "tests/test_it.py", "test_x"),
        ("Q1", "tests/test_it.py", "test_x"),
        ("b/1", "tests/test_it.py", "TestY::test_y"),
    ]


class TestAgainstTheSpecification:
    """Where the specification itself is at hand, the list is compared with its headings and numbered steps."""

    @pytest.fixture
    def text(self) -> str:
        if not SPECIFICATION.exists():
            pytest.skip(f"the specification is not at hand: {SPECIFICATION.name}")
        return SPECIFICATION.read_text(encoding="utf-8")

    def sections(self, text: str) -> dict[str, str]:
        """Sections 2 to 17 and 18 without subsections, by number."""
        parts = re.split(r"^#{2,3} (\d+(?:\.\d+)?)\.? .*$", text, flags=re.MULTILINE)
        found = dict(zip(parts[1::2], parts[2::2], strict=True))
        wanted = {number: body for number, body in found.items() if 2 <= int(number.split(".")[0]) <= 18}
        parents = {number.split(".")[0] for number in wanted if "." in number}
        return {number: body for number, body in wanted.items() if number not in parents}

    def test_every_section_is_there(self, text: str) -> None:
        assert [section.number for section in SECTIONS] == list(self.sections(text))

    def test_every_numbered_step_and_row_is_there(self, text: str) -> None:
        bodies = self.sections(text)
        for number in ("5.2", "5.3", "12.1"):
            rows = re.findall(r"^\| (\d+) \|", bodies[number], re.MULTILINE)
            assert rows
            assert [f"{number}/{row}" for row in rows if f"{number}/{row}" not in RULES] == []
        for number in ("8.3", "11.1", "12.4"):
            steps = re.findall(r"^(\d+)\. ", bodies[number], re.MULTILINE)
            assert steps
            assert [f"{number}/{step}" for step in steps if f"{number}/{step}" not in RULES] == []

    def test_every_quirk_is_there(self, text: str) -> None:
        quirks = re.findall(r"^\| (Q\d+) \|", self.sections(text)["18"], re.MULTILINE)
        assert len(quirks) == 35
        assert [quirk for quirk in quirks if quirk not in RULES] == []
