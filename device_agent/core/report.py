"""`python3 report.py FILE`: what the built core needs. Fails when it is more than the agent on a phone has.

FILE is the shared object, or objects linked together for ARM (then NM and SIZE name that tool chain's programs).
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from typing import Final

ALLOWED: Final = {"memcpy", "memset"}
MAX_STATE: Final = 32 * 1024
_LINKER_MADE: Final = {"_DYNAMIC", "_GLOBAL_OFFSET_TABLE_", "__dso_handle", "_edata", "_end", "__bss_start"}


def _output(program: str, *arguments: str) -> list[str]:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def main(path: str) -> int:
    """Print what it needs; 1 when that is too much."""
    nm = os.environ.get("NM", "nm")
    symbols = [line.split()[-2:] for line in _output(nm, path)]
    undefined = {name for kind, name in symbols if kind == "U"}
    writable = {name for kind, name in symbols if kind in "bBdDC"} - _LINKER_MADE
    sections = [line.split() for line in _output(os.environ.get("SIZE", "size"), "-A", path)]
    text = sum(int(row[1]) for row in sections if row and row[0].startswith(".text"))
    print(f"{path}: .text {text} bytes, draws in {', '.join(sorted(undefined)) or 'nothing'}")  # noqa: T201
    problems = []
    if undefined - ALLOWED:
        problems.append(f"it may draw in only {', '.join(sorted(ALLOWED))}, not {', '.join(undefined - ALLOWED)}")
    if writable:
        problems.append(f"it has writable globals: {', '.join(sorted(writable))}")
    if path.endswith(".so"):
        library = ctypes.CDLL(os.path.abspath(path))
        state: int = library.agc_core_size()
        print(f"{path}: state {state} bytes, at most {MAX_STATE} are allowed")  # noqa: T201
        if state > MAX_STATE:
            problems.append(f"its state is {state - MAX_STATE} bytes too large")
    for problem in problems:
        print(f"{path}: {problem}", file=sys.stderr)  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
