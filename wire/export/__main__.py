"""`python -m wire.export NAME FILE`: write one export; with `--check` only say whether FILE is in step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from wire.export import c_header, golden, wireshark

EXPORTS: Final[dict[str, Callable[[], str]]] = {
    "c-header": c_header.text,
    "golden-frames": golden.frames,
    "golden-hello": golden.hello,
    "golden-messages": golden.messages,
    "wireshark": wireshark.text,
}


def main(arguments: list[str]) -> int:
    """Write or compare; 0 when it went well, 1 when FILE is out of step, 2 for wrong usage."""
    check = "--check" in arguments
    words = [word for word in arguments if word != "--check"]
    if len(words) != 2 or words[0] not in EXPORTS:
        print(f"usage: python -m wire.export {{{'|'.join(EXPORTS)}}} FILE [--check]", file=sys.stderr)  # noqa: T201
        return 2
    text, path = EXPORTS[words[0]](), Path(words[1])
    if not check:
        path.write_text(text, encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != text:
        print(f"{path} is out of step: python -m wire.export {words[0]} {path}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
