"""What is in the streams that the engine makes of files (BE 9.5)."""

from __future__ import annotations

from wire.formats.serialised import PassiveFileHeader, SnapshotEntry
from wire.layout import codec_of

SNAPSHOT_ENTRY_SIZE = 528


def records_in(stream: bytes) -> dict[str, bytes]:
    """The files of a stream, by their paths; an empty directory ends in a backslash."""
    found, offset = {}, 0
    while offset < len(stream):
        header, offset = codec_of(PassiveFileHeader).parse_from(stream, offset)
        path = stream[offset : offset + 2 * header.name_length].decode("utf-16-le")
        offset += 2 * header.name_length
        found[path] = stream[offset : offset + header.file_size]
        offset += header.file_size
    return found


def names_in(snapshot: bytes) -> list[str]:
    """The files of a snapshot, in its order."""
    codec = codec_of(SnapshotEntry)
    starts = range(0, len(snapshot), SNAPSHOT_ENTRY_SIZE)
    return [codec.parse(snapshot[start : start + SNAPSHOT_ENTRY_SIZE]).name for start in starts]
