"""The log of a live phone that grows, is replaced, goes or is not there while it is followed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from harness.emulated import EmulatedHandset
from harness.errors import ExitCode
from harness.handset import Handset
from harness.log.follow_phone import follow_phone
from tests.harness.cli.test_cli import symhil
from tests.harness.log.conftest import Logs
from tests.phone_in_thread import phone_in_thread
from wire.symbian import ENGINE_LOG, LOG_FOLDER


@pytest.fixture
def handset() -> Iterator[Handset]:
    with phone_in_thread() as phone, phone.handset() as it:
        it.files.make_folder(LOG_FOLDER)
        yield it


def followed(handset: Handset, *changes: Callable[[], object]) -> list[str]:
    """The texts that come while one change after the other is made; `anew` before those of another file."""
    left = list(changes)

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    texts = []
    for records, anew in follow_phone(handset, wait):
        texts += ["anew"] * anew + [record.text for record in records]
    assert not left
    return texts


def test_what_is_added_comes(handset: Handset, made: type[Logs], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.log.collect.BLOCK", 70)
    lines = [f"line {count}" for count in range(20)]

    def write(count: int) -> Callable[[], object]:
        return lambda: handset.files.write(ENGINE_LOG, made.data(*lines[:count]))

    assert followed(handset, write(1), write(1), write(12), write(20)) == lines


def test_a_log_that_is_not_there_is_waited_for(handset: Handset, made: type[Logs]) -> None:
    handset.files.delete(LOG_FOLDER.rstrip("\\"))
    assert followed(handset) == []
    assert followed(
        handset,
        lambda: handset.files.make_folder(LOG_FOLDER),
        lambda: handset.files.write(ENGINE_LOG, made.data("one")),
    ) == ["one"]


@pytest.mark.parametrize("texts", [["x"], ["another", "two", "three", "four"]], ids=["shorter", "longer"])
def test_a_log_that_is_replaced_is_read_anew(handset: Handset, made: type[Logs], texts: list[str]) -> None:
    handset.files.write(ENGINE_LOG, made.data("one", "two"))
    other = made.data(*texts)
    found = followed(handset, lambda: handset.files.write(ENGINE_LOG, other))
    assert found == ["one", "two", "anew", *texts]


def test_a_log_that_is_cut_is_read_anew_although_it_begins_as_before(handset: Handset, made: type[Logs]) -> None:
    lines = [f"line {count}" for count in range(20)]
    handset.files.write(ENGINE_LOG, made.data(*lines))
    less = made.data(*lines[:12])
    assert len(less) > 256
    assert followed(handset, lambda: handset.files.write(ENGINE_LOG, less)) == [*lines, "anew", *lines[:12]]


def test_a_log_that_goes_while_it_is_read_is_waited_for(
    handset: Handset, made: type[Logs], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.log.collect.BLOCK", len(made.data("one")))
    handset.files.write(ENGINE_LOG, made.data("one", "two"))
    read = handset.files.read_part

    def deleting(path: str, offset: int, length: int) -> bytes:
        block = read(path, offset, length)
        monkeypatch.undo()
        handset.files.delete(path)
        return block

    monkeypatch.setattr(handset.files, "read_part", deleting)
    back = made.data("back")
    assert followed(handset, lambda: handset.files.write(ENGINE_LOG, back)) == ["one", "anew", "back"]


class TestCommand:
    def test_the_log_on_a_phone_is_shown_and_followed(self) -> None:
        with EmulatedHandset() as emulated:
            with Handset.open(emulated.open()) as handset:
                handset.files.make_folder(LOG_FOLDER)
                handset.engine.list_data_owners()
            shown = symhil("logs", "show", "--port", emulated.where)
            assert shown.returncode == 0, shown.stderr
            lines = shown.stdout.splitlines()
            assert "ESBEMsgPrepDataOwnerInfo" in shown.stdout
            command = [sys.executable, "-m", "harness", "logs", "show", "-f", "--port", emulated.where]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                assert [process.stdout.readline().rstrip("\n") for _ in lines] == lines
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate()
        assert (process.returncode, errors.strip()) == (ExitCode.INTERRUPTED, "symhil: interrupted")

    def test_a_phone_without_a_log_is_said_to_be_normal(self) -> None:
        with EmulatedHandset() as emulated:
            result = symhil("logs", "show", "--port", emulated.where)
        assert (result.returncode, result.stdout) == (ExitCode.OK, "")
        assert "there is no log on" in result.stderr

    @pytest.mark.parametrize("arguments", [[], ["securebackup.txt", "--port", "x"]])
    def test_it_is_a_file_or_a_phone(self, arguments: list[str]) -> None:
        from harness.cli import main

        assert main(["logs", "show", *arguments]) == ExitCode.USAGE
