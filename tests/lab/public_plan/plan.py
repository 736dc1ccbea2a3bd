"""The cases of the engine's public test suite and the configuration sections that they use, as data.

"Test plan n" is section n of the description of that suite; see docs/architecture.md.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

import pytest

from wire.symbian import Drive, SecureId, TDataOwnerStatus

CLIENT_1 = SecureId(0x0AB7E57C)  # incremental, activeandproxy
PROXIED = SecureId(0x0AB7E57D)  # its data is with Central Repository
CLIENT_2 = SecureId(0x0AB7E57E)  # base only
CLIENT_3 = SecureId(0x0AB7E58A)  # base only, names itself as proxy
CLIENT_4 = SecureId(0x0AB7E58B)  # executable missing
COMPLICATED = SecureId(0x0AB7E58C)  # passive, with a registration file full of oddities
SCRIPTED = SecureId(0x0AB7E58F)  # its registration is installed by the scripts
MISSING_FOLDER = SecureId(0x12345678)  # the same; its one folder does not exist
PASSIVE = SecureId(0x10005399)  # an owner that is expected on the phone
PUBLIC_FILES = SecureId(0x0FA00001)
BIG_PACKAGE = SecureId(0x8111300B)
BIG_PACKAGE_OWNER = SecureId(0x81000014)  # its executable
DLL_PACKAGE = SecureId(0x81113002)

THREE_CLIENTS = (CLIENT_1, CLIENT_2, CLIENT_3)

# Owners that the suite keeps out of its full runs, as its configuration lists them (Test plan 3).
_EXCLUDED_BY_THE_SUITE = """
10281d18 101fdf81 2000b4d8 1028246f 1028312B 200286d2 101F51F2 10202BE9 101F99FB 100069CC 20021367 10003A73
101F401D 2002BCC0 1020383E 20022F35 10207114
"""
# And one of ours: a restore in the asynchronous form asks active owners in full runs too, and one whose executable
# is missing is never ready. That it is missing is what the cases 0040 are about.
EXCLUDED = frozenset({*map(SecureId.parse, _EXCLUDED_BY_THE_SUITE.split()), CLIENT_4})


class Section(NamedTuple):
    """A section of the suite's configuration (Test plan 3).

    Attributes:
        ids: the owners of a partial run: SIDs or UIDs of packages; None for a full run.
        drive_list: every character is looked up as a drive.
        expect: errors (negative) or ready states (positive) that are tolerated.
        public_files: the exact names of the public files; empty for no check.
        private_files: sizes of files in the owner's private directory, checked after a restore.
    """

    ids: tuple[SecureId, ...] | None
    incremental: bool = False
    expect: tuple[int, ...] = ()
    drive_list: str = "C"
    excluded: frozenset[SecureId] = frozenset()
    public_files: frozenset[str] = frozenset()
    private_files: tuple[tuple[str, int], ...] = ()

    @property
    def drives(self) -> list[Drive]:
        """A character that is no letter marks the drive before it once more (Test plan 3)."""
        current = Drive.parse("A")
        marked = set()
        for character in self.drive_list:
            try:
                current = Drive.parse(character)
            except ValueError:
                pass
            marked.add(current)
        return sorted(marked)


_NOT_CONNECTED = int(TDataOwnerStatus.EDataOwnerNotConnected)

SECTIONS = {
    "BACKUP_RESTORE_0010": Section((PASSIVE,)),
    "BACKUP_RESTORE_0020": Section((PASSIVE,), incremental=True),
    "BACKUP_RESTORE_0030": Section(None, excluded=EXCLUDED),
    "BACKUP_RESTORE_0040": Section(None, incremental=True, excluded=EXCLUDED),
    "BACKUP_RESTORE_0050": Section((SecureId(0),)),
    "BACKUP_RESTORE_0060": Section((CLIENT_1,), expect=(-1,), drive_list="o"),
    "BACKUP_RESTORE_0070": Section((MISSING_FOLDER,)),
    "BACKUP_RESTORE_0075": Section((SCRIPTED,)),
    "BACKUP_RESTORE_0077": Section((SCRIPTED,), expect=(-21,)),
    "BACKUP_RESTORE_0080": Section((SCRIPTED,), incremental=True),
    "BACKUP_RESTORE_0090": Section((SCRIPTED,), incremental=True),
    "BACKUP_RESTORE_0100": Section((COMPLICATED,), incremental=True),
    "BACKUP_RESTORE_0110": Section(
        (COMPLICATED,), incremental=True, expect=(-1,), drive_list="A,c,$,#,@,!,1,^,&,*"
    ),
    "BACKUP_RESTORE_0120": Section((COMPLICATED,), incremental=True, expect=(-21,)),
    "ACTIVE_BACKUP_0010": Section(THREE_CLIENTS),
    "ACTIVE_BACKUP_0020": Section((PROXIED,), expect=(-1,)),
    "ACTIVE_BACKUP_0030": Section((CLIENT_1,), incremental=True),
    "ACTIVE_BACKUP_0040": Section((CLIENT_4,), incremental=True, expect=(_NOT_CONNECTED,)),
    "ACTIVE_RESTORE_0010": Section(THREE_CLIENTS),
    "ACTIVE_RESTORE_0020": Section((PROXIED,), expect=(-1, -18)),
    "ACTIVE_RESTORE_0030": Section((CLIENT_1,), incremental=True),
    "ACTIVE_RESTORE_0040": Section((CLIENT_4,), incremental=True, expect=(_NOT_CONNECTED,)),
    "INC_BACKUP_RESTORE_0010": Section(THREE_CLIENTS),
    "INC_BACKUP_RESTORE_0020": Section(THREE_CLIENTS, incremental=True),
    "PACKAGE_0010": Section((BIG_PACKAGE,)),
    "PACKAGE_0020": Section((BIG_PACKAGE,), expect=(-11, -12)),
    "PACKAGE_0030": Section((DLL_PACKAGE,)),
    "PACKAGE_0040": Section((DLL_PACKAGE,), expect=(-11, -12)),
    # Defined by the suite, and used by none of its scripts.
    "PUBLIC_FILE_0010": Section((PUBLIC_FILES,), public_files=frozenset({"public_file1.dat", "public_file2.dat"})),
    "PUBLIC_FILE_0020": Section((PUBLIC_FILES,), private_files=(("private_file1.dat", 68841),)),
}


class Step(enum.Enum):
    """The steps of the suite (Test plan 5)."""

    BACKUP = "TestBackup"
    BACKUP_ASYNC = "TestBackupAsync"
    RESTORE = "TestRestore"
    RESTORE_ASYNC = "TestRestoreAsync"
    BACKUP_2 = "TestBackup2"

    @property
    def is_asynchronous(self) -> bool:
        """It uses the asynchronous forms of the engine's API."""
        return self in {Step.BACKUP_ASYNC, Step.RESTORE_ASYNC}


