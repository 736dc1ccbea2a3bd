"""The pytest plugin: fixtures that hold a handset, and verdicts that say whose move it is.

It is idle unless one of its fixtures is used: nothing is imported, opened or printed before. Options begin
with `--hil-`; no fixture is automatic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.backup import BackupRun, RestoreRun
    from harness.data_owner import DataOwner, Slot
    from harness.handset import Handset
    from harness.hil_session import HilSession
    from harness.log.collect import SecureBackupLog
    from harness.results import Results
    from wire.symbian import SecureId

_session: pytest.StashKey[HilSession] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options, all of them with the prefix `--hil-`."""
    group = parser.getgroup("hil", "handsets in the loop (symhil)")
    group.addoption(
        "--hil-backend",
        dest="hil_backend",
        choices=("emulator", "lab"),
        default="emulator",
        help="run on an emulated handset (default) or on a phone of the lab",
    )
    group.addoption(
        "--hil-config",
        dest="hil_config",
        type=Path,
        default=None,
        metavar="FILE",
        help="the lab's configuration; lab_config.yaml in the current folder if it is there",
    )
    group.addoption(
        "--hil-device", dest="hil_device", default="", metavar="NAME", help="the handset of the lab to use"
    )
    group.addoption(
        "--hil-agent",
        dest="hil_agent",
        choices=("python", "core"),
        default="",
        help="who speaks for an emulated handset: Python, or the C++ core that real phones run",
    )
    group.addoption(
        "--hil-artifacts",
        dest="hil_artifacts",
        type=Path,
        default=None,
        metavar="DIR",
        help="leave traces, logs and results here; without it they go to pytest's temporary folder",
    )
    group.addoption(
        "--hil-collect-logs",
        dest="hil_collect_logs",
        action="store_true",
        help=r"make C:\logs\connect on the phone, and collect what is written there after each test",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker, and the collector of verdicts, which does nothing until there is one."""
    config.addinivalue_line("markers", "case(id): the case of the engine's public test suite that this is")
    config.addinivalue_line("markers", "fault(plan): what goes wrong on the line or in the phone meanwhile")
    config.pluginmanager.register(_Verdicts(config), "symhil-verdicts")


def _uses_handset(item: pytest.Item) -> bool:
    # All our fixtures stand on this one; somebody else's `handset` does not.
    return "_hil_test" in getattr(item, "fixturenames", ())


# ------------------------------------------------------------------------------------------- fixtures


def _hil_session(config: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> HilSession:
    from harness.hil_session import HilSession, artifacts_folder

    session = config.stash.get(_session, None)
    if session is None:
        folder = artifacts_folder(config, tmp_path_factory.getbasetemp() / "hil")
        session = config.stash[_session] = HilSession(config, folder)
    return session


@pytest.fixture
def _hil_test(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Handset, Path]]:
    from harness.errors import LabError

    marker = request.node.get_closest_marker("fault")
    faults = marker.args[0] if marker is not None else None
    try:
        session = _hil_session(request.config, tmp_path_factory)
        handset, folder = session.begin_test(request.node.nodeid, faults)
    except LabError as error:
        if faults is None and not hasattr(request.config, "workerinput"):
            # One sentence about the lab instead of the same error from every test.
            pytest.exit(f"{error.category.value}: {error}", returncode=error.exit_code)
        raise
    try:
        yield handset, folder
    finally:
        session.end_test(handset, folder)


@pytest.fixture
def handset(_hil_test: tuple[Handset, Path]) -> Handset:
    """A handset in Normal; an emulated one is as new. Whatever a test leaves is brought back to normal."""
    return _hil_test[0]


@pytest.fixture
def hil_folder(_hil_test: tuple[Handset, Path]) -> Path:
    """The test's own folder among the artifacts."""
    return _hil_test[1]


@pytest.fixture
def backup_run(handset: Handset) -> Callable[..., BackupRun]:
    """What makes a backup run: `with backup_run(partial=[sid]) as run:`; takes what `Handset.backup` takes."""
    return handset.backup


@pytest.fixture
def restore_run(handset: Handset) -> Callable[..., RestoreRun]:
    """What makes a restore run: `with restore_run(partial=[sid]) as run:`; takes what `Handset.restore` takes."""
    return handset.restore


@pytest.fixture
def data_owner(handset: Handset) -> Iterator[Callable[..., Slot]]:
    """What attaches a data owner: `slot = data_owner(MyOwner())`; takes what `Handset.attach` takes."""
    slots: list[Slot] = []

    def attach(owner: DataOwner, sid: SecureId | None = None, **options: Any) -> Slot:
        slots.append(handset.attach(owner, sid, **options))
        return slots[-1]

    yield attach
    for slot in slots:
        slot.detach()


@pytest.fixture
def securebackup_log(handset: Handset) -> SecureBackupLog:
    """The engine's log since this test began; makes the folder that lets it be written."""
    from harness.log.collect import SecureBackupLog

    return SecureBackupLog(handset)


# -------------------------------------------------------------------------------------------- verdicts


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note whose move it is; with a failed test show what led to it."""
    if _uses_handset(item):
        _note_properties(item, call)
        failed = call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception)
        session = item.config.stash.get(_session, None)
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
    session = item.config.stash.get(_session, None)
    handset: Any = item.funcargs.get("handset") if isinstance(item, pytest.Function) else None
    if session is not None and handset is not None:
        from harness.identity import hashed_imei

        info = handset.info
        note("handset", handset.name)
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
        if not any(str(key).startswith("symhil.") for key, _ in report.user_properties):
            return
        if self._results is None:
            from harness.results import Results

            self._results = Results()
        self._results.add(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        hil = self._config.stash.get(_session, None)
        if hil is not None:
            hil.close()
        if self._results is None or self._is_worker:
            return
        folder: Path | None = self._config.getoption("hil_artifacts")
        if folder is not None and folder.is_dir():
            self._results.write(folder / "results.json", arguments=self._config.invocation_params.args)
            self._page = _write_report(folder)
        if self._results.exit_code is not None:
            session.exitstatus = self._results.exit_code

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._results is not None and not self._is_worker:
            terminalreporter.section("handsets")
            for line in self._results.summary_lines():
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
