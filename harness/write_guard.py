"""Nothing that writes goes to a phone whose entry does not allow it: the last gate before the wire.

What may pass is listed; everything else is refused, so that an operation which is added later has to be judged
before it reaches somebody's phone. A test that meets the refusal is skipped with its words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from harness.errors import WriteRefused
from wire.errors import FormatError
from wire.formats.serialised import SidTransfer, read_generic
from wire.protocol.messages import emulator, engine, files, owners, phone
from wire.protocol.messages.method import Method
from wire.symbian import TBURPartType, TTransferDataType

Guard = Callable[[Method[Any, Any], Any], None]

HARMLESS: Final[frozenset[Method[Any, Any]]] = frozenset(
    {
        phone.PHONE_INFO,
        phone.LEASE,
        phone.PROPERTY_GET,
        phone.PROPERTY_SUBSCRIBE,
        phone.PROPERTY_UNSUBSCRIBE,
        engine.ENGINE_CONNECT,
        engine.ENGINE_DISCONNECT,
        engine.LIST_DATA_OWNERS,
        engine.SET_SID_LIST,
        engine.SID_STATUS,
        engine.EXPECTED_DATA_SIZE,
        engine.REQUEST_DATA,
        engine.ALL_SNAPSHOTS_SUPPLIED,
        engine.PUBLIC_FILE_LIST,
        engine.LARGE_PUBLIC_FILE_LIST,
        engine.PUBLIC_FILE_LIST_XML,
        files.FILE_STAT,
        files.FOLDER_LIST,
        files.FILE_READ,
        files.FILE_CHECK,
        owners.OWNER_ATTACH,
        owners.OWNER_DETACH,
        owners.OWNER_CONNECT,
        owners.OWNER_DISCONNECT,
        owners.OWNER_CONFIRM_READY,
        owners.OWNER_BUR_MODE_INFO,
        owners.OWNER_DOES_PARTIAL_AFFECT_ME,
        # A real phone's agent does not have these; they make a new emulated phone, or only move its time.
        emulator.EMULATOR_ADVANCE_CLOCK,
        emulator.EMULATOR_RESET,
        emulator.EMULATOR_KILL_PROCESS,
        emulator.EMULATOR_SET_PROPERTY,
    }
)

_RESTORING: Final = frozenset({TBURPartType.EBURRestoreFull, TBURPartType.EBURRestorePartial})
# An increment's backup is told what the phone had before, which changes nothing on it (BE 12).
_SNAPSHOTS: Final = frozenset({TTransferDataType.EActiveSnapshotData, TTransferDataType.EPassiveSnapshotData})


def writes(method: Method[Any, Any], request: Any) -> bool:
    """Whether a request changes, or may change, what is kept on the phone."""
    if method is engine.SET_BUR_MODE:
        return request.part in _RESTORING
    if method is engine.SUPPLY_DATA:
        return not _is_snapshot(request.transfer_type)
    return method not in HARMLESS


def _is_snapshot(transfer_type: bytes) -> bool:
    try:
        transfer = read_generic(transfer_type)
    except FormatError:
        return False
    return isinstance(transfer, SidTransfer) and transfer.data_type in _SNAPSHOTS


def refuse_writes(name: str) -> Guard:
    """A guard for a handset that nothing may be written to; it raises WriteRefused."""

    def guard(method: Method[Any, Any], request: Any) -> None:
        if writes(method, request):
            raise WriteRefused(
                f"nothing is written to {name} ({method.name}): its entry does not say allow_restore: true",
                hint="write that into the lab's configuration if this phone's data may be replaced",
            )

    return guard
