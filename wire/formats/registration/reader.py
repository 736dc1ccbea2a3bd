"""Registration files -> what the engine makes of them, element by element (Registration format 3, 4, 6)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NoReturn

from wire.formats.registration.errors import RegistrationError, RegistrationPanic
from wire.formats.registration.model import ActiveBackup, PassiveBackup, PublicBackup, Registration
from wire.formats.registration.paths import Selection, expand_passive, expand_public
from wire.formats.registration.remarks import Remark, RemarkKind
from wire.formats.registration.values import (
    ACTIVE_TYPES,
    DEFAULT_CALLBACK_DELAY_TIME_US,
    MAX_PATH,
    MAX_PROCESS_NAME,
    read_bool,
    read_callback_delay,
    read_policy,
    read_sid,
    symbian_length,
)
from wire.formats.registration.xml import Attribute, Document, Element, scan
from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId, TActiveBackupType
from wire.symbian_errors import KErrNotSupported

if TYPE_CHECKING:
    from collections.abc import Callable

# Reasons of the panics of category USER that the engine's own code runs into (UNVERIFIED).
PANIC_INDEX: Final = 130
PANIC_DESCRIPTOR: Final = 11


class _Context(Enum):
    """What a path belongs to. The engine remembers this much of where it is, and no more."""

    NONE = "neither"
    PASSIVE = "passive"
    PUBLIC = "public"


class RegistrationReader:
    """Reads the files of one owner, in the order in which the engine does (Registration format 6.1).

    Args:
        sid: the owner's, from the directory name.
        central_repository_sid: what `cenrep_backup` stands for; sbeconfig.xml can change it on a phone.
        callback_delay_supported: False for engines before June 2010, which ignore `callback_delay_time`.

    Attributes:
        remarks: what happened so far, in order, all files together.
    """

    def __init__(
        self,
        sid: SecureId,
        *,
        central_repository_sid: SecureId = CENTRAL_REPOSITORY_SID,
        callback_delay_supported: bool = True,
    ) -> None:
        self.sid = sid
        self.remarks: list[Remark] = []
        self._central_repository_sid = central_repository_sid
        self._callback_delay_supported = callback_delay_supported
        self._fault: RegistrationError | None = None
        self._primary = False
        self._context = _Context.NONE
        self._has_active_element = False
        # Proxies set this flag too, which makes supports_incremental depend on their order (Q14).
        self._active_supported = False
        self._process_name = ""
        self._requires_delay = False
        self._active_selective = False
        self._active_incremental = True
        self._active_type = TActiveBackupType.EActiveOnly
        self._callback_delay_us = DEFAULT_CALLBACK_DELAY_TIME_US
        self._passive_supported = False
        self._passive_selective = False
        self._delete_before_restore = False
        self._base_backup_only = False
        self._passive: list[Selection] = []
        self._public_supported = False
        self._public_delete = False
        self._public: list[Selection] = []
        self._system_files = False
        self._requires_reboot = False
        # A dict for its order and its quick look-up.
        self._proxies: dict[SecureId, None] = {}
        self._policies: list[int | None] = []
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

    def read(self, data: bytes, *, primary: bool) -> None:
        """Read one more file.

        Args:
            data: the whole file.
            primary: its name is `backup_registration.xml`, not `backup_registration_more.xml`.

        Raises:
            RegistrationError: the engine cannot use it. The owner as a whole is unusable from then on.
        """
        self.read_document(scan(data), primary=primary)

    def read_document(self, document: Document, *, primary: bool) -> None:
        """The same for a file that was scanned already."""
        self._primary = primary
        self._context = _Context.NONE
        try:
            for is_start, element in document.tags:
                if is_start:
                    self._start(element)
                else:
                    self._end(element)
            if document.fault is not None:
                raise document.fault
        except RegistrationError as fault:
            self._fault = self._fault or fault
            raise

    def result(self) -> Registration:
        """What was read so far.

        Raises:
            RegistrationError: the fault of the first file that had one.
        """
        if self._fault is not None:
            raise self._fault
        active = ActiveBackup(
            process_name=self._process_name,
            requires_delay_to_prepare_data=self._requires_delay,
            supports_selective=self._active_selective,
            supports_incremental=self._active_incremental,
            active_type=self._active_type,
            callback_delay_time_us=self._callback_delay_us,
        )
        passive = PassiveBackup(
            supports_selective=self._passive_selective,
            delete_before_restore=self._delete_before_restore,
            base_backup_only=self._base_backup_only,
            selections=tuple(self._passive),
        )
        return Registration(
            sid=self.sid,
            active=active if self._has_active_element else None,
            passive=passive if self._passive_supported else None,
            public=PublicBackup(self._public_delete, tuple(self._public)) if self._public_supported else None,
            has_system_files=self._system_files,
            requires_reboot=self._requires_reboot,
            proxies=tuple(self._proxies),
            dbms_policies=tuple(self._policies),
        )

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

    def _start(self, element: Element) -> None:
        # The one name that is compared with case. Any other spelling is an unknown element.
        if element.name == "include_file":
            self._path(element)
            return
        handler = self._elements.get(element.name.lower())
        if handler is None:
            self._remark(RemarkKind.UNKNOWN_ELEMENT, element)
        else:
            handler(element)

    def _end(self, element: Element) -> None:
        if element.name.lower() == "passive_backup" or element.name == "public_backup":
            self._context = _Context.NONE

    def _backup_registration(self, element: Element) -> None:
        if len(element.attributes) != 1:
            self._remark(RemarkKind.VERSION_UNCHECKED, element, number=len(element.attributes))
        elif (value := element.attributes[0].value) != "1.0":
            raise RegistrationError(
                KErrNotSupported,
                f"the version has to be '1.0', this file says {value[:40]!r}",
                line=element.line,
                column=element.column,
                offset=element.offset,
            )

    def _passive_backup(self, element: Element) -> None:
        self._context = _Context.PASSIVE
        if not self._primary:
            if element.attributes:
                self._remark(RemarkKind.ATTRIBUTES_IGNORED, element)
            return
        self._passive_supported = True
        for attribute in element.attributes:
            flag = read_bool(attribute.value)
            match attribute.name.lower():
                case "supports_selective":
                    self._passive_selective = flag
                case "delete_before_restore":
                    # Once yes, it stays yes.
                    self._delete_before_restore = flag = self._delete_before_restore or flag
                case "base_backup_only":
                    self._base_backup_only = flag
                case _:
                    self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)
                    continue
            self._remark(RemarkKind.PASSIVE_FLAG, element, attribute, flag=flag)

    def _public_backup(self, element: Element) -> None:
        self._context = _Context.PUBLIC
        self._public_supported = True
        # Whatever its name.
        if element.attributes:
            self._public_delete = read_bool(element.attributes[0].value)
            self._remark(RemarkKind.PUBLIC_FLAG, element, element.attributes[0], flag=self._public_delete)

    def _system_backup(self, element: Element) -> None:
        self._system_files = True
        self._remark(RemarkKind.SYSTEM_FILES, element, flag=True)

    def _active_backup(self, element: Element) -> None:
        if not self._primary:
            self._remark(RemarkKind.UNKNOWN_ELEMENT, element)
            return
        self._has_active_element = self._active_supported = True
        for attribute in element.attributes:
            flag = read_bool(attribute.value)
            match attribute.name.lower():
                case "process_name":
                    if symbian_length(attribute.value) > MAX_PROCESS_NAME:
                        self._has_active_element = self._active_supported = False
                        self._remark(RemarkKind.PROCESS_NAME_TOO_LONG, element, attribute)
                        return
                    self._process_name = attribute.value
                    continue
                case "active_type":
                    self._read_active_type(element, attribute)
                    continue
                case "callback_delay_time" if self._callback_delay_supported:
                    self._callback_delay_us = read_callback_delay(attribute.value)
                    self._remark(RemarkKind.CALLBACK_DELAY, element, attribute, number=self._callback_delay_us)
                    continue
                case "requires_delay_to_prepare_data":
                    self._requires_delay = flag
                case "supports_selective":
                    self._active_selective = flag
                case "supports_incremental":
                    self._active_incremental = flag
                case _:
                    self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)
                    continue
            self._remark(RemarkKind.ACTIVE_FLAG, element, attribute, flag=flag)

    def _read_active_type(self, element: Element, attribute: Attribute) -> None:
        active_type = ACTIVE_TYPES.get(attribute.value.lower())
        if active_type is None:
            self._remark(RemarkKind.ACTIVE_TYPE_UNKNOWN, element, attribute)
            return
        self._active_type = active_type
        self._remark(RemarkKind.ACTIVE_TYPE, element, attribute, text=active_type.name)

    def _proxy_data_manager(self, element: Element) -> None:
        attribute = self._first_attribute(element)
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

    def _add_proxy(self, proxy: SecureId, element: Element, attribute: Attribute | None) -> None:
        if proxy == self.sid:
            self._remark(RemarkKind.PROXY_OWN_SID, element, attribute, number=proxy)
            return
        if not self._active_supported:
            self._active_supported = True
            self._active_incremental = False
        kind = RemarkKind.PROXY_REPEATED if proxy in self._proxies else RemarkKind.PROXY_ADDED
        self._proxies[proxy] = None
        self._remark(kind, element, attribute, number=proxy)

    def _dbms_backup(self, element: Element) -> None:
        self._passive_supported = True
        for attribute in element.attributes:
            match attribute.name.lower():
                case "policy":
                    policy = read_policy(attribute.value)
                    self._policies.append(policy)
                    kind = RemarkKind.POLICY_UNREADABLE if policy is None else RemarkKind.POLICY_ADDED
                    self._remark(kind, element, attribute, number=policy or 0)
                case "database":
                    self._remark(RemarkKind.DEPRECATED_ATTRIBUTE, element, attribute)
                case _:
                    self._remark(RemarkKind.UNKNOWN_ATTRIBUTE, element, attribute)

    def _restore(self, element: Element) -> None:
        if not self._primary:
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
        self._requires_reboot = read_bool(attribute.value)
        self._remark(RemarkKind.REQUIRES_REBOOT, element, attribute, flag=self._requires_reboot)

    def _path(self, element: Element) -> None:
        attribute = self._first_attribute(element)
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
            self._remark(RemarkKind.PATH_TOO_LONG, element, attribute)
            return
        if self._context is _Context.PASSIVE:
            self._remark(RemarkKind.PATH_READ, element, attribute, text=value, flag=include)
        if name == "include_directory" and not value.endswith("\\"):
            value += "\\"
        if self._context is _Context.PASSIVE:
            path, selections = expand_passive(value, self.sid), self._passive
            rejected = RemarkKind.PATH_NOT_RECOGNISED
        else:
            path, selections = expand_public(value), self._public
            rejected = RemarkKind.PATH_NOT_ABSOLUTE
        if symbian_length(path or value) > MAX_PATH:
            # It is completed in a buffer of this size, and nothing looks at the room that is left.
            self._panic(PANIC_DESCRIPTOR, f"the completed path has more than {MAX_PATH} characters", element)
        if path is None:
            self._remark(rejected, element, attribute, text=value, flag=include)
            return
        selections.append(Selection(path, include))
        self._remark(RemarkKind.SELECTION_ADDED, element, attribute, text=path, flag=include)

    def _first_attribute(self, element: Element) -> Attribute:
        if not element.attributes:
            self._panic(PANIC_INDEX, f"<{element.name[:40]}> has no attribute", element)
        return element.attributes[0]

    def _panic(self, reason: int, problem: str, element: Element) -> NoReturn:
        raise RegistrationPanic(reason, problem, line=element.line, column=element.column, offset=element.offset)
