"""What the engine understands of an owner's registration: flags, paths, proxies, database policies."""

from __future__ import annotations

from dataclasses import dataclass

from wire.formats.registration.paths import Selection, expand_passive
from wire.formats.registration.values import (
    DEFAULT_CALLBACK_DELAY_TIME_US,
    MAX_PATH,
    MAX_PROCESS_NAME,
    symbian_length,
)
from wire.symbian import ActiveSettings, CommonSettings, Drive, PassiveSettings, SecureId, TActiveBackupType


@dataclass(frozen=True, slots=True)
class ActiveBackup:
    """`active_backup`: the owner's process takes part (Registration format 4.6).

    Attributes:
        process_name: executable to start; empty means that the start will fail.
        callback_delay_time_us: how long one callback may take before the watchdog ends it, in microseconds.
    """

    process_name: str = ""
    requires_delay_to_prepare_data: bool = False
    supports_selective: bool = False
    supports_incremental: bool = True
    active_type: TActiveBackupType = TActiveBackupType.EActiveOnly
    callback_delay_time_us: int = DEFAULT_CALLBACK_DELAY_TIME_US

    def __post_init__(self) -> None:
        if symbian_length(self.process_name) > MAX_PROCESS_NAME:
            length = symbian_length(self.process_name)
            raise ValueError(f"a process name has at most {MAX_PROCESS_NAME} characters, not {length}")
        if not 1 <= self.callback_delay_time_us <= 0x7FFFFFFF:
            raise ValueError(f"callback_delay_time is 1 to 2147483647 us, not {self.callback_delay_time_us}")


@dataclass(frozen=True, slots=True)
class PassiveBackup:
    """`passive_backup`: the engine copies files of the private directory (Registration format 4.2)."""

    supports_selective: bool = False
    delete_before_restore: bool = False
    base_backup_only: bool = False
    selections: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicBackup:
    """`public_backup`: the host copies public files. Its flag is not used (Registration format 4.3)."""

    delete_before_restore: bool = False
    selections: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """One owner, all its files together. Building one that no file can express raises ValueError.

    Attributes:
        sid: the owner; it is the name of the directory, not something in the file.
        active: None without `active_backup`. Proxies alone make the owner active too, see `common_settings`.
        passive: also there for an owner with `dbms_backup` alone.
        dbms_policies: security policies of shared databases; None stands for an uninitialised number.
    """

    sid: SecureId
    active: ActiveBackup | None = None
    passive: PassiveBackup | None = None
    public: PublicBackup | None = None
    has_system_files: bool = False
    requires_reboot: bool = False
    proxies: tuple[SecureId, ...] = ()
    dbms_policies: tuple[int | None, ...] = ()

    def __post_init__(self) -> None:
        if self.dbms_policies and self.passive is None:
            raise ValueError("an owner with databases is passive too: give it a PassiveBackup")
        if self.sid in self.proxies or len(set(self.proxies)) != len(self.proxies):
            raise ValueError("a proxy is another owner, named once")
        for policy in self.dbms_policies:
            if policy is not None and not 0 <= policy <= 0xFFFFFFFF:
                raise ValueError(f"a database policy has 32 bits, {policy:#x} does not fit")
        for selection in self.passive.selections if self.passive else ():
            if expand_passive(selection.path, self.sid) != selection.path:
                raise ValueError(
                    f"a passive path begins with {self.sid.private_directory}, not {selection.path!r}"
                )
        for selection in self.public.selections if self.public else ():
            if ":" not in selection.path:
                raise ValueError(rf"a public path names a drive, as in c:\data\x, unlike {selection.path!r}")
        for selection in (
            *(self.passive.selections if self.passive else ()),
            *(self.public.selections if self.public else ()),
        ):
            if symbian_length(selection.path) > MAX_PATH:
                raise ValueError(f"a path has at most {MAX_PATH} characters, not {symbian_length(selection.path)}")

    @property
    def common_settings(self) -> CommonSettings:
        """What the host is told of the owner as a whole (BE 7.3)."""
        settings = CommonSettings(0)
        if self.active or self.proxies:
            settings |= CommonSettings.ACTIVE
        if self.passive:
            settings |= CommonSettings.PASSIVE
        if self.has_system_files:
            settings |= CommonSettings.SYSTEM_FILES
        if self.active and self.active.supports_selective and self.passive and self.passive.supports_selective:
            settings |= CommonSettings.SELECTIVE
        if self.requires_reboot:
            settings |= CommonSettings.REQUIRES_REBOOT
        return settings

    @property
    def passive_settings(self) -> PassiveSettings:
        """What the host is told of the passive and the public part (BE 7.3)."""
        settings = PassiveSettings(0)
        if self.public:
            settings |= PassiveSettings.PUBLIC_FILES
        if self.passive and self.passive.delete_before_restore:
            settings |= PassiveSettings.DELETE_BEFORE_RESTORE
        if self.passive and not self.passive.base_backup_only:
            settings |= PassiveSettings.INCREMENTAL
        return settings

    @property
    def active_settings(self) -> ActiveSettings:
        """What the host is told of the active part; proxies alone never give increments (BE 7.3, Q14)."""
        settings = ActiveSettings(0)
        if self.active and self.active.requires_delay_to_prepare_data:
            settings |= ActiveSettings.DELAY_TO_PREPARE
        if self.active and self.active.supports_incremental:
            settings |= ActiveSettings.INCREMENTAL
        return settings

    @property
    def is_listed(self) -> bool:
        """False for a process that only serves others: the host never sees it (Registration format 4.6)."""
        serves_only = self.active is not None and self.active.active_type is TActiveBackupType.EProxyImpOnly
        return not serves_only or bool(self.passive or self.has_system_files or self.public)

    @property
    def drives(self) -> frozenset[Drive] | None:
        """The drives that the owner reports, None for all that exist (Registration format 5.5).

        Empty where the paths name none: with only system files it is the package that decides.
        """
        if self.active or self.proxies or self.dbms_policies:
            return None
        if self.passive and any(s.include for s in self.passive.selections):
            return None
        named = [s.drive for s in (self.public.selections if self.public else ()) if s.include]
        return None if None in named else frozenset(d for d in named if d is not None)
