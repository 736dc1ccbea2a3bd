"""Layouts of bytes: a NamedTuple is the definition, its annotations are construct fields.

    class PropertyId(NamedTuple):
        category: U32
        key: U32

defines the Python value, its construct and, through `wire.export`, what other languages see. A field exists
in one place only. Layouts that consist of numbers, with at most one run of bytes at the end, are read and
written by a `struct.Struct` derived from the construct (70 to 90 times faster than interpreting it, and
callbacks with 4096 bytes of data take this path); all others go through construct itself.
`construct.compile()` is not used: it accepts truncated fields.

All integers of ours are little-endian; a layout of others may have all of its own the other way round.
`Codec.parse` wants its bytes used up to the last: where both ends have the same definitions, bytes left over are
damage. `Codec.parse_from` reads one of several in a row.
"""

from __future__ import annotations

import io
import struct
import typing
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, NamedTuple, TypeVar, cast

from construct import (
    Adapter,
    Bytes,
    Construct,
    ConstructError,
    FormatField,
    GreedyBytes,
    Int8sl,
    Int8ul,
    Int16ul,
    Int32sl,
    Int32ul,
    Int64sl,
    Int64ul,
    PascalString,
    Prefixed,
    PrefixedArray,
    Struct,
    Terminated,
)

from wire.errors import LayoutError
from wire.symbian import Drive, SecureId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    _Adapter = Adapter[Any, Any, Any, Any]
else:
    _Adapter = Adapter  # generic for the type checker only

LayoutT = TypeVar("LayoutT", bound=tuple[Any, ...])

_new: Final = tuple.__new__
"""What a NamedTuple's own constructor does after its call of a function in Python."""


class Field(NamedTuple):
    """One kind of field: the name that the fingerprint and other languages know it by, and its construct."""

    kind: str
    subcon: Construct[Any, Any]


U8 = Annotated[int, Field("u8", Int8ul)]
I8 = Annotated[int, Field("i8", Int8sl)]
U16 = Annotated[int, Field("u16", Int16ul)]
U32 = Annotated[int, Field("u32", Int32ul)]
I32 = Annotated[int, Field("i32", Int32sl)]
U64 = Annotated[int, Field("u64", Int64ul)]
I64 = Annotated[int, Field("i64", Int64sl)]
Flag = Annotated[bool, Field("flag", Int8ul)]
Sid = Annotated[SecureId, Field("sid", Int32ul)]
DriveNumber = Annotated[Drive, Field("drive", Int8ul)]
Text = Annotated[str, Field("text", PascalString(Int16ul, "utf8"))]
_BLOB: Final[Construct[Any, Any]] = Prefixed(Int16ul, GreedyBytes)
Blob = Annotated[bytes, Field("blob", _BLOB)]
DriveList = Annotated[bytes, Field("drives", Bytes(26))]
Rest = Annotated[bytes, Field("rest", GreedyBytes)]
"""All bytes up to the end of the body; only as the last field."""


class Empty(NamedTuple):
    """A body without fields."""


class _AsTuple(_Adapter):
    """An element of a list: a NamedTuple outside, a construct container inside."""

    def __init__(self, codec: Codec[Any]) -> None:
        super().__init__(codec.construct)
        self._codec = codec

    def _decode(self, obj: Any, context: Any, path: Any) -> Any:
        return self._codec.from_container(obj)

    def _encode(self, obj: Any, context: Any, path: Any) -> Any:
        return obj._asdict()


def list_of(element: type[Any] | Field) -> Field:
    """A list with a 16-bit count, of bodies or of single fields."""
    if isinstance(element, Field):
        return Field(f"list of {element.kind}", PrefixedArray(Int16ul, element.subcon))
    codec: Codec[Any] = Codec(element)
    return Field(f"list of {codec.describe()}", PrefixedArray(Int16ul, _AsTuple(codec)))


SidList = Annotated[tuple[SecureId, ...], list_of(Field("sid", Int32ul))]


def _to_flag(value: int) -> bool:
    if value not in {0, 1}:
        raise ValueError(f"a flag is 0 or 1, not {value}")
    return bool(value)


def _to_sids(values: Any) -> tuple[SecureId, ...]:
    return tuple(map(SecureId, values))


def _converter(hint: Any) -> Callable[[Any], Any] | None:
    """What turns construct's plain value into the annotated type; None where they are the same."""
    if hint in {int, str, bytes}:
        return None
    if hint is bool:
        return _to_flag
    if hint == tuple[SecureId, ...]:
        return _to_sids
    if typing.get_origin(hint) is tuple:
        return tuple
    assert callable(hint)
    return cast("Callable[[Any], Any]", hint)


