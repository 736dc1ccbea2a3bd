"""A file that is read while it is written to."""

from __future__ import annotations

import pytest

from harness.errors import EngineError
from tests.phone_in_thread import phone_in_thread
from wire.protocol.messages.files import FILE_READ, FilePart, FileRead

CONTENT = bytes(range(256)) * 4096
REQUEST = FileRead("C:\\x", 0, len(CONTENT))


def test_what_is_added_behind_the_end_is_not_given() -> None:
    with phone_in_thread() as phone, phone.handset() as handset:
        handset.files.write("C:\\x", CONTENT)
        with handset.connection.download(FILE_READ, REQUEST) as (part, pieces):
            first = bytes(next(pieces))
            phone.agent.phone.files.write("C:\\x", b"more", offset=len(CONTENT), truncate=False)
            assert first + b"".join(pieces) == CONTENT
    assert part == FilePart(len(CONTENT), len(CONTENT))


def test_one_that_becomes_shorter_is_not_taken_for_whole() -> None:
    with phone_in_thread() as phone, phone.handset() as handset:
        handset.files.write("C:\\x", CONTENT)
        with handset.connection.download(FILE_READ, REQUEST) as (_, pieces):
            next(pieces)
            phone.agent.phone.files.write("C:\\x", b"", truncate=True)
            with pytest.raises(EngineError):
                list(pieces)
        assert handset.properties.mode().is_normal
