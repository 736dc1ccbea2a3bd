"""A capture of the wire as a file: pcapng, as Wireshark reads it.

A packet of link type USER0 is one frame without flags and stuffing, with its FCS, and with its direction and
the host's time. Bytes that were no frame are packets too, marked as damaged. What happened to the link stands
as comment on a packet without bytes.

    section header | interface | packet | packet | ...     and again, where a file was continued

An interface is a handset, and its description the test that was run on it meanwhile; so a file may hold the
captures of many tests. Each block goes to the file in one unbuffered write, so whatever happened before a
process was killed can be read. Block and option numbers: IETF draft-ietf-opsawg-pcapng, sections 3 and 4.
A file may be compressed with gzip, as Wireshark reads it too.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from harness.errors import ArtifactError

LINKTYPE_USER0: Final = 147

_SECTION: Final = 0x0A0D0D0A
_INTERFACE: Final = 1
_PACKET: Final = 6
_MAGIC: Final = 0x1A2B3C4D
_END, _COMMENT = 0, 1
_PROGRAM: Final = 4  # option of a section
_NAME, _DESCRIPTION, _RESOLUTION = 2, 3, 9  # options of an interface
_FLAGS: Final = 2  # option of a packet
_NANOSECONDS: Final = 9  # 10 ** -9 s
_IN, _OUT = 1, 2
DAMAGED: Final = 1 << 24
"""The link layer's error bit for a bad checksum, which stands here for any damage."""

_BLOCK_HEAD: Final = struct.Struct("<II")
_PACKET_HEAD: Final = struct.Struct("<IIIII")
_OPTION_HEAD: Final = struct.Struct("<HH")
_MOST_BYTES: Final = 1 << 20  # of one block; ours have 10 KiB at most


class Packet(NamedTuple):
    """One packet of a capture.

    Attributes:
        time_ns: nanoseconds since 1970, UTC.
        outgoing: from the host to the phone; None for what has no direction.
        data: a frame with its FCS, or what else there was.
        damaged: whoever captured it says that it was no frame.
        interface: the handset, as the lab calls it.
        test: the node id of the test; empty for what belongs to none.
        conditions: what else was so meanwhile, as words; see `harness.recording`.
        part: which interface of the file, from 0.
    """

    time_ns: int
    outgoing: bool | None
    data: bytes
    comment: str = ""
    damaged: bool = False
    interface: str = ""
    test: str = ""
    conditions: str = ""
    part: int = 0


class CaptureWriter:
    """Writes a capture; a file that is there already is continued by a new section.

    `comment` is about all of it.
    """

    def __init__(
        self,
        path: Path | BinaryIO,
        interface: str,
        *,
        test: str = "",
        conditions: str = "",
        program: str = "symhil",
        comment: str = "",
    ) -> None:
        self._file = cast("BinaryIO", path.open("ab", buffering=0)) if isinstance(path, Path) else path
        options = [(_PROGRAM, program.encode())]
        if comment:
            options.append((_COMMENT, comment.encode()))
        section = struct.pack("<IHHq", _MAGIC, 1, 0, -1) + _options(*options)
        self._interfaces = 0
        try:
            self._file.write(_block(_SECTION, section))
            self.begin(interface, test=test, conditions=conditions)
        except OSError:
            self._file.close()
            raise

    def begin(self, interface: str, *, test: str = "", conditions: str = "") -> None:
        """What is added from now on was captured at that handset, in the course of that test."""
        options = [(_NAME, interface.encode()), (_RESOLUTION, bytes([_NANOSECONDS]))]
        if test:
            options.append((_DESCRIPTION, test.encode()))
        if conditions:
            options.append((_COMMENT, conditions.encode()))
        described = struct.pack("<HHI", LINKTYPE_USER0, 0, 0) + _options(*options)
        self._file.write(_block(_INTERFACE, described))
        self._interfaces += 1

    def add(
        self, time_ns: int, data: bytes, *, outgoing: bool | None, comment: str = "", damaged: bool = False
    ) -> None:
        """One packet. OSError when it cannot be written."""
        direction = 0 if outgoing is None else _OUT if outgoing else _IN
        flags = (direction | (DAMAGED if damaged else 0)).to_bytes(4, "little")
        options = [(_FLAGS, flags)]
        if comment:
            options.append((_COMMENT, comment.encode()[:0xFFF0]))
        head = _PACKET_HEAD.pack(self._interfaces - 1, time_ns >> 32, time_ns & 0xFFFFFFFF, len(data), len(data))
        self._file.write(_block(_PACKET, b"".join((head, data, bytes(-len(data) % 4), _options(*options)))))

    def close(self) -> None:
        """No more."""
        self._file.close()


def _block(kind: int, body: bytes) -> bytes:
    size = 12 + len(body)
    return b"".join((_BLOCK_HEAD.pack(kind, size), body, size.to_bytes(4, "little")))


