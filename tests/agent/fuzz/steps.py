"""The steps that tests/agent/cpp/fuzz_core.cpp takes, written from Python, and seeds for the fuzzer made of them.

python -m tests.agent.fuzz.steps FOLDER      writes the seeds
"""

from __future__ import annotations

import random
import struct
import sys
import zlib
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any, Final

from tests.agent.generated import request_body
from wire.layout import codec_of
from wire.protocol.frame import Flags, Header, Kind, encode_frame
from wire.protocol.handshake import FULL_PAYLOAD
from wire.protocol.messages import METHODS, callbacks, engine, files, phone
from wire.protocol.messages.method import ErrorBody, ErrorDomain, Method, StreamEnd

_DEADLINE: Final = (10_000).to_bytes(4, "little")


class Step(IntEnum):
    """As in fuzz_core.cpp."""

    RAW = 0
    FRAME = 1
    TIME = 2
    WRITER = 3
    ANSWER = 4
    REFUSE = 5
    EVENT = 6
    ASK = 7
    LINK = 8
    HELLO = 9
    LOST = 10


class Habit(IntFlag):
    """As in fuzz_core.cpp."""

    ANSWERS_AT_ONCE = 1
    ASKS_WHEN_ASKED = 2
    ASKS_WHEN_ANSWERED = 4
    TELLS_OF_SESSIONS = 8
    ESCAPES = 0x80


class Twist(IntFlag):
    """As in fuzz_core.cpp."""

    SEQUENCE_STAYS = 1
    WRONG_SEQUENCE = 2
    WRONG_ACKNOWLEDGE = 4
    WRONG_SESSION = 8
    WRONG_LENGTH = 16


