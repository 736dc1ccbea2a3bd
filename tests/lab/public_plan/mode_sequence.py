"""The abnormal order of mode changes at the end of TestBackup2 (Test plan 5.5), and what the engine answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from harness.errors import EngineError
from harness.handset import Handset
from wire.formats.serialised import SecureIdentity
from wire.symbian import BurMode, Drive, SecureId, TBackupIncType, TBURPartType
from wire.symbian_errors import KErrAccessDenied, KErrCorrupt, KErrNone, KErrNotSupported

UNSET, NORMAL = TBURPartType.EBURUnset, TBURPartType.EBURNormal
FULL, PARTIAL = TBURPartType.EBURBackupFull, TBURPartType.EBURBackupPartial
RESTORE_FULL, RESTORE_PARTIAL = TBURPartType.EBURRestoreFull, TBURPartType.EBURRestorePartial
NONE, BASE, INCREMENT = TBackupIncType.ENoBackup, TBackupIncType.EBackupBase, TBackupIncType.EBackupIncrement

AT_NORMAL = 0x001
IN_BACKUP = 0x102
BACK = 0x101


class ModeOutcome(NamedTuple):
    """One call: what was called, the engine's code, and the property after it."""

    call: str
    code: int
    property_value: int


_Call = tuple[TBURPartType, TBackupIncType] | str
XML, LIST = "PublicFileListXML", "ListOfDataOwners"

# The call, what the real engine answers, what the property is then.
SEQUENCE: tuple[tuple[_Call, int, int], ...] = (
    ((UNSET, BASE), KErrNone, AT_NORMAL),
    ((UNSET, BASE), KErrNone, AT_NORMAL),
    ((NORMAL, BASE), KErrNone, AT_NORMAL),
    ((NORMAL, BASE), KErrNone, AT_NORMAL),
    ((UNSET, BASE), KErrNone, AT_NORMAL),
    ((UNSET, BASE), KErrNone, AT_NORMAL),
    (XML, KErrAccessDenied, AT_NORMAL),
    ((FULL, BASE), KErrNone, IN_BACKUP),
    (XML, KErrNotSupported, IN_BACKUP),
    ((FULL, BASE), KErrCorrupt, IN_BACKUP),
    ((PARTIAL, BASE), KErrCorrupt, IN_BACKUP),
    ((PARTIAL, INCREMENT), KErrCorrupt, IN_BACKUP),
    ((FULL, INCREMENT), KErrCorrupt, IN_BACKUP),
    (LIST, KErrAccessDenied, IN_BACKUP),
    ((PARTIAL, NONE), KErrCorrupt, IN_BACKUP),
    ((FULL, NONE), KErrCorrupt, IN_BACKUP),
    ((RESTORE_FULL, BASE), KErrCorrupt, IN_BACKUP),
    ((RESTORE_PARTIAL, BASE), KErrCorrupt, IN_BACKUP),
    ((RESTORE_FULL, INCREMENT), KErrCorrupt, IN_BACKUP),
    ((RESTORE_PARTIAL, INCREMENT), KErrCorrupt, IN_BACKUP),
    ((RESTORE_FULL, NONE), KErrCorrupt, IN_BACKUP),
    ((RESTORE_PARTIAL, NONE), KErrCorrupt, IN_BACKUP),
    ((NORMAL, BASE), KErrNone, BACK),
    (XML, KErrAccessDenied, BACK),
)

EXPECTED = [ModeOutcome(str(call), code, value) for call, code, value in SEQUENCE]


def run_mode_sequence(handset: Handset, drives: Iterable[Drive]) -> list[ModeOutcome]:
    """Make every call of the sequence, whatever comes of it."""
    there = list(drives)
    return [
        ModeOutcome(str(call), _code_of(lambda c=call: _make(handset, c, there)), _property(handset))  # type: ignore[misc]
        for call, _, _ in SEQUENCE
    ]


def _make(handset: Handset, call: _Call, drives: list[Drive]) -> None:
    if isinstance(call, tuple):
        part, increment = call
        handset.engine.set_mode(BurMode(part, increment), drives)
    elif call == XML:
        handset.engine.public_files_xml(SecureIdentity(SecureId(0)), drives[0])
    else:
        handset.engine.list_data_owners()


def _code_of(action: Callable[[], None]) -> int:
    try:
        action()
    except EngineError as error:
        return error.code
    return KErrNone


def _property(handset: Handset) -> int:
    return handset.properties.mode().property_value
