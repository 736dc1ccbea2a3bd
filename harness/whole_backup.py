"""A whole backup or restore, as a person wants it: every owner that was chosen, all its data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.archive import BackupSet
from harness.backup import READY, BackupRun, RestoreRun
from harness.errors import EngineError, NotReadyInTime, UnexpectedState
from harness.handset import Handset
from harness.identity import hashed_imei
from wire.formats.serialised import DataOwnerInfo
from wire.symbian import (
    ActiveSettings,
    CommonSettings,
    Drive,
    PassiveSettings,
    SecureId,
    TDataOwnerStatus,
    TTransferDataType,
)

Show = Callable[[str, int, Iterable[bytes]], Iterator[bytes]]

ACTIVE_BASE = TTransferDataType.EActiveBaseData
ACTIVE_SNAPSHOT = TTransferDataType.EActiveSnapshotData
ACTIVE_INCREMENT = TTransferDataType.EActiveIncrementalData
PASSIVE_BASE = TTransferDataType.EPassiveBaseData
PASSIVE_SNAPSHOT = TTransferDataType.EPassiveSnapshotData
PASSIVE_INCREMENT = TTransferDataType.EPassiveIncrementalData


class Outcome(NamedTuple):
    """What became of one owner's data of a kind on a drive."""

    sid: SecureId
    drive: Drive
    data_type: TTransferDataType
    size: int
    error: str

    @property
    def failed(self) -> bool:
        """It did not work, and `error` says why."""
        return bool(self.error)


class Kinds(NamedTuple):
    """The three kinds of data of one half of an owner."""

    base: TTransferDataType
    snapshot: TTransferDataType
    increment: TTransferDataType


ACTIVE = Kinds(ACTIVE_BASE, ACTIVE_SNAPSHOT, ACTIVE_INCREMENT)
PASSIVE = Kinds(PASSIVE_BASE, PASSIVE_SNAPSHOT, PASSIVE_INCREMENT)


def halves(info: DataOwnerInfo) -> list[tuple[Kinds, bool]]:
    """Which kinds of data an owner has, each with whether there are increments."""
    found = []
    if info.common & CommonSettings.ACTIVE:
        found.append((ACTIVE, bool(info.active & ActiveSettings.INCREMENTAL)))
    if info.common & CommonSettings.PASSIVE:
        found.append((PASSIVE, bool(info.passive & PassiveSettings.INCREMENTAL)))
    return found


def about(handset: Handset, *, incremental: bool) -> dict[str, object]:
    """What a backup set says of where it comes from. No IMEI: it identifies a person's phone."""
    info = handset.info
    return {
        "handset": handset.name,
        "model": info.model,
        "firmware": info.firmware,
        "agent": info.agent,
        "imei_hash": hashed_imei(info.imei),
        "incremental": incremental,
    }


def back_up(
    handset: Handset,
    folder: Path,
    *,
    sids: Sequence[SecureId] = (),
    incremental: bool = False,
    drives: Iterable[Drive] | None = None,
    show: Show = lambda label, expected, pieces: iter(pieces),
) -> list[Outcome]:
    """Back owners up into a set: a new one, or with `incremental` the next increments into one that is there.

    Args:
        handset: the phone.
        folder: the backup set.
        sids: the owners; all that take part when empty.
        incremental: add increments.
        drives: all but the ROM when None.
        show: passes the pieces of each transfer on and may show how far it is.
    """
    handset.require_normal()
    known = {info.sid: info for info in handset.engine.list_data_owners() if info.sid is not None}
    _require_known(sids, known)
    # The owner slots belong to tests; without a test behind them they have nothing to give.
    slots = handset.info.owner_slots
    chosen = list(sids) or [sid for sid, info in known.items() if halves(info) and sid not in slots]
    if incremental:
        backup_set = BackupSet.open(folder)
        backup_set.verify()
    else:
        backup_set = BackupSet.create(folder, **about(handset, incremental=False))
    outcomes: list[Outcome] = []
    with handset.backup(partial=chosen, incremental=incremental, drives=drives, backup_set=backup_set) as run:
        not_ready = _wait(run, [sid for sid in chosen if run.owners[sid].common & CommonSettings.ACTIVE])
        work = _work(run, chosen)
        if incremental:
            for sid, drive, kinds, has_increments in work:
                if has_increments and backup_set.has(sid, drive, kinds.snapshot):
                    key = backup_set.newest(sid, drive, kinds.snapshot)
                    run.supply_snapshot(sid, drive, backup_set.sections(key), kinds.snapshot)
            run.all_snapshots_supplied()
        for sid, drive, kinds, has_increments in work:
            with_snapshot = has_increments and backup_set.has(sid, drive, kinds.snapshot)
            data_type = kinds.increment if incremental and with_snapshot else kinds.base
            if kinds is ACTIVE and sid in not_ready:
                outcomes.append(Outcome(sid, drive, data_type, 0, not_ready[sid].name))
                continue
            outcomes.append(_store(run, sid, drive, data_type, show))
            if has_increments and not outcomes[-1].failed:
                outcomes.append(_store(run, sid, drive, kinds.snapshot, show))
    return outcomes


