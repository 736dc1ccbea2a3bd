"""What the .mmp files say: which sources and libraries make which program.

Only what these files use is understood: one keyword a line, `#include "..."`, comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Program:
    """One program as its .mmp file describes it; all names are as they stand there."""

    mmp: Path
    target: str = ""
    target_type: str = ""
    uid3: int = 0
    capabilities: frozenset[str] = frozenset()
    stack_size: int = 0
    sources: list[Path] = field(default_factory=list)
    include_folders: list[Path] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


def read_program(mmp: Path) -> Program:
    """Read one .mmp file and what it includes."""
    program = Program(mmp)
    folder = mmp.parent
    source_folder = folder
    for keyword, *values in _lines(mmp):
        match keyword.upper():
            case "TARGET":
                program.target = values[0]
            case "TARGETTYPE":
                program.target_type = values[0]
            case "UID":
                program.uid3 = int(values[1], 16)
            case "CAPABILITY":
                program.capabilities = frozenset(values) - {"NONE"}
            case "EPOCSTACKSIZE":
                program.stack_size = int(values[0], 16)
            case "SOURCEPATH":
                source_folder = (folder / values[0]).resolve()
            case "SOURCE":
                program.sources += [source_folder / name for name in values]
            case "USERINCLUDE":
                program.include_folders += [(folder / name).resolve() for name in values]
            case "LIBRARY":
                program.libraries += values
            case "OPTION":
                program.options += values[1:] if values[0] == "GCCE" else []
            case "SYSTEMINCLUDE" | "VENDORID" | "EPOCHEAPSIZE":
                pass
            case _:
                raise ValueError(f"{mmp}: {keyword} is not understood; add it to {Path(__file__).name}")
    return program


def _lines(file: Path) -> Iterator[list[str]]:
    for line in file.read_text(encoding="ascii").splitlines():
        words = line.partition("//")[0].split()
        if words and words[0] == "#include":
            yield from _lines(file.parent / words[1].strip('"'))
        elif words:
            yield words


def listed_programs(group: Path) -> list[Program]:
    """Those that bld.inf lists, in its order."""
    lines = (group / "bld.inf").read_text(encoding="ascii").splitlines()
    return [read_program(group / line.strip()) for line in lines if line.strip().endswith(".mmp")]
