"""The sanitizers are awake: what `make core-asan` runs under them would not be quiet about a fault.

Skipped elsewhere. The core itself has no fault to show, so it is given a length that is not true.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.agent.built import ROOT

LIBRARY = os.environ.get("SYMHIL_CORE_LIBRARY", "")
READS_TOO_FAR = """
from pathlib import Path
from device_agent.emulator.core_library import load

ffi, library = load(Path({library!r}))
data = bytes(100)
library.agc_crc32(0, ffi.from_buffer("agc_u8[]", data), {length})
print("quiet")
"""


def crc_of(length: int) -> subprocess.CompletedProcess[str]:
    program = READS_TOO_FAR.format(library=LIBRARY, length=length)
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif("asan" not in LIBRARY, reason="only `make core-asan` loads the core with sanitizers")
def test_a_byte_too_far_is_noticed() -> None:
    assert crc_of(100).stdout == "quiet\n"
    done = crc_of(200)
    assert done.returncode != 0
    assert "AddressSanitizer: heap-buffer-overflow" in done.stderr
    assert "crc32" in done.stderr
