"""The field's own names, with their numbers and the public header or document section each comes from.

Raw integers live in this package alone; everywhere else a mode is a `BurMode`, a drive a `Drive`, an owner
a `SecureId`. Enumerations keep the names that Symbian's headers give them, so that a search finds both.

"BE n" is section n of the behavioural specification that docs/architecture.md names.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple, Self


class SecureId(int):
    """The secure ID (SID) of an executable: 32 bits, shown as Symbian's tools show it."""

    def __new__(cls, value: int) -> Self:
        """Raise ValueError for a number that does not fit 32 bits."""
        if not 0 <= value <= 0xFFFFFFFF:
            raise ValueError(f"a secure ID has 32 bits, {value:#x} does not fit")
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text: str) -> SecureId:
        """Read `0AB7E57C` or `0x0ab7e57c`; ValueError says what was expected."""
        digits = text[2:] if text[:2] in {"0x", "0X"} else text
        if not 1 <= len(digits) <= 8 or any(c not in "0123456789abcdefABCDEF" for c in digits):
            raise ValueError(f"a secure ID is 1 to 8 hexadecimal digits such as 0x0AB7E57C, not {text!r}")
        return cls(int(digits, 16))

    def __repr__(self) -> str:
        return f"SecureId(0x{int(self):08X})"

    def __str__(self) -> str:
        return f"0x{int(self):08X}"

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else str(self)

    @property
    def private_directory(self) -> str:
        r"""The owner's private directory without a drive, as in `\\private\\0ab7e57c\\`."""
        return f"\\private\\{int(self):08x}\\"


class Drive(int):
    """A drive by its TDriveNumber (A=0, C=2, Z=25), shown as its letter. f32file.h."""

    def __new__(cls, value: int) -> Self:
        """Raise ValueError for a number that is no drive."""
        if not 0 <= value <= 25:
            raise ValueError(f"a drive number is 0 (A) to 25 (Z), not {value}")
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text: str) -> Drive:
        """Read `C`, `c` or `C:`; ValueError says what was expected."""
        letter = text.removesuffix(":").upper()
        if len(letter) != 1 or not "A" <= letter <= "Z":
            raise ValueError(f"a drive is one letter from A to Z, not {text!r}")
        return cls(ord(letter) - ord("A"))

    @property
    def letter(self) -> str:
        """One capital letter."""
        return chr(ord("A") + int(self))

    def __repr__(self) -> str:
        return f"Drive({self.letter})"

    def __str__(self) -> str:
        return self.letter

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else str(self)


class TBURPartType(IntEnum):
    """What takes part in a backup or restore: the low byte of the property. sbdefs.h, BE 3."""

    EBURUnset = 0x00
    EBURNormal = 0x01
    EBURBackupFull = 0x02
    EBURBackupPartial = 0x04
    EBURRestoreFull = 0x08
    EBURRestorePartial = 0x10


class TBackupIncType(IntEnum):
    """Base or increment: the upper three bytes of the property. sbdefs.h, BE 3."""

    ENoBackup = 0x000
    EBackupBase = 0x100
    EBackupIncrement = 0x200


PART_MASK: Final = 0x000000FF
INCREMENT_MASK: Final = 0xFFFFFF00

BACKUP_PARTS: Final = frozenset({TBURPartType.EBURBackupFull, TBURPartType.EBURBackupPartial})
RESTORE_PARTS: Final = frozenset({TBURPartType.EBURRestoreFull, TBURPartType.EBURRestorePartial})
NORMAL_PARTS: Final = frozenset({TBURPartType.EBURUnset, TBURPartType.EBURNormal})


class BurMode(NamedTuple):
    """A mode as the host sets it and as the property publishes it: `part` or'ed with `increment`.

    Both are plain numbers because the engine accepts undefined ones and publishes them too (Q8).
    """

    part: int
    increment: int = TBackupIncType.ENoBackup

    @classmethod
    def from_property(cls, value: int) -> BurMode:
        """Split a property value (BE 3)."""
        return cls(value & PART_MASK, value & INCREMENT_MASK)

    @property
    def property_value(self) -> int:
        """The number that the property takes in this mode."""
        return self.part | self.increment

    @property
    def is_normal(self) -> bool:
        """Neither backup nor restore. Tested on the part alone, since 0x101 is normal too (BE 3)."""
        return self.part in NORMAL_PARTS

    @property
    def is_backup(self) -> bool:
        """A full or a partial backup."""
        return self.part in BACKUP_PARTS

    @property
    def is_restore(self) -> bool:
        """A full or a partial restore."""
        return self.part in RESTORE_PARTS

    @property
    def is_partial(self) -> bool:
        """Only the owners of the partial list are meant."""
        return self.part in {TBURPartType.EBURBackupPartial, TBURPartType.EBURRestorePartial}

    def __str__(self) -> str:
        part = TBURPartType(self.part).name if self.part in set(TBURPartType) else f"part {self.part:#04x}"
        if self.increment in set(TBackupIncType):
            return f"{part}|{TBackupIncType(self.increment).name}"
        return f"{part}|{self.increment:#x}"


