"""What the tests at handsets found, and whose move it is: properties, evidence, summary, results and page."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin import uses_handset
from harness.pytest_plugin.choosing import row_of
from harness.pytest_plugin.session import SESSION
from harness.pytest_plugin.workers import SPREADING

if TYPE_CHECKING:
    from harness.results import Results


def pytest_configure(config: pytest.Config) -> None:
    """The collector of verdicts, which does nothing until there is one."""
    config.pluginmanager.register(_Verdicts(config), "symhil-verdicts")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """See `_skip_what_may_not_write`."""
    return (yield from _skip_what_may_not_write(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """See `_skip_what_may_not_write`."""
    return (yield from _skip_what_may_not_write(item))


def _skip_what_may_not_write(item: pytest.Item) -> Generator[None, None, None]:
    """A test that wants to write to a phone that does not allow it is skipped, with the reason."""
    if not uses_handset(item):
        return (yield)
    from harness.errors import WriteRefused

    try:
        return (yield)
    except WriteRefused as error:
        pytest.skip(str(error))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note whose move it is; with a failed test show what led to it."""
    if uses_handset(item):
        _note_properties(item, call)
        failed = call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception)
        session = item.config.stash.get(SESSION, None)
        if failed and session is not None:
            for title, text in session.evidence():
                # This form alone reaches the terminal and the JUnit file, also under xdist.
                # The JUnit file has no room for the title, so it stands above the text too.
                item.add_report_section("call", f"log {title}", f"{title}\n{text}")
    return (yield)


def _note_properties(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    known = {key for key, _ in item.user_properties}

    def note(key: str, value: object) -> None:
        if f"symhil.{key}" not in known and value not in {"", None}:
            item.user_properties.append((f"symhil.{key}", value))

    marker = item.get_closest_marker("case")
    note("case", marker.args[0] if marker else "")
    session = item.config.stash.get(SESSION, None)
    handset: Any = item.funcargs.get("handset") if isinstance(item, pytest.Function) else None
    if session is not None and handset is not None:
        from harness.identity import hashed_imei

        info = handset.info
        note("handset", handset.name)
        note("row", row_of(item))
        note("imei_hash", hashed_imei(info.imei))
        note("firmware", info.firmware)
        note("agent", info.agent)
        note("transport", handset.connection.transport.name)
    if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        from harness.errors import Category, HilError

        error = call.excinfo.value
        if isinstance(error, HilError):
            note("category", error.category.value)
            note("exit_code", error.exit_code)
        elif isinstance(error, AssertionError | pytest.fail.Exception):
            note("category", Category.PRODUCT.value)
        else:
            note("category", Category.HARNESS.value)


class _Verdicts:
    """Collects what the tests at handsets found; with workers, in the process that started them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._is_worker = hasattr(config, "workerinput")
        self._results: Results | None = None
        self._page = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        spreading = self._config.stash.get(SPREADING, None)
        if spreading is not None:
            spreading.reported.add(report.nodeid)
        is_ours = any(str(key).startswith("symhil.") for key, _ in report.user_properties)
        if not is_ours and (self._results is None or report.outcome != "failed"):
            return
        if self._results is None:
            from harness.results import Results

            self._results = Results()
        self._results.add(report)
        if is_ours and report.when == "teardown" and not self._is_worker:
            self._note_in_journal(report.nodeid)

    def _note_in_journal(self, test: str) -> None:
        assert self._results is not None
        folder: Path | None = self._config.getoption("hil_artifacts")
        verdict = self._results.of(test)
        if folder is None or not folder.is_dir() or "before" in verdict.properties:
            return
        from harness.run_journal import append_verdict

        append_verdict(folder, test, verdict.outcome, verdict.category, verdict.properties)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        hil = self._config.stash.get(SESSION, None)
        if hil is not None:
            hil.end()
        if self._results is None or self._is_worker:
            return
        folder: Path | None = self._config.getoption("hil_artifacts")
        if folder is not None and folder.is_dir():
            self._results.write(folder / "results.json", arguments=self._config.invocation_params.args)
            self._page = _write_report(folder)
        if self._results.failed_before and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._results.exit_code is not None:
            session.exitstatus = self._results.exit_code

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._results is not None and not self._is_worker:
            terminalreporter.section("handsets")
            spreading = self._config.stash.get(SPREADING, None)
            dropped = spreading.dropped_out() if spreading is not None else []
            for line in [*self._results.summary_lines(), *dropped]:
                terminalreporter.write_line(line)
            if self._page:
                terminalreporter.write_line(self._page)


def _write_report(folder: Path) -> str:
    """Leave the page that shows the run; what to say of it. A page that cannot be made changes no verdict."""
    from harness.errors import HilError
    from harness.report.page import write_report

    try:
        return f"report: {write_report(folder)}"
    except HilError as error:
        return f"there is no report: {error}"
