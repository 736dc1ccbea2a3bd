"""Rules about attributes and their values (Registration format 9.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harness.registration.rules import ERROR, WARNING, Hit, rule
from harness.registration.rules_structure import ATTRIBUTES, PATHS, nearest
from harness.registration.shown import quoted, shown
from wire.formats.registration import RemarkKind
from wire.formats.registration.paths import NO_FILE_NAME
from wire.formats.registration.values import MAX_PROCESS_NAME
from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.registration.subject import Subject
    from wire.formats.registration import Remark
    from wire.formats.registration.xml import Attribute, Element

_SHORT_DELAY_US: Final = 1_000_000
_SID: Final = re.compile(r"(0x)?[0-9A-Fa-f]{1,8}")
_POLICY: Final = re.compile(r"[0-9A-Fa-f]{1,8}")
_NO_PROCESS_NAME: Final = NO_FILE_NAME | frozenset("*?")
_PANIC: Final = "The engine's process ends with panic USER 130, and with it the backup (UNVERIFIED)."


@rule(
    "BR203",
    ERROR,
    "`active_backup` without `process_name`, or with one that no executable can have",
    "The process cannot be started, so the owner never gets ready and its requests fail.",
)
def no_process_name(file: Subject) -> Iterator[Hit]:
    """The owner's executable, with or without path and extension."""
    for element in file.elements("active_backup") if file.is_primary else ():
        attribute = attribute_of(element, "process_name")
        if attribute is None or not attribute.value:
            yield Hit("active_backup names no process", element)
        elif not can_be_executable(attribute.value):
            yield Hit(f"{quoted(attribute.value)} cannot be an executable", element, attribute)


@rule(
    "BR204",
    ERROR,
    f"`process_name` of more than {MAX_PROCESS_NAME} characters",
    "The owner is not active at all, and the other attributes of the element are not read.",
)
def long_process_name(file: Subject) -> Iterator[Hit]:
    """Counted in UTF-16 units."""
    for remark in file.remarks(RemarkKind.PROCESS_NAME_TOO_LONG):
        yield Hit.of(remark, f"the process name has more than {MAX_PROCESS_NAME} characters")


@rule(
    "BR205",
    WARNING,
    "proxies, and `supports_incremental` not written",
    "Its default depends on the order: yes if active_backup comes before the proxies, no if it comes after.",
)
def incremental_by_order(file: Subject) -> Iterator[Hit]:
    """The engine's quirk Q14."""
    found = file.registration
    if found.active is None or not found.proxies:
        return
    for element in file.elements("active_backup"):
        if value_of(element, "supports_incremental") is None:
            now = "yes" if found.active.supports_incremental else "no"
            yield Hit(f"supports_incremental is not written and comes out as {now}", element)


@rule("BR206", WARNING, "an unknown `active_type`", "It is ignored; without an earlier one it is activeonly.")
def unknown_active_type(file: Subject) -> Iterator[Hit]:
    """There are activeonly, activeandproxy and proxyonly."""
    for remark in file.remarks(RemarkKind.ACTIVE_TYPE_UNKNOWN):
        value = remark.attribute.value if remark.attribute else ""
        near = nearest(value, ("activeonly", "activeandproxy", "proxyonly"))
        yield Hit.of(remark, f"there is no active_type {quoted(value)}{near}")


@rule(
    "BR207",
    WARNING,
    "`callback_delay_time` is not a positive number of microseconds, or below a second",
    "What cannot be read counts as 200000000 (200 s); with a small number the watchdog ends callbacks early.",
)
def strange_delay(file: Subject) -> Iterator[Hit]:
    """It is in microseconds, which many take for milliseconds."""
    for remark in file.remarks(RemarkKind.CALLBACK_DELAY):
        value = remark.attribute.value if remark.attribute else ""
        if value.lstrip("0") != str(remark.number):
            yield Hit.of(remark, f"callback_delay_time={quoted(value)} is read as {remark.number} us")
        elif remark.number < _SHORT_DELAY_US:
            yield Hit.of(remark, f"callback_delay_time is {remark.number} us, less than a second")


@rule("BR208", WARNING, "an attribute that the engine does not know or does not look at", "It is ignored.")
def unknown_attribute(file: Subject) -> Iterator[Hit]:
    """With the nearest name that the element has."""
    for remark in file.remarks(RemarkKind.UNKNOWN_ATTRIBUTE):
        if remark.attribute is None:
            continue
        element, name = remark.element, remark.attribute.name
        known = tuple(n for n in ATTRIBUTES.get(element.name.lower(), ()) if value_of(element, n) is None)
        hint = nearest(name, known)
        yield Hit.of(remark, f"<{shown(element.name)}> has no use for the attribute {shown(name)}{hint}")


@rule("BR209", ERROR, "a path element without attribute", _PANIC)
def no_path(file: Subject) -> Iterator[Hit]:
    """The engine takes the first attribute without asking whether there is one."""
    for remark in _without_attribute(file):
        if remark.element.name.lower() in PATHS:
            yield Hit.of(remark, f"<{remark.element.name}> has no name")


@rule("BR210", WARNING, "the first attribute of a path element is not `name`", "It is taken as the path.")
def path_by_another_name(file: Subject) -> Iterator[Hit]:
    """Whatever it is called."""
    for element in file.elements(*PATHS):
        if element.attributes and element.attributes[0].name.lower() != "name":
            attribute = element.attributes[0]
            yield Hit(f"{shown(attribute.name)} is taken as the path", element, attribute)


