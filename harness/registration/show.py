"""What the engine understands of an owner's files, for a reader and for a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harness.registration.shown import shown
from wire.formats.registration import RemarkKind, Selection, describe_registration_error
from wire.formats.registration.values import ACTIVE_TYPES
from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId
from wire.symbian_errors import KErrGeneral, describe_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from enum import IntFlag

    from wire.formats.registration import Registration, RegistrationReader, Remark

JSON_SCHEMA: Final = "symhil.registration.show/1"

_UNKNOWN: Final = SecureId(0)
_TYPES: Final = {active_type: name for name, active_type in ACTIVE_TYPES.items()}
# Registration format 4.7: proxies that come with every phone.
_KNOWN_PROXIES: Final = {CENTRAL_REPOSITORY_SID: "Central Repository", SecureId(0x10281E17): "SQL server"}
_DROPPED: Final = {
    RemarkKind.UNKNOWN_ELEMENT: "element not known",
    RemarkKind.UNKNOWN_ATTRIBUTE: "attribute not looked at",
    RemarkKind.DEPRECATED_ATTRIBUTE: "deprecated attribute",
    RemarkKind.ATTRIBUTES_IGNORED: "attributes not looked at",
    RemarkKind.PATH_EMPTY: "path empty",
    RemarkKind.PATH_TOO_LONG: "path too long",
    RemarkKind.PATH_OUTSIDE: "path outside passive_backup and public_backup",
    RemarkKind.PATH_NOT_RECOGNISED: "path not in the private directory",
    RemarkKind.PATH_NOT_ABSOLUTE: "path without drive",
    RemarkKind.ACTIVE_TYPE_UNKNOWN: "active_type not known",
    RemarkKind.PROCESS_NAME_TOO_LONG: "process name too long",
    RemarkKind.PROXY_NAME_IGNORED: "proxy without SID",
    RemarkKind.PROXY_UNREADABLE: "proxy with an unreadable SID",
    RemarkKind.PROXY_OWN_SID: "the owner as its own proxy",
    RemarkKind.PROXY_REPEATED: "proxy named before",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """An owner whose files were read.

    Attributes:
        sid: the owner, None if nothing tells it.
        files: names, in the order in which they were read.
        reader: has read them.
        has_primary: `backup_registration.xml` is among them; without it the engine cannot use an owner.
    """

    sid: SecureId | None
    files: Sequence[str]
    reader: RegistrationReader
    has_primary: bool = True


def as_text(owner: Understood) -> Iterator[str]:
    """Lines of two columns."""
    yield _row("owner", str(owner.sid) if owner.sid is not None else "not known; give --sid")
    yield _row("files", ", ".join(shown(name, limit=200) for name in owner.files))
    if not owner.has_primary:
        yield _row("", f"without backup_registration.xml the engine reports {describe_error(KErrGeneral)}")
    for fault in owner.reader.faults:
        yield _row("UNUSABLE", f"line {fault.line}: {fault.problem}")
        who = "refused here and by the emulated handset with" if fault.refused else "the engine reports"
        yield _row("", f"{who} {describe_registration_error(fault.code)}")
    if not owner.reader.is_usable:
        return
    found = owner.reader.result()
    yield _row("common", _flags(found.common_settings))
    yield _row("passive", _flags(found.passive_settings))
    yield _row("active", _flags(found.active_settings))
    yield _row("listed", "yes" if found.is_listed else "no: it only serves other owners")
    yield _row("drives", _drives(found))
    if found.active:
        active = found.active
        yield _row("process", shown(active.process_name) or "no name: it cannot be started")
        yield _row("", f"{_TYPES[active.active_type]}, increments {_yes_no(flag=active.supports_incremental)}")
        yield _row("", f"a callback may take {active.callback_delay_time_us / 1_000_000:g} s")
    for title, part in (("private", found.passive), ("public", found.public)):
        for selection in part.selections if part else ():
            yield _row(title, f"{'include' if selection.include else 'exclude'} {_path(owner, selection)}")
    for sid in found.proxies:
        yield _row("proxy", f"{sid} {_KNOWN_PROXIES.get(sid, '')}".rstrip())
    for policy in found.dbms_policies:
        yield _row("database", "a policy by chance" if policy is None else f"policy {policy:08X}")
    for remark in _dropped(owner.reader.remarks):
        value = f": {shown(remark.attribute.value)}" if remark.attribute else f": <{shown(remark.element.name)}>"
        yield _row("dropped", f"line {remark.line}: {_DROPPED[remark.kind]}{value}")


def as_json(owner: Understood) -> dict[str, Any]:
    """The same for a program; `registration` is null if the engine cannot use the files."""
    usable = owner.reader.is_usable
    return {
        "schema": JSON_SCHEMA,
        "sid": str(owner.sid) if owner.sid is not None else None,
        "files": list(owner.files),
        "faults": [
            {"line": f.line, "column": f.column, "code": f.code, "problem": f.problem} for f in owner.reader.faults
        ],
        "registration": _registration(owner, owner.reader.result()) if usable else None,
        "dropped": [
            {
                "line": r.line,
                "column": r.column,
                "kind": r.kind.value,
                "value": r.attribute.value if r.attribute else "",
            }
            for r in _dropped(owner.reader.remarks)
        ],
    }


def _registration(owner: Understood, found: Registration) -> dict[str, Any]:
    active = found.active and {
        "process_name": found.active.process_name,
        "active_type": _TYPES[found.active.active_type],
        "requires_delay_to_prepare_data": found.active.requires_delay_to_prepare_data,
        "supports_selective": found.active.supports_selective,
        "supports_incremental": found.active.supports_incremental,
        "callback_delay_time_us": found.active.callback_delay_time_us,
    }
    return {
        "settings": {
            "common": int(found.common_settings),
            "passive": int(found.passive_settings),
            "active": int(found.active_settings),
        },
        "listed": found.is_listed,
        "drives": None if found.drives is None else sorted(drive.letter for drive in found.drives),
        "active": active,
        "passive": _selections(owner, found.passive.selections) if found.passive else None,
        "public": _selections(owner, found.public.selections) if found.public else None,
        "system_files": found.has_system_files,
        "requires_reboot": found.requires_reboot,
        "proxies": [str(sid) for sid in found.proxies],
        "dbms_policies": [None if policy is None else f"{policy:08X}" for policy in found.dbms_policies],
    }


def _selections(owner: Understood, selections: Iterable[Selection]) -> list[dict[str, Any]]:
    return [{"path": _path(owner, s), "include": s.include} for s in selections]


def _path(owner: Understood, selection: Selection) -> str:
    """Where the owner is not known its directory is not either."""
    path = selection.path
    if owner.sid is None:
        path = path.replace(_UNKNOWN.private_directory, "\\private\\<sid>\\")
    return shown(path, limit=300)


def _dropped(remarks: Iterable[Remark]) -> Iterator[Remark]:
    return (remark for remark in remarks if remark.kind in _DROPPED)


def _drives(found: Registration) -> str:
    if found.drives is None:
        return "all that exist, apart from excluded ones"
    return " ".join(sorted(drive.letter for drive in found.drives)) or "those of the package, or none"


def _flags(settings: IntFlag) -> str:
    names = ", ".join((flag.name or "").lower().replace("_", " ") for flag in type(settings) if flag in settings)
    return f"{int(settings):#04x} {names}".rstrip()


def _yes_no(*, flag: bool) -> str:
    return "yes" if flag else "no"


def _row(title: str, text: str) -> str:
    return f"{title:<9} {text}"
