"""How a transfer is cut into callbacks of at most 4096 bytes (BE 13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from device_agent.emulator.engine.session import OwnerSession
from wire.symbian import IPC_BLOCK_SIZE, Drive, SecureId, TTransferDataType

EMPTY_SECTION_S: Final = 0.001
"""What a callback that gives nothing costs at least, so that something else can end the loop (Q33)."""


def request_from_owner(
    session: OwnerSession,
    drive: Drive,
    data_type: TTransferDataType,
    space: int,
    take: Callable[[bytes], object],
    *,
    initialise: bool,
    proxied: SecureId | None = None,
) -> bool:
    """Ask an owner for up to `space` bytes (BE 13.1), which `take` gets; whether the owner said it was the last.

    Initialise comes once per stream and never for snapshots. An owner that gives nothing and is not finished
    is asked again for ever (Q33).
    """
    received = 0
    finished = False
    while True:
        offer = min(IPC_BLOCK_SIZE, space - received)
        if data_type == TTransferDataType.EActiveSnapshotData:
            piece, finished = session.get_snapshot_data(offer, drive)
        else:
            if initialise:
                initialise = False
                if proxied is None:
                    session.initialise_get_backup_data(drive)
                else:
                    session.initialise_get_proxy_backup_data(proxied, drive)
            piece, finished = session.get_backup_data_section(offer)
        if not piece and not finished:
            session.engine.scheduler.pass_time(EMPTY_SECTION_S)
        received += len(piece)
        take(piece)
        session.engine.log(
            f"CABSession::RequestDataL() - {session.tag} Requesting data from ABClient {received} bytes so far)"
        )
        if finished or received >= space:
            return finished


def supply_to_owner(
    session: OwnerSession,
    drive: Drive,
    data_type: TTransferDataType,
    block: bytes,
    *,
    last: bool,
    initialise: bool,
    proxied: SecureId | None = None,
) -> None:
    """Hand one decompressed block to an owner (BE 13.2). An empty block makes no callback at all.

    The increments of a proxied owner are announced by callback 8, not by 12 as its base data is (Q35).
    """
    for start in range(0, len(block), IPC_BLOCK_SIZE):
        piece = block[start : start + IPC_BLOCK_SIZE]
        is_last = last and start + len(piece) == len(block)
        session.engine.log(
            f"CABSession::SupplyDataL() - {session.tag} Supplying data to ABClient, "
            f"{start + len(piece)} bytes transferred"
        )
        match data_type:
            case TTransferDataType.EActiveSnapshotData:
                session.receive_snapshot_data(drive, piece, last=is_last)
            case TTransferDataType.EActiveBaseData:
                if initialise:
                    if proxied is None:
                        session.initialise_restore_base_data(drive)
                    else:
                        session.initialise_restore_proxy_base_data(proxied, drive)
                session.restore_base_data_section(piece, last=is_last)
            case _:
                if initialise:
                    session.initialise_restore_increment_data(drive)
                session.restore_increment_data_section(piece, last=is_last)
        initialise = False