class Steps:
    """A list of steps that grows: each method adds one."""

    def __init__(
        self,
        *,
        window: int = 8,
        max_payload: int = FULL_PAYLOAD,
        habits: int = 0,
        download: int = 0,
        download_fails: bool = False,
        upload_fails: bool = False,
        piece: int = 255,
    ) -> None:
        fails = (7 if download_fails else 0, 7 if upload_fails else 0)
        self._data = bytearray(
            struct.pack("<BHBHBBB", window - 1, max_payload - 128, habits, download // 8, *fails, piece)
        )

    def __bytes__(self) -> bytes:
        return bytes(self._data)

    def _add(self, step: Step, layout: str = "", *values: int, tail: bytes | None = None) -> Steps:
        self._data += struct.pack("<B" + layout, step, *values)
        if tail is not None:
            self._data += struct.pack("<H", len(tail)) + tail
        return self

    def raw(self, data: bytes) -> Steps:
        """Bytes as they are."""
        return self._add(Step.RAW, tail=data)

    def frame(
        self,
        kind: int,
        channel: int = 0,
        argument: int = 0,
        payload: bytes = b"",
        *,
        flags: int = Flags.LAST,
        twist: int = 0,
    ) -> Steps:
        """A frame of the host, in its place in the session but for `twist`."""
        return self._add(Step.FRAME, "BBBHI", kind, flags, twist, channel, argument, tail=payload)

    def time(self, milliseconds: int) -> Steps:
        """Time passes."""
        return self._add(Step.TIME, "H", milliseconds)

    def writer(self, size: int = 0xFFF0) -> Steps:
        """The line takes so many bytes; the host hears them and acknowledges with its next frame."""
        return self._add(Step.WRITER, "H", size)

    def lost(self, size: int = 0xFFF0) -> Steps:
        """The line takes so many bytes, and none of them arrives."""
        return self._add(Step.LOST, "H", size)

    def answer(self, error: int = 0, size: int = 0) -> Steps:
        """The platform answers the oldest open request."""
        return self._add(Step.ANSWER, "BH", error, size)

    def refuse(self, fault: int, text: bytes) -> Steps:
        """The platform refuses the oldest open request."""
        return self._add(Step.REFUSE, "B", fault, tail=text)

    def event(self, topic: int, body: bytes) -> Steps:
        """The platform tells something."""
        return self._add(Step.EVENT, "H", topic, tail=body)

    def ask(self, method: Method[Any, Any], deadline_ms: int, body: bytes = b"") -> Steps:
        """The platform asks."""
        return self._add(Step.ASK, "HH", method.number, deadline_ms, tail=body)

    def link(self, *, is_up: bool) -> Steps:
        """The port comes or goes."""
        return self._add(Step.LINK, "B", is_up)

    def hello(self, nonce: int, *, window: int = 8, depth: int = 4, max_payload: int = FULL_PAYLOAD) -> Steps:
        """A host begins a session."""
        return self._add(Step.HELLO, "BBBH", nonce, window, depth, max_payload)

    def request(self, channel: int, method: Method[Any, Any], body: bytes, parent: int = 0) -> Steps:
        """A request of the host in one frame."""
        return self.frame(Kind.REQUEST, channel, method.number | parent << 16, _DEADLINE + body)

    def upload(self, channel: int, data: bytes, piece: int = 4096) -> Steps:
        """The stream behind a request."""
        for start in range(0, len(data), piece):
            self.frame(Kind.DATA, channel, start, data[start : start + piece])
        end = StreamEnd(len(data), zlib.crc32(data), 0)
        return self.frame(Kind.CLOSE, channel, 0, codec_of(StreamEnd).build(end))


def _of_method(method: Method[Any, Any]) -> Steps:
    """A request of each kind, what follows it, its answer, and the answer again when it was lost."""
    generator = random.Random(method.number)
    steps = Steps(download=20_000 if method.download else 0)
    steps.hello(1).writer()
    for channel in (1, 2, 3):
        steps.request(channel, method, request_body(method, generator))
        if method.upload:
            steps.upload(channel, generator.randbytes(5000))
        steps.writer().answer(size=20)
        steps.writer().time(3000).writer().frame(Kind.ACK).writer()
    return steps


def seeds() -> dict[str, bytes]:
    """What the fuzzer begins with, by names of files."""
    found = {f"method-{m.number:04x}": _of_method(m) for m in METHODS.values() if m is not engine.REQUEST_DATA}
    section = bytes(4) * 3
    found["callbacks"] = (
        Steps(habits=Habit.ASKS_WHEN_ANSWERED)
        .hello(1)
        .request(1, engine.REQUEST_DATA, request_body(engine.REQUEST_DATA, random.Random(1)))
        .ask(callbacks.CB_GET_BACKUP_DATA_SECTION, 150, section)
        .writer()
        .request(2, phone.PROPERTY_GET, bytes(8), parent=1)
        .frame(Kind.ANSWER, 1, 0, bytes([1]) + b"data", flags=Flags.LAST | Flags.FROM_PHONE)
        .ask(callbacks.CB_RESTORE_COMPLETE, 150)
        .time(200)
        .writer()
        .frame(
            Kind.ANSWER,
            2,
            0,
            codec_of(ErrorBody).build(ErrorBody(ErrorDomain.SYMBIAN, -26, "no")),
            flags=Flags.LAST | Flags.FROM_PHONE | Flags.ERROR,
        )
        .hello(2)
        .answer(size=10)
    )
    found["answer-that-does-not-fit"] = (
        Steps()
        .hello(1)
        .ask(callbacks.CB_GET_EXPECTED_DATA_SIZE, 150)
        .frame(Kind.ANSWER, 1, 0, b"\1", flags=Flags.LAST | Flags.FROM_PHONE)
    )
    found["late-answer"] = (
        Steps()
        .hello(1)
        .ask(callbacks.CB_RESTORE_COMPLETE, 150)
        .writer()
        .time(200)
        .writer()
        .frame(Kind.ANSWER, 1, 0, flags=Flags.LAST | Flags.FROM_PHONE)
        .frame(Kind.ANSWER, 1, 0, flags=Flags.LAST | Flags.FROM_PHONE)
        .ask(callbacks.CB_RESTORE_COMPLETE, 150)
    )
    read = codec_of(files.FileRead).build(files.FileRead("C:\\x", 0, 100_000))
    download = Steps(habits=Habit.ANSWERS_AT_ONCE, download=200_000, window=16)
    download.hello(1, window=16).request(1, files.FILE_READ, read)
    for number in range(6):
        download.writer().frame(Kind.ACK).frame(Kind.CREDIT, 1, 131_072 + 65_536 * number)
    found["download"] = download.frame(Kind.CANCEL, 1)
    resent = Steps(habits=Habit.ANSWERS_AT_ONCE | Habit.ESCAPES, download=9000, window=4, download_fails=True)
    resent.hello(1).request(1, files.FILE_READ, read)
    for _ in range(12):
        resent.writer(700).time(9000)
    found["resent"] = resent
    long = Steps(max_payload=128, window=2, piece=1).hello(1, max_payload=128)
    for start in range(0, 5000, 100):
        long.frame(
            Kind.REQUEST, 1, engine.SET_SID_LIST.number, bytes(100), flags=Flags.LAST if start == 4900 else 0
        )
    found["long"] = long.writer()
    found["lease"] = (
        Steps(habits=Habit.TELLS_OF_SESSIONS)
        .hello(1)
        .request(1, phone.LEASE, (2000).to_bytes(4, "little"))
        .event(3, b"told")
        .time(2500)
        .writer()
        .request(2, phone.LEASE, b"\xff\xff\xff\xff")
        .frame(Kind.PING, 0, 77)
        .writer()
        .link(is_up=False)
        .link(is_up=True)
        .hello(9)
    )
    found["strangers"] = (
        Steps()
        .hello(1)
        .frame(Kind.PING, twist=Twist.WRONG_SESSION)
        .frame(Kind.REQUEST, 1, phone.PHONE_INFO.number, _DEADLINE, twist=Twist.WRONG_SEQUENCE)
        .frame(Kind.REQUEST, 1, phone.PHONE_INFO.number, _DEADLINE, twist=Twist.SEQUENCE_STAYS)
        .frame(Kind.PING, twist=Twist.WRONG_LENGTH)
        .raw(encode_frame(Header(0x10, 0, 0, 0, 0, 0, 3, 0), b"abc") + b"~}~" + bytes(range(256)))
        .writer()
        .frame(Kind.ACK, argument=0xFFFFFFFF, twist=Twist.WRONG_ACKNOWLEDGE)
    )
    found |= _full_tables() | _lost_frames() | _given_up()
    return {name: bytes(steps) for name, steps in found.items()}


def _full_tables() -> dict[str, Steps]:
    """More than the core has room for: calls, nested callbacks, answers that nobody acknowledges."""
    calls = Steps().hello(1)
    for channel in range(1, 19):
        calls.request(channel, phone.PHONE_INFO, b"")
    answers = Steps().hello(1)
    for channel in range(1, 9):
        answers.request(channel, phone.PHONE_INFO, b"")
    for _ in range(8):
        answers.answer(size=4000).refuse(3, b"no" * 200).event(3, bytes(1000))
    deep = Steps(habits=Habit.ASKS_WHEN_ASKED).hello(1, depth=2)
    deep.request(1, engine.SID_STATUS, b"\0\0").ask(callbacks.CB_RESTORE_COMPLETE, 1000)
    deep.request(2, phone.PHONE_INFO, b"", parent=1).request(3, engine.SID_STATUS, b"\0\0", parent=1)
    return {"many-calls": calls.writer(), "many-answers": answers.writer(), "deep": deep.writer()}


def _lost_frames() -> dict[str, Steps]:
    """What the core sent does not arrive; the host says which of it did."""
    read = codec_of(files.FileRead).build(files.FileRead("C:\\x", 0, 100_000))
    found = {}
    for name, size in (("lost", 60_000), ("lost-end", 9000)):
        steps = Steps(habits=Habit.ANSWERS_AT_ONCE, download=size, window=16).hello(1, window=16)
        steps.writer().request(1, files.FILE_READ, read)
        for _ in range(4):
            steps.lost(5000).writer(20_000).frame(Kind.ACK, argument=0b1011).writer().time(400)
            steps.lost(30_000).time(5000).writer().frame(Kind.ACK, argument=0xFFFF).writer().frame(Kind.ACK)
        found[name] = steps
    return found


def _given_up() -> dict[str, Steps]:
    """Uploads and downloads that end before their end, and a long one with credit."""
    write = codec_of(files.FileWrite).build(files.FileWrite("C:\\x", 0, truncate=True))
    read = codec_of(files.FileRead).build(files.FileRead("C:\\x", 0, 100_000))
    upload = Steps().hello(1).request(1, files.FILE_WRITE, write).frame(Kind.DATA, 1, 0, bytes(4096))
    upload.frame(Kind.CANCEL, 1).writer().request(1, files.FILE_WRITE, write).request(1, files.FILE_WRITE, write)
    fails = Steps(upload_fails=True).hello(1).request(1, files.FILE_WRITE, write).upload(1, bytes(9000))
    long = Steps(piece=100).hello(1).request(1, files.FILE_WRITE, write)
    for start in range(0, 17 * 4000, 4000):
        long.frame(Kind.DATA, 1, start, bytes(4000))
    unwanted = Steps(download=9000).hello(1).request(1, files.FILE_READ, read).frame(Kind.CANCEL, 1).answer()
    return {
        "upload-given-up": upload.writer(),
        "upload-fails": fails.writer(),
        "upload-long": long.writer(),
        "download-unwanted": unwanted.writer(),
    }


def main(folder: Path) -> None:
    """Write the seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
