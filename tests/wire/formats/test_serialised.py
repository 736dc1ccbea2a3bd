"""Serialised objects, byte for byte (BE 9)."""

from __future__ import annotations

import contextlib
import datetime as dt
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.errors import FormatError
from wire.formats.serialised import (
    DataOwnerInfo,
    FileFilter,
    FileListEntry,
    JavaIdentity,
    JavaTransfer,
    LargeFileListEntry,
    PackageIdentity,
    PackageTransfer,
    PassiveFileHeader,
    SecureIdentity,
    SerialisedError,
    SidTransfer,
    SnapshotEntry,
    datetime_of,
    drive_list,
    drives_in,
    read_generic,
    read_owner_infos,
    symbian_time,
    write_array,
    write_generic,
    write_owner_info,
)
from wire.layout import U32, Sid, codec_of
from wire.symbian import (
    ActiveSettings,
    CommonSettings,
    Drive,
    PassiveSettings,
    SecureId,
    TJavaTransferType,
    TPackageDataType,
    TTransferDataType,
)
from wire.symbian_errors import KErrArgument, KErrCorrupt

SID = SecureId(0x0AB7E57C)
C = Drive.parse("C")

words = st.integers(0, 0xFFFFFFFF)
sids = st.builds(SecureId, words)
text = st.text(max_size=12)
identities = st.one_of(
    st.builds(SecureIdentity, sids),
    st.builds(PackageIdentity, words, sids, st.text(st.characters(max_codepoint=0xFFFF), max_size=20)),
    st.builds(JavaIdentity, text, text, text, text),
)
transfers = st.one_of(
    st.builds(SidTransfer, words, sids, words),
    st.builds(PackageTransfer, words, words, words),
    st.builds(JavaTransfer, words, words, text),
)


def refusal(data: bytes) -> int:
    with pytest.raises(SerialisedError) as caught:
        read_generic(data)
    return caught.value.code


