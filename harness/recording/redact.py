"""What is personal, taken out: data becomes digests of the same length, an IMEI loses what tells phones apart.

The digest of the same data is the same, so a replay can still tell whether the same data was given: it digests
what it is given too. Who guesses data can check the guess, as with every digest; what was short can be found by
trying. Names of files and of data owners, sizes and times stay, and so does the engine's log, which has no more.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from wire.errors import LayoutError
from wire.layout import codec_of
from wire.protocol.handshake import Hello
from wire.protocol.messages import callbacks, engine, files
from wire.protocol.messages.method import Method
from wire.protocol.messages.phone import PhoneInfo
from wire.symbian import ENGINE_LOG

DATA_STREAMS: Final = frozenset({engine.REQUEST_DATA, engine.SUPPLY_DATA, files.FILE_READ, files.FILE_WRITE})
"""Methods whose streams are contents; those of others are lists."""
_DATA_FIELDS: Final = frozenset({callbacks.Section, callbacks.SnapshotSection, callbacks.RestoreSection})
_DIGEST_SIZE: Final = 32
_TYPE_DIGITS: Final = 8
"""Of an IMEI: the type of the phone, which all of its kind have (3GPP TS 23.003, 6.2.1)."""


def digest(data: bytes) -> bytes:
    """A digest of the same length: repeated where the data is longer, so that it can be compressed."""
    return (hashlib.sha256(data).digest() * (len(data) // _DIGEST_SIZE + 1))[: len(data)]


def holds_contents(method: Method[Any, Any], body: tuple[Any, ...] | None) -> bool:
    """Whether a call's stream is contents, and not a list or the engine's log."""
    is_engine_log = isinstance(body, files.FileRead) and body.path.lower() == ENGINE_LOG.lower()
    return method in DATA_STREAMS and not is_engine_log


def mask_imei(imei: str) -> str:
    """An IMEI in which only the type of the phone is left."""
    return imei[:_TYPE_DIGITS] + "0" * max(0, len(imei) - _TYPE_DIGITS)


def request(method: Method[Any, Any], body: bytes) -> bytes:
    """What stands for the body of a request; as long as it."""
    return _body(method.request, body)


def answer(method: Method[Any, Any], body: bytes) -> bytes:
    """What stands for the body of an answer; as long as it."""
    return _body(method.answer, body)


def hello(payload: bytes) -> bytes:
    """What stands for the host's HELLO, which names the person and the machine that had the phone."""
    codec = codec_of(Hello)
    try:
        said = codec.parse(payload)
    except LayoutError:
        return digest(payload)
    return codec.build(said._replace(product="-" * len(said.product.encode())))


def _body(cls: type[Any], body: bytes) -> bytes:
    if cls in _DATA_FIELDS:
        codec = codec_of(cls)
        try:
            parsed = codec.parse(body)
        except LayoutError:
            return digest(body)
        return codec.build(parsed._replace(data=digest(parsed.data)))
    if cls is PhoneInfo:
        info = codec_of(PhoneInfo)
        try:
            phone = info.parse(body)
        except LayoutError:
            return digest(body)
        return info.build(phone._replace(imei=mask_imei(phone.imei)))
    return body
