"""A lab of emulated handsets that run on their own, as phones do: what is killed stays dead."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from harness.emulated import EmulatedHandset

NAMES = ("a", "b", "c", "d")
TAGS = {"a": "slow, first", "b": "fast", "c": "fast", "d": "fast, last"}


class EmulatedLab(NamedTuple):
    """Running handsets by name."""

    phones: dict[str, EmulatedHandset]

    def write(self, path: Path, *, faults: str = "", names: tuple[str, ...] = NAMES) -> Path:
        """The lab's configuration, and beside it who has which process."""
        entries = []
        for name in names:
            _, host, port = self.phones[name].where.split(":")
            entries.append(
                f"  - name: {name}\n    tags: [{TAGS[name]}]\n    platform: s60v{NAMES.index(name) + 1}\n"
                f"    links: [tcp: {{host: {host}, port: {port}, faults: '{faults}'}}]\n    allow_restore: yes\n"
            )
        path.write_text("handsets:\n" + "".join(entries), encoding="utf-8")
        pids = {name: phone.process.pid for name, phone in self.phones.items()}
        path.with_name("pids.json").write_text(json.dumps(pids), encoding="utf-8")
        return path


@contextlib.contextmanager
def emulated_lab(*names: str) -> Iterator[EmulatedLab]:
    """Start them, and end them."""
    with contextlib.ExitStack() as stack:
        yield EmulatedLab({name: stack.enter_context(EmulatedHandset(tcp=True)) for name in names or NAMES})
