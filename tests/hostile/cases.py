"""What a phone, or whoever pretends to be one, may try. Each case ends with a named error or with nothing."""

from __future__ import annotations

import itertools
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from harness.archive import BackupSet
from harness.bounds import MAX_EVENTS, MAX_FOLDER_ENTRIES
from harness.data_owner import DataOwner
from harness.errors import HilError, LabUnavailable, StaleAgent
from harness.handset import Handset
from harness.log.collect import collect
from tests.hostile.puppet import SLOT, HostilePhone
from wire.errors import FormatError
from wire.formats.container import unpack_sections
from wire.layout import EMPTY, codec_of
from wire.protocol.calls import MAX_MESSAGE, MAX_OPEN_REQUESTS, MAX_PARTIAL, OpenCall
from wire.protocol.frame import Flags, Header, Kind, encode_frame
from wire.protocol.link import VERSION_BITS
from wire.protocol.messages import callbacks, engine, files, owners
from wire.protocol.messages import phone as phone_messages
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method
from wire.symbian import Drive, TTransferDataType

C: Final = Drive.parse("C")
BASE: Final = TTransferDataType.EActiveBaseData
ESCAPES: Final = "\x1b[2J\x1b]0;mine\x07\x9b31m\u202egnp.exe\r\n\0"

Case = Callable[[Path], None]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    CASES[function.__name__] = function
    return function


def refused(action: Callable[[], Any], *words: str, kind: type[HilError] = HilError) -> str:
    """It ends with an error of ours, in words that do nothing to a terminal; the words."""
    try:
        action()
    except kind as error:
        text = "\n".join([str(error), *getattr(error, "__notes__", [])])
        assert all(c.isprintable() or c in "\n\t" for c in text), repr(text)
        for word in words:
            assert word in text, f"{word!r} is not in {text!r}"
        return text
    raise AssertionError("it was taken for good")


def alive(handset: Handset) -> None:
    assert handset.properties.mode().is_normal


# ------------------------------------------------------------------------------- bytes on the line


def _noise(make: Callable[[], Iterator[bytes]]) -> None:
    """Megabytes of something before and in a session: it is skipped, and little of it is kept."""
    phone = HostilePhone()
    handset = phone.handset()
    phone.before = make()
    for _ in range(200):
        alive(handset)
    assert sum(map(len, handset.connection.debris)) < 100_000
    decoder = handset.connection._link._decoder
    assert len(decoder._pending) < 20_000


@case
def random_bytes_without_end(folder: Path) -> None:
    chance = random.Random(1)
    _noise(lambda: iter(lambda: chance.randbytes(50_000), b""))


@case
def one_frame_that_never_ends(folder: Path) -> None:
    _noise(lambda: itertools.repeat(b"A" * 60_000))


@case
def flags_only(folder: Path) -> None:
    _noise(lambda: itertools.repeat(b"~" * 50_000))


@case
def escapes_only(folder: Path) -> None:
    _noise(lambda: itertools.repeat(b"~" + b"\x7d" * 8000 + b"~"))


def _frame(kind: int, session: int, payload: bytes, *, length: int | None = None) -> bytes:
    size = len(payload) if length is None else length
    return encode_frame(Header(VERSION_BITS | kind, 0, session, 0, 0, 0, size, 0), payload)


@case
def frames_of_sessions_that_never_were(folder: Path) -> None:
    _noise(lambda: (_frame(Kind.EVENT, session, b"x" * 4000) for session in itertools.count(2)))


@case
def frames_that_lie_about_their_length(folder: Path) -> None:
    _noise(lambda: itertools.repeat(_frame(Kind.DATA, 1, b"x" * 100, length=65_535)))


@case
def a_second_handshake_in_the_session(folder: Path) -> None:
    _noise(lambda: itertools.repeat(_frame(Kind.HELLO_ACK, 0, bytes(40))))


@case
def a_name_that_plays_with_the_terminal_in_the_handshake(folder: Path) -> None:
    phone = HostilePhone(build="\x1b[2J")
    phone.link.hello = phone.link.hello._replace(fingerprint=1)
    refused(phone.connection, "was built from", kind=StaleAgent)


@case
def nothing_but_a_modem(folder: Path) -> None:
    phone = HostilePhone()
    phone.link._receive_hello = lambda *_: None  # type: ignore[method-assign]
    phone.before = itertools.repeat(b"\x1b[31mERROR\r\n")
    refused(phone.connection, "no agent answered", kind=LabUnavailable)


