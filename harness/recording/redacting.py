"""A capture without what is personal: frame by frame the same, with other contents and right checksums.

What is known to be harmless stays; what belongs to nothing that is known is replaced as a whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

from harness.capture import Packet
from harness.recording import redact
from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.conversation import Conversation, Exchange, SeenFrame
from wire.protocol.frame import FCS_SIZE, FIRST_SEQUENCED_KIND, HEADER_SIZE, Flags, Kind
from wire.protocol.messages.method import StreamEnd

_DEADLINE_SIZE: Final = 4
_CONTENTS: Final = frozenset({Kind.REQUEST, Kind.ANSWER, Kind.DATA, Kind.EVENT, Kind.LOG})


def redacted(packets: list[Packet]) -> list[Packet]:
    """The packets of one capture with what is personal replaced."""
    conversation = Conversation(keep=True)
    frames = [
        conversation.take(number, packet.time_ns / 1e9, packet.data, outgoing=bool(packet.outgoing))
        if packet.data
        else None
        for number, packet in enumerate(packets)
    ]
    payloads = _new_payloads([frame for frame in frames if frame is not None])
    return [
        packet if frame is None else packet._replace(data=_new_data(packet.data, frame, payloads))
        for packet, frame in zip(packets, frames, strict=True)
    ]


def _new_data(data: bytes, frame: SeenFrame, payloads: dict[SeenFrame, bytes]) -> bytes:
    if frame.header is None:
        return redact.digest(data)
    new = data[:HEADER_SIZE] + payloads[frame]
    return new + zlib.crc32(new).to_bytes(FCS_SIZE, "little")


def _new_payloads(frames: list[SeenFrame]) -> dict[SeenFrame, bytes]:
    payloads: dict[SeenFrame, bytes] = {}
    streams: dict[tuple[Exchange, bool], list[SeenFrame]] = {}
    for frame in frames:
        if frame.header is None:
            continue
        kind = frame.header.kind
        if frame.parts:
            payloads |= _split(_new_message(frame), frame.parts)
        elif kind == Kind.DATA and frame.exchange is not None:
            streams.setdefault((frame.exchange, frame.outgoing), []).append(frame)
    for (exchange, _), pieces in streams.items():
        whole = b"".join(piece.payload for piece in pieces)
        stays = exchange.method is not None and not redact.holds_contents(exchange.method, exchange.request)
        payloads |= _split(whole if stays else redact.digest(whole), pieces)
    for frame in frames:
        if frame.header is not None and frame not in payloads and not frame.again:
            payloads[frame] = _alone(frame, payloads, streams)
    _repeat(frames, payloads)
    return payloads


def _new_message(frame: SeenFrame) -> bytes:
    assert frame.header is not None
    message, exchange = frame.message, frame.exchange
    if frame.event is not None:
        return message if frame.event.body is not None else redact.digest(message)
    if exchange is None or exchange.method is None:
        return redact.digest(message)
    if frame.header.kind == Kind.REQUEST:
        head, body = message[:_DEADLINE_SIZE], message[_DEADLINE_SIZE:]
        return head + redact.request(exchange.method, body)
    return message if frame.header.flags & Flags.ERROR else redact.answer(exchange.method, message)


def _alone(
    frame: SeenFrame,
    payloads: dict[SeenFrame, bytes],
    streams: dict[tuple[Exchange, bool], list[SeenFrame]],
) -> bytes:
    """The payload of a frame that is no part of a message or of a stream."""
    assert frame.header is not None
    if frame.header.kind in _CONTENTS:
        return redact.digest(frame.payload)  # of a message of which something is missing
    if frame.header.kind == Kind.HELLO:
        return redact.hello(frame.payload)
    if frame.header.kind == Kind.CLOSE and frame.exchange is not None:
        pieces = streams.get((frame.exchange, frame.outgoing), [])
        return _new_end(frame.payload, b"".join(payloads[piece] for piece in pieces))
    return frame.payload


def _new_end(payload: bytes, data: bytes) -> bytes:
    """The checksum of what stands there now."""
    codec = codec_of(StreamEnd)
    try:
        end = codec.parse(payload)
    except LayoutError:
        return redact.digest(payload)
    return codec.build(end._replace(crc32=zlib.crc32(data))) if end.length == len(data) else payload


def _repeat(frames: list[SeenFrame], payloads: dict[SeenFrame, bytes]) -> None:
    """What was sent again is again what it was."""
    latest: dict[tuple[int, bool, int], bytes] = {}
    for frame in frames:
        if frame.header is None or frame.header.kind < FIRST_SEQUENCED_KIND:
            continue
        key = (frame.header.session, frame.outgoing, frame.header.sequence)
        if frame.again:
            payloads[frame] = latest.get(key) or redact.digest(frame.payload)
        else:
            latest[key] = payloads[frame]


def _split(whole: bytes, frames: Iterable[SeenFrame]) -> dict[SeenFrame, bytes]:
    """What belongs to each frame, as long as it was."""
    found: dict[SeenFrame, bytes] = {}
    start = 0
    for frame in frames:
        found[frame] = whole[start : start + len(frame.payload)]
        start += len(frame.payload)
    return found
