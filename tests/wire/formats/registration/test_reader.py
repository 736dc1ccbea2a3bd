"""What the engine makes of each element, by the sections of the registration format."""

from __future__ import annotations

import pytest

from wire.formats.registration import (
    ActiveBackup,
    PassiveBackup,
    PublicBackup,
    Registration,
    RegistrationError,
    RegistrationPanic,
    RegistrationReader,
    RemarkKind,
    Selection,
    parse_registration,
)
from wire.formats.registration.xml import scan
from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId, TActiveBackupType

SID = SecureId(0x0AB7E57C)
OWN = r"\private\0ab7e57c" + "\\"


def read(body: str, *, primary: bool = True) -> Registration:
    return parse_registration(f"<backup_registration>{body}</backup_registration>".encode(), SID, primary=primary)


def remarks(body: str, *, primary: bool = True, sid: SecureId = SID) -> list[RemarkKind]:
    reader = RegistrationReader(sid)
    reader.read(f'<backup_registration version="1.0">{body}</backup_registration>'.encode(), primary=primary)
    return [remark.kind for remark in reader.remarks]


def passive(*values: str) -> tuple[Selection, ...]:
    found = read("<passive_backup>" + "".join(values) + "</passive_backup>").passive
    assert found is not None
    return found.selections


def active(attributes: str) -> ActiveBackup:
    found = read(f"<active_backup {attributes}/>").active
    assert found is not None
    return found


class TestVersion:
    def test_one_attribute_whatever_its_name_has_to_be_the_version(self) -> None:
        parse_registration(b'<backup_registration version="1.0"/>', SID)
        parse_registration(b'<backup_registration other="1.0"/>', SID)
        for value in ("1", "1.00", " 1.0", "2.0", ""):
            with pytest.raises(RegistrationError) as caught:
                parse_registration(f'<backup_registration version="{value}"/>'.encode(), SID)
            assert caught.value.code == -5

    def test_it_is_not_checked_without_or_with_several_attributes(self) -> None:
        parse_registration(b"<backup_registration/>", SID)
        parse_registration(b'<backup_registration version="9" other=""/>', SID)

    def test_it_comes_before_a_later_fault_of_the_xml(self) -> None:
        with pytest.raises(RegistrationError) as caught:
            parse_registration(b'<backup_registration version="9"><', SID)
        assert caught.value.code == -5

    def test_the_element_need_not_be_there(self) -> None:
        assert parse_registration(b"<system_backup/>", SID).has_system_files


class TestPassive:
    @pytest.mark.rule("7.2/yes", "7.2/passive")
    def test_flags_are_true_for_yes_in_any_case_only(self) -> None:
        found = read(
            '<passive_backup supports_selective="YES" delete_before_restore="true" base_backup_only="1"/>'
        )
        assert found.passive == PassiveBackup(supports_selective=True)

    def test_delete_before_restore_is_sticky_and_the_others_follow_the_last(self) -> None:
        flags = 'supports_selective="{0}" delete_before_restore="{0}" base_backup_only="{0}"'
        found = read(f"<passive_backup {flags.format('yes')}/><passive_backup {flags.format('no')}/>")
        assert found.passive == PassiveBackup(delete_before_restore=True)

    @pytest.mark.rule("7.2/passive")
    def test_an_additional_file_adds_paths_but_does_not_switch_it_on(self) -> None:
        body = '<passive_backup base_backup_only="yes"><include_file name="x"/></passive_backup>'
        assert read(body, primary=False).passive is None
        assert RemarkKind.ATTRIBUTES_IGNORED in remarks(body, primary=False)
        reader = RegistrationReader(SID)
        reader.read(body.encode(), primary=False)
        reader.read(b"<passive_backup/>", primary=True)
        assert reader.result().passive == PassiveBackup(selections=(Selection(OWN + "x"),))

    @pytest.mark.rule("7.2/paths")
    def test_paths_are_inside_the_private_directory_on_every_drive(self) -> None:
        assert passive(
            r'<include_directory name="\"/>',
            r'<include_directory name="a"/>',
            r'<include_file name="\b"/>',
            r'<include_file name="\\c"/>',
            r'<include_directory name="C:\Private\0AB7E57C\d"/>',
            r'<include_file name="\private\12345678\e"/>',
            r'<exclude name="\f\"/>',
        ) == (
            Selection(OWN),
            Selection(OWN + "a\\"),
            Selection(OWN + "b"),
            Selection(OWN + r"\c"),
            Selection(r"\Private\0AB7E57C\d" + "\\"),
            Selection(OWN + r"private\12345678\e"),
            Selection(OWN + "f\\", include=False),
        )

    @pytest.mark.parametrize("path", [r"c:\data\x", r"!:\x", r"?:\x", r"c:\private\12345678\x"])
    def test_another_place_is_rejected(self, path: str) -> None:
        assert passive(f'<include_file name="{path}"/>') == ()
        body = f'<passive_backup><include_file name="{path}"/></passive_backup>'
        assert remarks(body) == [RemarkKind.PATH_READ, RemarkKind.PATH_NOT_RECOGNISED]

    def test_a_letter_that_grows_in_lower_case_does_not_move_the_cut(self) -> None:
        assert passive(f'<include_file name="\u0130\u0130{OWN}x"/>') == (Selection(OWN + "x"),)


