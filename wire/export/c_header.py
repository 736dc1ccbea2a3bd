"""The definitions as one C++98 header, which the agent's core and its Symbian layer are built from.

    constants    numbers of kinds, flags, faults and methods, limits, the fingerprint
    layouts      for each one of fixed size where its fields begin; for each a struct, `Read` and `Write`
    methods      who asks, what streams follow, and whether a body fits

`Read` and `Write` are rows of calls to the cursors In and Out of device_agent/core/fields.h, which check every
bound and remember a failure, so that one question at the end is enough.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from enum import IntEnum, IntFlag
from typing import Any, Final, NamedTuple

from construct import SizeofError

from wire import symbian_errors
from wire.layout import codec_of
from wire.protocol import calls, frame, handshake, link, streams, stuffing, window
from wire.protocol.messages import METHODS, callbacks, emulator, engine, files, fingerprint, owners, phone
from wire.protocol.messages.method import AgentFault, Asker, ErrorBody, ErrorDomain, Method, StreamEnd
from wire.symbian import IPC_BLOCK_SIZE

Body = type[tuple[Any, ...]]


class FieldType(NamedTuple):
    """How a kind of field appears in a struct, and which method of the cursors reads and writes it."""

    declared: str
    method: str


_TYPES: Final = {
    "u8": FieldType("u8", "number8"),
    "u16": FieldType("u16", "number16"),
    "u32": FieldType("u32", "number32"),
    "i32": FieldType("i32", "signed32"),
    "u64": FieldType("U64", "number64"),
    "i64": FieldType("U64", "number64"),
    "flag": FieldType("u8", "flag"),
    "sid": FieldType("u32", "number32"),
    "drive": FieldType("u8", "drive"),
    "text": FieldType("Bytes", "text"),
    "blob": FieldType("Bytes", "blob"),
    "drives": FieldType("Bytes", "drives"),
    "rest": FieldType("Bytes", "rest"),
}
_ENUMS: Final[tuple[type[IntEnum | IntFlag], ...]] = (
    frame.Kind,
    frame.Flags,
    link.ResetCode,
    handshake.Features,
    ErrorDomain,
    AgentFault,
    phone.PhoneFeatures,
    owners.OwnerEventKind,
)
_LIMITS: Final = {
    "PROTOCOL_VERSION": frame.PROTOCOL_VERSION,
    "FLAG_BYTE": stuffing.FLAG_BYTE[0],
    "ESCAPE_BYTE": stuffing.ESCAPE_BYTE[0],
    "FCS_SIZE": frame.FCS_SIZE,
    "OVERHEAD": frame.OVERHEAD,
    "FIRST_SEQUENCED_KIND": frame.FIRST_SEQUENCED_KIND,
    "MAGIC": handshake.MAGIC,
    "FULL_PAYLOAD": handshake.FULL_PAYLOAD,
    "LEAST_PAYLOAD": handshake.LEAST_PAYLOAD,
    "MAX_HELLO_TEXT": handshake.MAX_HELLO_TEXT,
    "NO_SESSION": link.NO_SESSION,
    "ACK_DELAY_MS": round(link.ACK_DELAY_S * 1000),
    "MIN_RESEND_MS": round(window.MIN_RESEND_S * 1000),
    "FIRST_RESEND_MS": round(window.FIRST_RESEND_S * 1000),
    "MAX_RESEND_MS": round(window.MAX_RESEND_S * 1000),
    "MAX_TRIES": window.MAX_TRIES,
    "MAX_CALL_ID": calls.MAX_CALL_ID,
    "STREAM_WINDOW": streams.STREAM_WINDOW,
    "IPC_BLOCK_SIZE": IPC_BLOCK_SIZE,
    "OWNER_TOPIC": owners.OWNER_TOPIC,
    "RELAY_DEADLINE_MS": callbacks.RELAY_DEADLINE_MS,
    "FINGERPRINT": fingerprint(),
}
_ERRORS: Final = ("KErrNone", "KErrGeneral", "KErrTimedOut", "KErrDisconnected", "KErrAbort")
_LONE_BODIES: Final[tuple[Body, ...]] = (
    frame.Header,
    handshake.Hello,
    link.Pong,
    ErrorBody,
    StreamEnd,
    phone.PropertyChange,
    owners.OwnerEvent,
)

_HEAD: Final = """\
// Written by `python -m wire.export c-header`, from the definitions in wire/. Do not edit.

