"""A run as one file; and what is personal is not in it, if that is wanted."""

from __future__ import annotations

import gzip
import json
import zlib
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.capture import CaptureWriter, Packet, open_capture, read_capture
from harness.cli import main
from harness.errors import ArtifactError, ConfigError
from harness.identity import who_we_are
from harness.recording import redact
from harness.recording.reading import read_about, read_recordings
from harness.recording.redacting import redacted
from harness.recording.replaying import RecordedAtHand
from harness.recording.saving import save_recording
from harness.recording.steps import Doing, steps_of
from tests.captures import SID, Line, backup
from tests.harness.recording import scenes
from tests.harness.recording.conftest import Recorded
from tests.harness.recording.scenes import SCENES, play
from tests.harness.seeing.tshark import needs_tshark, tshark
from wire.layout import codec_of
from wire.protocol.frame import HEADER_SIZE, Damage, Flags, Kind, read_frame
from wire.protocol.messages import callbacks as cb
from wire.protocol.messages import files
from wire.protocol.messages.method import StreamEnd
from wire.protocol.messages.phone import PHONE_INFO
from wire.symbian import ENGINE_LOG


@pytest.fixture(scope="session")
def plain(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "n8.pcapng.gz"
    save_recording(recorded.folder, path, redact=False)
    return path


@pytest.fixture(scope="session")
def without_data(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "n8-redacted.pcapng.gz"
    save_recording(recorded.folder, path, redact=True)
    return path


def replayed(path: Path, folder: Path, tests: dict[str, scenes.Scene]) -> dict[str, str]:
    (recording,) = read_recordings(path)
    phone = RecordedAtHand(recording, folder)
    try:
        return {test: play(phone, folder, test, scene) for test, scene in tests.items()}
    finally:
        phone.end()


# -------------------------------------------------------------------------------------------------- saving


def test_what_is_saved_replays_as_the_run_does(recorded: Recorded, plain: Path, tmp_path: Path) -> None:
    assert replayed(plain, tmp_path, SCENES) == recorded.verdicts


def test_what_is_saved_is_the_run_compressed(recorded: Recorded, plain: Path) -> None:
    def packets(path: Path) -> list[Packet]:
        return sorted((packet._replace(part=0) for packet in read_capture(path)), key=repr)

    captures = sorted(recorded.folder.rglob("wire.pcapng"))
    assert packets(plain) == sorted((packet for one in captures for packet in packets(one)), key=repr)
    assert plain.stat().st_size < sum(capture.stat().st_size for capture in captures) / 2
    about = read_about(plain)
    assert about["recording"] == 1
    assert about["redacted"] is False


@needs_tshark
def test_wireshark_reads_it_and_knows_which_test_a_frame_is_of(plain: Path) -> None:
    lines = tshark(plain, "-T", "fields", "-e", "frame.interface_description").splitlines()
    assert len(lines) == sum(1 for _ in read_capture(plain))
    assert set(lines) - {""} == set(SCENES)


def test_the_same_run_is_the_same_file(recorded: Recorded, plain: Path, tmp_path: Path) -> None:
    save_recording(recorded.folder, tmp_path / "again.pcapng.gz", redact=False)
    again = (tmp_path / "again.pcapng.gz").read_bytes()
    assert again == plain.read_bytes()
    assert again[4:8] == bytes(4)  # the time of compression


def test_a_recording_can_be_saved_again_without_data(plain: Path, without_data: Path, tmp_path: Path) -> None:
    save_recording(plain, tmp_path / "x.pcapng.gz", redact=True)
    assert (tmp_path / "x.pcapng.gz").read_bytes() == without_data.read_bytes()


def test_a_newer_recording_is_told(plain: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.pcapng.gz"
    data = gzip.decompress(plain.read_bytes())
    newer.write_bytes(gzip.compress(data.replace(b'{"recording": 1', b'{"recording": 9', 1)))
    with pytest.raises(ConfigError, match="is a recording of version 9, this harness reads version 1"):
        read_recordings(newer)


def test_nothing_is_overwritten_and_nothing_is_left_half(recorded: Recorded, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(ArtifactError, match="is there already"):
        save_recording(recorded.folder, there, redact=False)
    assert there.read_text() == "mine"
    with pytest.raises(ArtifactError, match="cannot be written"):
        save_recording(recorded.folder, tmp_path / "no" / "folder", redact=False)
    broken = tmp_path / "run"
    broken.mkdir()
    (broken / "wire.pcapng").write_bytes(b"no capture")
    with pytest.raises(ArtifactError, match="no pcapng"):
        save_recording(broken, tmp_path / "x", redact=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "there"]


def test_the_command_says_what_it_has_saved(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "n8.pcapng.gz"
    assert main(["trace", "save", "--redact", str(recorded.folder), str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: {len(SCENES)} tests, {path.stat().st_size} bytes, redacted\n"
    assert main(["trace", "show", str(path), "--method", "phone info"]) == 0
    assert "imei=00440101000" in capsys.readouterr().out


# ----------------------------------------------------------------------------------------------- redaction


def test_nothing_personal_is_left(recorded: Recorded, plain: Path, without_data: Path) -> None:
    def holds(path: Path, text: bytes) -> bool:
        with open_capture(path) as file:
            return text in file.read()

    (recording,) = read_recordings(recorded.folder)
    infos = [step for step in recording.opening.steps if step.exchange and step.exchange.method is PHONE_INFO]
    imei = codec_of(PHONE_INFO.answer).parse(infos[1].body).imei.encode()
    for personal in (imei, imei[8:], who_we_are().encode(), scenes.SECRET[:12], bytes(range(64))):
        assert holds(plain, personal)
        assert not holds(without_data, personal)
    assert holds(without_data, b"securebackup.txt")
    assert holds(without_data, imei[:8])  # which says what kind of phone it is


def test_a_redacted_recording_still_tells_what_differs(without_data: Path, tmp_path: Path) -> None:
    """Data that the harness gives is digested too; only what a test reads from the phone is not there."""
    files_test = scenes.test_of(scenes.files)
    leaves_test = scenes.test_of(scenes.owner_leaves)
    same = replayed(without_data, tmp_path / "1", {files_test: scenes.files, leaves_test: scenes.owner_leaves})
    assert set(same.values()) == {"passed"}
    other = scenes.SECRET[:-1] + b"!"
    changed = replayed(without_data, tmp_path / "2", {files_test: partial(scenes.files, text=other)})
    assert "expected: the end of what follows file write" in changed[files_test]


def test_a_test_of_contents_fails_and_is_told_why(without_data: Path, tmp_path: Path) -> None:
    (recording,) = read_recordings(without_data)
    phone = RecordedAtHand(recording, tmp_path)
    test = scenes.test_of(scenes.large_file)
    assert play(phone, tmp_path, test, scenes.large_file).startswith("AssertionError")
    assert ("emulated: recording", "it is redacted: what was data is a digest of it") in phone.evidence()
    phone.end()


@given(st.binary(max_size=300))
def test_a_digest_is_as_long_as_what_it_stands_for(data: bytes) -> None:
    digest = redact.digest(data)
    assert len(digest) == len(data)
    assert digest == redact.digest(data)
    if len(data) >= 8:
        assert digest != data
        assert digest != redact.digest(data[:-1] + bytes([data[-1] ^ 1]))


def packets_of(line: Line) -> list[Packet]:
    return [Packet(number, outgoing, data) for number, (outgoing, data) in enumerate(line.frames)]


CONTENT = b"nobody must know of the milk"


@given(
    st.lists(st.sampled_from(["file", "log", "section", "pieces", "unknown", "noise", "again"]), max_size=8),
    st.integers(1, 40),
)
def test_frames_stay_what_they_were_and_contents_do_not(parts: list[str], size: int) -> None:
    line = Line()
    noise: list[int] = []
    for call, part in enumerate(parts, 1):
        if part in {"file", "log"}:
            path = ENGINE_LOG if part == "log" else "C:\\x"
            line.ask(files.FILE_READ, call, files.FileRead(path, 0, 100))
            line.answer(call, files.FilePart(100, len(CONTENT)))
            for start in range(0, len(CONTENT), size):
                line.say(False, Kind.DATA, call, start, CONTENT[start : start + size], 0)
            end = StreamEnd(len(CONTENT), zlib.crc32(CONTENT), 0)
            line.say(False, Kind.CLOSE, call, 0, codec_of(StreamEnd).build(end), 0)
        elif part in {"section", "pieces"}:
            line.ask(cb.CB_GET_BACKUP_DATA_SECTION, call, cb.GetSection(SID, call, 4096), by_phone=True)
            body = codec_of(cb.Section).build(cb.Section(True, CONTENT))
            step = size if part == "pieces" else len(body)
            for start in range(0, len(body), step):
                last = Flags.LAST if start + step >= len(body) else 0
                line.say(True, Kind.ANSWER, call, 0, body[start : start + step], Flags.FROM_PHONE | last)
        elif part == "unknown":
            line.say(False, Kind.DATA, 77, 0, CONTENT, 0)
            line.say(False, Kind.ANSWER, 78, 0, CONTENT, Flags.LAST)
            line.say(False, Kind.EVENT, 5, 1, CONTENT, Flags.LAST)
        elif part == "noise":
            noise.append(len(line.frames))
            line.frames.append((False, CONTENT))
        elif line.frames:
            line.frames.append(line.frames[-1])
    before = packets_of(line)
    after = redacted(before)
    assert len(after) == len(before)
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        assert new._replace(data=b"") == old._replace(data=b"")
        assert len(new.data) == len(old.data)
        if number not in noise and old.data != CONTENT:
            assert new.data[:HEADER_SIZE] == old.data[:HEADER_SIZE]
            assert not isinstance(read_frame(new.data), Damage)
    for number in range(1, len(before)):
        if before[number].data == before[number - 1].data:  # sent again
            assert after[number].data == after[number - 1].data
    if "log" not in parts and size >= len(CONTENT):
        assert not any(CONTENT in packet.data for packet in after)
    if size >= 8:
        kept = sum(CONTENT[:8] in packet.data for packet in after)
        assert kept <= sum(part in {"log", "again"} for part in parts)
    found = steps_of(enumerate(after, 1))
    ends = [step for step in found if step.doing is Doing.ANSWERS and step.exchange and step.exchange.streams]
    for one in ends:
        assert one.exchange is not None
        for stream in one.exchange.streams:
            assert not stream.problem
            assert stream.end is not None
            assert stream.end.crc32 == zlib.crc32(stream.data or b"")


# -------------------------------------------------------------------------------------------------- steps


def said(line: Line) -> list[tuple[bool, Doing, bytes]]:
    return [(s.by_host, s.doing, s.body) for s in steps_of(enumerate(packets_of(line), 1))]


@given(st.data())
def test_what_a_bad_line_does_to_frames_makes_no_difference(data: st.DataObject) -> None:
    """Frames that came again, late, or as something else: the same was said."""
    line = backup(6, fails_at=4)
    expected = said(line)
    spoiled = Line()
    frames = list(line.frames)
    while frames:
        what = data.draw(st.sampled_from(["next", "next", "swap", "again", "noise"]))
        if what == "swap" and len(frames) > 1 and frames[0][0] == frames[1][0]:
            frames[0], frames[1] = frames[1], frames[0]
        elif what == "again" and spoiled.frames:
            spoiled.frames.append(spoiled.frames[-1])
        elif what == "noise":
            spoiled.frames.append((False, b"boot: 1"))
        spoiled.frames.append(frames.pop(0))
    assert said(spoiled) == expected


def test_a_comment_that_is_none_of_ours_does_no_harm(tmp_path: Path) -> None:
    for comment in ("x", "[]", json.dumps({"recording": "new"})):
        path = tmp_path / "x.pcapng"
        path.unlink(missing_ok=True)
        CaptureWriter(path, "n8", comment=comment).close()
        if "new" in comment:
            with pytest.raises(ConfigError, match="version new"):
                read_about(path)
        else:
            assert read_about(path) == {}
