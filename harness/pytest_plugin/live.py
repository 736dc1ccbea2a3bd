"""What the phones are at, while tests run: on a terminal, or as lines; nothing with `-q`."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from harness.pytest_plugin import uses_handset

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.live.display import Display
    from harness.live.workers import WorkersScreen

DISPLAY: pytest.StashKey[Display] = pytest.StashKey()
NOTES: Final = "symhil_notes"


def display_of(config: pytest.Config) -> Display | None:
    """Where this process shows its phones; None where nobody looks. A worker makes it when first asked."""
    given: dict[str, str] = getattr(config, "workerinput", {})
    if DISPLAY not in config.stash and NOTES in given:
        from harness.live.workers import Note

        # Workers that share a lab have a phone each; else each has an emulated one, and all of the same name.
        worker = given["workerid"]
        prefix = "" if "symhil_device" in given else f"{worker} "
        config.stash[DISPLAY] = Note(Path(given[NOTES]), worker, prefix)
    return config.stash.get(DISPLAY, None)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Take hold of the terminal, which is pytest's only while a test runs, if there will be anything to show."""
    config = session.config
    if config.option.collectonly or not any(uses_handset(item) for item in session.items):
        return
    if hasattr(config, "workerinput"):
        display_of(config)
    elif (fd := _own_output(config)) is not None:
        from harness.live.display import Lines, Screen

        config.stash[DISPLAY] = (Screen if _is_screen(fd, config) else Lines)(fd, _column(config))


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


def _own_output(config: pytest.Config) -> int | None:
    """A descriptor of our own for what pytest writes to; None where it is to be quiet, or that is no file."""
    if config.get_verbosity() < 0 or not config.pluginmanager.has_plugin("terminalreporter"):
        return None
    try:
        return os.dup(sys.stdout.fileno())
    except (OSError, ValueError):
        return None  # somebody has put another object there


def _is_screen(fd: int, config: pytest.Config) -> bool:
    # Where tests write to the terminal themselves a table would be torn.
    return os.isatty(fd) and os.environ.get("TERM") != "dumb" and config.getoption("capture") != "no"


def _column(config: pytest.Config) -> Callable[[], int]:
    writer = config.get_terminal_writer()
    return lambda: writer.width_of_current_line


# In the process that starts the workers:


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Workers have no terminal; if this process has one, it shows what they say of their phones."""
    config = session.config
    if not config.pluginmanager.has_plugin("dsession") or (fd := _own_output(config)) is None:
        return
    if _is_screen(fd, config):
        with contextlib.suppress(OSError):  # no room for a folder
            config.pluginmanager.register(ForWorkers(config))
    os.close(fd)


class ForWorkers:
    """Gives workers a folder for their notes, and takes the table away before anything is written."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        folder = tempfile.TemporaryDirectory(prefix="symhil-")
        config.add_cleanup(folder.cleanup)
        self._folder = Path(folder.name)
        self._screen: WorkersScreen | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """A worker is about to start."""
        node.workerinput[NOTES] = str(self._folder)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        """A test begins. All workers have collected, and those that will have a phone have left a note."""
        self._hide()
        if self._screen is not None or not any(self._folder.glob("*")):
            return
        fd = _own_output(self._config)
        if fd is not None:
            from harness.live.workers import WorkersScreen

            self._screen = self._config.stash[DISPLAY] = WorkersScreen(fd, _column(self._config), self._folder)
            self._screen.watch()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self) -> None:
        """A phase of a test has ended."""
        self._hide()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logfinish(self) -> None:
        """A test has ended."""
        self._hide()

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended, and it is said if it crashed."""
        self._hide()
        if self._screen is not None:
            self._screen.forget(node.gateway.id)

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_testnodeready(self) -> None:
        """The successor of one that crashed is there."""
        self._hide()

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """It has collected."""
        self._hide()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self) -> None:
        """It could not collect."""
        self._hide()

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self) -> None:
        """Pytest itself is broken, or xdist."""
        self._hide()

    def _hide(self) -> None:
        if self._screen is not None:
            self._screen.hide()