#ifndef SYMHIL_WIRE_GEN_H
#define SYMHIL_WIRE_GEN_H

#include "fields.h"

namespace wire {

typedef char u8_has_8_bits[sizeof(u8) == 1 ? 1 : -1];
typedef char u16_has_16_bits[sizeof(u16) == 2 ? 1 : -1];
typedef char u32_has_32_bits[sizeof(u32) == 4 ? 1 : -1];
typedef char i32_has_32_bits[sizeof(i32) == 4 ? 1 : -1];
"""


def text() -> str:
    """The whole header."""
    parts = [_HEAD, *_constants(), *_layouts(), *_methods(), "}  // namespace wire\n\n#endif\n"]
    return "\n".join(parts)


# -------------------------------------------------------------------------------------------- constants


def _enumeration(name: str, members: dict[str, int]) -> str:
    """A struct around the enumerators keeps their names apart, as in `Kind::HELLO`."""
    rows = ",\n".join(f"    {key} = {_number(value)}" for key, value in members.items())
    return f"struct {name} {{\n  enum Value {{\n{rows}\n  }};\n}};\n"


def _number(value: int) -> str:
    return str(value) if value < 256 else f"{value:#x}u"


def _constants() -> Iterator[str]:
    yield _enumeration("Limit", {name: int(value) for name, value in _LIMITS.items()})
    for enum in _ENUMS:
        yield _enumeration(enum.__name__, {member.name or "": int(member) for member in enum})
    yield _enumeration("Error", {name: getattr(symbian_errors, name) for name in _ERRORS})
    yield _enumeration("Method", {name: number for number, name in sorted(method_names().items())})


def method_names() -> dict[int, str]:
    """The name of each method's definition, by its number."""
    return {
        value.number: name
        for module in (phone, engine, files, owners, callbacks, emulator)
        for name, value in vars(module).items()
        if isinstance(value, Method)
    }


# ---------------------------------------------------------------------------------------------- layouts


def bodies() -> list[Body]:
    """Every layout, elements of lists before those that hold them."""
    found: dict[Body, None] = {}
    for body in (*_LONE_BODIES, *(b for n in sorted(METHODS) for b in (METHODS[n].request, METHODS[n].answer))):
        for element in elements(body).values():
            found.setdefault(element)
        found.setdefault(body)
    return list(found)


def elements(body: Body) -> dict[str, Body]:
    """The layouts in the lists of a body, by the field's name; lists of single numbers are not among them."""
    listed = {}
    for name, hint in typing.get_type_hints(body, include_extras=True).items():
        base, field = typing.get_args(hint)
        if field.kind.startswith("list of ") and field.kind.endswith("}"):
            listed[name] = typing.get_args(base)[0]
    return listed


def _layouts() -> Iterator[str]:
    for body in bodies():
        fixed = _fixed_part(body)
        if len(fixed) > 1:
            yield _enumeration(f"{body.__name__}At", fixed)
        yield _struct(body) + _read(body) + _write(body)
    yield from _promises()


def _fixed_part(body: Body) -> dict[str, int]:
    """Where each field begins, and SIZE of all before the rest; empty where a length decides."""
    offset, found = 0, {}
    for name, field in codec_of(body).fields.items():
        found[name] = offset
        if field.kind != "rest":
            try:
                offset += field.subcon.sizeof()
            except SizeofError:
                return {}
    return {**found, "SIZE": offset}


def _struct(body: Body) -> str:
    rows = []
    for name, field in codec_of(body).fields.items():
        if field.kind.startswith("list of "):
            rows.append(f"  u32 {name}_count;\n  Bytes {name};  // {field.kind}\n")
        else:
            rows.append(f"  {_TYPES[field.kind].declared} {name};\n")
    return f"struct {body.__name__} {{\n{''.join(rows)}}};\n"


def _read(body: Body) -> str:
    rows = []
    for name, field in codec_of(body).fields.items():
        if field.kind == "list of sid":
            rows.append(f"  in.numbers(out.{name}_count, out.{name});\n")
        elif field.kind.startswith("list of "):
            element = elements(body)[name].__name__
            rows.append(
                f"  in.begin_list(out.{name}_count, out.{name});\n"
                f"  for (u32 i = 0; i < out.{name}_count && in.fits(); ++i) {{\n"
                f"    {element} element;\n    Read(in, element);\n  }}\n"
                f"  in.end_list(out.{name});\n"
            )
        else:
            rows.append(f"  out.{name} = in.{_TYPES[field.kind].method}();\n")
    arguments = f"In &in, {body.__name__} &out" if rows else f"In &, {body.__name__} &"
    return f"inline void Read({arguments}) {{\n{''.join(rows)}}}\n"


def _write(body: Body) -> str:
    rows = []
    for name, field in codec_of(body).fields.items():
        if field.kind.startswith("list of "):
            rows.append(f"  out.list(in.{name}_count, in.{name});\n")
        else:
            rows.append(f"  out.{_TYPES[field.kind].method}(in.{name});\n")
    arguments = f"Out &out, const {body.__name__} &in" if rows else f"Out &, const {body.__name__} &"
    return f"inline void Write({arguments}) {{\n{''.join(rows)}}}\n"


def _promises() -> Iterator[str]:
    """What the agent's buffers rely on, checked where it is compiled: an array of negative size is an error."""
    yield "// A block of the engine and the call that it belongs to fit one frame."
    for number, name in sorted(method_names().items()):
        method = METHODS[number]
        for body, extra in ((method.request, 4), (method.answer, 0)):
            if method.asker is Asker.PHONE and "rest" in {f.kind for f in codec_of(body).fields.values()}:
                condition = f"{body.__name__}At::SIZE + {extra} + Limit::IPC_BLOCK_SIZE <= Limit::FULL_PAYLOAD"
                yield f"typedef char {name}_fits_as_{body.__name__}[{condition} ? 1 : -1];"
    yield ""


# ---------------------------------------------------------------------------------------------- methods

_METHOD_FLAGS: Final = {"KNOWN": 1, "PHONE_ASKS": 2, "UPLOAD": 4, "DOWNLOAD": 8, "ENGINE": 16}


def _methods() -> Iterator[str]:
    yield _enumeration("MethodFlags", _METHOD_FLAGS)
    yield _switch("u32 method_flags(u32 method)", {name: _flags(number) for number, name in _sorted_names()})
    yield "// Whether bytes are a body of that layout and nothing else."
    yield (
        "template <class Body>\ninline bool fits(const Bytes &bytes) {\n"
        "  In in(bytes);\n  Body body;\n  Read(in, body);\n  return in.is_used_up();\n}\n"
    )
    for what, asker in (("request", Asker.HOST), ("answer", Asker.PHONE)):
        wanted = {
            name: f"fits<{getattr(METHODS[number], what).__name__}>(bytes)"
            for number, name in _sorted_names()
            if METHODS[number].asker is asker
        }
        yield _switch(f"bool {what}_fits(u32 method, const Bytes &bytes)", wanted)


def _sorted_names() -> list[tuple[int, str]]:
    return sorted(method_names().items())


def _flags(number: int) -> str:
    method = METHODS[number]
    wanted = {
        "PHONE_ASKS": method.asker is Asker.PHONE,
        "UPLOAD": method.upload,
        "DOWNLOAD": method.download,
        "ENGINE": method.engine,
    }
    return " | ".join(["MethodFlags::KNOWN", *(f"MethodFlags::{name}" for name, is_so in wanted.items() if is_so)])


def _switch(signature: str, results: dict[str, str]) -> str:
    """A function that gives a result for each method; those with the same result share a row."""
    by_result: dict[str, list[str]] = {}
    for name, result in results.items():
        by_result.setdefault(result, []).append(name)
    rows = "".join(
        "".join(f"    case Method::{name}:\n" for name in names) + f"      return {result};\n"
        for result, names in by_result.items()
    )
    return f"inline {signature} {{\n  switch (method) {{\n{rows}  }}\n  return 0;\n}}\n"
