"""Files under the agent's reach."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from device_agent.emulator.filesystem import File
from device_agent.emulator.operations.phone import microseconds
from device_agent.emulator.operations.reply import Handler, Reply
from wire.layout import EMPTY, codec_of
from wire.protocol.messages import files as m
from wire.protocol.messages.method import DataSize
from wire.symbian_errors import KErrEof, Leave

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent

PAGE_SIZE: Final = 4096
"""Bytes of entries in one answer: what the memory of a real agent allows."""


_PIECE: Final = 1 << 16


def _pieces(file: File, offset: int, length: int) -> Iterator[bytes]:
    """What an open file holds when the line has room for it; OSError when it has become shorter meanwhile.

    A copy of all of it at once would take memory that the kernel has to clear first, twice what it is sent in.
    """
    for start in range(offset, offset + length, _PIECE):
        size = min(_PIECE, offset + length - start)
        piece = bytes(memoryview(file.content)[start : start + size])
        if len(piece) != size:
            raise OSError("the file was cut short")
        yield piece


class FileOperations:
    """The file server, with the agent's rights."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def handlers(self) -> dict[int, Handler]:
        """By the method's number."""
        return {
            m.FILE_STAT.number: self._stat,
            m.FOLDER_LIST.number: self._list,
            m.FOLDER_MAKE.number: self._make_folder,
            m.FILE_READ.number: self._read,
            m.FILE_WRITE.number: self._write,
            m.FILE_DELETE.number: self._delete,
            m.FILE_SET_ATTRIBUTES.number: self._set_attributes,
            m.FILE_CHECK.number: self._check,
        }

    def _stat(self, body: m.Path, upload: bytes) -> Reply:
        entry = self._agent.phone.files.entry(body.path, self._agent.caller)
        size = len(entry.content) if isinstance(entry, File) else 0
        return Reply(m.FileStat(int(entry.attributes), size, microseconds(entry.modified)))

    def _list(self, body: m.FolderRequest, upload: bytes) -> Reply:
        entries = self._agent.phone.files.folder(body.path, self._agent.caller).sorted_entries()
        page: list[m.FileEntry] = []
        room = PAGE_SIZE
        for entry in entries[body.start :]:
            size = len(entry.content) if isinstance(entry, File) else 0
            page.append(m.FileEntry(entry.name, int(entry.attributes), size, microseconds(entry.modified)))
            room -= len(codec_of(m.FileEntry).build(page[-1]))
            if room < 0:
                page.pop()
                break
        return Reply(m.FolderPage(body.start + len(page) < len(entries), tuple(page)))

    def _make_folder(self, body: m.Path, upload: bytes) -> Reply:
        return Reply(m.FolderMade(self._agent.phone.files.make_folder(body.path, self._agent.caller)))

    def _read(self, body: m.FileRead, upload: bytes) -> Reply:
        """-25 for an offset behind the end. The file may be open by others, as a log is."""
        file = self._agent.phone.files.file(body.path, self._agent.caller)
        size = len(file.content)
        if body.offset > size:
            raise Leave(KErrEof)
        length = min(body.length, size - body.offset)
        return Reply(m.FilePart(size, length), _pieces(file, body.offset, length))

    def _write(self, body: m.FileWrite, upload: bytes) -> Reply:
        self._agent.phone.files.write(
            body.path,
            upload,
            offset=body.offset,
            truncate=body.truncate,
            caller=self._agent.caller,
        )
        return Reply(DataSize(len(upload)))

    def _delete(self, body: m.Path, upload: bytes) -> Reply:
        self._agent.phone.files.delete(body.path, self._agent.caller)
        return Reply(EMPTY)

    def _check(self, body: m.FileRange, upload: bytes) -> Reply:
        content = self._agent.phone.files.file(body.path, self._agent.caller).content
        part = bytes(content[body.offset : body.offset + body.length])
        return Reply(m.FileCheck(len(content), len(part), zlib.crc32(part)))

    def _set_attributes(self, body: m.FileAttributesChange, upload: bytes) -> Reply:
        entry = self._agent.phone.files.entry(body.path, self._agent.caller)
        entry.attributes = m.FileAttributes((entry.attributes | body.set_bits) & ~body.clear_bits)
        return Reply(EMPTY)
