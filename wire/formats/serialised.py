"""What CSBEClient passes in serialised form: identities, transfer types, owner information, lists (BE 9).

All fields are little-endian; enumerations, flags and booleans have 4 bytes; lengths of text count characters
of UTF-16, two bytes each.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterable
from enum import IntEnum
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

from construct import Adapter, Bytes, Construct, ExprAdapter, GreedyBytes, Int16ul, Int32ul, Prefixed

from wire.errors import FormatError, LayoutError
from wire.layout import I32, I64, U32, DriveList, Field, Sid, codec_of
from wire.symbian import (
    ActiveSettings,
    CommonSettings,
    Drive,
    PassiveSettings,
    SecureId,
)
from wire.symbian_errors import KErrArgument, KErrCorrupt

_U32 = struct.Struct("<I")


class _Utf16(Adapter):  # type: ignore[type-arg]  # construct's classes are generic for the type checker only
    """Text in UTF-16 behind its length in characters."""

    def __init__(self, length: Construct[Any, Any]) -> None:
        in_bytes: Construct[Any, Any] = ExprAdapter(length, lambda n, _: n * 2, lambda n, _: n // 2)
        super().__init__(Prefixed(in_bytes, GreedyBytes))

    def _decode(self, obj: bytes, context: Any, path: Any) -> str:
        return obj.decode("utf-16-le", "surrogatepass")

    def _encode(self, obj: str, context: Any, path: Any) -> bytes:
        return obj.encode("utf-16-le", "surrogatepass")


Utf16 = Annotated[str, Field("utf16 behind u32", _Utf16(Int32ul))]
ShortUtf16 = Annotated[str, Field("utf16 behind u16", _Utf16(Int16ul))]

# --------------------------------------------------------------------------------------------------------
# Identities and transfer types (BE 9.1)


class TypeCode(IntEnum):
    """The first word of everything derived from CSBGenericDataType. sbtypes.h."""

    SECURE_ID = 0
    PACKAGE_ID = 1
    SID_TRANSFER = 2
    PACKAGE_TRANSFER = 3
    JAVA_ID = 4
    JAVA_TRANSFER = 5


HIGHEST_ACCEPTED_TYPE: Final = 6
"""The engine's check lets 6 slip through, although nothing has that code."""

MAX_PACKAGE_ID_SIZE: Final = 272


class SecureIdentity(NamedTuple):
    """CSBSecureId: a data owner by its SID. 8 bytes."""

    sid: Sid


class PackageIdentity(NamedTuple):
    """CSBPackageId: a data owner that belongs to an installed package. 16 bytes and the name."""

    package_uid: U32
    sid: Sid
    name: Utf16


class JavaIdentity(NamedTuple):
    """CSBJavaId: a MIDlet suite."""

    suite: Utf16
    vendor: Utf16
    version: Utf16
    suite_hash: Utf16


class SidTransfer(NamedTuple):
    """CSBSIDTransferType. `data_type` is a TTransferDataType. 16 bytes."""

    drive: U32
    sid: Sid
    data_type: U32


class PackageTransfer(NamedTuple):
    """CSBPackageTransferType. `data_type` is a TPackageDataType. 16 bytes."""

    drive: U32
    package_uid: U32
    data_type: U32


class JavaTransfer(NamedTuple):
    """CSBJavaTransferType. `data_type` is a TJavaTransferType. 16 bytes and the hash."""

    drive: U32
    data_type: U32
    suite_hash: Utf16


Identity: TypeAlias = SecureIdentity | PackageIdentity | JavaIdentity
Transfer: TypeAlias = SidTransfer | PackageTransfer | JavaTransfer
Generic: TypeAlias = Identity | Transfer

_CLASSES: Final[dict[int, type[Generic]]] = {
    TypeCode.SECURE_ID: SecureIdentity,
    TypeCode.PACKAGE_ID: PackageIdentity,
    TypeCode.SID_TRANSFER: SidTransfer,
    TypeCode.PACKAGE_TRANSFER: PackageTransfer,
    TypeCode.JAVA_ID: JavaIdentity,
    TypeCode.JAVA_TRANSFER: JavaTransfer,
}
_CODES: Final = {cls: code for code, cls in _CLASSES.items()}


class SerialisedError(FormatError):
    """Serialised data that the engine refuses; `code` is what it refuses it with."""

    def __init__(self, what: str, problem: str, code: int) -> None:
        super().__init__(what, problem)
        self.code = code


def write_generic(value: Generic) -> bytes:
    """An identity or a transfer type as the engine stores it."""
    cls = type(value)
    return _U32.pack(_CODES[cls]) + codec_of(cls).build(value)