class TestPublic:
    def test_paths_need_a_colon(self) -> None:
        body = r'<public_backup><include_file name="c:\x"/><include_file name="\y"/></public_backup>'
        assert read(body).public == PublicBackup(selections=(Selection(r"c:\x"),))
        assert remarks(body) == [RemarkKind.SELECTION_ADDED, RemarkKind.PATH_NOT_ABSOLUTE]

    @pytest.mark.rule("7.2/public")
    def test_the_first_attribute_is_the_flag_whatever_its_name(self) -> None:
        assert read('<public_backup x="yes" delete_before_restore="no"/>').public == PublicBackup(
            delete_before_restore=True
        )


class TestContext:
    def test_paths_outside_are_dropped_silently(self) -> None:
        assert remarks('<include_file name="x"/><exclude name="y"/>') == [RemarkKind.PATH_OUTSIDE] * 2

    @pytest.mark.rule("7.2/case")
    def test_a_closing_public_backup_in_another_case_does_not_close(self) -> None:
        path = r'<include_file name="c:\x"/>'
        assert remarks(f"<public_backup/>{path}") == [RemarkKind.PATH_OUTSIDE]
        assert remarks(f"<Public_Backup/>{path}") == [RemarkKind.SELECTION_ADDED]
        assert remarks(f"<Passive_Backup/>{path}") == [RemarkKind.PATH_OUTSIDE]

    def test_it_does_not_reach_into_the_next_file(self) -> None:
        reader = RegistrationReader(SID)
        reader.read(b"<Public_Backup/>", primary=True)
        reader.read(b'<include_file name="c:\\x"/>', primary=False)
        assert reader.result().public == PublicBackup()

    @pytest.mark.rule("7.2/unknown")
    def test_children_of_an_unknown_element_count(self) -> None:
        assert read("<unknown><system_backup/></unknown>").has_system_files

    @pytest.mark.rule("7.2/case")
    def test_include_file_has_to_be_in_lower_case_and_the_others_need_not(self) -> None:
        assert remarks('<passive_backup><Include_File name="x"/></passive_backup>') == [RemarkKind.UNKNOWN_ELEMENT]
        assert read("<SYSTEM_BACKUP/>").has_system_files

    @pytest.mark.rule("7.2/paths")
    def test_the_first_attribute_is_the_path(self) -> None:
        assert passive('<exclude other="x" name="y"/>') == (Selection(OWN + "x", include=False),)


class TestPathLimits:
    def test_an_empty_path_is_ignored(self) -> None:
        assert remarks('<passive_backup><exclude name=""/></passive_backup>') == [RemarkKind.PATH_EMPTY]

    def test_more_than_256_characters_are_dropped(self) -> None:
        body = f'<passive_backup><exclude name="{"x" * 257}"/></passive_backup>'
        assert remarks(body) == [RemarkKind.PATH_TOO_LONG]

    @pytest.mark.parametrize(("path", "fits"), [("x" * 238, True), ("x" * 239, False), ("\\" + "x" * 239, False)])
    def test_a_completed_path_of_more_than_256_panics(self, path: str, fits: bool) -> None:
        if fits:
            assert passive(f'<exclude name="{path}"/>') == (Selection(OWN + path, include=False),)
            return
        with pytest.raises(RegistrationPanic) as caught:
            passive(f'<exclude name="{path}"/>')
        assert (caught.value.reason, caught.value.code) == (11, -15)

    def test_a_character_outside_the_basic_plane_counts_twice(self) -> None:
        face = "\U0001f600"
        assert len(passive(f'<exclude name="{face * 119}"/>')) == 1
        with pytest.raises(RegistrationPanic):
            passive(f'<exclude name="{face * 120}"/>')

    @pytest.mark.parametrize("element", ["include_file", "include_directory", "exclude", "proxy_data_manager"])
    def test_no_attribute_at_all_panics(self, element: str) -> None:
        with pytest.raises(RegistrationPanic) as caught:
            read(f"<{element}/>")
        assert caught.value.reason == 130


