"""Installed packages in the owner list, in a backup and in a restore (BE 7.6, 17, 20; Registration format 7)."""

from __future__ import annotations

import struct

import pytest

from device_agent.emulator.engine.config import CONFIG_PATH
from device_agent.emulator.engine.versions import VERSIONS
from device_agent.emulator.installer import Package
from device_agent.emulator.profile import HandsetProfile, ProfileFile, ProfilePackage
from tests.emulator.data.bench import (
    EVERYTHING,
    Bench,
    C,
    code_of,
    record,
    registration,
)
from tests.passive_streams import names_in, records_in
from wire.formats.container import unpack_sections
from wire.formats.serialised import (
    DataOwnerInfo,
    JavaTransfer,
    PackageIdentity,
    PackageTransfer,
    SecureIdentity,
    SidTransfer,
    write_generic,
)
from wire.symbian import (
    ActiveSettings,
    CommonSettings,
    Drive,
    PassiveSettings,
    SecureId,
    TBURPartType,
    TDataOwnerStatus,
    TJavaTransferType,
    TPackageDataType,
    TTransferDataType,
)
from wire.symbian_errors import (
    KErrAlreadyExists,
    KErrCorrupt,
    KErrInUse,
    KErrNotFound,
    KErrNotReady,
    KErrNotSupported,
    KErrUnderflow,
)

UID = SecureId(0x20005678)
SID = SecureId(0x20005679)
EXE = r"C:\sys\bin\game.exe"
REGISTRATION = f"C:{SID.private_directory}backup_registration.xml"
DATA = PackageTransfer(C, UID, TPackageDataType.ESystemData)
SNAPSHOT = PackageTransfer(C, UID, TPackageDataType.ESystemSnapshotData)
IMPORT = "C:\\private\\10202d56\\import\\packages\\{}\\backup_registration.xml"
BACKUP, RESTORE = TBURPartType.EBURBackupFull, TBURPartType.EBURRestoreFull

GAME = Package(
    UID,
    "A game",
    "Somebody",
    sids=(SID,),
    files=((EXE, b"E" * 5000), (REGISTRATION, registration("<system_backup/>" + EVERYTHING))),
)
LIBRARY = Package(
    UID,
    "A library",
    "Somebody",
    files=((r"C:\sys\bin\x.dll", b"D" * 100), (IMPORT.format("20005678"), registration("<system_backup/>"))),
)


def bench_with(package: Package, **others: object) -> Bench:
    profile = HandsetProfile(packages=(ProfilePackage(package, installed=True),), **others)  # type: ignore[arg-type]
    return Bench(profile)


def backed_up(bench: Bench) -> bytes:
    bench.enter(BACKUP)
    stream = bench.request(DATA)
    bench.normal()
    return stream