# ------------------------------------------------------------------------------- calls and messages


def _session() -> tuple[HostilePhone, Handset]:
    phone = HostilePhone()
    return phone, phone.handset()


def _asked_in_a_call(phone: HostilePhone, handset: Handset, method: Method[Any, Any], body: bytes) -> OpenCall:
    """The phone asks in the course of a call of ours, which it then never answers."""
    asked: list[OpenCall] = []

    def ask(request: Any) -> None:
        asked.append(phone.calls.ask(method, body, deadline_ms=1000, parent=request))

    phone.answers[phone_messages.PROPERTY_GET.number] = ask
    refused(handset.properties.mode, "was not answered")
    return asked[0]


@case
def messages_that_are_never_finished(folder: Path) -> None:
    phone, handset = _session()
    for channel in range(2000):
        phone.link.send(Kind.EVENT, channel, 0, b"x" * 4000, 0)
        if channel % 50 == 0:
            alive(handset)
    alive(handset)
    assert len(handset.connection._calls._partial) <= MAX_PARTIAL


@case
def one_message_without_end(folder: Path) -> None:
    phone, handset = _session()
    for number in range(300):
        phone.link.send(Kind.EVENT, 7, 0, b"x" * 4000, 0)
        if number % 50 == 0:
            alive(handset)
    alive(handset)
    kept = handset.connection._calls._partial.values()
    assert all(sum(map(len, parts)) <= MAX_MESSAGE + 8192 for parts in kept)


@case
def answers_to_calls_that_were_never_made(folder: Path) -> None:
    phone, handset = _session()
    for channel in range(500):
        phone.link.send(Kind.ANSWER, channel + 1000, 0, b"x" * 100, Flags.LAST)
        phone.link.send(Kind.DATA, channel + 1000, 0, b"x" * 100, 0)
        phone.link.send(Kind.CLOSE, channel + 1000, 0, bytes(16), 0)
        phone.link.send(Kind.CREDIT, channel + 1000, 1 << 31, b"", 0)
        phone.link.send(Kind.CANCEL, channel + 1000, 0, b"", 0)
    alive(handset)


@case
def kinds_that_nobody_knows(folder: Path) -> None:
    phone, handset = _session()
    for _ in range(100):
        phone.link.send(Kind.LOG, 0, 0, b"x" * 100, 0)
    alive(handset)


@case
def requests_without_end(folder: Path) -> None:
    phone, handset = _session()
    body = codec_of(callbacks.OwnerCallback).build(callbacks.OwnerCallback(SLOT, 1))
    number = callbacks.CB_ALL_SNAPSHOTS_SUPPLIED.number
    handset.connection._serve_orphans = lambda: None  # type: ignore[method-assign]
    for channel in range(1, 1000):
        phone.link.send(Kind.REQUEST, channel, number, bytes(4) + body, Flags.LAST | Flags.FROM_PHONE)
        if channel % 50 == 0:
            alive(handset)
    alive(handset)
    assert len(handset.connection._calls._serving) <= MAX_OPEN_REQUESTS


@case
def requests_of_methods_that_are_not_there(folder: Path) -> None:
    phone, handset = _session()
    for method in (0, 0x7FFF, 0xFFFF):
        phone.link.send(Kind.REQUEST, 5, method, bytes(4), Flags.LAST | Flags.FROM_PHONE)
    phone.link.send(Kind.REQUEST, 6, callbacks.CB_GET_EXPECTED_DATA_SIZE.number, b"", Flags.LAST)
    alive(handset)


@case
def the_phone_asks_what_only_the_host_may_ask(folder: Path) -> None:
    phone, handset = _session()
    body = codec_of(files.Path).build(files.Path("/etc/passwd"))
    call = _asked_in_a_call(phone, handset, files.FILE_DELETE, body)
    assert call.error is not None


@case
def events_without_end(folder: Path) -> None:
    phone, handset = _session()
    body = codec_of(phone_messages.PropertyChange).build(phone_messages.PropertyChange(1, 0, 1))
    for number in range(MAX_EVENTS + 2000):
        phone.calls.tell(1, body)
        if number % 500 == 0:
            alive(handset)
    alive(handset)
    assert len(handset.mode_changes.changes) <= MAX_EVENTS


@case
def events_that_cannot_be_read(folder: Path) -> None:
    phone, handset = _session()
    for body in (b"", b"\xff" * 3, b"\xff" * 14, b"\xff" * 5000):
        phone.calls.tell(owners.OWNER_TOPIC, body)
        phone.calls.tell(1, body)
        phone.calls.tell(12345, body)
    alive(handset)


