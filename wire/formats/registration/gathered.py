"""What the engine has gathered of an owner so far: flags and lists, as its data owner object holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wire.formats.registration.model import ActiveBackup, PassiveBackup, PublicBackup, Registration
from wire.formats.registration.values import DEFAULT_CALLBACK_DELAY_TIME_US
from wire.symbian import SecureId, TActiveBackupType

if TYPE_CHECKING:
    from wire.formats.registration.paths import Selection


@dataclass(slots=True)
class Gathered:
    """Survives from file to file, which is how the files of an owner are merged (Registration format 6.1).

    Attributes:
        has_active_element: an `active_backup` was read.
        active_supported: the engine's flag. Proxies set it too, and whoever sets it first decides on the
            default of supports_incremental (Q14).
        proxies: a dict for its order and its quick look-up.
    """

    has_active_element: bool = False
    active_supported: bool = False
    process_name: str = ""
    requires_delay: bool = False
    active_selective: bool = False
    active_incremental: bool = True
    active_type: TActiveBackupType = TActiveBackupType.EActiveOnly
    callback_delay_us: int = DEFAULT_CALLBACK_DELAY_TIME_US
    passive_supported: bool = False
    passive_selective: bool = False
    delete_before_restore: bool = False
    base_backup_only: bool = False
    passive: list[Selection] = field(default_factory=list)
    public_supported: bool = False
    public_delete: bool = False
    public: list[Selection] = field(default_factory=list)
    system_files: bool = False
    requires_reboot: bool = False
    proxies: dict[SecureId, None] = field(default_factory=dict)
    policies: list[int | None] = field(default_factory=list)

    def registration(self, sid: SecureId) -> Registration:
        """The same as the typed model; what is switched off is left out."""
        active = ActiveBackup(
            process_name=self.process_name,
            requires_delay_to_prepare_data=self.requires_delay,
            supports_selective=self.active_selective,
            supports_incremental=self.active_incremental,
            active_type=self.active_type,
            callback_delay_time_us=self.callback_delay_us,
        )
        passive = PassiveBackup(
            supports_selective=self.passive_selective,
            delete_before_restore=self.delete_before_restore,
            base_backup_only=self.base_backup_only,
            selections=tuple(self.passive),
        )
        return Registration(
            sid=sid,
            active=active if self.has_active_element else None,
            passive=passive if self.passive_supported else None,
            public=PublicBackup(self.public_delete, tuple(self.public)) if self.public_supported else None,
            has_system_files=self.system_files,
            requires_reboot=self.requires_reboot,
            proxies=tuple(self.proxies),
            dbms_policies=tuple(self.policies),
        )
