"""A message exists once: a field that is changed in its one place is changed at both ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
USES_THE_MESSAGES = """
def test_messages_still_fit(handset):
    handset.files.make_folder("C:\\\\data\\\\")
    handset.files.write("C:\\\\data\\\\x.bin", b"12345")
    assert handset.files.stat("C:\\\\data\\\\x.bin").size == 5
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "    size: U64\n    modified_us: I64\n\n\nclass FileEntry",
            "    size: U32\n    modified_us: I64\n\n\nclass FileEntry",
        ),
        ("    attributes: U32\n    size: U64\n", "    size: U64\n    attributes: U32\n"),
    ],
    ids=["width", "order"],
)
def test_a_changed_field_is_changed_at_both_ends(old: str, new: str, tmp_path: Path) -> None:
    for package in ("wire", "harness", "device_agent"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    messages = tmp_path / "wire" / "protocol" / "messages" / "files.py"
    text = messages.read_text()
    assert old in text, "the change no longer fits the code"
    messages.write_text(text.replace(old, new, 1))
    (tmp_path / "test_it.py").write_text(USES_THE_MESSAGES)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def fingerprint(environment: dict[str, str]) -> str:
        program = "from wire.protocol.messages import fingerprint; print(fingerprint())"
        command = [sys.executable, "-P", "-c", program]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, text=True, capture_output=True, check=True
        ).stdout

    # Who has the old definitions is told so in the handshake.
    assert fingerprint(environment) != fingerprint({**os.environ, "PYTHONPATH": str(ROOT)})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