@rule("BR211", ERROR, "an empty path", "It is ignored with a line in the log, so nothing is selected.")
def empty_path(file: Subject) -> Iterator[Hit]:
    r"""The whole private directory is `\`."""
    for remark in file.remarks(RemarkKind.PATH_EMPTY):
        yield Hit.of(remark, r'the path is empty; the whole private directory is "\"')


@rule("BR212", ERROR, "`proxy_data_manager` without attribute", _PANIC)
def no_proxy(file: Subject) -> Iterator[Hit]:
    """As BR209."""
    for remark in _without_attribute(file):
        if remark.element.name.lower() == "proxy_data_manager":
            yield Hit.of(remark, "proxy_data_manager has no SID")


@rule("BR213", ERROR, "the first attribute of `proxy_data_manager` is not `SID`", "The element is ignored.")
def proxy_by_another_name(file: Subject) -> Iterator[Hit]:
    """Only the first attribute is looked at."""
    for remark in file.remarks(RemarkKind.PROXY_NAME_IGNORED):
        name = remark.attribute.name if remark.attribute else ""
        yield Hit.of(remark, f"the first attribute is {shown(name)} instead of SID")


@rule(
    "BR214",
    ERROR,
    "a proxy's SID is not hexadecimal, or has more than 32 bits",
    "The element is ignored, or another SID is read.",
)
def strange_sid(file: Subject) -> Iterator[Hit]:
    """Digits with or without 0x in front."""
    for remark in file.remarks(RemarkKind.PROXY_UNREADABLE):
        value = remark.attribute.value if remark.attribute else ""
        yield Hit.of(remark, f"{quoted(value)} is no SID", consequence="The element is ignored.")
    for remark in file.remarks(RemarkKind.PROXY_ADDED, RemarkKind.PROXY_REPEATED):
        if remark.attribute is not None and not _SID.fullmatch(remark.attribute.value):
            read = f"It is read as {SecureId(remark.number)}."
            yield Hit.of(remark, f"{quoted(remark.attribute.value)} is not just a SID", consequence=read)


@rule(
    "BR215",
    WARNING,
    "the owner names itself as its proxy",
    "It is ignored with a misleading line in the log.",
)
def own_proxy(file: Subject) -> Iterator[Hit]:
    """Needs to know the owner's SID."""
    if file.sid is not None:
        for remark in file.remarks(RemarkKind.PROXY_OWN_SID):
            yield Hit.of(remark, f"{file.sid} is the owner itself")


@rule(
    "BR217",
    ERROR,
    "`policy` of `dbms_backup` with `0x`",
    "It is read as policy 0, up to the x, so no database is backed up.",
)
def prefixed_policy(file: Subject) -> Iterator[Hit]:
    """Unlike a SID, it is written without 0x."""
    for remark in file.remarks(RemarkKind.POLICY_ADDED):
        if remark.attribute is not None and remark.attribute.value[:2] in {"0x", "0X"}:
            yield Hit.of(remark, f"the policy {shown(remark.attribute.value)} has to be written without 0x")


@rule(
    "BR218",
    ERROR,
    "`policy` of `dbms_backup` missing, empty, not hexadecimal or of more than 8 digits",
    "A number by chance is registered, or none, so the databases are not backed up.",
)
def strange_policy(file: Subject) -> Iterator[Hit]:
    """What can be read of it is used."""
    for remark in file.remarks(RemarkKind.POLICY_UNREADABLE):
        value = remark.attribute.value if remark.attribute else ""
        yield Hit.of(remark, f"{quoted(value)} is no UID", consequence="A number by chance is registered.")
    for remark in file.remarks(RemarkKind.POLICY_ADDED):
        value = remark.attribute.value if remark.attribute else ""
        if not _POLICY.fullmatch(value) and value[:2] not in {"0x", "0X"}:
            read = f"It is read as {remark.number:08X}."
            yield Hit.of(remark, f"{quoted(value)} is not just a UID", consequence=read)
    for element in file.elements("dbms_backup"):
        if value_of(element, "policy") is None:
            yield Hit("dbms_backup has no policy", element, consequence="No database is backed up.")


@rule("BR219", WARNING, "`database` of `dbms_backup`", "It is ignored: databases are found by their policy.")
def old_database(file: Subject) -> Iterator[Hit]:
    """The old form."""
    for remark in file.remarks(RemarkKind.DEPRECATED_ATTRIBUTE):
        yield Hit.of(remark, "the attribute database is deprecated")


@rule("BR220", WARNING, "`cenrep_backup`", "It works as a proxy_data_manager for the Central Repository.")
def old_cenrep(file: Subject) -> Iterator[Hit]:
    """Deprecated in the documentation."""
    for element in file.elements("cenrep_backup"):
        new = f'<proxy_data_manager SID="{CENTRAL_REPOSITORY_SID}"/>'
        yield Hit(f"cenrep_backup is deprecated; write {new}", element)


def _without_attribute(file: Subject) -> Iterator[Remark]:
    """Not of a damaged file, whose damaged tags may well have attributes."""
    return iter(()) if file.is_guessed else file.remarks(RemarkKind.PANIC_NO_ATTRIBUTE)


def can_be_executable(name: str) -> bool:
    """A file name or a path; one that climbs, or that no file can have, is a mistake."""
    return bool(name.strip()) and ".." not in name.split("\\") and not any(c in _NO_PROCESS_NAME for c in name)


def attribute_of(element: Element, name: str) -> Attribute | None:
    """The attribute of that name, in any case."""
    return next((a for a in element.attributes if a.name.lower() == name.lower()), None)


def value_of(element: Element, name: str) -> str | None:
    """Its value, None where it is not there."""
    attribute = attribute_of(element, name)
    return None if attribute is None else attribute.value
