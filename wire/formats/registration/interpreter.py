"""What the engine does with each element of a registration file (Registration format 3, 4 and 5).

Every method that takes an element is one element of the format; nothing else decides what one means.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NoReturn

from wire.formats.registration.errors import RegistrationError, RegistrationPanic
from wire.formats.registration.gathered import Gathered
from wire.formats.registration.paths import Selection, expand_passive, expand_public
from wire.formats.registration.remarks import Remark, RemarkKind
from wire.formats.registration.values import (
    ACTIVE_TYPES,
    MAX_PATH,
    MAX_PROCESS_NAME,
    read_bool,
    read_callback_delay,
    read_policy,
    read_sid,
    symbian_length,
)
from wire.symbian_errors import KErrNotSupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wire.formats.registration.xml import Attribute, Element
    from wire.symbian import SecureId

# Reasons of the panics of category USER that the engine's own code runs into (UNVERIFIED).
PANIC_INDEX: Final = 130
PANIC_DESCRIPTOR: Final = 11


class _Context(Enum):
    """What a path belongs to. The engine remembers this much of where it is, and no more."""

    NONE = "neither"
    PASSIVE = "passive"
    PUBLIC = "public"


class Interpreter:
    """Takes the tags of an owner's files one after the other.

    Attributes:
        gathered: what is known of the owner.
        remarks: what happened so far.
    """

    def __init__(self, sid: SecureId, *, central_repository_sid: SecureId, callback_delay_supported: bool) -> None:
        self.gathered = Gathered()
        self.remarks: list[Remark] = []
        self._sid = sid
        self._central_repository_sid = central_repository_sid
        self._callback_delay_supported = callback_delay_supported
        self._is_primary = False
        self._context = _Context.NONE
        self._elements: Final[dict[str, Callable[[Element], None]]] = {
            "backup_registration": self._backup_registration,
            "passive_backup": self._passive_backup,
            "public_backup": self._public_backup,
            "include_directory": self._path,
            "exclude": self._path,
            "system_backup": self._system_backup,
            "active_backup": self._active_backup,
            "proxy_data_manager": self._proxy_data_manager,
            "cenrep_backup": self._cenrep_backup,
            "dbms_backup": self._dbms_backup,
            "restore": self._restore,
        }

    def begin_file(self, *, primary: bool) -> None:
        """The next tag is the first of another file."""
        self._is_primary = primary
        self._context = _Context.NONE

    def _remark(
        self,
        kind: RemarkKind,
        element: Element,
        attribute: Attribute | None = None,
        *,
        text: str = "",
        number: int = 0,
        flag: bool = False,
    ) -> None:
        self.remarks.append(Remark(kind, element, attribute, text, number, flag))

    def start(self, element: Element) -> None:
        """A start tag.

        Raises:
            RegistrationError: it makes the file unusable.
        """
        # The one name that is compared with case. Any other spelling is an unknown element.
        if element.name == "include_file":
            self._path(element)
            return
        handler = self._elements.get(element.name.lower())
        if handler is None:
            self._remark(RemarkKind.UNKNOWN_ELEMENT, element)
        else:
            handler(element)

    def end(self, element: Element) -> None:
        """An end tag."""
        if element.name.lower() == "passive_backup" or element.name == "public_backup":
            self._context = _Context.NONE

    def _backup_registration(self, element: Element) -> None:
        if len(element.attributes) != 1:
            self._remark(RemarkKind.VERSION_UNCHECKED, element, number=len(element.attributes))
        elif (value := element.attributes[0].value) != "1.0":
            self._remark(RemarkKind.VERSION_REFUSED, element, element.attributes[0])
            raise RegistrationError(
                KErrNotSupported,
                f"the version has to be '1.0', this file says {value[:40]!r}",
                line=element.line,
                column=element.column,
                offset=element.offset,
            )

    def _passive_backup(self, element: Element) -> None:
        self._context = _Context.PASSIVE
        if not self._is_primary:
            if element.attributes:
                self._remark(RemarkKind.ATTRIBUTES_IGNORED, element)
            return
        self.gathered.passive_supported = True
        for attribute in element.attributes:
            flag = read_bool(attribute.value)
            match attribute.name.lower():
                case "supports_selective":
                    self.gathered.passive_selective = flag
                case "delete_before_restore":
                    # Once yes, it stays yes.
                    self.gathered.delete_before_restore = flag = self.gathered.delete_before_restore or flag
                case "base_backup_only":
                    self.gathered.base_backup_only = flag
                case _:
                    self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)
                    continue
            self._remark(RemarkKind.PASSIVE_FLAG, element, attribute, flag=flag)

    def _public_backup(self, element: Element) -> None:
        self._context = _Context.PUBLIC
        self.gathered.public_supported = True
        # Whatever its name.
        if element.attributes:
            self.gathered.public_delete = read_bool(element.attributes[0].value)
            self._remark(RemarkKind.PUBLIC_FLAG, element, element.attributes[0], flag=self.gathered.public_delete)
            self._ignore(element, element.attributes[1:])

    def _system_backup(self, element: Element) -> None:
        self.gathered.system_files = True
        self._remark(RemarkKind.SYSTEM_FILES, element, flag=True)
        self._ignore(element, element.attributes)

    def _active_backup(self, element: Element) -> None:
        if not self._is_primary:
            self._remark(RemarkKind.UNKNOWN_ELEMENT, element)
            return
        self.gathered.has_active_element = self.gathered.active_supported = True
        for attribute in element.attributes:
            flag = read_bool(attribute.value)
            match attribute.name.lower():
                case "process_name":
                    if symbian_length(attribute.value) > MAX_PROCESS_NAME:
                        self.gathered.has_active_element = self.gathered.active_supported = False
                        self._remark(RemarkKind.PROCESS_NAME_TOO_LONG, element, attribute)
                        return
                    self.gathered.process_name = attribute.value
                    continue
                case "active_type":
                    self._read_active_type(element, attribute)
                    continue
                case "callback_delay_time" if self._callback_delay_supported:
                    self.gathered.callback_delay_us = read_callback_delay(attribute.value)
                    self._remark(
                        RemarkKind.CALLBACK_DELAY, element, attribute, number=self.gathered.callback_delay_us
                    )
                    continue
                case "requires_delay_to_prepare_data":
                    self.gathered.requires_delay = flag
                case "supports_selective":
                    self.gathered.active_selective = flag
                case "supports_incremental":
                    self.gathered.active_incremental = flag
                case _:
                    self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)
                    continue
            self._remark(RemarkKind.ACTIVE_FLAG, element, attribute, flag=flag)

    def _read_active_type(self, element: Element, attribute: Attribute) -> None:
        active_type = ACTIVE_TYPES.get(attribute.value.lower())
        if active_type is None:
            self._remark(RemarkKind.ACTIVE_TYPE_UNKNOWN, element, attribute)
            return
        self.gathered.active_type = active_type
        self._remark(RemarkKind.ACTIVE_TYPE, element, attribute, text=active_type.name)

    def _proxy_data_manager(self, element: Element) -> None:
        attribute = self._first_attribute(element)
        self._ignore(element, element.attributes[1:])
        if attribute.name.lower() != "sid":
            self._remark(RemarkKind.PROXY_NAME_IGNORED, element, attribute)
            return
        proxy = read_sid(attribute.value)
        if proxy is None:
            self._remark(RemarkKind.PROXY_UNREADABLE, element, attribute)
            return
        self._add_proxy(proxy, element, attribute)

    def _cenrep_backup(self, element: Element) -> None:
        self._add_proxy(self._central_repository_sid, element, None)
        self._ignore(element, element.attributes)

    def _add_proxy(self, proxy: SecureId, element: Element, attribute: Attribute | None) -> None:
        if proxy == self._sid:
            self._remark(RemarkKind.PROXY_OWN_SID, element, attribute, number=proxy)
            return
        if not self.gathered.active_supported:
            self.gathered.active_supported = True
            self.gathered.active_incremental = False
        kind = RemarkKind.PROXY_REPEATED if proxy in self.gathered.proxies else RemarkKind.PROXY_ADDED
        self.gathered.proxies[proxy] = None
        self._remark(kind, element, attribute, number=proxy)

    def _dbms_backup(self, element: Element) -> None:
        self.gathered.passive_supported = True
        for attribute in element.attributes:
            match attribute.name.lower():
                case "policy":
                    policy = read_policy(attribute.value)
                    self.gathered.policies.append(policy)
                    kind = RemarkKind.POLICY_UNREADABLE if policy is None else RemarkKind.POLICY_ADDED
                    self._remark(kind, element, attribute, number=policy or 0)
                case "database":
                    self._remark(RemarkKind.DEPRECATED_ATTRIBUTE, element, attribute)
                case _:
                    self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)

    def _restore(self, element: Element) -> None:
        if not self._is_primary:
            self._remark(RemarkKind.UNKNOWN_ELEMENT, element)
            return
        if len(element.attributes) != 1:
            if element.attributes:
                self._remark(RemarkKind.ATTRIBUTES_IGNORED, element)
            return
        attribute = element.attributes[0]
        if attribute.name.lower() != "requires_reboot":
            self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)
            return
        self.gathered.requires_reboot = read_bool(attribute.value)
        self._remark(RemarkKind.REQUIRES_REBOOT, element, attribute, flag=self.gathered.requires_reboot)

    def _path(self, element: Element) -> None:
        attribute = self._first_attribute(element)
        self._ignore(element, element.attributes[1:])
        name = element.name.lower()
        include = name != "exclude"
        value = attribute.value
        if self._context is _Context.NONE:
            self._remark(RemarkKind.PATH_OUTSIDE, element, attribute)
            return
        if not value:
            self._remark(RemarkKind.PATH_EMPTY, element, attribute)
            return
        if symbian_length(value) > MAX_PATH:
            self._remark(RemarkKind.PATH_TOO_LONG, element, attribute, flag=self._context is _Context.PASSIVE)
            return
        if self._context is _Context.PASSIVE:
            self._remark(RemarkKind.PATH_READ, element, attribute, text=value, flag=include)
        if name == "include_directory" and not value.endswith("\\"):
            value += "\\"
        if self._context is _Context.PASSIVE:
            path, selections = expand_passive(value, self._sid), self.gathered.passive
            rejected = RemarkKind.PATH_NOT_RECOGNISED
        else:
            path, selections = expand_public(value), self.gathered.public
            rejected = RemarkKind.PATH_NOT_ABSOLUTE
        if (length := symbian_length(path or value)) > MAX_PATH:
            self._remark(RemarkKind.PANIC_PATH_TOO_LONG, element, attribute, number=length)
            # It is completed in a buffer of this size, and nothing looks at the room that is left.
            self._panic(PANIC_DESCRIPTOR, f"the completed path has more than {MAX_PATH} characters", element)
        if path is None:
            self._remark(rejected, element, attribute, text=value, flag=include)
            return
        selections.append(Selection(path, include))
        self._remark(RemarkKind.SELECTION_ADDED, element, attribute, text=path, flag=include)

    def _first_attribute(self, element: Element) -> Attribute:
        if not element.attributes:
            self._remark(RemarkKind.PANIC_NO_ATTRIBUTE, element)
            self._panic(PANIC_INDEX, f"<{element.name[:40]}> has no attribute", element)
        return element.attributes[0]

    def _ignore(self, element: Element, attributes: Iterable[Attribute]) -> None:
        for attribute in attributes:
            self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)

    def _panic(self, reason: int, problem: str, element: Element) -> NoReturn:
        raise RegistrationPanic(reason, problem, line=element.line, column=element.column, offset=element.offset)
