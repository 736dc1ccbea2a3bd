"""How much of a slow or bad line the link uses, and how long a call takes beside a transfer.

Both ends and the line are simulated in this process and in simulated time, so these figures have no noise at all.
"""

from __future__ import annotations

import statistics
from typing import Final, NamedTuple, Self

from wire.layout import codec_of
from wire.line_model import CLEAN, RFCOMM_LINE, UART_115200, USB_FULL_SPEED, Faults, Line, LineSpeed
from wire.protocol.calls import Calls, OpenCall
from wire.protocol.handshake import RFCOMM, UART, USB, LinkProfile, make_hello
from wire.protocol.host_link import HostLink
from wire.protocol.messages import files, phone
from wire.protocol.phone_link import PhoneLink
from wire.protocol.window import Unacknowledged
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY

_DEADLINE_MS: Final = 10_000_000


class Kind(NamedTuple):
    """A kind of line, and how much to send over it."""

    profile: LinkProfile
    speed: LineSpeed
    size: int
    work_s: float = 0.0
    """What the phone needs for each 4096 bytes before it can send them."""


KINDS: Final = {
    "uart": Kind(UART, UART_115200, 200_000),
    "usb": Kind(USB, USB_FULL_SPEED, 4_000_000, work_s=0.003),
    "rfcomm": Kind(RFCOMM, RFCOMM_LINE, 2_000_000),
}


class Simulation:
    """A host and a phone on the two directions of one line.

    Attributes:
        now: simulated seconds.
    """

    def __init__(self, kind: Kind, faults: Faults = CLEAN, seed: int = 1) -> None:
        self.now = 0.0
        self._kind = kind
        self._to_phone = Line(kind.speed, faults, seed)
        self._to_host = Line(kind.speed, faults, seed + 1)
        hello = make_hello(kind.profile, fingerprint=1, build="host", product="PC", nonce=7)
        self._host_link = HostLink(hello)
        self._phone_link = PhoneLink(hello._replace(boot_id=3))
        self.host = Calls(self._host_link, is_phone=False)
        self.phone = Calls(self._phone_link, is_phone=True)
        self._phone_link.on_session = self.phone.reset
        self._working_until = 0.0
        self._bulk = self._phone_link.bulk
        if kind.work_s:
            self._phone_link.bulk = self._bulk_after_work
        while not (self._host_link.is_open and self._phone_link.is_open):
            self.step()

    def _bulk_after_work(self, max_payload: int) -> Unacknowledged | None:
        if self.now < self._working_until:
            return None
        frame = self._bulk(max_payload)
        if frame is not None:
            self._working_until = max(self._working_until, self.now) + self._kind.work_s
        return frame

    def step(self) -> None:
        """Let both ends do what they can now, then time go on to whatever comes next."""
        data = b"".join(self._host_link.outgoing(self.now))
        if data:
            self._to_phone.send(data, self.now)
        data = b"".join(self._phone_link.outgoing(self.now))
        if data:
            self._to_host.send(data, self.now)
        events = [self._to_phone.next_arrival(), self._to_host.next_arrival()]
        events += [self._host_link.deadline(), self._phone_link.deadline()]
        if self._working_until > self.now:
            events.append(self._working_until)
        self.now = max(self.now + 1e-6, min(events))
        if arrived := self._to_phone.receive(self.now):
            self._phone_link.receive(arrived, self.now)
            self.phone.process()
        if arrived := self._to_host.receive(self.now):
            self._host_link.receive(arrived, self.now)
            self.host.process()
        self._serve()

    def _serve(self) -> None:
        while self.phone.incoming:
            request = self.phone.incoming.popleft()
            if request.method is files.FILE_READ:
                size = request.parsed().length
                answer = codec_of(files.FilePart).build(files.FilePart(size, size))
                self.phone.answer(request, answer, [bytes(4096)] * (size // 4096))
            else:
                answer = codec_of(phone.PropertyValue).build(phone.PropertyValue(1))
                self.phone.answer(request, answer)

    def begin_transfer(self) -> OpenCall:
        """Ask for a file."""
        body = codec_of(files.FileRead).build(files.FileRead("C:\\x", 0, self._kind.size))
        return self.host.ask(files.FILE_READ, body, deadline_ms=_DEADLINE_MS)

    def consume(self, call: OpenCall) -> int:
        """Take what has come of it; gives how many bytes."""
        taken = 0
        while call.download is not None and call.download.has_data:
            taken += sum(map(len, call.download.take()))
            self.host.grant(call.download)
        return taken

    def goodput(self) -> float:
        """Bytes of a file per second."""
        began, call, came = self.now, self.begin_transfer(), 0
        while not call.finished:
            self.step()
            came += self.consume(call)
        return came / (self.now - began)

    def call_s(self, transfer: OpenCall | None = None) -> float:
        """How long one small call takes, with a transfer beside it or without."""
        body = codec_of(phone.PropertyId).build(phone.PropertyId(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY))
        began, call = self.now, self.host.ask(phone.PROPERTY_GET, body, deadline_ms=_DEADLINE_MS)
        while not call.finished:
            self.step()
            if transfer is not None:
                self.consume(transfer)
        return self.now - began


def _median_call_s(kind: Kind, *, in_transfer: bool) -> float:
    simulation = Simulation(kind)
    transfer = simulation.begin_transfer() if in_transfer else None
    times = [simulation.call_s(transfer) for _ in range(20)]
    assert transfer is None or not transfer.finished, "the transfer ended before the calls did"
    return statistics.median(times)


class Lines:
    """All kinds of lines."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def round(self) -> dict[str, float]:
        """The same every time."""
        figures = {}
        for name, kind in KINDS.items():
            clean = Simulation(kind).goodput()
            figures[f"line {name}"] = clean / kind.speed.rate_bytes_per_s
            quick = kind._replace(work_s=0.0)
            idle_s = _median_call_s(quick, in_transfer=False)
            figures[f"rpc in bulk {name}"] = _median_call_s(quick, in_transfer=True) / idle_s
        for name, rate in (("uart", 1e-5), ("rfcomm", 1e-6)):
            kind = KINDS[name]
            bad = [Simulation(kind, Faults(flip=rate), seed).goodput() for seed in range(1, 8)]
            figures[f"errors {name}"] = statistics.median(bad) / Simulation(kind).goodput()
        return figures