class TestGeneric:
    @pytest.mark.rule("9.1/example")
    def test_the_worked_example(self) -> None:
        data = bytes.fromhex("02 00 00 00 02 00 00 00 7C E5 B7 0A 05 00 00 00")
        transfer = SidTransfer(C, SID, TTransferDataType.EActiveBaseData)
        assert write_generic(transfer) == data
        assert read_generic(data) == transfer

    @pytest.mark.rule("9.1/layout")
    @pytest.mark.parametrize(
        ("value", "data"),
        [
            (SecureIdentity(SID), "00000000 7ce5b70a"),
            (PackageIdentity(0x12345678, SID, "ab"), "01000000 78563412 7ce5b70a 02000000 61006200"),
            (SidTransfer(2, SID, 4), "02000000 02000000 7ce5b70a 04000000"),
            (PackageTransfer(25, 0x12345678, 1), "03000000 19000000 78563412 01000000"),
            (JavaIdentity("s", "", "1", "h"), "04000000 01000000 7300 00000000 01000000 3100 01000000 6800"),
            (JavaTransfer(2, 1, "ab"), "05000000 02000000 01000000 02000000 61006200"),
        ],
    )
    def test_layouts(self, value: SecureIdentity, data: str) -> None:
        assert write_generic(value) == bytes.fromhex(data)
        assert read_generic(bytes.fromhex(data)) == value

    @given(st.one_of(identities, transfers))
    def test_there_and_back(self, value: SecureIdentity) -> None:
        assert read_generic(write_generic(value)) == value

    @given(st.binary(max_size=300))
    def test_whatever_comes_is_read_or_refused(self, data: bytes) -> None:
        with contextlib.suppress(SerialisedError):
            read_generic(data)

    @pytest.mark.rule("9.1/checks")
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", KErrCorrupt),
            (b"\0\0\0", KErrCorrupt),
            (struct.pack("<I", 7), KErrCorrupt),
            (struct.pack("<I", 0xFFFFFFFF), KErrCorrupt),
            (struct.pack("<II", 6, 0), KErrArgument),  # slips through the check, and is nothing
            (struct.pack("<I", 2), KErrCorrupt),
            (struct.pack("<I", 3) + b"\0\0\0", KErrCorrupt),
            (struct.pack("<I", 5), KErrCorrupt),
            (struct.pack("<II", 2, 2), KErrArgument),
            (struct.pack("<IIII", 2, 2, 1, 5) + b"\0", KErrArgument),
            (struct.pack("<IIII", 3, 2, 1, 5)[:-1], KErrArgument),
            (struct.pack("<I", 0), KErrArgument),
            (struct.pack("<III", 0, 1, 2), KErrArgument),
        ],
    )
    def test_what_is_refused(self, data: bytes, code: int) -> None:
        assert refusal(data) == code

    @pytest.mark.rule("9.1/package-name")
    def test_a_packages_name(self) -> None:
        longest = write_generic(PackageIdentity(1, SID, "n" * 128))
        assert len(longest) == 272
        assert read_generic(longest) == PackageIdentity(1, SID, "n" * 128)
        assert refusal(longest + b"\0\0") == KErrArgument
        # Only the lowest byte of the length counts.
        odd = struct.pack("<IIII", 1, 1, SID, 0x0102) + "ab".encode("utf-16-le")
        assert read_generic(odd) == PackageIdentity(1, SID, "ab")

    @pytest.mark.rule("9.1/numbers")
    def test_the_numbers_of_data_types(self) -> None:
        assert [kind.name for kind in TTransferDataType] == [
            "ERegistrationData",
            "EPassiveSnapshotData",
            "EPassiveBaseData",
            "EPassiveIncrementalData",
            "EActiveSnapshotData",
            "EActiveBaseData",
            "EActiveIncrementalData",
            "ECentralRepositoryData",
            "EPublicFileListing",
        ]
        assert list(TTransferDataType) == list(range(9))
        assert (TPackageDataType.ESystemData, TPackageDataType.ESystemSnapshotData) == (0, 1)
        assert (TJavaTransferType.EJavaMIDlet, TJavaTransferType.EJavaMIDletData) == (0, 1)
        assert [Drive.parse(letter) for letter in "ACZ"] == [0, 2, 25]


def info(identity: SecureIdentity | PackageIdentity) -> DataOwnerInfo:
    return DataOwnerInfo(
        identity,
        CommonSettings.ACTIVE | CommonSettings.PASSIVE,
        PassiveSettings.INCREMENTAL,
        ActiveSettings.INCREMENTAL,
        frozenset({C, Drive.parse("E")}),
    )


class TestOwnerInfo:
    @pytest.mark.rule("9.2/layout")
    def test_its_layout(self) -> None:
        data = write_owner_info(info(SecureIdentity(SID)))
        drives = bytes([0, 0, 1, 0, 1]) + bytes(21)
        assert data == struct.pack("<IIIIII", 8, 0, SID, 3, 4, 2) + drives
        assert len(data) == 50

    @pytest.mark.rule("9.2/layout")
    def test_entries_stand_one_after_the_other(self) -> None:
        infos = [info(SecureIdentity(SID)), info(PackageIdentity(5, SID, "name"))]
        data = b"".join(map(write_owner_info, infos))
        assert len(data) == 42 + 8 + 42 + 24
        assert read_owner_infos(data, 2) == infos

    @pytest.mark.parametrize("damage", ["cut", "more", "transfer", "count"])
    def test_a_damaged_list(self, damage: str) -> None:
        data = write_owner_info(info(SecureIdentity(SID)))
        count = 1
        if damage == "cut":
            data = data[:-1]
        elif damage == "more":
            data += b"\0"
        elif damage == "count":
            count = 2
        else:
            data = struct.pack("<I", 16) + write_generic(SidTransfer(2, SID, 5)) + data[12:]
        with pytest.raises(FormatError):
            read_owner_infos(data, count)

    def test_drives_are_bytes_that_are_not_zero(self) -> None:
        assert drives_in(bytes([0, 0, 0x80, 1]) + bytes(22)) == {C, Drive(3)}
        assert drive_list([C]) == bytes([0, 0, 1]) + bytes(23)