class Codec(Generic[LayoutT]):
    """Reads and writes one layout. Get it from `codec_of`.

    Attributes:
        fields: name and `Field` of each field, in order.
        construct: the definition as a construct, for traces, tests and exports.
    """

    def __init__(self, cls: type[LayoutT]) -> None:
        self.cls = cls
        hints = typing.get_type_hints(cls, include_extras=True)
        self.fields: dict[str, Field] = {}
        self._convert: list[tuple[int, Callable[[Any], Any]]] = []
        for index, (name, hint) in enumerate(hints.items()):
            base, field = typing.get_args(hint)
            if not isinstance(field, Field):
                raise TypeError(f"{cls.__name__}.{name} is not annotated with a Field")
            self.fields[name] = field
            convert = _converter(base)
            if convert is not None:
                self._convert.append((index, convert))
        self.construct: Construct[Any, Any] = Struct(*(name / f.subcon for name, f in self.fields.items()))
        self._whole = Struct(*(name / f.subcon for name, f in self.fields.items()), Terminated)
        self._fast = derive_struct(f.subcon for f in self.fields.values())
        last = list(self.fields.values())[-1].subcon if self.fields else None
        self._has_blob = last is _BLOB
        self._has_tail = self._has_blob or last is GreedyBytes

    def build(self, body: LayoutT) -> bytes:
        """The bytes of a body; LayoutError when a value does not fit its field."""
        fast = self._fast
        try:
            if fast is None:
                built: bytes = self._whole.build(dict(zip(self.fields, body, strict=True)))
                return built
            if not self._has_tail:
                return fast.pack(*body)
            tail: bytes = body[-1]
            return (fast.pack(*body[:-1], len(tail)) if self._has_blob else fast.pack(*body[:-1])) + tail
        except (ConstructError, struct.error, TypeError) as error:
            raise LayoutError(self.cls.__name__, f"cannot be written: {error} in {body!r:.200}") from error

    def parse(self, data: bytes | memoryview) -> LayoutT:
        """The body in `data`, which must be used up exactly; LayoutError when it does not fit."""
        fast = self._fast
        try:
            values: Any
            if fast is None:
                return self.from_container(self._whole.parse(bytes(data)))
            if self._has_tail:
                values = [*fast.unpack_from(data), bytes(data[fast.size :])]
                if self._has_blob and values.pop(-2) != len(values[-1]):
                    raise ValueError(f"{len(values[-1])} bytes follow its numbers, not as many as they say")
            else:
                values = fast.unpack(data)
            if self._convert:
                values = list(values)
                for index, convert in self._convert:
                    values[index] = convert(values[index])
            return _new(self.cls, values)
        except (ConstructError, struct.error, ValueError) as error:
            raise LayoutError(self.cls.__name__, f"does not fit its definition: {error}", data) from error

    def parse_from(self, data: bytes | memoryview, offset: int) -> tuple[LayoutT, int]:
        """The layout that begins at `offset`, and the offset behind it; LayoutError when it is cut short."""
        stream = io.BytesIO(data)
        stream.seek(offset)
        try:
            return self.from_container(self.construct.parse_stream(stream)), stream.tell()
        except (ConstructError, ValueError) as error:
            raise LayoutError(self.cls.__name__, f"does not fit its definition: {error}", data[offset:]) from error

    def from_container(self, container: Any) -> LayoutT:
        """A body from what construct parsed; ValueError when a value is none of its type."""
        values = [container[name] for name in self.fields]
        for index, convert in self._convert:
            values[index] = convert(values[index])
        return _new(self.cls, values)

    def describe(self) -> str:
        """One line that changes whenever the definition does: `Name{field:kind ...}`."""
        return f"{self.cls.__name__}{{{' '.join(f'{n}:{f.kind}' for n, f in self.fields.items())}}}"


_codecs: Final[dict[type[Any], Codec[Any]]] = {}


def codec_of(cls: type[LayoutT]) -> Codec[LayoutT]:
    """The codec of a body's class, made once."""
    codec = _codecs.get(cls)
    if codec is None:
        codec = _codecs[cls] = Codec(cls)
    return codec


def derive_struct(subcons: Iterable[Construct[Any, Any]]) -> struct.Struct | None:
    """The `struct.Struct` that equals a row of numeric constructs.

    Bytes at the end are left aside, their length not. None when the row holds anything else, so that it has to be
    interpreted.
    """
    codes = []
    orders = set()
    rest_seen = blob_seen = False
    for subcon in subcons:
        if rest_seen:
            raise TypeError("only the last field may take all remaining bytes")
        if blob_seen:
            return None
        if subcon is GreedyBytes:
            rest_seen = True
        elif subcon is _BLOB:
            blob_seen = True
            orders.add(Int16ul.fmtstr[0])
            codes.append(Int16ul.fmtstr[1:])
        elif isinstance(subcon, FormatField):
            code = str(subcon.fmtstr)
            if struct.calcsize(code[1:]) > 1:
                orders.add(code[0])
            codes.append(code[1:])
        else:
            return None
    if len(orders) > 1:
        raise TypeError("its numbers have different orders of bytes")
    return struct.Struct((orders.pop() if orders else "<") + "".join(codes))


EMPTY: Final = Empty()
