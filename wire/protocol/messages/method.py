"""What an operation is, and how calls fail and streams end."""

from __future__ import annotations

from enum import Enum, IntEnum
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from wire.layout import I32, U8, U32, U64, Codec, Text, codec_of

RequestT = TypeVar("RequestT", bound=tuple[Any, ...])
AnswerT = TypeVar("AnswerT", bound=tuple[Any, ...])


class Asker(Enum):
    """Who may make a call."""

    HOST = "host"
    PHONE = "phone"


class Method(Generic[RequestT, AnswerT]):
    """One operation.

    Attributes:
        number: what goes over the wire.
        name: how traces, errors and docs call it.
        request, answer: the classes of the two bodies.
        upload: the request is followed by a stream.
        download: the answer is followed by a stream.
        engine: it occupies the backup engine, which serves one such call at a time.
        repeatable: doing it twice is the same as doing it once.
    """

    def __init__(
        self,
        number: int,
        name: str,
        request: type[RequestT],
        answer: type[AnswerT],
        *,
        asker: Asker = Asker.HOST,
        upload: bool = False,
        download: bool = False,
        engine: bool = False,
        repeatable: bool = False,
    ) -> None:
        self.number = number
        self.name = name
        self.request = request
        self.answer = answer
        self.asker = asker
        self.upload = upload
        self.download = download
        self.engine = engine
        self.repeatable = repeatable

    @cached_property
    def request_codec(self) -> Codec[RequestT]:
        """Reads and writes the request's body."""
        return codec_of(self.request)

    @cached_property
    def answer_codec(self) -> Codec[AnswerT]:
        """Reads and writes the answer's body."""
        return codec_of(self.answer)

    def __repr__(self) -> str:
        return f"Method({self.number:#06x} {self.name})"


class ErrorDomain(IntEnum):
    """Where an error comes from; the three never mix."""

    SYMBIAN = 0  # a Symbian API on the phone returned or left with the code
    AGENT = 1  # the agent itself; the code is an AgentFault
    HOST = 2  # the harness, or the data owner that runs in it


class AgentFault(IntEnum):
    """Why an end cannot serve a request, whatever the operation is."""

    UNKNOWN_METHOD = 1
    BAD_BODY = 2
    ENGINE_BUSY = 3  # the engine serves another request; one made inside its own callback would wait for ever
    TOO_DEEP = 4
    NO_RESOURCES = 5
    NOT_OFFERED = 6  # this agent or phone has no such part, for instance no controller
    CANCELLED = 7
    DEADLINE = 8
    INTERNAL = 9


class ErrorBody(NamedTuple):
    """The body of an answer that carries an error."""

    domain: U8
    code: I32
    text: Text


class DataSize(NamedTuple):
    """A size in bytes."""

    size: U32


class StreamEnd(NamedTuple):
    """What closes a stream; `status` is a Symbian error number, 0 when the stream is whole."""

    length: U64
    crc32: U32
    status: I32
