"""What an owner registers -> the file that says so, in the canonical form (Registration format 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

from wire.formats.registration.model import ActiveBackup, PassiveBackup, PublicBackup, Registration
from wire.formats.registration.paths import Selection, expand_passive
from wire.formats.registration.values import ACTIVE_TYPES, DEFAULT_CALLBACK_DELAY_TIME_US

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wire.symbian import SecureId

DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_TYPE_NAMES: Final = {active_type: name for name, active_type in ACTIVE_TYPES.items()}


def write_registration(registration: Registration) -> bytes:
    """One primary file that registers exactly this: parse_registration gives the same back.

    Raises:
        ValueError: a path or the process name has a character that XML cannot carry.
    """
    root = etree.Element("backup_registration", version="1.0")
    passive = registration.passive
    # dbms_backup switches passive on by itself; an element without content would only raise questions.
    if passive is not None and not (registration.dbms_policies and passive == PassiveBackup()):
        _write_passive(root, passive, registration.sid)
    if registration.has_system_files:
        etree.SubElement(root, "system_backup")
    if registration.public is not None:
        _write_public(root, registration.public)
    # Before the proxies, since they would otherwise change its default (Q14), which is written anyway.
    if registration.active is not None:
        _write_active(root, registration.active)
    for proxy in registration.proxies:
        etree.SubElement(root, "proxy_data_manager", SID=str(proxy))
    for policy in registration.dbms_policies:
        etree.SubElement(root, "dbms_backup", policy="" if policy is None else f"{policy:08X}")
    etree.SubElement(root, "restore", requires_reboot=_yes_no(registration.requires_reboot))
    return DECLARATION + etree.tostring(root, encoding="UTF-8", xml_declaration=False, pretty_print=True)


def passive_value(path: str, sid: SecureId) -> str:
    r"""The shortest attribute value that the engine completes to `path`: `\x` for `\private\<sid>\x`."""
    short = "\\" + path.removeprefix(sid.private_directory)
    return short if expand_passive(short, sid) == path else path


def _write_passive(root: etree._Element, passive: PassiveBackup, sid: SecureId) -> None:
    element = etree.SubElement(root, "passive_backup")
    if passive.supports_selective:
        element.set("supports_selective", "yes")
    if passive.delete_before_restore:
        element.set("delete_before_restore", "yes")
    element.set("base_backup_only", _yes_no(passive.base_backup_only))
    _write_paths(element, ((passive_value(s.path, sid), s) for s in passive.selections))


def _write_public(root: etree._Element, public: PublicBackup) -> None:
    element = etree.SubElement(root, "public_backup")
    if public.delete_before_restore:
        element.set("delete_before_restore", "yes")
    _write_paths(element, ((s.path, s) for s in public.selections))


def _write_paths(parent: etree._Element, paths: Iterable[tuple[str, Selection]]) -> None:
    for value, selection in paths:
        include = "include_directory" if selection.is_directory else "include_file"
        etree.SubElement(parent, include if selection.include else "exclude", name=value)


def _write_active(root: etree._Element, active: ActiveBackup) -> None:
    element = etree.SubElement(root, "active_backup")
    element.set("process_name", active.process_name)
    element.set("active_type", _TYPE_NAMES[active.active_type])
    element.set("supports_incremental", _yes_no(active.supports_incremental))
    if active.supports_selective:
        element.set("supports_selective", "yes")
    if active.requires_delay_to_prepare_data:
        element.set("requires_delay_to_prepare_data", "yes")
    if active.callback_delay_time_us != DEFAULT_CALLBACK_DELAY_TIME_US:
        element.set("callback_delay_time", str(active.callback_delay_time_us))


def _yes_no(flag: bool) -> str:
    return "yes" if flag else "no"
