"""Calls in both directions over a perfect line."""

from __future__ import annotations

import pytest

from tests.wire.protocol.pair import PHONE_SIZED, Pair
from wire.layout import EMPTY, codec_of
from wire.protocol.handshake import LOCAL, UART, LinkProfile
from wire.protocol.messages import callbacks, engine, files, phone
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain
from wire.symbian import SecureId


@pytest.fixture
def pair() -> Pair:
    pair = Pair()
    pair.connect()
    return pair


def property_id() -> bytes:
    return codec_of(phone.PropertyId).build(phone.PropertyId(1, 2))


def test_a_request_is_answered(pair: Pair) -> None:
    call = pair.host_calls.ask(phone.PROPERTY_GET, property_id(), deadline_ms=1000)
    pair.settle()
    request = pair.phone_calls.incoming.popleft()
    assert request.parsed() == phone.PropertyId(1, 2)
    assert request.deadline_ms == 1000
    pair.phone_calls.answer(request, codec_of(phone.PropertyValue).build(phone.PropertyValue(-7)))
    pair.settle()
    assert call.finished
    assert codec_of(phone.PropertyValue).parse(call.body).value == -7


def test_a_callback_arrives_while_the_host_waits_and_names_its_parent(pair: Pair) -> None:
    outer = pair.host_calls.ask(engine.REQUEST_DATA, b"", deadline_ms=1000)
    pair.settle()
    request = pair.phone_calls.incoming.popleft()
    body = codec_of(callbacks.GetSection).build(callbacks.GetSection(SecureId(5), 1, 4096))
    inner = pair.phone_calls.ask(callbacks.CB_GET_BACKUP_DATA_SECTION, body, deadline_ms=1000, parent=request)
    pair.settle()
    assert not pair.host_calls.incoming
    callback = outer.serving.popleft()
    assert callback.depth == 2
    pair.host_calls.answer(callback, b"\x01" + bytes(4096))
    pair.settle()
    assert inner.body == b"\x01" + bytes(4096)
    assert not outer.answered


@pytest.mark.parametrize("profile", [LOCAL, PHONE_SIZED, UART], ids=["local", "phone-sized", "uart"])
def test_an_upload_arrives_whole(profile: LinkProfile) -> None:
    pair = Pair(profile)
    pair.connect()
    data = bytes(range(256)) * 2000
    call = pair.host_calls.ask(files.FILE_WRITE, b"", deadline_ms=1000, upload=[data])
    pair.settle()
    request = pair.phone_calls.incoming.popleft()
    assert request.upload is not None
    received = bytearray()
    while not (request.upload.finished and not request.upload.has_data):
        if not request.upload.has_data:
            pair.settle()
        for piece in request.upload.take():
            received += piece
        pair.phone_calls.grant(request.upload)
    assert received == data
    assert request.upload.end is not None
    assert request.upload.end.length == len(data)
    pair.phone_calls.answer(request, codec_of(type(EMPTY)).build(EMPTY))
    pair.settle()
    assert call.finished


def test_a_sender_stops_when_its_credit_is_used_up(pair: Pair) -> None:
    pair.host_calls.ask(files.FILE_WRITE, b"", deadline_ms=1000, upload=[bytes(1 << 20)])
    pair.settle()
    request = pair.phone_calls.incoming.popleft()
    assert request.upload is not None
    assert request.upload.received == 128 * 1024
    pair.settle(seconds=5)
    assert request.upload.received == 128 * 1024


def test_a_long_message_goes_in_several_frames() -> None:
    pair = Pair(UART)
    pair.connect()
    pair.host_calls.ask(phone.PROPERTY_GET, bytes(5000), deadline_ms=1)
    pair.settle()
    assert pair.phone_calls.incoming.popleft().body == bytes(5000)


def test_an_unknown_method_is_refused_at_once(pair: Pair) -> None:
    call = pair.host_calls.ask(phone.PROPERTY_GET, property_id(), deadline_ms=1000)
    pair.host.send(8, call.call_id + 1, 0x0999, b"\0\0\0\0", 1)
    pair.host_calls.open[call.call_id + 1] = other = type(call)(call.call_id + 1, phone.PROPERTY_GET, 1)
    pair.settle()
    assert other.error is not None
    assert other.error.code == AgentFault.UNKNOWN_METHOD


def test_a_call_nested_too_deep_is_refused(pair: Pair) -> None:
    parent = None
    calls = []
    ends = [pair.host_calls, pair.phone_calls]
    for depth in range(6):
        asker, server = ends[depth % 2], ends[1 - depth % 2]
        calls.append(asker.ask(phone.PROPERTY_GET, property_id(), deadline_ms=1, parent=parent))
        pair.settle()
        if calls[-1].error:
            break
        waiting = calls[-2].serving if len(calls) > 1 else server.incoming
        parent = waiting.popleft()
    assert len(calls) == 5
    assert calls[-1].error is not None
    assert calls[-1].error.code == AgentFault.TOO_DEEP


def test_callbacks_of_an_abandoned_call_are_refused(pair: Pair) -> None:
    outer = pair.host_calls.ask(engine.REQUEST_DATA, b"", deadline_ms=1000)
    pair.settle()
    request = pair.phone_calls.incoming.popleft()
    pair.host_calls.abandon(outer)
    pair.settle()
    assert request.cancelled
    inner = pair.phone_calls.ask(callbacks.CB_GET_BACKUP_DATA_SECTION, b"", deadline_ms=1000, parent=request)
    pair.settle()
    assert inner.error is not None
    assert inner.error.domain == ErrorDomain.HOST
    assert inner.error.code == -39


def test_an_error_carries_domain_code_and_text(pair: Pair) -> None:
    call = pair.host_calls.ask(phone.PROPERTY_GET, property_id(), deadline_ms=1000)
    pair.settle()
    pair.phone_calls.refuse(pair.phone_calls.incoming.popleft(), ErrorBody(ErrorDomain.SYMBIAN, -1, "not defined"))
    pair.settle()
    assert call.error == ErrorBody(ErrorDomain.SYMBIAN, -1, "not defined")


def test_events_come_in_order(pair: Pair) -> None:
    for number in range(5):
        pair.phone_calls.tell(9, bytes([number]))
    pair.settle()
    assert [event.body for event in pair.host_calls.events] == [bytes([n]) for n in range(5)]
    assert [event.number for event in pair.host_calls.events] == [1, 2, 3, 4, 5]