class TDataOwnerStatus(IntEnum):
    """The ready state of a data owner. sbdefs.h, BE 8.1."""

    EUnset = 0
    EDataOwnerNotFound = 1
    EDataOwnerReady = 2
    EDataOwnerNotReady = 3
    EDataOwnerFailed = 4
    EDataOwnerNotConnected = 5
    EDataOwnerReadyNoImpl = 6


class TTransferDataType(IntEnum):
    """The kind of data that a SID transfer moves. sbdefs.h, BE 9.1."""

    ERegistrationData = 0
    EPassiveSnapshotData = 1
    EPassiveBaseData = 2
    EPassiveIncrementalData = 3
    EActiveSnapshotData = 4
    EActiveBaseData = 5
    EActiveIncrementalData = 6
    ECentralRepositoryData = 7
    EPublicFileListing = 8


ACTIVE_TYPES: Final = frozenset(
    {
        TTransferDataType.EActiveSnapshotData,
        TTransferDataType.EActiveBaseData,
        TTransferDataType.EActiveIncrementalData,
    }
)


class TPackageDataType(IntEnum):
    """The two halves of an installed package's data. sbtypes.h, BE 9.1."""

    ESystemData = 0
    ESystemSnapshotData = 1


class TJavaTransferType(IntEnum):
    """The two halves of a Java suite. sbtypes.h, BE 9.1."""

    EJavaMIDlet = 0
    EJavaMIDletData = 1


class TActiveBackupType(IntEnum):
    """The attribute `active_type` of a registration file (BE 7.2)."""

    EActiveOnly = 0
    EProxyImpOnly = 1
    EActiveAndProxyImpl = 2


class CommonSettings(IntFlag):
    """What a data owner takes part in. sbtypes.h, BE 7.3."""

    ACTIVE = 0x01
    PASSIVE = 0x02
    SYSTEM_FILES = 0x04
    SELECTIVE = 0x08
    REQUIRES_REBOOT = 0x10


class PassiveSettings(IntFlag):
    """Settings of the passive part. sbtypes.h, BE 7.3."""

    PUBLIC_FILES = 0x01
    DELETE_BEFORE_RESTORE = 0x02
    INCREMENTAL = 0x04


class ActiveSettings(IntFlag):
    """Settings of the active part. sbtypes.h, BE 7.3."""

    DELAY_TO_PREPARE = 0x01
    INCREMENTAL = 0x02


class AbCallback(IntEnum):
    """The engine's commands to an owner process; each is one method of MActiveBackupDataClient (BE 12.2)."""

    AllSnapshotsSuppliedL = 0
    ReceiveSnapshotDataL = 1
    GetExpectedDataSize = 2
    GetSnapshotDataL = 3
    InitialiseGetBackupDataL = 4
    GetBackupDataSectionL = 5
    InitialiseRestoreBaseDataL = 6
    RestoreBaseDataSectionL = 7
    InitialiseRestoreIncrementDataL = 8
    RestoreIncrementDataSectionL = 9
    RestoreComplete = 10
    InitialiseGetProxyBackupDataL = 11
    InitialiseRestoreProxyBaseDataL = 12
    TerminateMultiStageOperation = 13
    GetDataChecksum = 14


IPC_BLOCK_SIZE: Final = 4096
"""Bytes that pass between engine and owner process in one callback. abclientserver.h, BE 13."""

# Properties and identities (BE 2, 3, 5.2; sbdefs.h, e32property.h, tserverstart.h).
SYSTEM_CATEGORY: Final = 0x101F75B6
BACKUP_RESTORE_KEY: Final = 0x10202792
SOFTWARE_INSTALL_KEY: Final = 0x102047B7
ENGINE_SID: Final = SecureId(0x10202D56)
CENTRAL_REPOSITORY_SID: Final = SecureId(0x10202BE9)

LOG_FOLDER: Final = "C:\\logs\\connect\\"
ENGINE_LOG: Final = LOG_FOLDER + "securebackup.txt"
REFERENCE_CLIENT_LOG: Final = LOG_FOLDER + "ABTestClient.txt"
