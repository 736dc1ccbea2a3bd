"""What the engine writes into its log while it reads a registration file (Log format 8.3).

One line, or none, for each thing that the reader of the format remarked; the linter's findings come from the same
remarks. Where no source tells a line, such as for an attribute that is passed over, none is written.
"""

from __future__ import annotations

from string import hexdigits
from typing import TYPE_CHECKING, Final

from wire.formats.registration import RemarkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wire.formats.registration import Remark
    from wire.symbian import SecureId

_FLAGS: Final = {
    "requires_delay_to_prepare_data": "iActiveInformation.iRequiresDelayToPrepareData",
    "supports_incremental": "iActiveInformation.iSupportsIncremental",
    "base_backup_only": "iPassiveInformation.iBaseBackupOnly",
}


def lines_of(remarks: Iterable[Remark], sid: SecureId) -> Iterator[str]:
    """The lines for what was remarked about an owner's file, in order."""
    owner = f"0x{sid:08x}"
    for remark in remarks:
        text = _line(remark, owner)
        if text:
            yield text


def _line(remark: Remark, owner: str) -> str:
    flag, text = int(remark.flag), remark.text
    # 0 for an include, 1 for an exclude.
    selection = f"[type: {int(not remark.flag)}]"
    name = remark.attribute.name.lower() if remark.attribute else ""
    path = f"CDataOwner::HandlePathL({owner}) -"
    passive = f"CDataOwner::HandlePassiveBackup({owner}) -"
    active = f"CDataOwner::HandleActiveBackup({owner}) -"
    dbms = f"CDataOwner::HandleDBMSBackup({owner}) -"
    match remark.kind:
        case RemarkKind.UNKNOWN_ELEMENT:
            return f"CDataOwner::OnStartElementL() - Unknown element while parsing {owner}"
        case RemarkKind.VERSION_REFUSED:
            return f"CDataOwner::HandleBackupRegistrationL() - Unknown version at SID({owner})"
        case RemarkKind.PATH_READ:
            return f"{path} path in the registration file is: {text} {selection}"
        case RemarkKind.SELECTION_ADDED:
            return f"{path} Added selection: {text} {selection}"
        case RemarkKind.PATH_EMPTY:
            return f"{path} Path attribute error"
        case RemarkKind.PATH_TOO_LONG if remark.flag:
            return f"{path} EPassive - Could not convert filename"
        case RemarkKind.PATH_NOT_RECOGNISED:
            return f"{path} Path is not recognised by the data owner : {text}"
        case RemarkKind.PATH_NOT_ABSOLUTE:
            return f"{path} Not an Absolute Path: {text} {selection}"
        case RemarkKind.PASSIVE_FLAG if name == "delete_before_restore":
            return f"{passive} iPassiveInformation.iDeleteBeforeRestore: {'ETrue' if flag else 'EFalse'}"
        case RemarkKind.PASSIVE_FLAG:
            return f"{passive} {_FLAGS.get(name, 'iPassiveInformation.iSupportsSelective')}: {flag}"
        case RemarkKind.ACTIVE_FLAG:
            return f"{active} {_FLAGS.get(name, 'iActiveInformation.iSupportsSelective')}: {flag}"
        case RemarkKind.ACTIVE_TYPE:
            return f"{active} iActiveInformation.iActiveType: {text}"
        case RemarkKind.PROCESS_NAME_TOO_LONG:
            return f"{active} Error converting process name"
        case RemarkKind.SYSTEM_FILES:
            return f"CDataOwner::HandleSystemBackup({owner}) - iSystemInformation.iSupported: {flag}"
        case RemarkKind.PUBLIC_FLAG:
            return f"CDataOwner::HandlePublicBackup({owner}) - iPublicInformation.iDeleteBeforeRestore: {flag}"
        case RemarkKind.REQUIRES_REBOOT:
            return f"CDataOwner::HandleRestore({owner}) - iRestoreInformation.iRequiresReboot: {flag}"
        case RemarkKind.PROXY_ADDED:
            return f"Data owner({owner}): Adding Proxy(0x{remark.number:08x}) to the list"
        case RemarkKind.PROXY_UNREADABLE:
            return f"CDataOwner::HandleProxyDataManager() - {_what_is_no_sid(remark, owner)}"
        case RemarkKind.POLICY_ADDED:
            return f"{dbms} adding database with policy uid: 0x{remark.number:08x}"
        case RemarkKind.POLICY_UNREADABLE:
            return f"{dbms} Error converting policy number"
        case RemarkKind.DEPRECATED_ATTRIBUTE:
            return f"{dbms} Still using deprecated 'database' attribute"
        case RemarkKind.UNKNOWN_ATTRIBUTE if remark.element.name.lower() == "dbms_backup":
            return f"{dbms} Incorrect use of attributes"
    return ""


def _what_is_no_sid(remark: Remark, owner: str) -> str:
    value = remark.attribute.value if remark.attribute else ""
    _, prefix, rest = value.partition("0x")
    if (rest if prefix else value)[:1] in set(hexdigits):
        return "The Hex number has incorrect number of digits"
    return f"Not a Hex Number specified in reg_file of {owner})"
