"""The pytest plugin: fixtures that hold a handset, and verdicts that say whose move it is.

It is idle unless one of its fixtures is used: nothing is imported, opened or printed before. Options begin
with `--hil-`; no fixture is automatic.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.backup import BackupRun, RestoreRun
    from harness.data_owner import DataOwner, Slot
    from harness.handset import Handset
    from harness.hil_session import HilSession
    from harness.lab.choice import Wanted
    from harness.log.collect import SecureBackupLog
    from harness.results import Results
    from harness.spreading import HandsetScheduling
    from wire.symbian import SecureId

_session: pytest.StashKey[HilSession] = pytest.StashKey()
_spread: pytest.StashKey[HandsetScheduling | None] = pytest.StashKey()


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
        "--hil-device",
        dest="hil_device",
        default="",
        metavar="NAME[,NAME]",
        help="the handset of the lab to use, or several",
    )
    group.addoption(
        "--hil-where",
        dest="hil_where",
        default="",
        metavar="CONDITIONS",
        help="use handsets for which this holds, as in 'platform=s60v3,tag!=slow'",
    )
    group.addoption(
        "--hil-all", dest="hil_all", action="store_true", help="run each test on every handset that it fits"
    )
    group.addoption(
        "--hil-wait",
        dest="hil_wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="wait so long for a handset that somebody else holds",
    )
    group.addoption(
        "--hil-reconnect",
        dest="hil_reconnect",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="wait so long for a handset that was lost to be there again (default: 5)",
    )
    group.addoption(
        "--hil-retry-lost",
        dest="hil_retry_lost",
        type=int,
        default=0,
        metavar="N",
        help="repeat a test that lost its handset up to N times (default: 0); nothing else is ever repeated",
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
        "--hil-resume",
        dest="hil_resume",
        action="store_true",
        help="go on with the run whose artifacts these are: leave out what was done on the same phone",
    )
    group.addoption(
        "--hil-collect-logs",
        dest="hil_collect_logs",
        action="store_true",
        help=r"make C:\logs\connect on the phone, and collect what is written there after each test",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The markers, and the collector of verdicts, which does nothing until there is one."""
    config.addinivalue_line("markers", "case(id): the case of the engine's public test suite that this is")
    config.addinivalue_line("markers", "fault(plan): what goes wrong on the line or in the phone meanwhile")
    config.addinivalue_line(
        "markers", "handset(tags=[...], needs=[...]): what a handset must have for this test; see docs/lab.md"
    )
    config.pluginmanager.register(_Verdicts(config), "symhil-verdicts")


def _uses_handset(item: pytest.Item) -> bool:
    # All our fixtures stand on this one; somebody else's `handset` does not.
    return "_hil_test" in getattr(item, "fixturenames", ())


# ------------------------------------------------------------------------------------ which handset for which test


def _wanted(item: pytest.Item) -> Wanted:
    """What the markers of a test ask of a handset, those of its class and module included."""
    from harness.errors import ConfigError
    from harness.lab.choice import Wanted

    wanted = Wanted()
    for marker in item.iter_markers("handset"):
        try:
            wanted |= Wanted.parse(*marker.args, **marker.kwargs)
        except (ConfigError, TypeError) as error:
            raise pytest.UsageError(
                f"{item.nodeid}: the marker handset(tags=[...], needs=[...]): {error}"
            ) from error
    return wanted


