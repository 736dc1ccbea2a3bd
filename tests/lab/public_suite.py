"""The steps of the engine's public test suite, done from the host in the same order.

"Test plan n" is section n of the description of that suite; see docs/architecture.md. A step does what the
original does; `StepResult` tells what it saw, so that a case can assert what the original does not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from harness.archive import BackupSet
from harness.backup import BackupRun, RestoreRun
from harness.errors import EngineError
from harness.handset import Handset
from wire.formats.serialised import DataOwnerInfo
from wire.symbian import (
    ActiveSettings,
    CommonSettings,
    Drive,
    SecureId,
    TDataOwnerStatus,
    TTransferDataType,
)

C = Drive.parse("C")
NO_STATUS = 1
READY_TRIES = 3

CLIENT_1 = SecureId(0x0AB7E57C)  # incremental, activeandproxy
PROXIED = SecureId(0x0AB7E57D)  # its data is with Central Repository
CLIENT_2 = SecureId(0x0AB7E57E)  # base only
CLIENT_3 = SecureId(0x0AB7E58A)  # base only, names itself as proxy
CLIENT_4 = SecureId(0x0AB7E58B)  # executable missing

BASE = TTransferDataType.EActiveBaseData
INCREMENT = TTransferDataType.EActiveIncrementalData
SNAPSHOT = TTransferDataType.EActiveSnapshotData
_DROPPED_SILENTLY = frozenset(
    {
        TDataOwnerStatus.EDataOwnerReadyNoImpl,
        TDataOwnerStatus.EDataOwnerFailed,
        TDataOwnerStatus.EDataOwnerNotFound,
    }
)


@dataclasses.dataclass
class StepResult:
    """What a step saw. The original fails when `failures` is not empty (Test plan 4.9)."""

    failures: list[str] = dataclasses.field(default_factory=list)
    tolerated: list[int] = dataclasses.field(default_factory=list)
    states: dict[SecureId, TDataOwnerStatus] = dataclasses.field(default_factory=dict)
    sizes: dict[tuple[SecureId, TTransferDataType], int] = dataclasses.field(default_factory=dict)
    transferred: list[tuple[SecureId, TTransferDataType]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Section:
    """A section of the suite's configuration (Test plan 3)."""

    ids: tuple[SecureId, ...]
    incremental: bool = False
    expect: tuple[int, ...] = ()


