"""The other builds of the core, where their compilers are installed: for ARM, and for the fuzzer."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.agent import cost
from tests.agent.built import ROOT, core_library, make, need

MOST_FOR_EACH_BYTE = 20
"""Instructions: with more, a processor of 100 MHz has no time for anything else at the speed of USB."""


def test_the_core_for_arm_needs_no_more_than_it_may() -> None:
    need("arm-none-eabi-g++", "make")
    said = make("core-arm")
    assert re.search(r"agc-arm\.o: \.text \d+ bytes, draws in memcpy, memset$", said, re.MULTILINE)


def test_the_core_for_arm_says_the_same_and_is_quick_enough(tmp_path: Path) -> None:
    need(cost.COMPILER, "qemu-arm", "gcc")
    core_library()
    arm, content = cost.Arm(tmp_path), cost.CONTENTS["random"]
    for sends in (True, False):
        turns = cost.conversation(sends=sends, content=content)
        assert 0 < arm.each_byte(arm.record(turns, content), turns) < MOST_FOR_EACH_BYTE


@pytest.mark.parametrize(
    ("target", "missing", "package"),
    [
        ("core-arm", "arm-none-eabi-g++", "gcc-arm-none-eabi"),
        ("fuzz-core", "clang++", "clang"),
        ("core-cost", "arm-linux-gnueabi-g++", "g++-arm-linux-gnueabi"),
    ],
)
def test_without_its_compiler_a_target_says_what_to_install(
    target: str, missing: str, package: str, tmp_path: Path
) -> None:
    need("make", "g++")
    core_library()
    for program in ("make", "sh", "bash", "python3", "g++", "mkdir", "touch", "nm", "size"):
        found = shutil.which(program)
        if found:
            (tmp_path / program).symlink_to(found)
    done = subprocess.run(
        ["make", "--silent", target],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"{target}: there is no {missing} here: apt-get install {package}" in done.stderr