def _device(item: pytest.Item) -> str:
    """The handset that a test is bound to by --hil-all."""
    spec = getattr(item, "callspec", None)
    return str(spec.params.get("_hil_device", "")) if spec is not None else ""


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With --hil-all a test becomes one for each handset that fits."""
    if not metafunc.config.getoption("hil_all") or "_hil_device" not in metafunc.fixturenames:
        return
    from harness.errors import HilError
    from harness.lab.candidates import candidates_of

    try:
        entries = candidates_of(metafunc.config).entries
    except HilError:
        return  # the first test says so
    wanted = _wanted(metafunc.definition)
    names = [entry.name for entry in entries if wanted.fits(entry)]
    if names:
        metafunc.parametrize("_hil_device", names, indirect=True, ids=names)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A marker that is used wrongly is told before anything runs."""
    for item in items:
        if item.get_closest_marker("handset") is not None:
            _wanted(item)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """A worker with a phone leaves for the others which handsets each test fits."""
    folder = _spread_folder(session.config)
    if folder is None:
        return
    from harness.spreading import write_fits

    hil = _hil_session(session.config)
    fits: dict[str, list[str] | None] = {}
    for item in session.items:
        # What fits no handset at all may be skipped by any worker.
        names = hil.fitting(_wanted(item), _device(item), item.nodeid) if _uses_handset(item) else []
        fits[item.nodeid] = names or None
    write_fits(folder, session.config.workerinput["workerid"], fits)  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A worker whose phone is gone gives a test back; and a test that lost its phone is repeated, if so asked."""
    if not _uses_handset(item):
        return None
    folder = _spread_folder(item.config)
    if folder is not None:
        from harness.spreading import write_out

        hil = _hil_session(item.config)
        phone = hil.own_phone(_wanted(item), _device(item), item.nodeid)
        if phone is not None and not phone.is_usable():
            write_out(folder, phone.entry.name, phone.out, was_lost=phone.was_lost)
            return True  # without any report
    repeats: int = item.config.getoption("hil_retry_lost")
    if repeats <= 0:
        return None
    from harness.repeating import run_repeatedly

    hil = _hil_session(item.config)
    wanted, device = _wanted(item), _device(item)
    return run_repeatedly(item, nextitem, repeats, lambda: hil.has_phone_for(wanted, device, item.nodeid))


def _spread_folder(config: pytest.Config) -> Path | None:
    """In a worker that shares a lab with others: where they leave each other word."""
    folder = getattr(config, "workerinput", {}).get("symhil_folder")
    return Path(folder) if folder else None


# -------------------------------------------------------------------------------------- xdist, in its controller


def _spreading(config: pytest.Config) -> HandsetScheduling | None:
    """What spreads this run over the handsets of a lab; None where it does not have to be."""
    if config.getoption("hil_backend") != "lab" or config.getoption("dist", "no") not in {"load", "worksteal"}:
        return None
    if _spread not in config.stash:
        from harness.errors import HilError
        from harness.spreading import make_scheduling

        try:
            config.stash[_spread] = make_scheduling(config)
        except HilError as error:
            pytest.exit(f"{error.category.value}: {error}", returncode=error.exit_code)
    return config.stash[_spread]


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """`-n auto` is the number of handsets that can be had."""
    if config.getoption("hil_backend") != "lab":
        return None
    from harness.errors import HilError
    from harness.lab.candidates import candidates_of

    try:
        return len(candidates_of(config).devices())
    except HilError:
        return 1  # and before it starts, it is told why


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker gets its phone."""
    spreading = _spreading(node.config)
    if spreading is not None:
        spreading.give_device(node)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended."""
    spreading = node.config.stash.get(_spread, None)
    if spreading is not None:
        spreading.take_device(node)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config) -> HandsetScheduling | None:
    """One worker, one phone."""
    return _spreading(config)


# ------------------------------------------------------------------------------------------- fixtures


def _hil_session(config: pytest.Config) -> HilSession:
    from harness.hil_session import HilSession, artifacts_folder

    session = config.stash.get(_session, None)
    if session is None:
        # pytest's own folder for tmp_path; hooks have no other way to it.
        basetemp: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001
        only = getattr(config, "workerinput", {}).get("symhil_device")
        session = config.stash[_session] = HilSession(
            config, artifacts_folder(config, basetemp / "hil"), only=only
        )
    return session


@pytest.fixture
def _hil_device(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", ""))


@pytest.fixture
def _hil_test(request: pytest.FixtureRequest, _hil_device: str) -> Iterator[tuple[Handset, Path]]:
    from harness.errors import Category, ExitCode, LabError
    from harness.hil_session import AllLost, DoneBefore, NoneFits

    item: pytest.Item = request.node
    wanted = _wanted(item)
    marker = item.get_closest_marker("fault")
    faults = marker.args[0] if marker is not None else None
    try:
        session = _hil_session(request.config)
        handset, folder = session.begin_test(item.nodeid, wanted, _hil_device, faults)
    except DoneBefore as error:
        done = error.done
        for key in ("handset", "firmware", "category"):
            item.user_properties.append((f"symhil.{key}", getattr(done, key)))
        item.user_properties += [("symhil.before", done.outcome), ("symhil.row", _row(item))]
        pytest.skip(str(error))
    except NoneFits as error:
        item.user_properties.append(("symhil.nowhere", str(error)))
        pytest.skip(str(error))
    except AllLost as error:
        item.user_properties += [
            ("symhil.nowhere", str(error)),
            ("symhil.category", Category.HANDSET_LOST.value),
            ("symhil.exit_code", ExitCode.HANDSET_LOST),
        ]
        pytest.skip(str(error))
    except LabError as error:
        if faults is None and not hasattr(request.config, "workerinput"):
            # One sentence about the lab instead of the same error from every test.
            pytest.exit(f"{error.category.value}: {error}", returncode=error.exit_code)
        raise
    try:
        missing = wanted.missing_features(handset.info.features)
        if missing:
            pytest.skip(f"{handset.name} cannot do what this test needs: {', '.join(missing)}")
        yield handset, folder
    finally:
        session.end_test(folder)


@pytest.fixture
def handset(_hil_test: tuple[Handset, Path]) -> Handset:
    """A handset in Normal; an emulated one is as new. Whatever a test leaves is brought back to normal.

    A test that would write to a phone without `allow_restore: true` is skipped where it first tries to.
    """
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


# ----------------------------------------------------------------------------------------- permission


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
    if not _uses_handset(item):
        return (yield)
    from harness.errors import WriteRefused

    try:
        return (yield)
    except WriteRefused as error:
        pytest.skip(str(error))


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
        note("row", _row(item))
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


def _row(item: pytest.Item) -> str:
    """A test's name without the handset that --hil-all has put into it."""
    device = _device(item)
    return item.nodeid.replace(f"[{device}]", "").replace(f"-{device}]", "]") if device else item.nodeid


class _Verdicts:
    """Collects what the tests at handsets found; with workers, in the process that started them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._is_worker = hasattr(config, "workerinput")
        self._results: Results | None = None
        self._page = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        spreading = self._config.stash.get(_spread, None)
        if spreading is not None:
            spreading.reported.add(report.nodeid)
        if not any(str(key).startswith("symhil.") for key, _ in report.user_properties):
            return
        if self._results is None:
            from harness.results import Results

            self._results = Results()
        self._results.add(report)
        if report.when == "teardown" and not self._is_worker:
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
        hil = self._config.stash.get(_session, None)
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
            spreading = self._config.stash.get(_spread, None)
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
