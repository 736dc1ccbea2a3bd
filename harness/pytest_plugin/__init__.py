"""The pytest plugin: fixtures that hold a handset, and verdicts that say whose move it is.

It is idle unless one of its fixtures is used: nothing is imported, opened or printed before. Options begin
with `--hil-`; no fixture is automatic.

Every pytest run loads what stands here, the options and the fixtures. A module costs such a run more than its
import: pytest hashes its source for its own cache of rewritten code, and looks through all its names for hooks and
fixtures. So the other parts, which have a say only where handsets are used, come with `wake`.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from harness.pytest_plugin import fixtures
from harness.pytest_plugin.options import add_markers, add_options


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options, and the fixtures.

    A list called `pytest_plugins` would bring the fixtures too, but for each name in it pytest reads the entry
    points of every distribution that is installed.
    """
    add_options(parser)
    pluginmanager.register(fixtures, fixtures.__name__)


def pytest_configure(config: pytest.Config) -> None:
    """The markers."""
    add_markers(config)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Wake before anything else where that cannot wait for the first test.

    The process that starts workers of pytest-xdist sees no test; they themselves have to say which tests fit.
    """
    if (
        hasattr(config, "workerinput")
        or config.getoption("numprocesses", None)
        or config.getoption("tx", None)
        or config.getoption("hil_all")
    ):
        wake(config)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Wake for the first test at a handset, or that says which one it wants."""
    marked = [item for item in items if item.get_closest_marker("handset") is not None]
    if marked or any(map(uses_handset, items)):
        wake(config)
    if marked:
        from harness.pytest_plugin.choosing import check_markers

        check_markers(marked)


def uses_handset(item: pytest.Item) -> bool:
    """Whether a test stands on one of our fixtures."""
    # All our fixtures stand on this one; somebody else's `handset` does not.
    return "_hil_test" in getattr(item, "fixturenames", ())


def wake(config: pytest.Config) -> None:
    """Add the parts that have a say once handsets are used, if that has not been done."""
    from harness.pytest_plugin import choosing, live, verdicts, workers

    for part in (choosing, workers, live, verdicts):
        if not config.pluginmanager.has_plugin(part.__name__):
            config.pluginmanager.register(part, part.__name__)
