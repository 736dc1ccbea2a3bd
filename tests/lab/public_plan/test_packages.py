"""test_backuppackage.script and test_restorepackage.script: installed packages (Test plan 6.6).

The scripts install two packages with a program on the phone. Over the wire only an emulated handset can do that;
on a phone they have to be installed beforehand, and stay.
"""

from __future__ import annotations

import struct

import pytest

from harness.handset import Handset
from tests.lab.public_plan.phone_setup import PhoneSetup
from tests.lab.public_plan.plan import BIG_PACKAGE, BIG_PACKAGE_OWNER, DLL_PACKAGE, Case, case
from tests.lab.public_plan.step_result import DATA_TYPE, on
from tests.lab.public_plan.suite import PublicSuite
from tests.passive_streams import names_in, records_in
from wire.formats.serialised import PackageIdentity, PackageTransfer
from wire.symbian import Drive, SecureId, TPackageDataType
from wire.symbian_errors import KErrAlreadyExists, KErrPathNotFound

C = Drive.parse("C")
BASE, SNAPSHOT = DATA_TYPE.EPassiveBaseData, DATA_TYPE.EPassiveSnapshotData
PRIVATE_FILE = f"C:{BIG_PACKAGE_OWNER.private_directory}private_file1.dat"
PUBLIC_FOLDER = "C:\\public\\81000014\\"
PRIVATE = b"p" * 68841


def data_of(uid: SecureId) -> PackageTransfer:
    return PackageTransfer(C, uid, TPackageDataType.ESystemData)


def snapshot_of(uid: SecureId) -> PackageTransfer:
    return PackageTransfer(C, uid, TPackageDataType.ESystemSnapshotData)


@pytest.fixture
def packages(handset: Handset, setup: PhoneSetup) -> None:
    """Both packages installed, private and public files in place."""
    if handset.is_emulated:
        handset.emulator.install_package(BIG_PACKAGE)
        handset.emulator.install_package(DLL_PACKAGE)
    identities = [info.identity for info in handset.engine.list_data_owners()]
    installed = {identity.package_uid for identity in identities if isinstance(identity, PackageIdentity)}
    for uid, file in ((BIG_PACKAGE, "bigexeforbackup.sis"), (DLL_PACKAGE, "test_dll_nopublic.SIS")):
        if uid not in installed:
            pytest.skip(f"install {file} on {handset.name} first: package {uid} is not in its owner list")
    setup.write(PRIVATE_FILE, PRIVATE)
    setup.write(f"{PUBLIC_FOLDER}public_file1.dat", b"P" * 101958)
    setup.write(f"{PUBLIC_FOLDER}public_file2.dat", b"9 letters")


def files_in(suite: PublicSuite, uid: SecureId) -> dict[str, bytes]:
    """The files of a package in the archive, behind the metadata."""
    stream = suite.archive.contents(data_of(uid))
    (size,) = struct.unpack_from("<I", stream)
    assert 0 < size < len(stream) - 4
    return records_in(stream[4 + size :])


@pytest.mark.usefixtures("packages")
@case("BACKUPPACKAGE-0000")
def test_package_files_and_private_data(suite: PublicSuite, plan_case: Case) -> None:
    result = suite.run(plan_case)
    assert result.done == [
        data_of(BIG_PACKAGE),
        snapshot_of(BIG_PACKAGE),
        on(C, BIG_PACKAGE_OWNER, BASE),
        on(C, BIG_PACKAGE_OWNER, SNAPSHOT),
    ]
    assert list(files_in(suite, BIG_PACKAGE)) == names_in(suite.archive.contents(snapshot_of(BIG_PACKAGE)))
    private = records_in(suite.archive.contents(on(C, BIG_PACKAGE_OWNER, BASE)))
    assert {path.lower(): content for path, content in private.items()} == {PRIVATE_FILE.lower(): PRIVATE}
    assert {path.rsplit("\\", 1)[-1] for path in result.public_files[BIG_PACKAGE_OWNER]} == {
        "public_file1.dat",
        "public_file2.dat",
    }


@pytest.mark.usefixtures("packages")
@case("RESTOREBACKUPPACKAGE-0001.backuppackage")
def test_a_package_that_is_still_installed(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    suite.backup_first("PACKAGE_0010")
    result = suite.run(plan_case)
    assert result.tolerated == [KErrAlreadyExists]
    assert data_of(BIG_PACKAGE) not in result.done
    # The private data of its owner is restored nevertheless.
    assert result.kinds(BIG_PACKAGE_OWNER) == [SNAPSHOT, BASE]
    assert handset.files.stat(PRIVATE_FILE).size == len(PRIVATE)


@pytest.mark.usefixtures("packages")
@case("BACKUPPACKAGE-0002")
def test_a_package_without_an_executable(suite: PublicSuite, plan_case: Case) -> None:
    result = suite.run(plan_case)
    assert result.done == [data_of(DLL_PACKAGE), snapshot_of(DLL_PACKAGE)]
    assert any(path.lower().endswith(".dll") for path in files_in(suite, DLL_PACKAGE))
    assert result.partial_list == ()
    assert not result.public_files


@pytest.mark.usefixtures("packages")
@case("RESTOREBACKUPPACKAGE-0003")
def test_a_package_without_an_executable_that_is_still_installed(suite: PublicSuite, plan_case: Case) -> None:
    suite.backup_first("PACKAGE_0030")
    result = suite.run(plan_case)
    assert result.tolerated == [KErrAlreadyExists]
    assert data_of(DLL_PACKAGE) not in result.done


@pytest.mark.usefixtures("packages")
@case("RESTOREBACKUPPACKAGE-0000")
def test_a_package_that_was_removed(suite: PublicSuite, plan_case: Case, handset: Handset) -> None:
    suite.backup_first("PACKAGE_0010")
    if handset.is_emulated:
        handset.emulator.remove_package(BIG_PACKAGE)
        assert not handset.files.exists(PRIVATE_FILE)
    result = suite.run(plan_case)
    assert set(result.tolerated) <= {KErrAlreadyExists, KErrPathNotFound}
    if handset.is_emulated:
        # The package comes back before the owners are listed, so that its owner's data finds its registration.
        assert result.tolerated == []
        assert result.done == [
            snapshot_of(BIG_PACKAGE),
            data_of(BIG_PACKAGE),
            on(C, BIG_PACKAGE_OWNER, SNAPSHOT),
            on(C, BIG_PACKAGE_OWNER, BASE),
        ]
        for path, content in files_in(suite, BIG_PACKAGE).items():
            assert handset.files.read(path) == content
        assert handset.files.read(PRIVATE_FILE) == PRIVATE


@pytest.mark.usefixtures("packages")
@case("RESTOREBACKUPPACKAGE-0001.restorepackage")
def test_a_package_without_an_executable_that_was_removed(
    suite: PublicSuite, plan_case: Case, handset: Handset
) -> None:
    suite.backup_first("PACKAGE_0030")
    if handset.is_emulated:
        handset.emulator.remove_package(DLL_PACKAGE)
    result = suite.run(plan_case)
    assert set(result.tolerated) <= {KErrAlreadyExists, KErrPathNotFound}
    if handset.is_emulated:
        assert result.tolerated == []
        identities = [info.identity for info in handset.engine.list_data_owners()]
        assert any(isinstance(i, PackageIdentity) and i.package_uid == DLL_PACKAGE for i in identities)
