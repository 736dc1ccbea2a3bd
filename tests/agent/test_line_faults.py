"""Whatever the line does to bytes, data comes through whole and callbacks once, with either agent."""

from __future__ import annotations

import random

import pytest

from tests.agent.faults import FAULTS
from tests.agent.line import KINDS, Line
from tests.agent.owners import attach, enter_backup, request_active, sections_answer
from wire.layout import codec_of
from wire.protocol.handshake import RFCOMM, UART, LinkProfile
from wire.protocol.messages import callbacks, files, phone

CONTENT = random.Random(7).randbytes(60_000)


def spoiled(kind: str, fault: str, profile: LinkProfile, *, rate: float = 0.05) -> Line:
    generator = random.Random(f"{fault} {profile.name}")
    make = FAULTS[fault]
    line = Line(kind, profile, spoil_to_phone=make(generator, rate), spoil_to_host=make(generator, rate))
    line.connect()
    return line


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("profile", [UART, RFCOMM], ids=lambda p: p.name)
@pytest.mark.parametrize("fault", FAULTS)
class TestFaults:
    def test_a_file_goes_there_and_back(self, kind: str, profile: LinkProfile, fault: str) -> None:
        line = spoiled(kind, fault, profile)
        write = codec_of(files.FileWrite).build(files.FileWrite("C:\\there.bin", 0, truncate=True))
        pieces = [CONTENT[start : start + 5000] for start in range(0, len(CONTENT), 5000)]
        written = line.call(files.FILE_WRITE, write, upload=pieces)
        assert written.error is None
        read = codec_of(files.FileRead).build(files.FileRead("C:\\there.bin", 0, len(CONTENT)))
        back = line.call(files.FILE_READ, read)
        assert back.data == CONTENT
        assert back.problem == ""

    def test_callbacks_come_once_each_and_in_order(self, kind: str, profile: LinkProfile, fault: str) -> None:
        line = spoiled(kind, fault, profile)
        sid = attach(line)
        enter_backup(line, [sid])
        line.answer = sections_answer(CONTENT)
        outcome = request_active(line, sid)
        assert outcome.error is None
        assert len(outcome.data) > len(CONTENT) // 2
        ordinals = [
            codec_of(method.request).parse(body).ordinal
            for method, body in line.callbacks
            if method.request is callbacks.GetSection or method.request is callbacks.DriveCallback
        ]
        assert ordinals == list(range(1, len(ordinals) + 1))

    def test_small_calls_are_all_answered(self, kind: str, profile: LinkProfile, fault: str) -> None:
        line = spoiled(kind, fault, profile)
        for number in range(40):
            body = codec_of(phone.PropertyId).build(phone.PropertyId(0x101F75B6, number))
            assert line.call(phone.PROPERTY_GET, body).error == (0, -1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_that_loses_everything_is_given_up_and_a_new_host_is_served(kind: str) -> None:
    line = Line(kind)
    line.connect()
    line.spoil_to_host = lambda data: b""
    call = line.calls.ask(phone.PHONE_INFO, b"", deadline_ms=1000)
    for _ in range(4000):
        line.step()
    assert not line.host.is_open
    assert not call.answered
    line.spoil_to_host = lambda data: data
    line.new_host(nonce=0x9999)
    line.connect()
    assert line.call(phone.PHONE_INFO).error is None
