"""Collecting logs: what a phone, a cable or a name can do to it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from harness.emulated import EmulatedHandset
from harness.errors import UnexpectedState
from harness.handset import Handset
from harness.log.collect import COLLECTION, collect, new_collection_folder
from tests.harness.cli.test_cli import symhil
from tests.phone_in_thread import phone_in_thread
from wire.symbian import ENGINE_LOG, LOG_FOLDER


@pytest.fixture
def handset() -> Iterator[Handset]:
    with phone_in_thread() as phone, phone.handset() as it:
        it.files.make_folder(LOG_FOLDER)
        yield it


def test_a_log_replaced_while_it_is_read_is_read_again(
    handset: Handset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.log.collect.BLOCK", 100)
    handset.files.write(ENGINE_LOG, b"old " * 100)
    read = handset.files.read_part

    def replacing(path: str, offset: int, length: int) -> bytes:
        block = read(path, offset, length)
        if offset == 200:
            handset.files.write(ENGINE_LOG, b"new " * 100)
        return block

    monkeypatch.setattr(handset.files, "read_part", replacing)
    (log,) = collect(handset, tmp_path / "logs")
    assert log.path.read_bytes() == b"new " * 100


def test_a_log_that_is_always_replaced_is_given_up_with_a_sentence(
    handset: Handset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = handset.files.read_part
    count = iter(range(100))

    def replacing(path: str, offset: int, length: int) -> bytes:
        block = read(path, offset, length)
        handset.files.write(ENGINE_LOG, b"version %d" % next(count))
        return block

    monkeypatch.setattr(handset.files, "read_part", replacing)
    handset.files.write(ENGINE_LOG, b"version x")
    with pytest.raises(UnexpectedState, match="was cut or replaced 3 times"):
        collect(handset, tmp_path / "logs")


def test_what_an_earlier_attempt_left_counts_only_if_the_log_still_begins_so(
    handset: Handset, tmp_path: Path
) -> None:
    handset.files.write(ENGINE_LOG, b"the true log")
    (tmp_path / "securebackup.txt.part").write_bytes(b"another's ")
    (log,) = collect(handset, tmp_path)
    assert log.path.read_bytes() == b"the true log"


@pytest.mark.parametrize("name", ["..", "a b", "con", "%2e%2e", ".hidden", "x" * 150])
def test_a_name_from_a_phone_stays_a_name(handset: Handset, tmp_path: Path, name: str) -> None:
    phone_files = handset.files
    listed = next(iter(phone_files.list("C:\\logs\\")))._replace(
        name=f"..\\..\\{name}", attributes=type(next(iter(phone_files.list("C:\\logs\\"))).attributes)(0), size=3
    )

    class HostileFiles:
        """A phone that names its log as if it lay elsewhere."""

        def list(self, folder: str) -> Iterator[object]:
            yield listed

        def check(self, path: str, length: int) -> tuple[int, int]:
            import zlib

            return 3, zlib.crc32(b"abc"[:length])

        def read_part(self, path: str, offset: int, length: int) -> bytes:
            return b"abc"[offset:]

    handset.files = HostileFiles()  # type: ignore[assignment]
    (log,) = collect(handset, tmp_path / "deep" / "logs")
    assert log.path.parent == tmp_path / "deep" / "logs"
    assert [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")] == ["deep"] * 4


def test_two_logs_never_get_one_name(handset: Handset, tmp_path: Path) -> None:
    """Nor the name of something else that lies in the same folder."""
    contents = {"a b.txt": b"1", "a_b.txt": b"2", "collection.json": b"3", "Con.txt": b"4", "plain.txt": b"5"}
    for name, content in contents.items():
        handset.files.write(LOG_FOLDER + name, content)
    logs = collect(handset, tmp_path)
    about = json.loads((tmp_path / COLLECTION).read_text(encoding="utf-8"))["logs"]
    assert {log["on_phone"]: (tmp_path / log["name"]).read_bytes() for log in about} == {
        LOG_FOLDER + name: content for name, content in contents.items()
    }
    assert {log.name for log in logs} >= {"a_b.txt", "plain.txt"}
    assert {"collection.json", "Con.txt"}.isdisjoint(log.name for log in logs)


def test_a_log_that_is_deleted_while_it_is_read_is_left_out(
    handset: Handset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.log.collect.BLOCK", 100)
    handset.files.write(LOG_FOLDER + "a.txt", b"x" * 300)
    handset.files.write(ENGINE_LOG, b"y" * 300)
    read = handset.files.read_part

    def deleting(path: str, offset: int, length: int) -> bytes:
        block = read(path, offset, length)
        if path.endswith("a.txt") and offset == 100:
            handset.files.delete(path)
        return block

    monkeypatch.setattr(handset.files, "read_part", deleting)
    (log,) = collect(handset, tmp_path)
    assert log.path.read_bytes() == b"y" * 300
    assert sorted(path.name for path in tmp_path.iterdir()) == [COLLECTION, "securebackup.txt"]
    assert any("deleted while it was read" in line for line in handset.journal.tail(5))


def test_two_collections_never_share_a_folder(tmp_path: Path) -> None:
    folders = {new_collection_folder(tmp_path, "n8/../x") for _ in range(20)}
    assert len(folders) == 20
    assert {folder.parent.parent for folder in folders} == {tmp_path}


class TestCommand:
    def test_no_log_is_said_to_be_normal(self, tmp_path: Path) -> None:
        with EmulatedHandset() as emulated:
            result = symhil("logs", "collect", "--port", emulated.where, "--out", str(tmp_path / "logs"))
        assert result.returncode == 1
        assert "That is normal for a release build" in result.stdout
        assert not list((tmp_path / "logs").glob("*/*"))

    def test_enabling_says_so_and_the_next_collection_has_it(self, tmp_path: Path) -> None:
        with EmulatedHandset() as emulated:
            where = ("--port", emulated.where, "--out", str(tmp_path / "logs"))
            first = symhil("logs", "collect", "--enable", *where)
            assert r"made C:\logs\connect on the phone" in first.stdout
            assert symhil("backup", str(tmp_path / "set"), "--port", emulated.where, "-q").returncode == 1
            second = symhil("logs", "collect", "--json", *where)
        assert second.returncode == 0, second.stderr
        logs = json.loads(second.stdout)["logs"]
        assert [log["name"] for log in logs] == ["ABTestClient.txt", "securebackup.txt"]
        shown = symhil("logs", "show", logs[1]["path"], "--sid", "0ab7e57c", "--callback", "GetBackupDataSectionL")
        assert shown.returncode == 0
        assert "GetBackupDataSection" in shown.stdout

    def test_a_link_that_breaks_is_opened_again(self, tmp_path: Path) -> None:
        with EmulatedHandset(tcp=True) as emulated:
            with Handset.open(emulated.open()) as handset:
                handset.files.make_folder(LOG_FOLDER)
                handset.files.write(ENGINE_LOG, bytes(range(32, 127)) * 10_000)
            with BreakingProxy(emulated.where, after_bytes=300_000) as proxy:
                result = symhil("logs", "collect", "--port", proxy.where, "--out", str(tmp_path / "logs"))
        assert result.returncode == 0, result.stderr
        assert "going on after it, attempt 2 of 5" in result.stderr
        (path,) = (tmp_path / "logs").glob("*/*/securebackup.txt")
        assert path.read_bytes() == bytes(range(32, 127)) * 10_000


class BreakingProxy:
    """Passes bytes between a harness and a phone on TCP, and cuts the first connection after so many bytes."""

    def __init__(self, where: str, *, after_bytes: int) -> None:
        _, host, port = where.split(":")
        self._phone = (host, int(port))
        self._left = after_bytes
        self._server = socket.create_server(("127.0.0.1", 0))
        self.where = f"tcp:127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                host, _ = self._server.accept()
            except OSError:
                return
            with host, socket.create_connection(self._phone) as phone:
                upstream = threading.Thread(target=self._copy, args=(host, phone))
                upstream.start()
                self._copy(phone, host, counted=True)
                upstream.join()

    def _copy(self, source: socket.socket, target: socket.socket, *, counted: bool = False) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
                if counted and self._left > 0:
                    self._left -= len(data)
                    if self._left <= 0:
                        break
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other direction was quicker