class TestActive:
    @pytest.mark.rule("7.2/active")
    def test_defaults(self) -> None:
        assert active("") == ActiveBackup("", supports_incremental=True, callback_delay_time_us=200_000_000)

    @pytest.mark.rule("7.2/active")
    def test_attributes(self) -> None:
        assert active(
            'process_name="x.exe" requires_delay_to_prepare_data="yes" supports_selective="yes" '
            'supports_incremental="true" active_type="ProxyOnly" callback_delay_time="5000ms"'
        ) == ActiveBackup(
            process_name="x.exe",
            requires_delay_to_prepare_data=True,
            supports_selective=True,
            supports_incremental=False,
            active_type=TActiveBackupType.EProxyImpOnly,
            callback_delay_time_us=5000,
        )

    @pytest.mark.parametrize("value", ["0", "-5", "", "soon", "4294967296", "9" * 5000])
    @pytest.mark.rule("7.2/active")
    def test_an_unusable_delay_is_the_default(self, value: str) -> None:
        assert active(f'callback_delay_time="{value}"').callback_delay_time_us == 200_000_000

    def test_an_older_engine_does_not_know_the_delay(self) -> None:
        reader = RegistrationReader(SID, callback_delay_supported=False)
        reader.read(b'<active_backup callback_delay_time="5"/>', primary=True)
        assert reader.result().active == ActiveBackup()
        assert [r.kind for r in reader.remarks] == [RemarkKind.UNKNOWN_ATTRIBUTE]

    def test_an_unknown_type_keeps_the_previous_one(self) -> None:
        found = read('<active_backup active_type="proxyonly"/><active_backup active_type="proxy"/>').active
        assert found == ActiveBackup(active_type=TActiveBackupType.EProxyImpOnly)

    def test_a_process_name_that_is_too_long_switches_it_off(self) -> None:
        body = f'<active_backup process_name="{"x" * 129}" active_type="proxyonly"/>'
        assert read(body).active is None
        assert remarks(body) == [RemarkKind.PROCESS_NAME_TOO_LONG]
        assert active(f'process_name="{"x" * 128}"').process_name == "x" * 128

    @pytest.mark.rule("7.2/active")
    def test_it_is_unknown_in_an_additional_file(self) -> None:
        assert read("<active_backup/>", primary=False).active is None
        assert remarks("<active_backup/><restore/>", primary=False) == [RemarkKind.UNKNOWN_ELEMENT] * 2

    @pytest.mark.parametrize(
        ("body", "incremental"),
        [
            ("<active_backup/><cenrep_backup/>", True),
            ("<cenrep_backup/><active_backup/>", False),
            ('<cenrep_backup/><active_backup supports_incremental="yes"/>', True),
            ('<active_backup supports_incremental="no"/><cenrep_backup/>', False),
        ],
    )
    @pytest.mark.rule("Q14")
    def test_q14_the_default_of_incremental_depends_on_the_order(self, body: str, incremental: bool) -> None:
        found = read(body).active
        assert found is not None
        assert found.supports_incremental is incremental