@case
def an_answer_that_cannot_be_read(folder: Path) -> None:
    phone, handset = _session()
    for body in (b"", b"\xff", b"\xff" * 5000):
        phone.answer(phone_messages.PROPERTY_GET, body)
        refused(handset.properties.mode, "cannot be read")


@case
def an_error_that_cannot_be_read(folder: Path) -> None:
    phone, handset = _session()
    phone.answers[phone_messages.PROPERTY_GET.number] = lambda request: ErrorBody(
        ErrorDomain.AGENT, 1, "x" * 60_000
    )
    refused(handset.properties.mode)
    phone.answers[phone_messages.PROPERTY_GET.number] = lambda request: ErrorBody(ErrorDomain.AGENT, 9999, "")
    refused(handset.properties.mode, "fault 9999")


@case
def an_error_that_plays_with_the_terminal(folder: Path) -> None:
    phone, handset = _session()
    for domain in ErrorDomain:
        error = ErrorBody(domain, -1 if domain is not ErrorDomain.AGENT else AgentFault.INTERNAL, ESCAPES)
        phone.answers[phone_messages.PROPERTY_GET.number] = lambda request, e=error: e  # type: ignore[misc]
        refused(handset.properties.mode, "\\x1b[2J")


@case
def no_answer_at_all(folder: Path) -> None:
    phone, handset = _session()
    del phone.answers[phone_messages.PROPERTY_GET.number]
    refused(handset.properties.mode, "was not answered within 10 s")


@case
def an_answer_that_comes_twice(folder: Path) -> None:
    phone, handset = _session()
    value = codec_of(phone_messages.PropertyValue).build(phone_messages.PropertyValue(1))

    def twice(request: Any) -> bytes:
        phone.link.send(Kind.ANSWER, request.call_id, 0, value, Flags.LAST)
        return value

    phone.answers[phone_messages.PROPERTY_GET.number] = twice
    for _ in range(50):
        alive(handset)


@case
def a_journal_that_plays_with_the_terminal(folder: Path) -> None:
    _, handset = _session()
    handset.journal.add("note", ESCAPES)
    assert all(c.isprintable() or c in "\n\t" for line in handset.journal.tail(5) for c in line)


# ----------------------------------------------------------------------------------------- streams


def _file(phone: HostilePhone, size: int, stream: Callable[[], Iterator[bytes]]) -> None:
    phone.answer(files.FILE_READ, files.FilePart(size, 1), stream)


def _endless(piece: bytes = bytes(60_000)) -> Iterator[bytes]:
    return itertools.repeat(piece)


@case
def a_block_that_is_longer_than_what_was_asked_for(folder: Path) -> None:
    phone, handset = _session()
    _file(phone, 10, _endless)
    refused(lambda: handset.files.read_part("C:\\x", 0, 100), "more than the 100 bytes")


@case
def a_file_that_always_has_more(folder: Path) -> None:
    phone, handset = _session()
    _file(phone, 1 << 63, lambda: iter([bytes(250_000)]))
    refused(lambda: handset.files.read("C:\\x"), "more than the")


@case
def a_block_of_a_file_without_end(folder: Path) -> None:
    phone, handset = _session()
    _file(phone, 1 << 63, _endless)
    refused(lambda: handset.files.read("C:\\x"), "more than the")


@case
def a_stream_that_closes_with_another_sum(folder: Path) -> None:
    phone, handset = _session()
    real = zlib.crc32

    def lie(request: Any) -> tuple[bytes, list[bytes]]:
        phone.link.send(Kind.ANSWER, request.call_id, 0, bytes(12), Flags.LAST)
        phone.link.send(Kind.DATA, request.call_id, 0, b"abc", 0)
        end = (3).to_bytes(8, "little") + (real(b"abd")).to_bytes(4, "little") + bytes(4)
        phone.link.send(Kind.CLOSE, request.call_id, 0, end, 0)
        return b"", []

    phone.answers[files.FILE_READ.number] = lie
    refused(lambda: handset.files.read_part("C:\\x", 0, 3), "did not come whole")


@case
def more_data_than_was_granted(folder: Path) -> None:
    phone, handset = _session()

    def flood(request: Any) -> tuple[bytes, list[bytes]]:
        phone.link.send(Kind.ANSWER, request.call_id, 0, bytes(12), Flags.LAST)
        for number in range(200):
            phone.link.send(Kind.DATA, request.call_id, number * 4000, bytes(4000), 0)
        return b"", []

    phone.answers[files.FILE_READ.number] = flood
    refused(lambda: handset.files.read_part("C:\\x", 0, 1 << 20))