def restore(
    handset: Handset,
    folder: Path,
    *,
    sids: Sequence[SecureId] = (),
    show: Show = lambda label, expected, pieces: iter(pieces),
) -> list[Outcome]:
    """Restore owners from a set, which is checked first: snapshots, base data, increments in their order."""
    backup_set = BackupSet.open(folder)
    backup_set.verify()
    held = list(dict.fromkeys(key.sid for key in backup_set.streams))
    _require_known(sids, held)
    chosen = list(sids) or held
    drives = {key.drive for key in backup_set.streams}
    outcomes: list[Outcome] = []
    with handset.restore(partial=chosen, drives=drives) as run:
        run.all_system_files_restored()
        _wait(run, [sid for sid in chosen if _is_active(backup_set, sid)])
        for sid in chosen:
            for drive in sorted(drives):
                for kinds in (ACTIVE, PASSIVE):
                    outcomes += _supply_all(run, backup_set, sid, drive, kinds, show)
    return outcomes


def _require_known(sids: Sequence[SecureId], known: Iterable[SecureId | None]) -> None:
    there = {sid for sid in known if sid is not None}
    missing = [sid for sid in sids if sid not in there]
    if missing:
        raise UnexpectedState(
            f"no data owner {', '.join(map(str, missing))}; there are {', '.join(map(str, sorted(there)))}",
            hint="an owner is there when its registration file is in its private folder",
        )


def _is_active(backup_set: BackupSet, sid: SecureId) -> bool:
    return any(key.sid == sid and key.data_type in ACTIVE for key in backup_set.streams)


def _work(run: BackupRun, chosen: Sequence[SecureId]) -> list[tuple[SecureId, Drive, Kinds, bool]]:
    """Every owner's halves on each of its drives that the run has."""
    return [
        (sid, drive, kinds, has_increments)
        for sid in chosen
        for drive in sorted(run.owners[sid].drives & run.drives)
        for kinds, has_increments in halves(run.owners[sid])
    ]


def _wait(run: BackupRun | RestoreRun, sids: Sequence[SecureId]) -> dict[SecureId, TDataOwnerStatus]:
    """Give owners a while to become ready; gives those that did not, with the state they are in."""
    if not sids:
        return {}
    try:
        run.wait_ready(*sids, timeout_s=READY_WAIT_S)
    except NotReadyInTime as error:
        run.handset.journal.add("note", str(error))
    return {sid: state for sid, state in run.engine.status(sids).items() if state not in READY}


READY_WAIT_S = 5.0


def _store(run: BackupRun, sid: SecureId, drive: Drive, data_type: TTransferDataType, show: Show) -> Outcome:
    assert run.backup_set is not None
    try:
        expected = run.expected_size(sid, drive, data_type)
        label = f"{sid} {drive} {data_type.name}"
        pieces = show(label, expected, run.sections(sid, drive, data_type))
        key = run.backup_set.add(sid, drive, data_type, pieces)
    except EngineError as error:
        return Outcome(sid, drive, data_type, 0, f"{error.code} {error.name}")
    return Outcome(sid, drive, data_type, run.backup_set.streams[key].size, "")


def _supply_all(
    run: RestoreRun, backup_set: BackupSet, sid: SecureId, drive: Drive, kinds: Kinds, show: Show
) -> list[Outcome]:
    outcomes = []
    for data_type in (kinds.snapshot, kinds.base, kinds.increment):
        for key in backup_set.increments(sid, drive, data_type):
            entry = backup_set.streams[key]
            label = f"{sid} {drive} {data_type.name}"
            try:
                run.supply(sid, drive, data_type, show(label, entry.size, backup_set.sections(key)))
            except EngineError as error:
                outcomes.append(Outcome(sid, drive, data_type, 0, f"{error.code} {error.name}"))
                return outcomes
            outcomes.append(Outcome(sid, drive, data_type, entry.size, ""))
    return outcomes
