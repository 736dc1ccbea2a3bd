"""Check the Symbian layer without a Symbian tool chain: syntax against public headers, symbols against .DEF files.

    python -m device_agent.symbian.check HEADERS... --defs FOLDER

`README.md` beside this file says where headers and .DEF files are to be had; neither is part of this project.
Each program is compiled from what its .mmp lists. Every symbol that its objects leave undefined has to be exported
by one of the libraries that the .mmp names, or by the C++ runtime; of sbeclient none above ordinal 113, since a
program that imports a later one does not start on older firmware.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from device_agent.symbian.build_files import Program, listed_programs

GROUP: Final = Path(__file__).parents[1] / "group"
LAST_ORDINAL: Final = {"sbeclient": 113}
RUNTIME: Final = ("drtaeabi", "scppnwdl")
"""What each program is linked with without being asked: helpers of the compiler, and new, delete and type info."""
FROM_LIBSUPCXX: Final = frozenset({"__gxx_personality_v0"})

_MACROS: Final = [
    *("__SYMBIAN32__", "__EPOC32__", "__MARM__", "__MARM_ARMV5__", "__EABI__", "__GCCE__", "__EXE__"),
    *("__SUPPORT_CPP_EXCEPTIONS__", "_UNICODE", "NDEBUG", "SYMBIAN_ENABLE_PUBLIC_PLATFORM_HEADER_SPLIT"),
]
# __declspec is of the symbianelf GCC only; its uses are spelled as attributes, or as nothing.
_DECLSPEC: Final = (
    "-D__declspec(x)=__symds_##x",
    "-D__symds_dllimport=",
    "-D__symds_notshared=",
    '-D__symds_dllexport=__attribute__((visibility("default")))',
    "-D__symds_noreturn=__attribute__((noreturn))",
    "-D__symds_naked=__attribute__((naked))",
)
_FLAGS: Final = [
    *("-std=gnu++98", "-nostdinc", "-fexceptions", "-frtti", "-O2", "-fdiagnostics-color=never"),
    *("-fshort-wchar", "-fno-short-enums"),  # ABI: wide characters of two bytes, enums of four
    *("-Wall", "-Wextra", "-Woverloaded-virtual", "-Wno-unknown-pragmas", "-Wno-unused-parameter"),
]
# The public gcce.h spells these for GCC 3.
_PREFIX: Final = """#include "{gcce}"
#undef va_start
#undef va_arg
#undef va_end
#define va_start(ap, last) __builtin_va_start(*(__builtin_va_list*)&(ap), last)
#define va_arg(ap, type) __builtin_va_arg(*(__builtin_va_list*)&(ap), type)
#define va_end(ap) __builtin_va_end(*(__builtin_va_list*)&(ap))
"""


class Unusable(Exception):
    """Nothing can be checked; the text says why and what to do."""


class Export(NamedTuple):
    """One line of a .DEF file."""

    library: str
    ordinal: int


class Compiler(NamedTuple):
    """A compiler and how it is called for sources of the phone."""

    command: tuple[str, ...]
    is_arm: bool

    @classmethod
    def find(cls, given: str = "") -> Compiler:
        """The given one, else the stock ARM GCC, else the host's in 32 bits."""
        for command in [given.split()] if given else [["arm-none-eabi-g++"], ["g++", "-m32"]]:
            if shutil.which(command[0]):
                machine = subprocess.run(
                    [*command, "-dumpmachine"], capture_output=True, text=True, check=True
                ).stdout
                arm = machine.startswith("arm")
                more = ["-march=armv5t", "-marm", "-mfloat-abi=soft"] if arm else []
                return cls((*command, *more), arm)
        raise Unusable(f"no compiler {given or 'arm-none-eabi-g++'}: install it, or g++ with 32-bit libraries")


def header_folders(given: Sequence[Path], overlay: Path) -> list[str]:
    """Compiler options that find the public headers; sbeclient.h and its like are offered as <connect/...>."""
    options: list[str] = []
    gcce = None
    for folder in given:
        if not folder.is_dir():
            raise Unusable(f"no such folder of headers: {folder}")
        inner = folder / "epoc32" / "include"
        folder = (inner if inner.is_dir() else folder).resolve()  # noqa: PLW2901 - the one that is meant
        if gcce is None and (folder / "gcce" / "gcce.h").is_file():
            gcce = folder / "gcce" / "gcce.h"
            product = sorted((folder / "variant").glob("[Ss]ymbian_[Oo][Ss].hrh"))
            options += [f'-D__PRODUCT_INCLUDE__="{path}"' for path in product[:1]]
        options += ["-isystem", str(folder / "variant")] if (folder / "variant").is_dir() else []
        options += ["-isystem", str(folder)]
        if (folder / "sbeclient.h").is_file():
            connect = overlay / "connect"
            connect.mkdir(exist_ok=True)
            for header in (*folder.glob("sb*.h"), *folder.glob("sb*.inl")):
                (connect / header.name).unlink(missing_ok=True)
                (connect / header.name).symlink_to(header)
    if gcce is None:
        raise Unusable(
            f"none of {', '.join(map(str, given))} holds gcce/gcce.h: give the epoc32/include of the set"
        )
    prefix = overlay / "prefix.h"
    prefix.write_text(_PREFIX.format(gcce=gcce), encoding="ascii")
    return ["-include", str(prefix), *options, "-isystem", str(overlay)]