# ------------------------------------------------------------------------------------------- values


@case
def a_listing_without_end(folder: Path) -> None:
    phone, handset = _session()
    entries = tuple(files.FileEntry(f"{n}", 0, 1, 1) for n in range(2000))
    phone.answer(files.FOLDER_LIST, files.FolderPage(True, entries))
    refused(lambda: sum(1 for _ in handset.files.list("C:\\")), f"more than {MAX_FOLDER_ENTRIES} entries")


@case
def a_listing_that_says_there_is_more_and_gives_nothing(folder: Path) -> None:
    phone, handset = _session()
    phone.answer(files.FOLDER_LIST, files.FolderPage(True, ()))
    assert list(handset.files.list("C:\\")) == []


@case
def times_and_sizes_that_no_phone_has(folder: Path) -> None:
    phone, handset = _session()
    for modified in (-(1 << 63), (1 << 63) - 1, 0):
        phone.answer(files.FILE_STAT, files.FileStat(0xFFFFFFFF, (1 << 64) - 1, modified))
        assert handset.files.stat("C:\\x").size == (1 << 64) - 1


@case
def a_phone_that_says_odd_things_of_itself(folder: Path) -> None:
    from tests.hostile.puppet import INFO

    phone = HostilePhone()
    odd = INFO._replace(
        model=ESCAPES, firmware="f" * 20_000, imei="", owner_slots=(SLOT,) * 5000, drives=b"\xff" * 26
    )
    phone.answer(phone_messages.PHONE_INFO, odd)
    alive(phone.handset())


@case
def modes_that_are_not_there(folder: Path) -> None:
    phone, handset = _session()
    for value in (-1, 0x7FFFFFFF, -(1 << 31), 0x0FFF):
        phone.answer(phone_messages.PROPERTY_GET, phone_messages.PropertyValue(value))
        str(handset.properties.mode())


def _owner_list(count: int, stream: Callable[[], Iterator[bytes]], *words: str) -> None:
    phone, handset = _session()
    phone.answer(engine.LIST_DATA_OWNERS, engine.EntryCount(count), stream)
    refused(handset.engine.list_data_owners, *words)


@case
def a_list_of_owners_that_claims_more_than_it_has(folder: Path) -> None:
    _owner_list(0xFFFFFFFF, lambda: iter([b"\x01\x02\x03"]), "damaged")


@case
def a_list_of_owners_without_end(folder: Path) -> None:
    _owner_list(1, _endless, "more than the")


@case
def a_list_of_owners_of_random_bytes(folder: Path) -> None:
    for seed in range(50):
        _owner_list(3, lambda s=seed: iter([random.Random(s).randbytes(400)]))  # type: ignore[misc]


@case
def ready_states_that_are_not_there(folder: Path) -> None:
    phone, handset = _session()
    entries = (engine.SidStatus(SLOT, 99, 0),)
    phone.answer(engine.SID_STATUS, engine.SidStatusList(entries))
    refused(lambda: handset.engine.status([SLOT]), "a status that does not exist")


def _requested(
    finished: bool, data: Callable[[], Iterator[bytes]]
) -> tuple[Handset, Callable[[], Iterator[bytes]]]:
    from wire.formats.serialised import SidTransfer

    phone, handset = _session()
    phone.answer(engine.REQUEST_DATA, engine.RequestedData(finished, 0, b""), data)
    return handset, lambda: handset.engine.request_all(SidTransfer(C, SLOT, BASE))


@case
def an_engine_that_never_has_anything_and_never_ends(folder: Path) -> None:
    _, ask = _requested(False, lambda: iter(()))
    refused(lambda: list(ask()), "without data and without an end")


@case
def a_stream_of_data_goes_to_disk_and_not_to_memory(folder: Path) -> None:
    _, ask = _requested(True, lambda: itertools.repeat(bytes(60_000), 1500))
    backup_set = BackupSet.create(folder / "set")
    key = backup_set.add(SLOT, C, BASE, ask())
    assert backup_set.streams[key].size == 90_000_000
    backup_set.verify()


def _container(data: bytes) -> None:
    with pytest.raises(FormatError):
        assert all(len(block) <= 1 << 20 for block in unpack_sections(data))


