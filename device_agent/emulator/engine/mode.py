"""Changing mode: what SetBURModeL does, step by step (BE 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_agent.emulator.engine.import_packages import read_import_packages
from device_agent.emulator.engine.owner_list import (
    build_drive_states,
    build_owner_list,
    parse_owner,
    start_process_if_necessary,
)
from device_agent.emulator.properties import Caller
from wire.symbian import (
    BACKUP_RESTORE_KEY,
    ENGINE_SID,
    SOFTWARE_INSTALL_KEY,
    SYSTEM_CATEGORY,
    BurMode,
    Drive,
    TBURPartType,
)
from wire.symbian_errors import KErrCorrupt, KErrInUse, KErrNotFound, Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine

FOUR_BUR_PARTS = frozenset(
    {
        TBURPartType.EBURBackupFull,
        TBURPartType.EBURBackupPartial,
        TBURPartType.EBURRestoreFull,
        TBURPartType.EBURRestorePartial,
    }
)


def set_bur_mode(engine: BackupEngine, drives: frozenset[Drive], mode: BurMode) -> None:
    """The transition guard, then entering or leaving (BE 5.1)."""
    current = engine.mode
    engine.log(
        f"CDataOwnerManager::SetBURModeL() - Request new BURType (0x{mode.part:08x}), "
        f"IncType (0x{mode.increment:08x})"
    )
    engine.log(
        f"CDataOwnerManager::SetBURModeL() - Previous BURType (0x{current.part:08x}), "
        f"IncType (0x{current.increment:08x})"
    )
    if mode.is_normal:
        first_normal = current.part == TBURPartType.EBURUnset and mode.part == TBURPartType.EBURNormal
        if current.is_normal and not first_normal:
            return  # nothing at all happens, not even a write of the property
        leave_bur_mode(engine, drives, mode)
    elif current.is_normal:
        enter_bur_mode(engine, drives, mode)
    else:
        raise Leave(KErrCorrupt)  # also for the same mode again (Q7)


def enter_bur_mode(engine: BackupEngine, drives: frozenset[Drive], mode: BurMode) -> None:
    """Normal or Unset to anything else; undefined part numbers are not rejected (BE 5.2, Q8)."""
    _check_no_installation(engine)
    engine.log("CDataOwnerManager::SetBURModeL() - Calling CloseAll()")
    engine.close_all_applications()
    engine.log("CDataOwnerManager::SetBURModeL() - CloseAll() returned")
    if mode.part == TBURPartType.EBURBackupPartial:
        mark_partial_owners(engine)
    if mode.is_backup:
        # Every known owner, also those that the partial list does not name (Q9).
        for sid in sorted(engine.owners):
            start_process_if_necessary(engine, engine.owners[sid])
    _publish(engine, mode)
    if engine.config.app_close_delay_us > 0 and mode.part in FOUR_BUR_PARTS:
        engine.scheduler.sleep(engine.config.app_close_delay_us / 1e6)
    engine.mode, engine.mode_drives = mode, drives


def leave_bur_mode(engine: BackupEngine, drives: frozenset[Drive], mode: BurMode) -> None:
    """To Normal or Unset. RestoreComplete comes before the property changes (BE 5.3)."""
    engine.log(f"CDataOwnerManager::SetBURModeL() - Going Normal/Unset/NoBackup ({mode.part})")
    if engine.mode.is_restore:
        engine.log("CDataOwnerManager::SetBURModeL() - Calling RestoreCompleteL on all active data owners")
        restore_complete(engine)
    engine.owners = {}
    engine.packages = {}
    engine.import_packages = []
    engine.log("CDataOwnerManager::SetBURModeL() - Restart All Non-System Applications")
    _publish(engine, mode)
    engine.mode, engine.mode_drives = mode, drives
    engine.sessions.invalidate_all()
    engine.log(f"Invalidate all ABSessions after set Setting P&S flag to 0x{mode.property_value:08x}")


def restore_complete(engine: BackupEngine) -> None:
    """RestoreComplete for every owner, ascending, on each of its drives, ascending (BE 5.3 step 1).

    An error ends that owner's loop and is swallowed. Drives for which nothing was restored get it too.
    """
    # The list as it is now: while a callback is answered, a host may bring an engine back that ends of itself.
    for sid, owner in sorted(engine.owners.items()):
        if not owner.active_supported:
            continue
        try:
            for drive in sorted(owner.drives):
                session = engine.sessions.find(sid)
                if session is None:
                    raise Leave(KErrNotFound)
                session.restore_complete(drive)
        except Leave:
            continue


def mark_partial_owners(engine: BackupEngine) -> None:
    """Mark the owners of the partial list, walked from its end; -1 at the first that is not known.

    Those marked until then stay marked.
    """
    for sid in reversed(engine.partial_list or ()):
        owner = engine.owners.get(sid)
        if owner is None:
            raise Leave(KErrNotFound)
        owner.affected = True


def all_system_files_restored(engine: BackupEngine) -> None:
    """In a restore mode: list, parse and start the owners anew, whatever they had received (BE 5.4, Q11)."""
    if not engine.mode.is_restore:
        return
    engine.log("CDataOwnerManager::AllSystemFilesRestored() - called, parse reg files & start active DO's")
    engine.owners = build_owner_list(engine)
    for owner in engine.owners.values():
        parse_owner(engine, owner)
    if engine.mode.is_partial:
        try:
            mark_partial_owners(engine)
        except Leave:
            pass  # an unknown SID ends the marking; in a restore the marks have no visible effect
    for sid in sorted(engine.owners):
        owner = engine.owners[sid]
        start_process_if_necessary(engine, owner)
        build_drive_states(owner)
    read_import_packages(engine)


def _check_no_installation(engine: BackupEngine) -> None:
    """-14 while software is being installed; an undefined key is fine (BE 5.2 step 1)."""
    try:
        installing = engine.properties.get(SYSTEM_CATEGORY, SOFTWARE_INSTALL_KEY)
    except Leave as leave:
        if leave.code == KErrNotFound:
            return
        raise
    if installing:
        raise Leave(KErrInUse)


def _publish(engine: BackupEngine, mode: BurMode) -> None:
    """Set the property, increment type included even where it means nothing (Q2)."""
    engine.log(
        f"CDataOwnerManager::SetBURModeL() - Setting P&S flag to BURType (0x{mode.part:08x}), "
        f"IncType (0x{mode.increment:08x}), err: "
    )
    engine.properties.set(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, mode.property_value, Caller(ENGINE_SID))