class TestOwnerList:
    @pytest.mark.rule("7.6/package")
    def test_an_owner_of_a_package_stands_under_its_identity(self) -> None:
        (info,) = bench_with(GAME).client.list_data_owners()
        assert info.identity == PackageIdentity(UID, SID, "A game")
        assert info.common == CommonSettings.PASSIVE | CommonSettings.SYSTEM_FILES

    def test_without_system_files_it_is_an_owner_like_any_other(self) -> None:
        package = GAME._replace(files=((REGISTRATION, registration(EVERYTHING)),))
        (info,) = bench_with(package).client.list_data_owners()
        assert info.identity == SecureIdentity(SID)

    def test_with_system_files_alone_the_package_tells_the_drives(self) -> None:
        files = ((REGISTRATION, registration("<system_backup/>")), (EXE, b"E"))
        drives = {"writable_drives": (C, Drive.parse("E"))}
        (info,) = bench_with(GAME._replace(files=files), **drives).client.list_data_owners()
        assert info.drives == {C}

    @pytest.mark.parametrize(("version", "is_listed"), [("symbian3-2010.02", False), ("symbian3-2010.04", True)])
    @pytest.mark.parametrize("package", [GAME, LIBRARY], ids=["owner", "import"])
    def test_a_package_that_cannot_be_removed(self, package: Package, version: str, is_listed: bool) -> None:
        bench = bench_with(package._replace(removable=False), version=VERSIONS[version].engine)
        other = SecureId(1)
        bench.phone.files.install(f"C:{other.private_directory}backup_registration.xml", registration(EVERYTHING))
        infos = bench.client.list_data_owners()
        assert SecureIdentity(other) in [info.identity for info in infos]
        assert len(infos) == 1 + is_listed
        if is_listed:
            assert backed_up(bench) == b""
            bench.enter(BACKUP)
            assert bench.expected(DATA) == 0

    @pytest.mark.rule("7.1/import", "7.6/order")
    def test_a_package_without_a_private_directory_follows_the_owners(self) -> None:
        bench = bench_with(LIBRARY)
        bench.phone.files.install("C:\\private\\f0000001\\backup_registration.xml", registration(EVERYTHING))
        last = bench.client.list_data_owners()[-1]
        identity = PackageIdentity(UID, UID, "A library")
        settings = (CommonSettings.SYSTEM_FILES, PassiveSettings(0), ActiveSettings(0))
        assert last == DataOwnerInfo(identity, *settings, frozenset({C}))

    @pytest.mark.rule("7.1/import")
    def test_where_its_file_is_looked_for(self) -> None:
        folder = "\\private\\10202d56\\import\\packages\\"
        files = (f"Y:{folder}20005678\\backup_registration.xml", f"E:{folder}$\\backup_registration.xml")
        given = tuple(ProfileFile(path, registration("")) for path in (*files, f"E:{folder}20005679\\other.xml"))
        bench = Bench(HandsetProfile(writable_drives=tuple(map(Drive.parse, "CEFY")), files=given))
        (info,) = bench.client.list_data_owners()
        assert info.identity == PackageIdentity(UID, UID, "")

    @pytest.mark.rule("7.1/import")
    @pytest.mark.parametrize(
        ("file", "common", "passive"),
        [
            (registration(""), "", ""),
            (registration("<public_backup/>"), "", "PUBLIC_FILES"),
            (registration("<system_backup/><public_backup/>"), "SYSTEM_FILES", "PUBLIC_FILES"),
            # Private data is for owners, and so are processes.
            (registration(EVERYTHING + '<active_backup process_name="x.exe"/>'), "", ""),
            (b"<no XML", "", ""),
        ],
    )
    def test_what_its_file_may_say(self, file: bytes, common: str, passive: str) -> None:
        bench = bench_with(LIBRARY._replace(files=((IMPORT.format("20005678"), file),)))
        info = bench.client.list_data_owners()[-1]
        assert info.identity == PackageIdentity(UID, UID, "A library")
        assert info.common == sum(CommonSettings[name] for name in common.split())
        assert info.passive == sum(PassiveSettings[name] for name in passive.split())
        assert info.active == ActiveSettings(0)

    def test_a_file_for_a_package_that_is_not_installed_gives_an_empty_entry(self) -> None:
        bench = bench_with(LIBRARY)
        bench.phone.installer.remove(UID)
        bench.phone.files.install(IMPORT.format("20005678"), registration("<system_backup/>"))
        (info,) = bench.client.list_data_owners()
        assert info.identity == PackageIdentity(UID, UID, "")
        assert not info.common
        assert not info.drives

    def test_public_files_make_it_a_data_owner_besides(self) -> None:
        body = '<system_backup/><public_backup><include_directory name="c:\\media"/></public_backup>'
        bench = bench_with(LIBRARY._replace(files=((IMPORT.format("20005678"), registration(body)),)))
        bench.phone.files.install(r"C:\media\song.mp3", b"la")
        bench.enter(BACKUP)
        assert [found.path.lower() for found in bench.client.public_file_list(UID, C)] == [r"c:\media\song.mp3"]
        bench.normal()
        assert bench.client.list_data_owners()[-1].passive == PassiveSettings.PUBLIC_FILES
        # In a restore the files are read when the system files are there.
        bench.enter(RESTORE)
        assert bench.client.sid_status([UID]) == [TDataOwnerStatus.EDataOwnerReady]


