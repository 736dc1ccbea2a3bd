"""The definitions as a Wireshark dissector: tables of them, and the Lua code of dissector.lua that reads them.

Every field of every body gets a filter name: `symhil.`, the body's and the field's, as in
`symhil.sid_status.status`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum, IntFlag
from importlib import resources
from typing import Any, Final

from wire import symbian
from wire.export.c_header import Body, bodies, elements
from wire.layout import codec_of
from wire.protocol import frame, handshake, link, window
from wire.protocol.meanings import ERRORS, MEANINGS
from wire.protocol.messages import METHODS, files, fingerprint, owners, phone
from wire.protocol.messages.method import AgentFault, ErrorDomain
from wire.symbian_errors import error_name

_ENUMS: Final[tuple[type[IntEnum], ...]] = (
    frame.Kind,
    link.ResetCode,
    ErrorDomain,
    AgentFault,
    owners.OwnerEventKind,
    symbian.TBURPartType,
    symbian.TBackupIncType,
    symbian.TDataOwnerStatus,
)
_BITS: Final[tuple[type[IntFlag | frame.Flags], ...]] = (
    frame.Flags,
    handshake.Features,
    phone.PhoneFeatures,
    files.FileAttributes,
)
_HEXADECIMAL: Final = re.compile(r"fingerprint|nonce|boot_id|magic|crc32|category|key|uid|^value$|checksum")
_LOWEST_ERROR: Final = -12000
_PLACE: Final = "--@DEFINITIONS@\n"


def text() -> str:
    """The whole dissector."""
    code = resources.files("wire.export").joinpath("dissector.lua").read_text(encoding="utf-8")
    assert code.count(_PLACE) == 1
    return code.replace(_PLACE, "\n".join(_definitions()) + "\n")


def filter_name(body: Body, field: str) -> str:
    """The name of a field in Wireshark's filters."""
    return f"symhil.{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', body.__name__).lower()}.{field}"


def _definitions() -> Iterator[str]:
    yield "-- Written by `python -m wire.export wireshark`, from the definitions in wire/. Do not edit."
    yield f"local FINGERPRINT = {fingerprint():#010x}"
    yield f"local FIRST_SEQUENCED_KIND = {frame.FIRST_SEQUENCED_KIND}"
    yield f"local FCS_SIZE = {frame.FCS_SIZE}"
    yield f"local OWNER_TOPIC = {owners.OWNER_TOPIC:#x}"
    yield f"local LARGEST_WINDOW = {window.MAX_WINDOW}"
    yield ""
    errors = {code: error_name(code) for code in range(_LOWEST_ERROR, 1)}
    known = {code: name for code, name in errors.items() if name != f"error {code}"}
    yield _table("ENUMS", [*(_enumeration(e) for e in _ENUMS), ("SymbianError", _numbered(known))])
    yield _table("BITS", [(e.__name__, _bits(e)) for e in _BITS])
    yield _table("METHODS", [(f"[{number:#06x}]", _method(number)) for number in sorted(METHODS)])
    yield _table("LAYOUTS", [(body.__name__, _layout(body)) for body in bodies()])


def _meaning(place: str) -> str:
    """The table that a number's names stand in; empty when it has none."""
    if place in ERRORS:
        return "SymbianError"
    return MEANINGS[place].__name__ if place in MEANINGS else ""


def _table(name: str, rows: list[tuple[str, str]]) -> str:
    return f"local {name} = {{\n" + "".join(f"  {key} = {value},\n" for key, value in rows) + "}\n"


def _enumeration(enum: type[IntEnum]) -> tuple[str, str]:
    return enum.__name__, _numbered({int(member): member.name for member in enum})


def _numbered(names: dict[int, str]) -> str:
    return "{ " + ", ".join(f'[{number}] = "{name}"' for number, name in names.items()) + " }"


def _bits(enum: type[IntFlag | frame.Flags]) -> str:
    return "{ " + ", ".join(f'{{ {int(member)}, "{member.name}" }}' for member in enum) + " }"


def _method(number: int) -> str:
    method = METHODS[number]
    return (
        f'{{ name = "{method.name}", asker = "{method.asker.value}",'
        f" request = {_quoted(method.request)}, answer = {_quoted(method.answer)} }}"
    )


def _quoted(body: type[Any]) -> str:
    return f'"{body.__name__}"'


def _layout(body: Body) -> str:
    rows = []
    for name, field in codec_of(body).fields.items():
        kind, element = field.kind, ""
        if kind.startswith("list of "):
            element = elements(body)[name].__name__ if name in elements(body) else kind.removeprefix("list of ")
            kind = "list"
        meaning = _meaning(f"{body.__name__}.{name}")
        hexadecimal = bool(_HEXADECIMAL.search(name)) and kind in {"u32", "i32"}
        rows.append(
            f'{{ name = "{name}", kind = "{kind}", filter = "{filter_name(body, name)}"'
            + (f', element = "{element}"' if element else "")
            + (f', meaning = "{meaning}"' if meaning else "")
            + (", hexadecimal = true" if hexadecimal else "")
            + " }"
        )
    return "{ " + ", ".join(rows) + " }"
