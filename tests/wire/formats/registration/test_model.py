"""What the host is told of an owner (BE 7.3), and which owners cannot be expressed."""

from __future__ import annotations

import pytest

from wire.formats.registration import ActiveBackup, PassiveBackup, PublicBackup, Registration, Selection
from wire.symbian import ActiveSettings, CommonSettings, Drive, PassiveSettings, SecureId, TActiveBackupType

SID = SecureId(0x0AB7E57C)
PROXY = SecureId(0x10202BE9)
OWN = SID.private_directory


def test_an_owner_that_registers_nothing_has_no_settings() -> None:
    found = Registration(SID)
    assert (found.common_settings, found.passive_settings, found.active_settings) == (0, 0, 0)


@pytest.mark.parametrize(
    ("registration", "settings"),
    [
        (Registration(SID, active=ActiveBackup()), CommonSettings.ACTIVE),
        (Registration(SID, proxies=(PROXY,)), CommonSettings.ACTIVE),
        (Registration(SID, passive=PassiveBackup()), CommonSettings.PASSIVE),
        (Registration(SID, has_system_files=True), CommonSettings.SYSTEM_FILES),
        (Registration(SID, requires_reboot=True), CommonSettings.REQUIRES_REBOOT),
        (Registration(SID, passive=PassiveBackup(supports_selective=True)), CommonSettings.PASSIVE),
        (
            Registration(SID, ActiveBackup(supports_selective=True), PassiveBackup(supports_selective=True)),
            CommonSettings.ACTIVE | CommonSettings.PASSIVE | CommonSettings.SELECTIVE,
        ),
    ],
)
def test_common_settings(registration: Registration, settings: CommonSettings) -> None:
    assert registration.common_settings == settings


@pytest.mark.parametrize(
    ("registration", "settings"),
    [
        (Registration(SID, public=PublicBackup(delete_before_restore=True)), PassiveSettings.PUBLIC_FILES),
        (Registration(SID, passive=PassiveBackup()), PassiveSettings.INCREMENTAL),
        (Registration(SID, passive=PassiveBackup(base_backup_only=True)), PassiveSettings(0)),
        (
            Registration(SID, passive=PassiveBackup(delete_before_restore=True, base_backup_only=True)),
            PassiveSettings.DELETE_BEFORE_RESTORE,
        ),
    ],
)
def test_passive_settings(registration: Registration, settings: PassiveSettings) -> None:
    assert registration.passive_settings == settings


def test_active_settings_do_not_follow_from_proxies() -> None:
    assert Registration(SID, proxies=(PROXY,)).active_settings == ActiveSettings(0)
    assert Registration(SID, active=ActiveBackup()).active_settings == ActiveSettings.INCREMENTAL
    delayed = ActiveBackup(requires_delay_to_prepare_data=True, supports_incremental=False)
    assert Registration(SID, active=delayed).active_settings == ActiveSettings.DELAY_TO_PREPARE


def test_who_only_serves_others_is_not_listed() -> None:
    server = ActiveBackup(active_type=TActiveBackupType.EProxyImpOnly)
    assert not Registration(SID, active=server).is_listed
    assert Registration(SID, active=server, has_system_files=True).is_listed
    assert Registration(SID, active=server, public=PublicBackup()).is_listed
    assert Registration(SID).is_listed


@pytest.mark.parametrize(
    ("registration", "drives"),
    [
        (Registration(SID, active=ActiveBackup()), None),
        (Registration(SID, proxies=(PROXY,)), None),
        (Registration(SID, passive=PassiveBackup(), dbms_policies=(1,)), None),
        (Registration(SID, passive=PassiveBackup(selections=(Selection(OWN),))), None),
        (Registration(SID, passive=PassiveBackup(selections=(Selection(OWN, include=False),))), frozenset()),
        (Registration(SID, has_system_files=True), frozenset()),
        (
            Registration(
                SID,
                public=PublicBackup(
                    selections=(Selection("c:\\x\\"), Selection("E:\\"), Selection("d:\\", False))
                ),
            ),
            frozenset({Drive.parse("C"), Drive.parse("E")}),
        ),
        (Registration(SID, public=PublicBackup(selections=(Selection("c:\\x\\"), Selection("!:\\x")))), None),
    ],
)
def test_drives(registration: Registration, drives: frozenset[Drive] | None) -> None:
    assert registration.drives == drives


def test_what_no_file_can_express_is_refused() -> None:
    with pytest.raises(ValueError, match="passive"):
        Registration(SID, dbms_policies=(1,))
    with pytest.raises(ValueError, match="another owner"):
        Registration(SID, proxies=(SID,))
    with pytest.raises(ValueError, match="named once"):
        Registration(SID, proxies=(PROXY, PROXY))
    with pytest.raises(ValueError, match="32 bits"):
        Registration(SID, passive=PassiveBackup(), dbms_policies=(1 << 32,))
    with pytest.raises(ValueError, match="begins with"):
        Registration(SID, passive=PassiveBackup(selections=(Selection("\\data\\"),)))
    with pytest.raises(ValueError, match="names a drive"):
        Registration(SID, public=PublicBackup(selections=(Selection("\\data\\"),)))
    with pytest.raises(ValueError, match="256"):
        Registration(SID, public=PublicBackup(selections=(Selection("c:\\" + "x" * 254),)))
    with pytest.raises(ValueError, match="128"):
        ActiveBackup("x" * 129)
    with pytest.raises(ValueError, match="callback_delay_time"):
        ActiveBackup(callback_delay_time_us=0)