def _options(*options: tuple[int, bytes]) -> bytes:
    written = [_OPTION_HEAD.pack(code, len(value)) + value + bytes(-len(value) % 4) for code, value in options]
    return b"".join(written) + _OPTION_HEAD.pack(_END, 0)


# ----------------------------------------------------------------------------------------------- reading


def read_capture(path: Path) -> Iterator[Packet]:
    """The packets of a capture, as long as its blocks are whole: the last may have been cut short by a crash.

    Raises:
        ArtifactError: it cannot be read, is no pcapng, or holds something else than a wire of ours.
    """
    try:
        with open_capture(path) as file:
            yield from _packets(path, file)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise ArtifactError(
            f"{path} is damaged: {error}", hint="copy it anew; its compression is broken"
        ) from error


def open_capture(path: Path) -> BinaryIO:
    """Open a capture for reading, compressed or not."""
    with path.open("rb") as file:
        is_compressed = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path)) if is_compressed else path.open("rb")


def read_comment(path: Path) -> str:
    """What a capture says of all of it; empty when it says nothing, or is no capture."""
    try:
        with open_capture(path) as file:
            kind, size = _BLOCK_HEAD.unpack(file.read(_BLOCK_HEAD.size))
            if kind != _SECTION or not 28 <= size <= _MOST_BYTES:
                return ""
            return _read_options(file.read(size - 12)[16:]).get(_COMMENT, b"").decode(errors="replace")
    except (OSError, EOFError, zlib.error, struct.error):
        return ""


def _packets(path: Path, file: BinaryIO) -> Iterator[Packet]:
    interfaces: list[_Interface] = []
    parts = 0
    offset = 0
    while True:
        head = file.read(_BLOCK_HEAD.size)
        if len(head) < _BLOCK_HEAD.size:
            return
        kind, size = _BLOCK_HEAD.unpack(head)
        if offset == 0 and kind != _SECTION:
            raise _wrong(path, offset, f"begins with {head.hex(' ')}, which is no pcapng")
        if size % 4 or not 12 <= size <= _MOST_BYTES:
            raise _wrong(path, offset, f"has a block of {size} bytes")
        body = file.read(size - 12)
        if kind == _SECTION:
            if len(body) >= 4 and body[:4] != _MAGIC.to_bytes(4, "little"):
                raise _wrong(path, offset, "has a section that is no little-endian pcapng")
            interfaces = []
        if len(body) < size - 12 or file.read(4) != head[4:]:
            return
        if kind == _INTERFACE:
            interfaces.append(_interface(path, offset, body, parts))
            parts += 1
        elif kind == _PACKET:
            yield _packet(path, offset, body, interfaces)
        offset += size


class _Interface(NamedTuple):
    name: str
    ticks_per_s: int
    test: str
    conditions: str
    part: int


def _interface(path: Path, offset: int, body: bytes, part: int) -> _Interface:
    if len(body) < 8 or body[:2] != LINKTYPE_USER0.to_bytes(2, "little"):
        raise _wrong(path, offset, "was not captured by symhil: its link type is not USER0")
    options = _read_options(body[8:])
    resolution = (options.get(_RESOLUTION) or b"\x06")[0]
    ticks_per_s = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    name, test, conditions = (
        options.get(code, b"").decode(errors="replace") for code in (_NAME, _DESCRIPTION, _COMMENT)
    )
    return _Interface(name, ticks_per_s, test, conditions, part)


def _packet(path: Path, offset: int, body: bytes, interfaces: list[_Interface]) -> Packet:
    if len(body) < _PACKET_HEAD.size:
        raise _wrong(path, offset, f"has a packet of {len(body)} bytes, its head alone has {_PACKET_HEAD.size}")
    number, high, low, captured, _ = _PACKET_HEAD.unpack_from(body)
    if number >= len(interfaces) or captured > len(body) - _PACKET_HEAD.size:
        raise _wrong(path, offset, "has a packet of an unknown interface, or longer than its block")
    interface = interfaces[number]
    end = _PACKET_HEAD.size + captured
    options = _read_options(body[end + -captured % 4 :])
    flags = int.from_bytes(options.get(_FLAGS, b""), "little")
    return Packet(
        (high << 32 | low) * 1_000_000_000 // interface.ticks_per_s,
        {_IN: False, _OUT: True}.get(flags & 3),
        body[_PACKET_HEAD.size : end],
        options.get(_COMMENT, b"").decode(errors="replace"),
        bool(flags & DAMAGED),
        interface.name,
        interface.test,
        interface.conditions,
        interface.part,
    )


def _read_options(data: bytes) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    offset = 0
    while offset + _OPTION_HEAD.size <= len(data):
        code, size = _OPTION_HEAD.unpack_from(data, offset)
        offset += _OPTION_HEAD.size
        if code == _END:
            break
        options.setdefault(code, data[offset : offset + size])
        offset += size + -size % 4
    return options


def _wrong(path: Path, offset: int, what: str) -> ArtifactError:
    return ArtifactError(
        f"{path} {what} (at byte {offset})", hint="expected was a wire.pcapng that a run has left"
    )
