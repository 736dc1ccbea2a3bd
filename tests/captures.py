"""Captures of a wire on which was said what a test wants, and runs that left them."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

from harness.artifacts import safe_name
from harness.capture import CaptureWriter
from wire.layout import EMPTY, codec_of
from wire.protocol.frame import HEADER_STRUCT, Flags, Header, Kind
from wire.protocol.messages import callbacks as cb
from wire.protocol.messages import engine
from wire.protocol.messages.method import ErrorBody, ErrorDomain, Method, StreamEnd
from wire.protocol.messages.phone import PROPERTY_SUBSCRIBE, PropertyChange, PropertyId, Subscription
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, Drive, SecureId, TTransferDataType
from wire.symbian_errors import KErrDiskFull

SID = SecureId(0xE0F1A001)


class Line:
    """Frames as a capture has them: each with its FCS, numbered by each end."""

    def __init__(self) -> None:
        self.frames: list[tuple[bool, bytes]] = []
        self.next_sequence = {True: 65530, False: 7}

    def say(self, outgoing: bool, kind: Kind, channel: int, argument: int, payload: bytes, flags: int) -> None:
        sequence = self.next_sequence[outgoing]
        header = Header(0x10 | kind, flags, 99, sequence, 0, channel, len(payload), argument)
        self.next_sequence[outgoing] = (sequence + 1) & 0xFFFF
        raw = HEADER_STRUCT.pack(*header) + payload
        self.frames.append((outgoing, raw + zlib.crc32(raw).to_bytes(4, "little")))

    def ask(
        self, method: Method[Any, Any], call: int, body: Any, *, by_phone: bool = False, parent: int = 0
    ) -> None:
        flags = Flags.LAST | (Flags.FROM_PHONE if by_phone else 0)
        payload = b"\0\0\0\0" + codec_of(method.request).build(body)
        self.say(not by_phone, Kind.REQUEST, call, method.number | parent << 16, payload, flags)

    def answer(self, call: int, body: Any, *, by_phone: bool = False) -> None:
        """`by_phone` says who had asked."""
        flags = Flags.LAST | (Flags.FROM_PHONE if by_phone else 0)
        self.say(by_phone, Kind.ANSWER, call, 0, codec_of(type(body)).build(body), flags)

    def refuse(self, call: int, code: int, *, by_phone: bool = False) -> None:
        flags = Flags.LAST | Flags.ERROR | (Flags.FROM_PHONE if by_phone else 0)
        body = codec_of(ErrorBody).build(ErrorBody(ErrorDomain.SYMBIAN, code, ""))
        self.say(by_phone, Kind.ANSWER, call, code & 0xFFFFFFFF, body, flags)


def backup(callbacks: int, *, fails_at: int = 0, sections: bytes = b"remember the milk") -> Line:
    """A backup in which the owner is asked so many times; at one of them it leaves."""
    line = Line()
    transfer = b"".join(value.to_bytes(4, "little") for value in (2, 2, SID, TTransferDataType.EActiveBaseData))
    line.ask(PROPERTY_SUBSCRIBE, 1, PropertyId(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY))
    line.answer(1, Subscription(1, 0, 1))
    line.ask(engine.SET_BUR_MODE, 2, engine.ModeChange(False, bytes(26), 4, 0x100))
    line.answer(2, EMPTY)
    change = codec_of(PropertyChange).build(PropertyChange(5, 0, 0x104))
    line.say(False, Kind.EVENT, 1, 1, change, Flags.LAST | Flags.FROM_PHONE)
    line.ask(engine.SID_STATUS, 3, engine.SidListBody((SID,)))
    line.answer(3, engine.SidStatusList((engine.SidStatus(SID, 2, 0),)))
    line.ask(engine.REQUEST_DATA, 4, engine.DataRequest(False, transfer))
    line.ask(cb.CB_INITIALISE_GET_BACKUP_DATA, 1, cb.DriveCallback(SID, 1, Drive(2)), by_phone=True, parent=4)
    line.answer(1, EMPTY, by_phone=True)
    for number in range(2, callbacks + 1):
        call = number & 0x7FFF
        line.ask(cb.CB_GET_BACKUP_DATA_SECTION, call, cb.GetSection(SID, number, 4096), by_phone=True, parent=4)
        if number == fails_at:
            line.refuse(call, KErrDiskFull, by_phone=True)
            line.refuse(4, KErrDiskFull)
            return line
        line.answer(call, cb.Section(number == callbacks, sections), by_phone=True)
    line.answer(4, engine.RequestedData(True, 5, transfer))
    line.say(False, Kind.DATA, 4, 0, b"12345", 0)
    end = codec_of(StreamEnd).build(StreamEnd(5, zlib.crc32(b"12345"), 0))
    line.say(False, Kind.CLOSE, 4, 0, end, 0)
    return line


def write_capture(path: Path, line: Line, *, step_ns: int = 1_000_000) -> None:
    capture = CaptureWriter(path, "n8")
    for number, (outgoing, data) in enumerate(line.frames):
        capture.add(1_700_000_000_000_000_000 + number * step_ns, data, outgoing=outgoing)
    capture.close()


def write_run(folder: Path, tests: dict[str, tuple[str, Line]], *, handset: str = "n8") -> Path:
    """What a run leaves: for each test how it ended and what was said."""
    verdicts = []
    for name, (outcome, line) in tests.items():
        where = folder / safe_name(name)
        where.mkdir(parents=True)
        write_capture(where / "wire.pcapng", line)
        failed = outcome == "failed"
        verdicts.append(
            {
                "test": name,
                "outcome": outcome,
                "duration_s": 1.5,
                "category": "product" if failed else "",
                "case": "",
                "properties": {"handset": handset, "firmware": "011.012", "transport": "/dev/ttyACM0"},
                "message": "    raise\nE   EngineError: <b>no</b> room\n\nx.py:1" if failed else "",
            }
        )
    (folder / "results.json").write_text(json.dumps({"arguments": [], "verdicts": verdicts}))
    return folder