def type_code(data: bytes | memoryview) -> int:
    """The first word; SerialisedError with -20 when it is missing or out of range, as in the engine."""
    if len(data) < 4:
        raise SerialisedError("generic data type", f"{len(data)} bytes are no type code", KErrCorrupt)
    (code,) = _U32.unpack_from(data)
    if code > HIGHEST_ACCEPTED_TYPE:
        raise SerialisedError("generic data type", f"type code {code} is none of 0 to 6", KErrCorrupt)
    return int(code)


def read_generic(data: bytes | memoryview) -> Generic:
    """The identity or transfer type in `data`, which must have exactly its size.

    SerialisedError carries the engine's code: -20 for a bad type code and for a transfer type below 8 bytes,
    -6 for the wrong size or a package identity beyond 272 bytes.
    """
    code = type_code(data)
    cls = _CLASSES.get(code)
    if cls is None:
        raise SerialisedError("generic data type", f"nothing has type code {code}", KErrArgument)
    if cls in {SidTransfer, PackageTransfer, JavaTransfer} and len(data) < 8:
        raise SerialisedError(cls.__name__, f"{len(data)} bytes are no transfer type", KErrCorrupt)
    if cls is PackageIdentity:
        data = _with_byte_length(data)
    try:
        return codec_of(cls).parse(data[4:])
    except LayoutError as error:
        raise SerialisedError(cls.__name__, str(error), KErrArgument) from error


def _with_byte_length(data: bytes | memoryview) -> bytes:
    """The engine reads the length of a package's name from a single byte again."""
    if len(data) > MAX_PACKAGE_ID_SIZE:
        raise SerialisedError(
            "PackageIdentity", f"{len(data)} bytes are more than {MAX_PACKAGE_ID_SIZE}", KErrArgument
        )
    raw = bytes(data)
    return raw[:12] + raw[12:13] + b"\0\0\0" + raw[16:] if len(raw) >= 16 else raw


# --------------------------------------------------------------------------------------------------------
# Data owner information (BE 9.2)


class _OwnerSettings(NamedTuple):
    common: U32
    passive: U32
    active: U32
    drives: DriveList


class DataOwnerInfo(NamedTuple):
    """CDataOwnerInfo: one entry of the owner list. 42 bytes and the identity."""

    identity: Identity
    common: CommonSettings
    passive: PassiveSettings
    active: ActiveSettings
    drives: frozenset[Drive]

    @property
    def sid(self) -> SecureId | None:
        """The owner's SID; None for a MIDlet suite."""
        return None if isinstance(self.identity, JavaIdentity) else self.identity.sid


def drive_list(drives: Iterable[Drive]) -> bytes:
    """26 bytes, one for each drive A to Z, 1 where it takes part."""
    chosen = set(drives)
    return bytes(1 if number in chosen else 0 for number in range(26))


def drives_in(drive_bytes: bytes) -> frozenset[Drive]:
    """The drives whose byte is not zero; attribute bits may stand there too."""
    return frozenset(Drive(number) for number, used in enumerate(drive_bytes) if used)


def write_owner_info(info: DataOwnerInfo) -> bytes:
    """One entry."""
    identity = write_generic(info.identity)
    settings = _OwnerSettings(info.common, info.passive, info.active, drive_list(info.drives))
    return _U32.pack(len(identity)) + identity + codec_of(_OwnerSettings).build(settings)


def read_owner_infos(data: bytes, count: int) -> list[DataOwnerInfo]:
    """`count` entries one after the other; FormatError when they do not use up the data."""
    infos = []
    offset = 0
    for index in range(count):
        try:
            (size,) = _U32.unpack_from(data, offset)
            identity = read_generic(data[offset + 4 : offset + 4 + size])
            settings, end = codec_of(_OwnerSettings).parse_from(data, offset + 4 + size)
        except (struct.error, FormatError, LayoutError) as error:
            raise FormatError("owner list", f"entry {index} is damaged: {error}", offset=offset) from error
        if isinstance(identity, SidTransfer | PackageTransfer | JavaTransfer):
            raise FormatError("owner list", f"entry {index} is no identity", offset=offset)
        infos.append(
            DataOwnerInfo(
                identity,
                CommonSettings(settings.common),
                PassiveSettings(settings.passive),
                ActiveSettings(settings.active),
                drives_in(settings.drives),
            )
        )
        offset = end
    if offset != len(data):
        raise FormatError("owner list", f"{len(data) - offset} bytes follow the last entry", offset=offset)
    return infos


# --------------------------------------------------------------------------------------------------------
# Files: lists and the records of passive streams (BE 9.3 to 9.5)

_NAME_CHARACTERS: Final = 256


