"""The captures of a run as one, in the order of time, and their frames as lines for a terminal."""

from __future__ import annotations

import datetime as dt
import heapq
import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness.capture import CaptureWriter, Packet, read_capture
from harness.errors import ArtifactError
from harness.trace import BEFORE
from wire.protocol.conversation import Conversation, SeenFrame
from wire.protocol.describe import describe_frame
from wire.protocol.frame import Flags, Kind
from wire.protocol.window import MAX_WINDOW
from wire.symbian import SecureId

CAPTURE: Final = "wire.pcapng"
_HELD_BACK: Final = 2 * MAX_WINDOW
"""What a frame belongs to is known at the latest when the frames that it overtook have come."""


def captures_in(path: Path) -> list[Path]:
    """The captures of a run, of a worker or of a test; or the one that was named.

    Raises:
        ArtifactError: there is none.
    """
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob(CAPTURE))
    if not found:
        raise ArtifactError(
            f"there is no {CAPTURE} in {path}", hint="name a folder that `symhil run` has left, or a capture"
        )
    return found


def packets_of(path: Path) -> Iterator[Packet]:
    """All packets, oldest first; what the capture of a test repeats of its session is left out."""
    captures = captures_in(path)
    if len(captures) == 1:
        yield from read_capture(captures[0])
        return
    parts = [filter(_is_new, read_capture(capture)) for capture in captures]
    yield from heapq.merge(*parts, key=lambda packet: packet.time_ns)


def _is_new(packet: Packet) -> bool:
    return not packet.comment.startswith(BEFORE)


