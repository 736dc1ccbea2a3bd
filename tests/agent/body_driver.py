"""A C++ program, made from the definitions, that reads and writes bodies with the generated header.

name hex      ->      hex of what was written, then each field        or "no" when the bytes do not fit
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Final

from tests.agent.built import ROOT, need
from wire.export import c_header
from wire.layout import Codec, codec_of

CORE: Final = ROOT / "device_agent" / "core"

_PROGRAM: Final = """\
#include <stdio.h>
#include <string.h>
#include "wire_gen.h"

using namespace wire;

static void show(const Bytes &bytes) {{
  printf(" ");
  for (u32 i = 0; i < bytes.size; ++i) printf("%02x", bytes.data[i]);
}}
static void show(u32 value) {{ printf(" %u", value); }}
static void show(i32 value) {{ printf(" %d", value); }}
static void show(const U64 &value) {{ printf(" %08x%08x", value.high, value.low); }}

{functions}
static u8 digit(int c) {{ return static_cast<u8>(c <= '9' ? c - '0' : c - 'a' + 10); }}

int main() {{
  static char line[200000];
  static u8 data[100000];
  while (fgets(line, sizeof line, stdin)) {{
    char *hex = strchr(line, ' ');
    *hex++ = 0;
    u32 size = 0;
    for (; hex[0] > ' '; hex += 2) data[size++] = static_cast<u8>(digit(hex[0]) << 4 | digit(hex[1]));
    // Read from memory that ends where the body ends, so that a sanitizer sees what is read beyond it.
    u8 *exact = new u8[size];
    memcpy(exact, data, size);
    const Bytes bytes = bytes_of(exact, size);
{dispatch}
    delete[] exact;
    printf("\\n");
  }}
  return 0;
}}
"""


def _source() -> str:
    functions, dispatch = [], []
    for body in c_header.bodies():
        name = body.__name__
        shows = []
        for field, what in codec_of(body).fields.items():
            if what.kind.startswith("list of "):
                shows.append(f"  show(body.{field}_count);\n")
            declared = "static_cast<u32>" if what.kind in {"u8", "u16", "flag", "drive"} else ""
            shows.append(f"  show({declared}(body.{field}));\n")
        functions.append(
            f"static void try_{name}(const Bytes &bytes) {{\n  In in(bytes);\n  {name} body;\n  Read(in, body);\n"
            f'  if (!in.is_used_up()) {{\n    printf("no");\n    return;\n  }}\n'
            f"  static u8 written[100000];\n  Out out(written, sizeof written);\n  Write(out, body);\n"
            f'  printf("%d", out.fits());\n  show(out.bytes());\n{"".join(shows)}}}\n'
        )
        dispatch.append(f'    if (!strcmp(line, "{name}")) try_{name}(bytes);')
    return _PROGRAM.format(functions="\n".join(functions), dispatch="\n".join(dispatch))


def build(folder: Path) -> Path:
    """Compile it, with sanitizers."""
    need("g++")
    source, program = folder / "bodies.cpp", folder / "bodies"
    source.write_text(_source())
    flags = ["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-g"]
    command = ["g++", *flags, f"-I{CORE}", str(source), str(CORE / "fields.cpp"), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


def ask(program: Path, cases: list[tuple[type[Any], bytes]]) -> list[str]:
    """What the program says of each case."""
    lines = "".join(f"{body.__name__} {data.hex()}\n" for body, data in cases)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def expected(body: type[Any], data: bytes, value: tuple[Any, ...] | None) -> str:
    """What it has to say, by the definition itself."""
    if value is None:
        return "no"
    codec: Codec[Any] = codec_of(body)
    shown = [f"1 {data.hex()}"]
    for field, content in zip(codec.fields.values(), value, strict=True):
        if field.kind.startswith("list of "):
            built = field.subcon.build(content)
            shown.append(f"{len(content)} {built[2:].hex()}")
        elif field.kind in {"u64", "i64"}:
            shown.append(f"{content & 0xFFFFFFFFFFFFFFFF:016x}")
        elif isinstance(content, str):
            shown.append(content.encode().hex())
        elif isinstance(content, bytes):
            shown.append(content.hex())
        else:
            shown.append(str(int(content)))
    return " ".join(shown)
