"""What is shown of a phone is what the frames said."""

from __future__ import annotations

import re
import zlib

from hypothesis import given
from hypothesis import strategies as st

from harness.live.phone_view import PhoneView, Progress
from harness.live.screen import COLUMNS, line_of, lines_of, row_of
from tests.captures import SID, Line, backup
from wire.formats.serialised import SidTransfer, write_generic
from wire.layout import codec_of
from wire.protocol.frame import HEADER_STRUCT, Flags, Frame, Header, Kind, read_frame
from wire.protocol.messages import callbacks as cb
from wire.protocol.messages import engine, files
from wire.protocol.messages.method import DataSize
from wire.protocol.messages.phone import PropertyChange
from wire.symbian import BurMode, Drive, TTransferDataType

TRANSFER = write_generic(SidTransfer(Drive(2), SID, TTransferDataType.EActiveBaseData))


def shown(line: Line, *, until: int | None = None, step_s: float = 0.5) -> PhoneView:
    view = PhoneView("n8")
    view.begin("test_x.py::test_y")
    for number, (outgoing, raw) in enumerate(line.frames[:until]):
        frame = read_frame(raw)
        assert isinstance(frame, Frame)
        view.take(outgoing, frame.header, frame.payload, number * step_s)
    return view


def test_a_backup_as_it_goes_on() -> None:
    line = backup(4)
    assert shown(line, until=1).mode is None
    assert shown(line, until=2).mode == BurMode(1)
    asking = shown(line, until=3)
    assert asking.asked == "set BUR mode"
    assert not shown(line, until=4).asked
    assert str(shown(line, until=5).mode) == "EBURBackupPartial|EBackupBase"
    called = shown(line, until=9)
    assert (called.owner, called.callback) == (str(SID), "InitialiseGetBackupDataL")
    assert shown(line, until=11).callback == "GetBackupDataSectionL"
    relayed = shown(line, until=12)
    assert relayed.progress is not None
    assert relayed.progress.what == f"{SID} C EActiveBaseData"
    assert relayed.progress.relayed == len(b"remember the milk")
    assert relayed.progress.rate == len(b"remember the milk") / 2.0
    done = shown(line).progress
    assert done is not None
    assert (done.streamed, done.relayed) == (5, 3 * len(b"remember the milk"))


def test_how_long_the_rest_takes() -> None:
    """As long as it took so far for each byte, where somebody has said how many there will be."""
    line = Line()
    line.ask(engine.EXPECTED_DATA_SIZE, 1, engine.TransferType(TRANSFER))
    line.answer(1, DataSize(100))
    line.ask(engine.REQUEST_DATA, 2, engine.DataRequest(False, TRANSFER))
    line.answer(2, engine.RequestedData(False, 25, TRANSFER))
    line.say(False, Kind.DATA, 2, 0, bytes(25), 0)
    line.ask(engine.REQUEST_DATA, 3, engine.DataRequest(False, TRANSFER))
    line.say(False, Kind.DATA, 3, 0, bytes(25), 0)
    half = shown(line).progress
    assert half is not None
    assert (half.size, half.expected, half.rate, half.left_s) == (50, 100, 25.0, 2.0)
    assert row_of(shown(line))[4:7] == ("50 bytes of 100 bytes", "25 bytes/s", "2 s")
    wrong = Progress("x", 0.0, 1.0, expected=10, streamed=20)
    assert wrong.left_s is None
    assert Progress("x", 0.0, 0.0, expected=10).rate is None


def test_a_restore_and_files() -> None:
    line = Line()
    line.ask(engine.SUPPLY_DATA, 1, engine.DataSupply(False, False, 300, TRANSFER))
    line.say(True, Kind.DATA, 1, 0, bytes(200), 0)
    supplied = shown(line).progress
    assert supplied is not None
    assert (supplied.size, supplied.expected) == (200, 300)
    restored = cb.RestoreSection(SID, 1, False, bytes(250))
    line.ask(cb.CB_RESTORE_BASE_DATA_SECTION, 1, restored, by_phone=True, parent=1)
    assert row_of(shown(line))[2:5] == (str(SID), "RestoreBaseDataSectionL", "250 bytes of 300 bytes")
    line.ask(files.FILE_READ, 2, files.FileRead("C:\\x.txt", 0, 4096))
    line.answer(2, files.FilePart(1000, 1000))
    line.say(False, Kind.DATA, 2, 0, bytes(1000), 0)
    read = shown(line).progress
    assert read is not None
    assert (read.what, read.size, read.expected, read.left_s) == ("C:\\x.txt", 1000, 1000, 0.0)


def test_in_another_mode_the_owner_of_the_last_is_gone() -> None:
    line = backup(3)
    change = codec_of(PropertyChange).build(PropertyChange(5, 0, 1))
    line.say(False, Kind.EVENT, 1, 1, change, Flags.LAST | Flags.FROM_PHONE)
    view = shown(line)
    assert view.mode == BurMode(1)
    assert (view.owner, view.callback) == ("", "")


@given(
    st.builds(
        Header,
        st.integers(0, 255),
        *[st.integers(0, 0xFFFF)] * 6,
        st.integers(0, 0xFFFFFFFF),
    ),
    st.binary(max_size=80),
    st.booleans(),
)
def test_whatever_passes_does_no_harm(header: Header, payload: bytes, outgoing: bool) -> None:
    view = shown(backup(3))
    view.take(outgoing, header._replace(flags=header.flags & 0xFF), payload, 99.0)
    assert lines_of([row_of(view)], 80)
    assert line_of(row_of(view))


def test_a_table_fits_its_terminal() -> None:
    views = [shown(backup(3)), PhoneView("e71")]
    for width in (5, 40, 60, 80, 200):
        lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines_of([row_of(view) for view in views], width)]
        assert len(lines) == (3 if width >= 60 else 2)
        assert all(len(line) < width for line in lines)
    assert [word for word in COLUMNS if word and word not in lines[0]] == []
    assert lines[1].split()[:4] == ["n8", "EBURBackupPartial|EBackupBase", str(SID), "GetBackupDataSectionL"]
    assert lines[2].split() == ["e71", "?"]


def test_one_phone_in_one_line() -> None:
    assert line_of(row_of(shown(backup(3)))) == (
        f"n8: EBURBackupPartial|EBackupBase; {SID} GetBackupDataSectionL; 34 bytes, 8 bytes/s; test_x.py::test_y"
    )
    assert line_of(row_of(PhoneView("n8"))) == "n8: ?"


def test_frames_are_read_as_they_are_written() -> None:
    """What the helper makes are frames; without that all of the above would say nothing."""
    header = Header(0x18, 0, 1, 2, 3, 4, 0, 5)
    raw = HEADER_STRUCT.pack(*header)
    frame = read_frame(raw + zlib.crc32(raw).to_bytes(4, "little"))
    assert isinstance(frame, Frame)
    assert frame.header == header