def compile_source(compiler: Compiler, source: Path, program: Program, headers: Sequence[str], into: Path) -> str:
    """Compile one source into an object; the compiler's complaints, empty when there are none."""
    command = [*compiler.command, *_FLAGS, *(f"-D{name}" for name in _MACROS), *_DECLSPEC]
    command += [*program.options, *(f"-I{folder}" for folder in program.include_folders)]
    command += [*headers, "-c", str(source), "-o", str(into)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode and not result.stderr:
        return f"{source}: the compiler failed without a word\n"
    return result.stderr


def read_def(text: str, library: str) -> dict[str, Export]:
    """Exported symbols of a .DEF file; those marked absent are not exported."""
    lines = re.finditer(r"^\s*(\S+)\s+@\s*(\d+)\s+NONAME(?!.*\bABSENT\b)", text, re.MULTILINE)
    return {line[1]: Export(library, int(line[2])) for line in lines}


def exports_of(libraries: Iterable[str], defs: Path) -> dict[str, Export]:
    """What the .DEF files of some libraries export; they are found by name, whatever its case."""
    there = [path for path in defs.rglob("*") if path.suffix.lower() == ".def"]
    # Repositories have one for each ABI, of the same name; the last one wins.
    there.sort(key=lambda path: path.parent.name.lower() == "eabi")
    files = {path.name.lower(): path for path in there}
    found: dict[str, Export] = {}
    for library in libraries:
        name = library.removesuffix(".lib")
        path = files.get(f"{name}u.def")
        if path is None:
            raise Unusable(f"no {name}u.def in {defs}: see README.md for where each .DEF file is to be had")
        found |= read_def(path.read_text(encoding="latin-1"), name)
    return found


def undefined_symbols(objects: Sequence[Path], nm: str) -> set[str]:
    """What a program made of these objects would have to import."""
    wanted: set[str] = set()
    defined: set[str] = set()
    listing = subprocess.run([nm, *map(str, objects)], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        match line.split():
            case ["U", name]:
                wanted.add(name)
            case [_, kind, name] if kind != "U":
                defined.add(name)
            case _:
                pass
    return wanted - defined - FROM_LIBSUPCXX


def symbol_complaints(target: str, wanted: Iterable[str], exports: dict[str, Export]) -> list[str]:
    """Symbols that no library of the program exports, and imports that old firmware does not have."""
    complaints = []
    for name in sorted(wanted):
        export = exports.get(name)
        if export is None:
            complaints.append(f"{target}: {name} is exported by none of the libraries that the .mmp names")
        elif export.ordinal > LAST_ORDINAL.get(export.library, export.ordinal):
            complaints.append(
                f"{target}: {name} is ordinal {export.ordinal} of {export.library}; firmware that ends at"
                f" {LAST_ORDINAL[export.library]} would not start the program"
            )
    return complaints


def check_program(
    program: Program, compiler: Compiler, headers: Sequence[str], defs: Path | None, work: Path
) -> list[str]:
    """Compile a program's sources and look at what they import."""
    folder = work / program.target
    folder.mkdir(exist_ok=True)
    complaints, objects = [], []
    for source in program.sources:
        objects.append(folder / f"{source.stem}.o")
        complaints += compile_source(compiler, source, program, headers, objects[-1]).splitlines()
    if complaints or defs is None or not compiler.is_arm:
        return complaints
    exports = exports_of([*program.libraries, *RUNTIME], defs)
    nm = compiler.command[0].removesuffix("g++") + "nm"
    return symbol_complaints(program.target, undefined_symbols(objects, nm), exports)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check everything that bld.inf lists: 0 when it is sound, 1 when not, 2 when nothing could be checked."""
    parser = argparse.ArgumentParser(prog="symbian-check", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("headers", nargs="*", type=Path, help="epoc32/include, and the folder with sbeclient.h")
    parser.add_argument("--defs", type=Path, help="a folder with the .DEF files of the import libraries")
    parser.add_argument("--compiler", default="", help="default: arm-none-eabi-g++, else g++ -m32")
    given = parser.parse_args(arguments)
    try:
        if not given.headers:
            raise Unusable(
                "no headers given, so nothing was checked: make symbian-check HEADERS='.../epoc32/include .../inc'"
                " DEFS=...; device_agent/symbian/README.md says where they are to be had"
            )
        compiler = Compiler.find(given.compiler)
        with tempfile.TemporaryDirectory() as folder:
            return _check_all(compiler, given.headers, given.defs, Path(folder))
    except Unusable as problem:
        sys.stderr.write(f"symbian-check: {problem}\n")
        return 2


def _check_all(compiler: Compiler, given: Sequence[Path], defs: Path | None, work: Path) -> int:
    headers = header_folders(given, work)
    failed = 0
    for program in listed_programs(GROUP):
        complaints = check_program(program, compiler, headers, defs, work)
        failed += bool(complaints)
        verdict = f"{len(complaints)} lines of complaint" if complaints else "sound"
        sys.stdout.write(f"{program.target}: {len(program.sources)} sources, {verdict}\n")
        sys.stdout.writelines(f"  {line}\n" for line in complaints)
    if defs is None:
        sys.stdout.write("symbols were not checked: no DEFS given\n")
    elif not compiler.is_arm:
        sys.stdout.write("symbols were not checked: that needs arm-none-eabi-g++\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