class TestBackup:
    @pytest.mark.rule("17/package-request")
    def test_metadata_then_the_files_that_are_still_there(self) -> None:
        bench = bench_with(GAME)
        bench.phone.files.delete(EXE)
        stream = backed_up(bench)
        (size,) = struct.unpack_from("<I", stream)
        assert b"A game" in stream[4 : 4 + size]
        assert list(records_in(stream[4 + size :])) == [REGISTRATION]

    @pytest.mark.rule("10.3/package")
    def test_a_stream_longer_than_the_heap_comes_in_parts(self) -> None:
        """With no room kept for the header of a section."""
        config = ProfileFile(f"C:{CONFIG_PATH}", b'<sbe_config><heap size="131072"/></sbe_config>')
        bench = bench_with(GAME._replace(files=((EXE, b"E" * 200_000),)), files=(config,))
        bench.enter(BACKUP)
        parts = [bench.client.request_data(write_generic(DATA)) for _ in range(2)]
        assert [part.finished for part in parts] == [False, True]
        assert len(b"".join(unpack_sections(parts[0].data))) == 128670

    def test_files_on_another_drive_are_not_in_it(self) -> None:
        elsewhere = r"E:\sys\bin\more.exe"
        package = GAME._replace(files=(*GAME.files, (elsewhere, b"M")))
        bench = bench_with(package, writable_drives=(C, Drive.parse("E")))
        assert elsewhere.encode("utf-16-le") not in backed_up(bench)

    def test_a_snapshot_lists_its_files(self) -> None:
        bench = bench_with(GAME)
        bench.enter(BACKUP)
        assert names_in(bench.request(SNAPSHOT)) == [EXE, REGISTRATION]
        assert bench.expected(SNAPSHOT) == 2 * 528
        # The one is over, so that the other may be asked for.
        assert bench.request(DATA)

    def test_the_expected_size_is_an_estimate(self) -> None:
        bench = bench_with(LIBRARY._replace(files=((r"C:\sys\bin\x.dll", b"D" * 100),)))
        bench.enter(BACKUP)
        metadata = len(bench.phone.installer.metadata(bench.phone.installer.query(UID)))
        assert bench.expected(DATA) == 4 + metadata + 24 + len(r"C:\sys\bin\x.dll") + 100

    def test_what_is_not_installed_is_not_found(self) -> None:
        bench = bench_with(GAME)
        bench.enter(BACKUP)
        other = DATA._replace(package_uid=1)
        assert code_of(lambda: bench.request(other)) == KErrNotFound
        assert code_of(lambda: bench.expected(other)) == KErrNotFound

    @pytest.mark.parametrize(
        ("transfer", "code"),
        [
            (DATA._replace(data_type=7), KErrNotSupported),
            (DATA._replace(drive=25), 0),
            (DATA._replace(drive=26), KErrNotFound),
        ],
    )
    def test_a_kind_or_drive_that_there_is_not(self, transfer: PackageTransfer, code: int) -> None:
        bench = bench_with(GAME)
        bench.enter(BACKUP)
        assert code_of(lambda: bench.request(transfer)) == code

    @pytest.mark.rule("17/package-request")
    def test_a_multi_part_operation_has_to_be_finished(self) -> None:
        bench = bench_with(GAME)
        bench.enter(RESTORE)
        bench.supply(SNAPSHOT, b"x", finished=False)
        assert code_of(lambda: bench.supply(DATA, b"x")) == KErrNotReady
        bench.supply(SNAPSHOT, b"x")
        bench.supply(DATA, b"\0\0", finished=False)
        # The state is each package's own.
        bench.supply(SNAPSHOT._replace(package_uid=1), b"x")

    @pytest.mark.rule("17/package-request")
    def test_an_error_ends_an_operation(self) -> None:
        bench = bench_with(GAME)
        bench.phone.files.file(EXE).exclusive = True
        bench.enter(BACKUP)
        assert code_of(lambda: bench.request(DATA)) == KErrInUse
        assert bench.request(SNAPSHOT)


