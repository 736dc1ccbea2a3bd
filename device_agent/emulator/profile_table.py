"""The tables of docs/emulator.md, made of the model of a profile so that they cannot differ from it.

`python -m device_agent.emulator.profile_table docs/emulator.md` writes them anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from device_agent.emulator import profile_model as model
from device_agent.emulator.engine.versions import VERSIONS, Version
from device_agent.emulator.owners.misbehaving import EVERY_CALLBACK, WAYS
from device_agent.emulator.owners.on_board import ON_BOARD

_KEYS: Final[dict[str, type[BaseModel]]] = {
    "A profile": model.ProfileKeys,
    "`engine`": model.EngineKeys,
    "Each of `owners`": model.OwnerKeys,
    "`registration` of an owner": model.RegistrationKeys,
    "`misbehaviour` of an owner": model.MisbehaviourKeys,
    "Each of `files`, of a profile or of a package": model.FileKeys,
    "Each of `packages`": model.PackageKeys,
    "`faults`": model.FaultKeys,
}
_BLOCK: Final = r"(<!-- generated: {name} -->\n)(.*?)(<!-- end -->)"


def keys_tables() -> str:
    """Every key, a table for each mapping."""
    parts = []
    for title, keys in _KEYS.items():
        rows = [(f"`{name}`", _left_out(field), field.description or "") for name, field in _fields(keys)]
        parts.append(f"{title}:\n\n{_table(('Key', 'Left out', 'Meaning'), rows)}")
    return "\n".join(parts)


def versions_table() -> str:
    """What differs between versions of the engine."""
    rows = [_version_row(version) for version in VERSIONS.values()]
    head = (
        "Version",
        "Source",
        "`callback_delay_time`",
        "Restore over a read-only file",
        "Packages in the ROM",
        "Panics",
        "Debug builds write a log",
    )
    return _table(head, rows)


def _version_row(version: Version) -> tuple[str, ...]:
    engine = version.engine
    return (
        f"`{version.name}`",
        "public" if version.is_public else "not public: taken for `symbian3-2010.02`",
        "known" if engine.has_callback_delay else "unknown: always 200 s",
        "replaced" if engine.replaces_read_only else "fails with -21",
        "listed, nothing to back up" if engine.lists_fixed_packages else "not listed",
        f"`{engine.panic_category}`",
        "yes" if engine.writes_log else "no: binary traces",
    )


def owners_table() -> str:
    """The owners on board."""
    rows = [
        (
            f"`{name}`",
            str(owner.sid),
            f"`{owner.executable}`" if owner.executable else "none",
            owner.program or "none",
        )
        for name, owner in ON_BOARD.items()
    ]
    return _table(("Name", "SID", "Executable", "Program"), rows)


def ways_table() -> str:
    """The ways in which an owner can misbehave."""
    rows = []
    for name, way in WAYS.items():
        where = (
            "any" if way.callbacks == EVERY_CALLBACK else ", ".join(f"`{c.name}`" for c in sorted(way.callbacks))
        )
        rows.append((f"`{name}`", where or "none", way.meaning))
    return _table(("`how`", "`in`", "The owner"), rows)


TABLES: Final = {"ways": ways_table, "keys": keys_tables, "versions": versions_table, "owners": owners_table}


def rewrite(text: str) -> str:
    """A document with every generated block made anew."""
    for name, make in TABLES.items():
        block = re.compile(_BLOCK.format(name=name), re.DOTALL)
        if not block.search(text):
            raise ValueError(f"the document has no block `<!-- generated: {name} -->` ... `<!-- end -->`")
        table = make()
        text = block.sub(lambda match, table=table: f"{match[1]}\n{table}\n{match[3]}", text)  # type: ignore[misc]
    return text


def _fields(keys: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in keys.model_fields.items():
        yield field.alias or name, field


def _left_out(field: FieldInfo) -> str:
    """What a key is when it is not written; nothing where the description says it."""
    if field.is_required():
        return "must be there"
    default: Any = field.get_default(call_default_factory=True)
    if isinstance(default, bool):
        return "yes" if default else "no"
    if default is None or isinstance(default, BaseModel) or default in ((), {}, ""):
        return ""
    if isinstance(default, dict):
        return f"`{{{', '.join(f'{key}: {value}' for key, value in default.items())}}}`"
    if isinstance(default, tuple):
        return f"`[{', '.join(map(str, default))}]`"
    return f"`{default}`"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        document = Path(argument)
        document.write_text(rewrite(document.read_text(encoding="utf-8")), encoding="utf-8")