class TestArrays:
    @pytest.mark.rule("9.3/arrays")
    def test_elements_follow_their_count(self) -> None:
        from typing import NamedTuple

        class Status(NamedTuple):
            sid: Sid
            status: U32
            error: U32

        data = write_array([Status(SID, 2, 0), Status(SecureId(1), 5, 0)])
        assert data == struct.pack("<IIIIIII", 2, SID, 2, 0, 1, 5, 0)
        assert write_array([]) == bytes(4)

    @pytest.mark.rule("9.3/arrays")
    def test_a_filter(self) -> None:
        codec = codec_of(FileFilter)
        data = codec.build(FileFilter(1, "c:\\x"))
        assert len(data) == 524
        assert data[:12] == struct.pack("<III", 1, 4 | 3 << 28, 256)
        assert data[12:20] == "c:\\x".encode("utf-16-le")
        assert codec.parse(data[:20] + b"\xaa" * 504) == FileFilter(1, "c:\\x")  # the tail is undefined

    @pytest.mark.rule("9.3/arrays")
    def test_an_entry_of_a_file_list(self) -> None:
        entry = FileListEntry(0x20, 1000, -5, 1, 2, 3, "c:\\file", 0, 0)
        data = codec_of(FileListEntry).build(entry)
        assert len(data) == 552
        assert struct.unpack_from("<IIqIIII", data) == (0x20, 1000, -5, 1, 2, 3, 7)
        assert data[32:46] == "c:\\file".encode("utf-16-le")
        assert codec_of(FileListEntry).parse(data) == entry

    @pytest.mark.rule("9.4/entry")
    def test_an_entry_of_the_large_list(self) -> None:
        entry = LargeFileListEntry(0x20, 1000, 2, 1, 7, 8, 9, "text", "c:\\file")
        data = codec_of(LargeFileListEntry).build(entry)
        assert data == struct.pack("<IiIIIIIH", 0x20, 1000, 2, 1, 7, 8, 9, 4) + "text".encode(
            "utf-16-le"
        ) + struct.pack("<H", 7) + "c:\\file".encode("utf-16-le")
        assert len(data) == 32 + 2 * 11
        assert codec_of(LargeFileListEntry).parse(data) == entry


class TestPassiveRecords:
    @pytest.mark.rule("9.5/snapshot")
    def test_a_snapshot_entry(self) -> None:
        data = codec_of(SnapshotEntry).build(SnapshotEntry("c:\\f", 0x0102030405060708))
        assert len(data) == 528
        assert data[:8] == struct.pack("<II", 4 | 3 << 28, 256)
        assert data[520:] == bytes.fromhex("0807060504030201")

    @pytest.mark.rule("9.5/file")
    def test_a_files_header(self) -> None:
        data = codec_of(PassiveFileHeader).build(PassiveFileHeader(4, 1000, 0x20, 0, 1 << 40))
        assert data == struct.pack("<IIIIq", 4, 1000, 0x20, 0, 1 << 40)
        assert len(data) == 24

    def test_names_that_are_too_long(self) -> None:
        for entry in (SnapshotEntry("x" * 257, 0), FileFilter(1, "x" * 257)):
            with pytest.raises(Exception, match="256"):
                codec_of(type(entry)).build(entry)
        with pytest.raises(Exception, match="257"):
            codec_of(SnapshotEntry).parse(struct.pack("<II", 257, 256) + bytes(520))

    def test_time_counts_from_the_year_0(self) -> None:
        when = dt.datetime(2010, 7, 14, 12, 30)  # noqa: DTZ001 - a phone's time has no zone
        assert datetime_of(symbian_time(when)) == when
        later = symbian_time(when + dt.timedelta(days=1))
        assert later - symbian_time(when) == 86_400_000_000
        assert symbian_time(dt.datetime(1970, 1, 1)) == 0x00DCDDB30F2F8000  # noqa: DTZ001
        with pytest.raises(ValueError, match="no time"):
            datetime_of(1 << 62)
