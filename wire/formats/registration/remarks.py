"""What happens while a registration file is read: what the engine logs, and what it drops without a word.

The emulated handset writes its log from these, and the linter its findings, so that both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wire.formats.registration.xml import Attribute, Element


class RemarkKind(Enum):
    """One value per thing that can happen; the comment says what `text`, `number` or `flag` then hold."""

    UNKNOWN_ELEMENT = "unknown-element"
    UNKNOWN_ATTRIBUTE = "unknown-attribute"  # or one that is not looked at, because only the first one is
    DEPRECATED_ATTRIBUTE = "deprecated-attribute"
    ATTRIBUTES_IGNORED = "attributes-ignored"
    VERSION_UNCHECKED = "version-unchecked"  # number: how many attributes the element has
    VERSION_REFUSED = "version-refused"  # the file fails with -5
    PANIC_NO_ATTRIBUTE = "panic-no-attribute"  # the engine ends

    PATH_READ = "path-read"  # passive only, as the engine logs it; text: as written; flag: include
    SELECTION_ADDED = "selection-added"  # text: completed path; flag: include
    PATH_EMPTY = "path-empty"
    PATH_TOO_LONG = "path-too-long"  # flag: passive; of a public one no line in the log is known
    PANIC_PATH_TOO_LONG = "panic-path-too-long"  # the engine ends; number: characters of the completed path
    PATH_OUTSIDE = "path-outside"  # neither passive nor public around it; the engine says nothing
    PATH_NOT_RECOGNISED = "path-not-recognised"  # passive; text: the path; flag: include
    PATH_NOT_ABSOLUTE = "path-not-absolute"  # public; text: the path; flag: include

    PASSIVE_FLAG = "passive-flag"  # flag: what is set now
    ACTIVE_FLAG = "active-flag"  # flag: what is set now
    ACTIVE_TYPE = "active-type"  # text: name of the TActiveBackupType
    ACTIVE_TYPE_UNKNOWN = "active-type-unknown"
    PROCESS_NAME_TOO_LONG = "process-name-too-long"
    CALLBACK_DELAY = "callback-delay"  # number: microseconds
    SYSTEM_FILES = "system-files"
    PUBLIC_FLAG = "public-flag"  # flag: delete_before_restore
    REQUIRES_REBOOT = "requires-reboot"  # flag: what is set now

    PROXY_ADDED = "proxy-added"  # number: SID
    PROXY_NAME_IGNORED = "proxy-name-ignored"  # the first attribute is not SID
    PROXY_UNREADABLE = "proxy-unreadable"
    PROXY_OWN_SID = "proxy-own-sid"  # number: SID
    PROXY_REPEATED = "proxy-repeated"  # number: SID
    POLICY_ADDED = "policy-added"  # number: UID
    POLICY_UNREADABLE = "policy-unreadable"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that happened at `element`, and at `attribute` where it concerns only one."""

    kind: RemarkKind
    element: Element
    attribute: Attribute | None = None
    text: str = ""
    number: int = 0
    flag: bool = False

    @property
    def line(self) -> int:
        """Of the start tag, from 1."""
        return self.element.line

    @property
    def column(self) -> int:
        """Of the start tag, from 1."""
        return self.element.column
