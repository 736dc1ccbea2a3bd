"""A log that grows, is replaced, emptied, written anew or taken away while it is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import pytest

from harness.errors import ArtifactError
from harness.log.follow import _is_another, follow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.harness.log.conftest import Logs


def followed(path: Path, *changes: Callable[[], object]) -> list[str]:
    """The texts that come while one change after the other is made; `anew` before those of another file."""
    left = list(changes)

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    texts = []
    for records, anew in follow(path, wait):
        texts += ["anew"] * anew + [record.text for record in records]
    assert not left
    return texts


@pytest.fixture
def path(tmp_path: Path, made: type[Logs]) -> Path:
    path = tmp_path / "securebackup.txt"
    path.write_bytes(made.data("one", "two"))
    return path


def append(path: Path, data: bytes) -> Callable[[], object]:
    def do() -> None:
        with path.open("ab") as file:
            file.write(data)

    return do


def test_what_is_added_comes(path: Path, made: type[Logs]) -> None:
    assert followed(path, append(path, made.data("three")), append(path, made.data("four"))) == [
        "one",
        "two",
        "three",
        "four",
    ]


def test_a_line_comes_when_it_is_whole(path: Path, made: type[Logs]) -> None:
    line = made.data("three")
    assert followed(path, append(path, line[:25]), append(path, line[25:])) == ["one", "two", "three"]
    assert followed(path, append(path, line[:-2])) == ["one", "two", "three", "three"]


def test_a_file_that_is_replaced_is_read_anew(path: Path, made: type[Logs]) -> None:
    def replace() -> None:
        other = path.with_suffix(".new")
        other.write_bytes(made.data("one", "two", "of another"))
        other.replace(path)

    assert followed(path, replace) == ["one", "two", "anew", "one", "two", "of another"]


def test_a_file_that_is_emptied_is_read_anew(path: Path, made: type[Logs]) -> None:
    assert followed(path, lambda: path.write_bytes(b""), append(path, made.data("three"))) == [
        "one",
        "two",
        "anew",
        "three",
    ]


def test_a_file_that_is_written_anew_and_is_longer_now_is_read_anew(path: Path, made: type[Logs]) -> None:
    rewritten = made.data("another one", "two", "three", "four")
    assert followed(path, lambda: path.write_bytes(rewritten)) == [
        "one",
        "two",
        "anew",
        "another one",
        "two",
        "three",
        "four",
    ]


def test_a_long_file_is_known_again_by_its_beginning(path: Path, made: type[Logs]) -> None:
    lines = [f"line {count}" for count in range(20)]
    path.write_bytes(made.data(*lines))
    assert followed(path, append(path, made.data("more"))) == [*lines, "more"]
    half = path.read_bytes()[: len(made.data(*lines[:12]))]
    assert len(half) > 256
    assert followed(path, lambda: path.write_bytes(half)) == [*lines, "more", "anew", *lines[:12]]


def test_a_half_line_of_the_file_before_is_not_lost(path: Path, made: type[Logs]) -> None:
    half = append(path, made.data("three")[:-2])
    assert followed(path, half, lambda: path.write_bytes(made.data("x"))) == [
        "one",
        "two",
        "three",
        "anew",
        "x",
    ]


def test_a_file_that_is_gone_for_a_while_is_waited_for(path: Path, made: type[Logs]) -> None:
    come_back = append(path, made.data("three"))
    assert followed(path, path.unlink, lambda: None, come_back, append(path, made.data("four"))) == [
        "one",
        "two",
        "anew",
        "three",
        "four",
    ]
    assert followed(path, path.unlink) == ["three", "four"]


def test_a_file_that_vanishes_between_two_looks_is_waited_for(
    path: Path, made: type[Logs], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seen as another file, but gone when it is to be opened.
    real = _is_another
    looks = iter([False, True])

    def is_another(there: Path, file: BinaryIO, beginning: bytes) -> bool:
        result = next(looks, None)
        if result:
            path.unlink()
        return real(there, file, beginning) if result is None else result

    monkeypatch.setattr("harness.log.follow._is_another", is_another)
    assert followed(path, lambda: None, lambda: None, append(path, made.data("three"))) == [
        "one",
        "two",
        "anew",
        "three",
    ]


def test_a_file_that_was_never_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no file"):
        followed(tmp_path / "securebackup.txt")
