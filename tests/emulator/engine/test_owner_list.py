"""Finding data owners, their drives, what the host is told (BE 7)."""

from __future__ import annotations

import pytest

from device_agent.emulator.engine.owner_list import discovery_order
from device_agent.emulator.phone import Phone
from device_agent.emulator.processes import Process
from tests.emulator.data.bench import C, code_of, registration
from tests.emulator.engine.bench import (
    BACKUP,
    FAILED,
    NORMAL,
    NOT_CONNECTED,
    NOT_READY,
    ONE,
    PASSIVE,
    READY,
    THREE,
    TWO,
    D,
    EngineBench,
    Script,
    active,
    proxy,
)
from wire.formats.registration import is_primary, read_directory_sid
from wire.formats.serialised import PackageIdentity, SecureIdentity
from wire.symbian import ActiveSettings, CommonSettings, Drive, PassiveSettings, SecureId, TDataOwnerStatus
from wire.symbian_errors import KErrNotFound, KErrNotSupported

Z = Drive.parse("Z")


class TestFinding:
    @pytest.mark.rule("7.1/search")
    @pytest.mark.parametrize("drive", ["C", "D", "Z"])
    def test_on_every_drive(self, drive: str) -> None:
        path = f"{drive}:{ONE.private_directory}backup_registration.xml"
        bench = EngineBench({}, drives="CDZ", files={path: registration(active())})
        (info,) = bench.client.list_data_owners()
        assert info.sid == ONE

    @pytest.mark.rule("7.1/directory")
    @pytest.mark.parametrize(
        ("name", "sid"),
        [
            ("20001234", 0x20001234),
            ("0AB7E57c", 0x0AB7E57C),
            ("1", 1),
            ("12xyz", 0x12),
            ("xyz", None),
            ("", None),
            ("FFFFFFFF", 0xFFFFFFFF),
            ("100000000", None),
        ],
    )
    def test_what_a_directorys_name_is(self, name: str, sid: int | None) -> None:
        assert read_directory_sid(name) == sid

    @pytest.mark.rule("7.1/directory")
    def test_other_directories_are_passed_over(self) -> None:
        files = {
            "C:\\private\\$first\\backup_registration.xml": b"<",
            "C:\\private\\other\\backup_registration.xml": b"<",
            "C:\\private\\20001236": b"a file of that name",
            f"C:{TWO.private_directory}other.xml": b"<",
            f"C:{TWO.private_directory}backup_registration.txt": b"<",
        }
        bench = EngineBench({ONE: active()}, files=files)
        assert [info.sid for info in bench.client.list_data_owners()] == [ONE]

    @pytest.mark.rule("7.1/several")
    def test_several_files_are_one_owner(self) -> None:
        files = {
            f"C:{ONE.private_directory}backup_registration_more.xml": registration("<system_backup/>"),
            f"D:{ONE.private_directory}backup_registration.xml": registration(PASSIVE),
        }
        bench = EngineBench({ONE: active()}, drives="CDZ", files=files)
        (info,) = bench.client.list_data_owners()
        assert info.common == CommonSettings.ACTIVE | CommonSettings.PASSIVE | CommonSettings.SYSTEM_FILES

    def test_the_engines_own_drive_has_the_last_word(self) -> None:
        files = {
            f"{letter}:{ONE.private_directory}backup_registration.xml": registration(
                active(others=f'callback_delay_time="{number}"')
            )
            for number, letter in enumerate("CDEZ", start=1)
        }
        bench = EngineBench({}, drives="CDEZ", files=files)
        bench.client.list_data_owners()
        assert bench.engine.watchdog_s(ONE) == 1e-6
        assert bench.engine.owners[ONE].files == [
            f"{letter}:{ONE.private_directory}backup_registration.xml" for letter in "CEDZ"
        ]

    def test_the_order_in_which_drives_are_looked_at(self) -> None:
        drives = [Drive.parse(letter) for letter in "ACDEYZ"]
        assert "".join(d.letter for d in discovery_order(drives)) == "CYEDAZ"
        assert discovery_order([D]) == [D]

    @pytest.mark.rule("7.1/primary")
    @pytest.mark.parametrize(
        ("name", "primary"),
        [
            ("backup_registration.xml", True),
            ("Backup_Registration.XML", True),
            ("backup_registration2.xml", False),
        ],
    )
    def test_the_primary_file(self, name: str, primary: bool) -> None:
        assert is_primary(name) == primary
        path = f"C:{ONE.private_directory}{name}"
        bench = EngineBench({}, files={path: registration(active())})
        (info,) = bench.client.list_data_owners()
        owner = bench.engine.owners[ONE]
        assert owner.error == (0 if primary else -2)
        assert owner.parsed == primary
        assert bool(info.common) == primary

    def test_a_file_that_somebody_holds(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.phone.files.file(f"C:{ONE.private_directory}backup_registration.xml").exclusive = True
        bench.client.list_data_owners()
        assert bench.engine.owners[ONE].error == -14


class TestFile:
    @pytest.mark.rule("7.2/root")
    @pytest.mark.parametrize(
        ("root", "code"),
        [('version="1.0"', 0), ('version="1.1"', KErrNotSupported), ('version="2" x="y"', 0), ("", 0)],
    )
    def test_its_version(self, root: str, code: int) -> None:
        text = f"<backup_registration {root}>{active()}</backup_registration>"
        files = {f"C:{ONE.private_directory}backup_registration.xml": text.encode()}
        bench = EngineBench({}, files=files)
        bench.client.list_data_owners()
        assert bench.engine.owners[ONE].error == code

    @pytest.mark.rule("7.2/encodings")
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_its_encoding(self, encoding: str) -> None:
        text = f'<?xml version="1.0"?><backup_registration>{active()}</backup_registration>'
        files = {f"C:{ONE.private_directory}backup_registration.xml": text.encode(encoding)}
        (info,) = EngineBench({}, files=files).client.list_data_owners()
        assert info.common == CommonSettings.ACTIVE

    @pytest.mark.rule("7.2/xml-error", "7.6/error")
    def test_one_that_is_no_xml(self) -> None:
        bench = EngineBench({ONE: f"{active()}<open>", TWO: PASSIVE})
        two, one = bench.client.list_data_owners()
        assert one.identity == SecureIdentity(ONE)
        assert (one.common, one.passive, one.active) == (0, 0, 0)
        assert one.drives == frozenset()
        assert two.common == CommonSettings.PASSIVE
        assert bench.engine.owners[ONE].error < 0


class TestSettings:
    @pytest.mark.rule("7.3/common", "7.3/passive", "7.3/active")
    @pytest.mark.parametrize(
        ("body", "common", "passive", "active_flags"),
        [
            (active(), "ACTIVE", "", "INCREMENTAL"),
            (active(increments="no"), "ACTIVE", "", ""),
            (active(others='requires_delay_to_prepare_data="yes"'), "ACTIVE", "", "DELAY_TO_PREPARE INCREMENTAL"),
            (proxy(TWO), "ACTIVE", "", ""),
            (PASSIVE, "PASSIVE", "INCREMENTAL", ""),
            ('<passive_backup base_backup_only="yes"/>', "PASSIVE", "", ""),
            ('<passive_backup delete_before_restore="yes"/>', "PASSIVE", "DELETE_BEFORE_RESTORE INCREMENTAL", ""),
            ("<public_backup/>", "", "PUBLIC_FILES", ""),
            ("<system_backup/>", "SYSTEM_FILES", "", ""),
            ('<restore requires_reboot="yes"/>', "REQUIRES_REBOOT", "", ""),
            (active(others='supports_selective="yes"'), "ACTIVE", "", "INCREMENTAL"),
            (
                active(others='supports_selective="yes"') + '<passive_backup supports_selective="yes"/>',
                "ACTIVE PASSIVE SELECTIVE",
                "INCREMENTAL",
                "INCREMENTAL",
            ),
        ],
    )
    @pytest.mark.rule("7.2/system")
    def test_flags(self, body: str, common: str, passive: str, active_flags: str) -> None:
        (info,) = EngineBench({ONE: body}).client.list_data_owners()
        assert info.common == sum(CommonSettings[name] for name in common.split())
        assert info.passive == sum(PassiveSettings[name] for name in passive.split())
        assert info.active == sum(ActiveSettings[name] for name in active_flags.split())


class TestStarting:
    @pytest.mark.rule("7.4/created", "7.4/no-wait")
    def test_a_process_is_created_and_nobody_waits(self) -> None:
        began: list[SecureId] = []

        class Owner(Process):
            def main(self) -> None:
                began.append(self.sid)

        bench = EngineBench({ONE: active()})
        bench.phone.processes.install(f"{ONE:08x}.exe", ONE, Owner)
        bench.enter(BACKUP)
        assert began == []
        assert bench.engine.owners[ONE].stored_status == NOT_CONNECTED
        bench.phone.scheduler.run_ready()
        assert began == [ONE]

    @pytest.mark.rule("7.4/running")
    def test_one_that_runs_is_not_started_again(self) -> None:
        bench = EngineBench({ONE: active()})
        process = bench.process()
        bench.enter(BACKUP)
        assert bench.phone.processes.running(ONE) is process
        assert bench.engine.owners[ONE].stored_status == NOT_CONNECTED
        bench.change(NORMAL)
        bench.connect(Script())
        bench.enter(BACKUP)
        assert bench.engine.owners[ONE].stored_status == READY

    @pytest.mark.rule("7.4/running")
    def test_a_session_that_is_not_confirmed(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.connect(Script(), confirm=None)
        bench.enter(BACKUP)
        assert bench.engine.owners[ONE].stored_status == NOT_READY

    @pytest.mark.rule("7.4/failed", "8.3/start", "Q16", "16.7/missing")
    def test_a_missing_executable(self) -> None:
        bench = EngineBench({ONE: active()}, without_executable=(ONE,))
        bench.enter(BACKUP)
        assert bench.engine.owners[ONE].stored_status == FAILED
        assert bench.status() == NOT_CONNECTED
        assert code_of(bench.get) == KErrNotFound

    @pytest.mark.rule("7.4/created", "16.7/wrong-sid")
    def test_an_executable_with_another_sid(self) -> None:
        bench = EngineBench({ONE: active()})
        bench.phone.processes.install(f"{ONE:08x}.exe", TWO, Process)
        bench.enter(BACKUP)
        assert bench.phone.processes.running(TWO) is None
        assert bench.status() == NOT_CONNECTED
        assert code_of(bench.get) == KErrNotFound

    @pytest.mark.rule("7.4/created")
    @pytest.mark.parametrize("name", ["owner", "OWNER.EXE", "c:\\sys\\bin\\owner.exe"])
    def test_how_an_executable_may_be_called(self, name: str) -> None:
        bench = EngineBench({ONE: f'<active_backup process_name="{name}"/>'})
        bench.phone.processes.install("owner.exe", ONE, Process)
        bench.enter(BACKUP)
        process = bench.phone.processes.running(ONE)
        assert process is not None
        assert process.name == "owner.exe"

    def test_a_passive_owner_has_no_process(self) -> None:
        bench = EngineBench({ONE: PASSIVE})
        bench.enter(BACKUP)
        assert bench.phone.processes.running(ONE) is None
        assert bench.engine.owners[ONE].stored_status == READY

    def test_a_process_that_has_ended_makes_room(self) -> None:
        bench = EngineBench({ONE: active()})
        first = bench.process()
        first.end()
        first.end()
        assert bench.phone.processes.running(ONE) is None
        bench.phone.processes.remove(f"{ONE:08x}.EXE")
        assert code_of(bench.process) == KErrNotFound

    def test_a_process_begins_later_if_it_shall(self) -> None:
        began: list[float] = []

        class Late(Process):
            def __init__(self, phone: Phone, sid: SecureId, name: str) -> None:
                super().__init__(phone, sid, name)
                self.begins_after_s = 5.0

            def main(self) -> None:
                began.append(self.phone.clock.now())

        bench = EngineBench({ONE: active()})
        bench.phone.processes.install(f"{ONE:08x}.exe", ONE, Late)
        bench.process()
        bench.pass_time(4.9)
        assert began == []
        bench.pass_time(0.2)
        assert len(began) == 1


class TestDrives:
    @pytest.mark.rule("7.5/active", "7.5/paths")
    @pytest.mark.parametrize(
        ("body", "drives"),
        [
            (active(), "CDE"),
            (proxy(TWO), "CDE"),
            ('<dbms_backup policy="1"/>', "CDE"),
            ('<passive_backup><include_directory name="\\"/></passive_backup>', "CDE"),
            ('<public_backup><include_file name="d:\\x.txt"/></public_backup>', "D"),
            ('<public_backup><include_file name="z:\\x.txt"/><include_file name="c:\\y"/></public_backup>', "C"),
            ('<public_backup><include_file name="f:\\x.txt"/></public_backup>', ""),
            ('<public_backup><include_file name="!:\\x.txt"/></public_backup>', "CDE"),
            ("<system_backup/>", ""),
        ],
    )
    def test_which_drives_an_owner_has(self, body: str, drives: str) -> None:
        (info,) = EngineBench({ONE: body}, drives="CDEZ").client.list_data_owners()
        assert "".join(d.letter for d in sorted(info.drives)) == drives

    @pytest.mark.rule("7.5/no-state", "15.4/wrong-drive", "11.2/flags")
    @pytest.mark.parametrize("drive", [Z, Drive.parse("F")])
    @pytest.mark.parametrize("data_type", range(1, 7))
    def test_another_drive_is_not_found(self, drive: Drive, data_type: int) -> None:
        bench = EngineBench({ONE: active() + PASSIVE}, drives="CZ")
        bench.enter(BACKUP)
        bench.connect(Script(b"x"))
        assert code_of(lambda: bench.get(data_type, drive=drive)) == KErrNotFound
        assert code_of(lambda: bench.put(b"\0\0\0\0x", data_type, drive=drive)) == KErrNotFound


class TestList:
    @pytest.mark.rule("7.6/order")
    def test_descending_and_import_packages_last(self) -> None:
        folder = "C:\\private\\10202d56\\import\\packages\\"
        files = {f"{folder}{uid}\\backup_registration.xml": registration("") for uid in ("20009999", "00000001")}
        bench = EngineBench({TWO: PASSIVE, THREE: PASSIVE, ONE: PASSIVE}, files=files)
        infos = bench.client.list_data_owners()
        assert [info.identity for info in infos] == [
            SecureIdentity(THREE),
            SecureIdentity(TWO),
            SecureIdentity(ONE),
            PackageIdentity(1, SecureId(1), ""),
            PackageIdentity(0x20009999, SecureId(0x20009999), ""),
        ]

    @pytest.mark.rule("7.6/proxyonly")
    @pytest.mark.parametrize(
        ("others", "listed"),
        [("", False), (PASSIVE, True), ("<system_backup/>", True), ("<public_backup/>", True)],
    )
    def test_one_that_only_serves_others(self, others: str, listed: bool) -> None:
        bench = EngineBench({ONE: active(kind="proxyonly") + others})
        assert bool(bench.client.list_data_owners()) == listed
        assert ONE in bench.engine.owners

    def test_the_list_is_made_anew_each_time(self) -> None:
        bench = EngineBench({ONE: PASSIVE})
        bench.client.list_data_owners()
        bench.phone.files.delete(f"C:{ONE.private_directory}backup_registration.xml")
        bench.phone.files.install(f"C:{TWO.private_directory}backup_registration.xml", registration(PASSIVE))
        assert [info.sid for info in bench.client.list_data_owners()] == [TWO]


@pytest.mark.rule("8.1/initial")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (PASSIVE, 2),
        ("<system_backup/>", 2),
        (active(), 5),
        (active() + PASSIVE, 5),
        (proxy(TWO), 5),
        ("<public_backup/>", 0),
        ("", 0),
    ],
)
def test_the_status_after_parsing(body: str, status: int) -> None:
    bench = EngineBench({ONE: body})
    bench.client.list_data_owners()
    assert bench.engine.owners[ONE].stored_status == status
    assert bench.engine.owners[ONE].drive_states.keys() == bench.engine.owners[ONE].drives


@pytest.mark.rule("8.1/numbers")
def test_the_numbers_of_ready_states() -> None:
    assert [(int(status), status.name) for status in TDataOwnerStatus] == [
        (0, "EUnset"),
        (1, "EDataOwnerNotFound"),
        (2, "EDataOwnerReady"),
        (3, "EDataOwnerNotReady"),
        (4, "EDataOwnerFailed"),
        (5, "EDataOwnerNotConnected"),
        (6, "EDataOwnerReadyNoImpl"),
    ]


def test_nothing_is_listed_on_an_empty_phone() -> None:
    assert EngineBench({}).client.list_data_owners() == []
    assert C in EngineBench({}).engine.files.drives
