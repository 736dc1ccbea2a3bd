"""Rules about flags: what counts as yes, and which do less than they seem to (Registration format 9.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.registration.rules import INFO, WARNING, Hit, rule
from harness.registration.shown import quoted, shown
from wire.formats.registration import RemarkKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.registration.subject import Subject

FLAGS: Final = (
    RemarkKind.PASSIVE_FLAG,
    RemarkKind.ACTIVE_FLAG,
    RemarkKind.PUBLIC_FLAG,
    RemarkKind.REQUIRES_REBOOT,
)


@rule("BR201", WARNING, "a flag that is neither `yes` nor `no`", "It counts as no: only `yes` is true.")
def strange_flag(file: Subject) -> Iterator[Hit]:
    """Such as true, which switches off what is on by default."""
    for remark in file.remarks(*FLAGS):
        if remark.attribute is None or remark.attribute.value.strip().lower() in {"yes", "no"}:
            continue
        name, value = remark.attribute
        turned_off = name.lower() == "supports_incremental" and value.strip().lower() in {"true", "1", "on"}
        text = "It counts as no, which switches increments off." if turned_off else ""
        yield Hit.of(remark, f"{shown(name)}={quoted(value)} is read as no", consequence=text)


@rule("BR202", WARNING, "`yes` or `no` with blanks or capitals", "With blanks it counts as no; capitals work.")
def untidy_flag(file: Subject) -> Iterator[Hit]:
    """Blanks are a warning, letter case is only information."""
    for remark in file.remarks(*FLAGS):
        if remark.attribute is None:
            continue
        value = remark.attribute.value
        if value == value.strip() and value.lower() in {"yes", "no"} and value != value.lower():
            hit = Hit(
                f"{quoted(value)} is usually written in lower case",
                remark.element,
                remark.attribute,
                consequence="It works.",
                severity=INFO,
            )
            yield hit
        elif value != value.strip() and value.strip().lower() in {"yes", "no"}:
            yield Hit.of(remark, f"{quoted(value)} has blanks", consequence="It counts as no.")


@rule("BR221", WARNING, "`restore` with several attributes", "None of them is looked at: requires_reboot is no.")
def restore_ignored(file: Subject) -> Iterator[Hit]:
    """The engine reads the attribute only if it is alone."""
    for remark in file.remarks(RemarkKind.ATTRIBUTES_IGNORED):
        if remark.element.name.lower() == "restore":
            yield Hit.of(remark, "restore has more than one attribute")


@rule(
    "BR222",
    INFO,
    '`requires_reboot="yes"`',
    "It is reported to the host, and the engine never restarts the phone. Documented as unsupported.",
)
def reboot(file: Subject) -> Iterator[Hit]:
    """One of six known files says so."""
    for remark in file.remarks(RemarkKind.REQUIRES_REBOOT):
        if remark.flag:
            yield Hit.of(remark, "a restart is asked for")


@rule("BR223", WARNING, '`delete_before_restore="yes"` of `public_backup`', "Nothing: the engine never uses it.")
def public_delete(file: Subject) -> Iterator[Hit]:
    """Documented, stored and never looked at."""
    for remark in file.remarks(RemarkKind.PUBLIC_FLAG):
        if remark.flag:
            yield Hit.of(remark, "delete_before_restore has no effect on public files")


@rule(
    "BR224",
    INFO,
    "`requires_delay_to_prepare_data`",
    "The host is told; the engine does nothing about it.",
)
def delay(file: Subject) -> Iterator[Hit]:
    """Deprecated according to the tutorial, not to the DTD."""
    for element in file.elements("active_backup") if file.is_primary else ():
        for attribute in element.attributes:
            if attribute.name.lower() == "requires_delay_to_prepare_data":
                yield Hit("the tutorial calls this attribute deprecated", element, attribute)


@rule(
    "BR225",
    WARNING,
    "`supports_selective` on only one of `active_backup` and `passive_backup`",
    "Selective support is not reported: both have to say yes.",
)
def half_selective(file: Subject) -> Iterator[Hit]:
    """Also where the other element is missing."""
    active = file.registration.active is not None and file.registration.active.supports_selective
    passive = file.registration.passive is not None and file.registration.passive.supports_selective
    if active != passive:
        name, other = ("active_backup", "passive_backup") if active else ("passive_backup", "active_backup")
        for element in file.elements(name):
            yield Hit(f"supports_selective counts only if {other} says so too", element)


@rule(
    "BR226",
    WARNING,
    "`base_backup_only` together with an active part that supports increments",
    "It is legal: increments then have active data and no passive data.",
)
def mixed_increments(file: Subject) -> Iterator[Hit]:
    """Each half goes by its own flag."""
    active, passive = file.registration.active, file.registration.passive
    if active and passive and passive.base_backup_only and active.supports_incremental:
        for element in file.elements("passive_backup"):
            yield Hit("passive data has no increments, active data has", element)
            return


@rule(
    "BR227",
    WARNING,
    '`delete_before_restore="yes"` of `passive_backup`',
    "All files of the private directory on the drive are deleted before the first one is restored, possibly "
    "including the registration file: the test that is to spare it can never match (UNVERIFIED).",
)
def deletes_everything(file: Subject) -> Iterator[Hit]:
    """Worth knowing for an owner that keeps more there than it backs up."""
    for remark in file.remarks(RemarkKind.PASSIVE_FLAG):
        if remark.flag and remark.attribute and remark.attribute.name.lower() == "delete_before_restore":
            yield Hit.of(remark, "the private directory is emptied before a restore")
