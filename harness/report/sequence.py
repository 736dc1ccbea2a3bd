"""A capture as a story: who asked whom what, in the order of time, with sizes, errors and how long it took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness.capture import read_capture
from harness.engine import describe_transfer
from harness.trace import BEFORE
from harness.trace_reading import SeenPacket, read_conversation
from wire.errors import FormatError
from wire.formats.serialised import Generic, JavaTransfer, PackageTransfer, SidTransfer, read_generic
from wire.protocol.conversation import Conversation, Exchange, Told
from wire.protocol.describe import shorten
from wire.protocol.frame import Flags
from wire.protocol.messages import engine, owners
from wire.protocol.messages.method import ErrorDomain, Method
from wire.protocol.messages.owners import OwnerEvent, OwnerEventKind
from wire.protocol.messages.phone import (
    PROPERTY_SUBSCRIBE,
    PropertyChange,
    PropertyId,
    Subscription,
)
from wire.symbian import BACKUP_RESTORE_KEY, BurMode
from wire.symbian_errors import error_name

HOST, PHONE, OWNER, LINK = "host", "phone", "owner", "link"


def _methods(module: Any) -> frozenset[Method[Any, Any]]:
    return frozenset(value for value in vars(module).values() if isinstance(value, Method))


_OF_ENGINE: Final = _methods(engine)
_OF_OWNERS: Final = _methods(owners)


class Row(NamedTuple):
    """One arrow of a sequence diagram.

    Attributes:
        at_s: seconds since the test began.
        sender, receiver: HOST, PHONE for the engine and the agent, OWNER; LINK for what happened to the link.
        kind: engine, callback, owner, property, phone or trouble.
        name: what was asked or told.
        arguments: its fields in words.
        result: the answer in words; empty when it comes in a row of its own, or not at all.
        failed: it was answered with an error, or is damage.
        took_s: until the answer; None for what has none.
        size: bytes of data that it moved.
        number: the frame in the capture.
        sid: the data owner concerned, empty for none.
    """

    at_s: float
    sender: str
    receiver: str
    kind: str
    name: str
    arguments: str = ""
    result: str = ""
    failed: bool = False
    took_s: float | None = None
    size: int = 0
    number: int = 0
    sid: str = ""


@dataclass(slots=True)
class Transfer:
    """What was moved of one kind of data, in one direction."""

    what: str
    supplied: bool
    parts: int = 0
    size: int = 0
    took_s: float = 0.0


@dataclass(slots=True)
class Story:
    """What a capture tells.

    Attributes:
        modes: seconds and values of the backup and restore property.
        ready: for each owner seconds and ready states.
        busy: from when to when the engine served a request, and which.
        called: when callbacks were made.
        counted: frames and bytes sent and received, repetitions, damage.
        ends_s: when the last packet came.
    """

    rows: list[Row] = field(default_factory=list)
    transfers: dict[tuple[str, bool], Transfer] = field(default_factory=dict)
    modes: list[tuple[float, int]] = field(default_factory=list)
    ready: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    busy: list[tuple[float, float, str]] = field(default_factory=list)
    called: list[float] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    ends_s: float = 0.0

    def count(self, what: str, number: int = 1) -> None:
        """Add to a counter."""
        self.counted[what] = self.counted.get(what, 0) + number


def read_story(capture: Path) -> Story:
    """The story of a test.

    Raises:
        ArtifactError: the capture cannot be read.
    """
    story = Story()
    conversation = Conversation()
    start_s: float | None = None
    for seen in read_conversation(read_capture(capture), conversation):
        if seen.packet.comment.startswith(BEFORE):
            continue
        at_s = seen.packet.time_ns / 1e9
        start_s = at_s if start_s is None else start_s
        story.ends_s = at_s - start_s
        _count(story, seen, at_s - start_s)
    _tell_exchanges(story, conversation.exchanges, start_s or 0.0)
    topics = _topics(conversation.exchanges)
    for frame in conversation.events:
        assert frame.event is not None
        _tell_event(story, frame.event, frame.time_s - (start_s or 0.0), frame.number, topics)
    story.rows.sort(key=lambda row: (row.at_s, row.number))
    story.modes.sort(key=lambda mode: mode[0])
    return story


def _count(story: Story, seen: SeenPacket, at_s: float) -> None:
    frame = seen.frame
    if frame is None:
        story.rows.append(Row(at_s, LINK, LINK, "trouble", seen.packet.comment, number=seen.number))
        return
    story.count("frames sent" if frame.outgoing else "frames received")
    story.count("bytes sent" if frame.outgoing else "bytes received", len(seen.packet.data))
    sides = (HOST, PHONE) if frame.outgoing else (PHONE, HOST)
    if frame.header is None:
        assert frame.damage is not None
        story.count("damaged")
        what = f"no frame: {frame.damage.name.lower().replace('_', ' ')}, {len(frame.payload)} bytes"
        story.rows.append(Row(at_s, *sides, "trouble", what, failed=True, number=seen.number))
    elif frame.header.flags & Flags.RESENT:
        story.count("sent again")
    if frame.problem:
        story.rows.append(Row(at_s, *sides, "trouble", frame.problem, failed=True, number=seen.number))


# --------------------------------------------------------------------------------------------- exchanges


def _tell_exchanges(story: Story, exchanges: list[Exchange], start_s: float) -> None:
    parents = {id(exchange.parent) for exchange in exchanges if exchange.parent is not None}
    for exchange in exchanges:
        kind, sender, receiver = _lanes(exchange)
        at_s = exchange.asked_s - start_s
        took_s = None if exchange.answered_s is None else exchange.answered_s - exchange.asked_s
        size = sum(stream.size for stream in exchange.streams) or _data_size(exchange)
        failed = exchange.error is not None or any(stream.problem for stream in exchange.streams)
        arguments = shorten(exchange.request) if exchange.request else ""
        sid = _sid(exchange)
        row = Row(at_s, sender, receiver, kind, exchange.name, arguments, number=exchange.number, sid=sid)
        if id(exchange) in parents and took_s is not None:
            story.rows.append(row)
            row = Row(at_s + took_s, receiver, sender, kind, exchange.name, number=exchange.answer_number, sid=sid)
        row = row._replace(result=_result(exchange), failed=failed, took_s=took_s, size=size)
        story.rows.append(row)
        if kind == "engine":
            story.busy.append((at_s, at_s + took_s if took_s is not None else story.ends_s, exchange.name))
            _tell_transfer(story, exchange, size, took_s or 0.0)
        elif kind == "callback":
            story.called.append(at_s)
        _tell_states(story, exchange, start_s)


def _lanes(exchange: Exchange) -> tuple[str, str, str]:
    if exchange.by_phone:
        return "callback", PHONE, OWNER
    if exchange.method in _OF_OWNERS:
        return "owner", OWNER, PHONE
    return ("engine" if exchange.method in _OF_ENGINE else "phone"), HOST, PHONE


def _result(exchange: Exchange) -> str:
    if exchange.answered_s is None:
        return "no answer"
    if exchange.error is not None:
        error = exchange.error
        if error.domain == ErrorDomain.AGENT:
            return f"agent: fault {error.code} {error.text}"
        return f"{'leaves with ' if exchange.by_phone else ''}{error_name(error.code)} {error.text}".strip()
    return shorten(exchange.answer) if exchange.answer else "ok"


def _data_size(exchange: Exchange) -> int:
    """The bytes that a callback carries, in its request or in its answer."""
    if not exchange.by_phone:
        return 0
    bodies: Iterable[Any] = (body for body in (exchange.request, exchange.answer) if body)
    return sum(len(body.data) for body in bodies if hasattr(body, "data"))


def _sid(exchange: Exchange) -> str:
    sid = getattr(exchange.request, "sid", None)
    return str(sid) if sid is not None else ""


def _tell_transfer(story: Story, exchange: Exchange, size: int, took_s: float) -> None:
    if exchange.method not in {engine.REQUEST_DATA, engine.SUPPLY_DATA} or exchange.request is None:
        return
    try:
        what = _transfer_name(read_generic(exchange.request.transfer_type))  # type: ignore[attr-defined]  # of both
    except FormatError:
        what = "data of an unknown kind"
    supplied = exchange.method is engine.SUPPLY_DATA
    transfer = story.transfers.setdefault((what, supplied), Transfer(what, supplied))
    transfer.parts += 1
    transfer.size += size
    transfer.took_s += took_s


def _transfer_name(generic: Generic) -> str:
    if isinstance(generic, SidTransfer | PackageTransfer | JavaTransfer):
        return describe_transfer(generic)
    return str(generic)


def _tell_states(story: Story, exchange: Exchange, start_s: float) -> None:
    if exchange.answered_s is None or exchange.answer is None:
        return
    at_s = exchange.answered_s - start_s
    if isinstance(exchange.answer, engine.SidStatusList):
        for entry in exchange.answer.entries:
            states = story.ready.setdefault(str(entry.sid), [])
            if not states or states[-1][1] != entry.status:
                states.append((at_s, entry.status))
    elif isinstance(exchange.answer, Subscription) and _is_mode(exchange.request):
        story.modes.append((at_s, exchange.answer.value))


# ------------------------------------------------------------------------------------------------ events


def _is_mode(request: object) -> bool:
    return isinstance(request, PropertyId) and request.key == BACKUP_RESTORE_KEY


def _topics(exchanges: list[Exchange]) -> dict[int, bool]:
    """Topics of subscriptions in the capture, and whether they are of the backup and restore property."""
    return {
        exchange.answer.topic: _is_mode(exchange.request)
        for exchange in exchanges
        if exchange.method is PROPERTY_SUBSCRIBE and isinstance(exchange.answer, Subscription)
    }


def _tell_event(story: Story, told: Told, at_s: float, number: int, topics: dict[int, bool]) -> None:
    body = told.body
    if isinstance(body, PropertyChange):
        # A session on a real phone subscribes before its first test; what it subscribes to is the mode.
        if topics.get(told.topic, True):
            story.modes.append((at_s, body.value))
            words = str(BurMode.from_property(body.value))
        else:
            words = f"topic {told.topic} {body.value:#x}"
        story.rows.append(Row(at_s, PHONE, HOST, "property", "property", words, number=number))
    elif isinstance(body, OwnerEvent):
        known = body.kind in set(OwnerEventKind)
        name = (
            "owner " + OwnerEventKind(body.kind).name.lower().replace("_", " ") if known else f"event {body.kind}"
        )
        failed = body.kind == OwnerEventKind.FAILED
        words = f"{body.sid} {_event_value(body)}".rstrip()
        story.rows.append(
            Row(at_s, OWNER, PHONE, "owner", name, words, failed=failed, number=number, sid=str(body.sid))
        )


def _event_value(body: OwnerEvent) -> str:
    if body.kind == OwnerEventKind.MODE_CHANGED:
        return str(BurMode.from_property(body.value))
    if body.kind in {OwnerEventKind.CONFIRMED, OwnerEventKind.FAILED}:
        return error_name(body.value)
    return str(body.value) if body.value else ""
