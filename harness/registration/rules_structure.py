"""Rules about which elements there are, where and in which order (Registration format 9.2)."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from harness.registration.rules import ERROR, INFO, WARNING, Hit, rule
from harness.registration.shown import quoted, shown
from wire.formats.registration import RemarkKind
from wire.symbian import CommonSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.registration.subject import Subject

ROOT: Final = "backup_registration"
CONTEXTS: Final = ("passive_backup", "public_backup")
PATHS: Final = ("include_file", "include_directory", "exclude")
# In the order of the published DTD.
TOP_LEVEL: Final = (
    "passive_backup",
    "system_backup",
    "public_backup",
    "active_backup",
    "cenrep_backup",
    "proxy_data_manager",
    "dbms_backup",
    "restore",
)
KNOWN: Final = (ROOT, *TOP_LEVEL, *PATHS)
ATTRIBUTES: Final = {
    ROOT: ("version",),
    "passive_backup": ("supports_selective", "delete_before_restore", "base_backup_only"),
    "public_backup": ("delete_before_restore",),
    "include_file": ("name",),
    "include_directory": ("name",),
    "exclude": ("name",),
    "active_backup": (
        "process_name",
        "requires_delay_to_prepare_data",
        "supports_selective",
        "supports_incremental",
        "active_type",
        "callback_delay_time",
    ),
    "proxy_data_manager": ("SID",),
    "dbms_backup": ("policy", "database"),
    "restore": ("requires_reboot",),
}
_SINGLE: Final = (ROOT, "passive_backup", "public_backup", "system_backup", "active_backup", "restore")
_PRIMARY_ONLY: Final = ("active_backup", "restore")


@rule("BR101", WARNING, "the root is not `backup_registration`", "It works by accident: no element is required.")
def wrong_root(file: Subject) -> Iterator[Hit]:
    """Most likely this is a file of another kind."""
    for element in file.document.elements[:1]:
        if element.name.lower() != ROOT:
            yield Hit(f"the root element is <{shown(element.name)}>", element)


@rule(
    "BR102",
    ERROR,
    "the only attribute of `backup_registration` is not `1.0`",
    "The owner is unusable with -5 (KErrNotSupported): it is listed with all settings 0.",
)
def wrong_version(file: Subject) -> Iterator[Hit]:
    """Whatever the attribute's name."""
    for remark in file.remarks(RemarkKind.VERSION_REFUSED):
        value = remark.attribute.value if remark.attribute else ""
        yield Hit.of(remark, f"the version is {quoted(value)} instead of '1.0'")


@rule(
    "BR103",
    WARNING,
    "`backup_registration` has several attributes",
    "The version is then not looked at.",
)
def version_unchecked(file: Subject) -> Iterator[Hit]:
    """Without any attribute it is not looked at either, which is quite usual."""
    for remark in file.remarks(RemarkKind.VERSION_UNCHECKED):
        if remark.number > 1:
            yield Hit.of(remark, f"<{ROOT}> has {remark.number} attributes, so the version is not checked")


@rule(
    "BR104",
    WARNING,
    "an element that the engine does not know",
    "It is ignored with a line in the log that does not name it; elements inside it still count.",
)
def unknown_element(file: Subject) -> Iterator[Hit]:
    """With the nearest known name."""
    for remark in file.remarks(RemarkKind.UNKNOWN_ELEMENT):
        name = remark.element.name
        if name.lower() not in {"include_file", *_PRIMARY_ONLY}:
            yield Hit.of(remark, f"unknown element <{shown(name)}>{nearest(name, KNOWN)}")


@rule(
    "BR105",
    ERROR,
    "`include_file` not in lower case",
    "It is ignored as an unknown element, so the file is not backed up. Only this name has to be so.",
)
def include_file_case(file: Subject) -> Iterator[Hit]:
    """The one element whose case matters at its start."""
    for remark in file.remarks(RemarkKind.UNKNOWN_ELEMENT):
        if remark.element.name.lower() == "include_file":
            yield Hit.of(remark, f"<{shown(remark.element.name)}> has to be written <include_file>")


@rule(
    "BR106",
    WARNING,
    "a name not in lower case (apart from `SID`)",
    "It works, except as BR105 and BR107 say.",
)
def name_case(file: Subject) -> Iterator[Hit]:
    """Elements first, then attributes, as they come."""
    for element in file.document.elements:
        name = element.name.lower()
        if name not in KNOWN:
            continue
        if name not in {element.name, "include_file"}:
            yield Hit(f"<{shown(element.name)}> is usually written <{name}>", element)
        for attribute in element.attributes:
            low = attribute.name.lower()
            if attribute.name != low and low in ATTRIBUTES.get(name, ()):
                yield Hit(f"{shown(attribute.name)} is usually written {low}", element, attribute)


@rule(
    "BR107",
    ERROR,
    "`public_backup` not in lower case, with paths behind it",
    "Its end is not recognised, so the paths behind it become public ones.",
)
def context_left_open(file: Subject) -> Iterator[Hit]:
    """Paths outside any context that the reader did not find to be outside."""
    outside = {remark.element.index for remark in file.remarks(RemarkKind.PATH_OUTSIDE)}
    inside: set[int] = set()
    culprit = None
    for element in file.document.elements:
        name = element.name.lower()
        if name in CONTEXTS:
            inside.add(element.index)
            culprit = element if name == "public_backup" and element.name != name else None
        elif element.parent in inside:
            inside.add(element.index)
        elif culprit and (element.name == "include_file" or name in PATHS[1:]) and element.index not in outside:
            line = file.place(element).line
            yield Hit(f"<{shown(culprit.name)}> is never closed for the path in line {line}", culprit)
            culprit = None


