"""Every command in the documentation runs, every link leads somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "device_agent").rglob("*.md"),
    ]
)
_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


class Block(NamedTuple):
    """A fenced block: its language, what follows it, and its text."""

    language: str
    about: str
    text: str


def blocks_of(page: Path) -> list[Block]:
    return [Block(*match) for match in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_works(page: Path, tmp_path: Path) -> None:
    for block in blocks_of(page):
        title = re.search(r"title=(\S+)", block.about)
        if title:
            (tmp_path / title[1]).write_text(block.text, encoding="utf-8")
        elif block.language == "sh" and block.about == "phone":
            for line in filter(None, block.text.splitlines()):
                check_options(line, tmp_path)
        elif block.language == "sh" and block.about == "labgrid":
            pass  # needs a lab of many machines: tests/labgrid/test_documentation.py
        elif block.language == "sh":
            assert not block.about, f"{page.name}: nobody knows what a block marked {block.about!r} is"
            for line in filter(None, block.text.splitlines()):
                # The targets of make are what runs these tests; here it is enough that they exist.
                command = (
                    f"make --dry-run -C {ROOT} {line.removeprefix('make ')}" if line.startswith("make ") else line
                )
                result = run(command, tmp_path)
                assert result.returncode == 0, f"{page.name}: {line}\n{result.stdout}\n{result.stderr}"


def check_options(line: str, folder: Path) -> None:
    """A command that needs a phone: its program, its command and its options must exist."""
    words = shlex.split(line)
    if words[0] == "pytest":
        known = run("pytest --help", folder).stdout
    else:
        assert words[0] == "symhil", line
        names = [word for word in words[1:3] if re.fullmatch(r"[a-z]+", word)]
        helps = [run(f"symhil {' '.join(names[:count])} --help", folder) for count in (1, 2)]
        assert helps[0].returncode == 0, f"{line}: {helps[0].stderr}"
        known = helps[0].stdout + helps[1].stdout
    for option in (word.split("=")[0] for word in words if word.startswith("-")):
        assert re.search(rf"(^|[\s,]){re.escape(option)}\b", known), f"{line}: there is no option {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    """harness/errors.py opens with a picture of its tree; it has to be true."""
    from harness import errors

    assert errors.__doc__ is not None
    drawn = set(re.findall(r"^ +(?:[|+-]+ *)*([A-Z]\w+)", errors.__doc__, re.MULTILINE))
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.HilError)
    }
    assert drawn == defined


def test_every_package_is_explained() -> None:
    """Each dependency has its line of reason."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    reasons = (ROOT / "docs" / "dependencies.md").read_text().lower()
    for requirement in wanted:
        name = re.split(r"[^\w.-]", requirement)[0].lower()
        known = name in reasons or name == "symhil" or name.startswith("types-")
        assert known, f"docs/dependencies.md gives no reason for {name}"
