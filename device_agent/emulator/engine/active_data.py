"""Active data: snapshots, base data and increments of owner processes, and of their proxies (BE 11.3, 11.4, 14).

    proxyCount:u32  { finished:u32  length:i32  proxySid:u32  data[length] }*  ownerData

is what an active base or incremental stream holds. The count comes once, at the beginning of a stream.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from device_agent.emulator.engine.session import OwnerSession
from device_agent.emulator.engine.splitting import request_from_owner, supply_to_owner
from wire.symbian import ActiveSettings, Drive, SecureId, TDataOwnerStatus, TTransferDataType
from wire.symbian_errors import KErrCorrupt, KErrNotFound, KErrNotReady, Leave

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine
    from device_agent.emulator.engine.owner_list import DataOwner, DriveState
    from device_agent.emulator.engine.transfer import OutgoingSection

_COUNT: Final = struct.Struct("<I")
_RECORD: Final = struct.Struct("<IiI")

BASE: Final = TTransferDataType.EActiveBaseData
INCREMENT: Final = TTransferDataType.EActiveIncrementalData
SNAPSHOT: Final = TTransferDataType.EActiveSnapshotData


class ProxyRequests:
    """Backup: how far a stream has come with its proxies (BE 14)."""

    def __init__(self) -> None:
        self.index = 0
        self.initialise = True


class ProxySupplies:
    """Restore: how far a stream has come with its proxies (BE 14).

    Blocks of the container end anywhere, so a record's header or data may continue in the next one.
    """

    def __init__(self) -> None:
        self.index = 0
        self.initialise = True
        self.header = b""
        self.left: int | None = None
        self.record_finished = False


def supports_incremental(owner: DataOwner) -> bool:
    """Snapshots and increments are for owners that say so; proxies alone never do (Q14)."""
    return bool(owner.registration.active_settings & ActiveSettings.INCREMENTAL)


def session_of(engine: BackupEngine, sid: SecureId) -> OwnerSession:
    """The oldest session of a SID, valid or not (Q29, Q30); -1 when there is none."""
    session = engine.sessions.find(sid)
    if session is None:
        raise Leave(KErrNotFound)
    return session


# ------------------------------------------------------------------------------------------ snapshots, BE 11.3


def request_snapshot(
    engine: BackupEngine, owner: DataOwner, drive: Drive, out: OutgoingSection, space: int
) -> bool:
    """Ask for an owner's snapshot; whether that was all of it.

    It wants a stored status of exactly Ready: ReadyNoImpl is not enough.
    """
    state = owner.state_on(drive)
    if not owner.active_supported or not supports_incremental(owner):
        raise Leave(KErrCorrupt)
    if owner.stored_status != TDataOwnerStatus.EDataOwnerReady:
        raise Leave(KErrNotReady)
    if state.snapshot_requested:
        raise Leave(KErrCorrupt)
    session = session_of(engine, owner.sid)
    finished = request_from_owner(session, drive, SNAPSHOT, space, out.add, initialise=False)
    if finished:
        state.snapshot_requested = True
    return finished


def supply_snapshot(engine: BackupEngine, owner: DataOwner, drive: Drive, block: bytes, *, last: bool) -> None:
    """Hand an owner the snapshot of an earlier backup, before its data in either direction."""
    state = owner.state_on(drive)
    if not owner.active_supported or not supports_incremental(owner):
        raise Leave(KErrCorrupt)
    if engine.mode.is_backup and state.base_requested:
        raise Leave(KErrCorrupt)
    if engine.mode.is_restore and state.base_received:
        raise Leave(KErrCorrupt)
    session = session_of(engine, owner.sid)
    supply_to_owner(session, drive, SNAPSHOT, block, last=last, initialise=False)
    if last:
        state.snapshot_received = True


# ------------------------------------------------------------------------------- base and increment, BE 11.4


def request_data(
    engine: BackupEngine,
    owner: DataOwner,
    drive: Drive,
    data_type: TTransferDataType,
    out: OutgoingSection,
    space: int,
) -> bool:
    """Ask for base data or an increment; whether that was all of it.

    Readiness is not looked at, only that a primed session exists (Q23). An error leaves first_active_transaction
    cleared, so a repeated request yields a stream without the proxy count (Q24).
    """
    state = owner.state_on(drive)
    if state.first_active_transaction:
        if not owner.active_supported:
            raise Leave(KErrCorrupt)
        state.first_active_transaction = False
        state.proxy_requests = ProxyRequests()
        out.add(_COUNT.pack(len(owner.registration.proxies)))
    proxies_finished = _request_from_proxies(engine, owner, drive, data_type, state, out, space)
    if not owner.is_active:
        return proxies_finished
    if out.size >= space:
        return False
    # Also when a proxy could not be started for want of room for its header: the owner's own data then goes
    # into those few bytes first (Q34).
    _check_request_order(state, data_type)
    session = session_of(engine, owner.sid)
    finished = request_from_owner(
        session, drive, data_type, space - out.size, out.add, initialise=not state.in_progress
    )
    _mark_requested(state, data_type, finished=finished)
    return finished and proxies_finished


def _check_request_order(state: DriveState, data_type: TTransferDataType) -> None:
    """BE 11.4 request step 3: -20 for base after a snapshot, increment without one, or anything twice."""
    if data_type == BASE and state.snapshot_received:
        raise Leave(KErrCorrupt)
    if data_type == INCREMENT and not state.snapshot_received:
        raise Leave(KErrCorrupt)
    if state.base_requested or state.increment_requested:
        raise Leave(KErrCorrupt)


def _mark_requested(state: DriveState, data_type: TTransferDataType, *, finished: bool) -> None:
    """BE 11.4 request step 4."""
    state.in_progress = not finished
    if finished:
        state.first_active_transaction = True
        if data_type == BASE:
            state.base_requested = True
        else:
            state.increment_requested = True


def _request_from_proxies(
    engine: BackupEngine,
    owner: DataOwner,
    drive: Drive,
    data_type: TTransferDataType,
    state: DriveState,
    out: OutgoingSection,
    space: int,
) -> bool:
    """Append the records of proxies that still have data (BE 14); whether all have finished.

    Each is asked in its own session with callback 11, for increments too. One that fills the room goes on in
    the next transfer with a new header; one is only begun when more than 12 bytes are left.
    """
    progress = state.proxy_requests
    proxies = owner.registration.proxies
    while progress.index < len(proxies):
        room = space - out.size - _RECORD.size
        if room <= 0:
            return False
        sid = proxies[progress.index]
        data = bytearray()
        finished = request_from_owner(
            session_of(engine, sid),
            drive,
            data_type,
            room,
            data.extend,
            initialise=progress.initialise,
            proxied=owner.sid,
        )
        out.add(_RECORD.pack(int(finished), len(data), sid) + data)
        progress.initialise = finished
        if not finished:
            return False
        progress.index += 1
    return True


def supply_data(
    engine: BackupEngine,
    owner: DataOwner,
    drive: Drive,
    data_type: TTransferDataType,
    block: bytes,
    *,
    last: bool,
) -> None:
    """Hand base data or an increment to an owner and its proxies.

    Nothing checks that an increment follows base data. Where nothing remains for the owner itself there is no
    callback, and first_active_transaction stays cleared (Q25).
    """
    state = owner.state_on(drive)
    if state.first_active_transaction:
        block = _read_proxy_count(owner, state, block)
    block = _supply_to_proxies(engine, owner, drive, data_type, state, block)
    if not owner.is_active or not block:
        return
    if data_type == BASE and state.base_received:
        raise Leave(KErrCorrupt)
    session = session_of(engine, owner.sid)
    supply_to_owner(session, drive, data_type, block, last=last, initialise=not state.in_progress)
    state.in_progress = not last
    if last:
        state.first_active_transaction = True
        if data_type == BASE:
            state.base_received = True
        else:
            state.increment_received = True


def _read_proxy_count(owner: DataOwner, state: DriveState, block: bytes) -> bytes:
    """BE 11.4 supply step 2: the count must be what is registered on this phone now."""
    if len(block) < _COUNT.size:
        raise Leave(KErrCorrupt)
    (count,) = _COUNT.unpack_from(block)
    state.first_active_transaction = False
    state.proxy_supplies = ProxySupplies()
    if count != len(owner.registration.proxies) or not owner.active_supported:
        raise Leave(KErrCorrupt)
    return block[_COUNT.size :]


def _supply_to_proxies(
    engine: BackupEngine,
    owner: DataOwner,
    drive: Drive,
    data_type: TTransferDataType,
    state: DriveState,
    block: bytes,
) -> bytes:
    """Hand the proxies their records (BE 14); gives what is left for the owner.

    The last flag is true when the record says finished and all its bytes have been handed over. A record of
    length 0 causes no callback.
    """
    progress = state.proxy_supplies
    proxies = owner.registration.proxies
    while progress.index < len(proxies) and block:
        if progress.left is None:
            wanted = _RECORD.size - len(progress.header)
            progress.header += block[:wanted]
            block = block[wanted:]
            if len(progress.header) < _RECORD.size:
                return b""
            finished, length, sid = _RECORD.unpack(progress.header)
            if sid != proxies[progress.index] or length < 0:
                raise Leave(KErrCorrupt)
            progress.header = b""
            progress.left = length
            progress.record_finished = bool(finished)
        piece = block[: progress.left]
        block = block[len(piece) :]
        progress.left -= len(piece)
        if piece:
            supply_to_owner(
                session_of(engine, proxies[progress.index]),
                drive,
                data_type,
                piece,
                last=progress.record_finished and progress.left == 0,
                initialise=progress.initialise,
                proxied=owner.sid,
            )
            progress.initialise = False
        if progress.left == 0:
            progress.left = None
            if progress.record_finished:
                progress.index += 1
                progress.initialise = True
    return block