class TestProxies:
    @pytest.mark.parametrize(
        ("value", "sid"),
        [
            ("0x10202BE9", 0x10202BE9),
            ("10202be9", 0x10202BE9),
            ("junk0x12zz", 0x12),
            ("0x0000000010202BE9", 0x10202BE9),
            ("0X12", 0),
        ],
    )
    @pytest.mark.rule("7.2/proxy")
    def test_how_a_sid_is_read(self, value: str, sid: int) -> None:
        assert read(f'<proxy_data_manager sid="{value}"/>').proxies == (SecureId(sid),)

    @pytest.mark.parametrize("value", ["", "0x", "x12", "0x100000000", " 12"])
    @pytest.mark.rule("7.2/proxy")
    def test_what_is_no_sid_is_ignored(self, value: str) -> None:
        assert remarks(f'<proxy_data_manager SID="{value}"/>') == [RemarkKind.PROXY_UNREADABLE]

    def test_only_the_first_attribute_counts(self) -> None:
        body = '<proxy_data_manager x="" SID="1"/>'
        assert remarks(body) == [RemarkKind.UNKNOWN_ATTRIBUTE, RemarkKind.PROXY_NAME_IGNORED]
        assert read(body).proxies == ()

    @pytest.mark.rule("7.2/proxy")
    def test_own_sid_and_repetitions(self) -> None:
        body = "".join(f'<proxy_data_manager SID="{sid}"/>' for sid in (SID, 1, 1))
        assert read(body).proxies == (SecureId(1),)
        assert remarks(body) == [RemarkKind.PROXY_OWN_SID, RemarkKind.PROXY_ADDED, RemarkKind.PROXY_REPEATED]

    @pytest.mark.rule("7.2/cenrep")
    def test_cenrep_backup_is_the_central_repository(self) -> None:
        assert read("<cenrep_backup/>").proxies == (CENTRAL_REPOSITORY_SID,)
        reader = RegistrationReader(SID, central_repository_sid=SecureId(7))
        reader.read(b"<cenrep_backup/>", primary=False)
        assert reader.result().proxies == (SecureId(7),)


class TestDatabases:
    @pytest.mark.parametrize(
        ("value", "policy"),
        [
            ("E0123456", 0xE0123456),
            ("0x100069CC", 0),
            ("12zz", 0x12),
            ("", None),
            ("zz", None),
            ("123456789", None),
        ],
    )
    @pytest.mark.rule("7.2/dbms")
    def test_how_a_policy_is_read(self, value: str, policy: int | None) -> None:
        found = read(f'<dbms_backup policy="{value}"/>')
        assert found.dbms_policies == (policy,)
        assert found.passive == PassiveBackup()

    @pytest.mark.rule("7.2/dbms")
    def test_the_old_form_only_switches_passive_on(self) -> None:
        body = '<dbms_backup database="x.db" other=""/>'
        assert read(body) == Registration(SID, passive=PassiveBackup())
        assert remarks(body) == [RemarkKind.DEPRECATED_ATTRIBUTE, RemarkKind.UNKNOWN_ATTRIBUTE]


class TestRestore:
    @pytest.mark.rule("7.2/restore")
    def test_requires_reboot_counts_only_alone(self) -> None:
        assert read('<restore requires_reboot="yes"/>').requires_reboot
        assert not read('<restore requires_reboot="yes" x=""/>').requires_reboot
        assert not read('<restore x="yes"/>').requires_reboot
        assert not read('<restore requires_reboot="yes"/><restore requires_reboot="no"/>').requires_reboot


class TestSeveralFiles:
    def test_lists_add_up_and_flags_follow_the_later_file(self) -> None:
        reader = RegistrationReader(SID)
        reader.read(
            b'<a><active_backup process_name="rom.exe" supports_selective="yes"/><cenrep_backup/></a>',
            primary=True,
        )
        reader.read(b'<a><active_backup process_name="c.exe"/><proxy_data_manager SID="1"/></a>', primary=True)
        found = reader.result()
        assert found.active == ActiveBackup("c.exe", supports_selective=True)
        assert found.proxies == (CENTRAL_REPOSITORY_SID, SecureId(1))

    def test_one_unusable_file_makes_the_owner_unusable(self) -> None:
        reader = RegistrationReader(SID)
        with pytest.raises(RegistrationError):
            reader.read(b"", primary=False)
        reader.read(b"<system_backup/>", primary=True)
        with pytest.raises(RegistrationError) as caught:
            reader.result()
        assert caught.value.code == -997


class TestKeepGoing:
    def test_a_linter_sees_everything_behind_what_is_fatal(self) -> None:
        reader = RegistrationReader(SID)
        body = b'<backup_registration version="2"><exclude/><proxy_data_manager/><system_backup/>'
        reader.read_document(scan(body), primary=True, keep_going=True)
        assert [fault.code for fault in reader.faults] == [-5, -15, -15, -997]
        assert not reader.is_usable
        assert reader.partial_result().has_system_files
        with pytest.raises(RegistrationError) as caught:
            reader.result()
        assert caught.value.code == -5
