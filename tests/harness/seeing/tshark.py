"""Running the real tshark with our dissector: as nobody, since newer ones load no scripts of root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from harness.cli.wireshark import dissector

NOBODY = 65534
needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed (apt-get install tshark)"
)


def tshark(capture: Path, *arguments: str, script: str | None = None) -> str:
    """What tshark prints. It ends with 0 also when a script is broken, so its complaints are looked at too."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "wire.pcapng").write_bytes(capture.read_bytes())
        (folder / "symhil.lua").write_text(dissector() if script is None else script, encoding="utf-8")
        for path in folder.iterdir():
            path.chmod(0o644)
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        result: subprocess.CompletedProcess[str] = subprocess.run(
            ["tshark", "-r", folder / "wire.pcapng", "-X", f"lua_script:{folder / 'symhil.lua'}", *arguments],
            env={**os.environ, "HOME": "/nonexistent"},  # a dissector that is installed there must not help
            capture_output=True,
            text=True,
            check=False,
            **who,
        )
    assert result.returncode == 0, result.stderr
    assert "Lua" not in result.stderr, result.stderr
    assert "Lua Error" not in result.stdout, result.stdout[:2000]
    return result.stdout
