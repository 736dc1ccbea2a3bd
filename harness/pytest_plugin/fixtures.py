"""The fixtures. None is automatic; all of them stand on `_hil_test`, which holds the handset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harness.backup import BackupRun, RestoreRun
    from harness.data_owner import DataOwner, Slot
    from harness.handset import Handset
    from harness.log.collect import SecureBackupLog
    from wire.symbian import SecureId


@pytest.fixture
def _hil_device(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", ""))


@pytest.fixture
def _hil_test(request: pytest.FixtureRequest, _hil_device: str) -> Iterator[tuple[Handset, Path]]:
    from harness.errors import Category, ExitCode, LabError
    from harness.hil_session import AllLost, DoneBefore, NoneFits
    from harness.pytest_plugin.choosing import row_of, wanted_by
    from harness.pytest_plugin.session import hil_session

    item: pytest.Item = request.node
    wanted = wanted_by(item)
    marker = item.get_closest_marker("fault")
    faults = marker.args[0] if marker is not None else None
    try:
        session = hil_session(request.config)
        handset, folder = session.begin_test(item.nodeid, wanted, _hil_device, faults)
    except DoneBefore as error:
        done = error.done
        for key in ("handset", "firmware", "category"):
            item.user_properties.append((f"symhil.{key}", getattr(done, key)))
        item.user_properties += [("symhil.before", done.outcome), ("symhil.row", row_of(item))]
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