class _NameBuffer(Adapter):  # type: ignore[type-arg]
    """A TBuf of 256 characters: length word, maximum word, 512 bytes of which the tail is undefined."""

    def __init__(self, type_bits: int) -> None:
        super().__init__(Bytes(8 + 2 * _NAME_CHARACTERS))
        self._type_bits = type_bits

    def _decode(self, obj: bytes, context: Any, path: Any) -> str:
        length = int.from_bytes(obj[:4], "little") & 0x0FFFFFFF
        if length > _NAME_CHARACTERS:
            raise ValueError(f"a name of {length} characters in a buffer of {_NAME_CHARACTERS}")
        return obj[8 : 8 + 2 * length].decode("utf-16-le", "surrogatepass")

    def _encode(self, obj: str, context: Any, path: Any) -> bytes:
        text = obj.encode("utf-16-le", "surrogatepass")
        if len(text) > 2 * _NAME_CHARACTERS:
            raise ValueError(f"{obj!r:.80} has more than {_NAME_CHARACTERS} characters")
        head = struct.pack("<II", len(text) // 2 | self._type_bits, _NAME_CHARACTERS)
        return head + text.ljust(2 * _NAME_CHARACTERS, b"\0")


class _EntryName(Adapter):  # type: ignore[type-arg]
    """The TBufC of a TEntry: length word, 512 bytes."""

    def __init__(self) -> None:
        super().__init__(Bytes(4 + 2 * _NAME_CHARACTERS))

    def _decode(self, obj: bytes, context: Any, path: Any) -> str:
        length = int.from_bytes(obj[:4], "little") & 0x0FFFFFFF
        if length > _NAME_CHARACTERS:
            raise ValueError(f"a name of {length} characters in a buffer of {_NAME_CHARACTERS}")
        return obj[4 : 4 + 2 * length].decode("utf-16-le", "surrogatepass")

    def _encode(self, obj: str, context: Any, path: Any) -> bytes:
        text = obj.encode("utf-16-le", "surrogatepass")
        if len(text) > 2 * _NAME_CHARACTERS:
            raise ValueError(f"{obj!r:.80} has more than {_NAME_CHARACTERS} characters")
        return struct.pack("<I", len(text) // 2) + text.ljust(2 * _NAME_CHARACTERS, b"\0")


class FileFilter(NamedTuple):
    """One selection of a raw public file list. 524 bytes."""

    include: U32
    name: Annotated[str, Field("TFileName", _NameBuffer(3 << 28))]


class FileListEntry(NamedTuple):
    """TEntry: one file of a public file list. 552 bytes.

    It has 544 bytes, without the last two words, on systems without large files (UNVERIFIED per release).
    """

    attributes: U32
    size: U32
    modified: I64
    uid1: U32
    uid2: U32
    uid3: U32
    name: Annotated[str, Field("TBufC<256>", _EntryName())]
    size_high: U32
    reserved: U32


class LargeFileListEntry(NamedTuple):
    """CSBEFileEntry: one file of the large public file list. 32 bytes and the texts."""

    attributes: U32
    size: I32
    modified_high: U32
    modified_low: U32
    uid1: U32
    uid2: U32
    uid3: U32
    mime_type: ShortUtf16
    name: ShortUtf16


class SnapshotEntry(NamedTuple):
    """One file of a passive snapshot. 528 bytes."""

    name: Annotated[str, Field("TFileName", _NameBuffer(3 << 28))]
    modified: I64


class PassiveFileHeader(NamedTuple):
    """What precedes name and content of a file in a passive stream. 24 bytes.

    The Windows emulator's build may use 20 bytes (UNVERIFIED).
    """

    name_length: U32
    file_size: U32
    attributes: U32
    padding: U32
    modified: I64


_UNIX_EPOCH_US: Final = 62_168_256_000_000_000


def symbian_time(when: dt.datetime) -> int:
    """A TTime: microseconds since the beginning of the year 0 in Symbian's calendar (UNVERIFIED)."""
    return _UNIX_EPOCH_US + (when - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001


def datetime_of(time_us: int) -> dt.datetime:
    """The date and time of a TTime; ValueError when it is beyond what Python can hold."""
    try:
        return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=time_us - _UNIX_EPOCH_US)  # noqa: DTZ001
    except OverflowError as error:
        raise ValueError(f"{time_us} is no time that can be shown") from error


def write_array(elements: Iterable[tuple[Any, ...]]) -> bytes:
    """An externalised array: a count and the elements, one after the other (BE 9.3)."""
    parts = [codec_of(type(element)).build(element) for element in elements]
    return _U32.pack(len(parts)) + b"".join(parts)