def merge_captures(path: Path, into: Path) -> int:
    """Write the captures of a run into one file, for Wireshark; how many packets there were."""
    if into.exists():
        raise ArtifactError(f"{into} is there already", hint="name a file that does not exist yet")
    partial = into.with_name(into.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        count = _merge(path, partial)
        partial.replace(into)
    except OSError as error:
        raise ArtifactError(f"{into} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _merge(path: Path, into: Path) -> int:
    writer: CaptureWriter | None = None
    handset = ""
    count = 0
    try:
        for packet in packets_of(path):
            if writer is None:
                handset = packet.interface
                writer = CaptureWriter(into, handset)
            elif packet.interface != handset:
                raise ArtifactError(
                    f"{path} holds captures of several handsets, {handset} and {packet.interface}",
                    hint="name the folder of one of them",
                )
            writer.add(
                packet.time_ns,
                packet.data,
                outgoing=packet.outgoing,
                comment=packet.comment,
                damaged=packet.damaged,
            )
            count += 1
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise ArtifactError(f"{path} holds no packets")
    return count


class SeenPacket(NamedTuple):
    """A packet and its frame; None for what happened to the link."""

    number: int
    packet: Packet
    frame: SeenFrame | None


def read_conversation(packets: Iterable[Packet], conversation: Conversation) -> Iterator[SeenPacket]:
    """Each packet once it is known what its frame belongs to."""
    held: deque[SeenPacket] = deque()
    for number, packet in enumerate(packets, 1):
        frame = None
        if packet.data:
            seconds = packet.time_ns / 1e9
            frame = conversation.take(number, seconds, packet.data, outgoing=bool(packet.outgoing))
        held.append(SeenPacket(number, packet, frame))
        if len(held) > _HELD_BACK:
            yield held.popleft()
    yield from held


@dataclass(slots=True)
class FrameChoice:
    """Which packets are wanted; what is not given does not restrict.

    Attributes:
        kinds: of one of these kinds.
        method: part of the name of the method that they belong to, in any case.
        sid: about this data owner.
        outgoing: True for what the host has sent, False for what the phone has.
        troubles: errors, damage, repetitions, and what happened to the link.
        text: part of the line, in any case.
    """

    kinds: frozenset[Kind] = frozenset()
    method: str = ""
    sid: SecureId | None = None
    outgoing: bool | None = None
    troubles: bool = False
    text: str = ""

    def wants(self, seen: SeenPacket) -> bool:
        """Whether a packet is wanted."""
        frame = seen.frame
        header = frame.header if frame is not None else None
        if self.troubles and not _is_trouble(seen):
            return False
        if self.kinds and (header is None or header.kind not in self.kinds):
            return False
        exchange = frame.exchange if frame is not None else None
        if self.method and (exchange is None or self.method.lower() not in exchange.name.lower()):
            return False
        if self.sid is not None and self.sid not in _sids(frame):
            return False
        if self.outgoing is not None and seen.packet.outgoing is not self.outgoing:
            return False
        return not self.text or self.text.lower() in line_of(seen).lower()


def _is_trouble(seen: SeenPacket) -> bool:
    frame = seen.frame
    if frame is None or frame.header is None:
        return True
    flags = frame.header.flags
    return bool(flags & (Flags.ERROR | Flags.RESENT) or frame.again or frame.problem)


def _sids(frame: SeenFrame | None) -> Iterator[int]:
    """The data owners that a frame, its request or its answer speak of."""
    if frame is None:
        return
    exchange = frame.exchange
    bodies: list[Any] = [frame.event.body if frame.event else None]
    bodies += [exchange.request, exchange.answer] if exchange else []
    for body in filter(None, bodies):
        for value in body:
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, SecureId):
                    yield one
                elif isinstance(one, tuple):
                    yield from (part for part in one if isinstance(part, SecureId))


def line_of(seen: SeenPacket, start_ns: int = 0) -> str:
    """One line of a terminal: number, seconds, and what it is."""
    seconds = (seen.packet.time_ns - start_ns) / 1e9
    return f"{seen.number:6d} {seconds:11.6f}  {_words(seen)}"


def _words(seen: SeenPacket) -> str:
    frame = seen.frame
    comment = seen.packet.comment
    if frame is None:
        return f"-- {comment}"
    if frame.header is None:
        assert frame.damage is not None
        start = frame.payload[:16].hex(" ") + (".." if len(frame.payload) > 16 else "")
        arrow = "host -> phone" if frame.outgoing else "phone -> host"
        kind = frame.damage.name.lower().replace("_", " ")
        return f"{arrow}  no frame: {kind}, {len(frame.payload)} bytes: {start}"
    exchange = frame.exchange
    words = describe_frame(
        frame.header, frame.payload, outgoing=frame.outgoing, method=exchange.method if exchange else None
    )
    if exchange is not None and exchange.answer_number == frame.number and exchange.answered_s is not None:
        words += f"  ({(exchange.answered_s - exchange.asked_s) * 1000:.1f} ms after #{exchange.number})"
    if frame.event is not None and frame.event.body is not None:
        words += f"  {frame.event.body}"
    if frame.again:
        words += "  (came before)"
    if frame.problem:
        words += f"  ({frame.problem})"
    return words + (f"  -- {comment}" if comment else "")


def json_of(seen: SeenPacket) -> str:
    """The same for programs: one JSON object."""
    frame = seen.frame
    header = frame.header if frame is not None else None
    exchange = frame.exchange if frame is not None else None
    when = dt.datetime.fromtimestamp(seen.packet.time_ns / 1e9, dt.UTC)
    record: dict[str, Any] = {
        "number": seen.number,
        "time": when.isoformat(timespec="microseconds"),
        "handset": seen.packet.interface,
        "from": {True: "host", False: "phone", None: None}[seen.packet.outgoing],
        "size": len(seen.packet.data),
    }
    if seen.packet.comment:
        record["comment"] = seen.packet.comment
    if frame is not None and frame.damage is not None:
        record["damage"] = frame.damage.name
    if header is not None:
        record.update(header._asdict())
        record["kind"] = Kind(header.kind).name if header.kind in set(Kind) else header.kind
    if exchange is not None:
        record["method"] = exchange.name
        record["request"] = exchange.number
    record["text"] = _words(seen)
    return json.dumps(record)
