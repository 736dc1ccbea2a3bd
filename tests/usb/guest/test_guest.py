"""What prepares the guest, as far as it can be tried without booting one."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.usb.guest import initramfs, packages
from tests.usb.guest.__main__ import incomplete
from tests.usb.guest.packages import PACKAGES, CannotPrepare, install


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the only programs there are."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def _installed(*names: str) -> str:
    """What dpkg-query says of them."""
    return "echo '" + "'; echo '".join(f"{name} installed" for name in names) + "'"


class TestPackages:
    def test_nothing_is_done_where_all_are_there(self, programs: Path) -> None:
        program(programs, "dpkg-query", _installed(*PACKAGES))
        program(programs, "apt-get", "exit 1")
        install()

    def test_what_is_missing_is_installed_by_name(self, programs: Path, tmp_path: Path) -> None:
        done = tmp_path / "done"
        program(
            programs,
            "dpkg-query",
            f"if test -e {done}; then {_installed(*PACKAGES)}; else {_installed(PACKAGES[0])}; fi",
        )
        program(programs, "apt-get", f'case "$*" in *" install "*) echo "$*" > {done};; esac')
        install()
        assert done.read_text().split()[-len(PACKAGES) + 1 :] == list(PACKAGES[1:])

    def test_what_cannot_be_installed_is_named(self, programs: Path) -> None:
        program(programs, "dpkg-query", "exit 1")
        program(programs, "apt-get", "echo 'Unable to locate it' >&2; exit 100")
        with pytest.raises(CannotPrepare) as caught:
            install()
        assert "missing packages: qemu-system-x86, busybox-static, usbip" in str(caught.value)
        assert "Unable to locate it" in str(caught.value)

    def test_without_rights_the_command_is_said(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(programs, "dpkg-query", "exit 1")
        program(programs, "apt-get", "exit 1")
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(
            CannotPrepare, match="as root: apt-get install --no-install-recommends qemu-system-x86"
        ):
            install()

    def test_another_system(self, programs: Path) -> None:
        with pytest.raises(CannotPrepare, match="needs an x86-64 Debian with apt-get; missing: qemu-system-x86"):
            install()

    def test_a_kernel_that_cannot_be_had(self, programs: Path, tmp_path: Path) -> None:
        program(programs, "apt-get", "echo 'no network' >&2; exit 100")
        program(programs, "apt-cache", "echo '  Depends: linux-image-6.1.0-1-amd64'")
        with pytest.raises(CannotPrepare, match="linux-image-amd64 cannot be downloaded: no network"):
            packages.download_kernel(tmp_path)


class TestInitramfs:
    @pytest.fixture
    def modules(self, tmp_path: Path) -> Path:
        folder = tmp_path / "modules"
        (folder / "kernel").mkdir(parents=True)
        needs = {"9p": "9pnet", "cdc-acm": "usbcore", "vhci-hcd": "usbip-core,usbcore", "usbip-core": "usbcore"}
        names = {*initramfs.BEFORE_ROOT, *initramfs.USB, "9pnet", "usbip_core"} - {"virtio_pci"}
        for name in names:
            hyphened = name.replace("_", "-")
            (folder / "kernel" / f"{hyphened}.ko").write_bytes(
                b"ELF\0depends=" + needs.get(hyphened, "").encode() + b"\0"
            )
        (folder / "modules.builtin").write_text("kernel/virtio_pci.ko\n")
        return folder

    @pytest.mark.skipif(not Path("/bin/busybox").exists(), reason="busybox-static is not installed")
    def test_modules_come_after_what_they_need(self, modules: Path, tmp_path: Path) -> None:
        target, contents = tmp_path / "initramfs", tmp_path / "contents"
        initramfs.write(modules, target)
        contents.mkdir()
        with target.open("rb") as archive:
            unpack = ["/bin/busybox", "cpio", "-i", "-d", "--quiet"]
            subprocess.run(unpack, stdin=archive, cwd=contents, check=False, capture_output=True)
        early = (contents / "modules" / "early").read_text().split()
        late = (contents / "modules" / "late").read_text().split()
        assert "virtio_pci" not in early  # built in
        assert early.index("9pnet") < early.index("9p")
        assert late.index("usbcore") < late.index("usbip_core") < late.index("vhci_hcd")
        assert {path.stem for path in (contents / "modules").glob("*.ko")} == {*early, *late}
        assert (contents / "init").stat().st_mode & 0o111

    def test_a_module_that_is_missing_is_named(self, modules: Path, tmp_path: Path) -> None:
        (modules / "kernel" / "usbip-core.ko").unlink()
        with pytest.raises(CannotPrepare, match="no module usbip_core, which vhci_hcd needs"):
            initramfs.write(modules, tmp_path / "initramfs")


class TestResults:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (None, "there are no results"),
            ("<testsuites/>", "not one test has run"),
            (
                "<testsuites><testcase name='a'/><testcase name='b'><skipped/></testcase></testsuites>",
                "skipped.*: b",
            ),
            ("<testsuites><testcase name='a'/></testsuites>", "^$"),
        ],
    )
    def test_what_makes_a_run_worthless(self, tmp_path: Path, text: str | None, says: str) -> None:
        if text is not None:
            (tmp_path / "junit.xml").write_text(text)
        assert re.search(says, incomplete(tmp_path / "junit.xml"))
