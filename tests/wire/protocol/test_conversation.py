"""What belongs together is found again in frames that were captured, whatever their order."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from tests.captures import SID, Line
from wire.layout import codec_of
from wire.protocol.conversation import Conversation, Exchange
from wire.protocol.frame import HEADER_STRUCT, Damage, Flags, Header, Kind
from wire.protocol.messages.callbacks import CB_GET_BACKUP_DATA_SECTION, GetSection, Section
from wire.protocol.messages.engine import REQUEST_DATA, DataRequest, RequestedData
from wire.protocol.messages.files import FILE_STAT, Path
from wire.protocol.messages.method import ErrorBody, ErrorDomain, StreamEnd
from wire.protocol.messages.owners import OWNER_TOPIC, OwnerEvent, OwnerEventKind
from wire.symbian_errors import KErrNotFound

DATA = b"remember the milk" * 600


def a_backup() -> Line:
    line, last = Line(), int(Flags.LAST)
    phones = last | Flags.FROM_PHONE
    request = codec_of(DataRequest).build(DataRequest(False, b"\2\0\0\0"))
    line.say(True, Kind.REQUEST, 5, REQUEST_DATA.number, b"\0\0\0\0" + request, last)
    asked = codec_of(GetSection).build(GetSection(SID, 1, 4096))
    argument = CB_GET_BACKUP_DATA_SECTION.number | 5 << 16
    line.say(False, Kind.REQUEST, 3, argument, b"\0\0\0\0" + asked, phones)
    answer = codec_of(Section).build(Section(True, b"milk"))
    line.say(True, Kind.ANSWER, 3, 0, answer[:3], int(Flags.FROM_PHONE))
    line.say(True, Kind.ANSWER, 3, 0, answer[3:], phones)
    event = codec_of(OwnerEvent).build(OwnerEvent(1, SID, OwnerEventKind.CONFIRMED, 0))
    line.say(False, Kind.EVENT, OWNER_TOPIC, 1, event, phones)
    done = codec_of(RequestedData).build(RequestedData(True, len(DATA), b""))
    line.say(False, Kind.ANSWER, 5, 0, done, last)
    for offset in range(0, len(DATA), 4096):
        line.say(False, Kind.DATA, 5, offset, DATA[offset : offset + 4096], 0)
    end = codec_of(StreamEnd).build(StreamEnd(len(DATA), zlib.crc32(DATA), 0))
    line.say(False, Kind.CLOSE, 5, 0, end, 0)
    return line


def read(frames: list[tuple[bool, bytes]]) -> Conversation:
    conversation = Conversation(keep=True)
    for number, (outgoing, data) in enumerate(frames, 1):
        conversation.take(number, number / 10, data, outgoing=outgoing)
    return conversation


def check(conversation: Conversation) -> None:
    request, callback = conversation.exchanges
    assert (request.method, request.by_phone, request.parent) == (REQUEST_DATA, False, None)
    assert request.answer == RequestedData(True, len(DATA), b"")
    [stream] = request.streams
    assert (bytes(stream.data or b""), stream.end, stream.problem) == (
        DATA,
        StreamEnd(len(DATA), zlib.crc32(DATA), 0),
        "",
    )
    assert (callback.method, callback.by_phone, callback.parent) == (CB_GET_BACKUP_DATA_SECTION, True, request)
    assert callback.request == GetSection(SID, 1, 4096)
    assert callback.answer == Section(True, b"milk")
    assert callback.answered_s is not None
    [told] = conversation.events
    assert told.event is not None
    assert told.event.body == OwnerEvent(1, SID, OwnerEventKind.CONFIRMED, 0)


def test_a_backup_is_put_together_again() -> None:
    check(read(a_backup().frames))


@given(st.data())
def test_neither_overtaking_nor_repetition_changes_what_was_said(data: st.DataObject) -> None:
    """The phone's frames are moved about, within what a window allows; the host's are in order by nature."""
    frames = a_backup().frames
    first = 5  # the answer, the data and its end
    frames[first:] = data.draw(st.permutations(frames[first:]))
    for place in data.draw(st.lists(st.integers(first, len(frames)), max_size=3)):
        frames.insert(place, frames[place - 1])
    check(read(frames))


def test_a_refusal_has_its_error() -> None:
    line = Line()
    line.say(True, Kind.REQUEST, 1, FILE_STAT.number, b"\0\0\0\0" + codec_of(Path).build(Path("C:\\")), Flags.LAST)
    error = ErrorBody(ErrorDomain.SYMBIAN, KErrNotFound, "no")
    line.say(False, Kind.ANSWER, 1, 0xFFFFFFFF, codec_of(ErrorBody).build(error), Flags.LAST | Flags.ERROR)
    [exchange] = read(line.frames).exchanges
    assert (exchange.status, exchange.error, exchange.answer) == (KErrNotFound, error, None)


def test_a_hole_in_a_capture_ends_what_was_open_and_nothing_else() -> None:
    line = a_backup()
    before = list(line.frames)
    line.next_sequence[False] = (line.next_sequence[False] + 500) & 0xFFFF
    line.say(False, Kind.EVENT, OWNER_TOPIC, 2, codec_of(OwnerEvent).build(OwnerEvent(2, SID, 0, 0)), Flags.LAST)
    conversation = read([*before[:2], *line.frames[len(before) :]])
    assert [e.answered_s for e in conversation.exchanges] == [None, None]
    assert len(conversation.events) == 1


def test_what_is_missing_from_a_stream_is_told() -> None:
    frames = a_backup().frames
    del frames[6]
    line = Line()
    line.next_sequence[False] = 8  # renumbered, as if the data had never been sent
    renumbered = []
    for outgoing, data in frames:
        header = Header._make(HEADER_STRUCT.unpack_from(data))
        line.say(outgoing, Kind(header.kind), header.channel, header.argument, data[16:-4], header.flags)
        renumbered.append(line.frames[-1])
    request: Exchange = read(renumbered).exchanges[0]
    assert request.streams[0].problem == f"closed at {len(DATA)} bytes, {len(DATA) - 4096} came"


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=8))
def test_whatever_the_bytes_are_nothing_is_raised(frames: list[tuple[bool, bytes]]) -> None:
    conversation = Conversation()
    for number, (outgoing, data) in enumerate(frames, 1):
        raw = data + zlib.crc32(data).to_bytes(4, "little")
        seen = conversation.take(number, 0.0, raw, outgoing=outgoing)
        assert seen.damage in {None, Damage.TOO_SHORT, Damage.BAD_LENGTH}


@given(st.sampled_from(list(Kind)), st.integers(0, 255), st.integers(0, 0xFFFFFFFF), st.binary(max_size=40))
def test_frames_that_make_no_sense_are_taken_too(kind: Kind, flags: int, argument: int, payload: bytes) -> None:
    line = a_backup()
    line.say(False, kind, 5, argument, payload, flags)
    read(line.frames)