class Case(NamedTuple):
    """A case of the plan. `section` is a name."""

    id: str
    script: str
    step: Step
    section: str


B, R = Step.BACKUP, Step.RESTORE

_SCRIPTS: dict[str, tuple[tuple[str, Step, str], ...]] = {
    "test_backuprestore": (
        ("BACKUPPARTIALBASE-0000", B, "BACKUP_RESTORE_0010"),
        ("RESTOREPARTIALBASE-0001", R, "BACKUP_RESTORE_0010"),
        ("BACKUPPARTIAL-0002", B, "BACKUP_RESTORE_0020"),
        ("RESTOREPARTIAL-0003", R, "BACKUP_RESTORE_0020"),
        ("BACKUPFULLBASE-0004", B, "BACKUP_RESTORE_0030"),
        ("RESTOREFULLBASE-0005", R, "BACKUP_RESTORE_0030"),
        ("BACKUPFULL-0006", B, "BACKUP_RESTORE_0040"),
        ("RESTOREFULL-0007", R, "BACKUP_RESTORE_0040"),
        ("BACKUPPARTIALBASE-0008", B, "BACKUP_RESTORE_0100"),
        ("BACKUPPARTIALBASE-0010", B, "BACKUP_RESTORE_0110"),
        ("BACKUPPARTIALBASE-0012", Step.BACKUP_2, "BACKUP_RESTORE_0120"),
    ),
    "test_backuprestoreasync": (
        ("BACKUPPARTIALBASEASYNC-0000", Step.BACKUP_ASYNC, "BACKUP_RESTORE_0010"),
        ("RESTOREPARTIALBASEASYNC-0001", Step.RESTORE_ASYNC, "BACKUP_RESTORE_0010"),
        ("BACKUPPARTIALASYNC-0002", Step.BACKUP_ASYNC, "BACKUP_RESTORE_0020"),
        ("RESTOREPARTIALASYNC-0003", Step.RESTORE_ASYNC, "BACKUP_RESTORE_0020"),
        ("BACKUPFULLBASEASYNC-0004", Step.BACKUP_ASYNC, "BACKUP_RESTORE_0030"),
        ("RESTOREFULLBASEASYNC-0005", Step.RESTORE_ASYNC, "BACKUP_RESTORE_0030"),
        ("BACKUPFULLASYNC-0006", Step.BACKUP_ASYNC, "BACKUP_RESTORE_0040"),
        ("RESTOREFULLASYNC-0007", Step.RESTORE_ASYNC, "BACKUP_RESTORE_0040"),
    ),
    "test_backupinvalid": (
        ("BACKUPINVALIDIDS-0000", B, "BACKUP_RESTORE_0050"),
        ("BACKUPINVALIDDRIVE-0001", B, "BACKUP_RESTORE_0060"),
        ("BACKUPINVALIDDIR-0002", B, "BACKUP_RESTORE_0070"),
        ("BACKUPINVALIDPROXY-0003", B, "BACKUP_RESTORE_0075"),
        ("BACKUPREADONLY-0004", B, "BACKUP_RESTORE_0075"),
        ("RESTOREREADONLY-0005", R, "BACKUP_RESTORE_0077"),
    ),
    "test_activebackuprestore": tuple(
        (f"ACTIVE{what}{form}-00{number}0", step, f"ACTIVE_{what}_00{number}0")
        for form, backup, restore in (("", B, R), ("-ASYNC", Step.BACKUP_ASYNC, Step.RESTORE_ASYNC))
        for what, step in (("BACKUP", backup), ("RESTORE", restore))
        for number in (1, 2, 3, 4)
    ),
    "test_increament": (
        ("BACKUPBASE-0000", B, "BACKUP_RESTORE_0080"),
        ("BACKUPINCREAMENT-0010", B, "BACKUP_RESTORE_0090"),
        ("RESTOREINCREAMENT-0020", R, "BACKUP_RESTORE_0090"),
        ("INVALIDDATARESTORE-0030", R, "BACKUP_RESTORE_0090"),
        ("ACTIVEBASEBACKUP-0040", B, "INC_BACKUP_RESTORE_0010"),
        ("ACTIVEINCBACKUP-0050", B, "INC_BACKUP_RESTORE_0020"),
        ("ACTIVEBASERESTORE-0060", R, "INC_BACKUP_RESTORE_0010"),
        ("ACTIVEINCRESTORE-0070", R, "INC_BACKUP_RESTORE_0020"),
    ),
    # One id stands in two scripts for two different cases: the script's name tells them apart.
    "test_backuppackage": (
        ("BACKUPPACKAGE-0000", B, "PACKAGE_0010"),
        ("RESTOREBACKUPPACKAGE-0001.backuppackage", R, "PACKAGE_0020"),
        ("BACKUPPACKAGE-0002", B, "PACKAGE_0030"),
        ("RESTOREBACKUPPACKAGE-0003", R, "PACKAGE_0040"),
    ),
    "test_restorepackage": (
        ("RESTOREBACKUPPACKAGE-0000", R, "PACKAGE_0020"),
        ("RESTOREBACKUPPACKAGE-0001.restorepackage", R, "PACKAGE_0040"),
    ),
}

CASES = {
    f"MTP-SBE-{name}": Case(f"MTP-SBE-{name}", script, step, section)
    for script, cases in _SCRIPTS.items()
    for name, step, section in cases
}


def case(*names: str) -> pytest.MarkDecorator:
    """A test of these cases, each under its own id: `pytest -k MTP-SBE-BACKUPPARTIAL-0002` finds it."""
    chosen = [CASES[f"MTP-SBE-{name}"] for name in names]
    params = [pytest.param(found, id=found.id, marks=pytest.mark.case(found.id)) for found in chosen]
    return pytest.mark.parametrize("plan_case", params)
