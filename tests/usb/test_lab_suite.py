"""The lab suite's backup and restore cases, as a person runs them on a phone on USB, over both transports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.usb.conftest import FIGURES, PluggedPhone

SUITE = (
    "tests/lab/public_plan/test_backuprestore.py",
    "tests/lab/public_plan/test_activebackuprestore.py",
    "tests/lab/test_relayed_owner.py",
)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("transport", ["serial", "usb"])
def test_backup_and_restore(phone: PluggedPhone, tmp_path: Path, transport: str) -> None:
    link = {
        "serial": f"serial: {{port: {phone.agent_tty()}}}",
        "usb": f"usb: {{vendor: 0421, product: 0418, port_path: {phone.path}}}",
    }[transport]
    lab = tmp_path / "lab.yaml"
    lab.write_text(f"handsets:\n  - name: on-usb\n    links:\n      - {link}\n    allow_restore: yes\n")
    options = [
        "--hil-backend=lab",
        f"--hil-config={lab}",
        "--hil-device=on-usb",
        "--color=no",
        "-q",
    ]
    slow_cpu = ["-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *SUITE, *options, *slow_cpu], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    FIGURES.append(f"lab suite, {link.split(':')[0]} link: {done.stdout.splitlines()[-1].strip('= ')}")