@case
def a_container_that_expands_to_gigabytes(folder: Path) -> None:
    bomb = zlib.compress(bytes(64 << 20), 9)
    for claimed in (65_536, 1 << 20, 0xFFFFFFFF):
        block = len(bomb).to_bytes(4, "little") + claimed.to_bytes(4, "little") + bomb
        _container(bytes(8) + (12 + len(block)).to_bytes(4, "little") + block)


@case
def containers_whose_sizes_lie(folder: Path) -> None:
    for total in (0, 1, 11, 12, 19, 0xFFFFFFFF):
        _container(bytes(8) + total.to_bytes(4, "little") + bytes(40))
    _container(bytes(4) + b"\xff" * 4 + (60).to_bytes(4, "little") + bytes(48))


def _collected(folder: Path, *names: str) -> set[str]:
    """Logs of these names, collected; what lies in the folder then, and that nothing lies outside of it."""
    content = {f"C:\\logs\\connect\\{name}": name.encode() * 10 for name in names}
    phone, handset = _session()
    entries = tuple(files.FileEntry(name, 0, len(name.encode()) * 10, 1) for name in names)
    phone.answer(files.FOLDER_LIST, files.FolderPage(False, entries))

    def check(request: Any) -> bytes:
        body = request.parsed()
        data = content[body.path]
        part = data[: body.length]
        return codec_of(files.FileCheck).build(files.FileCheck(len(data), len(part), zlib.crc32(part)))

    def read(request: Any) -> tuple[bytes, list[bytes]]:
        body = request.parsed()
        part = content[body.path][body.offset : body.offset + body.length]
        return codec_of(files.FilePart).build(files.FilePart(len(content[body.path]), len(part))), [part]

    phone.answers[files.FILE_CHECK.number] = check
    phone.answers[files.FILE_READ.number] = read
    target = folder / "out" / "logs"
    logs = collect(handset, target)
    assert sorted(log.path.read_bytes() for log in logs) == sorted(content.values())
    assert {path.name for path in (folder / "out").iterdir()} == {"logs"}
    return {path.name for path in target.iterdir()}


@case
def names_that_lead_out_of_the_folder(folder: Path) -> None:
    found = _collected(folder, "..", "...", "../../up.txt", "..\\up.txt", "/etc/passwd", "C:\\x.txt", ".bashrc")
    assert all("/" not in name and "\\" not in name and not name.startswith(".") for name in found)


@case
def names_that_play_with_the_terminal(folder: Path) -> None:
    found = _collected(folder, ESCAPES, "a\x1b[31mb.txt", "-rf", "$(reboot)", " ", "x" * 300)
    assert all(name.isprintable() and len(name) < 200 for name in found)


@case
def names_that_we_use_ourselves(folder: Path) -> None:
    found = _collected(folder, "collection.json", "a.txt", "a.txt.part", "COLLECTION.JSON")
    assert "collection.json" in found


@case
def names_that_look_the_same_here(folder: Path) -> None:
    assert len(_collected(folder, "a b.txt", "a_b.txt", "a?b.txt", "a/b.txt", "b.txt")) == 6


@case
def a_log_that_claims_to_be_enormous(folder: Path) -> None:
    phone, handset = _session()
    phone.answer(files.FOLDER_LIST, files.FolderPage(False, (files.FileEntry("big.txt", 0, 1 << 62, 1),)))
    phone.answer(files.FILE_CHECK, files.FileCheck(1 << 62, 0, 0))
    refused(lambda: collect(handset, folder / "logs"), "more than a log can have")


@case
def a_callback_with_a_size_that_no_buffer_has(folder: Path) -> None:
    class Owner(DataOwner):
        def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
            return b"x" * 100, True

    phone, handset = _session()
    phone.answer(owners.OWNER_ATTACH, EMPTY)
    handset.attach(Owner(), SLOT)
    body = codec_of(callbacks.GetSection).build(callbacks.GetSection(SLOT, 1, (1 << 31) - 1))
    call = _asked_in_a_call(phone, handset, callbacks.CB_GET_BACKUP_DATA_SECTION, body)
    assert call.answered


@case
def callbacks_of_owners_that_were_never_attached(folder: Path) -> None:
    phone, handset = _session()
    body = codec_of(callbacks.OwnerCallback).build(callbacks.OwnerCallback(SLOT, 0xFFFFFFFF))
    call = _asked_in_a_call(phone, handset, callbacks.CB_ALL_SNAPSHOTS_SUPPLIED, body)
    assert call.error is not None
