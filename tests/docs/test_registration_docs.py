"""docs/registration.md: every command in it is run, and what it shows is what comes out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli import main
from harness.registration.lint import all_rules
from harness.registration.output import rules_as_markdown
from wire.formats.registration.xml import MAX_SIZE

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "registration.md"
FILE = re.compile(r"^Say `([^`\n]+)` contains:\n\n```xml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Each command line of the page and what follows it."""
    found = []
    for block in CONSOLE.findall(PAGE.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, shown = part.partition("\n")
            found.append((line, shown))
    return found


def test_every_command_does_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for owner in ("0AB7E57C", "0AB7E57D"):
        Path("private", owner).mkdir(parents=True)
    for name, content in FILE.findall(PAGE.read_text(encoding="utf-8")):
        Path(name).write_text(content, encoding="utf-8")
    lines = commands()
    assert len(lines) >= 9
    for line, shown in lines:
        words = shlex.split(line)
        assert words[:2] == ["symhil", "registration"]
        target = words.pop() if words[-2] == ">" else None
        main(words[1:-1] if target else words[1:])
        captured = capsys.readouterr()
        if target:
            Path(target).write_text(captured.out, encoding="utf-8")
            assert shown == ""
        else:
            assert captured.err + captured.out == shown, line


def test_every_command_and_option_that_is_mentioned_exists(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for command in ("lint", "show", "fix", "new", "rules", "schema"):
        main(["registration", command, "--help"])
    helped = capsys.readouterr().out
    assert set(re.findall(r"`symhil registration (\w+)", text)) <= {
        "lint",
        "show",
        "fix",
        "new",
        "rules",
        "schema",
    }
    for option in set(re.findall(r"(?<=[ `])--[a-z][a-z-]+", text)) - {"--help"}:
        assert option in helped


def test_the_rule_table_is_that_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.endswith("\n\n" + rules_as_markdown(all_rules()))


def test_the_limit_is_that_of_the_code() -> None:
    assert f"More than {MAX_SIZE} bytes are refused" in PAGE.read_text(encoding="utf-8")