class Suite:
    """TestBackup and TestRestore, in their synchronous and asynchronous forms (Test plan 5)."""

    def __init__(self, handset: Handset, archive: BackupSet, *, asynchronous: bool = False) -> None:
        self.handset = handset
        self.archive = archive
        self.asynchronous = asynchronous

    # ----------------------------------------------------------------------------------------- TestBackup

    def backup(self, section: Section) -> StepResult:
        """Test plan 5.1: for active data of a partial run."""
        result = StepResult()
        with self.handset.backup(
            partial=section.ids,
            incremental=section.incremental,
            drives=[C],
            backup_set=self.archive,
            asynchronous=self.asynchronous,
        ) as run:
            owners = _selected(run.owners, section.ids)
            if section.incremental:
                self._for_ready(run, section, result, _with_snapshot(owners), self._supply_old_snapshot)
                run.all_snapshots_supplied()
                wanted = [(sid, self._incremental_type(info)) for sid, info in owners.items()]
            else:
                wanted = [(sid, BASE) for sid in owners]
            self._for_ready(run, section, result, wanted, self._request)
            self._for_ready(run, section, result, _with_snapshot(owners), self._request)
        return result

    def _incremental_type(self, info: DataOwnerInfo) -> TTransferDataType:
        """Test plan 4.4: base for who has no increments, and where the archive holds no base yet."""
        assert info.sid is not None
        has_base = self.archive.has(info.sid, C, BASE)
        return INCREMENT if info.active & ActiveSettings.INCREMENTAL and has_base else BASE

    def _supply_old_snapshot(self, run: BackupRun, sid: SecureId, data_type: TTransferDataType) -> None:
        if self.archive.has(sid, C, data_type):
            run.supply_snapshot(sid, C, self.archive.sections(self.archive.newest(sid, C, data_type)))

    def _request(self, run: BackupRun, sid: SecureId, data_type: TTransferDataType) -> int:
        """Test plan 4.7."""
        size = run.expected_size(sid, C, data_type)
        run.store(sid, C, data_type)
        return size

    # ---------------------------------------------------------------------------------------- TestRestore

    def restore(self, section: Section) -> StepResult:
        """Test plan 5.3: for active data of a partial run."""
        result = StepResult()
        with self.handset.restore(
            partial=section.ids,
            incremental=section.incremental,
            drives=[C],
            asynchronous=self.asynchronous,
        ) as run:
            run.all_system_files_restored()
            owners = _selected(run.owners, section.ids)
            self._for_ready(run, section, result, _with_snapshot(owners), self._supply)
            self._for_ready(run, section, result, [(sid, BASE) for sid in owners], self._supply)
            if section.incremental:
                increments = [(sid, INCREMENT) for sid, _ in _with_snapshot(owners)]
                self._for_ready(run, section, result, increments, self._supply)
        return result

    def _supply(self, run: RestoreRun, sid: SecureId, data_type: TTransferDataType) -> None:
        """Test plan 4.8: what is not in the archive is not supplied, and that is no failure."""
        for key in self.archive.increments(sid, C, data_type):
            run.supply(sid, C, data_type, self.archive.sections(key))

    # --------------------------------------------------------------------------------------------- common

    def _for_ready(
        self,
        run: BackupRun | RestoreRun,
        section: Section,
        result: StepResult,
        wanted: Sequence[tuple[SecureId, TTransferDataType]],
        act: Callable[..., int | None],
    ) -> None:
        """Test plan 4.6: act for owners as they become ready, look three times for those that are not."""
        pending = list(wanted)
        tries = 0
        while pending and tries < READY_TRIES:
            states = run.engine.status([sid for sid, _ in pending])
            result.states.update(states)
            ready = [item for item in pending if states[item[0]] == TDataOwnerStatus.EDataOwnerReady]
            pending = [
                item
                for item in pending
                if item not in ready
                and states[item[0]] not in _DROPPED_SILENTLY
                and int(states[item[0]]) not in section.expect
            ]
            for sid, data_type in ready:
                self._act(run, section, result, sid, data_type, act)
            if not ready and pending:
                tries += 1
                run.handset.connection.wait_until(lambda: False, 0.1)
        result.failures += [f"{sid} never became ready for {kind.name}" for sid, kind in pending]

    def _act(
        self,
        run: BackupRun | RestoreRun,
        section: Section,
        result: StepResult,
        sid: SecureId,
        data_type: TTransferDataType,
        act: Callable[..., int | None],
    ) -> None:
        try:
            size = act(run, sid, data_type)
        except EngineError as error:
            if error.code in section.expect:
                result.tolerated.append(error.code)
            else:
                result.failures.append(f"{sid} {data_type.name}: {error}")
            return
        result.transferred.append((sid, data_type))
        if size is not None:
            result.sizes[sid, data_type] = size


def _selected(owners: dict[SecureId, DataOwnerInfo], ids: tuple[SecureId, ...]) -> dict[SecureId, DataOwnerInfo]:
    """Test plan 4.2 and 4.4: the owners that were named and take part actively."""
    return {sid: info for sid, info in owners.items() if sid in ids and info.common & CommonSettings.ACTIVE}


def _with_snapshot(owners: dict[SecureId, DataOwnerInfo]) -> list[tuple[SecureId, TTransferDataType]]:
    return [(sid, SNAPSHOT) for sid, info in owners.items() if info.active & ActiveSettings.INCREMENTAL]