class TestRestore:
    @pytest.mark.rule("17/package-supply")
    @pytest.mark.parametrize("size", [3, 700])
    def test_a_package_that_was_removed_comes_back(self, size: int) -> None:
        bench = bench_with(GAME)
        stream = backed_up(bench)
        bench.phone.installer.remove(UID)
        assert not bench.phone.files.exists(EXE)
        assert not bench.client.list_data_owners()
        bench.enter(RESTORE)
        # In pieces, as the container's blocks may cut it.
        for start in range(0, len(stream), size):
            piece = stream[start : start + size]
            bench.supply(DATA, piece, finished=start + size >= len(stream))
        bench.client.all_system_files_restored()
        bench.normal()
        assert bench.phone.files.read(EXE) == b"E" * 5000
        (info,) = bench.client.list_data_owners()
        assert info.identity == PackageIdentity(UID, SID, "A game")

    @pytest.mark.rule("17/package-supply")
    def test_one_of_more_than_a_block_comes_back(self) -> None:
        bench = bench_with(GAME._replace(files=((EXE, b"E" * 200_000),)))
        stream = backed_up(bench)
        bench.phone.installer.remove(UID)
        bench.enter(RESTORE)
        bench.supply(DATA, stream)
        assert bench.phone.files.read(EXE) == b"E" * 200_000

    @pytest.mark.rule("17/package-supply")
    def test_one_without_files_comes_back_too(self) -> None:
        bench = bench_with(GAME._replace(files=()))
        stream = backed_up(bench)
        bench.phone.installer.remove(UID)
        bench.enter(RESTORE)
        bench.supply(DATA, stream)
        assert bench.phone.installer.installed(UID) is not None

    @pytest.mark.rule("17/package-supply")
    def test_one_that_is_installed_is_refused(self) -> None:
        bench = bench_with(GAME)
        stream = backed_up(bench)
        bench.enter(RESTORE)
        assert code_of(lambda: bench.supply(DATA, stream)) == KErrAlreadyExists

    @pytest.mark.rule("17/package-supply")
    def test_a_second_complete_restore_is_silently_ignored(self) -> None:
        bench = bench_with(GAME)
        stream = backed_up(bench)
        bench.phone.installer.remove(UID)
        bench.enter(RESTORE)
        bench.supply(DATA, stream)
        bench.supply(DATA, stream)
        # Until the phone was back in normal.
        bench.normal()
        bench.enter(RESTORE)
        assert code_of(lambda: bench.supply(DATA, stream)) == KErrAlreadyExists

    def test_a_stream_that_ends_too_early(self) -> None:
        bench = bench_with(GAME)
        stream = backed_up(bench)
        bench.phone.installer.remove(UID)
        bench.enter(RESTORE)
        for end in (2, 30, len(stream) - 1):
            assert code_of(lambda end=end: bench.supply(DATA, stream[:end])) == KErrUnderflow  # type: ignore[misc]
        assert bench.phone.installer.installed(UID) is None
        bench.supply(DATA, stream)
        assert bench.phone.installer.installed(UID) is not None

    @pytest.mark.parametrize("metadata", [b"", b"no JSON", b"[]", b'{"uid": 1, "sids": [], "files": []}'])
    def test_metadata_that_is_none(self, metadata: bytes) -> None:
        bench = bench_with(GAME)
        bench.phone.installer.remove(UID)
        bench.enter(RESTORE)
        stream = struct.pack("<I", len(metadata)) + metadata + record(EXE)
        assert code_of(lambda: bench.supply(DATA, stream)) == KErrCorrupt

    def test_metadata_of_another_package(self) -> None:
        bench = bench_with(GAME)
        stream = backed_up(bench)
        bench.phone.installer.remove(UID)
        bench.enter(RESTORE)
        other = DATA._replace(package_uid=UID + 1)
        assert code_of(lambda: bench.supply(other, stream)) == KErrCorrupt


class TestInstaller:
    def test_removing_takes_the_private_directories_too(self) -> None:
        bench = bench_with(GAME)
        saved = f"C:{SID.private_directory}saved.dat"
        bench.phone.files.install(saved, b"9000 points")
        bench.phone.installer.remove(UID)
        assert not bench.phone.files.exists(saved)

    def test_what_cannot_be_done(self) -> None:
        installer = bench_with(GAME).phone.installer
        assert code_of(lambda: installer.install(1)) == KErrNotFound
        assert code_of(lambda: installer.install(UID)) == KErrAlreadyExists
        assert code_of(lambda: installer.remove(1)) == KErrNotFound
        fixed = bench_with(GAME._replace(removable=False)).phone.installer
        assert code_of(lambda: fixed.remove(UID)) == KErrNotSupported


def test_no_midlet_suite_is_installed() -> None:
    bench = bench_with(GAME)
    bench.enter(BACKUP)
    suite = JavaTransfer(C, TJavaTransferType.EJavaMIDlet, "0" * 32)
    assert code_of(lambda: bench.request(suite)) == KErrNotFound
    assert code_of(lambda: bench.expected(suite)) == KErrNotFound
    assert code_of(lambda: bench.supply(suite, b"x")) == KErrNotFound


def test_an_owner_that_has_never_been_listed() -> None:
    bench = bench_with(GAME)
    bench.enter(BACKUP)
    unknown = SidTransfer(C, SecureId(1), TTransferDataType.EPassiveBaseData)
    assert code_of(lambda: bench.request(unknown)) == KErrNotFound
