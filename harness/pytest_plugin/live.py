"""What the phones are at, while tests run: on a terminal, or as lines; nothing with `-q`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from harness.pytest_plugin.choosing import uses_handset

if TYPE_CHECKING:
    from harness.live.display import Display

DISPLAY: pytest.StashKey[Display] = pytest.StashKey()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Take hold of the terminal, which is pytest's only while a test runs, if there will be anything to show."""
    config = session.config
    if hasattr(config, "workerinput") or config.get_verbosity() < 0 or config.option.collectonly:
        return
    if not any(uses_handset(item) for item in session.items) or not config.pluginmanager.has_plugin(
        "terminalreporter"
    ):
        return
    from harness.live.display import Lines, Screen

    try:
        fd = os.dup(sys.stdout.fileno())
    except (OSError, ValueError):
        return  # somebody has put another object there, which is no file
    writer = config.get_terminal_writer()

    def column() -> int:
        return writer.width_of_current_line

    # Where tests write to the terminal themselves a table would be torn.
    is_screen = os.isatty(fd) and os.environ.get("TERM") != "dumb" and config.getoption("capture") != "no"
    config.stash[DISPLAY] = Screen(fd, column) if is_screen else Lines(fd, column)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A phase of a test has ended, and pytest is about to write."""
    result = yield
    display = item.config.stash.get(DISPLAY, None)
    if display is not None:
        display.hide()
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nothing more is shown."""
    display = session.config.stash.get(DISPLAY, None)
    if display is not None:
        del session.config.stash[DISPLAY]
        display.close()