@rule(
    "BR108",
    ERROR,
    "a path outside `passive_backup` and `public_backup`",
    "It is dropped without a line in the log.",
)
def path_outside(file: Subject) -> Iterator[Hit]:
    """Nesting in anything else does not count."""
    for remark in file.remarks(RemarkKind.PATH_OUTSIDE):
        yield Hit.of(remark, f"<{shown(remark.element.name)}> is in neither passive_backup nor public_backup")


@rule(
    "BR109",
    ERROR,
    "`active_backup` or `restore` in an additional file",
    "It is ignored as an unknown element.",
)
def primary_only(file: Subject) -> Iterator[Hit]:
    """They count in `backup_registration.xml` alone."""
    for remark in file.remarks(RemarkKind.UNKNOWN_ELEMENT):
        if remark.element.name.lower() in _PRIMARY_ONLY:
            name = shown(remark.element.name)
            yield Hit.of(remark, f"<{name}> only counts in a file called backup_registration.xml")


@rule(
    "BR110",
    WARNING,
    "`passive_backup` with attributes in an additional file",
    "The attributes are ignored, and the element does not make the owner passive; its paths do count.",
)
def passive_attributes_ignored(file: Subject) -> Iterator[Hit]:
    """Only the primary file can set them."""
    for remark in file.remarks(RemarkKind.ATTRIBUTES_IGNORED):
        if remark.element.name.lower() == "passive_backup":
            yield Hit.of(remark, "attributes of passive_backup do not count in an additional file")


@rule(
    "BR111",
    WARNING,
    "nothing that makes the owner take part",
    "The owner is listed with settings 0, and nothing of it is backed up.",
)
def nothing_registered(file: Subject) -> Iterator[Hit]:
    """A legal and useless file."""
    found = file.registration
    selects = any(file.remarks(RemarkKind.SELECTION_ADDED))
    if not (found.common_settings & ~CommonSettings.REQUIRES_REBOOT or found.public or selects):
        for element in file.document.elements[:1]:
            yield Hit("the file registers nothing", element)


@rule(
    "BR112",
    WARNING,
    "`passive_backup` without any path that counts",
    "The owner is passive, but no file of it is backed up.",
)
def nothing_passive(file: Subject) -> Iterator[Hit]:
    """Additional files may add paths; this one has none."""
    passive = file.registration.passive
    if passive is None or any(selection.include for selection in passive.selections):
        return
    for element in file.elements("passive_backup"):
        yield Hit("passive_backup selects no file", element)
        return


@rule(
    "BR113",
    WARNING,
    "an element twice of which one is meant",
    "Flags are those of the last one, lists add up, and delete_before_restore stays yes once it is yes.",
)
def repeated(file: Subject) -> Iterator[Hit]:
    """Legal all the same."""
    seen: set[str] = set()
    for element in file.elements(*_SINGLE):
        name = element.name.lower()
        if name in seen:
            yield Hit(f"another <{name}>", element)
        seen.add(name)


@rule("BR114", WARNING, "an element in an unusual parent", "It works: nesting is not looked at.")
def unusual_parent(file: Subject) -> Iterator[Hit]:
    """What is outside its context is BR108."""
    allowed: dict[str, tuple[str, ...]] = {
        ROOT: (),
        **dict.fromkeys(TOP_LEVEL, (ROOT,)),
        "include_file": CONTEXTS,
        "include_directory": CONTEXTS,
        "exclude": (*CONTEXTS, "include_directory"),
    }
    outside = {remark.element.index for remark in file.remarks(RemarkKind.PATH_OUTSIDE)}
    for element in file.document.elements[1:]:
        name = element.name.lower()
        parent = file.parent(element)
        if name not in allowed or parent is None or element.index in outside:
            continue
        if parent.name.lower() not in allowed[name]:
            yield Hit(f"<{shown(element.name)}> inside <{shown(parent.name)}>", element)


@rule(
    "BR115",
    INFO,
    "elements not in the order of the published DTD",
    "It works; only proxies before active_backup make a difference, see BR205.",
)
def unusual_order(file: Subject) -> Iterator[Hit]:
    """The first one that is out of order."""
    last = 0
    for element in file.elements(*TOP_LEVEL):
        rank = TOP_LEVEL.index(element.name.lower())
        if rank < last:
            yield Hit(f"<{TOP_LEVEL[rank]}> comes after <{TOP_LEVEL[last]}>", element)
            return
        last = rank


@rule("BR116", WARNING, "text other than blanks between tags", "It is ignored.")
def text(file: Subject) -> Iterator[Hit]:
    """Nothing in this format is said by text."""
    for found in file.document.texts:
        yield Hit(f"text: {shown(found.text, limit=30)}", place=file.place_of(found))


def nearest(name: str, known: tuple[str, ...]) -> str:
    """A suggestion to be put behind a message, or nothing."""
    near = get_close_matches(name.lower()[:60], known, n=1, cutoff=0.75)
    return f"; {near[0]} is known" if near else ""
